"""What a telephone and a chat client see of somebody's day: signed on, in a call, in a meeting, gone from the keyboard."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

from connectors.demonstration.diary import Diary
from connectors.demonstration.dice import Dice
from connectors.demonstration.leave import Leave
from connectors.demonstration.shifts import DAY, day_of, duty, midnight
from connectors.demonstration.staff import Member
from presence.domain.facts import Report
from presence.domain.intervals import Instant, Span, Status

Device = Literal["client", "phone"]
DEVICES: tuple[Device, ...] = ("client", "phone")

_SEARCHED = 5  # days before and after that are looked at for the last signing off and the next signing on
_CALL = (60, 540)  # seconds
_BETWEEN_CALLS = (5 * 60, 75 * 60)
_BETWEEN_CALLS_AT_THE_CENTRE = (60, 10 * 60)
_AT_KEYBOARD = (15 * 60, 90 * 60)
_GONE = (3 * 60, 20 * 60)


class Spell(NamedTuple):
    """What a device says from `start` to `end`; None: it has nothing to report."""

    status: Report | None
    start: Instant
    end: Instant


class Workdays:
    """Everybody's days: a function of the seed. The last few thousand are remembered."""

    def __init__(self, seed: int, diary: Diary, leave: Leave) -> None:
        self._seed = seed
        self._diary = diary
        self._leave = leave
        self._away = lru_cache(64)(leave.away)
        self._planned = lru_cache(4096)(self._plan)

    def spell(self, member: Member, device: Device, t: Instant) -> Spell:
        """What the device says at `t`, and until when."""
        spells = self._planned(member, day_of(t))[DEVICES.index(device)]
        place = bisect_right(spells, t, key=lambda spell: spell.start) - 1
        return spells[place]

    def hours(self, member: Member, day: date) -> Span | None:
        """From signing on to signing off; None for a day off."""
        at_work = duty(member.unit.hours, member.schedule, day)
        if at_work is None or member.index in self._away(day):
            return None
        dice = Dice(self._seed, "hours", member.index, day.toordinal())
        return Span(at_work.start + dice.between(-20 * 60, 5 * 60), at_work.end + dice.between(-15 * 60, 20 * 60))

    def _plan(self, member: Member, day: date) -> tuple[Sequence[Spell], Sequence[Spell]]:
        """The spells of client and phone. The first begins at midnight or before, the last ends at midnight or after."""
        midnight_, tomorrow = midnight(day), midnight(day + DAY)
        hours = self.hours(member, day)
        before, after = self._signed_off(member, day), self._signs_on(member, day)
        if hours is None:
            return [Spell("offline", before, after)], [Spell(None, midnight_, tomorrow)]
        meetings = [e for e in self._diary.events(member, day) if e.opinion is Status.BUSY and e.end - e.start < 4 * 3600]
        marks: list[tuple[Report, Instant, Instant]] = [("idle", *span) for span in self._breaks(member, day, hours)]
        told = Dice(self._seed, "client", member.index).chance(0.6)  # the client knows of meetings
        marks += [("busy" if told else "idle", e.start, e.end) for e in meetings]
        client = [Spell("offline", before, hours.start), *_painted(hours, marks), Spell("offline", hours.end, after)]
        phone = list(_with_gaps(midnight_, tomorrow, self._calls(member, day, hours, meetings)))
        return client, phone

    def _signed_off(self, member: Member, day: date) -> Instant:
        found = (self.hours(member, day - back * DAY) for back in range(1, _SEARCHED))
        return next((hours.end for hours in found if hours), midnight(day - _SEARCHED * DAY))

    def _signs_on(self, member: Member, day: date) -> Instant:
        found = (self.hours(member, day + ahead * DAY) for ahead in range(1, _SEARCHED))
        return next((hours.start for hours in found if hours), midnight(day + _SEARCHED * DAY))

    def _breaks(self, member: Member, day: date, hours: Span) -> Iterator[Span]:
        dice = Dice(self._seed, "breaks", member.index, day.toordinal())
        return _alternating(dice, hours, _AT_KEYBOARD, _GONE)

    def _calls(self, member: Member, day: date, hours: Span, meetings: Iterable[tuple[Instant, Instant, object]]) -> list[Span]:
        dice = Dice(self._seed, "calls", member.index, day.toordinal())
        between = _BETWEEN_CALLS_AT_THE_CENTRE if member.unit.name == "Servicecenter" else _BETWEEN_CALLS
        calls = _alternating(dice, hours, between, _CALL)
        return [call for call in calls if not any(start < call.end and end > call.start for start, end, _ in meetings)]


def _alternating(dice: Dice, within: Span, gap: tuple[int, int], length: tuple[int, int]) -> Iterator[Span]:
    """Spans with gaps between them, none of which leaves `within`."""
    start = within.start + dice.below(gap[1])
    while (end := start + dice.between(*length)) < within.end:
        yield Span(start, end)
        start = end + dice.between(*gap)


def _painted(hours: Span, marks: Iterable[tuple[Report, Instant, Instant]]) -> Iterator[Spell]:
    """The client's spells while signed on: available where nothing else is marked, busy before idle."""
    inside = [(status, max(start, hours.start), min(end, hours.end)) for status, start, end in marks]
    inside = [mark for mark in inside if mark[1] < mark[2]]
    edges = sorted({hours.start, hours.end, *(edge for _, start, end in inside for edge in (start, end))})
    current: Spell | None = None
    for start, end in pairwise(edges):
        here = {status for status, a, b in inside if a <= start < b}
        status: Report = "busy" if "busy" in here else "idle" if here else "available"
        if current and current.status == status:
            current = current._replace(end=end)
            continue
        if current:
            yield current
        current = Spell(status, start, end)
    if current:
        yield current


def _with_gaps(start: Instant, end: Instant, calls: Iterable[Span]) -> Iterator[Spell]:
    for call in calls:
        yield Spell(None, start, call.start)
        yield Spell("busy", *call)
        start = call.end
    yield Spell(None, start, end)
