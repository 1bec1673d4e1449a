"""Whose calendars there are and where they lie; and those that are asked for at a scheduling outbox, many at once."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.caldav import CalDav
from connectors.calendars.rounds import window_start
from connectors.dav.documents import request
from connectors.dav.people import filled
from connectors.dav.settings import CalDavSettings
from presence.config import import_path, parse
from presence.domain.intervals import DOUBT, Status
from presence.ports import SourceInvalid, SourceUnavailable
from tests.connectors.caldav_source import fetched, using
from tests.connectors.dated import ANNA, BERTIL, CILLA, NOW, Clock, calendar, counted, event, free_busy, person, said
from tests.servers.scripted_dav import Asked, Reply, ScriptedDav, objects, scripted_dav

BUSY = free_busy((NOW, 1))
OUTBOX: dict[str, Any] = {"outbox": "outbox/", "organizer": "mailto:presence@kommun.example"}


@pytest.fixture
def server() -> Iterator[ScriptedDav]:
    with scripted_dav() as running:
        yield running


# --- whose calendars, and where ---


@pytest.mark.parametrize(
    ("template", "alias", "address"),
    [
        ("c/{user}/", "mail:anna.berg@kommun.example", "c/anna.berg/"),
        ("c/{mail}/", "mail:anna.berg@kommun.example", "c/anna.berg@kommun.example/"),
        ("c/{alias}/{user}", "employee:10023", "c/10023/10023"),
        ("c/{user}/", "upn:åsa/../x?y=#@kommun.example", "c/%C3%A5sa%2F..%2Fx%3Fy%3D%23/"),
        ("mailto:{mail}", "mail:anna@kommun.example", "mailto:anna@kommun.example"),
    ],
)
def test_a_template_is_filled_in_from_the_alias(template: str, alias: str, address: str) -> None:
    assert filled(template, alias) == address


@pytest.mark.parametrize(("template", "alias"), [("{mail}/", "employee:10023"), ("{user}/", "uid:.."), ("{name}/", ANNA)])
def test_a_template_that_the_alias_cannot_fill_gives_no_address(template: str, alias: str) -> None:
    with pytest.raises(ValueError, match=r"alias|filled"):
        filled(template, alias)


def test_a_person_without_an_address_fails_alone(server: ScriptedDav) -> None:
    server.calendar("anna@kommun.example/", BUSY)
    batch = fetched(server, people=["anna@kommun.example", "employee:10023"], calendar="{mail}/")
    assert {each.alias: each.failed for each in batch.people} == {ANNA: "", "employee:10023": "no-address"}


def test_a_list_names_people_and_where_their_calendars_lie(server: ScriptedDav, tmp_path: Path) -> None:
    for name in ("anna/", "a/", "b/", "upn/"):
        server.calendar(name, BUSY)
    (tmp_path / "list").write_text(
        "# who\nanna@kommun.example\n\nbertil@kommun.example a/ /dav/b/\nupn:x@y.example\tupn/\nmail:\n"
    )
    batch = fetched(server, list_file=str(tmp_path / "list"), calendar="{user}/")
    assert {each.alias: each.failed for each in batch.people} == {ANNA: "", BERTIL: "", "upn:x@y.example": ""}
    assert {each.path for each in server.asked} == {"/dav/anna/", "/dav/a/", "/dav/b/", "/dav/upn/"}


def test_where_two_places_name_one_person_the_more_explicit_counts(server: ScriptedDav, tmp_path: Path) -> None:
    server.calendar("c/", BUSY)
    (tmp_path / "list").write_text("anna@kommun.example b/\n")
    places = {"calendar": "{user}/", "people": ["anna@kommun.example"], "list_file": str(tmp_path / "list")}
    fetched(server, **places, calendars={"Anna@Kommun.example": "c/"})
    assert {each.path for each in server.asked} == {"/dav/c/"}


def test_who_leaves_the_list_leaves_the_batch_and_who_moves_is_read_anew(server: ScriptedDav, tmp_path: Path) -> None:
    server.calendar("a/", BUSY, token="t1")
    server.calendar("b/", free_busy(), token="t1")
    listed = tmp_path / "list"

    async def journey(source: CalDav) -> None:
        listed.write_text("anna@kommun.example a/\nbertil@kommun.example a/\n")
        assert len((await source.fetch()).people) == 2
        listed.write_text("anna@kommun.example b/\n")
        batch = await source.fetch()
        assert [said(each, NOW) for each in batch.people] == [None]

    using(server, journey, list_file=str(listed))


@pytest.mark.parametrize(("text", "code"), [(None, "unreadable"), ("", "empty"), ("# nobody\n", "empty")])
def test_a_list_that_is_gone_or_empty_says_nothing_about_anybody(
    server: ScriptedDav, tmp_path: Path, text: str | None, code: str
) -> None:
    if text is not None:
        (tmp_path / "list").write_text(text)
    with pytest.raises(SourceUnavailable) as caught:
        fetched(server, list_file=str(tmp_path / "list"))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "whose calendars"),
        ({"people": ["a@b.example"]}, "calendar is missing"),
        ({"people": ["a@b.example"], "calendar": "{name}/"}, "cannot be filled in"),
        ({"calendars": {"a": "b"}, "outbox": "o/"}, "need each other"),
        ({"calendars": {"a": "b"}, "outbox": "o/", "organizer": "presence@kommun.example"}, "mailto:presence"),
        ({"calendars": {"a": "b"}, "user": "u"}, "one of password_file and password_env"),
        ({"calendars": {"a": "b"}, "user": "u", "password_env": "A", "password_file": "b"}, "one of"),
        ({"calendars": {"a": "b"}, "password_env": "A"}, "user is missing"),
        ({"calendars": {"a": "b"}, "user": "u", "password_env": "A", "url": "http://k.example/"}, "clear text"),
        ({"calendars": {"a": "b"}, "insecure": True}, "insecure"),
        ({"calendars": {"a": "b"}, "codes": {"LUN:": "busy"}}, 'mode = "events"'),
    ],
)
def test_settings_that_cannot_work_are_refused_with_what_is_missing(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        CalDavSettings(**({"url": "https://kalender.kommun.example/"} | settings))


def test_referral_codes_are_read_of_events_where_they_are_configured(server: ScriptedDav) -> None:
    server.calendar("anna/", tag="1")
    lunch = calendar(event(NOW, more="TRANSP:TRANSPARENT\r\n")).replace(b"SUMMARY:", b"SUMMARY:LUN:")
    server.on("calendar-query", "anna/", 207, objects("anna/", lunch))
    batch = fetched(server, mode="events", codes={"LUN:": "busy"})
    assert said(person(batch), NOW) is Status.BUSY


ORGANISATION = """
[organisation]
name = "Björkdalens kommun"
[centre]
name = "Servicecenter"
channels = [{ kind = "telephone", value = "019-21 10 00" }]
[publication]
protected = "none"
"""


def test_the_example_in_the_documentation_is_a_good_configuration() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "connectors.md").read_text("utf-8")
    (example,) = [part.partition("```")[0] for part in page.split("```toml\n")[1:] if "connectors.caldav:CalDav" in part]
    source = parse(ORGANISATION + example, "/etc/presence/presence.toml", import_path).sources["caldav"]
    assert source.settings.password_file == "/etc/presence/kalender.password"
    assert source.settings.calendars == {"employee:10023": ["calendars/u10023/work/", "calendars/u10023/on-call/"]}
    assert (source.settings.timeout, source.settings.templates) == (30, ("calendars/{user}/default/",))


@pytest.mark.parametrize("slash", ["", "/"])
def test_addresses_lie_below_that_of_the_server_with_a_slash_at_its_end_or_without(server: ScriptedDav, slash: str) -> None:
    server.calendar("anna/", BUSY)
    assert person(fetched(server, url=server.url.rstrip("/") + slash)).failed == ""


# --- at a scheduling outbox ---

_HEAD = '<?xml version="1.0" encoding="utf-8" ?>\n<C:schedule-response xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'


def schedule_response(*answers: tuple[str, str, bytes]) -> str:
    """As RFC 6638 writes it in its example of a busy-time request: a recipient, a request status, and times if it succeeded."""
    told = []
    for recipient, status, text in answers:
        data = f"<C:calendar-data>{text.decode()}</C:calendar-data>" if text else ""
        who = f"<C:recipient><D:href>{recipient}</D:href></C:recipient>"
        told.append(f"<C:response>{who}<C:request-status>{status}</C:request-status>{data}</C:response>")
    return _HEAD + "".join(told) + "</C:schedule-response>"


def reply(*periods: Any, stamp: str = "20261123T090000Z") -> bytes:
    more = "UID:x\r\nORGANIZER:mailto:presence@kommun.example\r\nATTENDEE;CN=Anna:mailto:anna@kommun.example\r\n"
    return free_busy(*periods, stamp=stamp, more=more).replace(b"VERSION:2.0\r\n", b"VERSION:2.0\r\nMETHOD:REPLY\r\n")


def attendees(asked: Asked) -> Sequence[str]:
    unfolded = asked.body.decode().replace("\r\n ", "")
    return re.findall(r"^ATTENDEE:(.*)\r$", unfolded, re.MULTILINE)


def test_many_people_are_asked_for_by_one_request(server: ScriptedDav) -> None:
    answers = [
        ("mailto:anna@kommun.example", "2.0;Success", reply((NOW, 1))),
        ("MAILTO:Bertil@kommun.example", "2.0;Success", reply((NOW + timedelta(hours=2), 1))),
        ("mailto:cilla@kommun.example", "3.7;Invalid calendar user", b""),
    ]
    server.on("POST", "outbox/", 200, schedule_response(*answers), Content_Type="application/xml")
    batch = fetched(server, **OUTBOX, people=[ANNA, BERTIL, CILLA], calendar="mailto:{mail}")
    assert [said(person(batch, each), NOW) for each in (ANNA, BERTIL)] == [Status.BUSY, None]
    assert (person(batch, CILLA).failed, person(batch, CILLA).calendar) == ("recipient-refused", None)
    assert server.kinds() == ["POST"]


def test_what_is_asked_is_a_free_busy_request_of_rfc_5546(server: ScriptedDav) -> None:
    server.on("POST", "outbox/", 200, schedule_response(("mailto:anna@kommun.example", "2.0;Success", reply())))
    fetched(server, **OUTBOX, people=[ANNA], calendar="mailto:{mail}")
    (asked,) = server.asked
    assert asked.headers["Content-Type"].startswith("text/calendar")
    lines = asked.body.decode().split("\r\n")
    assert lines[:5] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//presence//EN", "METHOD:REQUEST", "BEGIN:VFREEBUSY"]
    assert {"ORGANIZER:mailto:presence@kommun.example", "ATTENDEE:mailto:anna@kommun.example"} < set(lines)
    assert [line.partition(":")[0] for line in lines[5:9]] == ["UID", "DTSTAMP", "DTSTART", "DTEND"]
    assert lines[-3:] == ["END:VFREEBUSY", "END:VCALENDAR", ""]


def test_lines_of_a_request_are_folded_at_75_octets() -> None:
    text = request("mailto:p@kommun.example", [f"mailto:{'å' * 40}@x".replace("å", "%C3%A5")], 0, 86_400, 0, "u")
    assert max(map(len, text.split(b"\r\n"))) <= 75
    assert b"%C3%A5" * 40 in text.replace(b"\r\n ", b"")


def test_a_request_has_at_most_50_people(server: ScriptedDav) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(200, schedule_response(*((each, "2.0;Success", reply((NOW, 1))) for each in attendees(asked))).encode())

    server.call("POST", "outbox/", answer)
    people = [f"p{number}@kommun.example" for number in range(120)]
    batch = fetched(server, **OUTBOX, people=people, calendar="mailto:{mail}")
    assert {said(each, NOW) for each in batch.people} == {Status.BUSY}
    assert sorted(len(attendees(asked)) for asked in server.asked) == [20, 50, 50]


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([], "recipient-refused"),
        ([("mailto:anna@kommun.example", "2.0;Success", b"")], "recipient-refused"),
        ([("mailto:anna@kommun.example", "5.1;Service unavailable", reply((NOW, 1)))], "recipient-refused"),
        ([("mailto:anna@kommun.example", "", reply((NOW, 1)))], "recipient-refused"),
        ([("mailto:anna@kommun.example", "2.0;Success", b"nothing")], "not-a-calendar"),
        ([("mailto:anna@kommun.example", "2.0;Success", calendar())], "not-a-calendar"),
    ],
)
def test_who_is_not_told_is_not_free(server: ScriptedDav, answers: list[tuple[str, str, bytes]], code: str) -> None:
    good = ("mailto:bertil@kommun.example", "2.0;Success", reply((NOW, 1)))
    server.on("POST", "outbox/", 200, schedule_response(*answers, good))
    batch = fetched(server, **OUTBOX, people=[ANNA, BERTIL], calendar="mailto:{mail}")
    assert (person(batch).failed, person(batch).calendar) == (code, None)
    assert said(person(batch, BERTIL), NOW) is Status.BUSY


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (403, "", "http-403"),
        (404, "", "http-404"),
        (503, "", "http-503"),
        (200, "<!DOCTYPE html><html/>", "not-dav"),
        (401, "", "credentials"),
    ],
)
def test_an_outbox_that_refuses_fails_for_all_who_are_asked_for_there(
    server: ScriptedDav, status: int, body: str, code: str
) -> None:
    server.calendar("cilla/", BUSY)
    server.on("POST", "outbox/", status, body)
    places = {ANNA: "mailto:anna@kommun.example", BERTIL: "mailto:bertil@kommun.example", CILLA: "cilla/"}
    batch = fetched(server, **OUTBOX, calendars=places)
    assert {each.alias: each.failed for each in batch.people} == {ANNA: code, BERTIL: code, CILLA: ""}


def test_a_mailto_address_without_an_outbox_is_none(server: ScriptedDav) -> None:
    server.calendar("cilla/", BUSY)
    batch = fetched(server, calendars={ANNA: "mailto:anna@kommun.example", CILLA: "cilla/"})
    assert person(batch).failed == "no-address"


def test_the_same_times_again_cost_no_parsing(server: ScriptedDav, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = counted(monkeypatch)

    async def journey(source: CalDav) -> None:
        for minute in (0, 5, 10):
            text = reply((NOW, 1), stamp=f"20261123T09{minute:02}00Z")
            server.on("POST", "outbox/", 200, schedule_response(("mailto:anna@kommun.example", "2.0;Success", text)))
            assert said(person(await source.fetch()), NOW) is Status.BUSY
        assert len(parsed) == 1
        server.on("POST", "outbox/", 200, schedule_response(("mailto:anna@kommun.example", "2.0;Success", reply())))
        assert said(person(await source.fetch()), NOW) is None

    using(server, journey, **OUTBOX, people=[ANNA], calendar="mailto:{mail}")


def test_a_request_over_several_windows_tells_each_person_of_their_own(server: ScriptedDav) -> None:
    """Windows move at an hour of each person's own; one request is for all of them, and none is told beyond theirs."""
    clock = Clock()

    def answer(asked: Asked) -> Reply:
        return Reply(200, schedule_response(*((each, "2.0;Success", reply((NOW, 1))) for each in attendees(asked))).encode())

    server.call("POST", "outbox/", answer)
    people = [f"p{number}@kommun.example" for number in range(20)]
    batch = using(server, lambda source: source.fetch(), clock, **OUTBOX, people=people, calendar="mailto:{mail}", days=30)
    ends = {each.calendar.intervals.doubt_from() for each in batch.people if each.calendar}
    assert len(ends) == 20
    assert all(
        NOW + timedelta(days=30) <= NOW + timedelta(seconds=end - NOW.timestamp()) <= NOW + timedelta(days=31) for end in ends
    )
    assert {said(each, NOW + timedelta(days=32)) for each in batch.people} == {DOUBT}


def test_those_whose_windows_move_at_about_the_same_time_are_asked_for_together(server: ScriptedDav) -> None:
    """Else each move of one window would change the answers of 50 people."""
    server.on("POST", "outbox/", 403)
    people = [f"p{number}@kommun.example" for number in range(150)]
    with pytest.raises(SourceUnavailable):
        fetched(server, **OUTBOX, people=people, calendar="mailto:{mail}")
    rolls = [[window_start(each.replace("mailto:", "mail:"), 0) % 86_400 for each in attendees(asked)] for asked in server.asked]
    first, second, third = sorted(rolls)
    assert max(first) <= min(second) <= max(second) <= min(third)


def test_an_outbox_that_is_down_fails_the_source() -> None:
    with scripted_dav() as server:
        url = server.url
    with pytest.raises(SourceUnavailable) as caught:
        fetched(server, url=url, **OUTBOX, people=[ANNA], calendar="mailto:{mail}")
    assert caught.value.code == "unreachable"
    assert not isinstance(caught.value, SourceInvalid)
