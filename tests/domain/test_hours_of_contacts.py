"""Hours at their levels, red days, private schedules, channels."""

import pytest

from presence.domain.facts import ChannelRecord, DayException, Override
from presence.domain.hours import HoursSpec
from presence.domain.intervals import Status
from presence.domain.red_days import RedDays
from presence.domain.referral import Enquiry

from .town import MONDAY, OFFICE, Town, at


def test_the_organisations_hours_hold_for_whoever_has_none_nearer() -> None:
    town = Town()
    assert town.day() == "CCCCAAAAAAAAAAAAAAAAACCCCCCC"


def test_the_nearest_level_that_has_hours_decides() -> None:
    town = Town(hours=HoursSpec("Mo-Fr 08:00-16:00"))
    town.unit("skola", hours="Mo-Fr 07:00-15:00")
    town.unit("kansli", parent="skola")
    assert town.day() == "CCAAAAAAAAAAAAAAAACCCCCCCCCC"
    town.unit("kansli", parent="skola", hours="Mo-Fr 09:00-17:00")
    assert town.day() == "CCCCCCAAAAAAAAAAAAAAAACCCCCC"
    town.person(hours="Mo-Fr 10:00-18:00")
    assert town.day() == "CCCCCCCCAAAAAAAAAAAAAAAACCCC"


def test_a_night_shift_is_not_closed_by_the_organisation() -> None:
    town = Town()
    town.unit("kansli", hours="Mo-Su 21:00-07:00")
    assert town.status(f"{MONDAY} 02:00") is Status.AVAILABLE
    assert town.status(f"{MONDAY} 10:00") is Status.CLOSED


def test_a_unit_that_never_closes_is_open_on_the_organisations_holidays() -> None:
    town = Town()
    assert town.status("2026-12-25 10:00") is Status.CLOSED
    town.unit("kansli", hours="24/7")
    assert town.status("2026-12-25 10:00") is Status.AVAILABLE
    assert town.status("2026-12-27 03:00") is Status.AVAILABLE


RED = RedDays(half_days="12:00", bridge_days="00:00")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-12-22", "CCCCAAAAAAAAAAAAAAAAACCCCCCC"),
        ("2026-12-23", "CCCCAAAAAAAACCCCCCCCCCCCCCCC"),  # the day before Christmas Eve is half
        ("2026-12-24", "CCCCCCCCCCCCCCCCCCCCCCCCCCCC"),  # the eve is a holiday in fact, not in law
        ("2026-12-25", "CCCCCCCCCCCCCCCCCCCCCCCCCCCC"),
        ("2026-12-31", "CCCCCCCCCCCCCCCCCCCCCCCCCCCC"),
        ("2026-06-19", "CCCCCCCCCCCCCCCCCCCCCCCCCCCC"),  # midsummer's eve
        ("2026-04-02", "CCCCAAAAAAAACCCCCCCCCCCCCCCC"),  # Maundy Thursday
        ("2026-05-15", "CCCCCCCCCCCCCCCCCCCCCCCCCCCC"),  # the Friday after Ascension Day
        ("2026-01-05", "CCCCCCCCCCCCCCCCCCCCCCCCCCCC"),  # Twelfth Night, and between a Sunday and a holiday
    ],
)
def test_eves_half_days_and_bridge_days_are_the_organisations_choice(day: str, expected: str) -> None:
    assert Town(hours=HoursSpec(OFFICE, red_days=RED), red_days=RED).day(day) == expected
    without = Town().day(day)
    closed = day in ("2026-12-24", "2026-12-25", "2026-12-31", "2026-06-19")
    assert without == ("C" * 28 if closed else "CCCCAAAAAAAAAAAAAAAAACCCCCCC")


def test_red_days_hold_only_for_hours_that_speak_of_them() -> None:
    town = Town(red_days=RED)
    town.person(hours="Mo-Fr 08:00-16:30")
    assert town.status("2026-12-25 10:00") is Status.AVAILABLE


def test_of_two_exceptions_for_a_day_the_nearer_counts() -> None:
    spec = HoursSpec(OFFICE, exceptions=(DayException(MONDAY),))
    town = Town(hours=spec)
    assert town.status(f"{MONDAY} 10:00") is Status.CLOSED
    town.unit("kansli", exceptions=(DayException(MONDAY, open=("09:00-12:00",)),))
    assert town.day(first="08:00", last="13:00") == "CCAAAAAACC"
    town.person(exceptions=(DayException(MONDAY, open=("10:00-11:00",)),))
    assert town.day(first="08:00", last="13:00") == "CCCCAACCCC"


def test_outside_published_hours_is_closed_and_inside_them_a_private_schedule_is_away() -> None:
    town = Town()
    town.person(schedule="Mo,We 07:00-12:00,13:00-18:00")
    assert town.day() == "CCCCAAAAAAAAWWAAAAAAACCCCCCC"
    assert town.day("2026-11-24") == "CCCCWWWWWWWWWWWWWWWWWCCCCCCC"


def test_a_private_schedule_reads_as_any_leave() -> None:
    """The same status and the same forecast as a leave over the same time."""
    scheduled, on_leave = Town(), Town()
    scheduled.person(schedule="Mo,We 08:00-16:30")
    on_leave.say(Override("away", at("2026-11-24 08:00"), at("2026-11-24 16:30"), 0), "1")
    for time in ("08:00", "12:00", "16:29"):
        a, b = scheduled.availability(f"2026-11-24 {time}"), on_leave.availability(f"2026-11-24 {time}")
        assert (a.status, a.until) == (b.status, b.until) == ("away", at("2026-11-25 08:00"))


def test_telephone_hours_do_not_close_the_person() -> None:
    town = Town()
    telephone = ChannelRecord("telephone", "+4619211234", hours="Mo-Fr 09:00-11:00")
    town.person(channels=(telephone, ChannelRecord("visit", "Storgatan 1"), ChannelRecord("e-mail", "anna@example.se")))
    expected = {
        "08:30": (False, True, True),
        "09:00": (True, True, True),
        "11:00": (False, True, True),
        "17:00": (False, False, True),
    }
    for time, channels in expected.items():
        enquiry = Enquiry(town.picture, at(f"{MONDAY} {time}"))
        offers = {offer.channel.kind: offer.open for offer in enquiry.offers(town.contact())}
        assert (offers["telephone"], offers["visit"], offers["e-mail"]) == channels, time
        assert enquiry.availability(town.contact()).status == ("closed" if time == "17:00" else "available")


def test_without_hours_at_any_level_nobody_is_closed_and_nothing_assumed() -> None:
    town = Town(hours=None)
    assert set(town.day()) == {"U"}


def test_a_private_schedule_is_hours_enough_to_assume() -> None:
    town = Town(hours=None)
    town.person(schedule="Mo 09:00-12:00")
    assert town.day() == "WWWWWWAAAAAAWWWWWWWWWWWWWWWW"
