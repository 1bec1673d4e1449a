"""No link is dead: whatever an answer offers leads somewhere, by day and by night, for everybody whom a search finds."""

from collections.abc import AsyncIterator, Iterator
from importlib import resources
from typing import Any

import pytest

from tests.web.service import Service, serving, unit_id
from tests.web.town import at, write_town

pytestmark = pytest.mark.anyio

WORDS = ("bygglov", "anna", "skola", "bibliotek", "socialtjänst", "miljö", "vatten", "servicecenter")


@pytest.fixture(params=["10:15", "20:15"])
async def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """The demonstration, by day and by night."""
    folder = tmp_path_factory.mktemp("demo")
    text = resources.files("connectors.demonstration").joinpath("presence.toml").read_text("utf-8")
    text = text.replace("[organisation]", '[organisation]\naddress = "https://kontakt.example.org"')
    (folder / "presence.toml").write_text(text.replace("[server]", "[server]\nbudget = 0\nbudget_all = 0"), "utf-8")
    moment = at(f"2026-11-24 {request.param}")
    async with serving(folder, moment) as service:
        await service.feed("directory", "calendars", "leave", "live", "queue")
        service.turn(moment + 30)
        yield service


def hrefs(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        if "href" in document:
            yield document["href"]
        for value in document.values():
            yield from hrefs(value)
    elif isinstance(document, list):
        for value in document:
            yield from hrefs(value)


async def test_every_link_of_every_answer_leads_somewhere(demo: Service) -> None:
    pages: dict[str, str] = {}
    for words in WORDS:
        hits = (await demo.get(f"/v1/contacts?q={words}")).json()
        for kind in ("contacts", "units", "topics"):
            pages |= {f"/v1/{kind}/{hit['id']}": hit["name"] for hit in hits[kind]}
    links = {href: name for page, name in pages.items() for href in hrefs((await demo.get(page)).json())}
    assert len(links) > 100
    answers = {href: await demo.get(href.removeprefix("https://kontakt.example.org")) for href in links}
    assert {href: links[href] for href, answer in answers.items() if answer.status != 303} == {}


async def test_a_mailbox_of_a_unit_that_the_public_does_not_know_is_nobody_s(tmp_path: Any) -> None:
    folder = write_town(tmp_path)
    path = folder / "presence.toml"
    mailbox = 'channels = [{ kind = "e-mail", value = "intern@example.se" }]'
    path.write_text(path.read_text("utf-8") + f'\n[units.tyst]\nname = "Tyst"\n{mailbox}\n', "utf-8")
    async with serving(folder, at("2026-11-23 09:00")) as service:
        await service.feed("people")
        service.turn(at("2026-11-23 09:01"))
        unknown = await service.get("/go/aaaaaaaaaaaaaaaa/e-mail")
        assert (await service.get(f"/go/{unit_id('tyst')}/e-mail")).body == unknown.body
        assert unknown.status == 404
