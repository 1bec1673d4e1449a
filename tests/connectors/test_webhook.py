"""Documents that sources push: each becomes a fact without a reason, or is refused with a sentence of our own."""

import asyncio
import json
import random
import re
import shlex
import string
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.leave import Columns, Wrong
from connectors.leave.documents import Leave, Line
from connectors.webhook import Webhook, WebhookSettings, _Report, _Wait
from presence.domain.facts import Absence, Presence, Queue, Report
from presence.domain.intervals import FOREVER
from presence.ports import Batch, Person, Pushed, SourceUnavailable
from presence.web.sources import Calls

NOW = int(datetime(2026, 11, 23, 9, tzinfo=UTC).timestamp())
ANNA = "mail:anna@kommun.example"
HOOK = Webhook("hr", WebhookSettings())
JSON, LINES, CSV, ICS = "application/json", "application/x-ndjson", "text/csv", "text/calendar"
CANARY = "kanariefågel"


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def report(hook: Webhook = HOOK, **fields: Any) -> Presence:
    (person,) = hook.presence(ANNA, json.dumps(fields).encode(), NOW).people
    (found,) = person.presence.values()
    assert found is not None
    return found


def leave(document: bytes | None = None, kind: str = JSON, **fields: Any) -> Absence:
    batch = HOOK.absence(ANNA, "u1", json.dumps(fields).encode() if document is None else document, kind, NOW)
    assert not batch.complete
    (person,) = batch.people
    (found,) = person.absences.values()
    assert found is not None
    return found


def gathered(document: bytes | str, kind: str = LINES) -> dict[str, list[Absence | None]]:
    """Absences by person of a complete batch."""
    batch = HOOK.absences(document.encode() if isinstance(document, str) else document, kind, NOW)
    assert batch.complete
    assert batch.read_at == NOW
    return {person.alias: list(person.absences.values()) for person in batch.people}


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        act()
    return str(caught.value)


def event(start: str = "20261124T080000Z", end: str = "20261124T160000Z", more: str = "", kind: str = "") -> bytes:
    text = f"BEGIN:VEVENT\r\nUID:u1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART{kind}:{start}\r\nDTEND{kind}:{end}\r\n"
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{text}{more}SUMMARY:{CANARY}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode()
    )


# --- the connector ---


def test_it_is_one_of_those_that_send() -> None:
    pushed: Pushed = HOOK
    assert pushed is HOOK


def test_listening_to_it_ends_at_once_and_asking_it_is_refused() -> None:
    async def listened() -> list[Batch | SourceUnavailable]:
        return [each async for each in HOOK.listen()]

    assert asyncio.run(listened()) == []
    with pytest.raises(SourceUnavailable) as caught:
        asyncio.run(HOOK.fetch())
    assert caught.value.code == "pushed"
    asyncio.run(HOOK.close())


# --- presence ---


def test_a_report_is_a_lease_from_now_on() -> None:
    assert report(status="busy", lease=300) == Presence("busy", NOW, NOW + 300)


def test_a_report_is_kept_by_its_device_and_carries_the_number_of_its_sender() -> None:
    (person,) = HOOK.presence(ANNA, b'{"status":"available","lease":60,"device":"desk phone","seq":41}', NOW).people
    assert person == Person(alias=ANNA, presence={"desk phone": Presence("available", NOW, NOW + 60, seq=41)})


@pytest.mark.parametrize(
    ("word", "status"), [("available", "available"), ("busy", "busy"), ("idle", "idle"), ("offline", "offline"), ("away", "idle")]
)
def test_the_away_of_a_chat_client_is_no_absence(word: str, status: Report) -> None:
    assert report(status=word, lease=60).status == status


def test_a_sources_own_words_are_mapped_as_configured_away_included() -> None:
    hook = Webhook("pbx", WebhookSettings(), statuses={"DND": "busy", "away": "away"})
    assert report(hook, status="DND", lease=60).status == "busy"
    assert report(hook, status="away", lease=60).status == "away"
    assert report(hook, status="available", lease=60).status == "available"


def test_a_report_is_taken_back_by_its_device() -> None:
    assert HOOK.no_presence(ANNA, "desk phone", NOW).people == (Person(alias=ANNA, presence={"desk phone": None}),)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"status": "busy"}, "lease: is missing"),
        ({"lease": 60}, "status: is missing"),
        ({"status": "hej", "lease": 60}, "status: not a status that this source is configured to send"),
        ({"status": "busy", "lease": 0}, "lease: expected a whole number >= 1"),
        ({"status": "busy", "lease": 86_401}, "lease: expected a whole number <= 86400"),
        ({"status": "busy", "lease": 1.5}, "lease: expected a whole number, got a number"),
        ({"status": "busy", "lease": "60"}, "lease: expected a whole number, got text"),
        ({"status": "busy", "lease": None}, "lease: expected a whole number, got null"),
        ({"status": 1, "lease": 60}, "status: expected text, got a whole number"),
        ({"status": "b" * 65, "lease": 60}, "status: expected text of length <= 64"),
        ({"status": "busy", "lease": 60, "device": "d" * 129}, "device: expected text of length <= 128"),
        ({"status": "busy", "lease": 60, "device": "a\nb"}, "device: holds control characters"),
        ({"status": "busy", "lease": 60, "device": "a\0b"}, "device: holds control characters"),
        ({"status": "busy", "lease": 60, "seq": -1}, "seq: expected a whole number >= 0"),
        ({"status": "busy", "lease": 60, "seq": 2**63}, "seq: expected a whole number <= 9223372036854775807"),
        ({"status": "busy", "lease": 60, CANARY: 1}, "an unknown field; there are status, lease, device, seq"),
        ([], "expected an object, got an array"),
        ("busy", "expected an object, got text"),
    ],
)
def test_a_report_that_is_none_is_refused_by_its_field(document: Any, sentence: str) -> None:
    assert refusal(lambda: HOOK.presence(ANNA, json.dumps(document).encode(), NOW)) == sentence


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"nothing",
        b'{"status":"busy","lease":NaN}',
        b'{"status":"\xff","lease":60}',
        b'{"status":"\\ud800","lease":60}',
        b'\xef\xbb\xbf{"status":"busy","lease":60}',
        b'{"status":"busy","lease":60}{}',
        b"<html></html>",
    ],
)
def test_what_is_not_json_is_refused_as_such(raw: bytes) -> None:
    assert refusal(lambda: HOOK.presence(ANNA, raw, NOW)) == "not JSON in UTF-8"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"status":"busy","lease":1e999}',
        b'{"status":"busy","lease":' + b"9" * 5_000 + b"}",
        b'{"status":"busy","lease":60,"seq":' + b"9" * 5_000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"status":' + b"[" * 100_000,
    ],
)
def test_huge_numbers_and_bottomless_documents_are_refused(raw: bytes) -> None:
    assert len(refusal(lambda: HOOK.presence(ANNA, raw, NOW))) < 100


# --- one leave ---


def test_leave_by_dates_holds_whole_days() -> None:
    assert leave(start="2026-11-24", end="2026-11-26") == Absence(first="2026-11-24", last="2026-11-26")


def test_leave_of_one_day_begins_and_ends_on_it() -> None:
    assert leave(start="2026-11-24", end="2026-11-24") == Absence(first="2026-11-24", last="2026-11-24")


@pytest.mark.parametrize("end", [{}, {"end": None}, {"end": ""}])
def test_leave_without_an_end_is_until_further_notice(end: dict[str, Any]) -> None:
    assert leave(start="2026-11-24", **end) == Absence(first="2026-11-24")
    assert leave(start="2026-11-24T08:00+01:00", **end).end == FOREVER


@pytest.mark.parametrize(
    "start", ["2026-11-24T08:00:00+01:00", "2026-11-24T07:00Z", "2026-11-24 08:00+01:00", "20261124T070000Z"]
)
def test_leave_by_times_holds_from_instant_to_instant(start: str) -> None:
    expected = Absence(start=instant("2026-11-24T07:00:00+00:00"), end=instant("2026-11-24T11:30:00+00:00"))
    assert leave(start=start, end="2026-11-24T12:30:00+01:00") == expected


def test_the_hour_that_happens_twice_is_told_apart_by_its_zone() -> None:
    found = leave(start="2026-10-25T02:30:00+02:00", end="2026-10-25T02:30:00+01:00")
    assert found.end - found.start == 3_600


def test_extent_and_employment_are_kept() -> None:
    found = leave(start="2026-11-24", extent=0.5, employment="2", share=0.75)
    assert found == Absence(first="2026-11-24", extent=0.5, employment="2", share=0.75)


def test_a_share_that_is_not_said_is_left_to_the_directory() -> None:
    assert leave(start="2026-11-24", extent=0.5, employment="2").share == Absence().share == 0


def test_a_leave_is_withdrawn_by_its_uid() -> None:
    (said,) = HOOK.absence(ANNA, "u1", b'{"start": "2026-11-24"}', "application/json", NOW).people
    (withdrawn,) = HOOK.no_absence(ANNA, "u1", NOW).people
    assert (withdrawn.alias, dict(withdrawn.absences)) == (ANNA, dict.fromkeys(said.absences))


ZONE = "a time needs its zone; write 2026-11-24T08:00:00+01:00"


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({}, "start: is missing"),
        ({"start": None}, "start: expected text, got null"),
        ({"start": ""}, "start: not a date; write 2026-11-24"),
        ({"start": "24/11/2026"}, "start: can be read in two ways; write 2026-11-24 or set date_format"),
        ({"start": "i morgon bitti"}, "start: not a date or a time; write 2026-11-24T08:00:00+01:00"),
        ({"start": "2026-13-45"}, "start: not a date; write 2026-11-24"),
        ({"start": "2026-02-29"}, "start: not a date; write 2026-11-24"),
        ({"start": "2026-11-24T08:00:00"}, f"start: {ZONE}"),
        ({"start": "2026-03-29T02:30:00"}, f"start: {ZONE}"),
        ({"start": "2026-11-24T25:00:00+01:00"}, "start: not a date or a time; write 2026-11-24T08:00:00+01:00"),
        ({"start": "2026-11-24", "end": "2026-11-23"}, "end: lies before the start"),
        ({"start": "2026-11-24T08:00Z", "end": "2026-11-24T08:00Z"}, "end: lies before the start"),
        ({"start": "2026-11-24", "end": "2026-11-24T08:00Z"}, "end: not a date; write 2026-11-24"),
        ({"start": "2026-11-24T08:00Z", "end": "2026-11-25"}, f"end: {ZONE}"),
        ({"start": "9999-12-31"}, "start: not within 2000 to 2099"),
        ({"start": "2026-11-24", "end": "1999-12-31"}, "end: not within 2000 to 2099"),
        ({"start": "1999-12-31"}, "start: not within 2000 to 2099"),
        ({"start": "9999-12-31T23:59:59-23:59"}, "start: not within 2000 to 2099"),
        ({"start": "0001-01-01T00:00:00+23:59"}, "start: not within 2000 to 2099"),
        ({"start": "2026-11-24", "extent": 0}, "extent: expected a number > 0.0"),
        ({"start": "2026-11-24", "extent": 1.01}, "extent: expected a number <= 1.0"),
        ({"start": "2026-11-24", "extent": "0,5"}, "extent: expected a number, got text"),
        ({"start": "2026-11-24", "share": 0}, "share: expected a number > 0.0"),
        ({"start": "2026-11-24", "share": 50}, "share: expected a number <= 1.0"),
        ({"start": "2026-11-24", "employment": 2}, "employment: expected text, got a whole number"),
        ({"start": "2026-11-24", "employment": "\u0000"}, "employment: holds control characters"),
        ({"start": 20261124}, "start: expected text, got a whole number"),
        ({"start": "2026-11-24", "end": 5}, "end: expected text, got a whole number"),
        ({"start": "2" * 41}, "start: expected text of length <= 40"),
        ({"start": "2026-11-24", "reason": CANARY}, "an unknown field; there are start, end, extent, employment, share"),
        ({"start": "2026-11-24", CANARY: "sjuk"}, "an unknown field; there are start, end, extent, employment, share"),
    ],
)
def test_a_leave_that_is_none_is_refused_by_its_field(document: dict[str, Any], sentence: str) -> None:
    assert refusal(lambda: leave(**document)) == sentence


# --- one event as text/calendar ---


def test_an_event_is_a_leave_between_its_times() -> None:
    expected = Absence(start=instant("2026-11-24T08:00:00+00:00"), end=instant("2026-11-24T16:00:00+00:00"))
    assert leave(event(), ICS) == expected


@pytest.mark.parametrize("kind", [(";VALUE=DATE", "20261124", "20261127"), ("", "20261123T230000Z", "20261126T230000Z")])
def test_an_event_of_whole_days_is_a_leave_by_dates(kind: tuple[str, str, str]) -> None:
    """Also one that a server wrote down as the UTC times of the owner's midnights."""
    parameter, start, end = kind
    assert leave(event(start, end, kind=parameter), ICS) == Absence(first="2026-11-24", last="2026-11-26")


def test_a_leave_that_began_years_ago_is_whole() -> None:
    assert leave(event("20240101", "20270101", kind=";VALUE=DATE"), ICS) == Absence(first="2024-01-01", last="2026-12-31")


ONCE = "the calendar must hold one event, once, within a year back and two ahead"
FREE = "the event is cancelled, or says that the time is free; an absence is withdrawn by DELETE"


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (event(more="RRULE:FREQ=DAILY\r\n"), ONCE),
        (event("20361124T080000Z", "20361124T090000Z"), ONCE),
        (event("99991231T080000Z", "99991231T090000Z"), ONCE),
        (event("nonsense"), f"{ONCE} (DTSTART cannot be read)"),
        (event(more="RRULE:FREQ=SECONDLY;COUNT=100000000\r\n"), f"{ONCE} (the recurrence takes more work than accepted)"),
        (event(more="END:VEVENT\r\nBEGIN:VEVENT\r\nUID:u2\r\nDTSTART:20261201\r\n"), ONCE),
        (event() + event(), "not one iCalendar file"),
        (event(more="STATUS:CANCELLED\r\n"), FREE),
        (event(more="TRANSP:TRANSPARENT\r\n"), FREE),
        (event(end="20261124T080000Z"), FREE),
        (event()[:-20], "not one iCalendar file: it is cut off or not closed"),
        (b"", "not one iCalendar file: it is empty"),
        (b"<html>", "not one iCalendar file: it looks like a web page"),
        (event(more="X:" + "x" * 70_000 + "\r\n"), "not read: the feed is larger than accepted"),
    ],
)
def test_a_calendar_that_is_no_single_leave_is_refused(document: bytes, sentence: str) -> None:
    assert refusal(lambda: leave(document, ICS)).startswith(sentence)


def test_what_the_event_is_about_is_in_nothing_that_comes_of_it() -> None:
    texts = "".join(f"{name}:{CANARY}\r\n" for name in ("DESCRIPTION", "CATEGORIES", "LOCATION", "COMMENT"))
    batch = HOOK.absence(ANNA, "u1", event(more=texts), ICS, NOW)
    assert CANARY.encode() not in msgspec.json.encode(batch)
    assert CANARY not in refusal(lambda: leave(event(more=texts + f"RRULE:{CANARY}\r\n"), ICS))


# --- a complete batch ---

ROW = '{"person":"employee:10023","start":"2026-11-24","end":"2026-11-26"}'
FOUND = Absence(first="2026-11-24", last="2026-11-26")


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (ROW, LINES),
        (f"{ROW}\n", LINES),
        (f"\r\n{ROW}\r\n\r\n", LINES),
        (f" [ {ROW} ] ", JSON),
        (f"[{ROW}]", LINES),
        (ROW, JSON),
        ("person,start,end\nemployee:10023,2026-11-24,2026-11-26\n", CSV),
        ("\ufeffperson;start;end\r\nemployee:10023;2026-11-24;2026-11-26\r\n;;\r\n", CSV),
        ("\n Person ;START;end;extent\nemployee:10023 ; 2026-11-24;2026-11-26\n", CSV),
        ('start,end,person\n"2026-11-24","2026-11-26","employee:10023"', CSV),
    ],
)
def test_the_same_leave_in_each_form(document: str, kind: str) -> None:
    assert gathered(document, kind) == {"employee:10023": [FOUND]}


def test_cells_hold_extents_with_a_decimal_comma_and_employments() -> None:
    text = "person;start;end;extent;share;employment\nemployee:1;2026-11-24;;0,5;0.75;2\n"
    assert gathered(text, CSV) == {"employee:1": [Absence(first="2026-11-24", extent=0.5, share=0.75, employment="2")]}


def test_several_leaves_of_one_person_are_gathered_however_the_alias_is_written() -> None:
    rows = [
        {"person": "mail:Anna@Kommun.example", "start": "2026-11-24", "end": "2026-11-24"},
        {"person": "MAIL:anna@kommun.example ", "start": "2026-12-24", "end": "2026-12-24"},
    ]
    assert {alias: len(found) for alias, found in gathered("\n".join(map(json.dumps, rows))).items()} == {ANNA: 2}


@pytest.mark.parametrize(
    ("document", "kind"), [("[]", JSON), ("person,start\n", CSV), ("person;start;end;uid;extent;share;employment", CSV)]
)
def test_nobody_on_leave_is_said_on_purpose(document: str, kind: str) -> None:
    assert gathered(document, kind) == {}


@pytest.mark.parametrize("kind", [LINES, JSON, CSV])
@pytest.mark.parametrize("document", ["", "\n", " \r\n \n"])
def test_an_empty_document_is_an_export_that_failed(document: str, kind: str) -> None:
    assert refusal(lambda: gathered(document, kind)).startswith("an empty document; where nobody is on leave, send []")


def uids(*rows: dict[str, Any]) -> list[str]:
    batch = HOOK.absences("\n".join(map(json.dumps, rows)).encode(), LINES, NOW)
    return [uid for person in batch.people for uid in person.absences]


PLAIN = {"person": ANNA, "start": "2026-11-24", "end": "2026-11-26"}


def test_a_leave_without_a_uid_has_the_same_one_in_the_next_file_though_its_end_is_corrected() -> None:
    (first,) = uids(PLAIN)
    assert uids({**PLAIN, "end": "2026-12-24"}) == [first]
    assert uids({**PLAIN, "extent": 0.5}) == [first]
    assert uids({**PLAIN, "person": "mail:ANNA@kommun.example"}) == [first]
    assert len(first) == 24


@pytest.mark.parametrize("change", [{"start": "2026-11-25"}, {"employment": "2"}, {"person": "mail:b@kommun.example"}])
def test_another_leave_has_another_uid(change: dict[str, str]) -> None:
    assert uids({**PLAIN, **change}) != uids(PLAIN)


def test_one_instant_written_in_two_zones_is_one_leave() -> None:
    stockholm, utc = {"start": "2026-11-24T08:00:00+01:00", "end": None}, {"start": "2026-11-24T07:00:00Z", "end": None}
    assert uids({**PLAIN, **stockholm}) == uids({**PLAIN, **utc})


def test_a_uid_of_the_sender_is_kept() -> None:
    named = uids({**PLAIN, "uid": "VAB-1"})
    assert named == uids({**PLAIN, "uid": "VAB-1"}) != uids({**PLAIN, "uid": "VAB-2"})
    assert "VAB" not in named[0]  # a sender's own name for a leave may tell its reason


def test_a_row_that_stands_there_twice_counts_once() -> None:
    assert gathered(f"{ROW}\n{ROW}") == {"employee:10023": [FOUND]}


def test_two_rows_that_contradict_each_other_are_refused_rather_than_one_lost() -> None:
    other = ROW.replace("2026-11-26", "2026-11-30")
    sentence = "line 2: says otherwise of a leave that was named before; give each a uid of its own"
    assert refusal(lambda: gathered(f"{ROW}\n{other}")) == sentence


@pytest.mark.parametrize(
    ("document", "kind", "sentence"),
    [
        (f"{ROW}\n{{}}", LINES, "line 2: start: is missing"),
        (f"{ROW}\n\nnothing", LINES, "line 3: not JSON in UTF-8"),
        (f"[{ROW},{{}}]", JSON, "row 2: start: is missing"),
        (f"[{ROW},5]", JSON, "row 2: expected an object, got a whole number"),
        (f"[{ROW}", JSON, "not JSON in UTF-8"),
        ("[" * 100_000, JSON, "not JSON in UTF-8"),
        (ROW.replace("employee:", ""), LINES, "line 1: an alias is written kind:value"),
        (ROW.replace("10023", ""), LINES, "line 1: an alias is written kind:value"),
        (ROW.replace("10023", "\\u0000"), LINES, "line 1: person: holds control characters"),
        (ROW.replace("10023", "1" * 300), LINES, "line 1: person: expected text of length <= 256"),
        (
            ROW.replace("end", CANARY),
            LINES,
            "line 1: an unknown field; there are start, end, extent, employment, share, person, uid",
        ),
        (ROW.replace("2026-11-26", "2026-11-01"), LINES, "line 1: end: lies before the start"),
        (f"person,start,{CANARY}\na:b,2026-11-24,sjuk", CSV, "the heading: person and start are needed"),
        ("<html><body>Logga in</body></html>", CSV, "the heading: person and start are needed"),
        ("person,start,start\na:b,2026-11-24,2026-11-25", CSV, "the heading: person and start are needed"),
        ("person;start\na:b;2026-11-24;sjuk", CSV, "line 2: has more cells than the heading"),
        ("person;start;end\na:b;;", CSV, "line 2: start: is missing"),
        ("person;start\na:b", CSV, "line 2: the file ends within a row"),
        ("person;start\na:b\na:b;2026-11-24\n", CSV, "line 2: has fewer cells than the heading"),
        ("person;start;extent\na:b;2026-11-24;nan", CSV, "line 2: extent: not a part of the working time; write 0,5 or 50 %"),
        ("person;start;extent\na:b;2026-11-24;1_0", CSV, "line 2: extent: not a part of the working time"),
        ("person;start;extent\na:b;2026-11-24;150", CSV, "line 2: extent: not a part of the working time"),
        ("person;start\nemployee:121212-1212;2026-11-24", CSV, "line 2: person: is a personal identity number"),
        ("person;start\na:b;" + "2" * 200_000, CSV, "line 2: cannot be read as CSV"),
        (b"person;start\nnamn:\x81;2026-11-24", CSV, "neither UTF-8, UTF-16 with its mark, nor cp1252"),
        (b"\xff\xfep\0e\0r\0s\0o\0n\0", CSV, "the heading: person and start are needed"),
    ],
)
def test_a_batch_with_a_wrong_row_is_refused_whole_by_its_place(document: bytes | str, kind: str, sentence: str) -> None:
    told = refusal(lambda: gathered(document, kind))
    assert told.startswith(sentence)
    assert CANARY not in told


def mapped(**more: Any) -> Webhook:
    """A source whose system can only send columns of its own."""
    columns = Columns(person="Anst.nr", start="Från", end="Till")
    return Webhook("hr", WebhookSettings(columns=columns, never_read=("Orsak",), **more))


def test_a_source_with_columns_of_its_own_is_read_by_them_and_the_others_are_dropped() -> None:
    text = f"Anst.nr;Orsak;Från;Till\r\n10023;{CANARY};20261124;26.11.2026\r\n"
    batch = mapped().absences(text.encode("cp1252"), CSV, NOW)
    assert {person.alias: [*person.absences.values()] for person in batch.people} == {"employee:10023": [FOUND]}
    assert CANARY.encode() not in msgspec.json.encode(batch)


def test_of_such_a_source_too_a_batch_with_a_wrong_row_is_refused_whole_by_its_place() -> None:
    text = f"Anst.nr;Orsak;Från;Till\n10023;{CANARY};{CANARY};\n"
    assert refusal(lambda: mapped().absences(text.encode(), CSV, NOW)) == "line 2: start: not a date; write 2026-11-24"


def test_a_personal_identity_number_is_no_alias_unless_that_is_said_on_purpose() -> None:
    document = b'{"start": "2026-11-24"}'
    sentence = "person: is a personal identity number: not taken as a key"
    assert refusal(lambda: HOOK.absence("employee:121212-1212", "u1", document, JSON, NOW)) == sentence
    hook = Webhook("hr", WebhookSettings(allow_personal_identity_numbers=True))
    assert hook.absence("employee:121212-1212", "u1", document, JSON, NOW).people


@pytest.mark.parametrize("end", ["9999-12-31", "2099-01-01", "TV", "tillsvidare"])
def test_an_end_beyond_all_calendars_is_none(end: str) -> None:
    assert leave(start="2026-11-24", end=end) == Absence(first="2026-11-24")
    assert leave(start="2026-11-24T08:00Z", end="9999-12-31T00:00:00Z").end == FOREVER


# --- the centre's queue ---


def test_the_waiting_time_is_leased() -> None:
    batch = HOOK.queue(b'{"wait":720,"lease":120}', NOW)
    assert (batch.queue, batch.people, batch.complete) == (Queue(720, NOW, NOW + 120), (), False)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"wait": 720}, "lease: is missing"),
        ({"wait": -1, "lease": 60}, "wait: expected a whole number >= 0"),
        ({"wait": 86_401, "lease": 60}, "wait: expected a whole number <= 86400"),
        ({"wait": 60, "lease": 3_601}, "lease: expected a whole number <= 3600"),
        ({"wait": 60, "lease": 60, "agents": 3}, "an unknown field; there are wait, lease"),
    ],
)
def test_a_waiting_time_that_is_none_is_refused(document: dict[str, int], sentence: str) -> None:
    assert refusal(lambda: HOOK.queue(json.dumps(document).encode(), NOW)) == sentence


# --- what the page for senders shows ---

PAGE = (Path(__file__).parents[2] / "docs" / "sources.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def documents() -> list[tuple[str, str]]:
    """(the last part of the address, the document) of each example that sends one."""
    commands = [shlex.split(part) for block in blocks("sh") for part in block.split("\n\n") if part.startswith("curl")]
    told = [(next(word for word in words if "/v1/" in word), words) for words in commands if "-d" in words]
    return [(url.rsplit("/", 1)[1], words[words.index("-d") + 1]) for url, words in told]


@pytest.mark.parametrize(("end", "document"), documents(), ids=str)
def test_every_example_of_the_page_is_taken(end: str, document: str) -> None:
    body = document.encode()
    match end:
        case "presence":
            assert HOOK.presence(ANNA, body, NOW).people
        case "queue":
            assert HOOK.queue(body, NOW).queue
        case "calls":
            assert msgspec.json.decode(body, type=list[Calls])
        case _:
            assert HOOK.absence(ANNA, end, body, JSON, NOW).people


def test_the_files_that_the_page_shows_are_taken() -> None:
    (lines,), (cells,) = blocks("jsonl"), blocks("csv")
    assert gathered(lines).keys() == {"employee:10023", "mail:bertil@kommun.example"}
    assert gathered(cells, CSV).keys() == {"employee:10023", "employee:10024"}


def test_the_settings_that_the_page_shows_are_read() -> None:
    (text,) = blocks("toml")
    for name, source in tomllib.loads(text)["sources"].items():
        given = {key: value for key, value in source.items() if key in WebhookSettings.__struct_fields__}
        assert Webhook(name, msgspec.convert(given, WebhookSettings), statuses=source.get("statuses")).name == name


@pytest.mark.parametrize("form", [_Report, Leave, Line, _Wait, Calls])
def test_the_page_names_every_field(form: type[msgspec.Struct]) -> None:
    for name in form.__struct_fields__:
        assert f"`{name}`" in PAGE or f'"{name}"' in PAGE, name


# --- anything at all ---

TAKES: dict[str, Callable[[bytes], Batch]] = {
    "presence": lambda document: HOOK.presence(ANNA, document, NOW),
    "absence": lambda document: HOOK.absence(ANNA, "u", document, JSON, NOW),
    "calendar": lambda document: HOOK.absence(ANNA, "u", document, ICS, NOW),
    "lines": lambda document: HOOK.absences(document, LINES, NOW),
    "array": lambda document: HOOK.absences(b"[" + document + b"]", JSON, NOW),
    "csv": lambda document: HOOK.absences(document, CSV, NOW),
    "queue": lambda document: HOOK.queue(document, NOW),
}
GOOD: dict[str, bytes] = {
    "presence": b'{"status":"busy","lease":300,"device":"d","seq":1}',
    "absence": b'{"start":"2026-11-24T08:00:00+01:00","end":"2026-11-25T08:00:00+01:00","extent":0.5,"employment":"2"}',
    "calendar": event(),
    "lines": f"{ROW}\n{ROW}".encode(),
    "array": f"{ROW},{ROW}".encode(),
    "csv": b"person;start;end;extent\nemployee:1;2026-11-24;2026-11-25;0,5\n",
    "queue": b'{"wait":720,"lease":120}',
}
WORDS = (b'"', b"\\u0000", b"\xff", b"9999", b"-", b"1e999", b"NaN", b"null", b"[", b"{", b"\0", b"\n", b";", b"T", b"Z", b":")


def taken(what: str, document: bytes) -> bool:
    """Whether it was taken. What comes of it can be stored; what is refused is so by a short sentence in printable words."""
    try:
        batch = TAKES[what](document)
    except ValueError as error:
        told = error
    else:
        assert msgspec.msgpack.encode(batch)
        return True
    assert type(told) in (ValueError, Wrong)
    assert 0 < len(str(told)) < 200
    assert str(told).isprintable()
    return False


def mutated(document: bytes, dice: random.Random) -> bytes:
    raw = bytearray(document)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(raw) + 1)
        match dice.randrange(5):
            case 0:
                raw[at : at + dice.randint(1, 8)] = b""
            case 1:
                raw[at:at] = dice.choice(WORDS)
            case 2:
                raw[at : at + 1] = bytes((dice.randrange(256),))
            case 3:
                raw[at : at + 2] = dice.choice(string.digits).encode() * dice.randint(1, 30)
            case _:
                raw[at:at] = raw[: dice.randint(0, 40)]
    return bytes(raw)


@pytest.mark.parametrize("what", TAKES)
def test_a_mutated_document_is_taken_or_refused_and_nothing_else(what: str) -> None:
    dice = random.Random(f"webhook {what}")
    assert taken(what, GOOD[what])
    outcomes = [taken(what, mutated(GOOD[what], dice)) for _ in range(600)]
    assert 0 < outcomes.count(True) < len(outcomes)


@pytest.mark.parametrize("what", TAKES)
@given(document=st.one_of(st.binary(max_size=200), st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass"))))
@settings(max_examples=80, deadline=None)
def test_any_octets_are_taken_or_refused_and_nothing_else(what: str, document: bytes) -> None:
    taken(what, document)


_ANY = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = st.sampled_from(
    ["status", "lease", "device", "seq", "start", "end", "extent", "employment", "share", "person", "uid", "x"]
)


@pytest.mark.parametrize("what", ["presence", "absence", "lines", "array", "queue"])
@given(fields=st.dictionaries(_FIELDS, _ANY, max_size=6))
@settings(max_examples=80, deadline=None)
def test_any_json_under_our_own_names_is_taken_or_refused_and_nothing_else(what: str, fields: dict[str, Any]) -> None:
    taken(what, json.dumps(fields).encode("utf-8", "surrogatepass"))


# --- automatic replies ---

REPLIES = Webhook("replies", WebhookSettings(replies=True))


@pytest.mark.parametrize("end", [None, "9999-12-31", "2099-12-31T00:00:00+01:00"])
def test_an_automatic_reply_that_is_always_on_is_a_receipt_and_no_leave(end: str | None) -> None:
    """It takes back what was there under its name: it had an end, and has none now."""
    start = "2026-11-23" if end is None or "T" not in end else "2026-11-23T08:00:00+01:00"
    batch = REPLIES.absence(ANNA, "oof", json.dumps({"start": start, "end": end}).encode(), JSON, NOW)
    assert [list(person.absences.values()) for person in batch.people] == [[None]]


def test_an_automatic_reply_with_an_end_is_leave() -> None:
    document = {"start": "2026-11-23T12:00:00+01:00", "end": "2026-11-26T08:00:00+01:00"}
    batch = REPLIES.absence(ANNA, "oof", json.dumps(document).encode(), JSON, NOW)
    assert [said is not None for person in batch.people for said in person.absences.values()] == [True]


def test_in_a_whole_batch_of_replies_those_without_an_end_are_passed_over() -> None:
    rows = [{"person": ANNA, "start": "2026-11-23"}, {"person": ANNA, "start": "2026-11-24", "end": "2026-11-25"}]
    batch = REPLIES.absences("\n".join(map(json.dumps, rows)).encode(), LINES, NOW)
    assert [said.last for person in batch.people for said in person.absences.values() if said] == ["2026-11-25"]
