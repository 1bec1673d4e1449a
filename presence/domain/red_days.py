"""Days on which the weekly rule is not the whole truth: holidays, eves, half-days before them, bridge days.

The `holidays` library knows the dates; which of them close an office, and when half-days end, is the organisation's choice.
"""

from collections.abc import Sequence
from datetime import date, time
from functools import lru_cache

import holidays
import msgspec
from holidays.countries.sweden import Sweden


class RedDays(msgspec.Struct, frozen=True):
    """One organisation's choice. A rule follows it only where it says so, with `PH`.

    `closed`: categories of the `holidays` library that count as holidays. For Sweden the eves of midsummer, Christmas and new
    year are "de_facto". `half_days`: "HH:MM" at which hours end on the days that the library calls half ("bank"), or empty.
    `bridge_days`: likewise for a working day between a holiday and a weekend; "00:00" closes it.
    """

    country: str = "SE"
    closed: tuple[str, ...] = ("public", "de_facto")
    half_days: str = ""
    bridge_days: str = ""

    def is_holiday(self, day: date) -> bool:
        return bool(self.country) and day in _days(self.country, self.closed, day.year)

    def closes(self, day: date) -> time | None:
        """When hours end early on this day, or None where they do not."""
        if not self.country or self.is_holiday(day):
            return None
        ends = []
        if self.half_days and day in _days(self.country, ("bank",), day.year):
            ends.append(time.fromisoformat(self.half_days))
        if self.bridge_days and self._is_bridge(day):
            ends.append(time.fromisoformat(self.bridge_days))
        return min(ends, default=None)  # an eve may be a bridge day too

    def _is_bridge(self, day: date) -> bool:
        """A Friday after a holiday, or a Monday before one."""
        neighbour = {4: -1, 0: +1}.get(day.weekday())
        return neighbour is not None and self.is_holiday(date.fromordinal(day.toordinal() + neighbour))


@lru_cache(256)
def _days(country: str, categories: Sequence[str], year: int) -> frozenset[date]:
    supported = holidays.country_holidays(country).supported_categories
    wanted = tuple(c for c in categories if c in supported)
    if not wanted:
        return frozenset()
    # Sundays are a matter of the weekly rule; as "holidays" they would close a centre that is open on Sundays.
    if country == "SE":
        return frozenset(Sweden(years=year, categories=wanted, include_sundays=False))
    return frozenset(holidays.country_holidays(country, years=year, categories=wanted))
