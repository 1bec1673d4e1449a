"""Opening hours: a weekly rule in the OSM `opening_hours` grammar, red days, and an exceptions layer of our own.

A span belongs to the day on which it begins (a *shift*), so a night shift runs past midnight whole. The order in which days
are decided: an exception of the place itself, then red days (only for rules that say `PH`), then the weekly rule.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from presence.domain.facts import DayException
from presence.domain.intervals import FOREVER, Instant, Span, merge
from presence.domain.red_days import RedDays
from presence.domain.rule_parts import BadHours as BadHours
from presence.domain.rule_parts import split
from presence.domain.weekly import Weekly

_CHUNK = 64  # days evaluated at once
_CHUNKS_AHEAD = 13  # beyond some two years nothing is foreseen
_DAYS_KEPT = 1_000
_TURNS = 200  # openings of one that are tried against another; beyond that they never meet
_ALL_DAY = timedelta(days=1)
_FIRST, _LAST = 0, 220_000_000_000  # the years 1970 and 8941: no calendar is asked what lies beyond


class HoursSpec(msgspec.Struct, frozen=True):
    """All that opening hours depend on; equal specs are the same hours."""

    rule: str
    zone: str = "Europe/Stockholm"
    red_days: RedDays = RedDays()
    exceptions: tuple[DayException, ...] = ()


class ComingException(NamedTuple):
    """A day within the next few on which other hours are kept. `open` is empty where it is closed all day."""

    day: date
    open: tuple[tuple[time, time], ...]
    usual: tuple[tuple[time, time], ...]


class _Chunk(NamedTuple):
    """Some weeks, evaluated. `edges` open and close in turn; `shifts` as they begin."""

    number: int
    begin: Instant
    end: Instant
    edges: list[Instant]
    shifts: list[Span]


class OpeningHours:
    """Evaluates a spec, some weeks at a time, and remembers them. Pure: the instant is an argument."""

    def __init__(self, spec: HoursSpec) -> None:
        self.spec = spec
        self._zone = ZoneInfo(spec.zone)
        weekly, holiday, self._follows_red_days = split(spec.rule)
        self._weekly = Weekly(weekly)
        self._holiday = Weekly(holiday) if holiday else None
        self._exceptions = {day: _spans(e) for e in spec.exceptions for day in _days_of(e)}
        self._chunks: dict[int, _Chunk] = {}
        self._day_starts: dict[date, Instant] = {}
        self._last = _Chunk(0, 0, 0, [], [])  # most questions are about one time

    def at(self, t: Instant) -> tuple[bool, Instant]:
        """Whether it is open, and until when that stands (`FOREVER` where no change is foreseen)."""
        if t > _LAST:
            return self.at(_LAST)[0], FOREVER
        t = max(t, _FIRST)
        chunk = self._chunk_at(t)
        i = bisect_right(chunk.edges, t)
        is_open = i % 2 == 1
        for _ in range(_CHUNKS_AHEAD):
            if i < len(chunk.edges) and chunk.edges[i] < chunk.end:
                return is_open, chunk.edges[i]
            limit = chunk.end
            chunk = self._chunk(chunk.number + 1)
            i = bisect_right(chunk.edges, limit)
            if (i % 2 == 1) != is_open:
                return is_open, limit
        return is_open, FOREVER

    def opens(self, t: Instant) -> Instant | None:
        """The next opening at or after `t`: `t` itself while open, None where none is foreseen."""
        is_open, until = self.at(t)
        if is_open:
            return t
        return until if until < FOREVER else None

    def shift_at(self, t: Instant) -> Span | None:
        """The shift that is running at `t`; of several the one that began last."""
        return max((s for s in self._chunk_at(t).shifts if s.start <= t < s.end), default=None)

    def day_start(self, day: date) -> Instant:
        """The instant from which a leave on `day` covers: midnight, or the end of a shift that began before and still runs."""
        if day not in self._day_starts:
            if len(self._day_starts) > _DAYS_KEPT:
                self._day_starts.clear()
            self._day_starts[day] = self._day_start(day)
        return self._day_starts[day]

    def _day_start(self, day: date) -> Instant:
        midnight = self.instant(day)
        if not _FIRST < midnight < _LAST:
            return midnight
        shift = self.shift_at(midnight)
        return shift.end if shift and shift.start < midnight else midnight

    def open_seconds(self, start: Instant, end: Instant, enough: int) -> Instant:
        """When `enough` open seconds have passed since `start`; `end` where they have not by then."""
        t, left = start, enough
        while t < end:
            is_open, until = self.at(t)
            until = min(until, end)
            if is_open:
                if until - t >= left:
                    return t + left
                left -= until - t
            t = until
        return end

    def closed_days_between(self, start: Instant, end: Instant) -> int:
        """Whole calendar days after the one of `start`, up to and with the one of `end`, on which it never opens."""
        day, last = self.day(start) + _ALL_DAY, self.day(end)
        count = 0
        while day <= last:
            count += not self.shifts_of(day)
            day += _ALL_DAY
        return count

    def working_day_after(self, t: Instant, days: int) -> date:
        """The date of the `days`-th day with hours after that of `t` (0: the day of `t` itself)."""
        day = self.day(t)
        for _ in range(days):
            day += _ALL_DAY
            for _ in range(60):
                if self.shifts_of(day):
                    break
                day += _ALL_DAY
        return day

    def day(self, t: Instant) -> date:
        """The calendar day at `t`, in the zone of these hours."""
        return datetime.fromtimestamp(min(max(t, _FIRST), _LAST), self._zone).date()

    def instant(self, day: date, at: time = time()) -> Instant:
        """A local time as an instant. A time that a change of clocks leaves out is read with the offset before it; one that
        comes twice is its first."""
        return int(datetime.combine(day, at, self._zone).timestamp())

    def day_spans(self, day: date) -> tuple[tuple[time, time], ...]:
        """Local opening times of the shifts that begin on `day`."""
        return tuple((a.time(), b.time()) for a, b in self.shifts_of(day))

    def usual_spans(self, day: date) -> tuple[tuple[time, time], ...]:
        """The weekly rule alone, for a day like this."""
        return tuple((a.time(), b.time()) for a, b in self._weekly.shifts(day))

    def coming(self, t: Instant, days: int = 7) -> Iterator[ComingException]:
        """The days from today on which other hours are kept than the weekly rule gives; of today only while it is not over."""
        for ahead in range(days + 1):
            day = self.day(t) + ahead * _ALL_DAY
            spans, usual = self.day_spans(day), self.usual_spans(day)
            if spans != usual:
                shifts = [b for _, b in (*self.shifts_of(day), *self._weekly.shifts(day))]
                if ahead or any(self._utc(end) > t for end in shifts):
                    yield ComingException(day, spans, usual)

    def shifts_of(self, day: date) -> list[tuple[datetime, datetime]]:
        """The shifts that begin on `day`, as naive local times."""
        if (exception := self._exceptions.get(day)) is not None:
            return [(datetime.combine(day, a), _end(day, a, b)) for a, b in exception]
        if not self._follows_red_days:
            return self._weekly.shifts(day)
        if self.spec.red_days.is_holiday(day):
            return self._holiday.shifts(day) if self._holiday else []
        shifts = self._weekly.shifts(day)
        if (closes := self.spec.red_days.closes(day)) is not None:
            limit = datetime.combine(day, closes)
            shifts = [(a, min(b, limit)) for a, b in shifts if a < limit]
        return shifts

    def _chunk_at(self, t: Instant) -> "_Chunk":
        t = min(max(t, _FIRST), _LAST)
        if not self._last.begin <= t < self._last.end:
            self._last = self._chunk(self.day(t).toordinal() // _CHUNK)
        return self._last

    def _chunk(self, index: int) -> "_Chunk":
        if index not in self._chunks:
            if len(self._chunks) > 3 * _CHUNKS_AHEAD:
                self._chunks.clear()
            first = date.fromordinal(index * _CHUNK)
            shifts = [
                Span(self._utc(a), self._utc(b))
                for offset in range(-2, _CHUNK + 1)  # from two days before: shifts that still run at the chunk's beginning
                for a, b in self.shifts_of(first + offset * _ALL_DAY)
            ]
            edges = [edge for span in merge(shifts) for edge in span]
            begin, end = self.instant(first), self.instant(first + _CHUNK * _ALL_DAY)
            self._chunks[index] = _Chunk(index, begin, end, edges, shifts)
        return self._chunks[index]

    def _utc(self, local: datetime) -> Instant:
        return int(local.replace(tzinfo=self._zone).timestamp())


def open_together(hours: Sequence[OpeningHours], t: Instant) -> tuple[bool, Instant]:
    """As `OpeningHours.at`, of the time in which all of them are open; always, where there are none."""
    found = [each.at(t) for each in hours]
    if all(is_open for is_open, _ in found):
        return True, min((until for _, until in found), default=FOREVER)
    for _ in range(_TURNS):
        t = max(until for is_open, until in found if not is_open)
        if t >= FOREVER:
            break
        found = [each.at(t) for each in hours]
        if all(is_open for is_open, _ in found):
            return False, t
    return False, FOREVER


def _days_of(exception: DayException) -> Iterator[date]:
    day, last = date.fromisoformat(exception.first), date.fromisoformat(exception.last or exception.first)
    while day <= last:
        yield day
        day += _ALL_DAY


def _spans(exception: DayException) -> tuple[tuple[time, time], ...]:
    spans = []
    for text in exception.open:
        start, _, end = text.partition("-")
        try:
            spans.append((time.fromisoformat(start), time.fromisoformat("00:00" if end == "24:00" else end)))
        except ValueError:
            raise BadHours(f"not a span of time: {text!r}; write 08:00-12:00") from None
    return tuple(sorted(spans))


def _end(day: date, start: time, end: time) -> datetime:
    """A span that ends before it begins ends on the next day."""
    return datetime.combine(day if end > start else day + _ALL_DAY, end)
