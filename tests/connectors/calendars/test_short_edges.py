"""Where the short way ends: the seconds around a change of the clock, versions of a series, digits that are none."""

from zoneinfo import ZoneInfo

import msgspec
import pytest

from connectors.calendars.clock import Clock
from connectors.calendars.fast import apart
from connectors.calendars.model import BOUNDS, PLAIN, Refused
from connectors.calendars.reading import read, read_long
from connectors.calendars.short import simple
from connectors.calendars.values import DAY
from connectors.calendars.zones import named

from .given import STOCKHOLM, calendar, event, instant, starts

DAILY = "RRULE:FREQ=DAILY;COUNT=3"


def same(data: bytes, first: str = "2026-01-01", last: str = "2026-03-02") -> list[str]:
    """When occurrences begin, by both ways."""
    short, long = (way([data], instant(first), instant(last), STOCKHOLM) for way in (read, read_long))
    assert short == long
    return starts(short)


def blocks(data: bytes) -> bool:
    """Whether the events of one UID are left to the short way."""
    taken = apart(data, BOUNDS, frozenset(), PLAIN)
    return taken is not None and simple(taken.blocks)


@pytest.mark.parametrize("key", ["Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"])
@pytest.mark.parametrize("shift", [0, 1, 2, 3, 7, 1800, 86_399])
def test_the_clock_table_is_right_to_the_second(key: str, shift: int) -> None:
    zone = named(ZoneInfo(key))
    low = instant("2026-01-01") + shift
    clock = Clock(zone, low, low + 365 * DAY)
    hours = range(low, low + 364 * DAY, 3600)
    changes = [at for at in hours if zone.to_wall(at + 3600) - zone.to_wall(at) != 3600]
    assert len(changes) >= 2
    for change in changes:
        for wall in range(zone.to_wall(change) - 7300, zone.to_wall(change) + 7300):
            assert clock.to_utc(wall) == zone.to_utc(wall)


def test_a_single_event_goes_the_short_way() -> None:
    assert blocks(calendar(event()))
    assert blocks(calendar(event(DAILY)))
    assert not blocks(calendar(event("RRULE:FREQ=FORTNIGHTLY")))


@pytest.mark.parametrize(
    "value", ["2026 105T090000Z", "+2026105T090000Z", "2026010 T090000Z", "20260105T 90000Z", "2026_1_5T090000Z"]
)
def test_digits_that_are_none_are_no_time_by_either_way(value: str) -> None:
    assert same(calendar(event(start=f"DTSTART:{value}", end=""), event(uid="two"))) == ["01-05 09:00"]


@pytest.mark.parametrize("lasts", ["P360D", "PT8640H", "P180DT4320H"])
def test_an_event_that_began_long_ago_lasts_into_the_window(lasts: str) -> None:
    data = calendar(event(start="DTSTART:20250110T000000Z", end=f"DURATION:{lasts}"), event(uid="two"))
    assert same(data) == ["01-10 00:00", "01-05 09:00"]


def test_an_occurrence_changed_and_left_out_is_for_the_long_way() -> None:
    out, change = "EXDATE:20260106T090000Z", event("RECURRENCE-ID:20260106T090000Z", start="DTSTART:20260106T140000Z", end="")
    assert not blocks(calendar(event(DAILY, out), change))
    assert blocks(calendar(event(DAILY, out.replace("06T", "07T")), change))
    assert same(calendar(event(DAILY, out), change)) == ["01-05 09:00", "01-06 14:00", "01-07 09:00"]
    assert same(calendar(event(DAILY, out, "SEQUENCE:1"), change)) == ["01-05 09:00", "01-07 09:00"]


@pytest.mark.parametrize("line", ['SEQUENCE":1', "SEQUENCE:x", 'DTSTAMP;"', "SEQUENCE;" + "A=b;" * 900 + "C=d:1"])
def test_a_broken_line_that_only_orders_versions_costs_nothing(line: str) -> None:
    assert same(calendar(event(line), event(uid="two"))) == ["01-05 09:00", "01-05 09:00"]


def test_versions_of_an_event_are_for_the_long_way() -> None:
    data = calendar(event("SEQUENCE:1"), event("SEQUENCE:2", start="DTSTART:20260106T090000Z", end=""))
    assert not blocks(data)
    assert same(data) == ["01-06 09:00"]


def test_a_series_ended_at_its_first_occurrence_has_it_though_its_rule_does_not_name_it() -> None:
    data = calendar(event("RRULE:FREQ=WEEKLY;BYDAY=TU;UNTIL=20260105T090000Z"))
    assert blocks(data)
    assert same(data) == ["01-05 09:00"]


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("20260105T085959Z", []),
        ("20260105T090000Z", ["01-05 09:00"]),
        ("20260104", []),
        ("20260105", ["01-05 09:00"]),
    ],
)
def test_a_series_ended_before_it_began_is_none_by_either_way(until: str, expected: list[str]) -> None:
    data = calendar(event(f"RRULE:FREQ=DAILY;UNTIL={until}"))
    assert blocks(data)
    assert same(data) == expected


def test_a_series_over_the_first_second_of_1970_loses_what_was_changed_there() -> None:
    master = event(DAILY, start="DTSTART:19691231T000000Z", end="")
    change = event("RECURRENCE-ID:19700101T000000Z", start="DTSTART:19700101T120000Z", end="")
    assert blocks(calendar(master, change))
    assert same(calendar(master, change), "1969-12-01", "1970-02-01") == ["12-31 00:00", "01-01 12:00", "01-02 00:00"]


@pytest.mark.parametrize(("count", "days"), [(1, "05"), (2, "05 07"), (3, "05 07 09"), (4, "05 07 09 12")])
def test_a_count_may_end_within_the_first_week(count: int, days: str) -> None:
    data = calendar(event(f"RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT={count}"))
    assert same(data) == [f"01-{day} 09:00" for day in days.split()]


def test_a_count_may_end_within_the_first_week_that_began_before_the_event() -> None:
    data = calendar(event("RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR,SU;COUNT=2", start="DTSTART:20260107T090000Z", end="DURATION:PT1H"))
    assert same(data) == ["01-07 09:00", "01-09 09:00"]


@pytest.mark.parametrize(("around", "is_long"), [("VTODO", False), ("VALARM", False), ("VTIMEZONE", True), ("VFREEBUSY", True)])
def test_an_event_within_something_else_is_one_by_both_ways(around: str, is_long: bool) -> None:
    data = calendar(event(), f"BEGIN:{around}", event(uid="two"), f"END:{around}", event(uid="three"))
    assert (apart(data, BOUNDS, frozenset(), PLAIN) is None) == is_long
    assert len(same(data)) == 3


def test_components_are_counted_over_all_of_the_feed_by_both_ways() -> None:
    """Events that follow one another leave one gap, and still each is one."""
    limits = msgspec.structs.replace(BOUNDS, components=10)
    todo = "BEGIN:VTODO\r\nUID:do\r\nDTSTAMP:20260101T000000Z\r\nEND:VTODO\r\n"
    for todos, refused in ((3, False), (6, True)):
        data = calendar(*(event(uid=str(n)) for n in range(6)), *[todo] * todos)
        for way in (read, read_long):
            if refused:
                with pytest.raises(Refused):
                    way([data], instant("2026-01-01"), instant("2026-03-02"), STOCKHOLM, limits=limits)
            else:
                way([data], instant("2026-01-01"), instant("2026-03-02"), STOCKHOLM, limits=limits)


@pytest.mark.parametrize("line", ["DESCRIPTION:long\r\n and on", "X-small-Letters:1", "x-lower:1"])
def test_what_is_written_oddly_and_wanted_by_nobody_goes_the_short_way(line: str) -> None:
    assert blocks(calendar(event(line)))


@pytest.mark.parametrize("lasts", ["PT30M", "PT5H", "P1D", "P1DT5H", "P2DT0H30M"])
@pytest.mark.parametrize("rule", ["FREQ=HOURLY", "FREQ=DAILY;BYHOUR=1,5,9,13,17,21", "FREQ=DAILY", "FREQ=HOURLY;COUNT=200"])
def test_the_bound_of_a_series_lies_at_the_same_number_by_both_ways(rule: str, lasts: str) -> None:
    """At every bound from far too small to ample, over windows that begin within an occurrence."""
    data = calendar(event(f"RRULE:{rule}", start="DTSTART:20260101T003000", end=f"DURATION:{lasts}"), event(uid="other"))
    seen = set()
    for begin in ("2026-01-05 00:00", "2026-01-05 01:00", "2026-01-05 07:15"):
        for hours in (5, 24, 60):
            for bound in (*range(1, 40), 55, 65, 70, 75, 80, 90, 110, 130, 170):
                window = instant(begin), instant(begin) + hours * 3600
                limits = msgspec.structs.replace(BOUNDS, occurrences=bound)
                short, long = (way([data], *window, STOCKHOLM, limits=limits) for way in (read, read_long))
                assert short == long, (begin, hours, bound)
                seen.add(bool(short.skipped))
    assert False in seen


@pytest.mark.parametrize("rest", [" x", "\tx", "\r\n x", ""])
def test_what_stands_behind_an_alarm_goes_on_with_nothing_before_it(rest: str) -> None:
    """A fold behind the END of an alarm is of that line; by the short way it once made another of the owner."""
    alarm = ("BEGIN:VALARM", "TRIGGER:-PT15M", "END:VALARM")
    data = calendar(event("ATTENDEE;PARTSTAT=DECLINED:mailto:eva@example.org", *alarm, rest), event(uid="other"))
    window = instant("2026-01-01"), instant("2026-03-02")
    short, long = (way([data], *window, STOCKHOLM, owner=("eva@example.org",)) for way in (read, read_long))
    assert short == long
