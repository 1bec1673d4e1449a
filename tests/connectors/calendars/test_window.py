"""What of a series counts towards its bound, and what is one occurrence: only what touches the window does."""

import pytest

from connectors.calendars.model import Reason
from connectors.calendars.reading import read, read_long

from .given import UTC, calendar, event, instant, starts


@pytest.mark.parametrize(("until", "count"), [("2026-06-01 01:00", 60), ("2026-06-02", 1440), ("2026-06-03", 2880)])
@pytest.mark.parametrize("zone", ["", ";TZID=Pacific/Kiritimati", ";TZID=Pacific/Niue"])
def test_only_what_lies_in_the_window_counts_towards_its_bound(until: str, count: int, zone: str) -> None:
    """A step a minute for half a year: a window of a day holds fewer than a series may have there."""
    data = calendar(event("RRULE:FREQ=MINUTELY", start=f"DTSTART{zone}:20260101T000000", end="DURATION:PT0S"))
    for way in (read, read_long):
        found = way([data], instant("2026-06-01"), instant(until), UTC)
        assert (len(found.occurrences), found.skipped) == (count, [])


def test_a_series_that_is_too_dense_in_the_window_is_refused_whatever_the_window() -> None:
    data = calendar(event("RRULE:FREQ=SECONDLY", start="DTSTART:20260101T000000Z", end=""))
    for until in ("2026-06-01 01:00", "2026-06-02", "2026-08-01"):
        short, long = (way([data], instant("2026-06-01"), instant(until), UTC) for way in (read, read_long))
        assert short == long
        assert short.unbounded
        assert [item.reason in (Reason.TOO_DENSE, Reason.TOO_COSTLY) for item in short.skipped] == [True]


@pytest.mark.parametrize("more", ["", "\nRDATE;TZID=Europe/Stockholm:20260329T030000", "\nDURATION:PT1H"])
def test_two_hours_that_are_one_when_the_clock_changes_are_one_occurrence(more: str) -> None:
    start = "DTSTART;TZID=Europe/Stockholm:20260328T020000"
    data = calendar(event("RRULE:FREQ=DAILY;BYHOUR=2,3;COUNT=6" + more, start=start, end=""))
    short, long = (way([data], instant("2026-03-28"), instant("2026-04-02"), UTC) for way in (read, read_long))
    assert short == long
    assert starts(short) == ["03-28 01:00", "03-28 02:00", "03-29 01:00", "03-30 00:00", "03-30 01:00"]
