"""Live presence: leases, devices, and what idle and offline mean."""

import pytest

from presence.domain.facts import Presence
from presence.domain.intervals import FOREVER, Status

from .town import MONDAY, Town, at, busy


def report(status: str, first: str, last: str) -> Presence:
    return Presence(status, at(f"{MONDAY} {first}"), at(f"{MONDAY} {last}"))  # type: ignore[arg-type]


CHAT = ("chat", "sip:anna@example.se", "")


@pytest.mark.parametrize("status", ["available", "busy", "away"])
def test_a_report_is_a_lease_under_which_the_rest_shows_through_when_it_lapses(status: str) -> None:
    town = Town()
    town.say(busy((f"{MONDAY} 08:00", f"{MONDAY} 09:00"), (f"{MONDAY} 12:00", f"{MONDAY} 13:00")), "calendars")
    town.say(report(status, "09:00", "11:00"), *CHAT)
    letter = {"available": "A", "busy": "B", "away": "W"}[status]
    assert town.day(first="08:00", last="14:00") == "BB" + 4 * letter + "AABBAA"


def test_busy_beats_a_free_calendar() -> None:
    town = Town()
    town.say(report("busy", "09:00", "10:00"), *CHAT)
    assert town.day(first="08:00", last="11:00") == "AABBAA"


def test_available_does_not_beat_a_meeting() -> None:
    town = Town()
    town.say(busy((f"{MONDAY} 09:00", f"{MONDAY} 10:00")), "calendars")
    town.say(report("available", "08:00", "11:00"), *CHAT)
    assert town.day(first="08:00", last="11:00") == "AABBAA"


def test_an_absence_told_by_a_switchboard_counts_as_one() -> None:
    town = Town()
    town.say(report("away", "09:00", "10:00"), "switchboard", "ext:12", "")
    assert town.day(first="08:00", last="11:00") == "AAWWAA"


def test_of_several_devices_busy_wins_then_available_then_nothing() -> None:
    town = Town()
    town.source("calendars", ok_until=0)  # so that nothing is assumed
    town.say(report("busy", "09:00", "10:00"), *CHAT[:2], "desk")
    town.say(report("available", "08:00", "11:00"), *CHAT[:2], "phone")
    town.say(report("idle", "08:00", "12:00"), *CHAT[:2], "tablet")
    assert town.day(first="08:00", last="12:00") == "AABBAAUU"


def test_of_several_live_sources_busy_wins_whatever_they_are_called() -> None:
    for busy_one, free_one in (("chat", "switchboard"), ("switchboard", "chat")):
        town = Town()
        town.say(report("busy", "09:00", "10:00"), busy_one, "ext:12", "")
        town.say(report("available", "08:00", "11:00"), free_one, "ext:12", "")
        assert town.day(first="08:00", last="11:00") == "AABBAA"


def test_of_two_live_sources_away_wins_over_busy_whatever_they_are_called() -> None:
    for away_one, busy_one in (("chat", "switchboard"), ("switchboard", "chat")):
        town = Town()
        town.say(report("away", "09:00", "10:00"), away_one, "ext:12", "")
        town.say(report("busy", "09:00", "11:00"), busy_one, "ext:12", "")
        assert town.day(first="08:00", last="11:00") == "AAWWBB"


def test_idle_means_nothing() -> None:
    town = Town()
    town.say(report("idle", "06:00", "20:00"), *CHAT)
    assert town.day() == "CCCCAAAAAAAAAAAAAAAAACCCCCCC"


def test_offline_is_doubt_after_thirty_minutes() -> None:
    town = Town()
    town.say(report("offline", "10:00", "12:00"), *CHAT)
    assert town.day() == "CCCCAAAAAUUUAAAAAAAAACCCCCCC"


def test_offline_counts_open_hours_only() -> None:
    """Whoever shut the computer down at 16:15 and has not come by 08:14 may yet be on the way."""
    town = Town()
    town.say(Presence("offline", at("2026-11-20 16:15"), FOREVER), *CHAT)
    assert town.status(f"{MONDAY} 08:14") is Status.AVAILABLE
    assert town.status(f"{MONDAY} 08:15") is Status.UNKNOWN


def test_offline_doubt_does_not_hide_what_is_known() -> None:
    town = Town()
    town.say(busy((f"{MONDAY} 11:00", f"{MONDAY} 12:00")), "calendars")
    town.say(report("offline", "08:00", "14:00"), *CHAT)
    assert town.day(first="08:00", last="15:00") == "AUUUUUBBUUUUAA"


@pytest.mark.parametrize("source", ["chat", "switchboard"])
def test_one_device_that_is_there_outweighs_another_that_is_offline(source: str) -> None:
    town = Town()
    town.say(report("offline", "08:00", "14:00"), *CHAT)
    town.say(report("available", "10:00", "11:00"), source, "ext:12", "phone")
    assert town.day(first="08:00", last="12:00") == "AUUUAAUU"


def test_how_long_a_client_must_be_offline_is_configured() -> None:
    town = Town(offline=2 * 3600)
    town.say(report("offline", "08:00", "14:00"), *CHAT)
    assert town.day(first="08:00", last="12:00") == "AAAAUUUU"


def test_no_lease_is_told_as_a_time_of_return() -> None:
    town = Town()
    town.say(report("busy", "09:00", "10:00"), *CHAT)
    assert town.availability(f"{MONDAY} 09:30") == (Status.BUSY, at(f"{MONDAY} 10:00"), None)


def test_under_a_lease_the_forecast_is_that_of_what_lasts() -> None:
    town = Town()
    town.say(busy((f"{MONDAY} 09:00", f"{MONDAY} 10:00")), "calendars")
    town.say(report("busy", "09:00", "10:30"), *CHAT)
    assert town.until(f"{MONDAY} 09:30") == f"{MONDAY} 10:00"


def test_an_answer_under_a_lease_is_computed_again_when_its_forecast_is_over() -> None:
    """Else a page would go on saying "back at 10:00" until the call is over at 10:30."""
    town = Town()
    town.say(busy((f"{MONDAY} 09:00", f"{MONDAY} 10:00"), (f"{MONDAY} 10:15", f"{MONDAY} 11:00")), "calendars")
    town.say(report("away", "09:00", "10:30"), *CHAT)
    told = [(town.until(f"{MONDAY} {t}"), town.availability(f"{MONDAY} {t}").valid_until) for t in ("09:30", "10:00", "10:15")]
    assert told == [
        (f"{MONDAY} 10:00", at(f"{MONDAY} 10:00")),
        (None, at(f"{MONDAY} 10:15")),
        (f"{MONDAY} 11:00", at(f"{MONDAY} 10:30")),
    ]
