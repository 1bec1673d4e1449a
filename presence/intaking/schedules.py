"""Working hours as a source says them: under several aliases of one person, and when they are over."""

from datetime import timedelta

from msgspec.structs import replace

from presence.domain.facts import Schedule
from presence.domain.hours import OpeningHours
from presence.domain.intervals import Instant

_LONGEST_SHIFT = timedelta(hours=12)


def together(a: Schedule, b: Schedule) -> Schedule:
    """Of one person in one source: the patterns of both, from the earlier beginning on."""
    return Schedule(tuple(dict.fromkeys((*a.patterns, *b.patterns))), min(a.first, b.first), a.unread or b.unread)


def without_ended(schedule: Schedule, hours: OpeningHours, now: Instant) -> Schedule:
    """Without patterns whose last shift is over. The schedule itself stays: who has no pattern left is not at work."""
    day = hours.day(now - int(_LONGEST_SHIFT.total_seconds())).isoformat()
    kept = tuple(p for p in schedule.patterns if not p.last or p.last >= day)
    return schedule if kept == schedule.patterns else replace(schedule, patterns=kept)
