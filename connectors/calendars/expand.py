"""Series: a master, its rules and dates, and the occurrences that were changed (RFC 5545, 3.8.4.4 and 3.8.5)."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from connectors.calendars import recurrence
from connectors.calendars.events import Event, Moment
from connectors.calendars.model import Budget, Limits, Meter, Reason, Unreadable
from connectors.calendars.rules import Rule
from connectors.calendars.values import DAY, Length
from connectors.calendars.zones import UTC, Zone

MARGIN = 2 * DAY
"""More than any zone's distance from UTC, twice: what is looked at beyond the window and then cut by the instant."""
_FAR = 3 * 366 * DAY


class Occurrence(msgspec.Struct, frozen=True):
    """One occurrence: [start, end) in epoch seconds UTC, and the event that it comes from."""

    event: Event
    start: int
    end: int


class Window(msgspec.Struct, frozen=True):
    """[start, end) in epoch seconds UTC. An occurrence without length touches it when it lies in it (RFC 4791, 9.9)."""

    start: int
    end: int

    def touches(self, start: int, end: int) -> bool:
        if start == end:
            return self.start <= start < self.end or start == self.start == self.end
        return (start < self.end and end > self.start) or start <= self.start == self.end < end


class Reach(NamedTuple):
    """What is expanded of a series: [lower, upper] in wall seconds, whole days. `most` occurrences may lie in the window, and as
    many in each such time beside it, which is cut by the instant: `room` for all."""

    lower: int
    upper: int
    most: int
    room: int


def reach(window: Window, zone: Zone, longest: int, shift: int, limits: Limits) -> Reach:
    """For occurrences that last `longest` at most, of instances that are moved by `shift` at most."""
    first, last = zone.to_wall(window.start), zone.to_wall(window.end)
    lower, upper = (first - longest - shift) // DAY * DAY - DAY, (last + shift) // DAY * DAY + 2 * DAY
    most = max(limits.occurrences, 2 * (last - first + longest) // DAY)  # a long window may hold many days, no more of each
    return Reach(lower, upper, most, most * (upper - lower) // max(1, last - first + longest))


def _at(event: Event, zone: Zone, wall: int, lasts: Length, window: Window) -> Occurrence | None:
    start = zone.to_utc(wall)
    end = max(start, (zone.to_utc(wall + lasts.wall) if lasts.wall else start) + lasts.exact)
    return Occurrence(event, start, end) if window.touches(start, end) else None


def single(event: Event, window: Window) -> Occurrence | None:
    """The occurrence of an event that does not repeat, or of a changed occurrence, if it touches the window."""
    return _at(event, event.start.zone, event.start.seconds, event.lasts, window)


def current(masters: list[Event]) -> list[Event]:
    """Of the masters of one UID those of the latest version: the greatest SEQUENCE counts (RFC 5546, 2.1.4).

    Series without a master are versions of one another only where they name the same occurrence; DTSTAMP then counts too.
    """
    latest: dict[tuple[int, bool] | None, tuple[int, str]] = {}
    for master in masters:
        named, version = _version(master)
        latest[named] = max(version, latest.get(named, version))
    return [master for master in masters if _version(master)[1] == latest[_version(master)[0]]]


def _version(master: Event) -> tuple[tuple[int, bool] | None, tuple[int, str]]:
    """Of what a master is a version, and which."""
    sequence, stamp, _ = master.order
    if master.replaces is None:
        return None, (sequence, "")
    return (master.replaces.instant(), master.replaces.is_date), (sequence, stamp)


def parted(events: Iterable[Event]) -> tuple[list[Event], list[Event]]:
    """The masters among the events of one UID, and the changed occurrences.

    Where there is no master, changes that have a rule or dates of their own are series: ConnectDaily writes RECURRENCE-ID into
    every one.
    """
    masters: list[Event] = []
    changed: list[Event] = []
    for event in events:
        (masters if event.replaces is None else changed).append(event)
    if not masters:
        masters = [event for event in changed if event.rules or event.dates]
        changed = [event for event in changed if not (event.rules or event.dates)]
    return masters, changed


def series(
    masters: list[Event], overrides: list[Event], window: Window, limits: Limits, budget: Budget
) -> Iterator[Occurrence | tuple[Event, Unreadable]]:
    """Occurrences of all components that share a UID, and the masters that could not be expanded with why.

    Changed occurrences count by their own times; one that no occurrence of the master answers to counts too (decision 0105).
    """
    latest: dict[tuple[int, bool], Event] = {}
    for override in sorted(overrides, key=lambda event: event.order):
        if override.replaces is not None:
            latest[override.replaces.instant(), override.replaces.is_date] = override
    withdrawn = _withdrawn(masters)
    changed = [override for (at, _), override in latest.items() if withdrawn.get(at, 0) <= override.order[0]]
    for override in changed:
        found = single(override, window)
        if found:
            yield found
    for master in masters:
        try:
            yield from _master(master, changed, window, limits, budget.meter())
        except Unreadable as fault:
            yield master, fault
        except (ValueError, OverflowError):
            yield master, Unreadable(Reason.INTERNAL)


def _withdrawn(masters: list[Event]) -> dict[int, int]:
    """The instants that masters leave out, with the SEQUENCE of it: a change from before that is withdrawn (decision 0105).

    Of several series without a master it cannot be told which one a change is of: none withdraws it.
    """
    found: dict[int, int] = {}
    for master in masters:
        if master.order[0] and (master.replaces is None or len(masters) == 1):
            for out in master.without:
                found[out.instant()] = max(master.order[0], found.get(out.instant(), 0))
    return found


def _master(master: Event, changed: list[Event], window: Window, limits: Limits, meter: Meter) -> Iterator[Occurrence]:
    if master.is_single() and not changed:
        found = single(master, window)
        if found:
            yield found
        return
    if len(changed) > limits.occurrences:
        raise Unreadable(Reason.TOO_MANY_OVERRIDES)
    meter.spend(10 + len(changed))
    shifts = sorted(_shifts(master, changed), key=lambda shift: shift[0])
    begins = [begin for begin, _, _ in shifts]
    shift = max((abs(by) for _, by, _ in shifts), default=0)
    lengths = [master.lasts, *(event.lasts for _, _, event in shifts), *(span for _, span in master.dates if span)]
    around = reach(window, master.start.zone, max(map(_total, lengths)), shift, limits)
    spans = _instances(master, around, meter)
    for wall in _replaced(master, changed, spans) | _excluded(master, spans, around, meter):
        spans.pop(wall, None)
    meter.spend(2 * len(spans))
    kept: dict[tuple[int, int, int], Occurrence] = {}  # two instances may be one instant, where the clock changes
    for wall, own in spans.items():
        place = bisect_right(begins, wall)
        _, by, event = shifts[place - 1] if place else (0, 0, master)
        lasts = own if own is not None and not place else event.lasts
        occurrence = _at(event, master.start.zone, wall + by, lasts, window)
        if occurrence:
            kept.setdefault((occurrence.start, occurrence.end, event.line), occurrence)
    for at, own in _second_hours(master, changed):
        stop = at + _total(own or master.lasts)  # what the wall shows twice is no measure
        if window.touches(at, stop):
            kept.setdefault((at, stop, master.line), Occurrence(master, at, stop))
    if len(kept) > around.most:
        raise Unreadable(Reason.TOO_DENSE)
    yield from kept.values()


def _total(lasts: Length) -> int:
    return max(0, lasts.wall + lasts.exact)


def _instances(master: Event, around: Reach, meter: Meter) -> dict[int, Length | None]:
    """Wall seconds of the recurrence set around the window before exclusions, each with the length that an RDATE gives it."""
    start, (lower, upper, _, room) = master.start, around
    spans: dict[int, Length | None] = {}
    if lower <= start.seconds <= upper and not _over_before(master):
        spans[start.seconds] = None  # an occurrence even where the rule does not yield it (decision 0101)
    for rule in master.rules:
        timed = whole_days(rule) if start.is_date else rule
        for wall in recurrence.expand(timed, start.seconds, lower, upper, _until(rule, start), room, meter):
            spans[wall] = None
    for at, lasts in master.dates:
        wall = _on_clock(at, start)
        if lower <= wall <= upper and not _is_second_hour(at, start):
            spans[wall] = lasts
    return spans


def _is_second_hour(at: Moment, start: Moment) -> bool:
    """Whether a moment of another zone lies in an hour that the clock of DTSTART shows a second time."""
    if start.is_date or at.is_date or at.zone is start.zone:
        return False
    return start.zone.to_utc(_on_clock(at, start)) != at.instant()


def _second_hours(master: Event, changed: Iterable[Event]) -> Iterator[tuple[int, Length | None]]:
    """Added dates in such an hour, which no wall seconds can name, as instants; those that are left out or changed are not."""
    added = [(at.instant(), lasts) for at, lasts in master.dates if _is_second_hour(at, master.start)]
    if added:
        gone = {at.instant() for at in master.without} | {event.replaces.instant() for event in changed if event.replaces}
        yield from ((at, lasts) for at, lasts in added if at not in gone)


def _over_before(master: Event) -> bool:
    """Whether all rules end before DTSTART: what is left of a series that was ended at its first occurrence."""
    ends = [_until(rule, master.start) for rule in master.rules]
    return bool(ends) and all(end is not None and end < master.start.seconds for end in ends)


def whole_days(rule: Rule) -> Rule:
    """A rule for a DATE: parts by time of day are ignored (RFC 5545, 3.3.10)."""
    if not (rule.hours or rule.minutes or rule.seconds):
        return rule
    return msgspec.structs.replace(rule, hours=(), minutes=(), seconds=())


def _until(rule: Rule, start: Moment) -> int | None:
    """UNTIL as inclusive wall seconds on the clock of DTSTART, whatever type it was written in (decision 0106)."""
    if rule.until is None:
        return None
    seconds = rule.until.seconds
    if rule.until.is_utc:
        seconds = start.zone.to_wall(seconds)
    if rule.until.is_date or start.is_date:
        return seconds // DAY * DAY + DAY - 1
    return seconds


def _on_clock(at: Moment, start: Moment) -> int:
    """The wall seconds of a moment on the clock of DTSTART; for a date its day."""
    if start.is_date:  # the day as written, but that of the owner for a time in UTC
        return (start.zone.to_wall(at.seconds) if at.zone is UTC else at.seconds) // DAY * DAY
    if at.is_date:
        return at.seconds + start.seconds % DAY
    return at.seconds if at.zone is start.zone else start.zone.to_wall(at.instant())


def _replaced(master: Event, changed: Iterable[Event], spans: dict[int, Length | None]) -> set[int]:
    """The instances that changed occurrences stand in for: the exact one, else the only one of that day."""
    gone: set[int] = set()
    loose: list[int] = []
    for event in changed:
        if event.replaces is None:
            continue
        wall = _on_clock(event.replaces, master.start)
        if wall in spans:
            gone.add(wall)
        else:
            loose.append(wall // DAY)
    if loose:
        days: dict[int, list[int]] = {}
        for wall in spans:
            days.setdefault(wall // DAY, []).append(wall)
        for day in loose:
            if len(days.get(day, ())) == 1:
                gone.update(days[day])
    return gone


def _excluded(master: Event, spans: dict[int, Length | None], around: Reach, meter: Meter) -> set[int]:
    start, (lower, upper, _, room) = master.start, around
    gone = {_on_clock(at, start) for at in master.without}
    for rule in master.without_rules:
        timed = whole_days(rule) if start.is_date else rule
        gone.update(recurrence.expand(timed, start.seconds, lower, upper, _until(rule, start), room, meter))
    whole = {at.seconds // DAY for at in master.without if at.is_date}
    if whole and not start.is_date:  # EXDATE as a date takes every occurrence of that day
        gone.update(wall for wall in spans if wall // DAY in whole)
    return gone


def _shifts(master: Event, changed: Iterable[Event]) -> Iterator[tuple[int, int, Event]]:
    """RANGE=THISANDFUTURE: (from this instance on, seconds moved on the clock, the event whose length and meaning holds)."""
    for event in changed:
        if event.and_future and event.replaces is not None:
            begin = _on_clock(event.replaces, master.start)
            by = _on_clock(event.start, master.start) - begin
            if abs(by) <= _FAR:
                yield begin, by, event
