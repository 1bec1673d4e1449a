"""The public HTTP contract: validators, ticks, one 404, languages and topics, budgets."""

import json
import re
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from presence.domain.facts import Fact, Queue, SourceHealth, key
from presence.ports import Batch
from tests.web.conftest import begin
from tests.web.service import Service, ask, contact_id, serving
from tests.web.town import (
    ANNA,
    BO,
    BUILDING,
    CARIN,
    CENTRE,
    INTERNAL,
    IVAR,
    LASTING,
    LOV,
    PEOPLE,
    PIA,
    TOKENS,
    UNKNOWN,
    at,
    identity,
    person,
    write_people,
    write_town,
)

pytestmark = pytest.mark.anyio

LOOK_UP = f"/v1/contacts/{ANNA}"
DATA = (LOOK_UP, f"/v1/contacts?ids={ANNA},{BO}", f"{LOOK_UP}.vcf", f"/v1/units/{BUILDING}", "/v1/topics/bygglov", "/v1/centre")
SEARCH = "/v1/contacts?q=anna"
DESCRIPTION = "/openapi.json"
HTML = (
    f"/contacts/{ANNA}",
    f"/embed/{ANNA}",
    f"{LOOK_UP}.html",
    "/",
    "/?q=anna",
    f"/units/{BUILDING}",
    "/topics/bygglov",
    "/centre",
)
EVERY = (*DATA, SEARCH, *HTML, f"/go/{ANNA}/telephone", f"/go/{ANNA}/post/steps", DESCRIPTION, "/accessibility", "/docs")


# --- validators and ticks ---


@pytest.mark.parametrize("target", [*DATA, SEARCH, *HTML, DESCRIPTION])
async def test_who_has_the_answer_already_gets_a_304_without_a_body(town: Service, target: str) -> None:
    first = await town.get(target)
    again = await town.get(target, if_none_match=first.header("etag") or "")
    assert (first.status, again.status, again.body) == (200, 304, b"")
    assert again.header("etag") == first.header("etag")
    assert again.header("expires") == first.header("expires")


@pytest.mark.parametrize("tag", ["W/{}", '"x", {}', "*", '{} , "y"'])
async def test_validators_are_compared_as_the_standard_says(town: Service, tag: str) -> None:
    known = (await town.get(LOOK_UP)).header("etag") or ""
    assert (await town.get(LOOK_UP, if_none_match=tag.format(known))).status == 304
    assert (await town.get(LOOK_UP, if_none_match='"x"')).status == 200


@pytest.mark.parametrize("target", [*DATA, SEARCH, DESCRIPTION])
async def test_etags_are_strong_and_stay_over_ticks_while_nothing_changes(fresh: Service, target: str) -> None:
    tags = set()
    for seconds in range(0, 20 * 60, 30):
        fresh.turn(at("2026-11-23 09:01") + seconds)
        tags.add((await fresh.get(target)).header("etag"))
    assert len(tags) == 1
    assert re.fullmatch(r'"[0-9a-f]{24}"', str(tags.pop()))


@pytest.mark.parametrize("target", [*DATA, SEARCH, *HTML, DESCRIPTION])
async def test_an_answer_expires_with_the_next_tick_at_whatever_moment_it_was_asked(fresh: Service, target: str) -> None:
    seen = set()
    for seconds in (0, 7, 29.9):
        fresh.turn(at("2026-11-23 09:02") + seconds)  # type: ignore[arg-type]
        seen.add(await fresh.get(target))
    assert len(seen) == 1
    expires = parsedate_to_datetime(seen.pop().header("expires") or "")
    assert expires.timestamp() == at("2026-11-23 09:02") + 30


@pytest.mark.parametrize("target", [*DATA, SEARCH, f"{LOOK_UP}.html", DESCRIPTION, f"/v1/contacts/{UNKNOWN}.html"])
async def test_any_site_may_ask(town: Service, target: str) -> None:
    answer = await town.get(target, origin="https://www.example.net")
    assert answer.header("access-control-allow-origin") == "*"
    assert answer.header("access-control-expose-headers") == "date, etag"
    assert answer.header("access-control-allow-credentials") is None


@pytest.mark.parametrize("target", [*DATA, SEARCH, f"{LOOK_UP}.html", DESCRIPTION, "/widget/v1/presence.js"])
@pytest.mark.parametrize("asked", ["GET", "HEAD", "PUT"])
async def test_a_browser_that_asks_before_it_asks_is_told_what_any_site_may_send(town: Service, target: str, asked: str) -> None:
    """A page that sends `If-None-Match` by itself makes its browser ask so; whether the method is among those it then judges."""
    headers = {"origin": "https://www.example.net", "access-control-request-method": asked}
    answer = await ask(town.app, "OPTIONS", target, headers=headers | {"access-control-request-headers": "if-none-match"})
    assert (answer.status, answer.body) == (204, b"")
    assert answer.header("access-control-allow-origin") == "*"
    assert answer.header("access-control-allow-methods") == "GET, HEAD"
    assert {"if-none-match", "accept", "accept-language"} <= set(str(answer.header("access-control-allow-headers")).split(", "))
    assert answer.header("access-control-max-age") == "86400"
    assert answer.header("access-control-allow-credentials") is None


@pytest.mark.parametrize("target", ["/v1/sources/hr/absences", f"/contacts/{ANNA}", f"/contacts/{ANNA}/reached", "/"])
async def test_no_site_may_ask_so_for_what_is_not_for_its_script(town: Service, target: str) -> None:
    answer = await ask(
        town.app, "OPTIONS", target, headers={"origin": "https://a.example", "access-control-request-method": "PUT"}
    )
    assert answer.status == 204
    assert [name for name, _ in answer.headers if name.startswith(b"access-control-")] == []


@pytest.mark.parametrize("target", [*DATA, DESCRIPTION, f"/contacts/{ANNA}", "/", "/v1/sources/hr/absences"])
async def test_the_methods_that_are_told_are_those_that_are_answered(town: Service, target: str) -> None:
    """HEAD is, wherever GET is."""
    told, refused = await ask(town.app, "OPTIONS", target), await ask(town.app, "PATCH", target)
    assert refused.status == 405
    assert told.header("allow") == refused.header("allow")
    methods = set(str(told.header("allow")).split(", "))
    assert methods == ({"OPTIONS", "PUT"} if "sources" in target else {"GET", "HEAD", "OPTIONS"})
    assert {(await ask(town.app, m, target)).status for m in methods & {"GET", "HEAD"}} <= {200}


@pytest.mark.parametrize("path", ["/schema", "/schema/", "/schema/openapi.json", "/schema/x"])
async def test_the_api_is_described_in_one_place(town: Service, path: str) -> None:
    answer = await town.get(path)
    assert answer == await town.get("/nothing")
    assert answer.status == 404


@pytest.mark.parametrize("target", [*EVERY, f"/contacts/{UNKNOWN}", "/nothing"])
async def test_no_answer_sets_a_cookie_or_may_be_misread_as_another_type(town: Service, target: str) -> None:
    answer = await town.get(target, cookie="session=1")
    assert answer.header("set-cookie") is None
    assert answer.status == 303 or answer.header("x-content-type-options") == "nosniff"


@pytest.mark.parametrize("target", [LOOK_UP, SEARCH, f"/contacts/{ANNA}"])
async def test_head_is_get_without_its_body(town: Service, target: str) -> None:
    get, head = await town.get(target), await ask(town.app, "HEAD", target)
    assert (head.status, sorted(head.headers), head.body) == (200, sorted(get.headers), b"")


async def test_a_client_library_reads_the_answers(town: Service) -> None:
    async with town.client() as client:
        answer = await client.get(LOOK_UP)
        page = await client.get(f"/contacts/{ANNA}")
    assert answer.json()["availability"]["status"] == "available"
    assert (page.status_code, page.encoding) == (200, "utf-8")


async def test_a_change_shows_at_the_tick_that_is_two_seconds_after_it_and_not_before(fresh: Service) -> None:
    fresh.turn(at("2026-11-23 09:02") + 26)
    report = {"status": "busy", "lease": 1_800}
    await fresh.put("/v1/sources/switchboard/people/ext:101/presence", report, token=TOKENS["switchboard"])
    seen = []
    for second in (26, 29, 30, 59, 60):
        fresh.turn(at("2026-11-23 09:02") + second)
        seen.append((await fresh.get(LOOK_UP)).json()["availability"]["status"])
    assert seen == ["available", "available", "busy", "busy", "busy"]
    fresh.turn(at("2026-11-23 09:03") + 29)
    await fresh.put("/v1/sources/switchboard/people/ext:102/presence", report, token=TOKENS["switchboard"])
    seen = []
    for second in (30, 59, 60):
        fresh.turn(at("2026-11-23 09:03") + second)
        seen.append((await fresh.get(f"/v1/contacts/{BO}")).json()["availability"]["status"])
    assert seen == ["available", "available", "busy"]


# --- who is nobody ---


async def found(service: Service, words: str) -> set[str]:
    """Whom a search finds, the centre aside, which is offered where nothing else is."""
    return {hit["id"] for hit in (await service.get(f"/v1/contacts?q={words}")).json()["contacts"]} - {CENTRE}


NOBODY = {
    "unknown": UNKNOWN,
    "hidden": PIA,
    "unpublished": IVAR,
    "short": "x",
    "long": "x" * 300,
    "quoted": "%22%3E%3Cscript%3E",
    "umlaut": "%C3%A5",
    "capitals": ANNA.upper(),
    "NUL": "%00",
    "a control character": f"{ANNA}%01",
    "a line": "%0d%0aSet-Cookie:x",
    "no UTF-8": "%ff",
    "turned around": "%E2%80%AE",
}
FORMS = (
    "/v1/contacts/{}",
    "/v1/contacts/{}.vcf",
    "/v1/contacts/{}.html",
    "/contacts/{}",
    "/embed/{}",
    "/go/{}/telephone",
    "/units/{}",
)


@pytest.mark.parametrize("form", [*FORMS, "/go/{}/e-mail/steps", "/v1/units/{}", "/v1/topics/{}", "/topics/{}", "/{}"])
@pytest.mark.parametrize("more", ["", "?lang=en"])
async def test_hidden_unpublished_unknown_and_garbage_ids_get_the_same_404(town: Service, form: str, more: str) -> None:
    one = await town.get(form.format(UNKNOWN) + more)
    answers = {name: await town.get(form.format(id_) + more) for name, id_ in NOBODY.items()}
    assert one.status == 404
    assert [name for name, answer in answers.items() if (answer.status, answer.body) != (404, one.body)] == []
    assert [name for name in answers if sorted(answers[name].headers) != sorted(one.headers)] == []
    assert answers["hidden"] == answers["unpublished"] == one
    assert b"019-21 10 00" in one.body  # the centre answers


async def test_a_fragment_of_nobody_is_no_page_but_the_problem_that_any_look_up_of_nobody_gives(town: Service) -> None:
    """What a server includes stands within a page."""
    for nobody in (UNKNOWN, PIA, IVAR, "x"):
        answer, one = await town.get(f"/v1/contacts/{nobody}.html"), await town.get(f"/v1/contacts/{UNKNOWN}")
        assert (answer.status, answer.body, sorted(answer.headers)) == (404, one.body, sorted(one.headers))
        assert answer.header("content-type") == "application/problem+json"
        assert answer.json()["referral"]["steps"][0]["id"] == CENTRE


@pytest.mark.parametrize("more", ["", "&lang=en"])
async def test_among_several_ids_those_of_nobody_are_left_out_alike(town: Service, more: str) -> None:
    answers = {(await town.get(f"/v1/contacts?ids={ANNA},{i}{more}")).body for i in (UNKNOWN, PIA, IVAR, "x")}
    assert len(answers) == 1
    assert [c["id"] for c in json.loads(answers.pop())["contacts"]] == [ANNA]


@pytest.mark.parametrize("ids", [",", ",,", "%20", UNKNOWN])
async def test_ids_of_nobody_at_all_lead_to_the_centre(town: Service, ids: str) -> None:
    answer = (await town.get(f"/v1/contacts?ids={ids}")).json()
    assert answer["contacts"] == []
    assert [step["to"] for step in answer["referral"]["steps"]] == ["centre"]


@pytest.mark.parametrize("path", ["/v1/contactsX", "/v1/contacts-of-all", "/v1/contacts.json"])
async def test_a_path_that_only_begins_like_the_one_of_contacts_is_none(town: Service, path: str) -> None:
    assert (await town.get(f"{path}?ids={ANNA}")).status == 404


@pytest.mark.parametrize(("spelt", "kind"), [("email", "e-mail"), ("E-mail", "e-mail"), ("Telephone", "telephone")])
async def test_a_link_finds_its_kind_however_that_is_spelt(town: Service, spelt: str, kind: str) -> None:
    links = [(await town.get(f"/go/{ANNA}/{name}")).header("location") for name in (spelt, kind)]
    assert links[0] == links[1]
    assert links[0]
    assert links[0].startswith(("tel:", "mailto:"))


async def test_whoever_has_left_is_as_unknown_as_whoever_never_was(fresh: Service) -> None:
    write_people(fresh.installation.path.parent, {n: entry for n, entry in PEOPLE.items() if n != "carin"})
    assert (await fresh.get(f"/v1/contacts/{CARIN}")).status == 200
    await fresh.take(await fresh.connectors["people"].fetch())
    fresh.turn(at("2026-11-23 09:03"))
    for form in FORMS:
        assert await fresh.get(form.format(CARIN)) == await fresh.get(form.format(UNKNOWN)), form


async def test_search_follows_the_directory(fresh: Service) -> None:
    """Who came, who has another name and who left, each at the next tick after the reading, however early one searched."""
    folder = fresh.installation.path.parent
    assert await found(fresh, "wrangel") == set()
    told = {}
    for minute, (step, people) in enumerate(
        {
            "came": PEOPLE | {"gun": person("Gun Wrangel", 106, "Stadsbyggnad")},
            "married": PEOPLE | {"gun": person("Gun Nordlander", 106, "Stadsbyggnad")},
            "left": PEOPLE,
        }.items(),
        5,
    ):
        write_people(folder, people)
        await fresh.feed("people")
        fresh.turn(at(f"2026-11-23 09:{minute:02}"))
        told[step] = [await found(fresh, words) for words in ("wrangel", "nordlander")]
    gun = contact_id(identity(106))
    assert told == {"came": [{gun}, set()], "married": [set(), {gun}], "left": [set(), set()]}


async def test_hiding_takes_effect_at_once_and_showing_again_at_the_tick(fresh: Service) -> None:
    fresh.turn(at("2026-11-23 09:02") + 5)
    folder = fresh.installation.path.parent
    write_people(folder, PEOPLE | {"carin": PEOPLE["carin"] + "\nemployeeType: skyddad"})
    assert (await fresh.get(f"/v1/contacts/{CARIN}")).status == 200
    await fresh.take(await fresh.connectors["people"].fetch())
    for form in FORMS:
        assert await fresh.get(form.format(CARIN)) == await fresh.get(form.format(UNKNOWN)), form
    assert await found(fresh, "carin") == set()
    fresh.turn(at("2026-11-23 09:10") + 5)
    write_people(folder, PEOPLE)
    await fresh.take(await fresh.connectors["people"].fetch())
    assert (await fresh.get(f"/v1/contacts/{CARIN}")).status == 404
    fresh.turn(at("2026-11-23 09:10") + 30)
    assert (await fresh.get(f"/v1/contacts/{CARIN}")).status == 200


async def test_a_newcomer_waits_until_every_source_of_marks_was_read_after_it(tmp_path: Path) -> None:
    more = LASTING + '[sources.register]\nconnector = "connectors.webhook:Webhook"\nkind = "marks"\n'
    folder = write_town(tmp_path / "town", more)
    settings = folder / "presence.toml"
    settings.write_text(settings.read_text("utf-8").replace('["people"]', '["people", "register"]'), "utf-8")
    async with serving(folder, at("2026-11-23 09:00")) as service:
        await begin(service)
        assert (await service.get(LOOK_UP)).status == 404
        await service.take(Batch("register", True, int(service.clock.t), marked=(), marks_at=int(service.clock.t)))
        service.turn(at("2026-11-23 09:02"))
        assert (await service.get(LOOK_UP)).status == 200
        write_people(folder, PEOPLE | {"dan": person("Dan Ny", 106, "Stadsbyggnad")})
        await service.take(await service.connectors["people"].fetch())
        service.turn(at("2026-11-23 09:03"))
        assert await found(service, "dan+ny") == set()
        await service.take(Batch("register", True, int(service.clock.t), marked=(), marks_at=int(service.clock.t)))
        service.turn(at("2026-11-23 09:04"))
        assert await found(service, "dan+ny") == {contact_id(identity(106))}


async def test_nobody_is_published_by_a_fresh_configuration(tmp_path: Path) -> None:
    folder = write_town(tmp_path / "town")
    settings = folder / "presence.toml"
    text = settings.read_text("utf-8")
    settings.write_text(re.sub(r"\[\[publication\.rules\]\](?:\n[a-z].*)+", "", text), "utf-8")
    async with serving(folder, at("2026-11-23 09:00")) as service:
        await begin(service)
        assert service.board.now.contact(ANNA)
        assert (await service.get(LOOK_UP)).status == 404
        assert await found(service, "anna") == set()
        assert (await service.get(f"/v1/units/{BUILDING}")).status == 404
        assert (await service.get("/v1/centre")).status == 200


async def test_people_of_an_unpublished_unit_are_nowhere(fresh: Service) -> None:
    """Not in search, not by number, not as a deputy, not by their unit, not in a count."""
    folder = fresh.installation.path.parent
    deputy = "\nsecretary: uid=ivar,ou=Intern,dc=example,dc=se"
    write_people(folder, PEOPLE | {"carin": PEOPLE["carin"] + deputy})
    await fresh.take(await fresh.connectors["people"].fetch())
    away = {"start": "2026-11-23", "end": "2026-11-23"}
    await fresh.put("/v1/sources/hr/people/employee:103/absences/1", away, token=TOKENS["hr"])
    fresh.turn(at("2026-11-23 09:05"))
    told = await fresh.get(f"/v1/contacts/{CARIN}")
    assert told.json()["availability"]["status"] == "away"
    for target in (
        f"/v1/contacts/{CARIN}",
        "/v1/contacts?q=ivar",
        "/v1/contacts?q=1105",
        "/v1/contacts?q=intern",
        "/?q=ivar+lund",
    ):
        body = (await fresh.get(target)).body.replace(b"ivar lund", b"")  # a page repeats what was typed
        assert b"Ivar" not in body, target
        assert IVAR.encode() not in body, target
        assert INTERNAL.encode() not in body, target


# --- words, topics, several, search ---


async def test_an_answer_is_in_the_language_asked_for_or_else_in_the_first(town: Service) -> None:
    texts = [
        (await town.get(f"{LOOK_UP}{more}")).json()["availability"]["text"] for more in ("", "?lang=en", "?lang=xx", "?lang=")
    ]
    assert len({texts[0], texts[2], texts[3]}) == 1
    assert texts[1] != texts[0]


async def test_a_topic_puts_its_own_service_first_and_an_unknown_one_nothing(town: Service) -> None:
    plain, known, unknown = [(await town.get(f"{LOOK_UP}{more}")).json() for more in ("", "?topic=bygglov", "?topic=nothing")]
    assert known["referral"]["steps"][0]["href"] == "https://kontakt.example.se/go/bygglov/self-service"
    assert all(channel["href"].endswith("?topic=bygglov") for channel in known["channels"])
    assert unknown == plain


async def test_up_to_twenty_ids_are_answered_in_their_order_and_each_once(town: Service) -> None:
    asked = [BO, ANNA, CENTRE, LOV, BO, "", ANNA]
    found = (await town.get(f"/v1/contacts?ids={','.join(asked)}")).json()["contacts"]
    assert [contact["id"] for contact in found] == [BO, ANNA, CENTRE, LOV]
    twenty = ",".join(f"{n:a>16}" for n in range(20))
    assert (await town.get(f"/v1/contacts?ids={twenty}")).status == 200
    refused = await town.get(f"/v1/contacts?ids={twenty},{UNKNOWN}")
    assert (refused.status, refused.json()["code"], refused.json()["limit"]) == (400, "too-many-ids", 20)


@pytest.mark.parametrize("query", ["", "?q=", "?q=a", "?q=%20a%20", "?ids="])
async def test_a_search_for_less_than_two_characters_is_refused(town: Service, query: str) -> None:
    refused = await town.get(f"/v1/contacts{query}")
    assert (refused.status, refused.json()["code"], refused.json()["field"]) == (400, "query-too-short", "q")


async def test_a_hit_tells_people_apart_and_not_whether_they_can_be_reached(town: Service) -> None:
    found = (await town.get("/v1/contacts?q=stadsbyggnad")).json() | (await town.get("/v1/contacts?q=an")).json()
    assert set(found) == {"contacts", "units", "topics"}
    assert found["contacts"] == [{"id": ANNA, "name": "Anna Åström", "posts": found["contacts"][0]["posts"]}]


@pytest.mark.parametrize("words", ["**", "%25%25", "_n", ")(uid=*", "..", "' OR 1=1"])
async def test_there_is_no_wildcard_and_no_all(town: Service, words: str) -> None:
    assert await found(town, words.replace(" ", "+")) == set()


async def test_the_centre_tells_its_waiting_time_while_that_lasts(fresh: Service) -> None:
    await fresh.put("/v1/sources/waiting/queue", {"wait": 720, "lease": 120}, token=TOKENS["waiting"])
    fresh.turn(at("2026-11-23 09:02"))
    assert (await fresh.get("/v1/centre")).json()["waiting"] == 720
    fresh.turn(at("2026-11-23 09:03"))
    assert "waiting" not in (await fresh.get("/v1/centre")).json()


async def test_with_a_long_queue_the_centre_is_written_to_first_wherever_it_is_shown_while_that_lasts(fresh: Service) -> None:
    """As it is in referrals to it; and its own pages say why."""

    async def shown() -> set[tuple[str, ...]]:
        own = (await fresh.get(f"/v1/contacts/{CENTRE}")).json()
        centre = (await fresh.get("/v1/centre")).json()
        referred = (await fresh.get(f"/v1/contacts/{UNKNOWN}")).json()["referral"]["steps"][0]
        lists = [each["channels"] for each in (own, centre, referred, own["referral"]["steps"][0])]
        told = (own["referral"]["text"], own["referral"]["steps"][0]["text"], referred["text"])
        long_wait = centre.get("waiting", 0) > 900
        assert [("Det är lång kö just nu." in text) for text in told] == [long_wait] * 3
        return {tuple(channel["kind"] for channel in channels) for channels in lists}

    before = await shown()
    await fresh.put("/v1/sources/waiting/queue", {"wait": 2_400, "lease": 120}, token=TOKENS["waiting"])
    fresh.turn(at("2026-11-23 09:02"))
    during = await shown()
    fresh.turn(at("2026-11-23 09:04"))
    assert (len(before), len(during)) == (1, 1)
    assert (before.pop()[0], during.pop()[0]) == ("telephone", "e-mail")
    assert {kinds[0] for kinds in await shown()} == {"telephone"}


async def test_what_is_hidden_while_unreachable_is_then_in_no_byte(fresh: Service) -> None:
    assert b"070-174" in (await fresh.get(LOOK_UP)).body
    away = {"start": "2026-11-23", "end": None}
    await fresh.put("/v1/sources/hr/people/employee:101/absences/1", away, token=TOKENS["hr"])
    fresh.turn(at("2026-11-23 09:05"))
    for target in (
        LOOK_UP,
        f"{LOOK_UP}.vcf",
        f"{LOOK_UP}.html",
        f"/contacts/{ANNA}",
        f"/embed/{ANNA}",
        f"/go/{ANNA}/mobile/steps",
    ):
        body = (await fresh.get(target)).body
        assert not any(number in body for number in (b"070-174 01 01", b"+46701740101", b"B 214")), target


# --- budgets ---


@pytest.mark.parametrize(
    "target",
    [
        LOOK_UP,
        f"/v1/contacts?ids={ANNA}",
        SEARCH,
        f"{LOOK_UP}.vcf",
        f"/contacts/{ANNA}",
        f"/go/{ANNA}/telephone",
        "/docs",
        "/openapi.json",
        "/static/x",
    ],
)
async def test_a_used_up_budget_is_a_429_that_says_when_and_names_the_centre(tmp_path: Path, target: str) -> None:
    folder = write_town(tmp_path / "town")
    settings = folder / "presence.toml"
    settings.write_text(settings.read_text("utf-8").replace("budget = 0", "budget = 5"), "utf-8")
    async with serving(folder, at("2026-11-23 09:00")) as service:
        await begin(service)
        answers = [await service.get(target) for _ in range(7)]
        refused = answers[-1]
        assert [a.status for a in answers] == [answers[0].status] * 5 + [429] * 2
        assert 1 <= int(refused.header("retry-after") or "") <= 61
        assert b"019-21 10 00" in refused.body
        assert refused.header("cache-control") == "no-store"  # it is this visitor's alone
        assert refused.header(
            "content-type",
        ) == ("application/problem+json" if "/v1/" in target or target == DESCRIPTION else "text/html; charset=utf-8")
        assert (await service.get(target, client="192.0.2.8")).status == answers[0].status
        assert (await service.get("/static/presence.css")).status == 200
        service.turn(at("2026-11-23 09:01") + int(refused.header("retry-after") or ""))
        assert (await service.get(target)).status == answers[0].status


async def test_a_dead_source_is_not_named_and_leads_to_the_centre(fresh: Service) -> None:
    known = await fresh.get(LOOK_UP)
    health = SourceHealth("calendar", ok_at=1, ok_until=2, failing_since=2, error="unreachable")
    await fresh.say([Fact(key("source", "calendars"), health), Fact(key("queue", "waiting"), Queue(5, 0, 1))])
    fresh.turn(at("2026-11-23 09:05"))
    answer = await fresh.get(LOOK_UP)
    assert (known.json()["availability"]["status"], answer.json()["availability"]["status"]) == ("available", "unknown")
    assert answer.json()["referral"]["steps"][0]["to"] == "centre"
    assert not any(word in answer.body for word in (b"calendars", b"unreachable", b"switchboard", b"source"))
