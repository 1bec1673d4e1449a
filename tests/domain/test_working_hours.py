"""Personal hours of every kind: alternate weeks, terms, half time, two sites, several employments; tables made by hand."""

from datetime import date, timedelta

import pytest

from presence.domain.facts import Absence, Calendar, ContactRecord, Pattern, Schedule
from presence.domain.hours import BadHours, HoursSpec, OpeningHours
from presence.domain.intervals import FOREVER, Intervals, Status
from presence.domain.rules import SourceRule

from .town import MONDAY, SOURCES, Town, at

ROTA = {**SOURCES, "rota": SourceRule("schedule", 24 * 3600)}


def town(*patterns: Pattern, first: str = "", **person: str) -> Town:
    """Anna, of whom the source "rota" says these patterns."""
    made = Town(sources=ROTA)
    made.person(**person)
    made.say(Schedule(patterns, first), "rota")
    return made


def days_at_work(made: Town, first: str, last: str, clock: str = "10:00") -> str:
    """The days from first to last on which she is available at a time."""
    day, found = date.fromisoformat(first), []
    while day <= date.fromisoformat(last):
        if made.status(f"{day} {clock}") is Status.AVAILABLE:
            found.append(f"{day:%m-%d}")
        day += timedelta(days=1)
    return " ".join(found)


# --- the grammar, days written down by hand from a wall calendar ---

ODD, EVEN = "week 1-53/2", "week 2-52/2"
TABLE = {
    "odd weeks, over a year with 53: two in a row": (
        f"{ODD} Mo,Th 08:00-12:00",
        "2026-12-07",
        "2027-01-31",
        "12-14 12-17 12-28 12-31 01-04 01-07 01-18 01-21",
    ),
    "even weeks, over a year with 53": (
        f"{EVEN} Mo,Th 08:00-12:00",
        "2026-12-07",
        "2027-01-31",
        "12-07 12-10 12-21 12-24 01-11 01-14 01-25 01-28",
    ),
    "odd weeks, where the new week 1 begins in the old year": (
        f"{ODD} Mo-We 08:00-12:00",
        "2024-12-16",
        "2025-01-12",
        "12-16 12-17 12-18 12-30 12-31 01-01",
    ),
    "one week": ("week 53 Mo-Su 08:00-12:00", "2026-12-21", "2027-01-10", "12-28 12-29 12-30 12-31 01-01 01-02 01-03"),
    "all but one week": ("Mo 08:00-12:00; week 9 off", "2026-02-16", "2026-03-08", "02-16 03-02"),
    "long weeks and short ones": (
        f"{ODD} Mo-Fr 08:00-17:00; {EVEN} We 09:00-12:00",
        "2026-11-23",
        "2026-12-06",
        "11-25 11-30 12-01 12-02 12-03 12-04",
    ),
    "terms": (
        "2026 Aug 17-2026 Dec 18 Fr 08:00-12:00; 2027 Jan 11-2027 Jun 11 Fr 08:00-12:00",
        "2026-12-05",
        "2027-01-25",
        "12-11 12-18 01-15 01-22",
    ),
    "terms of every year, over new year": ("Aug 17-Jun 12 Fr 08:00-12:00", "2026-05-30", "2026-08-29", "06-05 06-12 08-21 08-28"),
    "all but Christmas": ("Mo-Fr 08:00-12:00; Dec 20-Jan 06 off", "2026-12-17", "2027-01-08", "12-17 12-18 01-07 01-08"),
    "the first Monday and the last Thursday": (
        "Mo[1] 08:00-12:00; Th[-1] 08:00-12:00",
        "2026-11-01",
        "2026-12-01",
        "11-02 11-26",
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_days_of_a_rule_are_those_of_the_wall_calendar(name: str) -> None:
    rule, first, last, expected = TABLE[name]
    hours, day, found = OpeningHours(HoursSpec(rule)), date.fromisoformat(first), []
    while day <= date.fromisoformat(last):
        found += [f"{day:%m-%d}"] if hours.day_spans(day) else []
        day += timedelta(days=1)
    assert " ".join(found) == expected


@pytest.mark.parametrize(
    ("sunday", "begins", "ends", "hours"),
    [("2026-03-29", "03-28 21:00", "03-29 07:00", 9), ("2026-10-25", "10-24 21:00", "10-25 07:00", 11)],
)
def test_a_night_shift_in_odd_weeks_goes_by_the_wall_over_a_change_of_clocks(
    sunday: str, begins: str, ends: str, hours: int
) -> None:
    night = OpeningHours(HoursSpec(f"{ODD} Sa 21:00-07:00"))
    shift = night.shift_at(at(f"{sunday} 06:00"))
    assert shift == (at(f"2026-{begins}"), at(f"2026-{ends}"))
    assert shift.end - shift.start == hours * 3600


NIGHTS = {
    "each night in a part of its own": "Fr 21:00-07:00; Sa 21:00-07:00; Su 21:00-07:00",
    "a day off after the last night": "Fr-Su 21:00-07:00; Mo-Th off",
    "days and nights": "Mo-Th 08:00-16:00; Fr-Su 21:00-07:00",
    "in odd weeks, and in even ones": f"{ODD} Fr-Su 21:00-07:00; {EVEN} Fr-Su 21:00-07:00",
    "with a comment": 'Fr-Sa 21:00-07:00 "jour; natt"; Su 21:00-07:00',
}


@pytest.mark.parametrize("name", NIGHTS)
def test_a_night_shift_is_worked_to_its_end_whatever_another_part_says_of_the_day_after(name: str) -> None:
    """The grammar's library has a later part replace the whole day, with the rest of the night before in it."""
    hours = OpeningHours(HoursSpec(NIGHTS[name]))
    for day in (27, 28, 29):
        assert hours.shift_at(at(f"2026-11-{day} 23:00")) == (at(f"2026-11-{day} 21:00"), at(f"2026-11-{day} 07:00") + 86_400)
        assert hours.at(at(f"2026-11-{day} 06:00") + 86_400) == (True, at(f"2026-11-{day} 07:00") + 86_400)


def test_of_parts_with_nights_the_last_that_speaks_of_a_day_decides() -> None:
    hours = OpeningHours(HoursSpec("Mo-Su 21:00-07:00; Sa off; Su 22:00-06:00"))
    assert [len(hours.day_spans(date(2026, 11, day))) for day in (27, 28, 29)] == [1, 0, 1]
    assert hours.shift_at(at("2026-11-28 06:00")) == (at("2026-11-27 21:00"), at("2026-11-28 07:00"))
    assert hours.shift_at(at("2026-11-29 23:00")) == (at("2026-11-29 22:00"), at("2026-11-30 06:00"))


@pytest.mark.parametrize("rule", ["Mo-Fr 08:00-16:00; SH off", "SH 10:00-12:00", "Mo-Fr sunrise-sunset"])
def test_what_depends_on_a_place_or_on_school_holidays_is_refused(rule: str) -> None:
    """They would be read as never, and as seven to nineteen: somebody would be shown as there who is not."""
    with pytest.raises(BadHours):
        OpeningHours(HoursSpec(rule))


def test_a_comment_may_hold_any_word() -> None:
    assert OpeningHours(HoursSpec('Mo 08:00-12:00 "not SH"')).day_spans(date(2026, 11, 23))


# --- patterns ---


def test_patterns_of_two_sites_add_up() -> None:
    made = town(Pattern("Mo-Tu 08:00-16:30"), Pattern("We 10:00-12:00"), Pattern("We 13:00-15:00"))
    assert days_at_work(made, "2026-11-23", "2026-11-27") == "11-23 11-24 11-25"
    assert made.until("2026-11-25 12:30") == "2026-11-25 13:00"


def test_a_pattern_holds_on_its_days_both_included() -> None:
    made = town(Pattern("Mo-Fr 08:00-16:30", "2026-11-24", "2026-11-26"))
    assert days_at_work(made, "2026-11-23", "2026-11-27") == "11-24 11-25 11-26"


def test_one_pattern_follows_another() -> None:
    made = town(Pattern("Mo-Fr 08:00-16:30", "", "2026-12-31"), Pattern("Mo-We 08:00-16:30", "2027-01-01"))
    assert days_at_work(made, "2026-12-28", "2027-01-08") == "12-28 12-29 12-30 01-04 01-05"


def test_a_shift_of_the_last_day_is_worked_to_its_end() -> None:
    made = town(Pattern("Mo-Su 21:00-07:00", "", "2026-11-24"), hours="24/7")
    assert made.status("2026-11-25 06:00") is Status.AVAILABLE
    assert made.status("2026-11-25 22:00") is Status.AWAY


def test_after_the_last_pattern_she_is_not_at_work() -> None:
    made = town(Pattern("Mo-Fr 08:00-16:30", "2026-08-17", "2026-11-20"))
    assert made.status(f"{MONDAY} 10:00") is Status.AWAY
    assert town().status(f"{MONDAY} 10:00") is Status.AWAY


def test_before_a_schedule_begins_the_published_hours_are_hers() -> None:
    made = town(Pattern("Mo 08:00-16:30", "2027-01-01"), first="2027-01-01")
    assert days_at_work(made, "2026-12-28", "2027-01-08") == "12-28 12-29 12-30 01-04"


def test_before_a_schedule_begins_partial_leave_is_doubt_and_after_it_is_not() -> None:
    made = town(Pattern("Mo-Fr 08:00-12:00", "2026-11-25"), first="2026-11-25")
    made.say(Absence(first="2026-11-23", extent=0.5), "hr", "1")
    assert made.status("2026-11-24 10:00") is Status.UNKNOWN
    assert made.status("2026-11-25 10:00") is Status.AVAILABLE
    assert made.status("2026-11-25 13:00") is Status.AWAY


# --- origins ---


def test_the_source_that_is_configured_first_decides_whole() -> None:
    """As with any other field; here the directory stands before the rota."""
    made = town(Pattern("Mo 08:00-16:30"), schedule="Tu 08:00-16:30")
    assert days_at_work(made, "2026-11-23", "2026-11-27") == "11-24"
    made = Town(sources={"rota": ROTA["rota"], **SOURCES})
    made.person(schedule="Tu 08:00-16:30")
    made.say(Schedule((Pattern("Mo 08:00-16:30"),)), "rota")
    assert days_at_work(made, "2026-11-23", "2026-11-27") == "11-23"


def test_before_the_first_source_begins_the_next_one_decides() -> None:
    made = Town(sources={"rota": ROTA["rota"], **SOURCES})
    made.person(schedule="Tu 08:00-16:30")
    made.say(Schedule((Pattern("Mo 08:00-16:30"),), "2026-11-30"), "rota")
    assert days_at_work(made, "2026-11-23", "2026-12-06") == "11-24 11-30"


def test_working_hours_that_could_not_be_read_make_nobody_available() -> None:
    made = town()
    made.say(Schedule(unread=True), "rota")
    assert made.status(f"{MONDAY} 10:00") is Status.UNKNOWN
    made.say(Schedule((Pattern("nonsense"),)), "rota")
    assert made.status(f"{MONDAY} 10:00") is Status.UNKNOWN


def test_a_schedule_reads_as_any_leave_and_outside_published_hours_as_closed() -> None:
    made = town(Pattern("Mo 08:00-12:00"))
    assert [made.status(f"{MONDAY} {clock}") for clock in ("07:00", "10:00", "13:00", "17:00")] == [
        Status.CLOSED,
        Status.AVAILABLE,
        Status.AWAY,
        Status.CLOSED,
    ]


# --- employments ---


def two_posts() -> Town:
    """Mornings at one post, afternoons at the other; Wednesdays at both."""
    a = Pattern("Mo-Fr 08:00-12:00", employment="a")
    return town(a, Pattern("Mo-Tu,Th-Fr 12:00-16:30; We 10:00-16:30", employment="b"))


def test_leave_of_one_employment_is_away_in_its_hours_only() -> None:
    made = two_posts()
    made.say(Absence(first="2026-11-23", last="2026-11-25", employment="a"), "hr", "1")
    assert made.status("2026-11-23 10:00") is Status.AWAY
    assert made.until("2026-11-23 10:00") == "2026-11-23 12:00"
    assert made.status("2026-11-23 13:00") is Status.AVAILABLE
    assert made.status("2026-11-25 09:00") is Status.AWAY
    assert made.status("2026-11-25 11:00") is Status.AVAILABLE, "she is at the other post"
    assert made.status("2026-11-26 10:00") is Status.AVAILABLE


def test_leave_of_both_employments_is_away() -> None:
    made = two_posts()
    for name in "ab":
        made.say(Absence(first="2026-11-23", last="2026-11-23", employment=name), "hr", name)
    assert [made.status(f"{MONDAY} {clock}") for clock in ("09:00", "14:00")] == [Status.AWAY, Status.AWAY]
    assert made.until("2026-11-23 10:00") == "2026-11-24 08:00"


def test_part_of_one_employment_with_hours_of_its_own_is_no_doubt() -> None:
    """Its hours say when she works."""
    made = two_posts()
    made.say(Absence(first="2026-11-23", last="2026-11-25", employment="a", extent=0.5), "hr", "1")
    assert made.status("2026-11-23 10:00") is Status.AVAILABLE


def test_two_halves_of_one_employment_are_all_of_it() -> None:
    made = two_posts()
    for name in "12":
        made.say(Absence(first="2026-11-23", last="2026-11-23", employment="a", extent=0.5), "hr", name)
    assert made.status("2026-11-23 10:00") is Status.AWAY
    assert made.status("2026-11-23 13:00") is Status.AVAILABLE


def test_half_of_everything_and_half_of_one_employment_are_all_of_that_one() -> None:
    made = two_posts()
    made.say(Absence(first="2026-11-23", last="2026-11-23", extent=0.5), "hr", "1")
    made.say(Absence(first="2026-11-23", last="2026-11-23", extent=0.5, employment="a"), "hr", "2")
    assert made.status("2026-11-23 10:00") is Status.AWAY
    assert made.status("2026-11-23 13:00") is Status.AVAILABLE


def test_leave_of_an_employment_whose_hours_nobody_knows_is_doubt() -> None:
    made = two_posts()
    made.say(Absence(first="2026-11-23", last="2026-11-23", employment="c", share=0.2), "hr", "1")
    assert made.status("2026-11-23 10:00") is Status.UNKNOWN


@pytest.mark.parametrize("extent", [0.5, 1.0])
def test_leave_of_one_employment_is_doubt_under_a_schedule_that_does_not_tell_them_apart(extent: float) -> None:
    made = town(Pattern("Mo-Fr 08:00-16:30"))
    made.say(Absence(first="2026-11-23", last="2026-11-23", employment="a", share=0.5, extent=extent), "hr", "1")
    assert made.status("2026-11-23 10:00") is Status.UNKNOWN
    assert made.status("2026-11-24 10:00") is Status.AVAILABLE


def test_a_part_of_the_only_employment_is_no_doubt_under_a_schedule() -> None:
    """The schedule says when."""
    made = town(Pattern("Mo-Fr 08:00-12:00"))
    made.say(Absence(first="2026-11-23", last="2026-11-23", employment="a", share=1.0, extent=0.5), "hr", "1")
    assert made.status("2026-11-23 10:00") is Status.AVAILABLE


def test_dated_leave_of_an_employment_covers_the_shifts_of_that_employment() -> None:
    nights = Pattern("Mo-Fr 21:00-07:00", employment="n")
    made = town(nights, Pattern("Mo-Fr 10:00-14:00", employment="d"), hours="24/7")
    made.say(Absence(first="2026-11-24", last="2026-11-24", employment="n"), "hr", "1")
    assert made.status("2026-11-24 06:00") is Status.AVAILABLE, "the shift of Monday"
    assert made.status("2026-11-24 12:00") is Status.AVAILABLE, "the other employment"
    assert made.status("2026-11-24 23:00") is Status.AWAY
    assert made.status("2026-11-25 06:00") is Status.AWAY
    assert made.status("2026-11-25 23:00") is Status.AVAILABLE


# --- a calendar's working hours (VAVAILABILITY) ---


def working(*spans: tuple[str, str], until: str = "2026-12-31 00:00") -> Calendar:
    """A calendar with these hours of work, and off between them."""
    edges = [at("2026-11-20 00:00"), *(at(t) for span in spans for t in span), at(until)]
    off = [(edges[i], edges[i + 1], Status.AWAY) for i in range(0, len(edges), 2)]
    works = [(at(a), at(b), Status.AVAILABLE) for a, b in spans]
    return Calendar(Intervals.of(off), hours=Intervals.of([*works, *off]))


def test_working_hours_in_a_calendar_say_when_a_part_is_worked() -> None:
    made = Town()
    made.say(working((f"{MONDAY} 08:00", f"{MONDAY} 12:00"), until="2026-11-24 00:00"), "calendars")
    made.say(Absence(first=MONDAY, extent=0.5), "hr", "1")
    assert made.status(f"{MONDAY} 10:00") is Status.AVAILABLE
    assert made.status(f"{MONDAY} 14:00") is Status.AWAY
    assert made.status("2026-11-24 10:00") is Status.UNKNOWN, "there the calendar tells no hours"


def test_leave_of_one_employment_is_doubt_under_a_calendars_hours_that_do_not_tell_them_apart() -> None:
    made = Town()
    made.say(working((f"{MONDAY} 08:00", f"{MONDAY} 12:00"), until="2026-11-24 00:00"), "calendars")
    made.say(Absence(first=MONDAY, last=MONDAY, employment="a", share=0.5), "hr", "1")
    assert made.status(f"{MONDAY} 10:00") is Status.UNKNOWN


def test_dated_leave_covers_the_night_shift_of_a_calendar_whole() -> None:
    made = Town(hours=HoursSpec("24/7"))
    nights = [(f"2026-11-{d} 21:00", f"2026-11-{d + 1} 07:00") for d in (23, 24, 25)]
    made.say(working(*nights), "calendars")
    made.say(Absence(first="2026-11-24", last="2026-11-24"), "hr", "1")
    assert made.status("2026-11-24 06:00") is Status.AVAILABLE
    assert made.status("2026-11-24 22:00") is Status.AWAY
    assert made.status("2026-11-25 06:00") is Status.AWAY
    assert made.status("2026-11-25 22:00") is Status.AVAILABLE


def test_leave_does_not_wait_for_the_end_of_work_without_a_pause() -> None:
    made = Town(hours=HoursSpec("24/7"))
    made.say(Calendar(hours=Intervals.of([(0, FOREVER, Status.AVAILABLE)])), "calendars")
    made.say(Absence(first=MONDAY, last=MONDAY), "hr", "1")
    assert made.status(f"{MONDAY} 10:00") is Status.AWAY


def test_a_schedule_and_a_calendar_that_tells_hours_are_both_asked() -> None:
    made = town(Pattern("Mo-Fr 08:00-16:30"))
    made.say(working((f"{MONDAY} 08:00", f"{MONDAY} 12:00")), "calendars")
    assert made.status(f"{MONDAY} 10:00") is Status.AVAILABLE
    assert made.status(f"{MONDAY} 14:00") is Status.AWAY


def test_a_directorys_record_alone_is_as_before() -> None:
    made = Town()
    made.apply("contact", "anna", "directory", body=ContactRecord(name="Anna", schedule="Mo 08:00-12:00"))
    assert days_at_work(made, "2026-11-23", "2026-11-27") == "11-23"
