"""A first mapping of a file's columns: by heading and shape, never by looking at a reason, and never sure of what it is not."""

import msgspec
import pytest

from connectors.leave import Format, read
from connectors.leave.proposal import propose

CANARY = "kanariefågel"


def proposed(*lines: str) -> tuple[dict[str, str], tuple[str, ...], str]:
    """Columns, what is never read, and what somebody has to look at."""
    found = propose("\r\n".join((*lines, "")).encode("cp1252"))
    assert CANARY not in repr(found)
    return found.columns, found.never_read, " ".join(found.unsure)


def test_everyday_headings_are_known() -> None:
    columns, never, unsure = proposed(
        "Anst.nr;Namn;Frånvaroorsak;Datum from;Datum tom;Omfattning;Status",
        f"10023;{CANARY};{CANARY};2026-11-24;TV;1,0;Beviljad",
        f"10024;{CANARY};{CANARY};2026-11-24;2026-11-26;0,5;Makulerad",
    )
    assert columns == {
        "person": "Anst.nr",
        "start": "Datum from",
        "end": "Datum tom",
        "extent": "Omfattning",
        "status": "Status",
    }
    assert never == ("Namn", "Frånvaroorsak")
    assert not unsure


@pytest.mark.parametrize("broken", [f"10025;{CANARY}; {CANARY};2026-11-24;2026-11-26;Beviljad", f"10025;{CANARY}"])
def test_a_broken_row_moves_no_column(broken: str) -> None:
    heading, good = "Anst.nr;Orsak;Datum from;Datum tom;Status", "10023;x;2026-11-24;TV;Makulerad"
    assert proposed(heading, good, broken) == proposed(heading, good)


def test_a_status_of_unknown_words_is_left_out_and_that_is_said() -> None:
    columns, never, unsure = proposed("Anst.nr;Datum from;Datum tom;Status", f"10023;2026-11-24;TV;{CANARY}")
    assert "status" not in columns
    assert never == ("Status",)
    assert "withdrawn" in unsure


def test_a_column_of_personal_identity_numbers_is_nobodys_key() -> None:
    columns, _, unsure = proposed("Personalnr;Datum from;Datum tom", "121212-1212;2026-11-24;TV")
    assert "person" not in columns
    assert "person" in unsure


def test_dates_without_a_known_heading_are_offered_and_not_taken_for_sure() -> None:
    columns, _, unsure = proposed("Anst.nr;A;B", "10023;2026-11-24;2026-11-26", "10024;2026-11-25;2026-11-27")
    assert (columns["start"], columns["end"]) == ("A", "B")
    assert "look whether it is meant" in unsure


def test_of_columns_with_one_name_none_is_proposed_and_that_is_said() -> None:
    """Such a mapping could not be loaded."""
    columns, never, unsure = proposed("Anst.nr;Datum;datum ;Omf", "10023;2026-11-24;2026-11-26;1")
    assert columns == {"person": "Anst.nr", "extent": "Omf"}
    assert never == ("Datum", "datum")
    assert "several columns have one name" in unsure
    assert "no column was found for start" in unsure


@pytest.mark.parametrize("heading", ["Sjukfrånvaro from;Sjukfrånvaro tom", "Sjukfrånvaro tom;Sjukfrånvaro from"])
def test_days_may_stand_under_a_heading_with_a_reason_in_it(heading: str) -> None:
    columns, never, unsure = proposed(f"Anst.nr;{heading};Sjukdom", f"10023;2026-11-24;2026-11-26;{CANARY}")
    assert (columns["start"], columns["end"]) == ("Sjukfrånvaro from", "Sjukfrånvaro tom")
    assert never == ("Sjukdom",)
    assert "look whether it is meant" in unsure
    assert msgspec.convert({"columns": columns, "never_read": never}, Format).columns.start == "Sjukfrånvaro from"


def test_a_column_of_reasons_is_none_of_days_though_a_day_stands_in_it() -> None:
    columns, never, _ = proposed("Anst.nr;Sjuk from;Datum from", f"10023;{CANARY};2026-11-24", "10024;2026-11-24;2026-11-24")
    assert (columns["start"], never) == ("Datum from", ("Sjuk from",))


def test_days_in_json_may_stand_under_a_name_with_a_reason_in_it() -> None:
    row = f'{{"anstnr": "10023", "sjuk from": "2026-11-24", "sjuk tom": "2026-11-26", "orsak": "{CANARY}"}}'
    found = propose(row.encode())
    assert (found.columns["start"], found.columns["end"], found.never_read) == ("sjuk from", "sjuk tom", ("orsak",))
    assert CANARY not in repr(found)


def test_names_in_json_are_read_without_the_blanks_around_them_and_one_of_blanks_is_none() -> None:
    document = b'[{" ": "2026-01-02", " person ": "10023", "start\\n": "2026-01-02"}]'
    found = propose(document)
    assert (found.columns, found.never_read) == ({"person": "person", "start": "start"}, ())
    how = msgspec.convert({"columns": found.columns}, Format)
    assert [person.alias for person in read("hr", document, "application/json", how, 0).batch.people] == ["employee:10023"]
