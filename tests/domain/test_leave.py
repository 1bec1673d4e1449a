"""Leave: what HR says, and automatic replies with an end."""

import pytest

from presence.domain.facts import Absence, Post, Presence
from presence.domain.hours import HoursSpec
from presence.domain.intervals import FOREVER, Status

from .town import MONDAY, Town, at, busy

TUESDAY = "2026-11-24"


def test_dated_leave_of_an_office_worker_covers_the_calendar_day() -> None:
    town = Town()
    town.say(Absence(first=MONDAY, last=MONDAY), "hr", "1")
    start, end = at(f"{MONDAY} 00:00"), at(f"{TUESDAY} 00:00")
    assert [town.status(t) for t in (start - 1, start, end - 1, end)] == ["closed", "away", "away", "closed"]
    assert town.until(f"{MONDAY} 10:00") == f"{TUESDAY} 08:00"


NIGHTS = {"hours": "Mo-Su 21:00-07:00"}


def test_dated_leave_covers_the_night_shift_that_begins_on_its_day_past_midnight() -> None:
    town = Town()
    town.person(**NIGHTS)
    town.say(Absence(first=MONDAY, last=MONDAY), "hr", "1")
    assert town.status(f"{MONDAY} 06:59") is Status.AVAILABLE  # Sunday's shift goes on
    assert town.status(f"{MONDAY} 07:00") is Status.AWAY
    assert town.status(f"{TUESDAY} 06:59") is Status.AWAY
    assert town.status(f"{TUESDAY} 07:00") is Status.CLOSED
    assert town.until(f"{MONDAY} 22:00") == f"{TUESDAY} 21:00"


def test_dated_leave_goes_by_the_private_schedule_where_there_is_one() -> None:
    town = Town(hours=HoursSpec("24/7"))
    town.person(schedule="Mo-Su 21:00-07:00")
    town.say(Absence(first=MONDAY, last=MONDAY), "hr", "1")
    assert town.status(f"{MONDAY} 06:59") is Status.AVAILABLE
    assert town.status(f"{TUESDAY} 06:59") is Status.AWAY


def test_leave_until_further_notice_has_no_end() -> None:
    town = Town()
    town.say(Absence(first=MONDAY), "hr", "1")
    assert town.availability(f"{MONDAY} 10:00") == (Status.AWAY, FOREVER, None)
    assert town.status("2029-06-01 10:00") is Status.AWAY


@pytest.mark.parametrize("last", ["9999-12-31", "9999-12-30", "9000-01-01"])
def test_leave_until_a_day_that_stands_for_no_end_is_leave(last: str) -> None:
    town = Town()
    town.say(Absence(first=MONDAY, last=last), "hr", "1")
    assert town.status(f"{MONDAY} 10:00") is Status.AWAY
    assert town.status("2029-06-01 10:00") is Status.AWAY


@pytest.mark.parametrize("end", [253402214400, 2**40, 2**61])
def test_leave_until_an_instant_that_no_calendar_reaches_is_leave(end: int) -> None:
    town = Town()
    town.say(Absence(at(f"{MONDAY} 09:00"), end), "hr", "1")
    assert town.day(first="08:00", last="10:00") == "AAWW"


def test_leave_with_instants_covers_them_exactly() -> None:
    town = Town()
    town.say(Absence(at(f"{MONDAY} 10:00"), at(f"{MONDAY} 12:30")), "hr", "1")
    assert town.day(first="09:00", last="14:00") == "AAWWWWWAAA"
    assert town.until(f"{MONDAY} 10:00") == f"{MONDAY} 12:30"


@pytest.mark.parametrize(
    ("extents", "expected"),
    [
        ([1.0], "away"),
        ([0.5], "unknown"),
        ([0.5, 0.5], "away"),
        ([0.25, 0.25], "unknown"),
        ([0.33, 0.33, 0.34], "away"),
        ([0.8, 0.8], "away"),
        ([0.0], "available"),
    ],
)
def test_extents_of_overlapping_leaves_add_up(extents: list[float], expected: str) -> None:
    town = Town()
    for i, extent in enumerate(extents):
        town.say(Absence(first=MONDAY, extent=extent), "hr", str(i))
    assert town.status(f"{MONDAY} 10:00") == expected


def test_extents_add_up_only_while_they_overlap() -> None:
    town = Town()
    town.say(Absence(at(f"{MONDAY} 08:00"), at(f"{MONDAY} 12:00"), extent=0.5), "hr", "1")
    town.say(Absence(at(f"{MONDAY} 10:00"), at(f"{MONDAY} 14:00"), extent=0.5), "hr", "2")
    assert town.day(first="08:00", last="15:00") == "UUUUWWWWUUUUAA"


@pytest.mark.parametrize(
    ("leaves", "expected"),
    [
        ([("a", 1.0, 0.6)], "unknown"),  # the other employment goes on
        ([("a", 1.0, 0.6), ("b", 1.0, 0.4)], "away"),
        ([("a", 1.0, 0.6), ("b", 0.5, 0.4)], "unknown"),
        ([("a", 0.5, 0.6), ("a", 0.5, 0.6), ("b", 1.0, 0.4)], "away"),
        ([("a", 1.0, 0.6), ("a", 1.0, 0.6)], "unknown"),  # no employment is left for more than whole
        ([("a", 1.0, 0.33), ("b", 1.0, 0.33), ("c", 1.0, 0.34)], "away"),
        ([("a", 1.0, 1.0)], "away"),  # the only employment, whatever part of full time it is
    ],
)
def test_extents_add_up_over_employments_weighted_by_their_share(leaves: list[tuple[str, float, float]], expected: str) -> None:
    town = Town()
    town.person(posts=(Post("Lärare", "kansli", "a", 0.6), Post("Handläggare", "kansli", "b", 0.4)))
    for i, (employment, extent, share) in enumerate(leaves):
        town.say(Absence(first=MONDAY, extent=extent, employment=employment, share=share), "hr", str(i))
    assert town.status(f"{MONDAY} 10:00") == expected


def test_an_extent_without_an_employment_is_of_all_working_time() -> None:
    town = Town()
    town.say(Absence(first=MONDAY, extent=0.4), "hr", "1")
    town.say(Absence(first=MONDAY, extent=1.0, employment="a", share=0.6), "hr", "2")
    assert town.status(f"{MONDAY} 10:00") is Status.AWAY


def test_extents_add_up_over_sources() -> None:
    town = Town()
    town.say(Absence(first=MONDAY, extent=0.5), "hr", "1")
    town.say(Absence(first=MONDAY, extent=0.5), "schools", "1")
    assert town.status(f"{MONDAY} 10:00") is Status.AWAY


def test_partial_leave_without_a_schedule_is_doubt() -> None:
    """Nobody knows which half, so nothing is assumed; what is known still shows."""
    town = Town()
    town.say(Absence(first=MONDAY, extent=0.5), "hr", "1")
    town.say(busy((f"{MONDAY} 10:00", f"{MONDAY} 11:00")), "calendars")
    town.say(Presence("available", at(f"{MONDAY} 13:00"), at(f"{MONDAY} 14:00")), "chat", "sip:anna@x", "")
    assert town.day() == "CCCCUUUUBBUUUUAAUUUUUCCCCCCC"


def test_a_part_timer_with_a_schedule_is_away_outside_it_and_reachable_inside() -> None:
    town = Town()
    town.person(schedule="Mo-We 08:00-12:00")
    town.say(Absence(first=MONDAY, extent=0.5), "hr", "1")
    assert town.day() == "CCCCAAAAAAAAWWWWWWWWWCCCCCCC"
    assert town.until(f"{MONDAY} 13:00") == f"{TUESDAY} 08:00"


def test_leave_of_all_working_time_wins_over_a_schedule() -> None:
    town = Town()
    town.person(schedule="Mo-We 08:00-12:00")
    town.say(Absence(first=MONDAY, last=MONDAY), "hr", "1")
    assert town.status(f"{MONDAY} 09:00") is Status.AWAY


def test_an_automatic_reply_with_an_end_is_leave() -> None:
    town = Town()
    town.say(Absence(at(f"{MONDAY} 12:00"), at("2026-11-26 08:00")), "replies", "oof")
    assert town.day() == "CCCCAAAAAAAAWWWWWWWWWWWWWWWW"
    assert town.until(f"{MONDAY} 13:00") == "2026-11-26 08:00"


def test_leave_wins_over_live_presence_and_calendar() -> None:
    town = Town()
    town.say(busy((f"{MONDAY} 09:00", f"{MONDAY} 10:00")), "calendars")
    town.say(Presence("available", 0, FOREVER), "chat", "sip:anna@x", "")
    town.say(Presence("busy", 0, FOREVER), "switchboard", "ext:12", "")
    town.say(Absence(first=MONDAY), "hr", "1")
    assert set(town.day()) == {"W"}


def test_a_leave_without_a_share_has_the_one_that_the_directory_knows_of_its_employment() -> None:
    town = Town()
    town.person(posts=(Post("Lärare", "kansli", "a", 0.6), Post("Handläggare", "kansli", "b", 0.4)))
    town.say(Absence(first=MONDAY, employment="a"), "hr", "1")
    assert town.status(f"{MONDAY} 10:00") == "unknown"
    town.say(Absence(first=MONDAY, employment="b"), "hr", "2")
    assert town.status(f"{MONDAY} 10:00") == "away"
