"""How many more of the staff a batch would make away today."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from presence.domain.facts import Absence, AnyBody, Key, subject
from presence.domain.intervals import Status
from presence.domain.layers import leave
from presence.intaking.ground import Ground


def away_today(changes: Mapping[Key, AnyBody | None], staff: set[str], ground: Ground) -> int:
    """The change in the number of those who are away for some part of this calendar day, by leave alone.

    `changes`: absences by key as they would be, None where they would be gone.
    """
    of_contact: dict[str, dict[Key, AnyBody | None]] = {}
    for key, body in changes.items():
        of_contact.setdefault(subject(key), {})[key] = body
    more = 0
    for contact in of_contact.keys() & staff:
        before = {
            key: ground.replica.body(key) for key in ground.replica.of_contact.get(contact, ()) if key.startswith("absence/")
        }
        after = {**before, **of_contact[contact]}
        more += _is_away(after.values(), ground) - _is_away(before.values(), ground)
    return more


def _is_away(absences: Iterable[AnyBody | None], ground: Ground) -> bool:
    today = ground.hours.day(ground.now)
    start, end = ground.hours.instant(today), ground.hours.instant(today + timedelta(days=1))
    layer = leave([a for a in absences if isinstance(a, Absence)], ground.hours, has_schedule=False)
    return any(says is Status.AWAY and s < end and e > start for s, e, says in layer.spans())
