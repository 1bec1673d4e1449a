"""Recurrence rules, by the standard's own examples and the points where libraries go wrong."""

import pytest

from connectors.calendars.days import weekday
from connectors.calendars.values import day_number

from .given import STOCKHOLM, calendar, event, instant, reading, rule, shown, starts


@pytest.mark.parametrize(
    ("text", "start", "days"),
    [
        # RFC 5545, 3.8.5.3
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "19970805", "1997-08-05 1997-08-10 1997-08-19 1997-08-24"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "19970805", "1997-08-05 1997-08-17 1997-08-19 1997-08-31"),
        ("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "20070115", "2007-01-15 2007-01-30 2007-02-15 2007-03-15 2007-03-30"),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "19970904", "1997-09-04 1997-10-07 1997-11-06"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=3", "19970512", "1997-05-12 1998-05-11 1999-05-17"),
        ("FREQ=YEARLY;INTERVAL=3;COUNT=4;BYYEARDAY=1,100,200", "19970101", "1997-01-01 1997-04-10 1997-07-19 2000-01-01"),
        ("FREQ=YEARLY;BYDAY=20MO;COUNT=3", "19970519", "1997-05-19 1998-05-18 1999-05-17"),
        (
            "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=3",
            "19961105",
            "1996-11-05 2000-11-07 2004-11-02",
        ),
        # a week number without a weekday is the weekday of DTSTART
        ("FREQ=YEARLY;BYWEEKNO=1,2;COUNT=4", "20130101", "2013-01-01 2013-01-08 2013-12-31 2014-01-07"),
        # the interval counts years of weeks
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO,TU;INTERVAL=3;COUNT=4", "20241231", "2024-12-31 2028-01-03 2028-01-04 2030-12-30"),
        ("FREQ=YEARLY;BYWEEKNO=-1;COUNT=2", "20261231", "2026-12-31 2027-12-30"),
        # positions count from the beginning of the first period, before DTSTART too
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,3;COUNT=3", "20241023", "2024-10-23 2024-10-28 2024-10-30"),
        # weekdays with and without number together
        ("FREQ=MONTHLY;BYDAY=3MO,WE;COUNT=6", "20260107", "2026-01-07 2026-01-14 2026-01-19 2026-01-21 2026-01-28 2026-02-04"),
        ("FREQ=MONTHLY;BYDAY=0MO,SA;BYMONTHDAY=13;COUNT=2", "20260613", "2026-06-13 2027-02-13"),
        # a day of the month in a yearly rule is of the month of DTSTART
        ("FREQ=YEARLY;BYMONTHDAY=1,2;COUNT=3", "20260401", "2026-04-01 2026-04-02 2027-04-01"),
        # with a weekday it is of every month
        ("FREQ=YEARLY;BYMONTHDAY=13;BYDAY=FR;COUNT=4", "20260213", "2026-02-13 2026-03-13 2026-11-13 2027-08-13"),
        ("FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=13;BYDAY=FR;COUNT=2", "20151113", "2015-11-13 2020-11-13"),
        ("FREQ=YEARLY;COUNT=3", "20240229", "2024-02-29 2028-02-29 2032-02-29"),
        ("FREQ=MONTHLY;BYMONTHDAY=-31;COUNT=3", "20150101", "2015-01-01 2015-03-01 2015-05-01"),
        ("FREQ=YEARLY;BYYEARDAY=-366;COUNT=3", "20120101", "2012-01-01 2016-01-01 2020-01-01"),
        ("FREQ=DAILY;BYMONTH=1;BYMONTHDAY=3,2;COUNT=3", "20240102", "2024-01-02 2024-01-03 2025-01-02"),
        ("FREQ=WEEKLY;UNTIL=20260119", "20260105", "2026-01-05 2026-01-12 2026-01-19"),
        # RFC 7529
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD;COUNT=4", "20140131", "2014-01-31 2014-03-01 2014-03-31 2014-05-01"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;COUNT=4", "20140131", "2014-01-31 2014-02-28 2014-03-31 2014-04-30"),
        ("RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD;COUNT=3", "20120229", "2012-02-29 2013-03-01 2014-03-01"),
        ("RSCALE=CHINESE;FREQ=YEARLY;COUNT=4", "20130210", "2013-02-10 2014-01-31 2015-02-19 2016-02-08"),
        ("RSCALE=ETHIOPIC;FREQ=MONTHLY;BYMONTH=13;COUNT=4", "20130906", "2013-09-06 2014-09-06 2015-09-06 2016-09-06"),
        # libical has the same
        ("RSCALE=ISLAMIC-CIVIL;FREQ=MONTHLY;COUNT=4", "20131025", "2013-10-25 2013-11-24 2013-12-24 2014-01-22"),
        ("RSCALE=ISLAMIC-CIVIL;FREQ=YEARLY;BYMONTH=9;COUNT=4", "20130709", "2013-07-09 2014-06-29 2015-06-18 2016-06-07"),
        (
            "RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8;SKIP=FORWARD;COUNT=5",
            "20140208",
            "2014-02-08 2015-02-27 2016-02-17 2017-03-06 2018-02-23",
        ),
    ],
)
def test_a_rule_has_these_days(text: str, start: str, days: str) -> None:
    assert rule(text, f"DTSTART;VALUE=DATE:{start}", count=len(days.split())) == days.split()


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("FREQ=HOURLY;INTERVAL=18;COUNT=3", "01-05 09:00 01-06 03:00 01-06 21:00"),
        ("FREQ=MINUTELY;INTERVAL=90;COUNT=3", "01-05 09:00 01-05 10:30 01-05 12:00"),
        ("FREQ=MINUTELY;BYMINUTE=5,25;INTERVAL=61;COUNT=2", "01-05 09:00 01-05 14:05 01-06 10:25"),
        ("FREQ=HOURLY;BYHOUR=9,17;BYMINUTE=0,30;BYSETPOS=-1;COUNT=2", "01-05 09:00 01-05 09:30 01-05 17:30"),
        ("FREQ=DAILY;BYHOUR=9,15;BYMINUTE=0;COUNT=3", "01-05 09:00 01-05 15:00 01-06 09:00"),
    ],
)
def test_a_rule_by_hours_and_minutes_has_these_times(text: str, times: str) -> None:
    found = starts(reading(calendar(event(f"RRULE:{text}", end=""))))
    assert " ".join(found) == times


def test_dtstart_is_an_occurrence_though_the_rule_does_not_yield_it() -> None:
    assert rule("FREQ=WEEKLY;BYDAY=TU;COUNT=2") == ["2026-01-05", "2026-01-06", "2026-01-13"]


@pytest.mark.parametrize(
    ("start", "until", "last"),
    [
        ("DTSTART;TZID=Europe/Stockholm:20260105T090000", "20260119T080000Z", "2026-01-19"),
        ("DTSTART;TZID=Europe/Stockholm:20260105T090000", "20260119T075959Z", "2026-01-12"),
        ("DTSTART;TZID=Europe/Stockholm:20260105T090000", "20260119", "2026-01-19"),
        ("DTSTART;TZID=Europe/Stockholm:20260105T090000", "20260119T090000", "2026-01-19"),
        ("DTSTART;VALUE=DATE:20260105", "20260118T230000Z", "2026-01-19"),
        ("DTSTART:20260105T090000", "20260119T080000Z", "2026-01-19"),
    ],
)
def test_until_counts_whatever_type_it_is_written_in(start: str, until: str, last: str) -> None:
    assert rule(f"FREQ=WEEKLY;UNTIL={until}", start, zone=STOCKHOLM)[-1] == last


def test_a_series_keeps_its_wall_time_over_the_change_of_the_clock() -> None:
    data = calendar(event("RRULE:FREQ=WEEKLY", start="DTSTART;TZID=Europe/Stockholm:20260323T090000", end="DURATION:PT1H"))
    assert shown(reading(data, "2026-03-20", "2026-04-01").busy) == ["03-23 08:00/09:00", "03-30 07:00/08:00"]


def test_a_night_shift_ends_by_the_clock_of_the_wall() -> None:
    night = "DTSTART;TZID=Europe/Stockholm:20260327T220000", "DTEND;TZID=Europe/Stockholm:20260328T060000"
    data = calendar(event("RRULE:FREQ=DAILY;COUNT=2", start=night[0], end=night[1]))
    assert shown(reading(data, "2026-03-20", "2026-04-01").busy) == ["03-27 21:00/03-28 05:00", "03-28 21:00/03-29 04:00"]


@pytest.mark.parametrize("years", [1, 100])
def test_how_long_ago_a_series_began_does_not_matter(years: int) -> None:
    begin = f"DTSTART:{2026 - years}0105T090000Z"
    found = reading(calendar(event("RRULE:FREQ=DAILY;COUNT=99999", start=begin, end="DURATION:PT1H")), "2026-02-01", "2026-02-03")
    assert shown(found.busy) == ["02-01 09:00/10:00", "02-02 09:00/10:00"]


@pytest.mark.parametrize(
    "text", ["FREQ=DAILY;INTERVAL=0", "FREQ=FORTNIGHTLY", "INTERVAL=2", "FREQ=DAILY;COUNT=x", "FREQ=DAILY;BYMONTH=13,14"]
)
def test_a_rule_that_cannot_be_read_costs_its_event_and_says_so(text: str) -> None:
    found = reading(calendar(event(f"RRULE:{text}"), event(uid="good")))
    assert [uid for uid, _, _ in found.occurrences] == ["good"]
    assert [(item.uid, item.line) for item in found.skipped] == [("one", 3)]
    assert found.unbounded


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("", ["2026-01-05"]),
        ("FREQ=WEEKLY;BYDAY=;COUNT=2", ["2026-01-05", "2026-01-12"]),
        ("FREQ=WEEKLY;COUNT=-1;UNTIL=20260112", ["2026-01-05", "2026-01-12"]),
        ("FREQ=WEEKLY;UNTIL=;COUNT=2", ["2026-01-05", "2026-01-12"]),
        ("FREQ=WEEKLY;INTERVAL=;COUNT=;WKST=;UNTIL=20260112", ["2026-01-05", "2026-01-12"]),
    ],
)
def test_what_a_product_left_empty_in_a_rule_is_as_if_it_were_not_there(text: str, first: list[str]) -> None:
    assert rule(text) == first


@pytest.mark.parametrize("kind", ["DAILY", "YEARLY;BYMONTHDAY=5,6"])
def test_a_series_that_was_ended_before_it_began_has_no_occurrence(kind: str) -> None:
    """So it is left behind where this and all that follow are deleted at the first one; libical, ical.js and dateutil agree."""
    assert rule(f"FREQ={kind};UNTIL=20260104T000000Z") == []
    assert rule(f"FREQ={kind};UNTIL=20260105T090000Z") == ["2026-01-05"]


def test_a_date_added_to_a_series_that_was_ended_before_it_began_counts() -> None:
    data = calendar(event("RRULE:FREQ=DAILY;UNTIL=20260104T000000Z", "RDATE:20260107T090000Z"))
    assert shown(reading(data).busy) == ["01-07 09:00/10:00"]


@pytest.mark.parametrize(
    ("parts", "dates"),
    [  # lib-recur has the same for BYYEARDAY
        ("BYYEARDAY=-366", ["2012-01-01", "2016-01-01"]),
        ("BYYEARDAY=-366;SKIP=FORWARD", ["2012-01-01", "2013-01-01", "2014-01-01"]),
        ("BYYEARDAY=-366;SKIP=BACKWARD", ["2012-01-01", "2012-12-31", "2013-12-31", "2014-12-31", "2016-01-01"]),
        ("BYMONTH=2;BYMONTHDAY=-29;SKIP=BACKWARD", ["2012-01-01", "2012-02-01", "2013-01-31", "2014-01-31"]),
        ("BYMONTH=2;BYMONTHDAY=-29;SKIP=FORWARD", ["2012-01-01", "2012-02-01", "2013-02-01", "2014-02-01"]),
    ],
)
def test_a_day_counted_from_the_end_that_is_not_there_is_skipped_either_way(parts: str, dates: list[str]) -> None:
    assert rule(f"RSCALE=GREGORIAN;FREQ=YEARLY;{parts}", "DTSTART:20120101T090000Z", len(dates)) == dates


def test_the_known_span_of_an_unreadable_series_is_until_its_end() -> None:
    found = reading(calendar(event("RRULE:FREQ=DAILY;INTERVAL=0;UNTIL=20260110T000000Z")))
    assert not found.unbounded
    assert shown(found.doubtful) == ["01-05 09:00/01-11 01:00"]


def test_an_unreadable_event_that_says_nothing_leaves_no_doubt() -> None:
    found = reading(calendar(event("RRULE:FREQ=NEVER", "TRANSP:TRANSPARENT")))
    assert found.skipped
    assert not found.unbounded
    assert not found.doubtful


def test_day_zero_was_a_thursday() -> None:
    assert weekday(0) == 3
    assert day_number(1970, 1, 1) == 0
    assert instant("1970-01-02") == 86_400
