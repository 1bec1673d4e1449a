"""Calendar systems for recurrence rules (RFC 7529): years of months, as days since 1970-01-01.

Every system is a `Chronology`; its years and months are numbered as CLDR numbers them. A leap month has the number of the
month before it and the mark `leap` ("5L").
"""

from bisect import bisect_right
from datetime import date
from functools import lru_cache
from typing import Protocol

import msgspec

from connectors.calendars.values import EPOCH, day_number


class Month(msgspec.Struct, frozen=True):
    """A month: its number and leap mark, its first day, how many days it has."""

    number: int
    leap: bool
    first: int
    days: int


class Chronology(Protocol):
    """A calendar system."""

    def months(self, year: int) -> tuple[Month, ...]:
        """The months of a year. Raises ValueError outside the years that the system knows."""

    def year_of(self, day: int) -> int:
        """The year that a day lies in. Raises ValueError."""


class Gregorian:
    """The civil calendar, years 1 to 9999."""

    def months(self, year: int) -> tuple[Month, ...]:
        return _gregorian(year)

    def year_of(self, day: int) -> int:
        return date.fromordinal(day + EPOCH).year


@lru_cache(maxsize=512)
def _gregorian(year: int) -> tuple[Month, ...]:
    firsts = [day_number(year, month, 1) for month in range(1, 13)]
    lengths = [after - first for first, after in zip(firsts, [*firsts[1:], firsts[11] + 31], strict=True)]
    return tuple(Month(i + 1, False, firsts[i], lengths[i]) for i in range(12))


class Ethiopic:
    """Ethiopic and Coptic years: twelve months of 30 days and one of five or six; `start` is the day before year 1."""

    def __init__(self, start: int) -> None:
        self._start = start

    def months(self, year: int) -> tuple[Month, ...]:
        if not 1 <= year < 9990:
            raise ValueError("outside the known years")
        first = self._start + 365 * (year - 1) + year // 4
        last = 6 if year % 4 == 3 else 5
        return tuple(Month(i + 1, False, first + 30 * i, 30 if i < 12 else last) for i in range(13))

    def year_of(self, day: int) -> int:
        return (4 * (day - self._start) + 1463) // 1461


class Islamic:
    """The Islamic calendar by its table of eleven leap years in thirty, not by the moon; `start` is the first day of year 1."""

    def __init__(self, start: int) -> None:
        self._start = start

    def months(self, year: int) -> tuple[Month, ...]:
        if not 1 <= year < 9660:
            raise ValueError("outside the known years")
        first = self._start + 354 * (year - 1) + (3 + 11 * year) // 30
        last = 30 if (14 + 11 * year) % 30 < 11 else 29
        return tuple(Month(i + 1, False, first + 29 * i + (i + 1) // 2, last if i == 11 else 30 - i % 2) for i in range(12))

    def year_of(self, day: int) -> int:
        return (30 * (day - self._start) + 10_646) // 10_631


class Hebrew:
    """The Hebrew calendar; months from Tishri (1) over Adar I (5L) and Adar (6) to Elul (12)."""

    def months(self, year: int) -> tuple[Month, ...]:
        return _hebrew(year)

    def year_of(self, day: int) -> int:
        year = (day + 719_163) * 98_496 // 35_975_351 + 3_762
        while _hebrew_new_year(year) > day:
            year -= 1
        return year


_HEBREW_EPOCH = -2_092_590
"""1 Tishri of year 1, in days since 1970-01-01."""


def _hebrew_elapsed(year: int) -> int:
    """Days from the epoch to the new year's molad, with the first postponement (Calendrical Calculations, ch. 8)."""
    months = (235 * year - 234) // 19
    parts = 12_084 + 13_753 * months
    day = 29 * months + parts // 25_920
    return day + 1 if 3 * (day + 1) % 7 < 3 else day


def _hebrew_new_year(year: int) -> int:
    before, this, after = (_hebrew_elapsed(year + i) for i in (-1, 0, 1))
    delay = 2 if after - this == 356 else 1 if this - before == 382 else 0
    return _HEBREW_EPOCH + this + delay


@lru_cache(maxsize=512)
def _hebrew(year: int) -> tuple[Month, ...]:
    if not 1 <= year < 13_000:
        raise ValueError("outside the known years")
    first = _hebrew_new_year(year)
    size = _hebrew_new_year(year + 1) - first
    leap = size > 360
    lengths = [30, 30 if size % 10 == 5 else 29, 29 if size % 10 == 3 else 30, 29, 30]
    marks = [(1, False), (2, False), (3, False), (4, False), (5, False)]
    if leap:
        marks.append((5, True))
        lengths.append(30)
    marks += [(number, False) for number in range(6, 13)]
    lengths += [29, 30, 29, 30, 29, 30, 29]
    months = []
    for (number, mark), days in zip(marks, lengths, strict=True):
        months.append(Month(number, mark, first, days))
        first += days
    return tuple(months)


_CHINESE_FIRST, _CHINESE_START = 1934, -13105
"""The first year of the table and its first day, 1934-02-14."""
# fmt: off
_CHINESE = (
    0x05ad0, 0x02b60, 0x186e3, 0x092e0, 0x1c8d7, 0x0c950, 0x0d4a0, 0x1d8a6, 0x0b550, 0x056a0, 0x1a5b4, 0x025d0, 0x092d0, 0x0d2b2,
    0x0a950, 0x0b557, 0x06ca0, 0x0b550, 0x15355, 0x04da0, 0x0a5b0, 0x14573, 0x052b0, 0x0a9a8, 0x0e950, 0x06aa0, 0x0aea6, 0x0ab50,
    0x04b60, 0x0aae4, 0x0a570, 0x05260, 0x0f263, 0x0d950, 0x05b57, 0x056a0, 0x096d0, 0x04dd5, 0x04ad0, 0x0a4d0, 0x0d4d4, 0x0d250,
    0x0d558, 0x0b540, 0x0b6a0, 0x195a6, 0x095b0, 0x049b0, 0x0a974, 0x0a4b0, 0x0b27a, 0x06a50, 0x06d40, 0x0af46, 0x0ab60, 0x09570,
    0x04af5, 0x04970, 0x064b0, 0x074a3, 0x0ea50, 0x06b58, 0x05ac0, 0x0ab60, 0x096d5, 0x092e0, 0x0c960, 0x0d954, 0x0d4a0, 0x0da50,
    0x07552, 0x056a0, 0x0abb7, 0x025d0, 0x092d0, 0x0cab5, 0x0a950, 0x0b4a0, 0x0baa4, 0x0ad50, 0x055d9, 0x04ba0, 0x0a5b0, 0x15176,
    0x052b0, 0x0a930, 0x07954, 0x06aa0, 0x0ad50, 0x05b52, 0x04b60, 0x0a6e6, 0x0a4e0, 0x0d260, 0x0ea65, 0x0d530, 0x05aa0, 0x076a3,
    0x096d0, 0x04afb, 0x04ad0, 0x0a4d0, 0x1d0b6, 0x0d250, 0x0d520, 0x0dd45, 0x0b5a0, 0x056d0, 0x055b2, 0x049b0, 0x0a577, 0x0a4b0,
    0x0aa50, 0x1b255, 0x06d20, 0x0ada0, 0x14b63, 0x09370, 0x049f8, 0x04970, 0x064b0, 0x168a6, 0x0ea50, 0x06b20, 0x1a6c4, 0x0aae0,
)
# fmt: on
"""A year each. Bits 16 to 5: whether months 1 to 12 have 30 days, else 29. Bits 4 to 1: the month that a leap month follows,
which has 30 days where bit 17 is set.

Computed from the new moons and the sun's longitude in China, and a test computes them anew; before 1934 and after 2059 some new
moons fall too near to midnight for a computation to be certain.
"""


class Chinese:
    """The Chinese calendar, 1934 to 2059; a year has the number of the civil year in which it begins."""

    def months(self, year: int) -> tuple[Month, ...]:
        if not _CHINESE_FIRST <= year < _CHINESE_FIRST + len(_CHINESE):
            raise ValueError("outside the known years")
        return _chinese()[year - _CHINESE_FIRST]

    def year_of(self, day: int) -> int:
        place = bisect_right([months[0].first for months in _chinese()], day) - 1
        last = _chinese()[place][-1]
        if place < 0 or day >= last.first + last.days:
            raise ValueError("outside the known years")
        return _CHINESE_FIRST + place


@lru_cache(maxsize=1)
def _chinese() -> tuple[tuple[Month, ...], ...]:
    years, first = [], _CHINESE_START
    for bits in _CHINESE:
        months: list[Month] = []
        for number in range(1, 13):
            for leap in (False, True) if bits & 15 == number else (False,):
                days = 29 + bool(bits & (0x10000 if leap else 0x10000 >> number))
                months.append(Month(number, leap, first, days))
                first += days
        years.append(tuple(months))
    return tuple(years)


GREGORIAN = Gregorian()
SYSTEMS: dict[str, Chronology] = {
    "GREGORIAN": GREGORIAN,
    "CHINESE": Chinese(),
    "GREGORY": GREGORIAN,
    "ISO8601": GREGORIAN,
    "ETHIOPIC": Ethiopic(-716_367),
    "COPTIC": Ethiopic(-615_558),
    "HEBREW": Hebrew(),
    "ISLAMIC-CIVIL": Islamic(-492_148),
    "ISLAMIC-TBLA": Islamic(-492_149),
}
