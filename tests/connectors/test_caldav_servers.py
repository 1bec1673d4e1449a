"""The same journey on two real CalDAV servers: what changes is seen, what does not costs one request, and no reason travels."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest

from connectors.caldav import CalDav
from connectors.dav import documents
from connectors.dav.settings import CalDavSettings
from presence.domain.intervals import DOUBT, Status
from presence.ports import Batch, SourceUnavailable
from tests.connectors.dated import (
    ANNA,
    BERTIL,
    CANARY,
    HERE,
    NOW,
    TEXTS,
    ZONE,
    Clock,
    calendar,
    counted,
    event,
    person,
    said,
    written,
)
from tests.servers.caldav import PASSWORD, USER, CalendarServer, calendar_server
from tests.servers.recorder import Recorder, recorder

pytestmark = pytest.mark.slow  # two servers, each claim on both

T = TypeVar("T")
Journey = Callable[[CalDav, CalendarServer, Recorder], Awaitable[T]]


@pytest.fixture(scope="module", params=["radicale", "xandikos"])
def process(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalendarServer]:
    with calendar_server(request.param, tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def server(process: CalendarServer) -> CalendarServer:
    """With empty calendars of Anna and Bertil."""
    for user in ("anna", "bertil"):
        process.make(user)
    return process


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of what is handed to a sandbox from now on."""
    return counted(monkeypatch)


def travel(server: CalendarServer, journey: Journey[T], clock: Clock | None = None, **settings: Any) -> T:
    """What a journey gives that sees the server through a recorder."""
    password = server.folder / "password"
    password.write_text(f"{PASSWORD}\n")
    given: dict[str, Any] = {"calendar": server.template, "people": ["anna@kommun.example"]}

    async def run(through: Recorder) -> T:
        account: dict[str, Any] = {"user": USER, "password_file": str(password), "insecure": True, "allow_networks": HERE}
        source = CalDav("caldav", CalDavSettings(**account, url=through.url, **(given | settings)), now=clock or Clock())
        try:
            return await journey(source, server, through)
        finally:
            await source.close()

    with recorder(server.port) as through:
        return asyncio.run(run(through))


async def anna_at(source: CalDav, *times: datetime) -> list[Any]:
    """What one round says of Anna at these times."""
    anna = person(await source.fetch())
    return [said(anna, at) for at in times]


MODES = pytest.mark.parametrize("mode", ["auto", "events"])
LATER = NOW + timedelta(hours=5)


@MODES
def test_created_changed_and_deleted_events_are_seen_at_the_next_round(server: CalendarServer, mode: str) -> None:
    async def journey(source: CalDav, server: CalendarServer, _: Recorder) -> None:
        assert await anna_at(source, NOW, LATER) == [None, None]
        server.put("anna", "a", calendar(event(NOW, uid="a")))
        assert await anna_at(source, NOW, LATER) == [Status.BUSY, None]
        server.put("anna", "a", calendar(event(LATER, uid="a")))
        assert await anna_at(source, NOW, LATER) == [None, Status.BUSY]
        server.put("anna", "b", calendar(event(NOW, uid="b")))
        assert await anna_at(source, NOW, LATER) == [Status.BUSY, Status.BUSY]
        server.delete("anna", "a")
        assert await anna_at(source, NOW, LATER) == [Status.BUSY, None]

    travel(server, journey, mode=mode)


@MODES
def test_nothing_changed_costs_one_request_and_no_parsing(server: CalendarServer, mode: str, parsed: list[int]) -> None:
    server.put("anna", "a", calendar(event(NOW, uid="a")))

    async def journey(source: CalDav, _: CalendarServer, through: Recorder) -> None:
        first = await source.fetch()
        report = "free-busy-query" if mode == "auto" else "calendar-query"
        assert through.kinds() == ["PROPFIND", report]
        parsed.clear()
        for _round in range(3):
            assert (await source.fetch()).people == first.people
            assert through.kinds() == ["sync-collection"]
        assert parsed == []

    travel(server, journey, mode=mode)


@MODES
def test_a_change_costs_two_requests(server: CalendarServer, mode: str) -> None:
    async def journey(source: CalDav, server: CalendarServer, through: Recorder) -> None:
        await source.fetch()
        server.put("anna", "a", calendar(event(NOW, uid="a")))
        through.kinds()
        assert await anna_at(source, NOW) == [Status.BUSY]
        assert through.kinds() == ["sync-collection", "free-busy-query" if mode == "auto" else "calendar-query"]
        await source.fetch()
        assert through.kinds() == ["sync-collection"]

    travel(server, journey, mode=mode)


@pytest.mark.parametrize("token", ["http://radicale.org/ns/sync/" + "0" * 64, "nonsense", 'a"<&>'])
def test_a_lost_token_is_recovered_from_in_the_same_round(server: CalendarServer, token: str) -> None:
    async def journey(source: CalDav, server: CalendarServer, through: Recorder) -> None:
        await source.fetch()
        server.put("anna", "a", calendar(event(NOW, uid="a")))
        (held,) = source._known[ANNA].held.values()
        held.mark = held.mark._replace(value=token)
        through.kinds()
        assert await anna_at(source, NOW) == [Status.BUSY]
        assert through.exchanges[0].status in (403, 412)
        assert through.kinds() == ["sync-collection", "PROPFIND", "free-busy-query"]
        await source.fetch()
        assert through.kinds() == ["sync-collection"]

    travel(server, journey)


def test_a_restart_costs_nothing_but_the_rounds_while_the_server_is_down(server: CalendarServer, parsed: list[int]) -> None:
    server.put("anna", "a", calendar(event(NOW, uid="a")))

    async def journey(source: CalDav, server: CalendarServer, through: Recorder) -> None:
        await source.fetch()
        server.stop()
        with pytest.raises(SourceUnavailable):
            await source.fetch()
        server.start()
        parsed.clear()
        through.kinds()
        assert await anna_at(source, NOW, LATER) == [Status.BUSY, None]
        assert (through.kinds(), parsed) == (["sync-collection"], [])
        server.put("anna", "b", calendar(event(LATER, uid="b")))
        assert await anna_at(source, NOW, LATER) == [Status.BUSY, Status.BUSY]

    travel(server, journey)


def test_a_calendar_that_was_deleted_fails_for_its_person_and_no_other(server: CalendarServer) -> None:
    server.put("bertil", "b", calendar(event(NOW, uid="b")))

    async def journey(source: CalDav, server: CalendarServer, _: Recorder) -> None:
        await source.fetch()
        server.delete("anna")
        batch = await source.fetch()
        assert (person(batch).failed, person(batch).calendar) == ("http-404", None)
        assert said(person(batch, BERTIL), NOW) is Status.BUSY
        server.make("anna")
        server.put("anna", "a", calendar(event(LATER, uid="a")))
        assert await anna_at(source, LATER) == [Status.BUSY]

    travel(server, journey, people=["anna@kommun.example", "bertil@kommun.example"])


def test_several_calendars_of_a_person_are_busy_together(server: CalendarServer) -> None:
    server.put("anna", "a", calendar(event(NOW, uid="a")))
    server.put("bertil", "b", calendar(event(LATER, uid="b")))
    both = [server.path("anna"), server.path("bertil")]

    async def journey(source: CalDav, server: CalendarServer, _: Recorder) -> None:
        assert await anna_at(source, NOW, LATER) == [Status.BUSY, Status.BUSY]
        server.delete("bertil", "b")
        assert await anna_at(source, NOW, LATER) == [Status.BUSY, None]

    travel(server, journey, people=[], calendars={ANNA: both})


@MODES
def test_a_day_later_it_is_read_anew_and_the_end_of_what_is_known_has_moved(server: CalendarServer, mode: str) -> None:
    clock = Clock()
    far = NOW + timedelta(days=61, hours=12)
    server.put("anna", "a", calendar(event(far, uid="a")))

    async def journey(source: CalDav, _: CalendarServer, through: Recorder) -> None:
        assert await anna_at(source, far) == [DOUBT]
        clock.at += timedelta(days=2)
        through.kinds()
        assert await anna_at(source, far) == [Status.BUSY]
        assert through.kinds() == ["PROPFIND", "free-busy-query" if mode == "auto" else "calendar-query"]

    travel(server, journey, clock, mode=mode)


@MODES
def test_a_series_keeps_its_hour_when_the_clocks_change(server: CalendarServer, mode: str) -> None:
    weekly = (
        "DTSTART;TZID=Europe/Stockholm:20261001T130000\r\nDTEND;TZID=Europe/Stockholm:20261001T140000\r\nRRULE:FREQ=WEEKLY\r\n"
    )
    server.put("anna", "w", calendar(ZONE, written(weekly, "w")))
    winter = datetime(2026, 11, 26, 12, 30, tzinfo=UTC)

    async def journey(source: CalDav, _: CalendarServer, __: Recorder) -> None:
        assert await anna_at(source, winter, winter - timedelta(hours=1)) == [Status.BUSY, None]

    travel(server, journey, mode=mode)


@MODES
@pytest.mark.parametrize(
    ("more", "opinion"),
    [("STATUS:TENTATIVE\r\n", None), ("TRANSP:TRANSPARENT\r\n", None), ("STATUS:CANCELLED\r\n", None), ("", Status.BUSY)],
)
def test_what_an_event_says_is_the_same_by_free_busy_and_by_events(
    server: CalendarServer, mode: str, more: str, opinion: Status | None
) -> None:
    server.put("anna", "a", calendar(event(NOW, uid="a", more=more)))

    async def journey(source: CalDav, _: CalendarServer, __: Recorder) -> None:
        assert await anna_at(source, NOW) == [opinion]

    travel(server, journey, mode=mode)


@pytest.mark.parametrize("mode", ["auto", "free-busy"])
def test_by_free_busy_no_word_of_an_event_is_ever_on_the_wire(server: CalendarServer, mode: str) -> None:
    weekly = "DTSTART;TZID=Europe/Stockholm:20261102T130000\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY\r\nCOMMENT:" + CANARY + "\r\n"

    async def journey(source: CalDav, server: CalendarServer, through: Recorder) -> list[Batch]:
        server.put("anna", "a", calendar(event(NOW, uid="a")))
        server.put("anna", "w", calendar(ZONE, written(weekly, "w")))
        batches = [await source.fetch(), await source.fetch()]
        server.delete("anna", "a")
        batches.append(await source.fetch())
        carried = b"".join(exchange.asked + exchange.answered for exchange in through.exchanges).decode()
        assert "BEGIN:VFREEBUSY" in carried
        for word in ("kanarie", "sjukskriven", "SUMMARY", "DESCRIPTION"):
            assert word not in carried
        return batches

    assert CANARY in TEXTS
    assert len(travel(server, journey, mode=mode)) == 3


@pytest.mark.parametrize("mode", ["auto", "free-busy", "events"])
def test_no_word_of_an_event_is_in_a_batch(server: CalendarServer, mode: str) -> None:
    server.put("anna", "a", calendar(event(NOW, uid="a", more="X-MICROSOFT-CDO-BUSYSTATUS:OOF\r\n")))

    async def journey(source: CalDav, _: CalendarServer, through: Recorder) -> Batch:
        batch = await source.fetch()
        carried = b"".join(exchange.answered for exchange in through.exchanges).decode()
        assert (CANARY in carried) == (mode == "events")
        return batch

    batch = travel(server, journey, mode=mode)
    told = msgspec.json.encode(batch, enc_hook=repr).decode()
    assert "kanarie" not in told
    assert person(batch).future_events == 1


def test_a_wrong_password_is_told_as_such_and_not_tried_again_for_a_while(tmp_path: Path) -> None:
    """Radicale alone asks for one."""
    with calendar_server("radicale", tmp_path / "server") as server:
        server.make("anna")

        async def journey(source: CalDav, server: CalendarServer, through: Recorder) -> None:
            (server.folder / "password").write_text("another\n")
            with pytest.raises(SourceUnavailable) as caught:
                await source.fetch()
            assert (caught.value.code, caught.value.retry_after) == ("credentials", 900)
            through.kinds()
            with pytest.raises(SourceUnavailable):
                await source.fetch()
            assert through.kinds() == []

        travel(server, journey)


# --- what the documentation says of free-busy, product by product ---


def test_whole_days_are_settled_in_utc_by_free_busy_and_in_the_owners_zone_by_events(server: CalendarServer) -> None:
    server.put("anna", "d", calendar(written("DTSTART;VALUE=DATE:20261125\r\nDTEND;VALUE=DATE:20261126\r\n", "d")))
    midnight = datetime(2026, 11, 24, 23, tzinfo=UTC)
    hour = timedelta(hours=1)

    async def journey(source: CalDav, _: CalendarServer, __: Recorder) -> list[Any]:
        return await anna_at(source, midnight, midnight + hour, midnight + 24 * hour)

    assert travel(server, journey, mode="free-busy") == [None, Status.BUSY, Status.BUSY]
    assert travel(server, journey, mode="events") == [Status.BUSY, Status.BUSY, None]


def test_out_of_office_is_busy_by_free_busy_and_away_by_events(server: CalendarServer) -> None:
    server.put("anna", "a", calendar(event(NOW, uid="a", more="X-MICROSOFT-CDO-BUSYSTATUS:OOF\r\n")))

    async def journey(source: CalDav, _: CalendarServer, __: Recorder) -> list[Any]:
        return await anna_at(source, NOW)

    assert travel(server, journey, mode="free-busy") == [Status.BUSY]
    assert travel(server, journey, mode="events") == [Status.AWAY]


def test_a_zone_by_name_alone_is_an_hour_off_by_free_busy_of_radicale_and_by_nothing_else(server: CalendarServer) -> None:
    """Once Radicale came upon one it reads every series of that zone so, a VTIMEZONE or not, until it is restarted."""
    weekly = "DTSTART;TZID=Europe/Stockholm:20261001T130000\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY\r\n"
    winter = datetime(2026, 11, 26, 12, 30, tzinfo=UTC)
    both = ["anna@kommun.example", "bertil@kommun.example"]

    async def journey(source: CalDav, _: CalendarServer, __: Recorder) -> list[Any]:
        batch = await source.fetch()
        return [said(person(batch, alias), winter) for alias in (ANNA, BERTIL)]

    server.restart()
    try:
        server.put("bertil", "w", calendar(written(weekly, "w")))
        server.put("anna", "w", calendar(ZONE, written(weekly, "w")))
        wrong = server.product == "radicale"
        assert travel(server, journey, people=both, mode="free-busy") == [None if wrong else Status.BUSY] * 2
        assert travel(server, journey, people=both, mode="events") == [Status.BUSY] * 2
    finally:
        server.restart()


def test_working_hours_that_repeat_are_never_by_free_busy_of_xandikos(tmp_path: Path) -> None:
    """It counts them (VAVAILABILITY) and does not repeat their parts; of events they are none."""
    start, end = "DTSTART:20261101T000000Z\r\n", "DTEND:20270301T000000Z\r\n"
    hours = "BEGIN:AVAILABLE\r\nUID:v1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261102T080000Z\r\nDTEND:20261102T120000Z\r\n"
    hours += "RRULE:FREQ=DAILY\r\nEND:AVAILABLE\r\n"
    text = f"BEGIN:VAVAILABILITY\r\nUID:v\r\nDTSTAMP:20260101T000000Z\r\n{start}{end}{hours}END:VAVAILABILITY\r\n"
    with calendar_server("xandikos", tmp_path / "server") as server:
        server.make("anna")
        server.put("anna", "v", calendar(text))

        async def journey(source: CalDav, _: CalendarServer, __: Recorder) -> list[Any]:
            return await anna_at(source, NOW, LATER)

        assert travel(server, journey, mode="free-busy") == [Status.AWAY, Status.AWAY]
        assert travel(server, journey, mode="events") == [None, None]


def test_some_properties_alone_cannot_be_asked_for(server: CalendarServer) -> None:
    """Why events are asked for whole: one server gives all of it, the other nothing where a property is not there."""
    server.put("anna", "a", calendar(event(NOW, uid="a")))
    now = int(NOW.timestamp())
    parts = b'<C:comp name="VEVENT"><C:prop name="DTSTART"/><C:prop name="RRULE"/></C:comp>'
    part = b'<C:calendar-data><C:comp name="VCALENDAR">' + parts + b"</C:comp></C:calendar-data>"
    asked = documents.events(now - 3_600, now + 3_600).replace(b"<C:calendar-data/>", part)

    async def journey(source: CalDav, server: CalendarServer, _: Recorder) -> bytes:
        source._account = "Basic cHJlc2VuY2U6Y2FsZW5kYXItY2FuYXJ5LTUxYzA="
        return (await source._client.ask("REPORT", server.path("anna"), asked, depth="1")).body

    answer = travel(server, journey)
    assert (b"SUMMARY" in answer) if server.product == "radicale" else (b"BEGIN:VEVENT" not in answer)
