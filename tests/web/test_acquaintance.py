"""A harvest ends: one address looks at so many different contacts in a day, and nobody can tell at whom."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from presence.web.acquaintance import DAY, Acquaintance
from presence.web.unmetered import Unmetered
from tests.web.conftest import begin
from tests.web.service import VISITOR, Service, ask, serving
from tests.web.town import ANNA, BO, CARIN, PIA, UNKNOWN, at, write_town

pytestmark = pytest.mark.anyio

MORNING = 20_000 * DAY + 8 * 3_600


def met(acquaintance: Acquaintance, count: int, address: str = "192.0.2.1", now: float = MORNING) -> int:
    """How many of so many contacts an address may look at."""
    return sum(acquaintance.meets(address, f"contact-{n}", now) for n in range(count))


def test_whoever_asks_for_a_whole_staff_gets_about_as_many_as_a_day_allows() -> None:
    """Some more, since no list is kept of who was met: a sixteenth of those asked for at most."""
    assert 160 <= met(Acquaintance(160), 5_000) <= 160 + 5_000 / 16 * 1.3


def test_who_asks_for_no_more_than_a_day_allows_gets_them_all() -> None:
    assert met(Acquaintance(160), 160) == 160


def test_whoever_was_met_may_be_looked_at_for_the_whole_day() -> None:
    acquaintance = Acquaintance(160)
    met(acquaintance, 5_000)
    assert all(acquaintance.meets("192.0.2.1", "contact-7", MORNING + n * 60) for n in range(600))


def test_each_address_has_a_day_of_its_own_and_each_day_another() -> None:
    acquaintance = Acquaintance(20)
    assert met(acquaintance, 20) == met(acquaintance, 20, "192.0.2.2") == 20
    assert met(acquaintance, 500) < 100
    acquaintance.forget(MORNING + DAY)
    assert met(acquaintance, 20, now=MORNING + DAY) == 20


def test_a_harvest_of_five_thousand_takes_a_month() -> None:
    """Each day anew, always for those who are missing yet."""
    acquaintance, left, days = Acquaintance(160), set(range(5_000)), 0
    while left and days < 60:
        acquaintance.forget(MORNING + days * DAY)
        now = MORNING + days * DAY
        left -= {n for n in sorted(left)[:200] if acquaintance.meets("192.0.2.1", f"contact-{n}", now)}
        days += 1
    assert days >= 25


def test_no_address_and_no_contact_stands_in_what_is_kept_after_a_minute() -> None:
    acquaintance = Acquaintance(160)
    met(acquaintance, 50)
    acquaintance.forget(MORNING + 61)
    assert "192.0.2.1" not in repr(vars(acquaintance))
    assert "contact-" not in repr([one.bits for one in acquaintance._met.values()])


def test_two_addresses_that_looked_at_the_same_contacts_are_not_to_be_told_by_it() -> None:
    acquaintance = Acquaintance(160)
    for address in ("192.0.2.1", "192.0.2.2"):
        met(acquaintance, 50, address)
    one, other = (sketch.bits for sketch in acquaintance._met.values())
    shared = sum((a & b).bit_count() for a, b in zip(one, other, strict=True))
    assert shared < 10


@pytest.fixture
async def two_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    """With room enough that none of three is met for nothing."""
    monkeypatch.setattr("presence.web.acquaintance._ROOM", 1_000_000)
    settings = write_town(tmp_path / "town") / "presence.toml"
    settings.write_text(settings.read_text("utf-8").replace("budget = 0", "budget = 0\nbudget_contacts = 2"), "utf-8")
    async with serving(settings.parent, at("2026-11-23 09:00")) as service:
        await begin(service)
        yield service


ROUTES = ("/v1/contacts/{}", "/v1/contacts?ids={}", "/v1/contacts/{}.html", "/v1/contacts/{}.vcf", "/contacts/{}", "/embed/{}")


@pytest.mark.parametrize("route", [*ROUTES, "/go/{}/telephone"])
async def test_one_more_than_a_day_allows_is_a_429_on_every_route_that_names_the_centre(two_a_day: Service, route: str) -> None:
    for contact in (ANNA, BO):
        assert (await two_a_day.get(f"/v1/contacts/{contact}")).status == 200
    refused = await two_a_day.get(route.format(CARIN))
    assert refused.status == 429
    assert 3_600 < int(refused.header("retry-after") or 0) <= DAY
    assert b"019-21 10 00" in refused.body
    assert (await two_a_day.get(route.format(ANNA))).status in (200, 303)


@pytest.mark.parametrize("target", [f"/v1/contacts?ids=%{ord(CARIN[0]):x}{CARIN[1:]}", f"/v1/contacts/?ids={CARIN}"])
async def test_no_way_of_writing_an_id_is_free(two_a_day: Service, target: str) -> None:
    for contact in (ANNA, BO):
        await two_a_day.get(f"/v1/contacts/{contact}")
    assert (await two_a_day.get(target)).status == 429


@pytest.mark.parametrize("comma", [",", "%2C"])
async def test_of_several_at_once_those_are_answered_who_may_be_looked_at(two_a_day: Service, comma: str) -> None:
    for contact in (ANNA, BO):
        await two_a_day.get(f"/v1/contacts/{contact}")
    answer = (await two_a_day.get(f"/v1/contacts?ids={ANNA}{comma}{CARIN}{comma}{BO}")).json()
    assert [contact["id"] for contact in answer["contacts"]] == [ANNA, BO]
    assert answer["referral"]["steps"][0]["to"] == "centre"


async def test_a_refusal_for_the_day_says_so(two_a_day: Service) -> None:
    for contact in (ANNA, BO):
        await two_a_day.get(f"/v1/contacts/{contact}")
    assert (await two_a_day.get(f"/v1/contacts/{CARIN}")).json()["code"] == "too-many-contacts"
    assert "I morgon går det igen" in (await two_a_day.get(f"/contacts/{CARIN}")).body.decode()


async def test_whoever_is_hidden_uses_up_no_more_than_nobody(two_a_day: Service) -> None:
    for nobody in (PIA, UNKNOWN):
        for route in ROUTES[2:]:
            assert (await two_a_day.get(route.format(nobody))).status == 404
        assert (await two_a_day.get(f"/v1/contacts/{nobody}")).status == 404
    for contact in (ANNA, BO):
        assert (await two_a_day.get(f"/v1/contacts/{contact}")).status == 200


async def test_the_organisation_s_own_networks_have_no_budget(two_a_day: Service) -> None:
    app = Unmetered(two_a_day.app, ["192.0.2.0/24", "2001:db8::/32"])
    for contact in (ANNA, BO, CARIN):
        assert (await ask(app, "GET", f"/v1/contacts/{contact}")).status == 200
    assert VISITOR.startswith("192.0.2.")
