"""Some thousands of requests at random, the same for a seed: none is a 5xx, none takes long, and the service goes on.

PRESENCE_FULL=1 sends a hundred thousand.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.web.service import Service, deliver
from tests.web.town import ANNA, BUILDING, PIA, TOKENS

pytestmark = pytest.mark.anyio

HOST = (b"host", b"kontakt.example.se")
ROUTES = (
    *("/", "/contacts/{}", "/embed/{}", "/units/{}", "/topics/{}", "/centre", "/accessibility", "/docs", "/go/{}/{}"),
    *(
        "/contacts/{}/reached",
        "/embed/{}/reached",
        "/go/{}/{}/steps",
        "/static/{}",
        "/widget/v1/{}",
        "/v1/contacts",
        "/v1/contacts/{}",
        "/v1/contacts/{}.vcf",
    ),
    *(
        "/v1/contacts/{}.html",
        "/v1/units/{}",
        "/v1/topics/{}",
        "/v1/centre",
        "/openapi.json",
        "/schema",
        "/demo/widget",
        "/{}/{}",
    ),
    *("/v1/sources/{}/people/{}/presence", "/v1/sources/{}/people/{}/absences/{}", "/v1/sources/{}/absences"),
    *("/v1/sources/{}/heartbeat", "/v1/sources/{}/queue", "/v1/sources/{}/calls"),
)
GOOD = (
    *(ANNA, PIA, BUILDING, "bygglov", "telephone", "e-mail", "post", "hr", "switchboard", "employee:101", "ext:101"),
    *("presence.js", "presence.css", "card.css", "sv", "en", "anna", "stads"),
)
WORDS = (
    *(
        "",
        ".",
        "..",
        "%",
        "%2e%2e",
        "%00",
        "%ff",
        "%E2%86%92",
        "%C3%A5",
        "%F0%9F%90%A6",
        "%E2%80%AE",
        "*",
        "'",
        '"',
        "<b>",
        "mail:",
    ),
    *("{{1}}", "-1", "0", "1e999", "9" * 50, "x" * 70, "x" * 300, "null", "true", ",", "," * 30, "%0d%0a", "%5c", "%3F", "%23"),
    *("2026-12-01", "2026-12-01T08:00:00+01:00", "%ED%A0%80", "+", "%20", ";", "&", "=", "a:b", "a" * 1_900),
)
QUERIES = ("q", "ids", "lang", "topic", "dry_run", "device", "scheme", "at", "[]", "q[]", "__proto__", "limit")
METHODS = ("GET", "GET", "GET", "GET", "HEAD", "PUT", "PUT", "POST", "DELETE", "OPTIONS", "PATCH")
KINDS = (
    "application/json",
    "text/csv",
    "text/calendar",
    "application/x-ndjson",
    "text/plain",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "",
)
FRAGMENTS = (
    *(b"{", b"}", b"[", b"]", b'"', b":", b",", b"null", b"1", b"-1", b"1e400", b"NaN", b"\xff", b"\x00", b"\\ud800", b"\n"),
    *(b'{"start":"2026-12-01"}', b'{"status":"busy","lease":60}', b'{"wait":60,"lease":60}', b"person,start\n", b"employee:101,"),
    *(b'[{"hour":"2026-11-23T08:00:00+01:00","unit":"a","answered":1,"unanswered":0}]', b"BEGIN:VCALENDAR\r\n", b"\r\n"),
    *(b"END:VCALENDAR\r\n", b"BEGIN:VEVENT\r\n", b"DTSTART:20261201T080000Z\r\n", b"END:VEVENT\r\n", b'"start"'),
    *(b'"2026-12-01"', b"[" * 2_000, b" " * 3_000),
)
HEADERS = (b"if-none-match", b"cookie", b"range", b"accept", b"origin")


def requests(seed: int, count: int) -> Iterator[tuple[str, bytes, bytes, list[tuple[bytes, bytes]], bytes]]:
    """Method, path, query, headers, body; the same for a seed."""
    draw = random.Random(seed)
    for _ in range(count):
        route = draw.choice(ROUTES)
        words = [_word(draw) for _ in range(route.count("{}"))]
        path = route.format(*words)
        if draw.random() < 0.1:
            path = "/" + path[draw.randrange(len(path)) :]
        query = "&".join(f"{draw.choice(QUERIES)}={_word(draw)}" for _ in range(draw.choice((0, 0, 1, 1, 2, 5))))
        body = b"".join(draw.choice(FRAGMENTS) for _ in range(draw.choice((0, 1, 1, 2, 6))))
        headers = [HOST, (b"content-type", draw.choice(KINDS).encode())]
        source = next((name for name in TOKENS if f"/{name}/" in path), "hr")
        token = draw.choice([TOKENS[source], TOKENS[source], *TOKENS.values(), "wrong", "å"])
        if draw.random() < 0.8:
            headers.append((b"authorization", f"Bearer {token}".encode("latin-1")))
        if draw.random() < 0.2:
            headers.append(
                (draw.choice((b"if-none-match", b"cookie", b"range", b"accept", b"origin")), draw.choice(WORDS).encode())
            )
        yield draw.choice(METHODS), path.encode(), query.encode(), headers, body


def _word(draw: random.Random) -> str:
    return draw.choice(GOOD if draw.random() < 0.6 else WORDS)


FUZZ = 100_000 if os.environ.get("PRESENCE_FULL") else 3_000


@pytest.mark.timeout(3_600)
async def test_whatever_is_asked_of_whatever_route_is_answered_and_quickly(fresh: Service) -> None:
    seen: Counter[int] = Counter()
    faults, slow = [], []
    for number, (method, path, query, headers, body) in enumerate(requests(4711, FUZZ)):
        begun = time.process_time()
        answer = await deliver(fresh.app, method, path, query, headers, [body])
        seen[answer.status] += 1
        if answer.status >= 500:
            faults.append((number, method, path, query, body[:200]))
        if time.process_time() - begun > 1:
            slow.append((number, method, path))
    assert (faults, slow) == ([], [])
    assert {200, 204, 303, 400, 401, 403, 404, 405} <= set(seen)
    assert (await fresh.get(f"/v1/contacts/{ANNA}")).status == 200
