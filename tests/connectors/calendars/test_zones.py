"""Which zone a TZID stands for, and what is a day."""

import pytest

from .given import STOCKHOLM, calendar, event, instant, reading, shown


def zoned(tzid: str, *parts: str) -> bytes:
    quoted = f'"{tzid}"' if set(tzid) & set(":;,") else tzid
    return calendar(*parts, event(start=f"DTSTART;TZID={quoted}:20260105T090000", end="DURATION:PT1H"))


def custom(tzid: str, offset: str = "+0900") -> str:
    return (
        f"BEGIN:VTIMEZONE\nTZID:{tzid}\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:{offset}\nTZOFFSETTO:{offset}\n"
        "END:STANDARD\nEND:VTIMEZONE"
    )


@pytest.mark.parametrize(
    "tzid",
    [
        "Europe/Stockholm",
        "/freeassociation.sourceforge.net/Tzfile/Europe/Stockholm",
        "/mozilla.org/20070129_1/Europe/Stockholm",
        "W. Europe Standard Time",
        "Västeuropa, normaltid",
        "(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien",
        "(UTC+01:00) Amsterdam\\, Berlin\\, Bern\\, Rom\\, Stockholm\\, Wien",  # escaped as a text, which a parameter is not
        "Romance Standard Time",
        "GMT+0100",
        "UTC+01:00",
        "Western/Central Europe",
        "europe/stockholm",
        "EUROPE/STOCKHOLM",
        "/mozilla.org/20070129_1/europe/stockholm",
        "(GMT+01.00) Amsterdam / Berlin / Bern / Rome / Stockholm / Vienna",
    ],
)
def test_a_name_of_swedish_time_is_known_without_a_definition(tzid: str) -> None:
    assert shown(reading(zoned(tzid)).busy) == ["01-05 08:00/09:00"]


@pytest.mark.parametrize(
    ("tzid", "utc"),
    [
        ("GB-Eire", "09:00"),
        ("W-SU", "06:00"),
        ("NZ-CHAT", "19:15"),
        ("Malay Peninsula Standard Time", "01:00"),
        ("mid-atlantic standard time", "11:00"),
        ("Kamchatka Standard Time", "21:00"),
    ],
)
def test_older_names_are_known_too(tzid: str, utc: str) -> None:
    [(start, _)] = reading(zoned(tzid)).busy
    assert shown([(start, start)])[0][6:11] == utc


@pytest.mark.parametrize("tzid", ["localtime", "Factory", "stockholm/nowhere", "Mars/UTC+1"])
def test_what_is_no_place_is_no_zone(tzid: str) -> None:
    assert [item.reason for item in reading(zoned(tzid)).skipped] == ["the time zone is not known"]


@pytest.mark.parametrize(
    "change",
    [
        ("+0900", "0900"),
        ("+0900", "+09"),
        ("+0900", "09"),
        ("16010101", "00000101"),
        ("TZOFFSETFROM", "RRULE:FREQ=MONTHLY;INTERVAL=12;BYDAY=1MO\nTZOFFSETFROM"),
    ],
)
def test_a_definition_may_be_written_loosely(change: tuple[str, str]) -> None:
    data = zoned("Eget", custom("Eget").replace(*change))
    assert shown(reading(data).busy) == ["01-05 00:00/01:00"]


def test_a_known_name_wins_over_the_definition_beside_it() -> None:
    assert shown(reading(zoned("Europe/Stockholm", custom("Europe/Stockholm", "+2359"))).busy) == ["01-05 08:00/09:00"]
    assert shown(reading(zoned("W. Europe Standard Time", custom("W. Europe Standard Time"))).busy) == ["01-05 08:00/09:00"]


def test_an_unknown_name_is_read_by_the_definition_of_its_file() -> None:
    assert shown(reading(zoned("Customized Time Zone", custom("Customized Time Zone"))).busy) == ["01-05 00:00/01:00"]


def test_a_definition_never_reaches_another_file() -> None:
    name = "Customized Time Zone"
    assert shown(reading(zoned(name, custom(name, "+0900"))).busy) == ["01-05 00:00/01:00"]
    assert shown(reading(zoned(name, custom(name, "+0200"))).busy) == ["01-05 07:00/08:00"]
    third = reading(zoned(name))
    assert not third.busy
    assert [item.reason for item in third.skipped] == ["the time zone is not known"]


def test_an_unknown_zone_is_never_taken_for_the_owner_s() -> None:
    found = reading(zoned("Mars/Olympus"), zone=STOCKHOLM)
    assert not found.busy
    assert shown(found.doubtful) == ["01-04 19:00/01-06 00:00"]


@pytest.mark.parametrize("line", ["RRULE:FREQ=SECONDLY", "RRULE:FREQ=YEARLY;BYHOUR=1,2,3", "X:\nTZOFFSETTO:+2359"])
def test_a_definition_that_no_real_zone_has_is_refused(line: str) -> None:
    odd = (
        custom("Mine")
        .replace("END:STANDARD", f"{line}\nEND:STANDARD")
        .replace("TZOFFSETTO:+0900", "" if "2359" in line else "TZOFFSETTO:+0900")
    )
    assert not reading(zoned("Mine", odd)).busy


SUMMER = """BEGIN:VTIMEZONE
TZID:Stadshuset
BEGIN:STANDARD
DTSTART:19501029T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMINUTE=0;BYHOUR=3;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19500326T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMINUTE=0;BYHOUR=2;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""


@pytest.mark.parametrize("tzid", ["Europe/Stockholm", "Stadshuset"])
@pytest.mark.parametrize(
    ("wall", "utc"),
    [
        ("20260329T013000", "03-29 00:30/01:30"),
        ("20260329T023000", "03-29 01:30/02:30"),  # skipped: read by the offset before (RFC 5545, 3.3.5)
        ("20260329T033000", "03-29 01:30/02:30"),
        ("20261025T023000", "10-25 00:30/01:30"),  # repeated: the first
        ("20261025T033000", "10-25 02:30/03:30"),
    ],
)
def test_the_days_on_which_the_clock_changes(tzid: str, wall: str, utc: str) -> None:
    data = calendar(SUMMER, event(start=f"DTSTART;TZID={tzid}:{wall}", end="DURATION:PT1H"))
    assert shown(reading(data, "2026-03-01", "2026-12-01").busy) == [utc]


def test_a_whole_day_is_a_day_of_the_owner() -> None:
    data = calendar(event(start="DTSTART;VALUE=DATE:20260329", end=""))
    assert shown(reading(data, "2026-03-01", "2026-04-01", STOCKHOLM).busy) == ["03-28 23:00/03-29 22:00"]


def test_a_floating_time_is_of_the_owner() -> None:
    data = calendar(event(start="DTSTART:20260105T090000", end="DTEND:20260105T100000"))
    assert shown(reading(data, zone=STOCKHOLM).busy) == ["01-05 08:00/09:00"]


def test_an_end_without_zone_is_in_the_zone_of_the_start() -> None:
    data = calendar(event(start="DTSTART;TZID=America/New_York:20260105T090000", end="DTEND:20260105T100000"))
    assert shown(reading(data, zone=STOCKHOLM).busy) == ["01-05 14:00/15:00"]


def test_a_date_without_its_mark_is_a_date() -> None:
    data = calendar(event(start="DTSTART;TZID=Europe/Stockholm:20260105", end=""))
    assert shown(reading(data, zone=STOCKHOLM).busy) == ["01-04 23:00/01-05 23:00"]


def test_a_file_that_lost_its_tzids_means_the_zone_that_it_defines() -> None:
    data = calendar(custom("Customized Time Zone 1"), event(start="DTSTART:20260105T090000", end="DURATION:PT1H"))
    assert shown(reading(data, zone=STOCKHOLM).busy) == ["01-05 00:00/01:00"]


@pytest.mark.parametrize("name", ["America/New_York", "Eastern Standard Time", "america/new_york"])
def test_floating_times_beside_a_zone_with_a_known_name_stay_the_owners(name: str) -> None:
    data = calendar(custom(name, "-0500"), event(start="DTSTART:20260105T090000", end="DURATION:PT1H"))
    assert shown(reading(data, zone=STOCKHOLM).busy) == ["01-05 08:00/09:00"]


def summer(until: str) -> str:
    """A zone whose summer time begins for the last time on 30 March 2025."""
    daylight = (
        f"DTSTART:19810329T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;UNTIL={until};BYMONTH=3;BYDAY=-1SU"
    )
    standard = "DTSTART:19961027T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"
    parts = f"BEGIN:DAYLIGHT\n{daylight}\nEND:DAYLIGHT\nBEGIN:STANDARD\n{standard}\nEND:STANDARD"
    return f"BEGIN:VTIMEZONE\nTZID:Private-HQ\n{parts}\nEND:VTIMEZONE"


@pytest.mark.parametrize("until", ["20250330T010000Z", "20250330", "20250330T020000"])
def test_the_last_change_of_the_clock_is_the_one_that_until_names(until: str) -> None:
    """In UTC, as RFC 5545, 3.6.5 wants it, or by the wall."""
    for year, begins in (("2025", "07"), ("2026", "08")):
        data = calendar(summer(until), event(start=f"DTSTART;TZID=Private-HQ:{year}0615T090000", end="DURATION:PT1H"))
        [(start, _)] = reading(data, f"{year}-06-01", f"{year}-07-01").busy
        assert start == instant(f"{year}-06-15 {begins}:00")


def test_a_customized_zone_without_its_definition_is_the_one_that_the_file_defines_beside_utc() -> None:
    tokyo, utc = custom("Tokyo Standard Time"), custom("UTC", "+0000")
    assert shown(reading(zoned("Customized Time Zone", tokyo, utc)).busy) == ["01-05 00:00/01:00"]


@pytest.mark.parametrize("others", [(), (custom("UTC", "+0000"),), (custom("Tokyo Standard Time"), custom("Europe/Oslo"))])
def test_a_customized_zone_that_nothing_explains_costs_its_event(others: tuple[str, ...]) -> None:
    found = reading(zoned("Customized Time Zone", *others))
    assert not found.busy
    assert found.doubtful


def test_a_broken_zone_is_read_once_however_many_events_name_it_and_takes_nothing_from_a_good_one() -> None:
    broken = custom("Bad").replace("TZOFFSETTO:+0900\n", "")
    many = [
        event(start="DTSTART;TZID=Bad:20260105T090000", end="DTEND;TZID=Bad:20260105T100000", uid=f"b{i}") for i in range(600)
    ]
    good = event(start="DTSTART;TZID=Good:20260105T090000", end="DURATION:PT1H", uid="good")
    found = reading(calendar(broken, custom("Good"), *many, good))
    assert shown(found.busy) == ["01-05 00:00/01:00"]
    assert {item.reason for item in found.skipped} == {"the time zone is not known"}


def test_of_zones_of_its_own_a_feed_may_use_100() -> None:
    zones = [custom(f"Zone {i}") for i in range(101)]
    events = [event(start=f"DTSTART;TZID=Zone {i}:20260105T090000", end="DURATION:PT1H", uid=f"{i}") for i in range(101)]
    found = reading(calendar(*zones, *events))
    assert len(found.occurrences) == 100
    assert [item.reason for item in found.skipped] == ["the recurrence takes more work than accepted"]
