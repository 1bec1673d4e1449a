"""Series of `Plain` records: what `expand` does for events, for the everyday ones and by arithmetic (decision 0110)."""

from connectors.calendars import recurrence, rules, stride
from connectors.calendars.clock import Clock, clock
from connectors.calendars.doubt import last_repeated
from connectors.calendars.expand import MARGIN, Reach, Window, reach, whole_days
from connectors.calendars.fast import Block
from connectors.calendars.model import Limits, Meter, Reason, Span, Unreadable
from connectors.calendars.plain import Plain, is_date, zone_of
from connectors.calendars.rules import Rule
from connectors.calendars.values import DAY
from connectors.calendars.zones import Zone

MOST = 2_000
"""Events of one UID beyond which the long way counts the cost."""


def simple(group: list[Block]) -> bool:
    """Whether the events of one UID can go the short way: all plain, at most one master, each occurrence changed at most once."""
    if len(group) == 1:
        return group[0].plain is not None
    records = [block.plain for block in group]
    if len(group) > MOST or any(record is None for record in records):
        return False
    changed = [record.replaces for record in records if record is not None and record.replaces is not None]
    left_out = {at for record in records if record is not None for at in record.without}
    if not left_out.isdisjoint(changed):
        return False  # whether the change or the exclusion is the later one, the long way knows
    zones = {record.zone for record in records if record is not None}
    return len(changed) >= len(records) - 1 and len(set(changed)) == len(changed) and len(zones) == 1


class Short:
    """Expands records in one window; `owner` is the zone of floating times and whole days."""

    def __init__(self, window: Window, owner: Zone, limits: Limits) -> None:
        self._window = window
        self._earliest, self._latest = window.start - MARGIN, window.end + MARGIN
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
        start, lasts = record.start, record.lasts
        if start > self._latest or start + lasts.wall + lasts.exact < self._earliest:
            return None
        return self._at(record, record.start, self._clock(record))

    def _at(self, record: Plain, wall: int, zone: Clock) -> Span | None:
        lasts = record.lasts
        start = zone.to_utc(wall)
        end = max(start, (zone.to_utc(wall + lasts.wall) if lasts.wall else start) + lasts.exact)
        return (start, end) if self._window.touches(start, end) else None

    def series(self, records: list[Plain], meter: Meter) -> tuple[list[tuple[Plain, int, int]], Unreadable | None]:
        """Occurrences of the records of one UID, for which `simple` holds, and what stopped the master's if anything did."""
        changed = [record for record in records if record.replaces is not None]
        found: list[tuple[Plain, int, int]] = []
        for record in changed:
            span = self.single(record)
            if span:
                found.append((record, *span))
        try:
            for record in records:
                if record.replaces is None:
                    found += self._master(record, changed, meter)
        except Unreadable as fault:
            return found, fault
        except (ValueError, OverflowError):
            return found, Unreadable(Reason.INTERNAL)
        return found, None

    def doubt(self, record: Plain) -> tuple[int, int | None]:
        """[start, end) of where a master lies that could not be expanded; no end where it has none."""
        start = self._clock(record).to_utc(record.start)
        try:
            last = last_repeated([record.rule], record.start, record.start + record.lasts.wall + record.lasts.exact)
        except ValueError:
            return start, None
        return start, start + last - record.start

    def _master(self, master: Plain, changed: list[Plain], meter: Meter) -> list[tuple[Plain, int, int]]:
        total = master.lasts.wall + master.lasts.exact
        lower, upper = self._window.start - total - MARGIN, self._window.end + MARGIN
        zone = self._clock(master)
        spans = {master.start} if lower <= master.start <= upper else set()
        if master.rule:
            rule = rules.parse(master.rule)
            until = self._until(master, rule, zone.zone)
            if until is not None and until < master.start:  # ended at its first occurrence
                spans.clear()
            spans.update(self._walls(master, rule, until, total, zone.zone, meter))
        meter.spend(10 + len(changed) + 2 * len(spans))
        gone = set(master.without)
        for wall in {record.replaces for record in changed if record.replaces is not None}:
            if wall in spans:
                gone.add(wall)
            else:  # the only one of that day
                same = [at for at in spans if at // DAY == wall // DAY]
                gone.update(same if len(same) == 1 else ())
        found = {self._at(master, wall, zone) for wall in spans - gone}  # two walls may be one instant, where the clock changes
        if len(found) > self._limits.occurrences and len(found - {None}) > self._reach(total, zone.zone).most:
            raise Unreadable(Reason.TOO_DENSE)
        return [(master, *span) for span in found if span]

    def _reach(self, total: int, zone: Zone) -> Reach:
        return reach(self._window, zone, total, 0, self._limits)

    def _until(self, master: Plain, rule: Rule, zone: Zone) -> int | None:
        """UNTIL as inclusive wall seconds, as `expand` has it."""
        if rule.until is None:
            return None
        until = zone.to_wall(rule.until.seconds) if rule.until.is_utc else rule.until.seconds
        return until // DAY * DAY + DAY - 1 if rule.until.is_date or is_date(master) else until

    def _walls(self, master: Plain, rule: Rule, until: int | None, total: int, zone: Zone, meter: Meter) -> list[int]:
        found = stride.walls(rule, master.start, self._earliest - total, self._latest, until)
        if found is not None:
            return found
        if is_date(master):
            rule = whole_days(rule)
        lower, upper, _, room = self._reach(total, zone)
        return recurrence.expand(rule, master.start, lower, upper, until, room, meter)
