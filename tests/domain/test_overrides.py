"""The word of the person, or of a CSR."""

import pytest

from presence.domain.facts import Absence, Override, Presence
from presence.domain.intervals import Status

from .town import MONDAY, Town, at, busy

HOUR = 3600


def override(status: str, first: str, last: str, set_at: str = "") -> Override:
    start, end = at(f"{MONDAY} {first}"), at(f"{MONDAY} {last}")
    return Override(status, start, end, at(f"{MONDAY} {set_at}") if set_at else start)  # type: ignore[arg-type]


def leave(first: str, last: str, since: str) -> Absence:
    return Absence(at(f"{MONDAY} {first}"), at(f"{MONDAY} {last}"), since=at(f"{MONDAY} {since}"))


@pytest.mark.parametrize(("status", "letter"), [("away", "W"), ("busy", "B")])
def test_away_and_busy_win_over_everything(status: str, letter: str) -> None:
    town = Town()
    town.say(Absence(first=MONDAY), "hr", "1")
    town.say(Presence("available", 0, at(f"{MONDAY} 20:00")), "chat", "sip:anna@x", "")
    town.say(override(status, "07:00", "10:00"), "1")
    assert town.day() == "WW" + 6 * letter + "WWWWWWWWWWWWWWWWWWWW"


@pytest.mark.parametrize(("status", "letter"), [("away", "W"), ("busy", "B")])
def test_away_and_busy_win_over_the_word_available(status: str, letter: str) -> None:
    town = Town()
    town.say(override("available", "08:00", "12:00"), "1")
    town.say(override(status, "09:00", "10:00"), "2")
    assert town.day(first="08:00", last="12:00") == "AA" + 2 * letter + "AAAA"


def test_available_wins_over_a_meeting() -> None:
    town = Town()
    town.say(busy((f"{MONDAY} 09:00", f"{MONDAY} 12:00")), "calendars")
    town.say(override("available", "10:00", "11:00"), "1")
    assert town.day(first="08:00", last="13:00") == "AABBAABBAA"


def test_available_is_silent_while_a_live_source_says_busy() -> None:
    town = Town()
    town.say(override("available", "08:00", "12:00"), "1")
    town.say(Presence("busy", at(f"{MONDAY} 09:00"), at(f"{MONDAY} 10:00")), "chat", "sip:anna@x", "")
    assert town.day(first="08:00", last="12:00") == "AABBAAAA"


def test_available_loses_to_leave_that_was_not_held_when_it_was_set() -> None:
    town = Town()
    town.say(override("available", "08:00", "14:00", set_at="08:00"), "1")
    town.say(leave("10:00", "12:00", since="09:00"), "hr", "1")
    assert town.day(first="08:00", last="14:00") == "AAAAWWWWAAAA"


def test_available_wins_over_leave_that_was_held_when_it_was_set() -> None:
    town = Town()
    town.say(override("available", "08:00", "14:00", set_at="08:00"), "1")
    town.say(leave("10:00", "12:00", since="07:59"), "hr", "1")
    assert town.day(first="08:00", last="14:00") == "AAAAAAAAAAAA"


def test_available_loses_to_newer_leave_though_older_leave_covers_too() -> None:
    town = Town()
    town.say(override("available", "08:00", "14:00", set_at="08:00"), "1")
    town.say(leave("10:00", "12:00", since="07:00"), "hr", "1")
    town.say(leave("11:00", "13:00", since="09:00"), "hr", "2")
    assert town.day(first="08:00", last="14:00") == "AAAAAAWWWWAA"


def test_a_word_said_after_the_leave_came_in_wins_again() -> None:
    town = Town()
    town.say(override("available", "08:00", "14:00", set_at="08:00"), "1")
    town.say(leave("10:00", "14:00", since="09:00"), "hr", "1")
    town.say(override("available", "11:00", "14:00", set_at="11:00"), "2")
    assert town.day(first="08:00", last="14:00") == "AAAAWWAAAAAA"


def test_leave_of_a_part_does_not_silence_the_word_available() -> None:
    town = Town()
    town.say(override("available", "08:00", "14:00"), "1")
    town.say(Absence(at(f"{MONDAY} 10:00"), at(f"{MONDAY} 12:00"), extent=0.5, since=at(f"{MONDAY} 09:00")), "hr", "1")
    assert town.day(first="08:00", last="14:00") == "AAAAAAAAAAAA"


def test_available_ends_with_the_shift_in_which_it_is_said() -> None:
    town = Town()
    town.say(override("available", "09:00", "19:00"), "1")
    assert town.status(f"{MONDAY} 16:29") is Status.AVAILABLE
    assert town.status(f"{MONDAY} 16:30") is Status.CLOSED


def test_available_ends_with_the_shift_of_a_private_schedule_where_there_is_one() -> None:
    town = Town()
    town.person(schedule="Mo-Fr 08:00-13:00")
    town.say(override("available", "09:00", "16:00"), "1")
    assert town.day(first="08:00", last="17:00") == "AAAAAAAAAAWWWWWWWC"


def test_outside_hours_available_ends_after_eight_hours() -> None:
    town = Town()
    said = at("2026-11-28 10:00")  # a Saturday
    town.say(Override("available", said, said + 12 * HOUR, said), "1")
    assert town.availability(said) == (Status.AVAILABLE, said + 8 * HOUR, None)
    assert town.status(said + 8 * HOUR) is Status.CLOSED


def test_available_ends_earlier_where_it_says_so() -> None:
    town = Town()
    town.say(busy((f"{MONDAY} 08:00", f"{MONDAY} 16:00")), "calendars")
    town.say(override("available", "09:00", "09:30"), "1")
    assert town.day(first="08:00", last="10:30") == "BBABB"


def test_available_opens_nobody_before_it_begins() -> None:
    town = Town()
    town.say(busy((f"{MONDAY} 08:00", f"{MONDAY} 12:00")), "calendars")
    town.say(override("available", "10:00", "11:00", set_at="08:00"), "1")
    assert town.day(first="08:00", last="12:00") == "BBBBAABB"
