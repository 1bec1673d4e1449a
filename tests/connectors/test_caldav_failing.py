"""What a CalDAV server does wrong costs the people it is wrong about, and no word of it travels."""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.caldav import CalDav
from connectors.fetching import Guard
from presence.domain.intervals import DOUBT, Status
from presence.ports import Batch, SourceInvalid, SourceUnavailable
from tests.connectors.caldav_source import account, fetched, using
from tests.connectors.dated import (
    ANNA,
    BERTIL,
    CANARY,
    NOW,
    Clock,
    calendar,
    counted,
    event,
    free_busy,
    person,
    said,
    written,
)
from tests.servers.certificates import certificate
from tests.servers.scripted_dav import (
    Asked,
    Reply,
    ScriptedDav,
    described,
    multistatus,
    objects,
    response,
    scripted_dav,
    synchronised,
)

LOGIN = "<!DOCTYPE html><html><head><title>Logga in</title></head><body><form method=post></form></body></html>"
BUSY = free_busy((NOW, 1))
BOMB = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><multistatus xmlns="DAV:">&c;</multistatus>'
FILE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><multistatus xmlns="DAV:">&b;</multistatus>'
BOTH = {ANNA: "anna/", BERTIL: "bertil/"}


@pytest.fixture
def server() -> Iterator[ScriptedDav]:
    """Bertil's calendar is good."""
    with scripted_dav() as running:
        running.calendar("bertil/", BUSY, token="t1")
        yield running


def failing(server: ScriptedDav, **settings: Any) -> str:
    """The code by which Anna's calendar fails, while Bertil's is read."""
    batch = fetched(server, calendars=BOTH, **settings)
    assert (person(batch, BERTIL).failed, said(person(batch, BERTIL), NOW)) == ("", Status.BUSY)
    assert batch.complete
    assert person(batch).calendar is None
    return person(batch).failed


# --- one that fails ---


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (404, "", "http-404"),
        (500, "", "http-500"),
        (503, "", "http-503"),
        (200, LOGIN, "not-dav"),
        (207, LOGIN, "not-dav"),
        (207, BOMB, "not-dav"),
        (207, FILE, "not-dav"),
        (207, "", "not-dav"),
        (207, "<a" + ">" * 9, "not-dav"),
        (207, "<a>" * 100 + "</a>" * 100, "not-dav"),
        (207, described("anna/")[:-9], "not-dav"),
        (207, '<multistatus xmlns="urn:other"/>', "not-dav"),
        (207, multistatus(), "not-dav"),
        (207, described("anna/", kind=""), "no-calendar"),
        (207, described("anna/", kind="C:schedule-inbox"), "no-calendar"),
    ],
)
def test_a_collection_that_is_described_wrongly_fails_for_its_person(
    server: ScriptedDav, status: int, body: str, code: str
) -> None:
    server.calendar("anna/", BUSY)
    server.on("PROPFIND", "anna/", status, body)
    assert failing(server) == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (LOGIN.encode(), "not-a-calendar"),
        (b"", "not-a-calendar"),
        (BUSY[:-20], "not-a-calendar"),
        (BUSY[: BUSY.index(b"END:VFREEBUSY")], "not-a-calendar"),
        (calendar(), "not-a-calendar"),
        (calendar(event(NOW)), "not-a-calendar"),
        (BUSY.replace(b"T090000Z/", b"T99"), "not-a-calendar"),
        (b"BEGIN:VCALENDAR\r\n" + b"X" * 200_000, "too-large"),
        (multistatus().encode(), "not-a-calendar"),
    ],
)
def test_what_is_no_free_busy_never_reads_as_free(server: ScriptedDav, body: bytes, code: str) -> None:
    server.calendar("anna/", body)
    assert failing(server, size=100_000) == code


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (207, LOGIN, "not-dav"),
        (200, calendar().decode(), "not-dav"),
        (403, "", "http-403"),
        (507, "", "http-507"),
        (207, objects("anna/", calendar(event(NOW)))[:-15], "not-dav"),
        (207, objects("anna/", b"<html>"), "not-a-calendar"),
        (207, multistatus(response("anna/1.ics", "<C:calendar-data/>", 403)), "truncated"),
        (207, multistatus(response("anna/1.ics", "<getetag>1</getetag>")), "truncated"),
        (207, multistatus("<response><href>/</href><status>HTTP/1.1 507 Full</status></response>"), "truncated"),
    ],
)
def test_events_that_are_not_all_there_are_none(server: ScriptedDav, status: int, body: str, code: str) -> None:
    server.calendar("anna/", reports=("C:calendar-query",), tag="1")
    server.on("calendar-query", "anna/", status, body)
    assert failing(server) == code


def test_an_event_that_went_away_in_between_is_none(server: ScriptedDav) -> None:
    server.calendar("anna/", tag="1")
    gone = "<response><href>/dav/anna/2.ics</href><status>HTTP/1.1 404 Not Found</status></response>"
    data = response("anna/1.ics", f"<C:calendar-data>{calendar(event(NOW)).decode()}</C:calendar-data>")
    server.on("calendar-query", "anna/", 207, multistatus(data, gone))
    assert said(person(fetched(server, mode="events")), NOW) is Status.BUSY


def test_a_poison_event_costs_itself_only(server: ScriptedDav) -> None:
    poison = written(
        "DTSTART:20261125T090000Z\r\nDTEND:20261125T100000Z\r\nRRULE:FREQ=DAILY;COUNT=x;UNTIL=20261126T000000Z\r\n", "p"
    )
    server.calendar("anna/", tag="1")
    server.on("calendar-query", "anna/", 207, objects("anna/", calendar(event(NOW)), calendar(poison)))
    batch = fetched(server, mode="events")
    assert (said(person(batch), NOW), batch.skipped) == (Status.BUSY, 1)
    assert said(person(batch), NOW + timedelta(hours=3)) is None
    assert said(person(batch), NOW + timedelta(days=2)) is Status.BUSY


@pytest.mark.parametrize("other", [b"nothing", calendar()[:-10], calendar() * 2])
def test_of_an_object_that_is_no_calendar_free_time_is_in_doubt_and_the_others_count(server: ScriptedDav, other: bytes) -> None:
    server.calendar("anna/", tag="1")
    server.on("calendar-query", "anna/", 207, objects("anna/", calendar(event(NOW)), other))
    found = person(fetched(server, mode="events"))
    assert [said(found, NOW + timedelta(hours=at)) for at in (0, 3)] == [Status.BUSY, DOUBT]


def test_what_was_refused_is_not_parsed_again(server: ScriptedDav, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = counted(monkeypatch)
    server.calendar("anna/", BUSY[:-20])

    async def thrice(source: CalDav) -> list[str]:
        return [person(await source.fetch()).failed for _ in range(3)]

    assert using(server, thrice, calendars=BOTH) == ["not-a-calendar"] * 3
    assert len(parsed) == 2


@pytest.mark.parametrize("kind", ["sync-collection", "getctag"])
def test_a_login_page_instead_of_what_changed_is_no_change(server: ScriptedDav, kind: str) -> None:
    """Row 13: an expired session must not read as "nothing changed", nor as a change to nothing."""
    marks = {"token": "t1"} if kind == "sync-collection" else {"tag": "c1", "reports": ("C:free-busy-query",)}
    server.calendar("anna/", BUSY, **marks)

    async def journey(source: CalDav) -> None:
        await source.fetch()
        server.on(kind, "anna/", 200, LOGIN)
        assert person(await source.fetch()).failed == "not-dav"

    using(server, journey, calendars=BOTH)


def test_an_answer_that_is_cut_off_fails_and_the_next_one_counts(server: ScriptedDav) -> None:
    server.calendar("anna/", BUSY)
    server.on("free-busy-query", "anna/", 200, BUSY[:40], Content_Length="999", Connection="close")

    async def journey(source: CalDav) -> list[str]:
        failed = [person(await source.fetch()).failed]
        server.calendar("anna/", BUSY)
        return [*failed, person(await source.fetch()).failed]

    assert using(server, journey, calendars=BOTH) == ["broken-off", ""]


def test_a_server_that_stalls_costs_its_time_out(server: ScriptedDav) -> None:
    server.calendar("anna/", BUSY)

    ended = threading.Event()

    def sleepy(_: Asked) -> Reply:
        ended.wait(60)
        return Reply(200, BUSY)

    server.call("free-busy-query", "anna/", sleepy)
    begun = time.monotonic()
    assert failing(server, timeout=2) == "stalled"
    assert time.monotonic() - begun < 20
    ended.set()


# --- the source as a whole ---


def test_where_every_calendar_fails_the_source_does(server: ScriptedDav) -> None:
    server.on("PROPFIND", "bertil/", 503, Retry_After="600")
    server.on("PROPFIND", "anna/", 503, Retry_After="900")
    with pytest.raises(SourceUnavailable) as caught:
        fetched(server, calendars=BOTH)
    assert (caught.value.code, caught.value.retry_after) == ("http-503", 600)


def test_a_server_that_asks_for_silence_of_one_calendar_is_not_asked_for_it_until_then(server: ScriptedDav) -> None:
    clock = Clock()
    server.on("PROPFIND", "anna/", 429, Retry_After="600")

    async def journey(source: CalDav) -> None:
        for seconds in (0, 300, 300):
            clock.at += timedelta(seconds=seconds)
            assert person(await source.fetch()).failed == "http-429"

    using(server, journey, clock, calendars=BOTH)
    assert server.kinds("anna/") == ["PROPFIND", "PROPFIND"]


def test_a_server_that_is_down_is_tried_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    connect = Guard.connect_tcp

    async def watched(self: Guard, host: str, *args: Any, **more: Any) -> Any:
        tried.append(host)
        return await connect(self, host, *args, **more)

    monkeypatch.setattr(Guard, "connect_tcp", watched)
    with scripted_dav() as server:
        url = server.url
    people = [f"p{number}@kommun.example" for number in range(100)]
    with pytest.raises(SourceUnavailable) as caught:
        fetched(server, url=url, people=people, calendar="{user}/", connections=2)
    assert caught.value.code == "unreachable"
    assert len(tried) <= 4


def test_an_account_that_is_refused_fails_the_source_and_is_left_alone(server: ScriptedDav, tmp_path: Path) -> None:
    """Else a service account is locked by the number of its calendars."""
    clock = Clock()
    people = [f"p{number}@kommun.example" for number in range(50)]
    for name in people:
        server.on("PROPFIND", f"{name}/", 401, WWW_Authenticate="Basic")

    async def journey(source: CalDav) -> list[int]:
        counts = []
        for seconds in (0, 300, 300, 300):
            clock.at += timedelta(seconds=seconds)
            with pytest.raises(SourceUnavailable) as caught:
                await source.fetch()
            assert caught.value.code == "credentials"
            counts.append(len(server.asked))
        return counts

    settings = {**account(tmp_path), "people": people, "calendar": "{mail}/", "connections": 1}
    assert using(server, journey, clock, **settings) == [3, 3, 3, 6]


def test_an_account_that_was_accepted_in_the_same_round_is_not_given_up(server: ScriptedDav) -> None:
    """Some servers say 401 of a calendar that is somebody else's."""
    places = {f"mail:p{number}@kommun.example": f"p{number}/" for number in range(10)}
    for place in places.values():
        server.on("PROPFIND", place, 401)
    batch = fetched(server, calendars={BERTIL: "bertil/"} | places, connections=1)
    assert person(batch, BERTIL).failed == ""
    assert len([each for each in server.asked if each.kind == "PROPFIND"]) == 11


def test_a_single_calendar_that_the_account_is_refused_fails_alone(server: ScriptedDav) -> None:
    server.on("PROPFIND", "anna/", 401)
    assert failing(server) == "credentials"


@pytest.mark.parametrize("secret", ["", None])
def test_without_a_password_nothing_is_asked(server: ScriptedDav, tmp_path: Path, secret: str | None) -> None:
    settings = account(tmp_path, secret or "")
    if secret is None:
        (tmp_path / "password").unlink()
    with pytest.raises(SourceInvalid) as caught:
        fetched(server, **settings)
    assert caught.value.code == "credentials"
    assert server.asked == []


def test_the_password_is_read_anew_each_round(server: ScriptedDav, tmp_path: Path) -> None:
    server.calendar("anna/", BUSY, token="t1")

    async def journey(source: CalDav) -> None:
        await source.fetch()
        account(tmp_path, "nytt")
        await source.fetch()

    using(server, journey, **account(tmp_path, "gammalt"))
    assert len({each.headers["Authorization"] for each in server.asked}) == 2


def test_a_token_is_sent_as_bearer(server: ScriptedDav, tmp_path: Path) -> None:
    server.calendar("anna/", BUSY)
    (tmp_path / "token").write_text("abc123\n")
    fetched(server, token_file=str(tmp_path / "token"), insecure=True)
    assert {each.headers["Authorization"] for each in server.asked} == {"Bearer abc123"}


# --- where it leads ---


def test_a_redirect_on_the_same_server_is_followed_with_all_that_was_asked(server: ScriptedDav) -> None:
    server.calendar("new/", BUSY)
    for kind in ("PROPFIND", "free-busy-query"):
        server.on(kind, "anna/", 308, Location="/dav/new/")
    assert said(person(fetched(server)), NOW) is Status.BUSY
    assert [(each.path, bool(each.body)) for each in server.asked if each.kind == "free-busy-query"] == [
        ("/dav/anna/", True),
        ("/dav/new/", True),
    ]


def test_a_redirect_to_another_server_is_refused_and_no_password_goes_there(server: ScriptedDav, tmp_path: Path) -> None:
    with scripted_dav() as other:
        server.on("PROPFIND", "anna/", 302, Location=other.url)
        assert failing(server, **account(tmp_path)) == "redirect-refused"
        assert other.asked == []


@pytest.mark.parametrize("place", ["http://127.0.0.9:9/anna/", "//127.0.0.9:9/anna/", "http://u:p@{here}/anna/", "ftp://{here}/"])
def test_an_address_on_another_server_is_not_asked(server: ScriptedDav, tmp_path: Path, place: str) -> None:
    there = place.replace("{here}", server.url.split("/")[2])
    batch = fetched(server, calendars={ANNA: there, BERTIL: "bertil/"}, **account(tmp_path))
    assert person(batch).failed == "address-refused"


def test_a_server_inside_the_own_network_is_refused_unless_allowed(server: ScriptedDav) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        fetched(server, allow_networks=())
    assert caught.value.code == "address-refused"


def test_a_redirect_without_end_is_given_up(server: ScriptedDav) -> None:
    server.on("PROPFIND", "anna/", 301, Location="/dav/anna/")
    assert failing(server) == "too-many-redirects"


def test_a_certificate_is_verified_against_the_systems_authorities_and_the_one_that_is_configured(tmp_path: Path) -> None:
    made = certificate(tmp_path / "tls")
    secret = account(tmp_path) | {"insecure": False}
    with scripted_dav(made) as server:
        server.calendar("anna/", BUSY)
        with pytest.raises(SourceUnavailable) as caught:
            fetched(server, **secret)
        assert (caught.value.code, server.asked) == ("certificate-refused", [])
        assert person(fetched(server, **secret, ca_file=str(made.authority))).failed == ""


# --- whether, never why ---


@pytest.mark.parametrize("mode", ["auto", "events"])
def test_what_an_event_is_about_is_in_no_batch_no_log_and_no_exception(
    server: ScriptedDav, caplog: pytest.LogCaptureFixture, mode: str
) -> None:
    """A canary in good and poisoned events, in error documents, names and headers, at the most talkative level."""
    caplog.set_level(logging.DEBUG)
    server.calendar(
        "anna/", free_busy((NOW, 1), more=f"COMMENT:{CANARY}\r\nFREEBUSY;X-WHY={CANARY}:20261124T090000Z/PT1H\r\n"), token="t"
    )
    server.on(
        "calendar-query", "anna/", 207, objects("anna/", calendar(event(NOW)), calendar(written(f"RRULE:{CANARY}\r\n", "x")))
    )
    server.on("PROPFIND", "c/", 500, CANARY)
    server.on("PROPFIND", "d/", 403, f"<error xmlns='DAV:'>{CANARY}</error>")
    server.on("free-busy-query", "d/", 403, CANARY)
    server.on("PROPFIND", "e/", 207, f"<{CANARY}")
    server.calendar("f/", CANARY.encode(), token=CANARY.encode("ascii", "xmlcharrefreplace").decode())
    people = {ANNA: "anna/"} | {f"mail:{name}@kommun.example": f"{name}/" for name in "cdef"}

    async def read(source: CalDav) -> Batch:
        await source.fetch()
        return await source.fetch()

    batch = using(server, read, calendars=people, mode=mode)
    with pytest.raises(SourceUnavailable) as caught:
        fetched(server, calendars={ANNA: "e/"})
    assert said(person(batch), NOW) is Status.BUSY
    told = [msgspec.json.encode(batch, enc_hook=repr).decode(), *(record.getMessage() for record in caplog.records)]
    told.append(repr((caught.value, caught.value.__cause__, caught.value.__context__)))
    assert len(caplog.records) > 3
    for text in told:
        assert "kanarie" not in text
        assert "sjukskriven" not in text


def test_no_log_holds_an_address_or_a_password(server: ScriptedDav, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.on("PROPFIND", "anna-hemlig-adress/", 500)
    fetched(server, calendars={ANNA: "anna-hemlig-adress/", BERTIL: "bertil/"}, **account(tmp_path, "hemligt-ord"))
    text = caplog.text
    assert "http-500" in text
    assert "hemlig-adress" not in text
    assert "hemligt-ord" not in text


# --- closing ---


def test_a_reading_that_is_given_up_leaves_nothing_running(server: ScriptedDav) -> None:
    ended = threading.Event()

    def sleepy(_: Asked) -> Reply:
        ended.wait(60)
        return Reply(500)

    server.call("PROPFIND", "anna/", sleepy)
    before = children()

    async def given_up(source: CalDav) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await source.fetch()
        assert len(asyncio.all_tasks()) == 1

    using(server, given_up, calendars=BOTH)
    ended.set()
    assert children() - before == set()


def children() -> set[str]:
    """Process ids of this process's children that live."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def test_a_batch_is_told_by_listening(server: ScriptedDav) -> None:
    server.calendar("anna/", BUSY, token="t1")
    server.on("sync-collection", "anna/", 207, synchronised("t1"))

    async def first(source: CalDav) -> Batch | SourceUnavailable:
        return await anext(source.listen())

    batch = using(server, first)
    assert isinstance(batch, Batch)
    assert said(person(batch), NOW) is Status.BUSY
