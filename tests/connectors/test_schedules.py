"""Working hours from a file: what a row means, and that one that cannot be read costs its person only."""

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.schedules import Schedules, SchedulesSettings
from presence.domain.facts import Pattern, Schedule
from presence.ports import Batch, SourceUnavailable

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HEAD = "person;rule;valid_from;valid_to;employment;share;site"


def fetched(folder: Path, text: str | bytes, **settings: Any) -> Batch:
    file = folder / "hours.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    connector = Schedules("rota", SchedulesSettings(str(file), **settings), now=NOW.timestamp)
    return asyncio.run(connector.fetch())


def said(folder: Path, *rows: str, head: str = HEAD, **settings: Any) -> dict[str, Schedule]:
    batch = fetched(folder, "\n".join((head, *rows, "")), **settings)
    assert batch.complete
    assert batch.skipped == 0
    return {person.alias: person.schedule for person in batch.people if person.schedule is not None}


def refused(folder: Path, text: str | bytes, **settings: Any) -> str:
    with pytest.raises(SourceUnavailable) as caught:
        fetched(folder, text, **settings)
    return caught.value.code


def test_a_row_is_a_pattern(tmp_path: Path) -> None:
    row = "10023;week 1-53/2 Mo 08:00-12:00;2026-08-17;2027-06-11;10023-1;0,5;Torget"
    pattern = Pattern("week 1-53/2 Mo 08:00-12:00", "2026-08-17", "2027-06-11", "10023-1", 0.5)
    assert said(tmp_path, row) == {"employee:10023": Schedule((pattern,))}


def test_two_sites_are_two_rows_and_the_site_is_not_kept(tmp_path: Path) -> None:
    rows = "1;Mo-Tu 08:00-16:00;;;;;Torget", "1;We-Fr 08:00-16:00;;;;;Skolgatan"
    found = said(tmp_path, *rows)["employee:1"]
    assert [pattern.rule for pattern in found.patterns] == ["Mo-Tu 08:00-16:00", "We-Fr 08:00-16:00"]
    assert b"Torget" not in msgspec.json.encode(found)


def test_only_person_and_rule_are_needed_and_a_kind_may_be_written(tmp_path: Path) -> None:
    found = said(tmp_path, '"mail:Anna@example.se","Mo 08:00-12:00,13:00-16:00"', head="person,rule")
    assert found == {"mail:anna@example.se": Schedule((Pattern("Mo 08:00-12:00,13:00-16:00"),))}


def test_a_schedule_that_begins_later_says_from_when(tmp_path: Path) -> None:
    rows = "1;Mo 08:00-12:00;2027-02-01", "1;Tu 08:00-12:00;2027-01-07"
    assert said(tmp_path, *rows, head="person;rule;valid_from")["employee:1"].first == "2027-01-07"


def test_rows_that_are_over_are_not_kept_but_the_schedule_is(tmp_path: Path) -> None:
    """Else whoever has no row left would be taken for somebody without a schedule, who works at all published hours."""
    rows = "1;Mo 08:00-12:00;2026-08-17;2026-11-20", "2;Mo-Su 21:00-07:00;;2026-11-22"
    found = said(tmp_path, *rows, head="person;rule;valid_from;valid_to")
    assert found["employee:1"] == Schedule()
    assert len(found["employee:2"].patterns) == 1, "its last shift ends this morning"


def test_a_file_saved_by_excel_is_read(tmp_path: Path) -> None:
    text = "person;rule;valid_from\r\n10023;Mo-Fr 08:00-16:00;\r\n"
    assert fetched(tmp_path, b"\xef\xbb\xbf" + text.encode()).people
    assert (
        fetched(tmp_path, text.replace("10023", "mail:åsa@example.se").encode("cp1252")).people[0].alias == "mail:åsa@example.se"
    )


BAD = {
    ";Mo 08:00-12:00": ("person", "is missing"),
    "3;": ("rule", "is missing"),
    "3;måndagar": ("rule", "not opening hours"),
    "3;Mo-Fr 08:00-12:00; PH off": ("valid_from", "not a date"),
    '3;"Mo-Fr 08:00-12:00; SH off"': ("rule", "not opening hours"),
    "3;Mo 08:00-12:00;17/8": ("valid_from", "not a date"),
    "3;Mo 08:00-12:00;2027-01-01;2026-01-01": ("valid_to", "lies before"),
    "3;Mo 08:00-12:00;;9999-12-31": ("valid_to", "not a date"),
    "3;Mo 08:00-12:00;;;;mycket": ("share", "not a part"),
    "3;Mo 08:00-12:00;;;\x07": ("employment", "control characters"),
    "811228-9874;Mo 08:00-12:00": ("person", "personal identity number"),
    ":;Mo 08:00-12:00": ("person", "an alias is written"),
    "3;Mo 08:00-12:00;;;;;;;;": ("", "has more cells"),
}


@pytest.mark.parametrize("row", BAD)
def test_a_bad_row_is_refused_alone_with_its_line(tmp_path: Path, row: str, caplog: pytest.LogCaptureFixture) -> None:
    column, told = BAD[row]
    good = "1;Mo 08:00-12:00", "2;Mo 08:00-12:00"
    head = "person;rule;valid_from;valid_to;employment;share;site"
    with caplog.at_level(logging.WARNING):
        batch = fetched(tmp_path, "\n".join((head, good[0], row, good[1], "")))
    assert batch.skipped == 1
    assert {person.alias for person in batch.people if person.schedule} == {"employee:1", "employee:2"}
    [line] = caplog.messages
    assert "line 3:" in line
    assert told in line
    assert column in line


def test_of_a_person_with_a_bad_row_what_is_held_stays(tmp_path: Path) -> None:
    rows = "1;Mo 08:00-12:00", "2;Mo 08:00-12:00", "2;nonsense"
    batch = fetched(tmp_path, "\n".join(("person;rule", *rows, "")))
    assert [(person.alias, person.failed) for person in batch.people if person.failed] == [("employee:2", "rejected-row")]
    assert [person.alias for person in batch.people if person.schedule] == ["employee:1"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "headings"),
        ("rule;person_\n", "headings"),
        ("person;rule;vaild_to\n1;Mo 08:00-12:00;2026-12-31\n", "headings"),
        ("person;rule;rule\n", "headings"),
        ("person;rule\n1;x\n2;y\n3;Mo 08:00-12:00\n", "rejected"),
        ("person;rule;valid_from\n1;Mo 08:00-12:00;2026-08-17\n2;Mo 08:0", "truncated"),
        ('person;rule\n1;"Mo 08:00-12:00\n', "csv"),
        (b"person;rule\n\x00", "encoding"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_as_a_whole(tmp_path: Path, text: str | bytes, code: str) -> None:
    assert refused(tmp_path, text) == code


def test_a_missing_file_and_one_that_is_too_large_are_refused(tmp_path: Path) -> None:
    connector = Schedules("rota", SchedulesSettings(str(tmp_path / "none.csv")))
    with pytest.raises(SourceUnavailable):
        asyncio.run(connector.fetch())
    assert refused(tmp_path, "person;rule\n" + "1;Mo 08:00-12:00\n" * 10, size=100) == "too-large"


def test_a_column_that_is_named_is_passed_over(tmp_path: Path) -> None:
    found = said(tmp_path, "1;Anna;Mo 08:00-12:00", head="person;Namn;rule", never_read=("Namn",))
    assert list(found) == ["employee:1"]


def test_no_word_of_the_file_is_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        fetched(tmp_path, "person;rule\n1;Mo 08:00-12:00\n2;kanariefågel\n3;Mo 08:00-12:00\n")
    assert caplog.messages
    assert not any("kanariefågel" in line for line in caplog.messages)


def test_a_row_with_too_many_cells_keeps_what_is_held_of_its_person_where_that_stands_first(tmp_path: Path) -> None:
    batch = fetched(tmp_path, f"{HEAD}\n1;Mo 08:00-12:00;;;;;Torget; norr\n2;Mo 08:00-12:00;;;;;\n3;Mo 08:00-12:00;;;;;\n")
    assert [(person.alias, person.failed) for person in batch.people if person.failed] == [("employee:1", "rejected-row")]
    assert not batch.keeps


@pytest.mark.parametrize("rows", ["x;y;1;Mo 08:00-12:00", "x;;Mo 08:00-12:00", "x;employee:;Mo 08:00-12:00"])
def test_where_a_row_is_of_nobody_known_nothing_is_taken_away(tmp_path: Path, rows: str) -> None:
    batch = fetched(tmp_path, f"site;person;rule\n{rows}\nx;2;Mo 08:00-12:00\n")
    assert ([person.alias for person in batch.people], batch.keeps) == (["employee:2"], True)


@pytest.mark.parametrize("note", ["Notering: kanariefågel x;", "Notering:kanariefågel;", "1 kanariefågel;", "kanariefågel;"])
def test_a_note_at_the_foot_of_a_file_is_nobodys_name(tmp_path: Path, note: str) -> None:
    batch = fetched(tmp_path, f"person;rule\n1;Mo 08:00-12:00\n2;Mo 08:00-12:00\n{note}\n")
    assert {person.alias for person in batch.people} == {"employee:1", "employee:2"}
    assert batch.keeps


def test_a_note_beside_hours_is_nobodys_key(tmp_path: Path) -> None:
    batch = fetched(tmp_path, "person;rule\n1;Mo 08:00-12:00\nobs:kanariefågel;Mo 08:00-12:00\n")
    assert ([person.alias for person in batch.people], batch.keeps) == (["employee:1"], True)
