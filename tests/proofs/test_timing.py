"""Nor does time tell why: how long an answer takes is the same for every kind of absence, and for who is hidden as for nobody.

Over HTTP, from a real service, in interleaved requests. Two samples of times are compared by the distance of Kolmogorov and
Smirnov: the greatest difference between the shares of answers that took at most so long.
"""

import os
import socket
import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from random import Random

import pytest

from tests.journeys.service import Service, service, until
from tests.proofs.absences import OOF, event
from tests.web.service import KEY, contact_id
from tests.web.town import LASTING, SETTINGS, TOKENS, identity, person, write_calendar, write_town

pytestmark = [pytest.mark.load, pytest.mark.timeout(600)]

EACH = 20_000
"""Requests of a kind: by chance two samples of this size differ by 0.02 once in a hundred pairs, by 0.03 never."""
MOST = 0.03
FULL = bool(os.environ.get("PRESENCE_FULL"))
ELSEWHERE = ("/contacts/{}", "/embed/{}", "/v1/contacts/{}.html", "/v1/contacts/{}.vcf", "/go/{}/telephone")
EACH_ELSEWHERE = EACH if FULL else 3_000
MOST_ELSEWHERE = MOST if FULL else 0.06
"""Routes that take a millisecond: as many requests with PRESENCE_FULL=1, a sample that tells less in the ordinary run."""
PEOPLE_OF_A_KIND = 5
ABSENT = ("leave today", "leave without end", "automatic reply", "out of office", "corrected leave")
NOBODY = ("hidden", "unknown")


@pytest.fixture(scope="module")
def times(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Sequence[float]]:
    """Seconds that each answer took, by kind; of other routes by route and kind."""
    folder = tmp_path_factory.mktemp("timing") / "town"
    numbers = {kind: range(200 + 10 * n, 200 + 10 * n + PEOPLE_OF_A_KIND) for n, kind in enumerate((*ABSENT, "hidden"))}
    people = {
        f"p{number}": person(f"P{number} Ek", number, "Stadsbyggnad", *(["employeeType: skyddad"] if kind == "hidden" else []))
        for kind, several in numbers.items()
        for number in several
    }
    write_town(folder, people=people)
    (folder / "installation.key").write_bytes(KEY)
    (folder / "installation.key").chmod(0o600)
    for kind, several in numbers.items():
        for number in several:
            lines = event(1, "20261123T080000", "20261123T150000", OOF).lines if kind == "out of office" else ()
            write_calendar(folder, f"p{number}", *lines)
    with service(folder, _configuration, "2026-11-23 10:00:02") as running:
        for kind in ABSENT:
            for number in numbers[kind]:
                _send(running, kind, number)
        ids = {kind: [contact_id(identity(number)) for number in several] for kind, several in numbers.items()}
        ids["unknown"] = ["".join(Random(n).choices("abcdefghijklmnopqrstuvwxyz234567", k=16)) for n in range(PEOPLE_OF_A_KIND)]
        running.at("2026-11-23 10:05:02")
        for kind in ABSENT:
            for contact in ids[kind]:
                until(lambda contact=contact: _is_away(running, contact), f"{kind} shows")  # type: ignore[misc]
        found = _timed(running, ids, "/v1/contacts/{}", EACH)
        for route in ELSEWHERE:
            nobody = _timed(running, {kind: ids[kind] for kind in NOBODY}, route, EACH_ELSEWHERE)
            found |= {f"{route} {kind}": seconds for kind, seconds in nobody.items()}
        return found


def _is_away(running: Service, contact: str) -> bool:
    answer = running.get(f"/v1/contacts/{contact}")
    return answer.status == 200 and answer.data["availability"]["status"] == "away"


def _configuration(made: Service) -> str:
    """A tick of two seconds: what is made anew at a tick is timed too."""
    text = f"{SETTINGS}{LASTING}".replace('operations = ""', f'operations = "127.0.0.1:{made.operations}"')
    return f'{text}\n[public]\ntick = "2 s"\nlag = "1 s"\n' if "[public]" not in text else text


def _send(running: Service, kind: str, number: int) -> None:
    """Tell the service of the absence, in the shape in which such a source sends it."""
    today, noon = "2026-11-23", "2026-11-23T15:00:00+01:00"
    morning = "2026-11-23T08:00:00+01:00"
    sent: dict[str, Sequence[tuple[str, str, object]]] = {
        "leave today": [("hr", f"employee:{number}", {"start": morning, "end": noon})],
        "leave without end": [("hr", f"employee:{number}", {"start": today, "end": None})],
        "automatic reply": [("replies", f"employee:{number}", {"start": morning, "end": noon})],
        "corrected leave": [
            ("hr", f"employee:{number}", {"start": today, "end": "2026-12-24"}),
            ("hr", f"employee:{number}", {"start": morning, "end": noon}),
        ],
    }
    for source, alias, document in sent.get(kind, ()):
        answer = running.put(f"/v1/sources/{source}/people/{alias}/absences/1", TOKENS[source], document)
        assert answer.status == 204, answer


def _timed(running: Service, ids: Mapping[str, Sequence[str]], route: str, each: int) -> dict[str, list[float]]:
    """One connection, one request after the other, in an order that is drawn anew for each round of kinds."""
    draw, found = Random(23), {kind: list[float]() for kind in ids}
    kinds = list(ids)
    with socket.create_connection(("127.0.0.1", running.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for round_ in range(each + 200):
            draw.shuffle(kinds)
            for kind in kinds:
                request = f"GET {route.format(draw.choice(ids[kind]))} HTTP/1.1\r\nhost: kontakt.example.se\r\n\r\n".encode()
                begun = time.perf_counter()
                connection.sendall(request)
                _whole_answer(connection)
                if round_ >= 200:  # the first are made, the others are there
                    found[kind].append(time.perf_counter() - begun)
    return found


def _whole_answer(connection: socket.socket) -> bytes:
    read = connection.recv(65_536)
    head, _, body = read.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65_536)
    return body


def distance(first: Sequence[float], second: Sequence[float]) -> float:
    """Of Kolmogorov and Smirnov, 0 to 1."""
    a, b = sorted(first), sorted(second)
    return max(abs(bisect_right(a, x) / len(a) - bisect_right(b, x) / len(b)) for x in (*a[::10], *b[::10]))


def pairs(kinds: Sequence[str]) -> Iterator[tuple[str, str]]:
    return ((one, other) for n, one in enumerate(kinds) for other in kinds[n + 1 :])


@pytest.mark.parametrize(("one", "other"), [*pairs(ABSENT), *pairs(NOBODY)])
def test_two_kinds_take_equally_long(times: Mapping[str, Sequence[float]], one: str, other: str) -> None:
    found = distance(times[one], times[other])
    print(f"{one} / {other}: {found:.4f}")
    assert found <= MOST


@pytest.mark.parametrize("route", ELSEWHERE)
def test_whoever_is_hidden_takes_as_long_as_nobody_on_every_route(times: Mapping[str, Sequence[float]], route: str) -> None:
    found = distance(*(times[f"{route} {kind}"] for kind in NOBODY))
    print(f"{route}: {found:.4f}")
    assert found <= MOST_ELSEWHERE


def test_a_difference_of_a_few_microseconds_would_be_noticed(times: Mapping[str, Sequence[float]]) -> None:
    """What the claims above are worth: the same times, a tenth longer."""
    same = times["leave today"]
    assert distance(same, [1.1 * t for t in same]) > MOST
