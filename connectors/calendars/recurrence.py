"""Expansion of recurrence rules on the wall clock: all of RFC 5545, 3.3.10, and RFC 7529, by bounded work.

An instance is an `int` of wall seconds. A rule is expanded period by period: the period's days, times on them, positions
among those; then the bounds. What the standards leave open is decided in docs/decisions/0101 to 0106.
"""

from collections.abc import Iterable, Iterator

from connectors.calendars.chronology import GREGORIAN
from connectors.calendars.days import LAST_DAY, Days, locate, weekday
from connectors.calendars.model import Meter, Reason, Unreadable
from connectors.calendars.rules import Rule
from connectors.calendars.values import DAY, EPOCH

_UNITS = {"HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}


def expand(rule: Rule, start: int, lower: int, upper: int, until: int | None, most: int, meter: Meter) -> list[int]:
    """Instances of `rule` for a DTSTART of `start`, from max(start, lower) to upper inclusive, sorted.

    `until` is the inclusive bound in wall seconds, already brought to the zone of `start`. COUNT counts the rule's own
    instances from `start` on. Raises Unreadable when there are more than `most`, or when the meter runs out.
    """
    upper = upper if until is None else min(upper, until)
    if upper < start or upper < lower or rule.count == 0:
        return []
    expansion = _Expansion(rule, start, meter)
    count, index = rule.count, 0
    if lower > start:
        index, count = expansion.jump(lower, count)
    found: list[int] = []
    for instance in expansion.instances(index, upper):
        if instance < start:
            continue
        if instance > upper:
            break
        if count is not None:
            if count <= 0:
                break
            count -= 1
        if instance >= lower:
            found.append(instance)
            if len(found) > most:
                raise Unreadable(Reason.TOO_DENSE)
    return found


class _Expansion(Days):
    """One rule and one DTSTART, made ready to yield instances."""

    def __init__(self, rule: Rule, start: int, meter: Meter) -> None:
        self.start = start
        day, self.second = divmod(start, DAY)
        super().__init__(rule, day)
        self.meter = meter
        self.times = self._times()

    def _times(self) -> list[int]:
        hour, rest = divmod(self.second, 3600)
        minute, second = divmod(rest, 60)
        rule = self.rule
        self.meter.spend(max(1, len(rule.hours)) * max(1, len(rule.minutes)) * max(1, len(rule.seconds)) // 8)
        return [
            h * 3600 + m * 60 + s
            for h in rule.hours or (hour,)
            for m in rule.minutes or (minute,)
            for s in rule.seconds or (second,)
        ]

    # Where to begin

    def jump(self, lower: int, count: int | None) -> tuple[int, int | None]:
        """The period to begin with so that nothing from `lower` on is missed, and what is left of COUNT there."""
        index = max(0, self._period_of(lower) - 2)
        if count is None or index == 0:
            return index, count
        every = self._regular()
        if every is None:
            return 0, count
        first = sum(1 for instance in self._period(0) if instance >= self.start)
        index = min(index, 1 + (count - first) // every if count > first else 0)
        return (0, count) if index <= 0 else (index, count - first - (index - 1) * every)

    def _period_of(self, instant: int) -> int:
        rule, day = self.rule, min(max(instant // DAY, -EPOCH + 1), LAST_DAY)
        if rule.freq in _UNITS:
            unit = _UNITS[rule.freq]
            return (instant // unit - self.start // unit) // rule.interval
        if rule.freq == "DAILY":
            return (day - self.day) // rule.interval
        if rule.freq == "WEEKLY":
            return (day - self.day) // (7 * rule.interval)
        if self.chronology is not GREGORIAN:
            return (day - self.day) // (366 if rule.freq == "YEARLY" else 31) // rule.interval if rule.freq == "MONTHLY" else 0
        years = GREGORIAN.year_of(day) - self.year
        if rule.freq == "YEARLY":
            return years // rule.interval
        return (years * 12 + locate(GREGORIAN.months(GREGORIAN.year_of(day)), day)[0] - self.month_at) // rule.interval

    def _regular(self) -> int | None:
        """How many instances every period after the first has, where that is one number."""
        rule = self.rule
        if rule.positions or rule.months or rule.monthdays or rule.yeardays or rule.weeks:
            return None
        if rule.freq == "WEEKLY":
            return max(1, len(self.weekdays)) * len(self.times)
        if rule.weekdays:
            return None
        if rule.freq == "DAILY":
            return len(self.times)
        if rule.freq in _UNITS and not (rule.hours or rule.minutes or rule.seconds):
            return 1
        return None

    # Periods

    def instances(self, index: int, upper: int) -> Iterator[int]:
        """Instances of the period `index` and all after it, sorted within a period, up to about `upper`."""
        if self.rule.freq in _UNITS:
            yield from self._subdaily(index, upper)
            return
        last = min(upper // DAY, LAST_DAY)
        several = len(self.times) > 1
        previous: int | None = None
        for days in self._periods(index, last):
            self.meter.spend(1 + len(days) // 4)
            for instance in self._timed(days):
                if several:
                    self.meter.spend(1)
                if previous is None or instance > previous:  # SKIP can lead into the next period
                    previous = instance
                    yield instance

    def _period(self, index: int) -> Iterable[int]:
        if self.rule.freq in _UNITS:
            return [self.start] if not index else []
        days = self._week(index) if self.rule.freq == "WEEKLY" else self._day(index)
        return self._timed(days)

    def _timed(self, days: list[int]) -> Iterable[int]:
        times = self.times
        if not self.rule.positions:
            if len(times) == 1:
                only = times[0]
                return [day * DAY + only for day in days]
            return (day * DAY + second for day in days for second in times)
        total, each = len(days) * len(times), len(times)
        places = {p - 1 if p > 0 else total + p for p in self.rule.positions}
        return [days[p // each] * DAY + times[p % each] for p in sorted(places) if 0 <= p < total]

    def _periods(self, index: int, last: int) -> Iterator[list[int]]:
        rule, step = self.rule, self.rule.interval
        if rule.freq == "DAILY":
            while self.day + index * step <= last:
                yield self._day(index)
                index += 1
        elif rule.freq == "WEEKLY":
            while self.day - 6 + index * step * 7 <= last:
                yield [day for day in self._week(index) if day <= LAST_DAY]
                index += 1
        elif rule.freq == "MONTHLY":
            yield from self._monthly(index, last)
        else:
            yield from self._yearly(index, last)

    def _day(self, index: int) -> list[int]:
        day = self.day + index * self.rule.interval
        return [day] if self._passes(day) else []

    def _week(self, index: int) -> list[int]:
        rule = self.rule
        first = self.day - (weekday(self.day) - rule.weekstart) % 7 + index * 7 * rule.interval
        wanted = self.weekdays or {weekday(self.day)}
        days = [first + i for i in range(7) if (first + i + 3) % 7 in wanted]
        if rule.months or rule.monthdays or rule.yeardays or rule.weeks:
            return [day for day in days if -EPOCH < day <= LAST_DAY and self._passes(day, weekdays=False)]
        return days

    def _monthly(self, index: int, last: int) -> Iterator[list[int]]:
        step = self.rule.interval
        if self.chronology is GREGORIAN:
            place = self.year * 12 + self.month_at + index * step
            while place < 120_000:
                months = GREGORIAN.months(place // 12)
                if months[place % 12].first > last + 1:
                    return
                yield self._month(months[place % 12])
                place += step
            return
        year, left = self.year, self.month_at + index * step
        while True:
            try:
                months = self.chronology.months(year)
            except ValueError:
                return
            if months[0].first > last + 1:
                return
            self.meter.spend(1)
            while left < len(months):
                yield self._month(months[left])
                left += step
            left -= len(months)
            year += 1

    def _yearly(self, index: int, last: int) -> Iterator[list[int]]:
        year = self._week_year(self.day) if self.rule.weeks else self.year
        year += index * self.rule.interval
        while True:
            try:
                first = self.chronology.months(year)[0].first
                days = self._year(year) if first - 7 <= last else None
            except (ValueError, OverflowError):
                return
            if days is None:
                return
            self.meter.spend(3)
            yield days
            year += self.rule.interval

    def _subdaily(self, index: int, upper: int) -> Iterator[int]:
        """Days that pass first, then the aligned periods on them: a rule that never matches costs a step a day."""
        rule, unit = self.rule, _UNITS[self.rule.freq]
        base, step = self.start // unit, rule.interval
        limits_days = bool(rule.months or rule.monthdays or rule.yeardays or rule.weeks or rule.weekdays)
        period = base + index * step
        while True:
            day = period * unit // DAY
            if day > min(upper // DAY, LAST_DAY):
                return
            after = -(-((day + 1) * DAY // unit - base) // step) * step + base  # the first aligned period of a later day
            self.meter.spend(1)
            if not limits_days or self._passes(day):
                yield from self._on_day(period, after, step, unit, upper)
            period = after

    def _on_day(self, period: int, after: int, step: int, unit: int, upper: int) -> Iterator[int]:
        rule = self.rule
        hours, minutes, seconds = set(rule.hours), set(rule.minutes), set(rule.seconds)
        parts = self._within(unit)
        candidates = self._candidates(period, after, step, unit)
        for at in candidates:
            self.meter.spend(1)
            begin = at * unit
            if begin > upper:
                return
            second = begin % DAY
            if hours and second // 3600 not in hours:
                continue
            if unit < 3600 and minutes and second // 60 % 60 not in minutes:
                continue
            if unit < 60 and seconds and second % 60 not in seconds:
                continue
            self.meter.spend(len(parts))
            yield from (begin + part for part in parts)

    def _candidates(self, period: int, after: int, step: int, unit: int) -> Iterable[int]:
        """Aligned periods of one day; for a rule by seconds, those that BYMINUTE and BYHOUR name, when they are fewer."""
        aligned = range(period, after, step)
        rule = self.rule
        if unit > 1 or not (rule.hours or rule.minutes or rule.seconds):
            return aligned
        hours, minutes, seconds = rule.hours or range(24), rule.minutes or range(60), rule.seconds or range(60)
        if len(hours) * len(minutes) * len(seconds) >= len(aligned):
            return aligned
        midnight = period // DAY * DAY
        named = (midnight + h * 3600 + m * 60 + s for h in hours for m in minutes for s in seconds)
        return (at for at in named if at in aligned)

    def _within(self, unit: int) -> list[int]:
        """Offsets of the instances within one period: BYMINUTE and BYSECOND where they expand, by position."""
        rule, rest = self.rule, self.second % unit
        minutes = (rule.minutes or (rest // 60,)) if unit == 3600 else (0,)
        seconds = (rule.seconds or (rest % 60,)) if unit >= 60 else (0,)
        parts = [m * 60 + s for m in minutes for s in seconds]
        if not rule.positions:
            return parts
        places = {p - 1 if p > 0 else len(parts) + p for p in rule.positions}
        return [parts[p] for p in sorted(places) if 0 <= p < len(parts)]
