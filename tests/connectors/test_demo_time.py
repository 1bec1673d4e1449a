"""When the demonstration is alive: on any day, at any hour, the same in every process."""

import subprocess
import sys
from collections import Counter
from datetime import date, timedelta

import msgspec
import pytest

from connectors.demonstration import World, world
from connectors.demonstration.diary import window
from connectors.demonstration.shifts import duty, midnight
from presence.domain.intervals import DOUBT, FOREVER, Intervals, Status
from presence.ports import Person
from tests.connectors.demo_board import Stage, instant

MONDAY = instant("2026-11-23 00:00")
TUESDAY = instant("2026-11-24 10:00")
HOUR, DAY = 3600, 86_400
DATES = [date(2024, 1, 1) + timedelta(days=37 * n) for n in range(88)]  # to the end of 2032
DATES += [date(2024, 2, 29), date(2026, 3, 29), date(2026, 10, 25), date(2026, 12, 31), date(2027, 1, 1), date(2032, 12, 31)]


@pytest.fixture(scope="module")
def municipality() -> World:
    return world(1)


DIGEST = """
import hashlib, msgspec
from connectors.demonstration import World
from connectors.demonstration.waiting import waiting
made, now = World(1), {now}
said = [made.people(now), made.units, made.leaves(now), made.live().snapshot(now), waiting(1, now)]
said += [(p.alias, p.failed, p.calendar and [*p.calendar.intervals.spans()].__repr__()) for p in made.calendars(now)[::9]]
print(hashlib.sha256(msgspec.msgpack.encode(said)).hexdigest())
"""


def test_the_same_instant_gives_the_same_world_in_every_process() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST.format(now=TUESDAY)],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64


def test_the_order_in_which_instants_are_asked_for_does_not_matter() -> None:
    straight, crooked = World(1), World(1)
    for offset in (40 * DAY, -3 * DAY, HOUR):
        crooked.live().snapshot(TUESDAY + offset)
        crooked.calendars(TUESDAY + offset)
    assert straight.live().snapshot(TUESDAY) == crooked.live().snapshot(TUESDAY)
    assert straight.calendars(TUESDAY) == crooked.calendars(TUESDAY)


# --- shares ---


@pytest.mark.slow
def test_every_hour_of_a_week_looks_like_that_hour(municipality: World) -> None:
    """Every seventh member (turns come round in sixes and eights), hour by hour from Monday to Sunday."""
    stage = Stage(MONDAY, municipality.members[::7])
    for hour in range(7 * 24):
        found = stage.look(MONDAY + hour * HOUR + 600)
        shares = Counter({status: count / found.total() for status, count in found.items()})
        weekday, clock = divmod(hour, 24)
        at = f"day {weekday}, {clock}:10: {dict(shares)}"
        if weekday < 5 and 8 <= clock < 16:
            assert shares[Status.AVAILABLE] + shares[Status.BUSY] > 0.6, at
            assert shares[Status.AVAILABLE] > 0.35, at
            assert shares[Status.AWAY] < 0.25, at
            assert shares[Status.UNKNOWN] < 0.15, at
            assert clock < 9 or shares[Status.BUSY] > 0.04, at
        elif weekday >= 5 or clock < 6 or clock >= 18:
            assert shares[Status.CLOSED] > 0.6, at
            assert shares[Status.AVAILABLE] > 0, at  # somebody is always at work in the units that never close
        assert shares[Status.UNKNOWN] < 0.2, at


@pytest.mark.parametrize("day", ["2026-12-24", "2026-06-19", "2027-01-01", "2026-05-01"])
def test_on_red_days_the_offices_are_closed_and_care_is_not(day: str, municipality: World) -> None:
    now = instant(f"{day} 10:00")
    found = Stage(now, municipality.members[::7]).look(now)
    assert found[Status.CLOSED] > 0.6 * found.total()
    assert found[Status.AVAILABLE] > 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_units_that_never_close_have_somebody_on_duty_at_every_hour(seed: int) -> None:
    made = World(seed)
    units = {member.unit.path for member in made.members if member.unit.hours == "24/7"}
    assert len(units) >= 5
    for unit in units:
        turns = {(m.schedule, m.unit.hours) for m in made.members if m.unit.path == unit}
        for hour in range(14 * 24):
            t = MONDAY + hour * HOUR + 60
            days = (date(2026, 11, 22) + timedelta(days=hour // 24 + back) for back in (0, 1))
            spans = [span for day in days for schedule, hours in turns if (span := duty(hours, schedule, day))]
            assert any(span.start <= t < span.end for span in spans), (unit, hour)


def test_the_cast_shows_what_it_is_there_to_show(municipality: World) -> None:
    cast = [member for member in municipality.members if member.cast]
    stage = Stage(TUESDAY, cast)
    assert stage.status("Gösta Ångström", TUESDAY) is Status.UNKNOWN  # the calendar cannot be read
    assert stage.status("Märta Öst", TUESDAY) is Status.UNKNOWN  # no source knows her
    assert stage.status("Abdi Warsame", instant("2026-11-24 23:00")) is Status.AVAILABLE  # works at night
    assert stage.status("Abdi Warsame", TUESDAY) is Status.CLOSED
    assert stage.status("Siobhán O'Brien", instant("2026-11-27 10:00")) is Status.AWAY  # not on Fridays
    fridays = [stage.status("Sara Öhman", instant(day) + 10 * HOUR) for day in ("2026-11-20", "2026-11-27")]
    assert fridays.count(Status.AWAY) == 1  # every other week


# --- leave ---


@pytest.mark.parametrize("day", DATES, ids=str)
def test_on_any_day_41_are_away_three_of_them_with_no_end(day: date, municipality: World) -> None:
    figures = municipality.figures(midnight(day) + 12 * HOUR)
    assert (figures.away_today, figures.until_further_notice) == (41, 3)


def _covers(member: Person, day: date) -> bool:
    noon = midnight(day) + 12 * HOUR
    for absence in member.absences.values():
        assert absence
        if absence.extent < 1 or absence.employment:
            continue
        dated = absence.first and absence.first <= day.isoformat() <= (absence.last or "9999")
        if dated or (not absence.first and absence.start <= noon < absence.end):
            return True
    return False


def test_what_leave_tells_is_who_is_away(municipality: World) -> None:
    for day in DATES[::8]:
        told = municipality.leaves(midnight(day) + 9 * HOUR)
        assert sum(_covers(person, day) for person in told) == 41
        later = day + timedelta(days=20)
        assert sum(_covers(person, later) for person in told) >= 38  # long leaves may go to others by then


def test_leave_is_of_every_shape(municipality: World) -> None:
    rows = [absence for person in municipality.leaves(TUESDAY) for absence in person.absences.values() if absence]
    assert sum(row.extent < 1 for row in rows) == 8
    assert sum(bool(row.employment) for row in rows) == 1
    assert any(row.first and not row.last for row in rows)
    assert any(not row.first and row.end < FOREVER for row in rows)
    assert len({(row.first, row.last) for row in rows}) > 50


def test_a_day_later_few_rows_of_leave_have_changed(municipality: World) -> None:
    """So that a complete batch is never held back for removing too many."""
    for offset in range(0, 300, 7):
        before, after = (_rows(municipality.leaves(TUESDAY + (offset + later) * DAY)) for later in (0, 1))
        assert len(before - after) <= 20


def _rows(people: list[Person]) -> set[tuple[str, str]]:
    return {(person.alias, uid) for person in people for uid in person.absences}


# --- calendars ---


def test_some_85_of_100_have_a_calendar_and_one_fails(municipality: World) -> None:
    people = municipality.calendars(TUESDAY)
    assert 0.82 < len(people) / 1200 < 0.88
    assert sum(bool(person.failed) for person in people) == 1
    assert all(person.calendar is not None for person in people if not person.failed)


@pytest.mark.parametrize("day", DATES, ids=str)
def test_calendars_reach_three_weeks_ahead_on_any_day(day: date, municipality: World) -> None:
    now = midnight(day) + 12 * HOUR
    monday = window(now)
    for member in municipality.members[:: len(municipality.members) // 40]:
        events = municipality.diary.planned(member, monday)
        assert all(midnight(monday) <= e.start < e.end for e in events)
    person = municipality._calendar(municipality.members[40], monday)
    assert person.calendar
    assert person.calendar.intervals.doubt_from() - now > 20 * DAY


def test_past_its_window_a_calendar_is_doubt(municipality: World) -> None:
    for person in municipality.calendars(TUESDAY)[:50]:
        if person.calendar:
            assert person.calendar.intervals.at(TUESDAY + 60 * DAY).opinion is DOUBT


def test_calendars_stay_the_same_all_week(municipality: World) -> None:
    assert municipality.calendars(MONDAY) == municipality.calendars(MONDAY + 7 * DAY - 1)
    assert municipality.calendars(MONDAY) != municipality.calendars(MONDAY + 7 * DAY)


def test_meetings_come_again_every_other_week_for_the_same_unit(municipality: World) -> None:
    [anna] = [m for m in municipality.members if m.name.full == "Anna Åström"]
    colleagues = [m for m in municipality.members if m.unit is anna.unit]
    in_both = Counter(
        event for m in colleagues for event in municipality.diary.planned(m, date(2026, 11, 23)) if event.opinion is Status.BUSY
    )
    assert in_both.most_common(1)[0][1] >= len(colleagues) // 2


# --- what is said, and no more ---


def _said(struct: msgspec.Struct) -> set[str]:
    """The fields that hold anything."""
    fields = msgspec.structs.fields(struct)
    return {f.name for f in fields if f.required or getattr(struct, f.name) != f.default}


def test_sources_of_time_tell_statuses_and_times_only(municipality: World) -> None:
    """No name, no title, no place, no reason: there is none to tell."""
    allowed = {"alias", "calendar", "absences", "presence", "failed", "future_events"}
    calendars, leaves, live = municipality.calendars(TUESDAY), municipality.leaves(TUESDAY), municipality.live().snapshot(TUESDAY)
    for person in (*calendars, *leaves, *live):
        assert _said(person) <= allowed
        if person.calendar:
            assert _said(person.calendar) <= {"intervals"}
            assert isinstance(person.calendar.intervals, Intervals)
        for uid, absence in person.absences.items():
            assert uid.rpartition("-")[2].isdigit()
            assert absence
            assert _said(absence) <= {"start", "end", "first", "last", "extent", "employment", "share"}
        for device, report in person.presence.items():
            assert device in ("client", "phone")
            assert report
            assert _said(report) == {"status", "start", "end"}
