"""What the calendars of one person were found to say, while they are read; a `Reading` at the end."""

from connectors.calendars import availability
from connectors.calendars.expand import Occurrence, Window
from connectors.calendars.model import Reading, Reason, Says, Skipped, Span
from connectors.calendars.plain import Plain
from connectors.calendars.spans import clipped, merged, without
from connectors.calendars.values import DAY


class Findings:
    """Grows with each component; nothing in it is merged or clipped before the end."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.periods: dict[Says, list[Span]] = {Says.BUSY: [], Says.TENTATIVE: [], Says.UNAVAILABLE: []}
        self.occurrences: list[tuple[str, int, int]] = []
        self.doubtful: list[Span] = []
        self.unbounded = False
        self.skipped: list[Skipped] = []
        self.hours: list[availability.Availability] = []
        self.moments: list[int] = []

    def plain(self, record: Plain, start: int, end: int) -> None:
        """An occurrence of a record of the short way."""
        self.occurrences.append((record.uid, start, end))
        self.lies(record.says, start, end)

    def lies(self, says: Says, start: int, end: int) -> None:
        """A period that stands for itself."""
        if says is Says.NOTHING:
            return
        if start < end:
            self.periods[says].append((start, end))
        elif start == end:
            self.moments.append(start)

    def occurs(self, occurrence: Occurrence) -> None:
        """An occurrence of an event of the long way."""
        event = occurrence.event
        self.occurrences.append((event.uid, occurrence.start, occurrence.end))
        self.lies(event.says, occurrence.start, occurrence.end)
        if event.reversed_by:
            self.skipped.append(Skipped(event.uid, event.line, Reason.END_BEFORE_START))
            if event.reversed_by <= DAY and event.says is not Says.NOTHING:
                self.doubtful.append((occurrence.start - event.reversed_by, occurrence.start))

    def may_lie(self, begin: int | None, stop: int | None) -> None:
        """Where something that could not be read lies, as far as that is known."""
        if begin is not None and begin >= self.window.end:
            return
        if begin is None or stop is None:
            self.unbounded = True
        elif stop > self.window.start:
            self.doubtful.append((begin, stop))

    def reading(self) -> Reading:
        """All of it, merged, sorted and clipped to the window."""
        start, end = self.window.start, self.window.end
        busy, tentative, unavailable = (
            clipped(self.periods[says], start, end) for says in (Says.BUSY, Says.TENTATIVE, Says.UNAVAILABLE)
        )
        taken = merged([*busy, *unavailable])
        laid: dict[Says, list[Span]] = {Says.BUSY: [], Says.TENTATIVE: [], Says.UNAVAILABLE: []}
        for says, begin, stop in availability.lay(self.hours, start, end):
            laid[says].append((begin, stop))
        scheduled, working = availability.working(self.hours, [span for spans in laid.values() for span in spans], start, end)
        busy, tentative, unavailable = (
            merged([*own, *without(laid[says], taken)])
            for says, own in ((Says.BUSY, busy), (Says.TENTATIVE, tentative), (Says.UNAVAILABLE, unavailable))
        )
        self.occurrences.sort(key=lambda item: (item[1], item[2], item[0]))
        return Reading(
            busy=busy,
            tentative=tentative,
            unavailable=unavailable,
            scheduled=scheduled,
            working=working,
            occurrences=self.occurrences,
            doubtful=clipped(self.doubtful, start, end),
            unbounded=self.unbounded,
            skipped=sorted(dict.fromkeys(self.skipped), key=lambda item: (item.line, item.reason)),
            future_events=len(self.occurrences),
            moments=sorted(self.moments),
        )
