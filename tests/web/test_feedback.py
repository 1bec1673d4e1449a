"""Did you reach somebody? One tap that counts, and tells nobody who tapped; no address swings it."""

import re
from urllib.parse import urlencode

import pytest

from presence.web import assets
from presence.web.reached import EACH_DAY, LIMIT, Counted, read
from tests.web.service import VISITOR, Answer, Service, ask
from tests.web.test_http import LOOK_UP
from tests.web.town import ANNA, BO, CARIN, LOV, PIA, UNKNOWN, at

pytestmark = pytest.mark.anyio
FORM = "application/x-www-form-urlencoded"
HIDDEN = (PIA, UNKNOWN, "x", "0" * 16)


async def answer(
    town: Service, contact: str = ANNA, said: str = "yes", kind: str = "telephone", client: str = VISITOR, place: str = "contacts"
) -> Answer:
    body = urlencode({"kind": kind, "answer": said}).encode()
    return await ask(town.app, "POST", f"/{place}/{contact}/reached", body, {"content-type": FORM}, client)


async def send(town: Service, body: bytes, kind: str = FORM) -> Answer:
    return await ask(town.app, "POST", f"/contacts/{ANNA}/reached", body, {"content-type": kind})


def counted(town: Service) -> dict[str, int]:
    return {name: n for name, n in town.surface.counts.take().items() if name.startswith("reached/")}


# --- what is counted ---


async def test_an_answer_counts_by_kind_of_channel_and_never_by_contact(fresh: Service) -> None:
    await answer(fresh, ANNA, "yes", "telephone")
    await answer(fresh, ANNA, "no", "e-mail", client="192.0.2.8")
    assert counted(fresh) == {"reached/telephone/yes/": 1, "reached/e-mail/no/": 1}


async def test_it_counts_under_the_unit_where_enough_people_are_behind_that(fresh: Service) -> None:
    posts = (await fresh.get(LOOK_UP)).json()["posts"]
    fresh.surface.groups = {posts[0]["unit"]["id"]: "g1"}
    await answer(fresh)
    assert counted(fresh) == {"reached/telephone/yes/g1": 1}


async def test_without_script_the_kind_is_not_known(fresh: Service) -> None:
    await answer(fresh, kind="")
    assert counted(fresh) == {"reached//yes/": 1}


async def test_an_address_answers_once_a_day_for_a_contact(fresh: Service) -> None:
    for said in ("yes", "no", "yes"):
        await answer(fresh, said=said)
    assert counted(fresh) == {"reached/telephone/yes/": 1}
    fresh.turn(at("2026-11-24 09:01"))
    await answer(fresh)
    assert counted(fresh) == {"reached/telephone/yes/": 1}


async def test_an_address_is_a_third_of_ten_at_most_whatever_contacts_it_answers_for(fresh: Service) -> None:
    for contact in (ANNA, BO, CARIN, LOV):
        await answer(fresh, contact)
    assert sum(counted(fresh).values()) == EACH_DAY


async def test_a_whole_ipv6_network_is_one_visitor(fresh: Service) -> None:
    for n in range(5):
        await answer(fresh, client=f"2001:db8:1:2::{n + 1:x}")
    await answer(fresh, client="2001:db8:1:3::1")
    assert sum(counted(fresh).values()) == 2


def test_many_addresses_are_remembered_up_to_a_bound() -> None:
    few = Counted(most=3)
    assert [few.take("c", f"192.0.2.{n}", 0) for n in range(5)] == [True, True, True, False, False]
    assert few.take("c", "192.0.2.9", 86_400)


# --- what the visitor is told ---


async def test_the_thanks_are_a_page_that_leads_back(town: Service) -> None:
    told = await answer(town)
    assert (told.status, told.body) == (303, b"")
    thanks = await town.get(told.header("location") or "")
    assert thanks.status == 200
    assert "Tack för ditt svar." in thanks.body.decode()
    assert f'href="/contacts/{ANNA}"' in thanks.body.decode()


async def test_a_frame_is_thanked_in_the_frame(town: Service) -> None:
    told = await answer(town, place="embed")
    thanks = await town.get(told.header("location") or "")
    assert thanks.status == 200
    assert "frame-ancestors *" in (thanks.header("content-security-policy") or "")


async def test_an_answer_that_does_not_count_is_answered_alike(town: Service) -> None:
    assert len({await answer(town) for _ in range(3)}) == 1


async def test_a_script_gets_no_page(town: Service) -> None:
    headers = {"content-type": FORM, "sec-fetch-mode": "no-cors"}
    told = await ask(town.app, "POST", f"/contacts/{ANNA}/reached", b"answer=yes", headers)
    assert (told.status, told.body) == (204, b"")


@pytest.mark.parametrize("place", ["contacts", "embed"])
async def test_hidden_and_unknown_contacts_are_answered_alike_and_not_counted(fresh: Service, place: str) -> None:
    told = {await answer(fresh, contact, place=place) for contact in HIDDEN}
    assert len(told) == 1
    assert told.pop().status == 404
    pages = {await fresh.get(f"/{place}/{contact}/reached") for contact in HIDDEN}
    assert len(pages) == 1
    assert counted(fresh) == {}


async def test_no_answer_sets_a_cookie_or_may_be_kept(town: Service) -> None:
    for place in ("contacts", "embed"):
        told = await answer(town, place=place)
        assert told.header("set-cookie") is None
        assert told.header("cache-control") == "no-store"


@pytest.mark.parametrize("lang", ["sv", "en"])
async def test_the_language_goes_along(town: Service, lang: str) -> None:
    told = await ask(town.app, "POST", f"/contacts/{ANNA}/reached?lang={lang}", b"answer=no", {"content-type": FORM})
    assert (told.header("location") or "").endswith(f"/reached?lang={lang}")


# --- what is no answer ---


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"answer=maybe",
        b"answer=yes&answer=no",
        b"answer=yes&kind=telephone&kind=fax",
        b"answer=yes&kind=pigeon",
        b"answer=yes&name=anna",
        b"answer=yes&kind=telephone&x=",
        b"kind=telephone",
        b"answer",
        b"answer=%ff",
        "answer=ja&kind=ö".encode(),
        b'{"answer":"yes"}',
    ],
)
async def test_what_is_no_answer_is_refused_with_where_to_turn(town: Service, body: bytes) -> None:
    told = await send(town, body)
    assert told.status == 400
    assert b"019-21 10 00" in told.body


async def test_a_long_form_is_refused_whatever_it_says(town: Service) -> None:
    assert (await send(town, b"answer=yes&kind=" + b"x" * LIMIT)).status == 413


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "text/plain", ""])
async def test_only_a_form_is_taken(town: Service, kind: str) -> None:
    assert (await send(town, b"answer=yes", kind)).status == 415


async def test_nothing_is_counted_of_what_is_refused(fresh: Service) -> None:
    await send(fresh, b"answer=maybe")
    await send(fresh, b"answer=yes", "text/plain")
    assert counted(fresh) == {}


def test_what_is_read_is_one_of_two_words_and_a_known_kind() -> None:
    assert read(b"answer=yes&kind=fax", {"fax"}) == ("fax", "yes")
    assert read(b"answer=no", {"fax"}) == ("", "no")


# --- it is asked, and answers change nothing ---


@pytest.mark.parametrize("target", [f"/contacts/{ANNA}", f"/embed/{ANNA}", f"/go/{ANNA}/visit/steps"])
async def test_a_page_asks_in_a_form_that_works_without_script(town: Service, target: str) -> None:
    page = (await town.get(target)).body.decode()
    form = re.search(r"<form[^>]*data-reached.*?</form>", page, re.DOTALL)
    assert form
    assert 'method="post"' in form[0]
    assert f"/{ANNA}/reached" in form[0]
    assert re.findall(r'<button name="answer" value="(\w+)">', form[0]) == ["yes", "no"]
    assert "<legend>Nådde du någon?</legend>" in form[0]


async def test_the_form_is_taken_as_it_stands(town: Service) -> None:
    page = (await town.get(f"/contacts/{ANNA}?lang=en")).body.decode()
    action = re.search(r'action="(/contacts/[^"]*reached[^"]*)"', page)
    assert action
    told = await ask(town.app, "POST", action[1].replace("&amp;", "&"), b"kind=&answer=yes", {"content-type": FORM})
    assert told.status == 303
    assert b"Thank you" in (await town.get(told.header("location") or "")).body


async def test_answers_change_no_byte_of_what_others_read(fresh: Service) -> None:
    targets = (LOOK_UP, f"/contacts/{ANNA}", f"/embed/{ANNA}", f"/v1/contacts?ids={ANNA}")
    before = [await fresh.get(target) for target in targets]
    for n in range(20):
        await answer(fresh, said="no", client=f"192.0.2.{n}")
    assert [await fresh.get(target) for target in targets] == before


def test_the_script_keeps_nothing_and_sends_nothing_of_the_visitor() -> None:
    source = assets.load()["reached.js"].body.decode()
    assert not re.findall(r"cookie|localStorage|sessionStorage|indexedDB|innerHTML|\bimport\b|eval", source)
    assert "credentials: 'omit'" in source
    assert "referrerPolicy: 'no-referrer'" in source
