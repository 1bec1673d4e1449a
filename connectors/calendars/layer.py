"""From a reading to the fact that the service keeps of a person's calendar."""

from connectors.calendars.model import Reading
from connectors.calendars.spans import without
from presence.domain.facts import Calendar
from presence.domain.intervals import DOUBT, FOREVER, Instant, Intervals, Opinion, Status


def calendar_of(reading: Reading, start: Instant, end: Instant, tentative: bool = False) -> Calendar:
    """As a layer over `[start, end)`, DOUBT from the end on. What could not be read is busy over its known span.

    Working hours in it are away outside of them, and kept on their own too, for leave that goes by shifts.

    `tentative`: what is not certain makes busy too.
    """
    busy = [*reading.busy, *reading.doubtful, *(reading.tentative if tentative else ())]
    spans: list[tuple[Instant, Instant, Opinion]] = [
        *((s, e, Status.BUSY) for s, e in busy),
        *((s, e, Status.AWAY) for s, e in reading.unavailable),
        (start if reading.unbounded else end, FOREVER, DOUBT),
    ]
    hours: list[tuple[Instant, Instant, Opinion]] = [
        *((s, e, Status.AVAILABLE) for s, e in reading.working),
        *((s, e, Status.AWAY) for s, e in without(reading.scheduled, reading.working)),
    ]
    return Calendar(intervals=Intervals.of(spans), hours=Intervals.of(hours), window=end if reading.unbounded else 0)


def coming(reading: Reading, now: Instant) -> int:
    """Events that are not over; spans, where the calendar tells no events (VFREEBUSY)."""
    spans = [(start, end) for _, start, end in reading.occurrences] or [*reading.busy, *reading.unavailable]
    return sum(end > now for _, end in spans)
