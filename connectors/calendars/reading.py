"""`read`: the calendars of one person in, what they say about a window out."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

from connectors.calendars import availability, events, expand, fast, meaning
from connectors.calendars.doubt import known_span
from connectors.calendars.events import Event
from connectors.calendars.expand import Occurrence, Window
from connectors.calendars.findings import Findings
from connectors.calendars.model import (
    BOUNDS,
    PLAIN,
    Budget,
    Limits,
    Policy,
    Reading,
    Reason,
    Refused,
    Says,
    Skipped,
    Span,
    Unreadable,
)
from connectors.calendars.plain import Plain
from connectors.calendars.scan import Component, Feed, scan
from connectors.calendars.short import Short, simple
from connectors.calendars.spans import merged
from connectors.calendars.zones import Zones
from connectors.quirks import exchange

_T = TypeVar("_T")
MANY = 200
"""Events for the long way from which on the whole feed takes it."""


def read(
    texts: Sequence[bytes | str],
    start: int,
    end: int,
    zone: ZoneInfo,
    *,
    owner: Collection[str] = (),
    policy: Policy = PLAIN,
    limits: Limits = BOUNDS,
) -> Reading:
    """Read all calendars of one person (iCalendar, RFC 5545 and its relatives; docs/calendars.md tells what counts as what).

    `start` and `end` bound the window in epoch seconds UTC; `zone` is the owner's, for floating times and whole days;
    `owner` holds the
    person's mail addresses, by which the person's own answer to an invitation is found. Raises Refused when one of the texts
    cannot be trusted as a whole. An event that cannot be read is reported in `skipped` and costs no other.
    """
    reader = _Reader(start, end, zone, owner, policy, limits)
    for text in texts:
        if not reader.short(text):
            reader.long(text)
    return reader.found.reading()


def read_long(
    texts: Sequence[bytes | str],
    start: int,
    end: int,
    zone: ZoneInfo,
    *,
    owner: Collection[str] = (),
    policy: Policy = PLAIN,
    limits: Limits = BOUNDS,
) -> Reading:
    """As `read`, by the long way only: what the short way must agree with."""
    reader = _Reader(start, end, zone, owner, policy, limits)
    for text in texts:
        reader.long(text)
    return reader.found.reading()


class _Reader:
    """The state of one call."""

    def __init__(self, start: int, end: int, zone: ZoneInfo, owner: Collection[str], policy: Policy, limits: Limits) -> None:
        self.window = Window(start, max(start, end))
        self.zone = zone
        self.owner = frozenset(address.strip().lower().encode() for address in owner if address.strip())
        self.policy = policy
        self.limits = limits
        self.budget = Budget(limits)
        self.found = Findings(self.window)

    def long(self, text: bytes | str) -> None:
        """Read a feed whole, whatever it holds. Raises Refused."""
        feed = scan(text, self.limits, self.owner, bool(self.policy.codes))
        zones = self._zones(feed)
        exchange.lost_tzid(feed, zones)
        self._components(feed.components, zones, feed.method)

    def short(self, text: bytes | str) -> bool:
        """Read a feed by the short way; False, and nothing done, when it is not one for it. Raises Refused."""
        taken = fast.apart(text, self.limits, self.owner, self.policy)
        if taken is None or sum(block.plain is None for block in taken.blocks) > MANY:
            return False
        groups: dict[str, list[fast.Block]] = {}
        rest: list[fast.Block] = []
        for block in taken.blocks:
            if block.plain is None:
                rest.append(block)
            else:
                groups.setdefault(block.plain.uid, []).append(block)
        try:
            names = {events.uid_of(component) for component in taken.components(rest, self.limits, self.owner)} if rest else set()
            for uid in names & groups.keys():
                rest += groups.pop(uid)
            single, series, others = _sorted(groups)
            rest += others
            if len(rest) > MANY:
                return False
            components = taken.components(rest, self.limits, self.owner)
        except Refused:
            return False
        zones = self._zones(taken.rest)
        expansion = Short(self.window, zones.owner, self.limits)
        for record in single:
            span = expansion.single(record)
            if span:
                self.found.plain(record, *span)
        for group in series:
            found, fault = expansion.series([block.plain for block in group if block.plain], self.budget.meter())
            for record, start, end in found:
                self.found.plain(record, start, end)
            if fault is not None:
                self._lost(taken, group, fault.reason, expansion)
        self._components(components, zones, taken.rest.method)
        return True

    def _lost(self, taken: fast.Blocks, group: list[fast.Block], reason: Reason, expansion: Short) -> None:
        """Report the master of a series that could not be expanded, and note where it may lie."""
        for block in group:
            record = block.plain
            if record is None or record.replaces is not None:
                continue
            self.found.skipped.append(Skipped(record.uid, taken.line(block), reason))
            if record.says in (Says.BUSY, Says.UNAVAILABLE):
                self.found.may_lie(*expansion.doubt(record))

    def _zones(self, feed: Feed) -> Zones:
        return Zones(feed.zones, self.zone, lambda child, at: events.onsets(child, at, self.budget.meter()), self.limits.zones)

    def _components(self, components: Iterable[Component], zones: Zones, method: str) -> None:
        found: list[tuple[Component, Event]] = []
        components = list(components)
        older = availability.older(components)
        for component in components:
            if component.line in older:
                self._report(component, Reason.OLDER)
            elif component.name == "VFREEBUSY":
                self._guard(component, zones, lambda c: self._free_busy(c, zones))
            elif component.name == "VAVAILABILITY":
                self._guard(component, zones, lambda c: self._availability(c, zones))
            else:
                event = self._guard(component, zones, lambda c: self._event(c, zones, method))
                if event is not None:
                    found.append((component, event))
        self._events(found, zones)

    def _guard(self, component: Component, zones: Zones, step: Callable[[Component], _T]) -> _T | None:
        """Whatever is wrong with one component stays with that component."""
        try:
            return step(component)
        except Unreadable as fault:
            self._skip(component, fault.reason, zones)
        except (ValueError, OverflowError, ArithmeticError, LookupError, RecursionError):
            self._skip(component, Reason.INTERNAL, zones)
        return None

    def _event(self, component: Component, zones: Zones, method: str) -> Event:
        event = events.read(component, zones, method, self.owner, self.policy, self.limits)
        if component.first("UID") is None:
            self._report(component, Reason.NO_UID)
        if event.flawed:
            self._report(component, Reason.BAD_DATES)
            self.found.unbounded |= event.lacks_dates and event.says in (Says.BUSY, Says.UNAVAILABLE)
        return event

    def _events(self, found: list[tuple[Component, Event]], zones: Zones) -> None:
        """Series by UID. The plain ones first, so that a costly one cannot take the work that a plain one needs."""
        groups: dict[str, list[tuple[Component, Event]]] = {}
        for component, event in found:
            groups.setdefault(event.uid, []).append((component, event))
        costly = []
        for group in groups.values():
            if len(group) == 1 and group[0][1].is_single():
                occurrence = expand.single(group[0][1], self.window)
                if occurrence:
                    self.found.occurs(occurrence)
            else:
                costly.append(group)
        for group in sorted(costly, key=lambda group: sum(_weight(event) for _, event in group)):
            self._series(group, zones)

    def _series(self, group: list[tuple[Component, Event]], zones: Zones) -> None:
        components = {event.line: component for component, event in group}
        versions, overrides = expand.parted(event for _, event in group)
        masters = expand.current(versions)
        if len(overrides) > self.limits.occurrences:
            self._report(group[0][0], Reason.TOO_MANY_OVERRIDES)
            for component, _ in group:
                self._doubt(component, zones)
            return
        older = {event.line for event in versions} - {event.line for event in masters}
        if older:
            self._report(components[min(older)], Reason.OLDER)
        for component in map(components.__getitem__, older):
            if component.first("RECURRENCE-ID") is not None:  # that it is a series is a guess, and so is what it is a version of
                self._doubt(component, zones)
        if len(masters) > 1:
            self._report(components[masters[1].line], Reason.SHARED_UID)
        for item in expand.series(masters, overrides, self.window, self.limits, self.budget):
            if isinstance(item, Occurrence):
                self.found.occurs(item)
            else:
                event, fault = item
                self._skip(components[event.line], fault.reason, zones)

    def _free_busy(self, component: Component, zones: Zones) -> None:
        periods, whole = availability.free_busy(component, zones, self.limits)
        for says, begin, stop in periods:
            self.found.lies(says, begin, stop)
        if not whole:
            raise Unreadable(Reason.BAD_FREEBUSY)

    def _availability(self, component: Component, zones: Zones) -> None:
        if len(self.found.hours) >= 50:
            raise Unreadable(Reason.BAD_AVAILABILITY)
        hours = availability.availability(component, zones)
        groups: dict[str, list[tuple[Component, Event]]] = {}
        for child in component.children:
            if child.name != "AVAILABLE":
                continue
            try:
                event = events.read(child, zones, "", frozenset(), self.policy, self.limits)
            except (Unreadable, ValueError, OverflowError) as fault:  # it stays unavailable there
                self._report(child, fault.reason if isinstance(fault, Unreadable) else Reason.INTERNAL)
            else:
                groups.setdefault(event.uid, []).append((child, event))
        free: list[Span] = []
        for group in groups.values():
            masters, overrides = expand.parted(event for _, event in group)
            for item in expand.series(masters, overrides, self.window, self.limits, self.budget):
                if isinstance(item, Occurrence):
                    free.append((item.start, item.end))
                else:
                    self._report(group[0][0], item[1].reason)
        hours.free = merged(free)
        self.found.hours.append(hours)

    def _report(self, component: Component, reason: Reason) -> None:
        self.found.skipped.append(Skipped(events.uid_of(component), component.line, reason))

    def _skip(self, component: Component, reason: Reason, zones: Zones) -> None:
        self._report(component, reason)
        self._doubt(component, zones)

    def _doubt(self, component: Component, zones: Zones) -> None:
        """Note where an event that cannot be read may lie."""
        if component.name == "VEVENT":
            says = meaning.says(component, "", self.owner, self.policy)
            if says in (Says.NOTHING, Says.TENTATIVE):
                return
        self.found.may_lie(*known_span(component, zones))


def _sorted(groups: dict[str, list[fast.Block]]) -> tuple[list[Plain], list[list[fast.Block]], list[fast.Block]]:
    """Events that stand alone, series for the short way, and the events of the other series."""
    single: list[Plain] = []
    series: list[list[fast.Block]] = []
    others: list[fast.Block] = []
    for group in groups.values():
        record = group[0].plain
        if len(group) == 1 and record is not None and not record.rule and not record.without:
            single.append(record)
        elif simple(group):
            series.append(group)
        else:
            others += group
    return single, series, others


def _weight(event: Event) -> int:
    """A rough order of cost: sub-daily rules last, counted rules that cannot jump before them."""
    rules = (*event.rules, *event.without_rules)
    return sum(3 if rule.freq in ("SECONDLY", "MINUTELY", "HOURLY") else 1 + (rule.count is not None) for rule in rules)
