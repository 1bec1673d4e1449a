"""The bench of the demonstration: what there is to copy, and a clock that moves nobody real."""

import re
from collections.abc import AsyncIterator
from html import unescape
from importlib import resources
from pathlib import Path

import pytest

from presence.app import elsewhen
from presence.installation import Installation
from presence.web.bench import CAST
from tests.web.service import Service, serving
from tests.web.town import at, write_town

pytestmark = pytest.mark.anyio

BENCH = "/demo/widget"
SOURCES = ("directory", "calendars", "leave", "live", "queue")


@pytest.fixture(scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """The demonstration on a Monday at 9.30."""
    folder = tmp_path_factory.mktemp("demo")
    text = resources.files("connectors.demonstration").joinpath("presence.toml").read_text("utf-8")
    (folder / "presence.toml").write_text(
        text.replace("[organisation]", '[organisation]\naddress = "https://kontakt.example.org"')
    )
    async with serving(folder, at("2026-11-23 09:30")) as service:
        await service.feed(*SOURCES)
        service.turn(at("2026-11-23 09:30") + 30)
        yield service


async def page(service: Service, query: str = "") -> str:
    answer = await service.get(f"{BENCH}?{query}")
    assert answer.status == 200
    return answer.body.decode()


def card(html: str) -> str:
    """What the first card says, as text."""
    [found] = re.findall(r'<article class="presence-card".*?</article>', html, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found)).split())


def options(html: str) -> dict[str, str]:
    return {name: contact for contact, name in re.findall(r'<option value="([a-z2-7]{16})"[^>]*>([^<]+)</option>', html)}


async def test_those_worth_looking_at_can_be_chosen(demo: Service) -> None:
    found = options(await page(demo))
    assert [name for name in CAST if not any(name in each for each in found)] == []
    sara = next(contact for name, contact in found.items() if "Sara Öhman" in name)
    assert card(await page(demo, f"contact={sara}")).startswith("Sara Öhman")


async def test_at_first_the_card_is_live_and_says_what_every_route_says(demo: Service) -> None:
    html = await page(demo)
    contact = next(iter(options(html).values()))
    said = (await demo.get(f"/v1/contacts/{contact}")).json()["availability"]["text"]
    assert f'src="https://kontakt.example.org/v1/contacts/{contact}"' in html
    assert " ".join(said.split()) in card(html)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-23T19:00", "Servicecenter öppnar i morgon 8.00"),
        ("2026-11-28T11:00", "Servicecenter öppnar måndag 30 november 8.00"),
        ("2027-06-25T10:00", "Servicecenter öppnar måndag 28 juni 8.00"),
    ],
    ids=["evening", "saturday", "midsummer eve"],
)
async def test_the_clock_moves_to_any_day_and_what_is_said_is_of_then(moment: str, said: str, demo: Service) -> None:
    html = await page(demo, f"at={moment}")
    assert said in card(html), card(html)
    assert "Utanför kontorstid." in card(html)


@pytest.mark.slow
async def test_on_a_working_day_elsewhen_whoever_is_free_can_be_reached(demo: Service) -> None:
    """Calendars and reports are those of then: nobody is unknown for want of news."""
    anna = next(contact for name, contact in options(await page(demo)).items() if "Anna Åström" in name)
    states = {card(await page(demo, f"contact={anna}&at=2027-03-{day:02}T10:00")).split(". ")[0] for day in range(1, 6)}
    assert states - {"Anna Åström Bygglovshandläggare, Vi kan inte visa om personen går att nå just nu"} == states
    assert any("Går att nå nu" in state for state in states), states


async def test_a_moved_card_is_no_live_one_and_says_so(demo: Service) -> None:
    """Otherwise the script would turn it back to now."""
    html = await page(demo, "at=2026-11-23T19:00")
    assert "<presence-contact src" not in re.sub(r"<pre.*?</pre>", "", html, flags=re.DOTALL)
    assert "Så här är det måndag 23 november 2026" in html
    assert 'value="2026-11-23T19:00"' in html


async def test_language_and_scheme_keep_the_moment_and_the_moment_keeps_them(demo: Service) -> None:
    html = unescape(await page(demo, "at=2026-11-23T19:00&scheme=dark&lang=en"))
    assert re.search(r'<html lang="en" dir="ltr" data-scheme="dark"', html)
    assert re.search(r'href="/demo/widget\?at=2026-11-23T19%3A00&scheme=dark&lang=sv-x-plain"', html)
    assert '<input type="hidden" name="scheme" value="dark">' in html


async def test_plain_swedish_is_among_the_languages(demo: Service) -> None:
    html = await page(demo, "lang=sv-x-plain")
    assert '<html lang="sv-x-plain"' in html
    assert "Lätt svenska" in html


@pytest.mark.parametrize(
    "wrong", ["at=yesterday", "at=1999-01-01T10:00", "at=9999-12-31T23:59", "at=-", "contact=nobody", "scheme=x"]
)
async def test_what_cannot_be_shown_is_shown_as_of_now(wrong: str, demo: Service) -> None:
    assert "<presence-contact src" in await page(demo, wrong)


async def test_an_installation_has_no_bench_and_no_other_time(tmp_path: Path) -> None:
    folder = write_town(tmp_path)
    async with serving(folder, at("2026-11-23 09:00")) as service:
        await service.feed("people")
        unknown = await service.get("/contacts/aaaaaaaaaaaaaaaa")
        assert (await service.get(f"{BENCH}?at=2026-11-24T10:00")).body == unknown.body
        assert elsewhen(service.installation) is None


def test_one_real_source_beside_the_demonstration_and_the_clock_stands(tmp_path: Path) -> None:
    text = resources.files("connectors.demonstration").joinpath("presence.toml").read_text("utf-8")
    (tmp_path / "presence.toml").write_text(text + '\n[sources.hr]\nconnector = "connectors.webhook:Webhook"\nkind = "leave"\n')
    assert elsewhen(Installation(tmp_path / "presence.toml")) is None
