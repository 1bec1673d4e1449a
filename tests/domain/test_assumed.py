"""What `assumed` needs: hours, evidence, and every linked source inside its limit."""

import pytest

from presence.domain.facts import Absence, Calendar, Override, Presence
from presence.domain.intervals import DOUBT, FOREVER, Instant, Intervals, Opinion, Status
from presence.domain.rules import SourceRule

from .town import MONDAY, SOURCES, Town, at, busy

NINE, TEN, NOON = at(f"{MONDAY} 09:00"), at(f"{MONDAY} 10:00"), at(f"{MONDAY} 12:00")
CHAT = ("chat", "sip:anna@example.se", "")


def unlinked(**rules: object) -> Town:
    """Anna without her calendar."""
    town = Town(**rules)
    town.unsay("calendar", "calendars")
    return town


def test_hr_alone_never_makes_anybody_available() -> None:
    town = unlinked()
    town.person(aliases=("employee:10023",))
    town.say(Absence(first="2026-11-01", last="2026-11-02"), "hr", "1")
    assert town.day() == "CCCCUUUUUUUUUUUUUUUUUCCCCCCC"


def test_leave_is_evidence_where_it_is_configured_so() -> None:
    town = unlinked(leave_is_evidence=True)
    assert town.status(TEN) is Status.UNKNOWN  # no alias by which the leave source knows her
    town.person(aliases=("employee:10023",))
    assert town.status(TEN) is Status.AVAILABLE


def test_a_linked_calendar_is_evidence_though_it_is_empty() -> None:
    assert Town().status(TEN) is Status.AVAILABLE
    assert unlinked().status(TEN) is Status.UNKNOWN


def test_a_linked_presence_source_is_evidence_though_it_has_nothing_to_report() -> None:
    town = unlinked()
    town.link("chat")
    assert town.status(TEN) is Status.AVAILABLE


def test_a_report_that_lapsed_long_ago_still_links() -> None:
    town = unlinked()
    town.say(Presence("busy", NINE, NINE + 60), *CHAT)
    assert town.status(TEN) is Status.AVAILABLE


@pytest.mark.parametrize("where", ["configuration", "source"])
def test_a_presence_source_without_heartbeats_is_no_evidence(where: str) -> None:
    rule = SourceRule("presence", 900, heartbeats=where != "configuration")
    town = unlinked(sources={**SOURCES, "chat": rule})
    town.source("chat", heartbeats=where != "source")
    town.link("chat")
    town.say(Presence("busy", TEN, NOON), *CHAT)
    assert town.day() == "CCCCUUUUBBBBUUUUUUUUUCCCCCCC"


@pytest.mark.parametrize("source", ["calendars", "chat", "hr"])
def test_every_linked_source_must_be_inside_its_limit(source: str) -> None:
    town = Town()
    town.person(aliases=("employee:10023",))
    town.link("chat")
    town.source(source, ok_until=TEN)
    assert town.day() == "CCCCAAAAUUUUUUUUUUUUUCCCCCCC"
    assert town.availability(NINE).valid_until == TEN


@pytest.mark.parametrize("source", ["chat", "hr", "directory", "switchboard"])
def test_a_source_that_the_contact_is_not_linked_to_does_not_matter(source: str) -> None:
    town = Town()
    town.source(source, ok_until=0)
    assert town.status(TEN) is Status.AVAILABLE


def test_a_leave_source_is_linked_by_an_alias_of_its_kind() -> None:
    town = Town()
    town.source("hr", ok_until=0)
    town.person(aliases=("mail:anna@example.se", "employee2:1"))
    assert town.status(TEN) is Status.AVAILABLE
    town.person(aliases=("mail:anna@example.se", "employee:10023"))
    assert town.status(TEN) is Status.UNKNOWN


def test_a_source_of_which_nothing_was_ever_heard_is_past_its_limit() -> None:
    town = Town()
    town.apply("source", "calendars", body=None)
    assert town.status(TEN) is Status.UNKNOWN


def test_a_dead_calendar_keeps_the_meeting_it_knows_and_nothing_else() -> None:
    town = Town()
    town.say(busy((f"{MONDAY} 10:00", f"{MONDAY} 12:00")), "calendars")
    town.source("calendars", ok_until=NINE)
    assert town.day() == "CCCCAAUUBBBBUUUUUUUUUCCCCCCC"
    assert town.until(TEN) == f"{MONDAY} 12:00"  # a forecast takes it that sources come back


def test_dead_sources_keep_leave_and_closing_times_too() -> None:
    town = Town()
    town.person(aliases=("employee:10023",))
    town.say(Absence(TEN, NOON), "hr", "1")
    for source in SOURCES:
        town.source(source, ok_until=0)
    assert town.day() == "CCCCUUUUWWWWUUUUUUUUUCCCCCCC"


def test_one_persons_failing_feed_makes_only_that_person_unknown() -> None:
    town = Town()
    town.person("bo")
    town.say(Calendar(), "calendars", contact="bo")
    known = busy((f"{MONDAY} 10:00", f"{MONDAY} 11:00"))
    town.say(Calendar(known.intervals, ok_until=NINE), "calendars")
    assert town.day() == "CCCCAAUUBBUUUUUUUUUUUCCCCCCC"
    assert town.day(contact="bo") == "CCCCAAAAAAAAAAAAAAAAACCCCCCC"


def test_a_failing_feed_without_known_success_ends_at_once() -> None:
    town = Town()
    town.say(Calendar(ok_until=0), "calendars")
    assert town.status(TEN) is Status.UNKNOWN


def test_one_persons_failing_leave_feed_counts_where_she_is_linked_to_it() -> None:
    town = Town()
    town.person(aliases=("employee:10023",))
    town.say(Absence(first="2026-12-01", last="2026-12-02", ok_until=TEN), "hr", "1")
    assert town.day() == "CCCCAAAAUUUUUUUUUUUUUCCCCCCC"


def test_a_mark_that_a_leave_could_not_be_read_withholds_available_and_makes_nobody_away() -> None:
    town = Town()
    town.person(aliases=("employee:10023",))
    town.say(Absence(extent=0, ok_until=TEN), "hr", "unread")
    assert town.day() == "CCCCAAAAUUUUUUUUUUUUUCCCCCCC"


def test_an_event_without_known_bounds_makes_free_time_unknown_and_keeps_meetings() -> None:
    town = Town()
    spans: list[tuple[Instant, Instant, Opinion]] = [
        (TEN, FOREVER, DOUBT),
        (NINE, TEN, Status.BUSY),
        (NOON, NOON + 3600, Status.BUSY),
    ]
    town.say(Calendar(Intervals.of(spans)), "calendars")
    assert town.day() == "CCCCAABBUUUUBBUUUUUUUCCCCCCC"


@pytest.mark.parametrize("type_", ["function", "service_point"])
def test_for_functions_and_service_points_hours_are_evidence(type_: str) -> None:
    town = unlinked()
    town.person("brevlada", type=type_)
    assert town.day(contact="brevlada") == "CCCCAAAAAAAAAAAAAAAAACCCCCCC"
    assert town.until(f"{MONDAY} 18:00", "brevlada") == "2026-11-24 08:00"


def test_a_function_whose_linked_calendar_is_dead_is_unknown() -> None:
    town = Town()
    town.person(type="function")
    town.source("calendars", ok_until=0)
    assert town.status(TEN) is Status.UNKNOWN


def test_somebody_who_says_so_is_available_without_any_evidence() -> None:
    town = unlinked()
    town.say(Override("available", NINE, TEN, NINE), "1")
    assert town.day() == "CCCCUUAAUUUUUUUUUUUUUCCCCCCC"


def test_a_live_report_of_available_needs_no_other_evidence() -> None:
    town = Town()
    town.source("calendars", ok_until=0)
    town.say(Presence("available", NINE, TEN), *CHAT)
    assert town.day() == "CCCCUUAAUUUUUUUUUUUUUCCCCCCC"


def test_an_available_lease_that_nobody_renews_ends_in_unknown_where_evidence_has_ended() -> None:
    town = Town()
    town.link("chat")
    town.source("chat", ok_until=TEN)
    town.say(Presence("available", NINE, TEN + 300), *CHAT)
    assert [town.status(t) for t in (TEN, TEN + 299, TEN + 300)] == ["available", "available", "unknown"]
