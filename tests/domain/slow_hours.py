"""Opening hours a second time: by looking at the wall clock, minute by minute.

Weeks are tables and holidays are written out by hand, so nothing is shared with the core: no grammar, no library of holidays,
no edges, no instants.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
HOLIDAYS = {
    date.fromisoformat(f"{year}-{day}")
    for year, days in {
        2025: "01-01 01-06 04-18 04-20 04-21 05-01 05-29 06-06 06-08 06-20 06-21 11-01 12-24 12-25 12-26 12-31",
        2026: "01-01 01-06 04-03 04-05 04-06 05-01 05-14 05-24 06-06 06-19 06-20 10-31 12-24 12-25 12-26 12-31",
        2027: "01-01 01-06 03-26 03-28 03-29 05-01 05-06 05-16 06-06 06-25 06-26 11-06 12-24 12-25 12-26 12-31",
    }.items()
    for day in days.split()
}

Table = dict[str, str]
"""Hours by day: a weekday ("Mo"), "PH" for holidays, or a date. Several spans are set apart by commas."""

_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


class SlowHours:
    """`even_weeks_only`: the weekdays of odd ISO weeks are closed. `ends`: when hours end early on a date."""

    def __init__(
        self, table: Table, ends: Table | None = None, even_weeks_only: bool = False, zone: str = "Europe/Stockholm"
    ) -> None:
        self.zone = ZoneInfo(zone)
        self._table, self._ends, self._even_weeks_only = table, ends or {}, even_weeks_only

    def is_open(self, t: int) -> bool:
        wall = datetime.fromtimestamp(t, self.zone).replace(tzinfo=None, fold=0)
        return any(begin <= wall < end for n in (0, 1) for begin, end in self.shifts(wall.date() - n * DAY))

    def shifts(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Those that begin on the day, in local time."""
        midnight = datetime.combine(day, datetime.min.time())
        last = self._ends.get(day.isoformat(), "48:00")
        for span in self._hours(day).split(","):
            if span:
                begin, end = (_minutes(part) for part in span.split("-"))
                end += 1440 if end <= begin else 0
                end = min(end, _minutes(last))
                if begin < end:
                    yield midnight + timedelta(minutes=begin), midnight + timedelta(minutes=end)

    def _hours(self, day: date) -> str:
        if day.isoformat() in self._table:
            return self._table[day.isoformat()]
        if "PH" in self._table and day in HOLIDAYS:
            return self._table["PH"]
        if self._even_weeks_only and day.isocalendar().week % 2:
            return ""
        return self._table.get(_WEEKDAYS[day.weekday()], "")


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def week(days: str, hours: str) -> Table:
    """`week("Mo We", "08:00-12:00")`."""
    return dict.fromkeys(days.split(), hours)
