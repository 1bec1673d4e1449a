"""Leave as HR systems export it: CSV in every form that Excel saves, JSON lines, iCalendar. Whose and when; never why."""

import random
import traceback
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.leave import Columns, Format, Unreadable, kind_of, read
from connectors.leave.personal import is_personal, masked
from presence.domain.facts import Absence
from presence.domain.intervals import FOREVER
from presence.ports import FileReading, Rejected

NOW = int(datetime(2026, 11, 23, 9, tzinfo=UTC).timestamp())
COLUMNS = Columns(person="Anst.nr", start="Datum from", end="Datum tom", extent="Omfattning", status="Status")
PERSONEC = Format(columns=COLUMNS, never_read=("Frånvaroorsak",))
HEADING = "Anst.nr;Namn;Frånvaroorsak;Datum from;Datum tom;Omfattning;Status"
CANARY = "kanariefågel"


def form(**more: Any) -> Format:
    return msgspec.structs.replace(PERSONEC, **more)


def parsed(document: str | bytes, how: Format = PERSONEC, kind: str = "") -> FileReading:
    body = document.encode() if isinstance(document, str) else document
    return read("hr", body, kind or kind_of("leave.csv", body), how, NOW)


def rows(*lines: str, how: Format = PERSONEC) -> FileReading:
    return parsed("\r\n".join((HEADING, *lines, "")), how)


def row(person: str = "10023", start: str = "2026-11-24", end: str = "2026-11-26", extent: str = "1", status: str = "") -> str:
    return f"{person};Åsa;{CANARY};{start};{end};{extent};{status}"


def people(reading: FileReading) -> dict[str, list[Absence | None]]:
    return {person.alias: list(person.absences.values()) for person in reading.batch.people if not person.failed}


def one(**cells: str) -> Absence:
    """The leave of a file of one row."""
    [[found]] = people(rows(row(**cells))).values()
    assert found is not None
    return found


def why(*lines: str, how: Format = PERSONEC) -> list[Rejected]:
    """Why rows were not taken, of a file with enough others that were."""
    good = [row(person=f"9{n}") for n in range(len(lines) + 1)]
    return list(rows(*lines, *good, how=how).rejected)


def refusal(document: str | bytes, how: Format = PERSONEC) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        parsed(document, how)
    return caught.value


FOUND = {"employee:10023": [Absence(first="2026-11-24", last="2026-11-26")]}


# --- how files are saved ---


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("cut", [";", ",", "\t", "|"])
def test_a_file_is_read_in_whatever_encoding_and_with_whatever_delimiter_excel_saves_it(encoding: str, cut: str) -> None:
    text = "\r\n".join((HEADING, row(), "")).replace(";", cut)
    assert people(parsed(text.encode(encoding))) == FOUND


def test_what_was_detected_is_told() -> None:
    reading = parsed("\r\n".join((HEADING, row(), "")).encode("cp1252"))
    assert (reading.encoding, reading.delimiter, reading.rows, reading.unread) == ("cp1252", ";", 1, ("Frånvaroorsak",))


def test_a_quoted_cell_may_hold_delimiters_quotes_and_lines() -> None:
    assert people(rows('10023;"Åström; Åsa";"sa ""hej""\r\noch gick";2026-11-24;2026-11-26;1;')) == FOUND


def test_a_quote_that_begins_a_text_of_an_export_without_quotes_swallows_no_rows() -> None:
    reading = rows('10023;"Åsa;x;2026-11-24;2026-11-26;1;', row(person="10024"))
    assert people(reading).keys() == {"employee:10023", "employee:10024"}


def test_two_stray_quotes_do_not_hide_the_rows_between_them() -> None:
    lines = (HEADING, '10023;"Åsa;x;2026-11-24;2026-11-26;1;', row("10024"), '10025;Åsa";x;2026-11-24;2026-11-26;1;', "")
    assert refusal("\n".join(lines)).code == "quotes"


def test_titles_above_the_heading_and_the_line_that_excel_wants_are_passed_over() -> None:
    text = "\n".join(("sep=;", "Frånvarorapport;;;;;;", "", HEADING, row(), ""))
    assert people(parsed(text)) == FOUND


def test_a_heading_may_stand_on_several_lines() -> None:
    text = "\r\n".join((HEADING.replace("Datum from", '"Datum\nfrom"'), row(), ""))
    assert people(parsed(text)) == FOUND


def test_headings_compare_without_case_spaces_and_points_at_the_end() -> None:
    text = "\n".join((" ANST.NR. ;namn;frånvaroorsak;datum  from:;Datum_tom;Omfattning;status", row(), ""))
    assert people(parsed(text)) == FOUND


def test_a_number_that_is_kept_from_excel_by_a_formula_is_that_number() -> None:
    assert people(rows(row(person='"=""10023"""'))) == FOUND


def test_rows_that_are_trimmed_of_empty_cells_are_whole() -> None:
    assert people(rows("10023;Åsa;x;2026-11-24;2026-11-26")) == FOUND


@pytest.mark.parametrize("more", [";", ";;"])
def test_rows_that_all_end_with_the_same_empty_cells_are_whole(more: str) -> None:
    reading = rows(row() + more, row("10024") + more, "")
    assert people(reading).keys() == {"employee:10023", "employee:10024"}
    assert not reading.rejected


@pytest.mark.parametrize("second", [row("10024"), row("10024") + ";;", row("10024") + ";x"])
def test_cells_beyond_the_heading_are_a_slip_where_not_all_rows_have_them_empty(second: str) -> None:
    assert "too-many-cells" in [each.code for each in rows(row() + ";", second, row("1"), row("2"), row("3")).rejected]


def test_empty_lines_count_for_nothing() -> None:
    assert people(rows("", row(), ";;;;;;", "")) == FOUND


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"PK\x03\x04rest", "workbook"),
        (b"<!doctype html>", "web-page"),
        (b"Anst.nr;Datum from\n1;2026-11-24\n", "headings"),
        ((HEADING + ";Anst.nr\n" + row()).encode(), "headings"),
        ((HEADING + "\n\x81\x8d").encode("latin-1"), "encoding"),
        ((HEADING + "\n" + row()[:20]).encode(), "truncated"),
        (b"A\0n\0s\0t\0", "encoding"),
        ((HEADING + '\n1;a;"never closed;2026-11-24;;1').encode(), "csv"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "not-a-calendar"),
        (b"[{]", "json"),
        ("\n".join((HEADING, row(start="imorgon"), row(start="igår"), row(), "")).encode(), "bad-date"),
    ],
)
def test_a_file_of_which_nothing_can_be_taken_is_told_by_a_code(document: bytes, code: str) -> None:
    assert refusal(document).code == code


def test_a_missing_heading_is_named_as_it_is_configured() -> None:
    assert '"Datum tom", "Omfattning", "Status" missing' in str(refusal(f"Anst.nr;Datum from;{CANARY}\n1;2026-11-24;x\n"))


# --- when ---


@pytest.mark.parametrize(
    "start", ["2026-11-24", "20261124", "24.11.2026", "2026/11/24", "2026.11.24", "2026-11-24 00:00:00", "2026-11-24T00:00"]
)
def test_a_day_is_read_as_it_is_written(start: str) -> None:
    assert one(start=start).first == "2026-11-24"


@pytest.mark.parametrize("start", ["24/11", "24/11/2026", "11/24/2026", "26-11-24", "24-11-2026", "24.11"])
def test_a_day_that_can_be_read_in_two_ways_is_not_guessed(start: str) -> None:
    assert why(row(start=start)) == [Rejected(2, "Datum from", "ambiguous-date", why(row(start="1/2"))[0].text)]


def test_such_a_day_is_read_as_it_is_configured() -> None:
    [[found]] = people(rows(row(start="24/11/2026", end="26/11/2026"), how=form(date_format="%d/%m/%Y"))).values()
    assert found == Absence(first="2026-11-24", last="2026-11-26")


@pytest.mark.parametrize("end", ["", "TV", "tv", "Tillsvidare", "tills vidare", "-", "9999-12-31", "2099-12-31", "31.12.2999"])
def test_no_end_is_until_further_notice_however_it_is_written(end: str) -> None:
    assert one(end=end) == Absence(first="2026-11-24")


def test_from_when_on_an_end_is_none_can_be_configured() -> None:
    [[found]] = people(rows(row(end="2050-01-01"), how=form(open_from="2050-01-01"))).values()
    assert found == Absence(first="2026-11-24")


def test_the_end_is_the_last_day_unless_it_is_configured_as_the_first_one_back() -> None:
    assert one(end="2026-11-26").last == "2026-11-26"
    [[found]] = people(rows(row(end="2026-11-27"), how=form(end_is="first-day-back"))).values()
    assert found == Absence(first="2026-11-24", last="2026-11-26")


def test_times_without_a_zone_are_those_of_the_source() -> None:
    found = one(start="2026-11-24 08:00", end="2026-11-24 12.30")
    assert [datetime.fromtimestamp(t, UTC).hour for t in (found.start, found.end)] == [7, 11]


def test_clock_times_may_stand_in_columns_of_their_own() -> None:
    how = Format(columns=Columns(person="nr", start="från", end="till", start_time="kl", end_time="till kl"))
    reading = parsed("nr;från;kl;till;till kl\n1;2026-11-24;0800;2026-11-24;24:00\n2;2026-11-24;;2026-11-24;\n", how)
    assert people(reading)["employee:1"] == [
        Absence(
            start=int(datetime(2026, 11, 24, 7, tzinfo=UTC).timestamp()),
            end=int(datetime(2026, 11, 24, 23, tzinfo=UTC).timestamp()),
        )
    ]
    assert people(reading)["employee:2"] == [Absence(first="2026-11-24", last="2026-11-24")]


def test_a_time_until_further_notice_has_no_end() -> None:
    assert one(start="2026-11-24 08:00", end="TV").end == FOREVER


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"start": "2026-02-30"}, "Datum from", "bad-date"),
        ({"start": "46350"}, "Datum from", "bad-date"),
        ({"start": ""}, "Datum from", "missing"),
        ({"start": "1899-12-31"}, "Datum from", "out-of-range"),
        ({"end": "2026-11-23"}, "Datum tom", "end-before-start"),
        ({"end": "2026-11-31"}, "Datum tom", "bad-date"),
        ({"end": "snart"}, "Datum tom", "bad-date"),
        ({"extent": "0"}, "Omfattning", "bad-extent"),
        ({"extent": "101"}, "Omfattning", "bad-extent"),
        ({"extent": "halv"}, "Omfattning", "bad-extent"),
        ({"extent": "-0,5"}, "Omfattning", "bad-extent"),
        ({"person": ""}, "Anst.nr", "missing"),
        ({"person": "1\x07"}, "Anst.nr", "bad-text"),
        ({"person": "1" * 300}, "Anst.nr", "bad-text"),
    ],
)
def test_a_row_that_is_not_taken_is_told_by_line_column_and_code(cells: dict[str, str], column: str, code: str) -> None:
    [found] = why(row(**cells))
    assert (found.line, found.column, found.code) == (2, column, code)


def test_a_row_with_more_cells_than_the_heading_is_not_taken() -> None:
    [found] = why("10023;Åsa;sjuk; trött;2026-11-24;2026-11-26;1;")
    assert (found.line, found.code) == (2, "too-many-cells")


def test_a_row_cut_before_its_end_is_no_leave_without_end() -> None:
    [found] = why("10023;Åsa;x;2026-11-24")
    assert found.code == "too-few-cells"


def test_what_is_held_of_the_person_of_such_a_row_stays() -> None:
    reading = rows(row(start="2026-02-30"), row(start="2026-12-01", end=""), row("1"), row("2"))
    said = [(person.alias, person.failed, len(person.absences)) for person in reading.batch.people]
    assert said == [
        ("employee:10023", "rejected-row", 0),
        ("employee:1", "", 1),
        ("employee:10023", "", 1),
        ("employee:2", "", 1),
    ]
    assert reading.batch.skipped == 1


@pytest.mark.parametrize("rest", [CANARY, "F32.1", "anna@example.org", "två ord 2", "10023, " + CANARY])
def test_the_rest_of_a_text_that_ran_over_its_line_is_nobodys_name(rest: str) -> None:
    broken = ["10023;Åsa;ett", f"{rest};2026-11-24", f"{rest};2026-11-24;2026-11-26;1;", f"{rest};;;;;;;"]
    good = [row(str(n)) for n in range(1, 6)]
    reading = rows(*broken, *good)
    assert {person.alias for person in reading.batch.people} == {f"employee:{n}" for n in (10023, 1, 2, 3, 4, 5)}
    assert [found.code for found in reading.rejected] in (
        ["too-few-cells", "too-few-cells", "bad-date", "too-many-cells"],
        ["too-few-cells", "too-few-cells", "bad-person", "too-many-cells"],
    )
    assert reading.batch.keeps, "whose row it was is not known, so nobody's leave is taken away"


@pytest.mark.parametrize(
    "key", ["uid:cecilia", "uid:a1b2c3", "oid:6f9619ff-8b86-d011-b42d-00c04fc964ff", "mail:anna_2@x.se", "K4", "mail:a@x.se"]
)
def test_a_whole_row_that_is_refused_marks_its_person_whatever_the_key_looks_like(key: str) -> None:
    reading = rows(row(key, start="2026-02-30"), row("1"), row("2"))
    [marked] = [person.alias for person in reading.batch.people if person.failed]
    assert marked.endswith(key)
    assert not reading.batch.keeps


NOTES = [f"Notering: {CANARY} x", f"Notering:{CANARY}", f"10023 {CANARY}", "Summa: 2 rader", "Antal 2", f"mail: {CANARY} x"]


@pytest.mark.parametrize("fill", ["", ";;;;;;", ";;;;;;;"])
@pytest.mark.parametrize("note", NOTES)
def test_a_note_at_the_foot_of_a_file_is_told_and_takes_nothing_from_what_the_file_says(note: str, fill: str) -> None:
    """Excel fills every row up to the width of the widest."""
    reading = rows(row("10023"), row("10024"), row("10025"), f"{note}{fill}", f"{note}{fill}")
    assert [person.failed for person in reading.batch.people] == ["", "", ""]
    assert [(each.line, each.code) for each in reading.rejected] == [(5, "note"), (6, "note")]
    assert not reading.batch.keeps


def test_a_note_may_stand_in_any_column_that_is_not_read() -> None:
    assert not rows(row("10023"), row("10024"), f";;{CANARY} x;;;;").batch.keeps


@pytest.mark.parametrize(
    "lines",
    [
        [row("10023"), f"{CANARY};;;;;;"],
        [row("10023"), "10 024;;;;;;"],
        [row("10023"), "mail:a@x.se;;;;;;"],
        [row("10023"), f"Summa: 2;{CANARY};;;;;"],
        [row("10023"), ";;;24 nov;;;"],
        [row("AB 1"), "AB 2;;;;;;"],
        ["10023;Åsa;x;2026-11-24;2026-11-26", "Summa: 2 rader"],
        ["10023;Åsa;ett;;;;", f"{CANARY} x;;;;;;"],
        [f"{CANARY} x;;;;;;"],
    ],
)
def test_what_may_be_a_key_or_the_rest_of_a_row_is_no_note_and_what_is_held_stays(lines: list[str]) -> None:
    reading = rows(*lines, row("1"), row("2"), row("3"))
    assert reading.batch.keeps or any(person.failed for person in reading.batch.people)
    assert reading.rejected


@pytest.mark.parametrize("note", [f"Notering: {CANARY} x", f"obs:{CANARY}", f"10023 {CANARY}"])
def test_a_note_is_nobodys_key_though_days_stand_beside_it(note: str) -> None:
    reading = rows(row("10023"), row(note))
    assert [person.alias for person in reading.batch.people] == ["employee:10023"]
    assert [each.code for each in reading.rejected] == ["bad-person"]


def test_a_note_in_a_file_with_our_own_headings_is_nobodys_name() -> None:
    lines = "person;start;end", "employee:1;2026-11-24;2026-11-25", f"obs:{CANARY};;", f"uid:{CANARY};;"
    reading = parsed("\n".join((*lines, "employee:2;2026-11-24;2026-11-25", "")), Format())
    assert {person.alias for person in reading.batch.people} == {"employee:1", "employee:2"}
    assert reading.batch.keeps


def test_a_number_may_be_written_in_groups() -> None:
    assert people(rows(row("10 023"))).keys() == {"employee:10 023"}


def test_a_broken_row_of_a_key_that_is_taken_elsewhere_marks_its_person() -> None:
    reading = rows("uid:cecilia;C;x", row("uid:cecilia"), row("1"))
    assert [person.alias for person in reading.batch.people if person.failed] == ["uid:cecilia"]
    assert not reading.batch.keeps


@pytest.mark.parametrize("rest", ["två;;Makulerad", "två;;;Makulerad", "två ord;och; med;flera;;Makulerad;"])
def test_whatever_the_rest_looks_like_the_row_that_it_belongs_to_is_not_taken(rest: str) -> None:
    how = form(columns=msgspec.structs.replace(COLUMNS, extent=""), never_read=("Not",))
    good = [f"{n};2026-12-14;2026-12-18;;" for n in range(1, 5)]
    lines = ["Anst.nr;Datum from;Datum tom;Not;Status", "10023;2026-12-14;2026-12-18;ett", rest, *good, ""]
    reading = parsed("\r\n".join(lines), how)
    assert "employee:10023" not in people(reading)
    assert [person.alias for person in reading.batch.people if person.failed] == ["employee:10023"]
    assert [found.line for found in reading.rejected] == [2, 3]


def test_a_short_row_before_a_broken_one_of_somebody_else_is_taken() -> None:
    reading = rows("10023;Åsa;x;2026-11-24;2026-11-26", "10024;Bo;x;2026-02-30;2026-11-26", row("1"), row("2"), row("3"))
    assert "employee:10023" in people(reading)
    assert [person.alias for person in reading.batch.people if person.failed] == ["employee:10024"]


def test_a_leave_that_is_withdrawn_after_a_text_that_ran_over_its_line_is_no_leave() -> None:
    how = form(columns=msgspec.structs.replace(COLUMNS, extent="", status="Status"), never_read=("Not",))
    heading = "Anst.nr;Datum from;Datum tom;Not;Status"
    lines = [
        heading,
        "10023;2026-12-14;2026-12-18;ett",
        "två;Makulerad",
        *(f"{n};2026-12-14;2026-12-18;;" for n in range(1, 5)),
        "",
    ]
    reading = parsed("\r\n".join(lines), how)
    assert [(found.line, found.code) for found in reading.rejected] == [(2, "too-few-cells"), (3, "too-few-cells")]
    assert [person.alias for person in reading.batch.people if person.failed] == ["employee:10023"]


# --- how much ---


@pytest.mark.parametrize(
    ("text", "extent"),
    [
        ("0,5", 0.5),
        ("0.250", 0.25),
        ("50", 0.5),
        ("50 %", 0.5),
        ("50%", 0.5),
        ("100", 1),
        ("1", 1),
        ("1,00", 1),
        ("33,33", 0.3333),
    ],
)
def test_an_extent_is_a_part_or_a_percentage(text: str, extent: float) -> None:
    assert one(extent=text).extent == extent


def test_one_per_cent_is_meant_where_percentages_are_configured() -> None:
    [[found]] = people(rows(row(extent="1"), how=form(extent="percent"))).values()
    assert found is not None
    assert found.extent == 0.01


def test_several_employments_keep_their_numbers_and_shares() -> None:
    how = Format(columns=Columns(person="nr", start="från", employment="anst", share="ssg", extent="omf"))
    reading = parsed("nr;från;anst;ssg;omf\n1;2026-11-24;1;60;100\n1;2026-11-24;2;40;50\n", how)
    assert people(reading) == {
        "employee:1": [
            Absence(first="2026-11-24", employment="1", share=0.6),
            Absence(first="2026-11-24", employment="2", share=0.4, extent=0.5),
        ]
    }


# --- several rows ---


def test_a_row_that_stands_there_twice_counts_once() -> None:
    reading = rows(row(), row(), row())
    assert (people(reading), reading.repeated) == (FOUND, 2)


def test_overlapping_and_adjoining_rows_all_count() -> None:
    spans = [("2026-11-24", "2026-11-26"), ("2026-11-24", "2026-11-30"), ("2026-11-27", "2026-12-01"), ("2026-11-25", "")]
    [found] = people(rows(*(row(start=s, end=e) for s, e in spans))).values()
    assert sorted((a.first, a.last) for a in found if a) == sorted(spans)


def test_a_correction_of_the_end_keeps_the_name_of_the_leave() -> None:
    [before], [after] = (reading.batch.people for reading in (rows(row(end="")), rows(row(end="2026-12-24"))))
    assert before.absences.keys() == after.absences.keys()


@pytest.mark.parametrize("status", ["Makulerad", "återtagen", "AVSLAGEN", "Cancelled"])
def test_a_withdrawn_row_is_no_leave(status: str) -> None:
    reading = rows(row(status=status), row("1", status="Beviljad"))
    assert ([*people(reading)], reading.withdrawn) == (["employee:1"], 1)


def test_days_that_are_withdrawn_and_leave_again_are_leave_wherever_the_rows_stand() -> None:
    for lines in ([row(), row(status="makulerad")], [row(status="makulerad"), row()]):
        assert people(rows(*lines)) == FOUND


@pytest.mark.parametrize("last", ["2026-11-26", "2026-12-24"])
def test_a_leave_of_the_same_uid_as_a_withdrawn_row_is_leave(last: str) -> None:
    how = Format(columns=Columns(person="nr", start="från", end="till", uid="ärende", status="status"))
    reading = parsed(
        f"nr;från;till;ärende;status\n10023;2026-11-24;2026-11-26;7;makulerad\n10023;2026-11-24;{last};7;beviljad\n", how
    )
    assert people(reading) == {"employee:10023": [Absence(first="2026-11-24", last=last)]}


def test_of_a_row_with_too_many_cells_the_person_is_known_where_it_stands_first() -> None:
    reading = rows("10023;Åsa;sjuk; trött;2026-11-24;2026-11-26;1;", row("1"))
    assert [person.alias for person in reading.batch.people if person.failed] == ["employee:10023"]
    assert not reading.batch.keeps


def test_a_cell_that_may_have_moved_into_the_persons_place_is_no_person() -> None:
    how = Format(columns=Columns(person="nr", start="från"), never_read=("orsak",))
    reading = parsed("orsak;nr;från\nvård;av barn;1;2026-11-24\nx;2;2026-11-24\n", how)
    assert ([person.alias for person in reading.batch.people], reading.batch.keeps) == (["employee:2"], True)


@pytest.mark.parametrize("nr", ["", "employee:", "1990\x01"])
def test_where_a_row_is_of_nobody_known_nothing_is_taken_away(nr: str) -> None:
    assert rows(row(nr), row("1")).batch.keeps
    assert not rows(row(start="2026-02-30"), row("1")).batch.keeps


def test_a_name_of_the_senders_own_is_kept_as_a_digest_and_its_periods_are_told_apart() -> None:
    how = Format(columns=Columns(person="nr", start="från", end="till", uid="ärende"))
    reading = parsed("nr;från;till;ärende\n1;2026-11-24;2026-11-25;VAB-7\n1;2026-12-01;2026-12-02;VAB-7\n", how)
    [person] = reading.batch.people
    assert len(person.absences) == 2
    assert b"VAB" not in msgspec.json.encode(reading)


_PEOPLE = st.sampled_from(["1", "2", "3"])
_DAYS = st.sampled_from(["2026-11-24", "2026-11-25", "2026-12-01", "20261201", "2026-02-30"])
_ENDS = st.sampled_from(["2026-12-01", "2026-12-24", "TV", "9999-12-31", "2026-11-24"])
_ROWS = st.builds(row, _PEOPLE, _DAYS, _ENDS, st.sampled_from(["1", "50", "0,25"]), st.sampled_from(["", "makulerad"]))


@given(lines=st.lists(_ROWS, min_size=1, max_size=12), seed=st.integers(0, 1_000))
@settings(max_examples=150, deadline=None)
def test_the_order_of_rows_does_not_matter(lines: list[str], seed: int) -> None:
    good = [row(f"9{n}") for n in range(len(lines))]
    shuffled = [*lines, *good]
    random.Random(seed).shuffle(shuffled)
    assert rows(*shuffled).batch == rows(*lines, *good).batch


# --- whose ---


def test_a_person_is_known_by_the_configured_kind_of_alias() -> None:
    assert people(rows(row("Anna@Kommun.example"), how=form(alias="mail"))).keys() == {"mail:anna@kommun.example"}


@pytest.mark.parametrize("number", ["121212-1212", "1212121212", "201212121212", "20121212-1212", "121272-1219", "20121272+1219"])
def test_a_personal_identity_number_is_no_key(number: str) -> None:
    [found] = why(row(number))
    assert (found.column, found.code) == ("Anst.nr", "personal-identity-number")


def test_a_file_that_is_keyed_by_them_is_refused_as_a_whole() -> None:
    assert refusal("\n".join((HEADING, row("121212-1212"), row("20121212-1212"), ""))).code == "personal-identity-number"


@pytest.mark.parametrize(
    "number", ["20121212\u20131212", "2012-12-12-1212", "SE201212121212", "1212121212x", "12 12 12 - 12 12", "12.12.12.1212"]
)
def test_they_are_known_however_they_are_written(number: str) -> None:
    assert is_personal(number)


@pytest.mark.parametrize("number", ["19121212-1213", "121212-1213", "121212+1213", "191212121213"])
def test_with_a_slip_in_it_such_a_number_is_still_one(number: str) -> None:
    assert is_personal(number)


def test_they_are_taken_where_that_is_said_on_purpose_and_never_shown() -> None:
    reading = rows(row("121212-1212"), how=form(allow_personal_identity_numbers=True))
    assert people(reading).keys() == {"employee:121212-1212"}
    assert masked("employee:121212-1212") == "employee:(hidden)"
    assert masked("employee:10023") == "employee:10023"


@pytest.mark.parametrize("number", ["10023", "1212121213", "121313-1212", "121299-1212", "12121212", "12ab12121212", ""])
def test_other_numbers_are_none(number: str) -> None:
    assert not is_personal(number)


# --- other forms ---


def test_json_lines_are_read_by_the_same_mapping_and_what_is_not_named_is_not_decoded() -> None:
    text = '{"Anst.nr": 10023, "Datum from": "20261124", "Datum tom": "2026-11-26", "Omfattning": "100 %", "Orsak": []}\n'
    assert people(parsed(text)) == FOUND


def test_json_in_our_own_names_is_read_too() -> None:
    text = '[{"person": "employee:10023", "start": "2026-11-24", "end": "2026-11-26", "orsak": "sjuk"}]'
    assert people(parsed(text, Format())) == FOUND


def test_a_broken_line_of_json_costs_no_other() -> None:
    good = '{"person": "employee:10023", "start": "2026-11-24", "end": "2026-11-26"}'
    reading = parsed(f'{good}\n{{"person": \n{good}\n', Format())
    assert (people(reading), [each.line for each in reading.rejected]) == (FOUND, [2])


def calendar(*events: str) -> bytes:
    blocks = "".join(f"BEGIN:VEVENT\nDTSTAMP:20260101T000000Z\n{event}\nSUMMARY:{CANARY}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{blocks}END:VCALENDAR\n".replace("\n", "\r\n").encode()


WHOLE = "DTSTART;VALUE=DATE:20261124\nDTEND;VALUE=DATE:20261127"


@pytest.mark.parametrize(
    "who",
    [
        "ATTENDEE;CN=Åsa:mailto:Asa@kommun.example",
        "ORGANIZER:MAILTO:asa@kommun.example",
        'ATTENDEE;CN="Åström, Åsa";CUTYPE=\n INDIVIDUAL:mailto:asa@komm\n un.example',
    ],
)
def test_an_event_is_the_leave_of_its_one_attendee_or_its_organizer(who: str) -> None:
    assert people(parsed(calendar(f"UID:1\n{who}\n{WHOLE}"))) == {"mail:asa@kommun.example": FOUND["employee:10023"]}


def test_an_event_may_name_its_person_by_a_configured_property() -> None:
    how = Format(columns=Columns(person="X-EMPLOYEE", start="DTSTART"))
    assert people(parsed(calendar(f"UID:1\nX-EMPLOYEE:10023\n{WHOLE}"), how)) == FOUND


def test_a_repeated_event_is_a_leave_each_time_and_a_cancelled_one_is_none() -> None:
    who = "ORGANIZER:mailto:asa@kommun.example"
    reading = parsed(calendar(f"UID:1\n{who}\n{WHOLE}\nRRULE:FREQ=WEEKLY;COUNT=3", f"UID:2\n{who}\n{WHOLE}\nSTATUS:CANCELLED"))
    [found] = people(reading).values()
    assert [a.first for a in found if a] == ["2026-11-24", "2026-12-01", "2026-12-08"]


WHO = "ORGANIZER:mailto:asa@kommun.example"


@pytest.mark.parametrize(
    "line", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE", "STAT\n US:CANCELLED"]
)
def test_an_occurrence_that_is_cancelled_or_free_is_no_leave_and_the_others_are(line: str) -> None:
    series = f"UID:1\n{WHO}\n{WHOLE}\nRRULE:FREQ=WEEKLY;COUNT=3"
    change = f"UID:1\n{WHO}\nRECURRENCE-ID;VALUE=DATE:20261201\nDTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261204\n{line}"
    reading = parsed(calendar(series, change))
    [found] = people(reading).values()
    assert [a.first for a in found if a] == ["2026-11-24", "2026-12-08"]
    assert not reading.rejected


def test_what_a_message_takes_back_is_no_leave() -> None:
    document = calendar(f"UID:1\n{WHO}\n{WHOLE}").replace(b"PRODID:x", b"METHOD:CANCEL")
    assert (people(parsed(document)), parsed(document).rejected) == ({}, ())


@pytest.mark.parametrize("end", ["", "DTEND:20261124T080000Z", "DTEND:20261123T080000Z", "DURATION:PT0S", "DURATION:x"])
def test_an_event_without_a_length_is_told_and_what_is_held_of_its_person_stays(end: str) -> None:
    whole, bad = f"UID:1\nORGANIZER:mailto:b@b.example\n{WHOLE}", f"UID:2\n{WHO}\nDTSTART:20261124T080000Z\n{end}"
    reading = parsed(calendar(whole, bad))
    assert [each.code for each in reading.rejected] == ["bad-event"]
    assert [person.alias for person in reading.batch.people if person.failed] == ["mail:asa@kommun.example"]


def test_a_cancelled_event_without_a_length_is_nothing() -> None:
    reading = parsed(calendar(f"UID:2\n{WHO}\nDTSTART:20261124T080000Z\nSTATUS:CANCELLED"))
    assert (reading.batch.people, reading.rejected) == ([], ())


def test_a_line_may_be_folded_within_its_name() -> None:
    event = f"UID:1\nORGAN\n IZER:mailto:asa@kommun.example\n{WHOLE.replace('DTE', 'DTE' + chr(10) + ' ')}"
    assert people(parsed(calendar(event))) == {"mail:asa@kommun.example": FOUND["employee:10023"]}


@pytest.mark.parametrize("broken", [b"\r", b"\r\r\n", b"\n"])
def test_lines_may_be_broken_in_whatever_way(broken: bytes) -> None:
    document = calendar(f"UID:1\n{WHO}\n{WHOLE}").replace(b"\r\n", broken)
    assert people(parsed(document)) == {"mail:asa@kommun.example": FOUND["employee:10023"]}


@pytest.mark.parametrize("line", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT", "END:VEVENT"])
def test_what_stands_behind_a_return_in_a_text_takes_no_leave_back(line: str) -> None:
    document = calendar(f"UID:1\n{WHO}\nCOMMENT:x\x01{line}\n{WHOLE}").replace(b"\x01", b"\r")
    assert people(parsed(document)) == {"mail:asa@kommun.example": FOUND["employee:10023"]}


@pytest.mark.parametrize("old", [b"VEVENT\r\nBEGIN", b"PRODID:x\r\nBEGIN", b"BEGIN:VEVENT\r\nDTSTAMP"])
def test_a_calendar_in_which_a_return_hides_the_beginning_of_an_event_is_refused(old: bytes) -> None:
    document = calendar(*(f"UID:{n}\n{WHO}\n{WHOLE}" for n in range(3)))
    assert refusal(document.replace(old, old.replace(b"\r\n", b"\r"), 1)).code == "not-a-calendar"


def test_a_calendar_whose_events_cannot_be_found_is_not_an_empty_one() -> None:
    document = calendar(f"UID:1\n{WHO}\n{WHOLE}").replace(b"\r\n", b"\x0b").replace(b"\x0b", b"\r\n", 1)
    assert refusal(document).code == "not-a-calendar"


def test_an_event_whose_end_is_far_away_has_none() -> None:
    how = form(open_from="2027-01-01")
    event = "UID:1\nORGANIZER:mailto:a@b.example\nDTSTART:20261124T080000Z\nDTEND:20280101T000000Z"
    [[found]] = people(parsed(calendar(event), how)).values()
    assert found is not None
    assert found.end == FOREVER


@pytest.mark.parametrize("end", ["20990101", "99981231", "99991231"])
@pytest.mark.parametrize("start", ["20261124", "20230301"])
def test_an_event_that_lasts_longer_than_any_calendar_is_leave_without_end(start: str, end: str) -> None:
    days = f"UID:1\nORGANIZER:mailto:a@b.example\nDTSTART;VALUE=DATE:{start}\nDTEND;VALUE=DATE:{end}"
    reading = parsed(calendar(days))
    first = f"{start[:4]}-{start[4:6]}-{start[6:]}"
    assert (people(reading), reading.rejected) == ({"mail:a@b.example": [Absence(first=first)]}, ())


def test_an_event_of_nobody_costs_no_other() -> None:
    reading = parsed(calendar(f"UID:1\nORGANIZER:mailto:a@b.example\n{WHOLE}", f"UID:2\n{WHOLE}"))
    assert (len(reading.batch.people), [each.code for each in reading.rejected]) == (1, ["no-person"])


# --- settings ---


@pytest.mark.parametrize(
    "given",
    [
        {"columns": {"person": "nr"}},
        {"columns": {"person": "nr", "start": "nr"}},
        {"columns": {"person": "nr", "start": "från", "uid": "Orsak"}, "never_read": ["ORSAK "]},
        {"open_from": "sometime"},
        {"date_format": "%d/%m"},
    ],
)
def test_settings_that_contradict_each_other_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(given, Format)


# --- never why ---


@pytest.mark.parametrize(
    "lines",
    [
        [row()],
        [row(start=CANARY)],
        [row(end=CANARY), row("1")],
        [row(extent=CANARY), row("1")],
        [row(status=CANARY)],
        [f"{CANARY};{CANARY};{CANARY}"],
        [f'1;"{CANARY};{CANARY};2026-11-24;;1;'],
        [f"1;{CANARY};{CANARY};{CANARY};2026-11-24;2026-11-25;1;"],
    ],
)
def test_no_word_of_a_cell_is_in_what_comes_of_a_file_or_is_told_of_it(lines: list[str]) -> None:
    try:
        told = msgspec.json.encode(rows(*lines)).decode()
    except Unreadable as error:
        told = "".join(traceback.format_exception(error)) + error.code
        told = "".join(part for part in told.splitlines(keepends=True) if "File" not in part)
    assert CANARY not in told


@given(document=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: (HEADING + "\n" + text).encode())))
@settings(max_examples=200, deadline=None)
def test_any_octets_are_taken_or_refused_and_nothing_else(document: bytes) -> None:
    told = "taken"
    try:
        assert msgspec.msgpack.encode(parsed(document))
    except Unreadable as error:
        told = f"{error.code}: {error}"
    assert told.isprintable()
