"""Calendar systems for recurrence rules (RFC 7529): years of months, as days since 1970-01-01.

Every system is a `Chronology`; its years and months are numbered as CLDR numbers them. A leap month has the number of the
month before it and the mark `leap` ("5L").
"""

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


GREGORIAN = Gregorian()
SYSTEMS: dict[str, Chronology] = {
    "GREGORIAN": GREGORIAN,
    "GREGORY": GREGORIAN,
    "ISO8601": GREGORIAN,
    "ETHIOPIC": Ethiopic(-716_367),
    "COPTIC": Ethiopic(-615_558),
    "HEBREW": Hebrew(),
}
