"""Several calendars of one person in one source: kept as one."""

from presence.domain.facts import Calendar
from presence.domain.intervals import Intervals


def both(a: Calendar, b: Calendar) -> Calendar:
    """Busy in either is busy; the evidence of both is as old as the older."""
    spans = Intervals.of([*a.intervals.spans(), *b.intervals.spans()])
    hours = Intervals.of([*a.hours.spans(), *b.hours.spans()])
    window = min(c.window or c.intervals.doubt_from() for c in (a, b)) if a.window or b.window else 0
    return Calendar(spans, min(a.ok_until, b.ok_until), a.eventful or b.eventful, a.emptied or b.emptied, hours, window)
