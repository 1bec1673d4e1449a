"""Series of `Plain` records: what `expand` does for events, for the everyday ones and by arithmetic (decision 0110)."""

from collections.abc import Iterator

from connectors.calendars import recurrence, rules, stride
from connectors.calendars.clock import Clock, clock
from connectors.calendars.expand import MARGIN, Window
from connectors.calendars.fast import Block, Plain, is_date, zone_of
from connectors.calendars.model import Limits, Meter, Reason, Span, Unreadable
from connectors.calendars.rules import Rule
from connectors.calendars.values import DAY
from connectors.calendars.zones import Zone


def simple(group: list[Block]) -> bool:
    """Whether the events of one UID can go the short way: all plain, at most one master, each occurrence changed at most once."""
    if len(group) == 1:
        return group[0].plain is not None
    records = [block.plain for block in group]
    if any(record is None for record in records):
        return False
    changed = {record.replaces for record in records if record is not None and record.replaces is not None}
    zones = {record.zone for record in records if record is not None}
    return len(changed) >= len(records) - 1 and len(zones) == 1


class Short:
    """Expands records in one window; `owner` is the zone of floating times and whole days."""

    def __init__(self, window: Window, owner: Zone, limits: Limits) -> None:
        self._window = window
        self._owner = owner
        self._limits = limits
        self._clocks: dict[str, Clock] = {}

    def _clock(self, record: Plain) -> Clock:
        found = self._clocks.get(record.zone)
        if found is None:
            found = clock(zone_of(record, self._owner), self._window.start, self._window.end)
            self._clocks[record.zone] = found
        return found

    def single(self, record: Plain) -> Span | None:
        """The occurrence of an event that does not repeat, if it touches the window."""
        lasts, window = record.lasts, self._window
        if record.start > window.end + MARGIN or record.start + lasts.wall + lasts.exact < window.start - MARGIN:
            return None
        return self._at(record, record.start, self._clock(record))

    def _at(self, record: Plain, wall: int, zone: Clock) -> Span | None:
        lasts = record.lasts
        start = zone.to_utc(wall)
        end = max(start, (zone.to_utc(wall + lasts.wall) if lasts.wall else start) + lasts.exact)
        return (start, end) if self._window.touches(start, end) else None

    def series(self, records: list[Plain], meter: Meter) -> Iterator[tuple[Plain, int, int]]:
        """Occurrences of the records of one UID, for which `simple` holds. Raises Unreadable."""
        changed = [record for record in records if record.replaces is not None]
        if len(changed) > self._limits.occurrences:
            raise Unreadable(Reason.TOO_MANY_OVERRIDES)
        found: list[tuple[Plain, int, int]] = []
        for record in changed:
            span = self.single(record)
            if span:
                found.append((record, *span))
        for record in records:
            if record.replaces is None:
                found += self._master(record, changed, meter)
        return iter(found)

    def _master(self, master: Plain, changed: list[Plain], meter: Meter) -> Iterator[tuple[Plain, int, int]]:
        total = master.lasts.wall + master.lasts.exact
        lower, upper = self._window.start - total - MARGIN, self._window.end + MARGIN
        zone = self._clock(master)
        spans = {master.start} if lower <= master.start <= upper else set()
        if master.rule:
            spans.update(self._walls(master, rules.parse(master.rule), lower, upper, zone.zone, meter))
        meter.spend(1 + len(changed) + len(spans))
        gone = set(master.without)
        for record in changed:
            wall = record.replaces or 0
            if wall in spans:
                gone.add(wall)
            else:  # the only one of that day
                same = [at for at in spans if at // DAY == wall // DAY]
                gone.update(same if len(same) == 1 else ())
        for wall in spans - gone:
            span = self._at(master, wall, zone)
            if span:
                yield (master, *span)

    def _walls(self, master: Plain, rule: Rule, lower: int, upper: int, zone: Zone, meter: Meter) -> list[int]:
        until = None
        if rule.until is not None:
            until = zone.to_wall(rule.until.seconds) if rule.until.is_utc else rule.until.seconds
            if rule.until.is_date or is_date(master):
                until = until // DAY * DAY + DAY - 1
        found = stride.walls(rule, master.start, lower, upper, until)
        if found is not None:
            return found
        if is_date(master) and (rule.hours or rule.minutes or rule.seconds):
            raise Unreadable(Reason.BAD_RULE)  # the long way knows what to make of it
        most = max(self._limits.occurrences, 2 * (upper - lower) // DAY)
        return recurrence.expand(rule, master.start, lower, upper, until, most, meter)
