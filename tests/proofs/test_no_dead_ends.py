"""Somebody answers: whatever is asked at whatever hour ends in a step that works now, or says when one will.

Every hour of a week and the night before Christmas, over the demonstration's contacts: a sample of hours, contacts and pages in
the ordinary run, all hours, contacts and kinds with PRESENCE_FULL=1.
"""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

import pytest

from presence.domain.intervals import Instant, Status
from presence.domain.step import Step
from tests.proofs.municipality import ADDRESS, FULL, Card, goes_on, municipality, public
from tests.web.service import Answer, Service
from tests.web.town import DAY, HOUR, at

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(7_200)]

MONDAY = at("2026-11-23 00:00")
CHRISTMAS = at("2026-12-24 23:00")
LIMIT = 1_000 if FULL else 200
EACH = 40 if FULL else 25  # of so many contacts one is led through every kind of channel, each hour others
UNKNOWN = "a" * 16
WHEN = re.compile(r"\d{1,2}\.\d{2}|\bi dag\b|\bi morgon\b|(?:mån|tis|ons|tors|fre|lör|sön)dag|från \d|dygnet runt")
"""How the sentences say a time."""


@pytest.fixture(scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async with municipality(tmp_path_factory.mktemp("municipality"), MONDAY) as service:
        yield service


def works(step: dict[str, Any]) -> bool:
    """That the visitor can do it now."""
    return bool(step["open"] and ("href" in step or any(channel["open"] for channel in step["channels"])))


def leads_on(answer: dict[str, Any]) -> bool:
    """It names a step that works, or when one opens, and says so in words."""
    referral = answer["referral"]
    says_when = "until" in answer.get("availability", {})
    return bool(referral["text"] or says_when) and any(works(step) or "opens" in step for step in referral["steps"])


def page_leads_on(page: Answer) -> bool:
    """The same of a page: an open step with a link to take, or a sentence with a time."""
    steps = Card(page.body).steps
    return any((step.open and step.ways) or (not step.open and WHEN.search(step.say)) for step in steps)


class Walk:
    """What came of all that was asked."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.seen: Counter[str] = Counter()
        self.ends: list[str] = []
        units = service.board.public.units.values()
        self.mailboxes = {f"mailto:{channel.value}" for unit in units for channel in unit.channels}

    def judge(self, what: str, good: bool, where: str) -> None:
        self.seen[what] += 1
        if not good:
            self.ends.append(f"{what}: {where} at {self.service.clock.t}")

    async def answer(self, contact: str) -> dict[str, Any]:
        target = f"/v1/contacts/{contact}"
        answer = await self.service.get(target)
        told = answer.json()
        self.judge(f"answer {told['availability']['status']}", leads_on(told), target)
        return dict(told)

    async def links(self, answer: dict[str, Any], centre: dict[str, Any]) -> None:
        """Every kind of channel that the contact or the centre has."""
        kinds = {channel["kind"] for channel in (*answer["channels"], *centre["channels"])}
        for kind in sorted(kinds):
            target = f"/go/{answer['id']}/{kind}"
            gone = await self.service.get(target)
            location = gone.header("location") or ""
            if gone.status == 303 and location.startswith(f"{ADDRESS}/go/"):
                page = await self.service.get(location.removeprefix(ADDRESS))
                self.judge(f"steps for {kind}", page.status == 200 and page_leads_on(page), target)
            else:
                is_open = location in self.mailboxes if kind == "e-mail" else False
                is_open |= location in _open_values(answer, centre)
                self.judge(f"{kind} at once", gone.status == 303 and is_open, target)

    def every_link(self, answer: dict[str, Any], centre: dict[str, Any]) -> None:
        """The same without HTTP: what the route asks for each kind."""
        open_values = set(_open_values(answer, centre))
        for kind in sorted({channel["kind"] for channel in (*answer["channels"], *centre["channels"])}):
            leads, referral = self.service.surface.go(answer["id"], kind)
            if leads is None:
                good = referral is not None and any(_goes_on(step) for step in referral.steps)
            else:
                good = leads in open_values or (kind == "e-mail" and leads in self.mailboxes)
            self.judge(f"every {kind}", good, f"{answer['id']} {kind}")

    def openings(self, answer: dict[str, Any]) -> None:
        """That a step opens when it says: by hours, holidays included. What else is planned then is told by nothing."""
        for step in answer["referral"]["steps"]:
            if len(step.get("opens", "")) > 10:
                t = int(datetime.fromisoformat(step["opens"]).timestamp())
                contact = self.service.board.public.contact(step["id"])
                foreseen = self.service.board.public.foreseen(contact, t) if contact else None
                by_hours = contact and (
                    foreseen is Status.AVAILABLE or (contact.type == "person" and foreseen is not Status.CLOSED)
                )
                self.judge("opening", bool(by_hours), f"{step['id']} at {step['opens']}")

    async def missing(self) -> None:
        """Nobody's id, everywhere."""
        contact = f"/v1/contacts/{UNKNOWN}"
        for target in (contact, f"{contact}.vcf", f"{contact}.html", f"/v1/units/{UNKNOWN}", "/v1/topics/none"):
            answer = await self.service.get(target)
            self.judge("404", answer.status == 404 and leads_on(answer.json()), target)
        for target in (f"/contacts/{UNKNOWN}", f"/units/{UNKNOWN}", f"/go/{UNKNOWN}/telephone"):
            page = await self.service.get(target)
            self.judge("404 page", page.status == 404 and page_leads_on(page), target)
        embed = await self.service.get(f"/embed/{UNKNOWN}")
        named = Card(embed.body).lead
        self.judge("404 embed", embed.status == 404 and bool(WHEN.search(named) or re.search(r"\d{2} \d{2}", named)), "embed")

    async def others(self) -> None:
        """Units, topics and the centre."""
        for unit in sorted(self.service.board.public.units)[:: 1 if FULL else 30]:
            answer = await self.service.get(f"/v1/units/{unit}")
            self.judge("unit", answer.status == 404 or leads_on(answer.json()), unit)
        for topic in sorted(self.service.board.public.topics)[:: 1 if FULL else 15]:
            answer = await self.service.get(f"/v1/topics/{topic}")
            self.judge("topic", leads_on(answer.json()), topic)
        centre = (await self.service.get("/v1/centre")).json()
        self.judge("centre", centre["open"] or "opens" in centre, "/v1/centre")


def _goes_on(step: Step) -> bool:
    return step.opens is not None or (step.open and (bool(step.link) or any(offer.open for offer in step.offers)))


def _open_values(answer: dict[str, Any], centre: dict[str, Any]) -> Iterator[str]:
    """Where a link may lead at once: a channel that is open, of the contact or of a step."""
    steps = [channel for step in answer["referral"]["steps"] if step["open"] for channel in step["channels"]]
    for channel in (*answer["channels"], *steps, *centre["channels"]):
        if channel["open"]:
            yield from (channel["value"], f"tel:{channel['value']}", f"mailto:{channel['value']}")


async def walk(service: Service, moment: Instant, first: int, each: int = EACH) -> Walk:
    """Everything that is asked at one moment."""
    await goes_on(service, moment)
    centre = (await service.get("/v1/centre")).json()
    walked = Walk(service)
    for number, contact in enumerate(public(service, LIMIT)):
        answer = await walked.answer(contact)
        walked.openings(answer)
        walked.every_link(answer, centre)
        if number % each == first % each:
            await walked.links(answer, centre)
    await walked.missing()
    await walked.others()
    return walked


@pytest.mark.slow
async def test_no_hour_of_a_week_holds_a_dead_end(service: Service) -> None:
    seen: Counter[str] = Counter()
    for number, moment in enumerate(range(MONDAY + HOUR, MONDAY + 7 * DAY, HOUR if FULL else 6 * HOUR)):
        walked = await walk(service, moment + 1_020, number)
        assert walked.ends == []
        seen += walked.seen
    assert {f"answer {status}" for status in ("available", "busy", "away", "closed", "unknown")} <= set(seen)
    assert {
        "opening",
        "every telephone",
        "every e-mail",
        "telephone at once",
        "steps for telephone",
        "e-mail at once",
        "404",
        "404 page",
        "404 embed",
    } <= set(seen)
    print(dict(sorted(seen.items())))


async def test_at_eleven_in_the_evening_before_christmas_nothing_is_a_dead_end(service: Service) -> None:
    walked = await walk(service, CHRISTMAS, 0, 1 if FULL else EACH)
    assert walked.ends == []
    assert walked.seen["answer closed"] > walked.seen["answer available"]
    centre = (await service.get("/v1/centre")).json()
    assert (centre["open"], centre["opens"]) == (False, "2026-12-28T08:00:00+01:00")


async def test_sources_that_all_have_died_lead_to_the_centre(service: Service) -> None:
    """A week later nothing was read: nobody with a calendar is shown as available, and nobody is a dead end."""
    service.turn(at("2027-01-11 10:00"))
    walked = Walk(service)
    for contact in public(service, LIMIT):
        told = await walked.answer(contact)
        if told["availability"]["status"] == "unknown":
            assert told["referral"]["steps"][0]["to"] == "centre"
            assert works(told["referral"]["steps"][0])
    assert walked.ends == []
    assert walked.seen["answer unknown"] > LIMIT // 2
