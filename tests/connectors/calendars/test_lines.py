"""How lines end and where they are folded: a fold may stand between any two characters (RFC 5545, 3.1)."""

import pytest

from connectors.calendars import Reading
from connectors.calendars.model import BOUNDS, Refused
from connectors.calendars.reading import read_long
from connectors.calendars.scan import scan

from .given import UTC, calendar, event, instant, reading, starts

SERIES = "RRULE:FREQ=DAILY;COUNT=3"
THREE = ["01-05 09:00", "01-06 09:00", "01-07 09:00"]


def both(data: bytes) -> Reading:
    """What a calendar says, by the short way and the long one."""
    found = reading(data)
    assert found == read_long([data], instant("2026-01-01"), instant("2026-03-02"), UTC)
    assert not found.skipped
    return found


@pytest.mark.parametrize("at", range(1, len(SERIES)))
@pytest.mark.parametrize("fold", ["\n ", "\n\t", "\n\n "])
def test_a_line_may_be_folded_anywhere(at: int, fold: str) -> None:
    assert starts(both(calendar(event(SERIES[:at] + fold + SERIES[at:]), event(uid="two")))) == ["01-05 09:00", *THREE]


@pytest.mark.parametrize(
    "line", ["STAT\n US:CANCELLED", "S\n T\n A\n TUS:CANCELLED", "TRAN\n SP:TRANSPARENT", "stat\n us:CANCELLED"]
)
def test_what_says_that_the_time_is_free_may_be_folded_within_its_name(line: str) -> None:
    assert both(calendar(event(line))).busy == []


def test_an_end_may_be_folded_within_its_name() -> None:
    found = both(calendar(event(end="DTE\n ND:20260105T100000Z")))
    assert found.busy == [(instant("2026-01-05 09:00"), instant("2026-01-05 10:00"))]


def test_a_component_may_be_folded_within_its_name_or_its_word() -> None:
    for old, new in (
        ("BEGIN:VEVENT", "BEGIN:VEV\n ENT"),
        ("BEGIN", "BEG\n IN"),
        ("END:VEVENT", "END:VEVEN\n T"),
        ("END:V", "EN\n D:V"),
    ):
        assert len(both(calendar(event().replace(old, new), event(uid="two"))).busy) == 1


def test_the_line_of_an_event_is_that_of_its_beginning_though_lines_are_folded() -> None:
    found = reading(calendar("X-\n NAME:x", event("RRU\n LE:FREQ=NEVER").replace("BEGIN", "BEG\n IN")))
    assert [each.line for each in found.skipped] == [5]


@pytest.mark.parametrize("broken", [b"\r", b"\r\r\n", b"\n", b"\r\n\r\n"])
def test_lines_may_end_in_whatever_way(broken: bytes) -> None:
    assert starts(both(calendar(event(SERIES, "SUMMARY:x\n  y")).replace(b"\r\n", broken))) == THREE


FREE = ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "END:VEVENT", "RRULE:FREQ=DAILY;COUNT=9"]


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r\r\n"])
@pytest.mark.parametrize("line", FREE)
def test_what_stands_behind_a_return_in_a_text_is_text(line: str, end: bytes) -> None:
    data = calendar(event("SUMMARY:x\x01" + line, "LOCATION:x\n\x01" + line)).replace(b"\r\n", end).replace(b"\x01", b"\r")
    assert both(data).busy == [(instant("2026-01-05 09:00"), instant("2026-01-05 10:00"))]


def test_a_return_in_a_text_is_text_though_a_line_of_the_file_lacks_its_own() -> None:
    data = calendar(event("SUMMARY:x\x01TRANSP:TRANSPARENT")).replace(b"\x01", b"\r")
    assert len(both(data.replace(b"VERSION:2.0\r\n", b"VERSION:2.0\n")).busy) == 1


@pytest.mark.parametrize(
    "start", ["DTSTART:20260105T090000Z\x01", "DTSTART:20260105T090000Z\x01X:y", "\x01DTSTART:20260105T090000Z"]
)
def test_an_event_that_a_return_makes_unreadable_is_told_and_doubtful(start: str) -> None:
    found = reading(calendar(event(start=start + "x")).replace(b"\x01", b"\r"))
    assert (len(found.skipped), found.unbounded) == (1, True)


def test_an_event_whose_beginning_a_return_hides_in_another_line_is_told_and_doubtful() -> None:
    for lost in (event() + "\x01" + event(uid="two"), "X-NAME:x\x01" + event()):
        found = reading(calendar(event(uid="zero"), lost).replace(b"\x01", b"\r"))
        assert (len(found.skipped), found.unbounded) == (1, True)


def test_no_word_of_a_folded_subject_is_kept() -> None:
    data = calendar(event("SUMM\n ARY:kanariefågel", "SUMMARY\n ;X=1:kanarie\n fågel"))
    assert "kanarie" not in repr(scan(data, BOUNDS))


def test_a_calendar_whose_end_is_folded_is_closed() -> None:
    assert starts(both(calendar(event(SERIES)).replace(b"END:VCAL", b"END:VCAL\r\n "))) == THREE
    with pytest.raises(Refused):
        reading(calendar(event(SERIES)).replace(b"END:VCAL", b"END:VC\r\n\r\n"))
