"""Opening hours: against a second implementation over two years, and each question by example."""

from datetime import date, datetime, time, timedelta

import pytest
from opening_hours import OpeningHours as Rule

from presence.domain.facts import DayException
from presence.domain.hours import BadHours, HoursSpec, OpeningHours
from presence.domain.intervals import FOREVER
from presence.domain.red_days import RedDays

from .slow_hours import SlowHours, week
from .town import MONDAY, OFFICE, ZONE, at

BEGIN, END = at("2025-03-01 00:00"), at("2027-03-01 00:00")
WEEKDAYS = "Mo Tu We Th Fr"
ALL_DAYS = f"{WEEKDAYS} Sa Su"
HALF_DAYS = (
    "2025-04-17 2025-04-30 2025-05-28 2025-06-19 2025-10-31 2025-12-23 2025-12-30 "
    "2026-01-05 2026-04-02 2026-04-30 2026-05-13 2026-05-22 2026-06-18 2026-10-30 2026-12-23 2026-12-30 2027-01-05"
)

RULES: dict[str, tuple[HoursSpec, SlowHours]] = {
    "office": (HoursSpec("Mo-Fr 08:00-16:30"), SlowHours(week(WEEKDAYS, "08:00-16:30"))),
    "office, closed on holidays": (HoursSpec(OFFICE), SlowHours({**week(WEEKDAYS, "08:00-16:30"), "PH": ""})),
    "lunch": (HoursSpec("Mo-Fr 08:00-12:00,13:00-16:00"), SlowHours(week(WEEKDAYS, "08:00-12:00,13:00-16:00"))),
    "one long day": (
        HoursSpec("Mo-Fr 08:00-16:00; Th 08:00-18:00; PH off"),
        SlowHours({**week(WEEKDAYS, "08:00-16:00"), "Th": "08:00-18:00", "PH": ""}),
    ),
    "always": (HoursSpec("24/7"), SlowHours(week(ALL_DAYS, "00:00-24:00"))),
    "always but holidays": (HoursSpec("24/7; PH off"), SlowHours({**week(ALL_DAYS, "00:00-24:00"), "PH": ""})),
    "nights": (HoursSpec("Mo-Su 21:00-07:00"), SlowHours(week(ALL_DAYS, "21:00-07:00"))),
    "nights that do not begin on holidays": (
        HoursSpec("Mo-Su 21:00-07:00; PH off"),
        SlowHours({**week(ALL_DAYS, "21:00-07:00"), "PH": ""}),
    ),
    "weekend nights, over both changes of clocks": (HoursSpec("Fr,Sa 18:00-02:00"), SlowHours(week("Fr Sa", "18:00-02:00"))),
    "early, over both changes of clocks": (HoursSpec("Sa,Su 02:00-05:00"), SlowHours(week("Sa Su", "02:00-05:00"))),
    "even weeks": (
        HoursSpec("week 2-53/2 Mo-We 09:00-15:00"),
        SlowHours(week("Mo Tu We", "09:00-15:00"), even_weeks_only=True),
    ),
    "other hours on holidays": (
        HoursSpec("Mo-Fr 07:30-17:00; Sa,PH 10:00-14:00"),
        SlowHours({**week(WEEKDAYS, "07:30-17:00"), "Sa": "10:00-14:00", "PH": "10:00-14:00"}),
    ),
    "exceptions": (
        HoursSpec(
            OFFICE,
            exceptions=(
                DayException("2025-07-07", "2025-07-11"),
                DayException("2026-12-24", open=("09:00-12:00",)),
                DayException("2026-02-14", open=("10:00-12:00", "13:00-15:00")),
                DayException("2026-05-09", open=("22:00-02:00",)),
            ),
        ),
        SlowHours(
            {
                **week(WEEKDAYS, "08:00-16:30"),
                "PH": "",
                **dict.fromkeys([f"2025-07-{d:02}" for d in range(7, 12)], ""),
                "2026-12-24": "09:00-12:00",
                "2026-02-14": "10:00-12:00,13:00-15:00",
                "2026-05-09": "22:00-02:00",
            }
        ),
    ),
    "half-days": (
        HoursSpec("Mo-Fr 08:00-12:00,13:00-16:30; PH off", red_days=RedDays(half_days="12:00")),
        SlowHours(
            {**week(WEEKDAYS, "08:00-12:00,13:00-16:30"), "PH": ""},
            ends=dict.fromkeys(HALF_DAYS.split(), "12:00"),
        ),
    ),
    "another zone": (
        HoursSpec("Mo-Fr 08:00-16:30", zone="America/New_York"),
        SlowHours(week(WEEKDAYS, "08:00-16:30"), zone="America/New_York"),
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_hours_agree_with_the_wall_clock_for_two_years(name: str) -> None:
    """Open or not in every half hour, and until when."""
    spec, slow = RULES[name]
    hours = OpeningHours(spec)
    halves = [slow.is_open(t) for t in range(BEGIN, END, 1800)]
    changes = [BEGIN + i * 1800 for i in range(1, len(halves)) if halves[i] != halves[i - 1]]
    t, found = BEGIN, []
    while t < END:
        is_open, t = hours.at(t)
        found.append((is_open, t))
    walked = [until for _, until in found if until < END]
    assert walked == changes
    assert [is_open for is_open, _ in found] == [halves[(b - BEGIN) // 1800] for b in (BEGIN, *changes)]


@pytest.mark.parametrize("name", [name for name, (spec, _) in RULES.items() if "PH" not in spec.rule and not spec.exceptions])
def test_hours_agree_with_the_grammars_own_library(name: str) -> None:
    """Where neither holidays nor exceptions are in play, at every full and half hour of a year."""
    spec, slow = RULES[name]
    hours, rule = OpeningHours(spec), Rule(spec.rule)
    for t in range(BEGIN, BEGIN + 366 * 86400, 1800):
        wall = datetime.fromtimestamp(t, slow.zone).replace(tzinfo=None)
        assert hours.at(t)[0] == rule.is_open(wall), wall


@pytest.mark.parametrize("name", RULES)
def test_an_answer_holds_at_every_instant_until_it_may_change(name: str) -> None:
    hours = OpeningHours(RULES[name][0])
    for t in range(BEGIN, END, 5 * 86400 + 12345):
        is_open, until = hours.at(t)
        assert t < until
        last = min(until, END)
        assert {hours.at(s) for s in (t, (t + last) // 2, last - 1)} == {(is_open, until)}


def test_questions_in_any_order_have_the_same_answers() -> None:
    spec = RULES["nights that do not begin on holidays"][0]
    times = list(range(BEGIN, END, 3 * 86400 + 4321))
    forwards, backwards = OpeningHours(spec), OpeningHours(spec)
    assert [forwards.at(t) for t in times] == [backwards.at(t) for t in reversed(times)][::-1]


@pytest.mark.parametrize("name", RULES)
def test_the_shift_at_an_instant_is_the_one_that_runs(name: str) -> None:
    spec, slow = RULES[name]
    hours = OpeningHours(spec)
    for t in range(BEGIN, END, 86400 + 5 * 3600 + 1800):
        wall = datetime.fromtimestamp(t, slow.zone)
        running = [
            (int(a.replace(tzinfo=slow.zone).timestamp()), int(b.replace(tzinfo=slow.zone).timestamp()))
            for n in (1, 0)
            for a, b in slow.shifts(wall.date() - timedelta(days=n))
        ]
        expected = max(((a, b) for a, b in running if a <= t < b), default=None)
        assert hours.shift_at(t) == expected, wall


# --- each question by example ---


def test_opens_is_now_while_open_and_else_the_next_opening() -> None:
    hours = OpeningHours(HoursSpec(OFFICE))
    assert hours.opens(at(f"{MONDAY} 10:00")) == at(f"{MONDAY} 10:00")
    assert hours.opens(at("2026-12-23 16:30")) == at("2026-12-28 08:00")
    assert OpeningHours(HoursSpec("off")).opens(at(f"{MONDAY} 10:00")) is None


def test_what_never_changes_lasts_for_ever() -> None:
    assert OpeningHours(HoursSpec("24/7")).at(BEGIN) == (True, FOREVER)
    assert OpeningHours(HoursSpec("off")).at(BEGIN) == (False, FOREVER)


@pytest.mark.parametrize("t", [-(2**62), -(2**40), 2**40, 2**62 - 1])
def test_hours_answer_for_instants_that_no_calendar_reaches(t: int) -> None:
    for rule, is_open in (("24/7", True), ("off", False)):
        hours = OpeningHours(HoursSpec(rule))
        assert hours.at(t) == (is_open, FOREVER)
        assert (hours.opens(t) is None) is not is_open
        assert isinstance(hours.working_day_after(t, 1), date)
    office = OpeningHours(HoursSpec(OFFICE))
    assert office.at(t)[1] > t
    assert office.shift_at(t) is None


def test_an_opening_a_year_ahead_is_foreseen() -> None:
    hours = OpeningHours(HoursSpec("off", exceptions=(DayException("2027-11-01", open=("09:00-12:00",)),)))
    assert hours.at(at(f"{MONDAY} 10:00")) == (False, at("2027-11-01 09:00"))


def test_a_day_begins_at_midnight_or_when_the_last_nights_shift_ends() -> None:
    assert OpeningHours(HoursSpec(OFFICE)).day_start(date(2026, 11, 23)) == at("2026-11-23 00:00")
    assert OpeningHours(HoursSpec("24/7")).day_start(date(2026, 11, 23)) == at("2026-11-23 00:00")
    nights = OpeningHours(HoursSpec("Su-Th 21:00-07:00"))
    assert nights.day_start(date(2026, 11, 23)) == at("2026-11-23 07:00")
    assert nights.day_start(date(2026, 11, 28)) == at("2026-11-28 00:00")  # nobody worked on Friday night
    assert nights.day_start(date(2026, 3, 30)) == at("2026-03-30 07:00")


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-11-20 18:00", "2026-11-23 06:00", 2),  # a weekend
        ("2026-11-23 06:00", "2026-11-24 18:00", 0),
        ("2026-12-23 23:00", "2026-12-28 07:00", 4),  # Christmas
        ("2026-11-21 10:00", "2026-11-21 20:00", 0),  # the day of the start itself is not counted
        ("2026-11-21 10:00", "2026-11-22 20:00", 1),
    ],
)
def test_closed_days_between_are_what_a_limit_of_leave_is_prolonged_by(start: str, end: str, days: int) -> None:
    assert OpeningHours(HoursSpec(OFFICE)).closed_days_between(at(start), at(end)) == days


@pytest.mark.parametrize(
    ("t", "days", "expected"),
    [
        (f"{MONDAY} 10:00", 0, "2026-11-23"),
        (f"{MONDAY} 10:00", 1, "2026-11-24"),
        ("2026-11-27 23:59", 1, "2026-11-30"),
        ("2026-11-28 10:00", 1, "2026-11-30"),
        ("2026-12-23 10:00", 1, "2026-12-28"),
        ("2026-12-23 10:00", 4, "2027-01-04"),
    ],
)
def test_the_nth_working_day_after(t: str, days: int, expected: str) -> None:
    hours = OpeningHours(HoursSpec(OFFICE, red_days=RedDays(bridge_days="00:00")))
    assert hours.working_day_after(at(t), days) == date.fromisoformat(expected)


def test_open_seconds_pass_in_open_hours_only() -> None:
    hours = OpeningHours(HoursSpec(OFFICE))
    friday, later = at("2026-11-20 16:00"), at("2026-12-01 00:00")
    assert hours.open_seconds(friday, later, 1800) == at("2026-11-20 16:30")
    assert hours.open_seconds(friday, later, 1801) == at("2026-11-23 08:00") + 1
    assert hours.open_seconds(friday, friday + 60, 1800) == friday + 60
    assert OpeningHours(HoursSpec("off")).open_seconds(friday, later, 1) == later


def test_coming_exceptions_stand_a_week_ahead_with_the_usual_hours() -> None:
    spec = HoursSpec(OFFICE, exceptions=(DayException("2026-11-26", open=("08:00-12:00",)), DayException("2026-12-09")))
    coming = list(OpeningHours(spec).coming(at(f"{MONDAY} 10:00")))
    usual = ((time(8), time(16, 30)),)
    assert coming == [(date(2026, 11, 26), ((time(8), time(12)),), usual)]
    assert not list(OpeningHours(spec).coming(at("2026-11-18 10:00")))
    assert [c.day.isoformat() for c in OpeningHours(spec).coming(at("2026-11-19 00:00"))] == ["2026-11-26"]


def test_an_exception_of_today_is_coming_until_it_and_the_usual_hours_are_over() -> None:
    spec = HoursSpec(OFFICE, exceptions=(DayException(MONDAY, open=("08:00-12:00",)),))
    hours = OpeningHours(spec)
    assert [len(list(hours.coming(at(f"{MONDAY} {t}")))) for t in ("07:00", "13:00", "16:29", "16:30")] == [1, 1, 1, 0]


def test_a_holiday_is_a_coming_exception_and_a_closed_weekend_is_not() -> None:
    hours = OpeningHours(HoursSpec(OFFICE))
    assert [c.day.isoformat() for c in hours.coming(at("2026-12-21 10:00"))] == ["2026-12-24", "2026-12-25"]


def test_a_special_opening_on_a_closed_day_is_coming() -> None:
    spec = HoursSpec(OFFICE, exceptions=(DayException("2026-11-28", open=("10:00-14:00",)),))
    assert [(c.day.day, len(c.open), len(c.usual)) for c in OpeningHours(spec).coming(at(f"{MONDAY} 10:00"))] == [(28, 1, 0)]


def test_a_time_that_the_clocks_leave_out_is_read_with_the_offset_before() -> None:
    hours = OpeningHours(HoursSpec(OFFICE))
    assert hours.instant(date(2026, 3, 29), time(2, 30)) == at("2026-03-29 03:30")


def test_a_time_that_comes_twice_is_its_first() -> None:
    hours = OpeningHours(HoursSpec("Su 02:00-02:30"))
    first = int(datetime(2026, 10, 25, 2, 0, tzinfo=ZONE, fold=0).timestamp())
    assert hours.at(first) == (True, first + 1800)
    assert hours.at(first + 3600)[0] is False


@pytest.mark.parametrize(
    "rule", ["Mo-Fr 8-16 uhr", "Mån-Fre 08:00-16:30", "Mo-Fr 08:00-16:30, PH off", "Mo 25:00-99:00", "PH maybe"]
)
def test_what_is_not_in_the_grammar_is_refused(rule: str) -> None:
    with pytest.raises(BadHours):
        OpeningHours(HoursSpec(rule))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("Mo-Fr 08:00-16:00; PH off", ()),
        ("PH off; Mo-Fr 08:00-16:00", ()),
        ("Mo-Fr,PH 08:00-16:00", ((time(8), time(16)),)),
        ("Mo-Fr 08:00-16:00; PH,Su 10:00-12:00", ((time(10), time(12)),)),
        ("Mo-Fr 08:00-16:00; PH Mo-Fr 10:00-12:00", ((time(10), time(12)),)),  # a holiday that falls on a weekday
        ('Mo-Fr 08:00-16:00 "not on PH; see notice"', ((time(8), time(16)),)),
        ("Mo-Fr 08:00-16:00", ((time(8), time(16)),)),
    ],
)
def test_what_a_rule_says_of_holidays(rule: str, expected: tuple[tuple[time, time], ...]) -> None:
    hours = OpeningHours(HoursSpec(rule))
    assert hours.day_spans(date(2026, 1, 6)) == expected  # Epiphany, a Tuesday
    if rule.startswith("Mo-Fr 08"):
        assert hours.day_spans(date(2026, 1, 13)) == ((time(8), time(16)),)


def test_an_exception_that_is_no_span_of_time_is_refused() -> None:
    with pytest.raises(BadHours, match="08:00-12:00"):
        OpeningHours(HoursSpec(OFFICE, exceptions=(DayException(MONDAY, open=("8-12",)),)))
