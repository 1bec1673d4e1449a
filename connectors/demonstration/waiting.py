"""The waiting time of the centre's telephone: highest in the middle of the morning and on Mondays, with a rare long one."""

from connectors.demonstration.dice import Dice
from connectors.demonstration.shifts import CENTRE_HOURS, day_of, hours, midnight
from presence.domain.facts import Queue
from presence.domain.intervals import Instant

LEASE = 180  # seconds; it is read about once a minute
_BY_HOUR = {8: 180, 9: 360, 10: 330, 11: 240, 12: 150, 13: 210, 14: 180, 15: 120, 16: 90, 17: 45}  # seconds, at the full hour


def waiting(seed: int, now: Instant) -> Queue | None:
    """What holds in the minute of `now`; None while the centre is closed."""
    if not hours(CENTRE_HOURS).at(now)[0]:
        return None
    minute = now - now % 60
    day = day_of(now)
    hour, into = divmod(minute - midnight(day), 3600)
    here, then = _BY_HOUR.get(hour, 0), _BY_HOUR.get(hour + 1, 0)
    usual = here + (then - here) * into / 3600
    usual *= (1.5, 1.1, 1.0, 1.0, 0.8, 1.0, 1.0)[day.weekday()]
    quarter = Dice(seed, "waiting", minute // 900)
    usual *= 3.0 if quarter.chance(0.03) else quarter.between(60, 150) / 100
    wait = usual * Dice(seed, "waiting", minute).between(85, 115) / 100
    return Queue(wait=round(wait / 15) * 15, start=minute, end=minute + LEASE)
