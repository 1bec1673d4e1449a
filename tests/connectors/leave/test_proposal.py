"""A first mapping of a file's columns: by heading and shape, never by looking at a reason, and never sure of what it is not."""

import pytest

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
