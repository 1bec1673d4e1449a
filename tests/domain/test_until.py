"""The forecast that people see, and days of 23 and 25 hours."""

from connectors.calendars.layer import calendar_of
from connectors.calendars.model import Reading
from presence.domain.facts import Absence
from presence.domain.hours import HoursSpec
from presence.domain.intervals import FOREVER, Status

from .drawing import layer
from .town import MONDAY, Town, at, busy

HOUR = 3600


def test_until_runs_across_away_busy_and_closed_and_stops_at_available() -> None:
    town = Town()
    town.say(busy((f"{MONDAY} 13:00", f"{MONDAY} 14:00"), ("2026-11-24 08:00", "2026-11-24 09:30")), "calendars")
    town.say(Absence(at(f"{MONDAY} 14:00"), at(f"{MONDAY} 16:30")), "hr", "1")
    assert {town.until(f"{MONDAY} {t}") for t in ("13:00", "15:00", "18:00")} == {"2026-11-24 09:30"}


def test_until_stops_at_unknown() -> None:
    """HR only: nobody can say that she is available in the morning, but that she is no longer away."""
    town = Town()
    town.unsay("calendar", "calendars")
    town.say(Absence(first=MONDAY, last=MONDAY), "hr", "1")
    assert town.until(f"{MONDAY} 10:00") == "2026-11-24 08:00"


def test_available_and_unknown_have_no_until() -> None:
    town = Town()
    assert town.until(f"{MONDAY} 10:00") is None
    town.source("calendars", ok_until=0)
    assert (town.status(f"{MONDAY} 10:00"), town.until(f"{MONDAY} 10:00")) == ("unknown", None)


def test_an_event_that_may_be_at_any_time_hides_no_return() -> None:
    """It makes free time unknown, from when on is known; only the end of what was expanded tells nothing."""
    town = Town()
    start, end = at("2026-11-20 00:00"), at("2026-11-27 00:00")
    reading = Reading(busy=[(at(f"{MONDAY} 10:00"), at(f"{MONDAY} 11:00"))], unbounded=True)
    town.say(calendar_of(reading, start, end), "calendars")
    town.say(Absence(at(f"{MONDAY} 11:00"), at(f"{MONDAY} 13:00")), "hr", "1")
    assert (town.status(f"{MONDAY} 10:30"), town.until(f"{MONDAY} 10:30")) == ("busy", f"{MONDAY} 13:00")
    assert town.status(f"{MONDAY} 13:00") == "unknown"
    assert town.until(f"{MONDAY} 20:00") == "2026-11-24 08:00"
    town.say(Absence(at(f"{MONDAY} 11:00"), end + HOUR), "hr", "1")
    assert town.until(f"{MONDAY} 12:00") is None


def test_the_end_of_the_expanded_window_gives_no_until() -> None:
    town = Town()
    end = at("2026-11-25 12:00")
    town.say(busy((f"{MONDAY} 08:00", "2026-11-26 08:00"), window_end=end), "calendars")
    assert town.availability(f"{MONDAY} 10:00").until is None
    town.say(busy((f"{MONDAY} 08:00", "2026-11-25 11:00"), window_end=end), "calendars")
    assert town.until(f"{MONDAY} 10:00") == "2026-11-25 11:00"


def test_past_the_expanded_window_silence_is_unknown() -> None:
    town = Town()
    town.say(busy(window_end=at(f"{MONDAY} 12:00")), "calendars")
    assert town.day() == "CCCCAAAAAAAAUUUUUUUUUCCCCCCC"


def test_the_end_of_a_window_is_kept_when_the_past_is_dropped() -> None:
    calendar = busy((f"{MONDAY} 08:00", f"{MONDAY} 09:00"), window_end=at("2026-12-01 00:00")).intervals
    assert calendar.doubt_from() == calendar.since(at(f"{MONDAY} 10:00")).doubt_from() == at("2026-12-01 00:00")
    assert layer("..B?").doubt_from() == FOREVER  # a bounded doubt is not the end of a window


ALL_WEEK = HoursSpec("24/7")


def test_leave_of_a_day_that_loses_an_hour_lasts_23_hours() -> None:
    town = Town(hours=ALL_WEEK)
    town.say(Absence(first="2026-03-29", last="2026-03-29"), "hr", "1")
    start = at("2026-03-29 00:00")
    assert [town.status(t) for t in (start - 1, start, start + 23 * HOUR - 1, start + 23 * HOUR)] == [
        "available",
        "away",
        "away",
        "available",
    ]


def test_leave_of_a_day_that_gains_an_hour_lasts_25_hours() -> None:
    town = Town(hours=ALL_WEEK)
    town.say(Absence(first="2026-10-25", last="2026-10-25"), "hr", "1")
    start = at("2026-10-25 00:00")
    assert [town.status(t) for t in (start - 1, start, start + 25 * HOUR - 1, start + 25 * HOUR)] == [
        "available",
        "away",
        "away",
        "available",
    ]


def test_a_night_shift_over_the_change_in_march_is_an_hour_shorter() -> None:
    town = Town(hours=HoursSpec("Sa,Su 22:00-06:00"))
    begin = at("2026-03-28 22:00")
    assert town.availability(begin) == (Status.AVAILABLE, begin + 7 * HOUR, None)
    assert town.status(begin + 7 * HOUR) is Status.CLOSED


def test_a_night_shift_over_the_change_in_october_is_an_hour_longer() -> None:
    town = Town(hours=HoursSpec("Sa,Su 22:00-06:00"))
    begin = at("2026-10-24 22:00")
    assert town.availability(begin) == (Status.AVAILABLE, begin + 9 * HOUR, None)


def test_leave_of_the_night_of_the_change_covers_its_whole_shift() -> None:
    for first, length in (("2026-03-28", 7), ("2026-10-24", 9)):
        town = Town(hours=HoursSpec("Sa,Su 22:00-06:00"))
        town.say(Absence(first=first, last=first), "hr", "1")
        begin = at(f"{first} 22:00")
        assert {town.status(t) for t in range(begin, begin + length * HOUR, 600)} == {Status.AWAY}
        assert town.status(begin + length * HOUR) is Status.CLOSED


def test_closing_times_stand_at_their_local_hour_on_the_days_of_the_change() -> None:
    town = Town(hours=HoursSpec("Mo-Su 08:00-16:30"))
    for day in ("2026-03-29", "2026-10-25"):
        assert town.day(day) == "CCCCAAAAAAAAAAAAAAAAACCCCCCC"
