"""Which zone a TZID stands for, and what is a day."""

import pytest

from .given import STOCKHOLM, calendar, event, reading, shown


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
        "Romance Standard Time",
        "GMT+0100",
        "UTC+01:00",
        "Western/Central Europe",
    ],
)
def test_a_name_of_swedish_time_is_known_without_a_definition(tzid: str) -> None:
    assert shown(reading(zoned(tzid)).busy) == ["01-05 08:00/09:00"]


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
