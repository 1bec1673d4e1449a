"""Routes by which sources send: who may enter, what is taken, what is refused with which words, and that twice is as once."""

import json
import logging
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from presence.domain.facts import Absence, Calendar, Count, Presence, SourceHealth, key, parts
from presence.ports import Conflict, StoreUnavailable
from tests.web.conftest import begin
from tests.web.service import Answer, Service, ask, serving
from tests.web.town import ANNA, LASTING, TOKENS, at, write_town

pytestmark = pytest.mark.anyio

PRESENCE = "/v1/sources/switchboard/people/ext:101/presence"
ABSENCE = "/v1/sources/hr/people/employee:101/absences/1"
ABSENCES = "/v1/sources/hr/absences"
QUEUE = "/v1/sources/waiting/queue"
CALLS = "/v1/sources/switchboard/calls"
BUSY = {"status": "busy", "lease": 300}
LEAVE = {"start": "2026-11-23", "end": "2026-11-24"}
HOUR = {"hour": "2026-11-23T08:00:00+01:00", "unit": "växel", "answered": 53, "unanswered": 47}
EVERY: dict[str, tuple[str, str, Any]] = {
    "presence": ("PUT", PRESENCE, BUSY),
    "no presence": ("DELETE", PRESENCE, None),
    "absence": ("PUT", ABSENCE, LEAVE),
    "no absence": ("DELETE", ABSENCE, None),
    "absences": ("PUT", ABSENCES, []),
    "heartbeat": ("PUT", "/v1/sources/hr/heartbeat", None),
    "queue": ("PUT", QUEUE, {"wait": 720, "lease": 120}),
    "calls": ("POST", CALLS, [HOUR]),
}


async def send(service: Service, method: str, target: str, document: object = None, **headers: str) -> Answer:
    """With the token of the source in the path, unless another is given."""
    token = TOKENS.get(target.split("/")[3], "")
    body = b"" if document is None else json.dumps(document).encode()
    given = {"authorization": f"Bearer {token}", "content-type": "application/json", **headers}
    answer = await ask(service.app, method, target, body, given)
    await service.settle()
    return answer


def held(service: Service, kind: type) -> list[Any]:
    """What the board holds of Anna."""
    return [body for body in service.board.now.states[ANNA].values() if isinstance(body, kind)]


async def status(service: Service) -> str:
    """What the public is told, two ticks on."""
    service.turn(int(service.clock.t) + 60)
    return str((await service.get(f"/v1/contacts/{ANNA}")).json()["availability"]["status"])


async def facts(service: Service) -> dict[str, int]:
    """Numbers by key, markers of this test aside."""
    return {f.key: f.number for f in (await service.store.snapshot()).facts if "marker-" not in f.key}


# --- who may enter ---


@pytest.mark.parametrize("name", EVERY)
async def test_without_a_token_it_is_a_401_that_says_how(fresh: Service, name: str) -> None:
    method, target, document = EVERY[name]
    for authorization in ("", "Basic YTpi", "Bearer", "Bearer "):
        answer = await send(fresh, method, target, document, authorization=authorization)
        assert (answer.status, answer.json()["code"]) == (401, "unauthorized")
        assert answer.header("www-authenticate") == "Bearer"


@pytest.mark.parametrize("name", EVERY)
async def test_a_wrong_token_and_that_of_another_source_are_a_403_and_change_nothing(fresh: Service, name: str) -> None:
    method, target, document = EVERY[name]
    before = await facts(fresh)
    own = target.split("/")[3]
    others = [token for source, token in TOKENS.items() if source != own]
    for token in ("wrong", TOKENS[own][:-1], TOKENS[own] + "x", TOKENS[own].upper(), "å", "\x7f", *others):
        answer = await send(fresh, method, target, document, authorization=f"Bearer {token}")
        assert (answer.status, answer.json()["code"]) == (403, "forbidden")
    assert await facts(fresh) == before


@pytest.mark.parametrize("name", EVERY)
async def test_a_source_that_is_none_is_refused_as_a_wrong_token_is(fresh: Service, name: str) -> None:
    method, target, document = EVERY[name]
    own = target.split("/")[3]
    wrong = await send(fresh, method, target, document, authorization="Bearer wrong")
    for source in ("nobody", "people", "calendars", "config"):
        elsewhere = target.replace(f"/{own}/", f"/{source}/", 1)
        assert await send(fresh, method, elsewhere, document, authorization=f"Bearer {TOKENS[own]}") == wrong


async def test_a_refusal_at_the_door_leaves_one_line_a_source_and_cause_in_ten_minutes(
    fresh: Service, caplog: pytest.LogCaptureFixture
) -> None:
    """So that a switchboard with an old token is noticed, however often it comes."""
    elsewhere = [PRESENCE.replace("switchboard", name) for name in ("nobody", "people")]
    caplog.set_level(logging.WARNING)
    for _ in range(3):
        for target in (PRESENCE, *elsewhere):
            await send(fresh, "PUT", target, BUSY, authorization="Bearer an-old-token")
            await send(fresh, "PUT", target, BUSY, authorization="")
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 4
    assert [
        sum(words in line for line in lines) for words in ("'switchboard'", "source that is none", "without", "does not")
    ] == [2] * 4
    assert not any(secret in " ".join(lines) for secret in ("old-token", "ext:101", "192.0.2", "nobody", "people"))
    fresh.turn(int(fresh.clock.t) + 600)
    await send(fresh, "PUT", PRESENCE, BUSY, authorization="Bearer an-old-token")
    assert len(caplog.records) == 5


async def test_a_refusal_at_the_door_says_in_general_words_what_is_wrong(fresh: Service) -> None:
    without = await send(fresh, "PUT", PRESENCE, BUSY, authorization="")
    assert "Authorization: Bearer" in without.json()["detail"]
    wrong = await send(fresh, "PUT", PRESENCE, BUSY, authorization="Bearer wrong")
    assert "the token opens no source of this name" in wrong.json()["detail"]


@pytest.mark.parametrize(
    ("method", "target", "document"),
    [
        ("PUT", PRESENCE.replace("switchboard", "hr"), BUSY),
        ("DELETE", PRESENCE.replace("switchboard", "hr"), None),
        ("PUT", ABSENCE.replace("hr", "switchboard", 1), LEAVE),
        ("DELETE", ABSENCE.replace("hr", "switchboard", 1), None),
        ("PUT", ABSENCES.replace("hr", "switchboard", 1), []),
        ("PUT", QUEUE.replace("waiting", "switchboard"), {"wait": 720, "lease": 120}),
    ],
)
async def test_a_token_lets_a_source_say_only_what_its_kind_has_to_say(
    fresh: Service, method: str, target: str, document: object
) -> None:
    """Whoever holds the switchboard's token cannot send everybody on leave."""
    before = await facts(fresh)
    answer = await send(fresh, method, target, document)
    assert (answer.status, answer.json()["code"]) == (403, "forbidden")
    assert await facts(fresh) == before


async def test_two_tokens_of_one_source_both_open_it(tmp_path: Path) -> None:
    """So that one is changed without a gap."""
    folder = write_town(tmp_path / "town")
    more = (folder / "replies.tokens").read_text("utf-8")
    with (folder / "hr.tokens").open("a", encoding="utf-8") as file:
        file.write(more)
    async with serving(folder, at("2026-11-23 09:00")) as service:
        for name in ("hr", "replies"):
            answer = await send(service, "PUT", "/v1/sources/hr/heartbeat", authorization=f"bearer {TOKENS[name]}")
            assert answer.status == 204


# --- what is taken ---


async def test_a_report_shows_while_its_lease_lasts_and_is_taken_back(fresh: Service) -> None:
    assert (await send(fresh, "PUT", PRESENCE, BUSY)).status == 204
    assert await status(fresh) == "busy"
    assert (await send(fresh, "DELETE", PRESENCE)).status == 204
    assert await status(fresh) == "available"
    await send(fresh, "PUT", PRESENCE, BUSY)
    fresh.turn(int(fresh.clock.t) + 300)
    assert await status(fresh) == "available"


async def test_a_report_is_of_a_device_and_the_word_of_a_source_is_mapped(fresh: Service) -> None:
    await send(fresh, "PUT", PRESENCE, {"status": "Upptagen", "lease": 300, "device": "mobile"})
    await send(fresh, "PUT", PRESENCE, {"status": "available", "lease": 300, "device": "desk"})
    assert await status(fresh) == "busy"
    assert (await send(fresh, "DELETE", f"{PRESENCE}?device=mobile")).status == 204
    assert [report.status for report in held(fresh, Presence)] == ["available"]


async def test_an_older_report_never_wins_over_a_newer_one(fresh: Service) -> None:
    await send(fresh, "PUT", PRESENCE, BUSY | {"seq": 7})
    assert (await send(fresh, "PUT", PRESENCE, {"status": "available", "lease": 300, "seq": 6})).status == 204
    assert [report.status for report in held(fresh, Presence)] == ["busy"]


async def test_a_leave_shows_and_is_withdrawn(fresh: Service) -> None:
    assert (await send(fresh, "PUT", ABSENCE, LEAVE)).status == 204
    assert await status(fresh) == "away"
    assert (await send(fresh, "DELETE", ABSENCE)).status == 204
    assert await status(fresh) == "available"


async def test_sent_twice_is_as_sent_once(fresh: Service) -> None:
    """What is withdrawn twice, or was never there, is as good as withdrawn."""
    await send(fresh, "PUT", ABSENCE, LEAVE)
    once = await facts(fresh)
    assert (await send(fresh, "PUT", ABSENCE, LEAVE)).status == 204
    assert await facts(fresh) == once
    for _ in range(2):
        assert (await send(fresh, "DELETE", ABSENCE)).status == 204
    assert held(fresh, Absence) == []
    assert (await send(fresh, "DELETE", PRESENCE)).status == 204


@pytest.mark.parametrize("uid", ["L%2F2026%2F118", "L/2026/118", "a%2Fabsences%2Fb", "L%252F118", "%C3%A5%2F1"])
async def test_the_name_of_a_leave_may_hold_a_slash(fresh: Service, uid: str) -> None:
    target = ABSENCE.removesuffix("1") + uid
    assert (await send(fresh, "PUT", target, LEAVE)).status == 204
    assert (await send(fresh, "PUT", ABSENCE, LEAVE)).status == 204
    assert len(held(fresh, Absence)) == 2
    assert (await send(fresh, "DELETE", target)).status == 204
    assert len(held(fresh, Absence)) == 1


async def test_the_name_of_a_leave_is_the_same_with_its_slashes_encoded_or_not_and_in_a_batch(fresh: Service) -> None:
    for uid in ("L%2f2026%2F118", "L/2026/118", "%4C/2026/118"):
        await send(fresh, "PUT", ABSENCE.removesuffix("1") + uid, LEAVE)
    assert len(held(fresh, Absence)) == 1
    answer = await send(fresh, "PUT", ABSENCES, [{"person": "employee:101", "uid": "L/2026/118", **LEAVE}])
    assert {name: answer.json()[name] for name in ("added", "unchanged")} == {"added": 0, "unchanged": 1}


async def test_the_name_of_a_leave_is_whole_though_its_source_is_called_absences(
    tmp_path: Path,
) -> None:
    folder = write_town(tmp_path / "town")
    file = folder / "presence.toml"
    file.write_text(file.read_text("utf-8").replace("[sources.hr]", "[sources.absences]"), "utf-8")
    by_token = {"authorization": f"Bearer {TOKENS['hr']}"}
    async with serving(folder, at("2026-11-23 09:00")) as service:
        await send(service, "PUT", "/v1/sources/absences/people/employee:101/absences/L-1", LEAVE, **by_token)
        rows = [{"person": "employee:101", "uid": "L-1", **LEAVE}]
        answer = await send(service, "PUT", "/v1/sources/absences/absences", rows, **by_token)
        assert {name: answer.json()[name] for name in ("added", "unchanged")} == {"added": 0, "unchanged": 1}


async def test_a_leave_without_a_name_of_its_own_is_a_404(fresh: Service) -> None:
    assert (await send(fresh, "PUT", ABSENCE.removesuffix("1"), LEAVE)).status == 404


async def test_an_alias_is_normal_however_it_is_written_and_nobodys_is_kept_for_later(fresh: Service) -> None:
    assert (await send(fresh, "PUT", PRESENCE.replace("ext:101", "MAIL:Anna%40Example.se"), BUSY)).status == 204
    assert len(held(fresh, Presence)) == 1
    before = await fresh.get("/v1/contacts?q=nobody")
    assert (await send(fresh, "PUT", PRESENCE.replace("101", "999"), BUSY)).status == 204
    fresh.turn(int(fresh.clock.t) + 60)
    assert (await fresh.get("/v1/contacts?q=nobody")).body == before.body


async def test_a_complete_batch_withdraws_what_is_not_in_it_and_gives_a_receipt(fresh: Service) -> None:
    rows = [{"person": f"employee:{number}", "start": "2026-12-01"} for number in (999, 101, 102, 103)]
    first = await send(fresh, "PUT", ABSENCES, rows)
    assert (first.status, first.json()) == (200, {"added": 4, "changed": 0, "removed": 0, "unchanged": 0, "unmatched": 1})
    again = await send(fresh, "PUT", ABSENCES, rows)
    assert {name: again.json()[name] for name in ("added", "changed", "removed")} == {"added": 0, "changed": 0, "removed": 0}
    less = await send(fresh, "PUT", ABSENCES, rows[:3])
    assert (less.status, less.json()["removed"]) == (200, 1)


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("application/json", '[{"person": "employee:101", "start": "2026-11-23"}]'),
        ("application/x-ndjson", '{"person": "employee:101", "start": "2026-11-23"}\n'),
        ("text/csv", "person,start\nemployee:101,2026-11-23\n"),
        ("text/csv; charset=utf-8", "person;start;end;extent\nemployee:101;2026-11-23;;1,0\n"),
    ],
)
async def test_a_batch_is_taken_in_each_of_its_forms(fresh: Service, kind: str, document: str) -> None:
    answer = await fresh.put(ABSENCES, document, kind, TOKENS["hr"])
    assert (answer.status, answer.json()["added"]) == (200, 1)


async def test_a_dry_run_tells_and_changes_nothing(fresh: Service) -> None:
    before = await facts(fresh)
    answer = await send(fresh, "PUT", f"{ABSENCES}?dry_run=true", [{"person": "employee:101", **LEAVE}])
    assert (answer.status, answer.json()["added"], answer.json()["dry_run"]) == (200, 1, True)
    assert await facts(fresh) == before


async def test_a_batch_that_would_take_too_much_away_is_a_202_with_the_id_of_its_hold(fresh: Service) -> None:
    rows = [{"person": f"employee:10{n}", "start": "2026-12-01"} for n in (1, 2, 3)]
    await send(fresh, "PUT", ABSENCES, rows)
    before = len(held(fresh, Absence))
    answer = await send(fresh, "PUT", ABSENCES, [])
    assert (answer.status, answer.json()["rule"]) == (202, "empty")
    assert answer.json()["hold"]
    assert not {"anna", "101", "mail"} & set(answer.body.decode().lower().split())
    assert len(held(fresh, Absence)) == before == 1
    assert (await send(fresh, "PUT", f"{ABSENCES}?dry_run=true", [])).status == 200


async def test_a_batch_while_another_is_being_taken_is_a_409_that_says_when_to_come_back(fresh: Service) -> None:
    await fresh.store.acquire("intake/hr", "another process", 60)
    answer = await send(fresh, "PUT", ABSENCES, [])
    assert (answer.status, answer.json()["code"], answer.header("retry-after")) == (409, "already-running", "30")
    assert (await send(fresh, "PUT", ABSENCE, LEAVE)).status == 204  # a single report needs no lease


async def test_the_waiting_time_is_held_for_its_lease(fresh: Service) -> None:
    assert (await send(fresh, "PUT", QUEUE, {"wait": 720, "lease": 120})).status == 204
    assert [queue.wait for queue in fresh.board.now.queues.values()] == [720]


async def test_a_heartbeat_renews_the_source_and_nothing_else(tmp_path: Path) -> None:
    folder = write_town(tmp_path / "town", "")
    async with serving(folder, at("2026-11-23 09:00")) as service:
        await begin(service)
        held_before = service.board.now.sources["switchboard"]
        service.turn(at("2026-11-23 09:10"))
        assert (await send(service, "PUT", "/v1/sources/switchboard/heartbeat")).status == 204
        held_after = service.board.now.sources["switchboard"]
        assert isinstance(held_before, SourceHealth)
        assert held_after.ok_until - held_before.ok_until == 600


@pytest.mark.parametrize("body", [b"", b"{}", b" { }\n"])
async def test_a_heartbeat_says_nothing_but_that_it_comes(fresh: Service, body: bytes) -> None:
    answer = await fresh.put("/v1/sources/switchboard/heartbeat", body, token=TOKENS["switchboard"])
    assert answer.status == 204


@pytest.mark.parametrize("body", [b'{"status": "sjuk"}', b"[]", b"null", b"well", b"\xff", b"[" * 10_000])
async def test_a_heartbeat_with_anything_in_it_is_a_400(fresh: Service, body: bytes) -> None:
    before = await facts(fresh)
    answer = await fresh.put("/v1/sources/switchboard/heartbeat", body, token=TOKENS["switchboard"])
    assert (answer.status, answer.json()["code"]) == (400, "bad-document")
    assert b"sjuk" not in answer.body
    assert await facts(fresh) == before


async def test_a_source_that_is_configured_to_send_no_heartbeats_is_told_so(tmp_path: Path) -> None:
    """Taken, one would be of no effect, and the sender would rely on it."""
    folder = write_town(tmp_path / "town")
    file = folder / "presence.toml"
    text = file.read_text("utf-8")
    file.write_text(text.replace('token_file = "chat.tokens"', 'token_file = "chat.tokens"\nheartbeats = false'), "utf-8")
    async with serving(folder, at("2026-11-23 09:00")) as service:
        answer = await send(service, "PUT", "/v1/sources/chat/heartbeat")
        assert (answer.status, answer.json()["code"]) == (403, "forbidden")
        assert "heartbeats = false" in answer.json()["detail"]


async def test_calls_are_totals_of_an_hour_and_the_last_word_on_it_counts(fresh: Service) -> None:
    for answered in (50, 53):
        assert (await send(fresh, "POST", CALLS, [HOUR | {"answered": answered}])).status == 204
    bodies = [f.body for f in (await fresh.store.snapshot()).facts if "/switchboard" in f.key and isinstance(f.body, Count)]
    assert [body.counts for body in bodies] == [{key("calls", "växel", "answered"): 53, key("calls", "växel", "unanswered"): 47}]


async def test_a_unit_of_calls_may_have_a_slash_in_its_name(fresh: Service) -> None:
    assert (await send(fresh, "POST", CALLS, [HOUR | {"unit": "Vatten/avlopp"}])).status == 204
    [body] = [f.body for f in (await fresh.store.snapshot()).facts if "/switchboard" in f.key and isinstance(f.body, Count)]
    assert {parts(name)[1] for name in body.counts} == {"Vatten/avlopp"}


@pytest.mark.parametrize(
    "more", [{"caller": "+46701740605"}, {"person": "employee:101"}, {"answered": -1}, {"hour": "2026-11-23T08:00"}]
)
async def test_calls_hold_no_number_and_no_person(fresh: Service, more: dict[str, object]) -> None:
    assert (await send(fresh, "POST", CALLS, [HOUR | more])).status == 400


# --- what is refused ---


@pytest.mark.parametrize(
    ("target", "document", "says"),
    [
        (PRESENCE, {"status": "busy"}, "lease"),
        (PRESENCE, {"lease": 60}, "status"),
        (PRESENCE, {"status": "sjuk", "lease": 60}, "status"),
        (PRESENCE, {"status": "busy", "lease": 0}, "lease"),
        (PRESENCE, {"status": "busy", "lease": 86_401}, "lease"),
        (PRESENCE, BUSY | {"reason": "migrän"}, "an unknown field"),
        (ABSENCE, {"end": "2026-11-24"}, "start"),
        (ABSENCE, LEAVE | {"extent": 0}, "extent"),
        (ABSENCE, LEAVE | {"extent": 1.1}, "extent"),
        (ABSENCE, LEAVE | {"type": "sjukskrivning"}, "an unknown field"),
        (ABSENCE, {"start": "2026-11-23T08:00"}, "zone"),
        (ABSENCE, {"start": "24/11/2026"}, "start"),
        (ABSENCE, {"start": "2026-11-24", "end": "2026-11-23"}, "end"),
        (ABSENCES, [{"start": "2026-11-23"}], "row 1"),
        (ABSENCES, [{"person": "101", "start": "2026-11-23"}], "row 1"),
        (QUEUE, {"wait": -1, "lease": 60}, "wait"),
        (QUEUE, {"wait": 60, "lease": 3_601}, "lease"),
    ],
)
async def test_a_document_that_is_not_of_the_form_is_a_400_that_names_the_field(
    fresh: Service, target: str, document: object, says: str
) -> None:
    before = await facts(fresh)
    answer = await send(fresh, "PUT", target, document)
    told = answer.json()
    assert (answer.status, answer.header("content-type"), told["code"]) == (400, "application/problem+json", "bad-document")
    assert says in told["detail"]
    assert not any(word in answer.body.decode() for word in ("migrän", "sjuk", "24/11"))
    assert await facts(fresh) == before


@pytest.mark.parametrize("alias", ["anna", ":", "mail:", ":anna", "%20"])
async def test_an_alias_that_is_none_is_a_400(fresh: Service, alias: str) -> None:
    answer = await send(fresh, "PUT", PRESENCE.replace("ext:101", alias), BUSY)
    assert (answer.status, answer.json()["code"]) == (400, "bad-alias")


@pytest.mark.parametrize("kind", ["bogus", "tel", "dn"])
async def test_a_kind_of_alias_that_nobody_gives_is_a_400(fresh: Service, kind: str) -> None:
    before = await facts(fresh)
    for method, target, document in (EVERY["presence"], EVERY["no presence"], EVERY["absence"], EVERY["no absence"]):
        answer = await send(fresh, method, target.replace("ext:", f"{kind}:").replace("employee:", f"{kind}:"), document)
        assert (answer.status, answer.json()["code"]) == (400, "bad-alias")
        assert kind not in answer.json()["detail"].split()
    assert await facts(fresh) == before


@pytest.mark.parametrize("kind", ["bogus", "tel", "dn"])
async def test_a_kind_of_alias_that_nobody_gives_is_refused_in_a_complete_batch_too(fresh: Service, kind: str) -> None:
    before = await facts(fresh)
    rows = [
        {"person": f"{kind}:101", "start": "2026-11-23", "uid": "a"},
        {"person": "employee:101", "start": "2026-11-23", "uid": "b"},
    ]
    answer = await send(fresh, "PUT", ABSENCES, rows)
    assert (answer.status, answer.json()["code"]) == (400, "bad-alias")
    assert kind not in answer.json()["detail"].split()
    assert await facts(fresh) == before


async def test_who_adds_a_kind_of_alias_is_told_to_keep_that_by_which_people_are_linked(fresh: Service) -> None:
    """What is named there takes the place of employee: by half of the advice nobody would be linked to the source any more."""
    answer = await send(fresh, "PUT", ABSENCE.replace("employee:", "reply:"), LEAVE)
    assert "name there employee too" in answer.json()["detail"]


async def test_a_kind_of_alias_that_the_source_is_configured_with_is_taken(fresh: Service) -> None:
    assert (await send(fresh, "PUT", "/v1/sources/replies/people/reply:101/absences/1", LEAVE)).status == 204
    assert (await send(fresh, "PUT", "/v1/sources/hr/people/reply:101/absences/1", LEAVE)).status == 400


@pytest.mark.parametrize("kind", ["employee", "uid", "ext", "mail", "upn", "oid", "sip"])
@pytest.mark.parametrize("number", ["19700101-1233", "197001011233", "700101-1233", "700101+1233", "19700161-1233"])
async def test_a_personal_identity_number_is_no_key_and_is_not_told_back(fresh: Service, kind: str, number: str) -> None:
    before = await facts(fresh)
    for name in ("presence", "no presence", "absence", "no absence"):
        method, target, document = EVERY[name]
        who = f"{kind}:{number.replace('+', '%2B')}"
        answer = await send(fresh, method, target.replace("ext:101", who).replace("employee:101", who), document)
        assert (answer.status, answer.json()["code"]) == (400, "bad-document"), name
        assert "is a personal identity number" in answer.json()["detail"]
        assert "1233" not in answer.body.decode()
    assert await facts(fresh) == before


@pytest.mark.parametrize("target", [PRESENCE, ABSENCE, ABSENCES, QUEUE])
async def test_another_media_type_is_a_415_and_too_much_a_413(fresh: Service, target: str) -> None:
    source = target.split("/")[3]
    assert (await fresh.put(target, "{}", "text/html", TOKENS[source])).status == 415
    size = 20_000_001 if target == ABSENCES else 256_001
    refused = await fresh.put(target, b" " * size, "application/json", TOKENS[source])
    assert (refused.status, refused.json()["code"], refused.header("content-type")) == (
        413,
        "too-large",
        "application/problem+json",
    )


async def test_a_batch_may_be_larger_than_a_single_document(fresh: Service) -> None:
    rows = "\n".join(f'{{"person": "employee:{n}", "start": "2026-12-01", "uid": "{n}"}}' for n in range(10_000))
    assert len(rows) > 256_000
    answer = await fresh.put(ABSENCES, rows, "application/x-ndjson", TOKENS["hr"])
    assert (answer.status, answer.json()["unmatched"]) == (200, 10_000 - 5)


async def test_a_store_that_cannot_write_is_a_503_that_says_when_to_come_back_and_answers_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_town(tmp_path / "town", LASTING)
    async with serving(folder, at("2026-11-23 09:00"), durable=True) as service:
        await begin(service)
        with sqlite3.connect(folder / "presence.sqlite", isolation_level=None) as other:
            monkeypatch.setattr(service.store, "_patience", 0.2)
            other.execute("BEGIN IMMEDIATE")
            body = json.dumps(LEAVE).encode()
            headers = {"authorization": f"Bearer {TOKENS['hr']}", "content-type": "application/json"}
            answer = await ask(service.app, "PUT", ABSENCE, body, headers)
            told = await service.get(f"/v1/contacts/{ANNA}")
            other.execute("ROLLBACK")
        assert (answer.status, answer.json()["code"], answer.header("retry-after")) == (503, "unavailable", "5")
        assert told.status == 200
        assert (await send(service, "PUT", ABSENCE, LEAVE)).status == 204


async def test_nothing_is_stored_by_a_refusal_of_a_store_that_is_away(fresh: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> str:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(fresh.store, "append", away)
    headers = {"authorization": f"Bearer {TOKENS['switchboard']}", "content-type": "application/json"}
    for target, method, document in ((PRESENCE, "PUT", BUSY), (CALLS, "POST", [HOUR])):
        answer = await ask(fresh.app, method, target, json.dumps(document).encode(), headers)
        assert (answer.status, answer.header("retry-after")) == (503, "5")
        assert b"disk" not in answer.body
    monkeypatch.undo()
    assert held(fresh, Presence) == []


async def test_where_other_processes_come_first_again_and_again_it_is_a_503(
    fresh: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than a report that was acknowledged and is lost."""

    async def overtaken(*_: object, **__: object) -> str:
        raise Conflict("somebody else wrote it")

    monkeypatch.setattr("presence.intaking.mirror._LOOK", 0.01)
    monkeypatch.setattr(fresh.store, "append", overtaken)
    headers = {"authorization": f"Bearer {TOKENS['switchboard']}", "content-type": "application/json"}
    answer = await ask(fresh.app, "PUT", PRESENCE, json.dumps(BUSY).encode(), headers)
    assert (answer.status, answer.json()["code"], answer.header("retry-after")) == (503, "unavailable", "5")


async def test_what_a_source_sends_cannot_be_read_back(fresh: Service) -> None:
    await send(fresh, "PUT", ABSENCE, LEAVE)
    for target in (ABSENCE, PRESENCE, ABSENCES, QUEUE, "/v1/sources/hr", "/v1/sources/hr/people/employee:101"):
        answer = await send(fresh, "GET", target)
        assert answer.status in (404, 405), target
    assert held(fresh, Calendar)
