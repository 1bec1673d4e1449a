"""Deputies, functions and service points: they are contacts, so the same rule holds for them."""

from collections.abc import Callable

import pytest

from presence.domain.facts import Absence, Calendar, ChannelRecord, Override, Queue, TopicRecord
from presence.domain.intervals import Status
from presence.domain.referral import Enquiry, Referral, Step

from .town import MONDAY, Town, at

TELEPHONE = (ChannelRecord("telephone", "+4619211234"),)
TODAY = Absence(first=MONDAY, last=MONDAY)


def staffed() -> Town:
    """Anna is on leave, Bo stands in for her and Carin for him; a service point and the centre are there."""
    town = Town(centre="centre")
    town.unit("kansli", service_point="reception")
    town.person("reception", type="service_point", channels=TELEPHONE, hours="Mo-Fr 10:00-15:00")
    town.person("centre", type="service_point", channels=TELEPHONE, hours="Mo-Fr 07:30-17:00")
    town.person("anna", channels=TELEPHONE, deputies=("bo",))
    town.person("bo", channels=TELEPHONE, deputies=("carin",))
    town.person("carin", channels=TELEPHONE, deputies=("anna",))
    for name in ("bo", "carin"):
        town.say(Calendar(), "calendars", contact=name)
    town.say(TODAY, "hr", "1")
    return town


def steps(town: Town, time: str, contact: str = "anna") -> list[Step]:
    return list(Enquiry(town.picture, at(f"{MONDAY} {time}")).refer(town.contact(contact)).steps)


def opened(town: Town, time: str) -> list[tuple[str, str]]:
    return [(step.to, step.id) for step in steps(town, time) if step.open]


def test_a_deputy_who_is_available_is_offered() -> None:
    assert opened(staffed(), "11:00") == [("deputy", "bo"), ("service-point", "reception"), ("centre", "centre")]


def test_a_deputy_on_leave_is_passed_over_for_the_next_in_the_chain() -> None:
    town = staffed()
    town.say(TODAY, "hr", "1", contact="bo")
    assert opened(town, "11:00")[0] == ("deputy", "carin")


def test_with_every_deputy_on_leave_the_unit_and_the_centre_remain() -> None:
    town = staffed()
    for name in ("bo", "carin"):
        town.say(TODAY, "hr", "1", contact=name)
    assert opened(town, "11:00") == [("service-point", "reception"), ("centre", "centre")]


def test_a_deputy_of_whom_nothing_is_known_is_not_offered() -> None:
    town = staffed()
    town.unsay("calendar", "calendars", contact="bo")
    town.unsay("calendar", "calendars", contact="carin")
    assert not [step for step in steps(town, "11:00") if step.to == "deputy"]


@pytest.mark.parametrize("body", [Absence(first=MONDAY, last=MONDAY, deputy="carin"), Override("away", 0, 2**40, 0, "carin")])
def test_a_deputy_named_for_this_absence_comes_before_the_standing_one(body: Absence | Override) -> None:
    town = staffed()
    town.say(body, *(("hr", "1") if isinstance(body, Absence) else ("1",)))
    assert opened(town, "11:00")[0] == ("deputy", "carin")


def test_a_closed_service_point_is_shown_with_its_opening_and_not_taken() -> None:
    point = next(step for step in steps(staffed(), "09:00") if step.to == "service-point")
    assert (point.open, point.opens) == (False, at(f"{MONDAY} 10:00"))


def test_a_service_point_is_open_by_its_hours_alone() -> None:
    town = staffed()
    for source in town.rules.sources:
        town.source(source, ok_until=0)
    assert [town.status(f"{MONDAY} {t}", "reception") for t in ("09:59", "10:00", "15:00")] == ["closed", "available", "closed"]


def test_a_function_that_is_set_busy_by_hand_is_busy() -> None:
    town = Town()
    town.person("brevlada", type="function")
    town.say(Override("busy", 0, 2**40, 0), "1", contact="brevlada")
    assert town.status(f"{MONDAY} 10:00", "brevlada") is Status.BUSY


def with_a_long_queue() -> Town:
    """Forty minutes at the centre, where a quarter of an hour is the most that is borne."""
    town = Town(centre="centre", waiting_limit=900)
    town.unit("kansli")
    town.person("centre", type="service_point", channels=(*TELEPHONE, ChannelRecord("e-mail", "kontakt@example.se")))
    town.person("anna", channels=TELEPHONE)
    town.apply("queue", "waiting", body=Queue(2_400, at(f"{MONDAY} 09:00"), at(f"{MONDAY} 12:00")))
    town.apply("topic", "bygglov", "config", body=TopicRecord("Bygglov", units=("kansli",)))
    return town


@pytest.mark.parametrize("asked", ["contact", "unit", "topic", "nobody"])
def test_with_a_long_queue_the_centre_is_written_to_first_whoever_was_asked_for(asked: str) -> None:
    town = with_a_long_queue()
    enquiry = Enquiry(town.picture, at(f"{MONDAY} 10:00"), topic="bygglov" if asked == "topic" else "")
    ways: dict[str, Callable[[], Referral]] = {
        "contact": lambda: enquiry.refer(town.contact()),
        "unit": lambda: enquiry.refer_unit("kansli"),
        "topic": enquiry.refer_topic,
        "nobody": lambda: enquiry.refer(None),
    }
    referral = ways[asked]()
    [centre] = [step for step in referral.steps if step.to == "centre"]
    assert [offer.channel.kind for offer in centre.offers] == ["e-mail", "telephone"]


@pytest.mark.parametrize(
    ("units", "contacts", "hours"),
    [(("kansli",), (), "Mo-Fr 09:00-12:00"), ((), ("anna",), "Mo-Fr 13:00-15:00"), (("kansli",), ("anna",), "Mo-Fr 09:00-12:00")],
)
def test_a_topic_keeps_the_hours_of_those_who_handle_it(units: tuple[str, ...], contacts: tuple[str, ...], hours: str) -> None:
    town = Town()
    town.unit("kansli", hours="Mo-Fr 09:00-12:00")
    town.unit("annex")
    town.person("anna", unit="annex", hours="Mo-Fr 13:00-15:00")
    town.apply("topic", "bygglov", "config", body=TopicRecord("Bygglov", units=units, contacts=contacts))
    found = Enquiry(town.picture, at(f"{MONDAY} 10:00"), topic="bygglov").topic_hours()
    assert found is not None
    assert found.spec.rule == hours
