"""Hostile requests, one by one: a 4xx problem document, never a 5xx, never an echo of what was sent."""

import json
from urllib.parse import quote_from_bytes

import pytest

from presence.web.guard import Hosts
from presence.web.refusals import Refusals
from tests.web.service import Answer, Service, ask, deliver
from tests.web.town import ANNA, TOKENS

pytestmark = pytest.mark.anyio

HOST = (b"host", b"kontakt.example.se")
HR = (b"authorization", f"Bearer {TOKENS['hr']}".encode())
JSON = (b"content-type", b"application/json")
LEAVE = "/v1/sources/hr/people/employee:101/absences/1"
START = "2026-12-01"


def told(answer: Answer) -> bytes:
    """All that leaves the service."""
    return b"\n".join([answer.body, *(value for _, value in answer.headers)])


async def put(service: Service, body: bytes, kind: bytes = b"application/json", target: str = LEAVE) -> Answer:
    headers = [HOST, HR, (b"content-type", kind), (b"content-length", str(len(body)).encode())]
    return await deliver(service.app, "PUT", target.encode(), b"", headers, [body])


BODIES = {
    "100,000 deep": b'{"start":' + b"[" * 100_000,
    "100,000 deep, closed": b'{"start":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "invalid UTF-8": b'{"start": "\xff\xfe"}',
    "NaN": b'{"start": "2026-12-01", "extent": NaN}',
    "1e999": b'{"start": "2026-12-01", "extent": 1e999}',
    "a number of 5,000 digits": b'{"start": "2026-12-01", "extent": ' + b"9" * 5_000 + b"}",
    "a lone surrogate": b'{"start": "\\ud800"}',
    "an unknown field": b'{"start": "2026-12-01", "role": "admin"}',
    "NUL": b'{"start": "2026-12-01\\u0000"}',
    "a time without a zone": b'{"start": "2026-12-01T08:00:00"}',
    "a time past 2100": b'{"start": "9999-12-31T23:59:59-23:59"}',
    "an end before the start": b'{"start": "2026-12-02", "end": "2026-12-01"}',
    "an array": b"[]",
    "null": b"null",
    "nothing": b"",
    "two documents": b'{"start": "2026-12-01"}{"start": "2026-12-02"}',
    "a negative extent": b'{"start": "2026-12-01", "extent": -1}',
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_document_that_is_none_is_a_400(town: Service, name: str) -> None:
    answer = await put(town, BODIES[name])
    assert (answer.status, answer.header("content-type")) == (400, "application/problem+json")


@pytest.mark.parametrize("name", BODIES)
async def test_so_it_is_where_the_framework_decodes_it(town: Service, name: str) -> None:
    """POST …/calls is read by the framework."""
    headers = [HOST, HR, JSON, (b"content-length", str(len(BODIES[name])).encode())]
    if name == "an array":
        return  # no calls
    answer = await deliver(town.app, "POST", b"/v1/sources/hr/calls", b"", headers, [BODIES[name]])
    assert answer.status == 400


@pytest.mark.parametrize(
    "kind", ["application/xml", "application/x-www-form-urlencoded", "application/json; charset=utf-7", "", "x"]
)
async def test_another_media_type_is_a_415(town: Service, kind: str) -> None:
    """A form of another site cannot send anything that is taken, either."""
    answer = await put(town, json.dumps({"start": START}).encode(), kind.encode())
    assert answer.status == 415


@pytest.mark.parametrize("size", [256_001, 11_000_000])
async def test_a_body_that_is_too_large_is_a_413_whatever_length_it_announces(town: Service, size: int) -> None:
    for announced in (size, 10):
        headers = [HOST, HR, JSON, (b"content-length", str(announced).encode())]
        parts = [b" " * 64_000] * (size // 64_000 + 1)
        answer = await deliver(town.app, "PUT", LEAVE.encode(), b"", headers, parts)
        assert (answer.status, answer.header("content-type")) == (413, "application/problem+json")


@pytest.mark.parametrize(
    "path", ["/v1/contacts/%00", "/v1/contacts/a%00b", "/contacts/%ff", "/v1/contacts/%0d%0aSet-Cookie:x", "/go/a%0ab/c"]
)
async def test_control_characters_and_broken_utf8_in_a_path_are_in_the_name_of_nobody(town: Service, path: str) -> None:
    answer = await town.get(path)
    assert answer.status == 404
    assert answer.header("set-cookie") is None


@pytest.mark.parametrize("target", ["/v1/sources/hr/people/employee:1%00/presence", "/v1/sources/%ff/heartbeat"])
async def test_a_source_that_sends_such_names_is_told_so(town: Service, target: str) -> None:
    assert (await ask(town.app, "PUT", target, b"{}", {"authorization": f"Bearer {TOKENS['hr']}"})).status == 400


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (f"/v1/contacts/{ANNA}?limit=-1", 200),
        (f"/v1/contacts/{ANNA}?limit=1{'0' * 1_900}", 200),
        (f"/v1/contacts/{ANNA}?limit=1{'0' * 4_400}", 414),
        ("/v1/contacts?" + "&".join(f"a{n}=1" for n in range(5_000)), 414),
        ("/v1/contacts?" + "&".join(f"{n}=" for n in range(40)), 414),
        ("/v1/contacts?q=" + "a" * 70_000, 414),
        ("/" + "a" * 70_000, 414),
        ("/v1/contacts?q=" + "a" * 201, 400),
        ("/v1/contacts?q=a&q=b", 400),
        ("/v1/contacts?q=%00%00", 400),
        ("/v1/contacts?q=%ff%fe", 200),
        (f"/v1/contacts/{ANNA}?lang=%ff", 200),
        ("/?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E", 200),
    ],
)
async def test_odd_parameters_are_bounded(town: Service, target: str, status: int) -> None:
    assert (await town.get(target)).status == status


async def test_what_was_typed_stands_in_a_page_as_text_only(town: Service) -> None:
    for typed in ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "' onfocus=alert(1) '"):
        body = (await town.get(f"/?q={quote_from_bytes(typed.encode())}")).body.decode()
        assert typed not in body or "<" not in typed
        assert "49" not in body or "7*7" in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "BREW"])
async def test_the_public_can_change_nothing(town: Service, method: str) -> None:
    for target in (f"/v1/contacts/{ANNA}", "/v1/centre", "/", f"/go/{ANNA}/telephone"):
        answer = await ask(town.app, method, target, b"{}", {"content-type": "application/json"})
        assert answer.status in (404, 405), target


async def test_a_host_that_is_not_ours_is_refused_where_hosts_are_named(town: Service) -> None:
    app = Hosts(town.app, ["kontakt.example.se"], Refusals(town.front))
    target = f"/v1/contacts/{ANNA}".encode()
    bad: list[list[tuple[bytes, bytes]]] = [
        [(b"host", b"evil.example")],
        [],
        [HOST, (b"host", b"evil.example")],
        [HOST, HOST],
        [(b"host", b"kontaktXexample.se")],
        [(b"x-forwarded-host", b"kontakt.example.se")],
    ]
    assert [(await deliver(app, "GET", target, b"", headers)).status for headers in bad] == [400] * len(bad)
    assert (await deliver(app, "GET", target, b"", [(b"host", b"Kontakt.Example.SE:8020")])).status == 200


CANARY = "kanariefagel"
PLACES = [
    f"/{CANARY}",
    f"/v1/{CANARY}",
    f"/v1/contacts/{CANARY}",
    f"/v1/contacts/{CANARY}.vcf",
    f"/v1/contacts/{CANARY}.html",
    f"/v1/contacts/{CANARY}/{CANARY}",
    f"/contacts/{CANARY}",
    f"/embed/{CANARY}",
    f"/units/{CANARY}",
    f"/v1/units/{CANARY}",
    f"/v1/topics/{CANARY}",
    f"/topics/{CANARY}",
    f"/go/{CANARY}/telephone",
    f"/go/{CANARY}/{CANARY}/steps",
    f"/static/{CANARY}",
    f"/v1/contacts?q={CANARY}",
    f"/v1/contacts?q={CANARY * 20}",
    f"/v1/contacts?ids={CANARY}",
    f"/v1/contacts?ids={','.join([CANARY] * 90)}",
    f"/v1/contacts?{CANARY}={CANARY}",
    f"/v1/contacts?q=a&topic={CANARY * 9}&lang={CANARY * 9}",
    f"/contacts/{ANNA}?lang={CANARY}&topic={CANARY}",
    f"/v1/contacts/{ANNA}?lang={CANARY}&topic={CANARY}&x={CANARY}",
    f"/v1/sources/{CANARY}/heartbeat",
]


@pytest.mark.parametrize("target", PLACES)
async def test_no_answer_repeats_what_was_sent(town: Service, target: str) -> None:
    headers = dict.fromkeys(("x-request-id", "referer", "user-agent", "cookie", "authorization", "origin", "accept"), CANARY)
    for method in ("GET", "PUT", "BREW"):
        answer = await ask(town.app, method, target, f'{{"{CANARY}": "{CANARY}"'.encode(), headers | {"content-type": CANARY})
        assert answer.status < 500
        assert CANARY.encode() not in told(answer).lower(), method


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", f'{{"{CANARY}": 1, "start": "2026-12-01"}}'),
        ("application/json", f'{{"start": "{CANARY}"}}'),
        ("application/json", f'{{"start": {CANARY}}}'),
        ("application/json", f'{{"start": "2026-12-01", "extent": "{CANARY}"}}'),
        ("text/calendar", f"BEGIN:VCALENDAR\r\n{CANARY}\r\nEND:VCALENDAR\r\n"),
        (CANARY, "{}"),
    ],
)
async def test_a_refusal_of_a_document_names_the_field_and_not_the_value(town: Service, kind: str, body: str) -> None:
    answer = await put(town, body.encode(), kind.encode())
    assert answer.status in (400, 415)
    assert answer.json()["code"]
    assert CANARY.encode() not in told(answer)
