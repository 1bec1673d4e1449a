"""Series: changed, moved, added and left-out occurrences."""

import pytest

from .given import STOCKHOLM, calendar, event, reading, shown, starts

DAILY = event("RRULE:FREQ=DAILY;COUNT=4")


def changed(original: str, *lines: str, start: str = "DTSTART:20260106T140000Z", end: str = "DTEND:20260106T143000Z") -> str:
    return event(original, *lines, start=start, end=end)


def test_a_changed_occurrence_stands_in_for_the_original() -> None:
    found = reading(calendar(DAILY, changed("RECURRENCE-ID:20260106T090000Z")))
    assert starts(found) == ["01-05 09:00", "01-06 14:00", "01-07 09:00", "01-08 09:00"]


def test_of_two_changes_of_one_occurrence_the_later_sequence_counts() -> None:
    older = changed("RECURRENCE-ID:20260106T090000Z", "SEQUENCE:1", start="DTSTART:20260106T200000Z", end="")
    newer = changed("RECURRENCE-ID:20260106T090000Z", "SEQUENCE:2")
    assert starts(reading(calendar(DAILY, newer, older)))[1] == "01-06 14:00"


def test_a_cancelled_occurrence_makes_nobody_busy() -> None:
    found = reading(calendar(DAILY, changed("RECURRENCE-ID:20260106T090000Z", "STATUS:CANCELLED")))
    assert shown(found.busy) == ["01-05 09:00/10:00", "01-07 09:00/10:00", "01-08 09:00/10:00"]


@pytest.mark.parametrize("line", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT"])
def test_what_takes_an_occurrence_back_may_name_it_and_no_more(line: str) -> None:
    found = reading(calendar(DAILY, event("RECURRENCE-ID:20260106T090000Z", line, start="", end="")))
    assert shown(found.busy) == ["01-05 09:00/10:00", "01-07 09:00/10:00", "01-08 09:00/10:00"]
    assert not found.skipped


def test_a_change_without_a_start_that_takes_nothing_back_costs_itself() -> None:
    found = reading(calendar(DAILY, event("RECURRENCE-ID:20260106T090000Z", start="", end="")))
    assert len(found.busy) == 4
    assert [item.reason for item in found.skipped] == ["DTSTART is missing"]


def test_a_change_moved_far_away_still_counts() -> None:
    moved = changed("RECURRENCE-ID:20260106T090000Z", start="DTSTART:20270106T140000Z", end="DURATION:PT1H")
    assert starts(reading(calendar(DAILY, moved), "2027-01-01", "2027-02-01")) == ["01-06 14:00"]


def test_changes_without_a_master_count() -> None:
    found = reading(calendar(changed("RECURRENCE-ID:20260106T090000Z")))
    assert shown(found.busy) == ["01-06 14:00/14:30"]


def test_a_change_with_a_rule_of_its_own_is_the_series_where_there_is_no_master() -> None:
    """ConnectDaily writes RECURRENCE-ID into each series; KCalendarCore and sabre/vobject expand it."""
    series = changed("RECURRENCE-ID:19700101T070000Z", "RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20260107T140000Z")
    assert starts(reading(calendar(series))) == ["01-06 14:00", "01-08 14:00", "01-09 14:00"]
    moved = changed("RECURRENCE-ID:20260108T140000Z", start="DTSTART:20260108T200000Z", end="")
    assert starts(reading(calendar(moved, series))) == ["01-06 14:00", "01-08 20:00", "01-09 14:00"]
    second = changed("RECURRENCE-ID:20260120T140000Z", "RDATE:20260122T090000Z", start="DTSTART:20260120T090000Z", end="")
    assert starts(reading(calendar(series, second)))[-2:] == ["01-20 09:00", "01-22 09:00"]


def lone(original: str, *lines: str, hour: int = 9) -> str:
    """A series without a master, of three weeks from its day on."""
    start = f"DTSTART:202601{original}T{hour:02}0000Z"
    return event(f"RECURRENCE-ID:202601{original}T090000Z", "RRULE:FREQ=WEEKLY;COUNT=3", *lines, start=start, end="DURATION:PT1H")


@pytest.mark.parametrize("later", ["SEQUENCE:3", "DTSTAMP:20251202T000000Z"])
def test_each_series_without_a_master_counts_whatever_the_version_of_another(later: str) -> None:
    one, other = lone("05", "DTSTAMP:20251201T000000Z"), lone("09", later)
    for data in (calendar(one, other), calendar(other, one)):
        found = reading(data)
        assert starts(found) == [f"01-{day} 09:00" for day in ("05", "09", "12", "16", "19", "23")]
        assert [item.reason for item in found.skipped] == ["several events share one UID; each is read"]
        assert not found.doubtful
        assert not found.unbounded


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (("SEQUENCE:0", "DTSTAMP:20251202T000000Z"), ("SEQUENCE:1", "DTSTAMP:20251201T000000Z")),
        (("SEQUENCE:1", "DTSTAMP:20251201T000000Z"), ("SEQUENCE:1", "DTSTAMP:20251202T000000Z")),
    ],
)
def test_of_two_versions_of_a_series_without_a_master_the_later_counts_and_the_older_leaves_doubt(
    older: tuple[str, ...], newer: tuple[str, ...]
) -> None:
    parts = lone("05", *older), lone("05", *newer, hour=14), lone("09")
    for data in (calendar(*parts), calendar(*reversed(parts))):
        found = reading(data)
        assert starts(found) == ["01-05 14:00", "01-09 09:00", "01-12 14:00", "01-16 09:00", "01-19 14:00", "01-23 09:00"]
        assert sorted(item.reason for item in found.skipped) == [
            "a later version of the event is there too, and counts",
            "several events share one UID; each is read",
        ]
        assert found.unbounded


def test_of_versions_of_a_series_without_a_master_that_none_is_later_of_each_counts() -> None:
    found = reading(calendar(lone("05"), lone("05", hour=14)))
    assert starts(found)[:2] == ["01-05 09:00", "01-05 14:00"]
    assert not found.doubtful
    assert not found.unbounded


def test_what_a_series_without_a_master_leaves_out_takes_no_change_from_another() -> None:
    moved = changed("RECURRENCE-ID:20260112T090000Z")
    out = "SEQUENCE:1", "EXDATE:20260112T090000Z"
    assert "01-06 14:00" in starts(reading(calendar(lone("05"), lone("09", *out), moved)))
    assert "01-06 14:00" not in starts(reading(calendar(lone("05", *out), moved)))


def test_a_series_that_was_dropped_for_a_later_version_of_its_master_leaves_no_doubt() -> None:
    found = reading(calendar(event("RRULE:FREQ=DAILY;COUNT=3"), event("SEQUENCE:1")))
    assert starts(found) == ["01-05 09:00"]
    assert not found.doubtful
    assert not found.unbounded


def test_a_change_with_a_rule_of_its_own_is_a_change_where_there_is_a_master() -> None:
    found = reading(calendar(DAILY, changed("RECURRENCE-ID:20260106T090000Z", "RRULE:FREQ=DAILY;COUNT=4")))
    assert starts(found) == ["01-05 09:00", "01-06 14:00", "01-07 09:00", "01-08 09:00"]


def test_a_change_of_the_right_day_and_the_wrong_time_stands_in_for_the_only_one_of_that_day() -> None:
    found = reading(calendar(DAILY, changed("RECURRENCE-ID:20260106T000000Z")))
    assert starts(found) == ["01-05 09:00", "01-06 14:00", "01-07 09:00", "01-08 09:00"]


def test_a_change_of_a_day_that_the_series_does_not_have_counts_beside_it() -> None:
    found = reading(calendar(DAILY, changed("RECURRENCE-ID:20260115T090000Z", start="DTSTART:20260116T090000Z", end="")))
    assert starts(found)[-2:] == ["01-08 09:00", "01-16 09:00"]


def test_exchange_names_a_day_of_a_whole_day_series_by_a_time() -> None:
    master = event("RRULE:FREQ=DAILY;COUNT=3", start="DTSTART;VALUE=DATE:20260105", end="DTEND;VALUE=DATE:20260106")
    moved = changed(
        "RECURRENCE-ID;TZID=W. Europe Standard Time:20260106T000000",
        start="DTSTART;VALUE=DATE:20260110",
        end="DTEND;VALUE=DATE:20260111",
    )
    for zone in (STOCKHOLM,):
        assert starts(reading(calendar(master, moved), zone=zone), zone) == ["01-05 00:00", "01-07 00:00", "01-10 00:00"]


def test_this_and_future_moves_all_that_follow() -> None:
    later = changed(
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20260107T090000Z", start="DTSTART:20260107T110000Z", end="DTEND:20260107T113000Z"
    )
    assert shown(reading(calendar(DAILY, later)).busy) == [
        "01-05 09:00/10:00",
        "01-06 09:00/10:00",
        "01-07 11:00/11:30",
        "01-08 11:00/11:30",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "EXDATE:20260106T090000Z",
        "EXDATE;TZID=Europe/Stockholm:20260106T100000",
        "EXDATE;VALUE=DATE:20260106",
        "EXDATE:20251224T090000Z,20260106T090000Z",
    ],
)
def test_an_occurrence_is_left_out_however_it_is_named(line: str) -> None:
    found = reading(calendar(event("RRULE:FREQ=DAILY;COUNT=3", line)))
    assert starts(found) == ["01-05 09:00", "01-07 09:00"]


def test_the_first_occurrence_can_be_left_out() -> None:
    assert not reading(calendar(event("RRULE:FREQ=WEEKLY;COUNT=1", "EXDATE:20260105T090000Z"))).occurrences


def test_added_dates_and_periods_count() -> None:
    data = calendar(event("RDATE:20260110T090000Z", "RDATE;VALUE=PERIOD:20260112T090000Z/PT3H,20260113T090000Z/20260113T093000Z"))
    assert shown(reading(data).busy) == ["01-05 09:00/10:00", "01-10 09:00/10:00", "01-12 09:00/12:00", "01-13 09:00/09:30"]


@pytest.mark.parametrize("period", ["20260110/20260112", "20260110/P2D"])
def test_an_added_period_of_days_is_those_days(period: str) -> None:
    """No such value is allowed; ical.net and icalendar write and read it."""
    line = f"RDATE;VALUE=PERIOD:{period}"
    zone = event(line, start="DTSTART;TZID=Europe/Stockholm:20260105T100000", end="DURATION:PT1H")
    assert shown(reading(calendar(zone)).busy) == ["01-05 09:00/10:00", "01-09 23:00/01-11 23:00"]
    assert shown(reading(calendar(event(line))).busy) == ["01-05 09:00/10:00", "01-10 00:00/01-12 00:00"]
    date = event(line, start="DTSTART;VALUE=DATE:20260105", end="")
    assert shown(reading(calendar(date), zone=STOCKHOLM).busy) == ["01-04 23:00/01-05 23:00", "01-09 23:00/01-11 23:00"]


@pytest.mark.parametrize(
    ("lines", "days"),
    [  # RFC 2445, 4.8.5.2
        (["RRULE:FREQ=DAILY;COUNT=7", "EXRULE:FREQ=WEEKLY;BYDAY=SA,SU"], "05 06 07 08 09"),
        (["RRULE:FREQ=DAILY;COUNT=7", "EXRULE:FREQ=WEEKLY;BYDAY=SA", "EXRULE:FREQ=WEEKLY;BYDAY=SU"], "05 06 07 08 09"),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXRULE:FREQ=DAILY;INTERVAL=2;COUNT=1"], "06 07"),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXRULE:FREQ=DAILY;UNTIL=20260106T090000Z"], "07"),
        (["RRULE:FREQ=DAILY;COUNT=2", "RDATE:20260110T090000Z", "EXRULE:FREQ=WEEKLY;BYDAY=SA"], "05 06"),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXRULE:FREQ=DAILY;BYHOUR=10"], "05 06 07"),
        (["EXRULE:FREQ=DAILY"], ""),
        (["RRULE:FREQ=DAILY;COUNT=2", "EXRULE:"], "05 06"),
    ],
)
def test_a_rule_can_leave_occurrences_out(lines: list[str], days: str) -> None:
    found = reading(calendar(event(*lines)))
    assert starts(found) == [f"01-{day} 09:00" for day in days.split()]
    assert not found.skipped


def test_a_rule_of_exclusions_is_on_the_clock_of_its_event_and_of_whole_days_for_a_date() -> None:
    lines = "RRULE:FREQ=DAILY;COUNT=3", "EXRULE:FREQ=WEEKLY;BYDAY=SU"
    local = event(*lines, start="DTSTART;TZID=Europe/Stockholm:20260328T003000", end="")
    assert starts(reading(calendar(local), last="2026-05-01"), STOCKHOLM) == ["03-28 00:30", "03-30 00:30"]
    lines = "RRULE:FREQ=DAILY;COUNT=3", "EXRULE:FREQ=DAILY;INTERVAL=2;BYHOUR=9"
    assert starts(reading(calendar(event(*lines, start="DTSTART;VALUE=DATE:20260105", end="")))) == ["01-06 00:00"]


def test_a_rule_of_exclusions_that_cannot_be_read_costs_its_event_and_says_so() -> None:
    found = reading(calendar(event("RRULE:FREQ=DAILY;COUNT=3", "EXRULE:FREQ=NEVER"), event(uid="good")))
    assert [uid for uid, _, _ in found.occurrences] == ["good"]
    assert [item.reason for item in found.skipped] == ["EXRULE cannot be read"]


@pytest.mark.parametrize(
    ("lines", "times"),
    [  # on 25 October 2026 the clock shows 02:30 at 00:30 and at 01:30 UTC
        (["RDATE:20261025T013000Z"], ["10-20 00:30/00:45", "10-25 01:30/01:45"]),
        (["RDATE:20261025T003000Z,20261025T013000Z"], ["10-20 00:30/00:45", "10-25 00:30/00:45", "10-25 01:30/01:45"]),
        (["RDATE;VALUE=PERIOD:20261025T013000Z/PT2H"], ["10-20 00:30/00:45", "10-25 01:30/03:30"]),
        (["RDATE:20261025T013000Z", "EXDATE:20261025T013000Z"], ["10-20 00:30/00:45"]),
        (["RDATE;TZID=Europe/Stockholm:20261025T023000"], ["10-20 00:30/00:45", "10-25 00:30/00:45"]),
        (["RDATE;TZID=Europe/London:20261025T013000"], ["10-20 00:30/00:45", "10-25 00:30/00:45"]),
    ],
)
def test_a_date_added_in_another_zone_is_the_instant_that_it_names(lines: list[str], times: list[str]) -> None:
    stop = "DTEND;TZID=Europe/Stockholm:20261020T024500"
    series = event(*lines, start="DTSTART;TZID=Europe/Stockholm:20261020T023000", end=stop)
    assert shown(reading(calendar(series), "2026-10-01", "2026-11-01").busy) == times


def test_a_date_that_cannot_be_read_does_not_cost_the_others() -> None:
    found = reading(calendar(event("RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260106T090000Z,garbage")))
    assert starts(found) == ["01-05 09:00", "01-07 09:00"]
    assert found.skipped
    assert not found.unbounded


def test_an_added_date_that_cannot_be_read_makes_free_time_unknown() -> None:
    found = reading(calendar(event("RDATE:20260110T090000Z,garbage")))
    assert starts(found) == ["01-05 09:00", "01-10 09:00"]
    assert found.unbounded


def test_events_that_share_a_uid_each_count_and_are_reported() -> None:
    found = reading(calendar(event(), event(start="DTSTART:20260106T090000Z", end="DURATION:PT1H")))
    assert starts(found) == ["01-05 09:00", "01-06 09:00"]
    assert [item.reason for item in found.skipped] == ["several events share one UID; each is read"]


def test_of_two_versions_of_a_series_the_later_counts() -> None:
    older = event("SEQUENCE:1", "RRULE:FREQ=DAILY;COUNT=3")
    newer = event("SEQUENCE:2", start="DTSTART:20260107T120000Z", end="DURATION:PT1H")
    for data in (calendar(older, newer), calendar(newer, older)):
        found = reading(data)
        assert starts(found) == ["01-07 12:00"]
        assert [item.reason for item in found.skipped] == ["a later version of the event is there too, and counts"]


def test_a_change_that_a_later_version_leaves_out_is_gone() -> None:
    master = event("RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260106T090000Z", "SEQUENCE:2")
    left = calendar(master, changed("RECURRENCE-ID:20260106T090000Z", "SEQUENCE:1"))
    assert starts(reading(left)) == ["01-05 09:00", "01-07 09:00"]


def test_a_change_counts_though_its_original_is_left_out_as_some_products_write_it() -> None:
    master = event("RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260106T090000Z", "SEQUENCE:2")
    both = calendar(master, changed("RECURRENCE-ID:20260106T090000Z", "SEQUENCE:2"))
    assert starts(reading(both)) == ["01-05 09:00", "01-06 14:00", "01-07 09:00"]


def test_calendars_of_one_person_add_up_and_stay_apart() -> None:
    from connectors.calendars import read

    from .given import UTC, instant

    two = calendar(event("RECURRENCE-ID:20260106T090000Z", start="DTSTART:20260106T140000Z", end="DURATION:PT1H"))
    found = read([calendar(DAILY), two], instant("2026-01-01"), instant("2026-02-01"), UTC)
    assert starts(found) == ["01-05 09:00", "01-06 09:00", "01-06 14:00", "01-07 09:00", "01-08 09:00"]


def test_periods_are_clipped_to_the_window_and_occurrences_are_whole() -> None:
    found = reading(calendar(event(end="DTEND:20260107T100000Z")), "2026-01-06", "2026-01-07")
    assert shown(found.busy) == ["01-06 00:00/01-07 00:00"]
    assert starts(found) == ["01-05 09:00"]
    assert found.future_events == 1
