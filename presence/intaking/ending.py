"""When what is planned is over, and what of it is worth keeping."""

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from presence.domain.facts import Absence, AnyBody, Calendar, Held
from presence.domain.hours import OpeningHours
from presence.domain.intervals import FOREVER, Instant, Intervals

_LONGEST_SHIFT = time(12)
"""A shift that begins on the last day of a dated absence is over by noon of the next."""

_FAR_YEAR = 9000
_FAR = int(datetime(_FAR_YEAR, 1, 1, tzinfo=UTC).timestamp())


def over(body: AnyBody | None, hours: OpeningHours, now: Instant) -> bool:
    """Whether it is an absence (held for nobody yet or not) that has ended."""
    if isinstance(body, Held):
        body = body.body
    return isinstance(body, Absence) and end(body, hours) <= now


def end(absence: Absence, hours: OpeningHours) -> Instant:
    """When it has certainly ended. Raises ValueError for a date that is none."""
    if absence.dated:
        return _noon_after(absence.last, hours.spec.zone) if absence.last else FOREVER
    return absence.end


def without_far_end(absence: Absence) -> Absence:
    """HR systems write 9999-12-31 for "until further notice"; days so far away are beyond every calendar, and none is meant."""
    if _is_far(absence.last):
        return replace(absence, last="")
    if _FAR < absence.end < FOREVER:
        return replace(absence, end=FOREVER)
    return absence


def _is_far(last: str) -> bool:
    try:
        return bool(last) and date.fromisoformat(last).year >= _FAR_YEAR
    except ValueError:
        return False


def valid(absence: Absence) -> bool:
    """Whether it can be understood: real dates in order, and an extent between nothing and all."""
    try:
        if absence.dated:
            first = date.fromisoformat(absence.first)
            in_order = not absence.last or first <= date.fromisoformat(absence.last)
        else:
            in_order = absence.start < absence.end
    except ValueError:
        return False
    return in_order and 0 <= absence.extent <= 1 and 0 <= absence.share <= 1


@lru_cache(4096)
def _noon_after(last: str, zone: str) -> Instant:
    if _is_far(last):
        return FOREVER
    day = date.fromisoformat(last) + timedelta(days=1)
    return int(datetime.combine(day, _LONGEST_SHIFT, ZoneInfo(zone)).timestamp())


def equal_from(a: Intervals, b: Intervals, t: Instant) -> bool:
    """Whether both say the same at `t` and ever after."""
    i, j = _index(a, t), _index(b, t)
    return (
        a.codes[i:] == b.codes[j:]
        and a.edges[8 * i :] == b.edges[8 * j :]
        and (a.codes[i - 1] if i else 0) == (b.codes[j - 1] if j else 0)
    )


def _index(intervals: Intervals, t: Instant) -> int:
    return bisect_right(memoryview(intervals.edges).cast("q"), t)


def has_past(intervals: Intervals, t: Instant) -> bool:
    """Whether something in it was over before `t`."""
    return len(intervals.codes) > 1 and memoryview(intervals.edges).cast("q")[1] <= t


def without_history(calendar: Calendar, t: Instant) -> Calendar:
    """See `without_past`."""
    return replace(calendar, intervals=without_past(calendar.intervals, t), hours=without_past(calendar.hours, t))


def without_past(intervals: Intervals, t: Instant) -> Intervals:
    """Without what was over at `t`; what runs then keeps its beginning."""
    return Intervals.of(span for span in intervals.spans() if span[1] > t)
