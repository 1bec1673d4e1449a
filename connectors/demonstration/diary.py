"""Calendars: meetings, lunches, lessons, journeys and courses, on any day. Only when, and whether busy or away."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from connectors.demonstration.dice import Dice
from connectors.demonstration.shifts import DAY, day_of, is_red, midnight
from connectors.demonstration.staff import Member
from presence.domain.facts import Calendar
from presence.domain.intervals import DOUBT, FOREVER, Instant, Intervals, Opinion, Status

WINDOW = 28  # days that a calendar is expanded for, from Monday of the week; so it changes once a week
_MEETINGS = (0, 1, 1, 2, 2, 3)
_LENGTHS = (30, 30, 45, 60, 60, 90)  # minutes


class Event(NamedTuple):
    start: Instant
    end: Instant
    opinion: Opinion


def window(now: Instant) -> date:
    """The Monday on which the window begins that holds at `now`."""
    today = day_of(now)
    return today - today.weekday() * DAY


def expanded(events: Iterable[Event], monday: date) -> Calendar:
    """Those of a window as a calendar; past its end is doubt."""
    return Calendar(Intervals.of([*events, (midnight(monday + WINDOW * DAY), FOREVER, DOUBT)]))


class Diary:
    """Everybody's events: a function of the seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def planned(self, member: Member, monday: date) -> list[Event]:
        """All events of the window that begins on `monday`."""
        return [event for offset in range(WINDOW) for event in self.events(member, monday + offset * DAY)]

    def events(self, member: Member, day: date) -> Iterator[Event]:
        """Those of one day, in no order; they may overlap, as in real calendars."""
        if is_red(day):
            return
        zero = midnight(day)
        dice = Dice(self._seed, "day", member.index, day.toordinal())
        yield from self._unit_meeting(member, day, zero)
        pattern = member.unit.pattern
        if pattern == "school" and not member.is_head:
            yield from _lessons(dice, zero)
        elif pattern == "office" or member.is_head:
            yield from _meetings(dice, zero, dice.pick(_MEETINGS))
            yield from self._lunch(member, dice, zero)
            yield from self._away(member, dice, day, zero)
        elif pattern == "field" and dice.chance(0.25):
            yield from _meetings(dice, zero, 1)

    def _unit_meeting(self, member: Member, day: date, zero: Instant) -> Iterator[Event]:
        """Weekly, half of the unit each week, so that somebody is always there."""
        dice = Dice(self._seed, "unit", member.unit.path)
        weekday, start = dice.below(5), dice.between(17, 29) * 1800  # 08:30 to 14:30
        if day.weekday() == weekday and (member.index + day.isocalendar().week) % 2:
            yield Event(zero + start, zero + start + 3600, Status.BUSY)

    def _lunch(self, member: Member, dice: Dice, zero: Instant) -> Iterator[Event]:
        if Dice(self._seed, "lunch", member.index).chance(0.6):
            start = zero + 11 * 3600 + dice.between(2, 7) * 900
            yield Event(start, start + 2700, Status.BUSY)

    def _away(self, member: Member, dice: Dice, day: date, zero: Instant) -> Iterator[Event]:
        if dice.chance(0.03):
            start = zero + dice.between(8, 13) * 3600
            yield Event(start, start + dice.between(2, 4) * 3600, Status.AWAY)
        week = Dice(self._seed, "course", member.index, (day - day.weekday() * DAY).toordinal())
        if week.chance(0.03):
            first, days = week.below(5), week.between(1, 2)
            if first <= day.weekday() < first + days:
                yield Event(zero, midnight(day + DAY), Status.AWAY)


def _meetings(dice: Dice, zero: Instant, count: int) -> Iterator[Event]:
    for _ in range(count):
        start = zero + dice.between(16, 31) * 1800  # 08:00 to 15:30
        yield Event(start, start + dice.pick(_LENGTHS) * 60, Status.BUSY)


def _lessons(dice: Dice, zero: Instant) -> Iterator[Event]:
    for start in (500, 580, 650, 760, 840):  # minutes from midnight
        if dice.chance(0.7):
            yield Event(zero + start * 60, zero + (start + 60) * 60, Status.BUSY)
