"""What is asked of a CalDAV server, in which order, and what makes something be read again; against a server that is scripted."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from connectors.caldav import CalDav
from presence.domain.intervals import DOUBT, Opinion, Status
from presence.ports import Person
from tests.connectors.caldav_source import fetched, using
from tests.connectors.dated import ANNA, NOW, Clock, calendar, counted, event, free_busy, person, said
from tests.servers.scripted_dav import Asked, Reply, ScriptedDav, multistatus, objects, response, scripted_dav, synchronised

LATER = NOW + timedelta(hours=5)
BUSY_NOW, BUSY_LATER = free_busy((NOW, 1)), free_busy((LATER, 1))


@pytest.fixture
def server() -> Iterator[ScriptedDav]:
    with scripted_dav() as running:
        yield running


def anna(server: ScriptedDav, **settings: object) -> Person:
    return person(fetched(server, **settings))


async def opinions(source: CalDav, *times: datetime) -> list[Opinion]:
    found = person(await source.fetch())
    return [said(found, at) for at in times]


# --- free-busy, or events ---


@pytest.mark.parametrize(
    ("kind", "tentative", "opinion"),
    [
        ("BUSY", False, Status.BUSY),
        ("BUSY-UNAVAILABLE", False, Status.AWAY),
        ("BUSY-TENTATIVE", False, None),
        ("BUSY-TENTATIVE", True, Status.BUSY),
        ("FREE", True, None),
        ("X-WHATEVER", False, Status.BUSY),
    ],
)
def test_what_a_period_of_free_busy_says(server: ScriptedDav, kind: str, tentative: bool, opinion: Opinion) -> None:
    server.calendar("anna/", free_busy((NOW, 1), kind=kind))
    assert said(anna(server, tentative=tentative), NOW) is opinion


def test_events_are_asked_for_at_once_where_the_server_does_not_list_free_busy(server: ScriptedDav) -> None:
    server.calendar("anna/", BUSY_LATER, reports=("C:calendar-query",), tag="1")
    server.on("calendar-query", "anna/", 207, objects("anna/", calendar(event(NOW))))
    assert said(anna(server), NOW) is Status.BUSY
    assert server.kinds() == ["PROPFIND", "calendar-query"]


@pytest.mark.parametrize("status", [400, 403, 405, 415, 422, 501])
def test_events_are_asked_for_where_a_server_that_lists_nothing_refuses_free_busy(server: ScriptedDav, status: int) -> None:
    server.calendar("anna/", reports=None, tag="1")
    server.on("free-busy-query", "anna/", status)
    server.on("calendar-query", "anna/", 207, objects("anna/", calendar(event(NOW))))
    assert said(anna(server), NOW) is Status.BUSY


@pytest.mark.parametrize("mode", ["auto", "free-busy"])
@pytest.mark.parametrize("status", [400, 403, 405, 415, 422, 501])
def test_where_a_server_that_lists_free_busy_refuses_it_events_are_not_asked_for_instead(
    server: ScriptedDav, status: int, mode: str
) -> None:
    server.calendar("anna/", BUSY_NOW)
    server.on("free-busy-query", "anna/", status)
    server.on("calendar-query", "anna/", 207, objects("anna/", calendar(event(NOW))))
    server.calendar("bertil/", BUSY_NOW)
    batch = fetched(server, mode=mode, calendars={ANNA: "anna/", "mail:b@kommun.example": "bertil/"})
    assert person(batch).failed == f"http-{status}"
    assert "calendar-query" not in server.kinds()


@pytest.mark.parametrize("reports", [None, ("C:calendar-query",)])
def test_on_purpose_events_are_never_asked_for(server: ScriptedDav, reports: tuple[str, ...] | None) -> None:
    server.calendar("anna/", reports=reports)
    server.on("free-busy-query", "anna/", 501)
    server.on("calendar-query", "anna/", 207, objects("anna/", calendar(event(NOW))))
    server.calendar("bertil/", BUSY_NOW)
    batch = fetched(server, mode="free-busy", calendars={ANNA: "anna/", "mail:b@kommun.example": "bertil/"})
    assert person(batch).failed == "no-free-busy"
    assert "calendar-query" not in server.kinds()


def test_on_purpose_free_busy_is_not_asked_for(server: ScriptedDav) -> None:
    server.calendar("anna/", BUSY_LATER, tag="1")
    server.on("calendar-query", "anna/", 207, objects("anna/", calendar(event(NOW))))
    assert said(anna(server, mode="events"), NOW) is Status.BUSY
    assert "free-busy-query" not in server.kinds()


def test_an_account_that_may_ask_for_free_busy_and_nothing_else_is_enough(
    server: ScriptedDav, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The privilege read-free-busy (RFC 4791, 6.1.1). Then the times themselves are compared, whenever they were written down."""
    parsed = counted(monkeypatch)
    server.on("PROPFIND", "anna/", 403)

    async def journey(source: CalDav) -> None:
        for stamp in ("20261123T090000Z", "20261123T090500Z"):
            server.on("free-busy-query", "anna/", 200, free_busy((NOW, 1), stamp=stamp))
            assert await opinions(source, NOW) == [Status.BUSY]
        assert len(parsed) == 1
        server.on("free-busy-query", "anna/", 200, BUSY_LATER)
        assert await opinions(source, NOW, LATER) == [None, Status.BUSY]

    using(server, journey)


def test_a_body_is_always_sent_as_xml_with_its_depth(server: ScriptedDav) -> None:
    """Xandikos answers 415 to anything else, and tells of nothing at depth 0."""
    server.calendar("anna/", BUSY_NOW, token="t1")
    fetched(server)
    assert {each.headers["Content-Type"].partition(";")[0] for each in server.asked} == {"application/xml"}
    assert [(each.kind, each.headers["Depth"]) for each in server.asked] == [("PROPFIND", "0"), ("free-busy-query", "1")]


def test_the_server_is_never_asked_to_expand(server: ScriptedDav) -> None:
    weekly = calendar(event(NOW - timedelta(days=70), more="RRULE:FREQ=WEEKLY\r\n"))
    server.calendar("anna/", tag="1")
    server.on("calendar-query", "anna/", 207, objects("anna/", weekly))
    assert said(anna(server, mode="events"), NOW) is Status.BUSY
    assert b"expand" not in server.asked[-1].body


# --- up to when it is told ---


def test_from_the_end_of_what_was_asked_for_on_there_is_doubt(server: ScriptedDav) -> None:
    server.calendar("anna/", BUSY_NOW)
    found = anna(server, days=30)
    assert said(found, NOW + timedelta(days=30)) is None
    assert said(found, NOW + timedelta(days=32)) is DOUBT


def test_what_a_server_tells_of_less_than_was_asked_for_counts_that_far(server: ScriptedDav) -> None:
    week = NOW + timedelta(days=7)
    server.calendar("anna/", free_busy((NOW, 1), more=f"DTSTART:20261101T000000Z\r\nDTEND:{week:%Y%m%dT%H%M%SZ}\r\n"))
    found = anna(server)
    assert [said(found, week + timedelta(seconds=at)) for at in (-1, 0)] == [None, DOUBT]


@pytest.mark.parametrize("bounds", ["DTSTART:20261124T000000Z\r\n", "DTSTART:20261101T000000Z\r\nDTEND:20261123T090000Z\r\n"])
def test_what_does_not_tell_of_now_is_no_answer(server: ScriptedDav, bounds: str) -> None:
    server.calendar("anna/", free_busy((NOW, 1), more=bounds))
    server.calendar("bertil/", BUSY_NOW)
    assert person(fetched(server, calendars={ANNA: "anna/", "mail:b@kommun.example": "bertil/"})).failed == "too-short"


def test_of_several_calendars_the_one_that_is_told_least_far_bounds_them_all(server: ScriptedDav) -> None:
    week = NOW + timedelta(days=7)
    server.calendar("anna/", free_busy((week + timedelta(days=1), 1)))
    server.calendar("jour/", free_busy((NOW, 1), more=f"DTEND:{week:%Y%m%dT%H%M%SZ}\r\n"))
    found = anna(server, calendars={ANNA: ["anna/", "jour/"]})
    assert [said(found, at) for at in (NOW, week, week + timedelta(days=1))] == [Status.BUSY, DOUBT, DOUBT]


@pytest.mark.slow
def test_the_window_moves_once_a_day_at_an_hour_of_the_persons_own(server: ScriptedDav) -> None:
    """40 people over one day: each calendar is described and read anew exactly once, and no hour has more than its share."""
    clock = Clock()
    people = [f"p{number}@kommun.example" for number in range(40)]
    for name in people:
        server.calendar(f"{name}/", BUSY_NOW, token="t1")

    async def day(source: CalDav) -> list[int]:
        await source.fetch()
        hours = []
        for _ in range(24):
            server.kinds()
            clock.at += timedelta(hours=1)
            await source.fetch()
            kinds = server.kinds()
            assert len(kinds) == 40 + kinds.count("free-busy-query")
            hours.append(kinds.count("free-busy-query"))
        return hours

    hours = using(server, day, clock, people=people, calendar="{mail}/")
    assert sum(hours) == 40
    assert max(hours) <= 8


# --- what changed ---


def test_without_sync_tokens_the_ctag_tells_what_changed(server: ScriptedDav) -> None:
    server.calendar("anna/", BUSY_NOW, reports=("C:free-busy-query",), tag="c1")

    def tag(value: str) -> None:
        server.on("getctag", "anna/", 207, multistatus(response("anna/", f"<S:getctag>{value}</S:getctag>")))

    async def journey(source: CalDav) -> None:
        tag("c1")
        await source.fetch()
        server.kinds()
        await source.fetch()
        assert server.kinds() == ["getctag"]
        tag("c2")
        server.on("free-busy-query", "anna/", 200, BUSY_LATER)
        assert await opinions(source, NOW, LATER) == [None, Status.BUSY]
        assert server.kinds() == ["getctag", "free-busy-query"]
        await source.fetch()
        assert server.kinds() == ["getctag"]

    using(server, journey)


def test_without_a_ctag_the_etags_of_the_members_do(server: ScriptedDav) -> None:
    server.calendar("anna/", BUSY_NOW, reports=("C:free-busy-query",))

    def etags(**marks: str) -> None:
        said = (response(f"anna/{name}.ics", f"<getetag>{mark}</getetag>") for name, mark in marks.items())
        server.on("getetag", "anna/", 207, multistatus(response("anna/", "<getetag/>", 404), *said))

    async def journey(source: CalDav) -> None:
        etags(a="1", b="2")
        await source.fetch()
        server.kinds()
        etags(b="2", a="1")
        await source.fetch()
        assert server.kinds() == ["getetag"]
        for change in ({"a": "1"}, {"a": "3"}, {"a": "3", "c": "4"}):
            etags(**change)
            await source.fetch()
            assert server.kinds() == ["getetag", "free-busy-query"]

    using(server, journey)


def test_without_any_mark_the_times_are_read_and_compared(server: ScriptedDav, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = counted(monkeypatch)
    server.calendar("anna/", BUSY_NOW, reports=("C:free-busy-query",))
    server.on("getetag", "anna/", 207, multistatus(response("anna/", "<getetag/>", 404)))

    async def journey(source: CalDav) -> None:
        await source.fetch()
        server.kinds()
        await source.fetch()
        assert server.kinds() == ["free-busy-query"]
        assert len(parsed) == 1
        server.on("free-busy-query", "anna/", 200, BUSY_LATER)
        assert await opinions(source, NOW, LATER) == [None, Status.BUSY]

    using(server, journey)


def test_a_server_that_tells_no_token_of_a_collection_is_asked_for_the_first_one(server: ScriptedDav) -> None:
    server.calendar("anna/", BUSY_NOW)
    server.on("sync-collection", "anna/", 207, synchronised("t1", "anna/a.ics", "anna/b.ics"))

    async def journey(source: CalDav) -> None:
        await source.fetch()
        assert b"<sync-token></sync-token>" in server.asked[1].body
        server.on("sync-collection", "anna/", 207, synchronised("t1"))
        assert server.kinds() == ["PROPFIND", "sync-collection", "free-busy-query"]
        await source.fetch()
        assert b"<sync-token>t1</sync-token>" in server.asked[0].body
        assert server.kinds() == ["sync-collection"]

    using(server, journey)


def test_a_newer_token_for_the_same_state_is_taken_over(server: ScriptedDav) -> None:
    server.calendar("anna/", BUSY_NOW, token="t1")

    async def journey(source: CalDav) -> None:
        for token in ("t1", "t2", "t3"):
            await source.fetch()
            server.on("sync-collection", "anna/", 207, synchronised(f"t{int(token[1:]) + 1}"))
        assert server.kinds() == ["PROPFIND", "free-busy-query", "sync-collection", "sync-collection"]
        await source.fetch()
        assert b"<sync-token>t3</sync-token>" in server.asked[0].body

    using(server, journey)


def test_a_list_of_changes_that_was_cut_short_is_a_change(server: ScriptedDav) -> None:
    """RFC 6578, 3.6: 507 for the collection itself, and a token from which to go on."""
    server.calendar("anna/", BUSY_NOW, token="t1")

    async def journey(source: CalDav) -> None:
        await source.fetch()
        more = "<response><href>/dav/anna/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>"
        server.on("sync-collection", "anna/", 207, multistatus(more, token="t2"))
        server.on("free-busy-query", "anna/", 200, BUSY_LATER)
        assert await opinions(source, NOW, LATER) == [None, Status.BUSY]

    using(server, journey)


@pytest.mark.parametrize("status", [403, 409, 410, 412])
def test_a_server_that_refuses_each_token_is_asked_by_ctag_until_the_next_day(server: ScriptedDav, status: int) -> None:
    clock = Clock()
    server.calendar("anna/", BUSY_NOW, token="t1", tag="c1")
    server.on("sync-collection", "anna/", status, "<error xmlns='DAV:'><valid-sync-token/></error>")
    server.on("getctag", "anna/", 207, multistatus(response("anna/", "<S:getctag>c1</S:getctag>")))

    async def journey(source: CalDav) -> list[list[str]]:
        asked = []
        for _ in range(4):
            await source.fetch()
            asked.append(server.kinds())
        clock.at += timedelta(days=1)
        for _ in range(2):
            await source.fetch()
            asked.append(server.kinds())
        return asked

    anew = ["PROPFIND", "free-busy-query"]
    lost = ["sync-collection", *anew]
    assert using(server, journey, clock) == [anew, lost, lost, ["getctag"], anew, lost]


def test_what_changed_while_it_was_read_is_seen_at_the_next_round(server: ScriptedDav) -> None:
    """The mark that is kept is from before the reading."""
    server.calendar("anna/", BUSY_NOW, token="t1")

    def meanwhile(asked: Asked) -> Reply:
        server.on("sync-collection", "anna/", 207, synchronised("t2", "anna/a.ics"))
        server.on("free-busy-query", "anna/", 200, BUSY_LATER)
        return Reply(200, BUSY_NOW)

    server.call("free-busy-query", "anna/", meanwhile)

    async def journey(source: CalDav) -> None:
        assert await opinions(source, NOW, LATER) == [Status.BUSY, None]
        assert await opinions(source, NOW, LATER) == [None, Status.BUSY]

    using(server, journey)


def test_a_mark_is_kept_only_once_what_was_read_is_understood(server: ScriptedDav) -> None:
    """Else "unchanged" would stand for what was refused."""
    server.calendar("anna/", BUSY_NOW, token="t1")
    server.calendar("bertil/", BUSY_NOW, token="t1")

    async def journey(source: CalDav) -> list[str]:
        failed = [person(await source.fetch()).failed]
        server.on("sync-collection", "anna/", 207, synchronised("t2", "anna/a.ics"))
        server.on("free-busy-query", "anna/", 200, BUSY_LATER[:-10])
        failed += [person(await source.fetch()).failed for _ in range(2)]
        server.on("free-busy-query", "anna/", 200, BUSY_LATER)
        assert await opinions(source, NOW, LATER) == [None, Status.BUSY]
        return failed

    both = {ANNA: "anna/", "mail:b@kommun.example": "bertil/"}
    assert using(server, journey, calendars=both) == ["", "not-a-calendar", "not-a-calendar"]


def test_of_two_calendars_what_one_said_is_not_lost_while_the_other_fails(server: ScriptedDav) -> None:
    for name in ("anna/", "jour/", "bertil/"):
        server.calendar(name, free_busy(), token="t1")

    async def journey(source: CalDav) -> None:
        await source.fetch()
        server.on("sync-collection", "anna/", 207, synchronised("t2", "anna/a.ics"))
        server.on("free-busy-query", "anna/", 200, BUSY_NOW)
        server.on("sync-collection", "jour/", 503)
        assert person(await source.fetch()).failed == "http-503"
        for name in ("anna/", "jour/"):
            server.on("sync-collection", name, 207, synchronised("t2"))
        assert await opinions(source, NOW) == [Status.BUSY]

    using(server, journey, calendars={ANNA: ["anna/", "jour/"], "mail:b@kommun.example": "bertil/"})


@pytest.mark.parametrize("mode", ["auto", "events"])
def test_a_calendar_that_turns_empty_is_told_by_its_coming_events(server: ScriptedDav, mode: str) -> None:
    """The intake believes it when it is read so a second time; here it is only told."""
    server.calendar("anna/", token="t1")
    days = [NOW + timedelta(days=day) for day in range(-1, 6)]

    async def journey(source: CalDav) -> list[int]:
        found = []
        for number, times in enumerate((days, [])):
            server.on("sync-collection", "anna/", 207, synchronised(f"t{number}", "anna/a.ics"))
            server.on("free-busy-query", "anna/", 200, free_busy(*((at, 1) for at in times)))
            texts = [calendar(event(at, uid=str(at))) for at in times]
            server.on("calendar-query", "anna/", 207, objects("anna/", *texts))
            found.append(person(await source.fetch()).future_events)
        return found

    assert using(server, journey, mode=mode) == [6, 0]


def test_many_calendars_share_few_connections_that_are_kept_open(server: ScriptedDav) -> None:
    people = [f"p{number}@kommun.example" for number in range(60)]
    for name in people:
        server.calendar(f"{name}/", BUSY_NOW, token="t1")

    async def thrice(source: CalDav) -> None:
        for _ in range(3):
            await source.fetch()

    using(server, thrice, people=people, calendar="{mail}/", connections=4)
    assert len(server.asked) == 60 * 4
    assert server.connections <= 4
