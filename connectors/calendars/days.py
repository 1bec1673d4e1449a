"""Days of a rule's months and years, and whether a day is within the parts that limit (RFC 5545, 3.3.10, the table of BY parts).

A day is an `int`: days since 1970-01-01.
"""

from bisect import bisect_right
from collections.abc import Iterable

from connectors.calendars.chronology import GREGORIAN, SYSTEMS, Chronology, Month
from connectors.calendars.model import Reason, Unreadable
from connectors.calendars.rules import Rule
from connectors.calendars.values import EPOCH

LAST_DAY = 3_652_059 - EPOCH
"""9999-12-31."""


def weekday(day: int) -> int:
    """Monday is 0; day 0, 1970-01-01, was a Thursday."""
    return (day + 3) % 7


def week_one(chronology: Chronology, year: int, weekstart: int) -> int:
    """First day of the first week of a year: the one with at least four days in it."""
    fourth = chronology.months(year)[0].first + 3
    return fourth - (weekday(fourth) - weekstart) % 7


def locate(months: tuple[Month, ...], day: int) -> tuple[int, Month]:
    """The month of a year that a day lies in, with its place."""
    place = bisect_right([month.first for month in months], day) - 1
    return place, months[max(place, 0)]


class Days:
    """The days that one rule with one DTSTART names. Raises Unreadable when its calendar system is not known."""

    def __init__(self, rule: Rule, day: int) -> None:
        self.rule = rule
        self.day = day
        chronology = SYSTEMS.get(rule.scale)
        if chronology is None:
            raise Unreadable(Reason.UNKNOWN_RSCALE)
        self.chronology = chronology
        try:
            self.year = chronology.year_of(day)
            self.month_at, self.month = locate(chronology.months(self.year), day)
        except ValueError:
            raise Unreadable(Reason.UNKNOWN_RSCALE) from None
        self.month_day = day - self.month.first + 1
        self.months = frozenset(rule.months)
        self.weekdays = frozenset(wd for _, wd in rule.weekdays)

    def _month(self, month: Month) -> list[int]:
        """Days of one month by a MONTHLY rule."""
        rule = self.rule
        if self.months and (month.number, month.leap) not in self.months:
            return []
        if rule.monthdays:
            days = self._month_days(month, rule.monthdays)
            if rule.weekdays:
                days = [day for day in days if self._is_weekday(day, month.first, month.days)]
        elif rule.weekdays:
            days = self._by_weekday(month.first, month.days)
        elif rule.yeardays or rule.weeks:
            days = list(range(month.first, month.first + month.days))
        else:
            days = self._month_days(month, (self.month_day,))
        if rule.yeardays or rule.weeks:
            days = [day for day in days if self._in_yeardays(day) and self._in_weeks(day)]
        return days

    def _year(self, year: int) -> list[int]:
        """Days of one year by a YEARLY rule; with BYWEEKNO, of the year that its weeks make up."""
        rule = self.rule
        months = self.chronology.months(year)
        first, size = months[0].first, months[-1].first + months[-1].days - months[0].first
        if rule.weeks:
            days = self._of_weeks(year)
            if not (rule.weekdays or rule.monthdays or rule.yeardays):
                days = [day for day in days if weekday(day) == weekday(self.day)]
            return [day for day in days if self._passes(day)]
        if rule.yeardays:
            days = self._year_days(first, size)
            return [day for day in days if self._passes(day, ordinals=True, yeardays=False)]
        if rule.monthdays:
            every = rule.weekdays and not self.months  # every Friday the 13th
            wanted = list(months) if every else self._wanted_months(months)
            days = sorted({day for month in wanted for day in self._month_days(month, rule.monthdays)})
            return [day for day in days if not rule.weekdays or self._ordinal_weekday(day, months)]
        if rule.weekdays:
            if not rule.months:
                return self._by_weekday(first, size)
            return sorted(d for month in self._wanted_months(months) for d in self._by_weekday(month.first, month.days))
        days = [day for month in self._wanted_months(months) for day in self._month_days(month, (self.month_day,))]
        return sorted(set(days))

    def _wanted_months(self, months: tuple[Month, ...]) -> list[Month]:
        """The months that BYMONTH names, else the one of DTSTART; SKIP moves a leap month that the year lacks."""
        wanted = self.months or {(self.month.number, self.month.leap)}
        found = {place for place, month in enumerate(months) if (month.number, month.leap) in wanted}
        if self.rule.skip != "OMIT" and self.chronology is not GREGORIAN:
            present = {(month.number, month.leap): place for place, month in enumerate(months)}
            for number, leap in wanted:
                if leap and (number, leap) not in present and (number, False) in present:
                    found.add(present[number, False] + (self.rule.skip == "FORWARD"))
        return [months[place] for place in sorted(found) if place < len(months)]

    def _month_days(self, month: Month, wanted: Iterable[int]) -> list[int]:
        days = set()
        for number in wanted:
            if number < 0:
                if month.days + number >= 0:
                    days.add(month.first + month.days + number)
                elif self.rule.skip != "OMIT":  # before its first day: that, or the day before
                    days.add(month.first - (self.rule.skip == "BACKWARD"))
            elif number <= month.days:
                days.add(month.first + number - 1)
            elif self.rule.skip == "BACKWARD":
                days.add(month.first + month.days - 1)
            elif self.rule.skip == "FORWARD":
                days.add(month.first + month.days)
        return sorted(days)

    def _year_days(self, first: int, size: int) -> list[int]:
        days = set()
        for number in self.rule.yeardays:
            if number < 0:
                if size + number >= 0:
                    days.add(first + size + number)
                elif self.rule.skip != "OMIT":
                    days.add(first - (self.rule.skip == "BACKWARD"))
            elif number <= size:
                days.add(first + number - 1)
            elif self.rule.skip != "OMIT":
                days.add(first + size - (self.rule.skip == "BACKWARD"))
        return sorted(days)

    def _of_weeks(self, year: int) -> list[int]:
        begin = week_one(self.chronology, year, self.rule.weekstart)
        total = (week_one(self.chronology, year + 1, self.rule.weekstart) - begin) // 7
        weeks = {number if number > 0 else total + 1 + number for number in self.rule.weeks}
        return [begin + 7 * (week - 1) + i for week in sorted(weeks) if 1 <= week <= total for i in range(7)]

    def _by_weekday(self, first: int, size: int) -> list[int]:
        """Days of [first, first + size) that BYDAY names, ordinals counted within it."""
        days: set[int] = set()
        for ordinal, wanted in self.rule.weekdays:
            begin = first + (wanted - weekday(first)) % 7
            if ordinal == 0:
                days.update(range(begin, first + size, 7))
            elif ordinal > 0:
                day = begin + 7 * (ordinal - 1)
                if day < first + size:
                    days.add(day)
            else:
                last = first + size - 1
                day = last - (weekday(last) - wanted) % 7 + 7 * (ordinal + 1)
                if day >= first:
                    days.add(day)
        return sorted(days)

    # Limits

    def _is_weekday(self, day: int, first: int, size: int) -> bool:
        """Whether BYDAY names this day, its ordinals counted within [first, first + size)."""
        this = weekday(day)
        for ordinal, wanted in self.rule.weekdays:
            if wanted != this:
                continue
            if ordinal == 0 or ordinal == (day - first) // 7 + 1 or ordinal == -((first + size - 1 - day) // 7) - 1:
                return True
        return False

    def _ordinal_weekday(self, day: int, months: tuple[Month, ...]) -> bool:
        if self.rule.months:
            month = locate(months, day)[1] if months[0].first <= day < months[-1].first + months[-1].days else months[-1]
            return self._is_weekday(day, month.first, month.days)
        return self._is_weekday(day, months[0].first, months[-1].first + months[-1].days - months[0].first)

    def _passes(self, day: int, *, weekdays: bool = True, ordinals: bool = False, yeardays: bool = True) -> bool:
        """Whether a day is within every part that limits days."""
        rule = self.rule
        if weekdays and rule.weekdays and not ordinals and weekday(day) not in self.weekdays:
            return False
        if rule.months or rule.monthdays or (ordinals and rule.weekdays):
            months = self.chronology.months(self.chronology.year_of(day))
            month = locate(months, day)[1]
            if rule.months and (month.number, month.leap) not in self.months:
                return False
            if ordinals and rule.weekdays and not self._ordinal_weekday(day, months):
                return False
            if rule.monthdays and not {day - month.first + 1, day - month.first - month.days}.intersection(rule.monthdays):
                return False
        return (not yeardays or self._in_yeardays(day)) and self._in_weeks(day)

    def _in_yeardays(self, day: int) -> bool:
        if not self.rule.yeardays:
            return True
        months = self.chronology.months(self.chronology.year_of(day))
        first, after = months[0].first, months[-1].first + months[-1].days
        return day - first + 1 in self.rule.yeardays or day - after in self.rule.yeardays

    def _in_weeks(self, day: int) -> bool:
        if not self.rule.weeks:
            return True
        year, start = self._week_year(day), self.rule.weekstart
        begin = week_one(self.chronology, year, start)
        total = (week_one(self.chronology, year + 1, start) - begin) // 7
        week = (day - begin) // 7 + 1
        return week in self.rule.weeks or week - total - 1 in self.rule.weeks

    def _week_year(self, day: int) -> int:
        """The year to which the week of a day belongs."""
        year = self.chronology.year_of(day)
        if day < week_one(self.chronology, year, self.rule.weekstart):
            return year - 1
        if day >= week_one(self.chronology, year + 1, self.rule.weekstart):
            return year + 1
        return year
