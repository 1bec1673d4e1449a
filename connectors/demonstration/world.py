"""The whole demonstration: everything that happens in it is a function of the seed and the instant."""

from datetime import date
from threading import Lock
from typing import NamedTuple

from connectors.demonstration.contacts import contacts
from connectors.demonstration.diary import Diary, expanded, window
from connectors.demonstration.leave import Leave
from connectors.demonstration.live import Live
from connectors.demonstration.shifts import day_of
from connectors.demonstration.staff import Directory, Member, members
from connectors.demonstration.units import organisation, records
from connectors.demonstration.workday import Workdays
from presence.domain.intervals import Instant
from presence.ports import Person, Unit

FAILING = "unreachable"
"""The code under which a calendar cannot be read."""


class Figures(NamedTuple):
    """What there is to see."""

    people: int
    units: int
    contacts: int  # function mailboxes, emergency lines and service points, without the centre
    calendars: int
    live: int  # whose telephone and chat client report
    away_today: int
    until_further_notice: int  # of those away today


class World:
    """One municipality. Use `world`, which remembers it."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._units = organisation()
        self.members: list[Member] = members(seed, self._units)
        directory = Directory(seed, self.members, self._units)
        self._people = [Person(identity=m.identity, record=directory.record(m)) for m in self.members]
        self.units: list[Unit] = records(self._units)
        self.leave = Leave(seed, self.members)
        self.diary = Diary(seed)
        self.workdays = Workdays(seed, self.diary, self.leave)
        self._expanded: tuple[date | None, list[Person]] = (None, [])

    def people(self, now: Instant) -> list[Person]:
        """Persons, functions and service points, as the directory tells of them."""
        return [*self._people, *contacts(self._units, day_of(now))]

    def calendars(self, now: Instant) -> list[Person]:
        """Of everybody who has one, empty ones included; the same all week."""
        monday = window(now)
        if self._expanded[0] != monday:
            self._expanded = monday, [self._calendar(m, monday) for m in self.members if m.calendar != "no"]
        return self._expanded[1]

    def _calendar(self, member: Member, monday: date) -> Person:
        if member.calendar == "failing":
            return Person(alias=member.alias, failed=FAILING)
        events = self.diary.planned(member, monday)
        return Person(alias=member.alias, calendar=expanded(events, monday), future_events=len(events))

    def leaves(self, now: Instant) -> list[Person]:
        """Of everybody who has any, from yesterday to four weeks ahead."""
        rows = self.leave.absences(day_of(now))
        return [Person(alias=f"employee:{self.members[m].employee}", absences=rows[m]) for m in sorted(rows)]

    def live(self) -> Live:
        """A feed of live reports of its own."""
        return Live(self.members, self.workdays)

    def figures(self, now: Instant) -> Figures:
        today = day_of(now)
        return Figures(
            people=len(self.members),
            units=len(self.units),
            contacts=len(self.people(now)) - len(self.members),
            calendars=sum(m.calendar != "no" for m in self.members),
            live=sum(m.live for m in self.members),
            away_today=len(self.leave.away(today)),
            until_further_notice=len(self.leave.open_ended(today)),
        )


_made: dict[int, World] = {}
_making = Lock()  # sources start together, each in a thread


def world(seed: int) -> World:
    """The municipality of a seed, made once a process."""
    with _making:
        if seed not in _made:
            _made[seed] = World(seed)
        return _made[seed]
