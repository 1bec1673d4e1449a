"""Deputies, functions and service points: they are contacts, so the same rule holds for them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from presence.domain.directory import Publication, PublicationRule
from presence.domain.facts import Absence, Calendar, ChannelRecord, DayException, Override, Post, Queue, TopicRecord
from presence.domain.intervals import Status
from presence.domain.referral import Enquiry, Referral
from presence.domain.step import Step, take

from .town import MONDAY, ZONE, Town, at, busy

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
    town.person("bo")  # of a unit without anybody the public knows nothing
    town.apply("topic", "bygglov", "config", body=TopicRecord("Bygglov", units=units, contacts=contacts))
    found = Enquiry(town.picture, at(f"{MONDAY} 10:00"), topic="bygglov").topic_hours()
    assert found is not None
    assert found.spec.rule == hours


# --- when it opens ---

MORNINGS = (ChannelRecord("telephone", "+4619211234", hours="Mo-Fr 09:00-11:00"),)
"""A telephone that is answered between nine and eleven, of somebody who is in from eight to half past four."""


def with_telephone_hours(**fields: Any) -> Town:
    town = Town(**fields)
    town.person(channels=MORNINGS)
    return town


def opening(town: Town, when: str) -> str | None:
    """When the contact's own step opens, in local time."""
    [step] = [s for s in Enquiry(town.picture, at(when)).refer(town.contact()).steps if s.to == "contact"]
    assert not step.open
    if isinstance(step.opens, int):
        return f"{datetime.fromtimestamp(step.opens, ZONE):%Y-%m-%d %H:%M}"
    return str(step.opens) if step.opens else None


def test_a_telephone_that_is_shut_opens_with_its_own_hours() -> None:
    assert opening(with_telephone_hours(), f"{MONDAY} 14:00") == "2026-11-24 09:00"


def test_a_telephone_does_not_open_on_a_day_on_which_nobody_is_in() -> None:
    """Christmas Eve to Boxing Day; then a week-end."""
    assert opening(with_telephone_hours(), "2026-12-23 14:00") == "2026-12-28 09:00"


@pytest.mark.parametrize(
    "planned",
    [
        Absence(first="2026-11-24", last="2026-12-18"),
        busy(("2026-11-24 09:00", "2026-11-24 10:00")),
        busy(("2026-11-24 08:00", "2026-11-24 17:00"), status=Status.AWAY),
    ],
)
def test_what_is_planned_for_tomorrow_is_told_by_nothing_today(planned: Absence | Calendar) -> None:
    """Neither by a later opening nor by none: her telephone hours are what they are."""
    town = with_telephone_hours()
    free = Enquiry(town.picture, at(f"{MONDAY} 14:00"))
    told = free.refer(town.contact()), free.rings(town.contact(), free.offers(town.contact()))
    town.say(planned, *(("hr", "1") if isinstance(planned, Absence) else ("calendars",)))
    taken = Enquiry(town.picture, at(f"{MONDAY} 14:00"))
    assert told == (taken.refer(town.contact()), taken.rings(town.contact(), taken.offers(town.contact())))
    assert told[1] == at("2026-11-24 09:00")


@pytest.mark.parametrize("more", [(), (("2026-11-24 09:00", "2026-11-24 10:30"),)])
def test_nor_is_what_is_planned_after_a_return(more: tuple[tuple[str, str], ...]) -> None:
    town = with_telephone_hours()
    town.say(busy((f"{MONDAY} 08:30", f"{MONDAY} 13:00"), *more), "calendars")
    assert opening(town, f"{MONDAY} 10:00") == "2026-11-24"


def test_who_has_neither_telephone_nor_mail_opens_at_no_time() -> None:
    town = Town()
    town.person(channels=(ChannelRecord("post", "Storgatan 1"),))
    assert opening(town, f"{MONDAY} 14:00") is None


def test_a_day_on_which_a_place_is_closed_closes_its_telephone_too() -> None:
    town = Town(centre="centre")
    town.person(
        "centre",
        type="service_point",
        channels=MORNINGS,
        hours="Mo-Fr 07:30-17:00",
        exceptions=(DayException("2026-11-24"),),
    )
    enquiry = Enquiry(town.picture, at("2026-11-24 10:00"))
    step = enquiry.centre_step(town.contact("centre"))
    assert (step.open, [offer.open for offer in step.offers]) == (False, [False])
    evening = Enquiry(town.picture, at(f"{MONDAY} 17:30")).centre_step(town.contact("centre"))
    assert evening.opens == at("2026-11-25 09:00")


def test_whoever_says_to_be_in_outside_the_published_hours_is_reached() -> None:
    town = staffed()
    town.unsay("absence", "hr", "1")
    town.say(Override("available", at(f"{MONDAY} 18:00"), at(f"{MONDAY} 22:00"), 0), "1")
    assert opened(town, "19:00")[0] == ("contact", "anna")
    assert ("contact", "anna") not in opened(town, "22:30")


def test_a_day_stands_after_the_times_of_that_day() -> None:
    """Closed for the week-end: she is back "on Monday", the centre opens on Monday at half past seven."""
    town = staffed()
    town.unit("kansli")
    town.say(Absence(first="2026-11-20", last="2026-11-20"), "hr", "1")
    for name in ("bo", "carin"):
        town.say(Absence(first="2026-11-20", last="2026-12-20"), "hr", "1", contact=name)
    found = Enquiry(town.picture, at("2026-11-20 18:00")).refer(town.contact()).steps
    order = [step.to for step in found if step.opens]
    assert order == ["centre", "contact"]


@pytest.mark.parametrize("time", ["10:00", "20:00"])
def test_a_unit_and_its_topics_can_be_written_to(time: str) -> None:
    town = staffed()
    town.unit("kansli", channels=(ChannelRecord("e-mail", "kansli@example.se"),))
    town.unit("annex", parent="kansli")
    town.apply("topic", "bygglov", "config", body=TopicRecord("Bygglov", units=("annex",)))
    enquiry = Enquiry(town.picture, at(f"{MONDAY} {time}"), topic="bygglov")
    for referral in (enquiry.refer_unit("kansli"), enquiry.refer_unit("annex"), enquiry.refer_topic()):
        last = referral.steps[-1]
        assert (last.to, last.id, last.open) == ("mailbox", "kansli", True)
        assert [offer.channel.value for offer in last.offers] == ["kansli@example.se"]


def test_a_function_with_a_mail_address_is_the_mailbox_of_its_unit() -> None:
    town = staffed()
    town.person("brevlada", type="function", channels=(ChannelRecord("e-mail", "kansli@example.se"),))
    town.say(Absence(first="2026-11-20", last="2026-12-20"), "hr", "1")
    found = Enquiry(town.picture, at(f"{MONDAY} 10:00")).refer(town.contact(), "e-mail")
    assert found.mail_first == "mailbox"
    step, channel = take(found.steps, "e-mail") or (None, None)
    assert step
    assert channel
    assert (step.id, channel.value) == ("brevlada", "kansli@example.se")


def mailbox(town: Town) -> str:
    """The first mailbox that Anna's mail goes to."""
    found = Enquiry(town.picture, at(f"{MONDAY} 10:00")).refer(town.contact(), "e-mail")
    return next((step.id for step in found.steps if step.to == "mailbox"), "")


def test_of_several_functions_nobody_has_said_which_is_the_mailbox() -> None:
    """An alarm, the invoices: the next unit above is asked, and then the centre."""
    town = staffed()
    town.say(Absence(first="2026-11-20", last="2026-12-20"), "hr", "1")
    for name in ("larm", "fakturor"):
        town.person(name, type="function", channels=(ChannelRecord("e-mail", f"{name}@example.se"),))
    assert mailbox(town) == ""
    town.unit("förvaltning", channels=(ChannelRecord("e-mail", "forvaltning@example.se"),))
    town.unit("kansli", parent="förvaltning")
    assert mailbox(town) == "förvaltning"


def test_a_function_is_no_mailbox_of_a_unit_in_which_it_is_not_published() -> None:
    rules = Publication(
        (PublicationRule("*", "shown"), PublicationRule("Skydd", "staff"), PublicationRule("Skydd/Reception", "shown"))
    )
    town = Town(publication=rules, centre="centre")
    town.unit("skydd", name="Skydd")
    town.unit("reception", name="Reception", parent="skydd")
    town.unit("arkiv", name="Arkiv")
    town.person(unit="reception")
    town.person(
        "brev", type="function", posts=(Post("", "arkiv"), Post("", "skydd")), channels=(ChannelRecord("e-mail", "b@example.se"),)
    )
    town.say(Absence(first="2026-11-20", last="2026-12-20"), "hr", "1")
    assert mailbox(town) == ""


@pytest.mark.parametrize("status", [Status.AVAILABLE, Status.UNKNOWN])
def test_whoever_can_only_be_written_to_is_written_to(status: Status) -> None:
    town = Town(centre="centre")
    town.person(channels=(ChannelRecord("e-mail", "anna@example.se"),))
    if status is Status.UNKNOWN:
        town.source("calendars", ok_until=0)
    assert town.status(f"{MONDAY} 10:00") == status
    found = Enquiry(town.picture, at(f"{MONDAY} 10:00")).refer(town.contact())
    assert [step.open for step in found.steps if step.to == "contact"] == [True]


def test_nobody_is_led_to_a_deputy_who_can_only_be_written_to() -> None:
    town = staffed()
    town.person("bo", channels=(ChannelRecord("e-mail", "bo@example.se"),))
    town.say(Absence(first="2026-11-20", last="2026-12-20"), "hr", "1")
    found = Enquiry(town.picture, at(f"{MONDAY} 10:00")).refer(town.contact())
    assert "deputy" not in [step.to for step in found.steps]


@pytest.mark.parametrize(("time", "then"), [("10:00", "deputy"), ("20:00", "centre")])
def test_a_matter_of_relationship_waits_for_its_contact_before_it_goes_on(time: str, then: str) -> None:
    """By night, too, where otherwise the earliest opening is first."""
    town = staffed()
    town.unsay("absence", "hr", "1")
    town.say(busy((f"{MONDAY} 09:00", f"{MONDAY} 16:00")), "calendars")
    town.apply("topic", "vård", "config", body=TopicRecord("Vård", units=("kansli",), level="relationship"))
    found = Enquiry(town.picture, at(f"{MONDAY} {time}"), topic="vård").refer(town.contact())
    assert found.own_first
    assert [step.to for step in found.steps][:2] == ["contact", then]


@pytest.mark.parametrize(("time", "reachable"), [("10:00", True), ("20:00", False)])
def test_of_a_one_stop_topic_the_centre_is_who_can_be_reached(time: str, reachable: bool) -> None:
    town = staffed()
    town.apply("topic", "avfall", "config", body=TopicRecord("Avfall", level="one-stop"))
    enquiry = Enquiry(town.picture, at(f"{MONDAY} {time}"), topic="avfall")
    assert enquiry.reachable(enquiry.refer_topic()) == reachable


def test_a_post_that_is_staffs_alone_leads_nobody_there() -> None:
    """Bo is published in the library; that he works with protection too is told by no topic and by no unit above."""
    rules = Publication((PublicationRule("*", "shown"), PublicationRule("Kommun/Skydd", "staff")))
    town = Town(publication=rules, centre="centre")
    town.unit("kommun", name="Kommun")
    town.unit("skydd", name="Skydd", parent="kommun")
    town.unit("bibliotek", name="Bibliotek")
    town.person("bo", posts=(Post("", "bibliotek"), Post("", "skydd")), channels=(ChannelRecord("telephone", "+4619211002"),))
    town.say(Calendar(), "calendars", contact="bo")
    town.apply("topic", "skydd", "config", body=TopicRecord("Skyddat boende", units=("skydd",)))
    town.say(Absence(first="2026-11-20", last="2026-12-20"), "hr", "1")
    town.person(deputies=("bo",))
    enquiry = Enquiry(town.picture, at(f"{MONDAY} 10:00"), topic="skydd")
    found = (enquiry.refer(town.contact()), enquiry.refer_topic(), enquiry.refer_unit("kommun"))
    assert [step.id for each in found for step in each.steps if step.id == "bo"] == []
    assert [step.id for step in enquiry.refer_unit("bibliotek").steps][:1] == ["bo"]


def test_a_service_point_that_a_topic_names_is_offered_for_it() -> None:
    town = staffed()
    town.person("tip", type="service_point", hours="24/7", channels=(ChannelRecord("visit", "Tippvägen 1"),), posts=())
    town.apply("topic", "avfall", "config", body=TopicRecord("Avfall", contacts=("tip",)))
    town.say(Absence(first="2026-11-20", last="2026-12-20"), "hr", "1")
    enquiry = Enquiry(town.picture, at(f"{MONDAY} 20:00"), topic="avfall")
    assert ("service-point", "tip", True) in [(s.to, s.id, s.open) for s in enquiry.refer(town.contact()).steps]
    assert enquiry.reachable(enquiry.refer_topic())


@pytest.mark.parametrize("topic", ["", "avfall"])
def test_a_centre_that_takes_no_mail_is_no_reader_of_it(topic: str) -> None:
    town = Town(centre="centre")
    town.person(
        "centre", type="service_point", hours="Mo-Fr 07:30-17:00", posts=(), channels=(*TELEPHONE, ChannelRecord("post", "Box 1"))
    )
    town.unit("kansli", channels=(ChannelRecord("e-mail", "kansli@example.se"),))
    town.person(channels=(ChannelRecord("e-mail", "anna@example.se"),))
    town.apply("topic", "avfall", "config", body=TopicRecord("Avfall", level="one-stop"))
    town.say(Absence(first="2026-11-20", last="2026-12-20"), "hr", "1")
    found = Enquiry(town.picture, at(f"{MONDAY} 10:00"), topic=topic).refer(town.contact(), "e-mail")
    assert found.mail_first == "mailbox"
    assert [step.to for step in found.steps][:2] == ["mailbox", "contact"]
