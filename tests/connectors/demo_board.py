"""The demonstration on a real board, without a store: what its batches say, as facts."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from connectors.demonstration import World, configuration, world
from connectors.demonstration.shifts import ZONE
from connectors.demonstration.staff import Member
from presence.board import Board
from presence.config import Config, parse
from presence.domain.directory import public_id
from presence.domain.facts import AnyBody, Calendar, Link, SourceHealth, Stored, key
from presence.domain.intervals import FOREVER, Instant, Status
from presence.meaning import rules_of
from presence.ports import Person

KEY = bytes(32)


@cache
def config() -> Config:
    return parse(configuration(), "presence.toml")


def instant(text: str) -> Instant:
    """A local time of the municipality, "2026-11-24 10:00"."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp())


class Stage:
    """A board that shows the people of `members` (all, where none are named), as at `now`."""

    def __init__(self, now: Instant, members: Sequence[Member] | None = None, municipality: World | None = None) -> None:
        self.world = municipality or world(1)
        self.members = self.world.members if members is None else members
        self._contacts = {m.identity: public_id(KEY, m.identity) for m in self.members}
        self._by_alias: dict[str, str] = {}
        self._number = 0
        self.board = Board(rules_of(config(), KEY))
        self._live = self.world.live()
        self._live.members = [m for m in self._live.members if m.identity in self._contacts]
        self.board.load([], 0)
        self._put(self._everything(now))

    def look(self, now: Instant) -> Counter[Status]:
        """How many show what at `now`, live reports of that instant included."""
        self._put(self._of(self._live.snapshot(now), "live", now))
        found = (self.board.at(contact, now) for contact in self._contacts.values())
        return Counter(availability.status for availability in found if availability)

    def status(self, name: str, now: Instant) -> Status:
        """What one of the cast shows."""
        [member] = [m for m in self.members if m.name.full == name]
        self._put(self._of(self._live.snapshot(now), "live", now))
        availability = self.board.at(self._contacts[member.identity], now)
        assert availability
        return availability.status

    def _everything(self, now: Instant) -> Iterator[tuple[str, AnyBody]]:
        for name, source in config().sources.items():
            yield key("source", name), SourceHealth(type=source.kind, ok_at=now, ok_until=FOREVER)
        for unit in self.world.units:
            id_, parent = _unit_id(unit.identity), unit.record.parent
            yield key("unit", id_, "directory"), replace(unit.record, parent=_unit_id(parent) if parent else "", service_point="")
        for person in self.world.people(now):
            if person.record and person.identity in self._contacts:
                contact = self._contacts[person.identity]
                self._by_alias |= dict.fromkeys(person.record.aliases, contact)
                posts = tuple(replace(post, unit=_unit_id(post.unit)) for post in person.record.posts)
                yield key("contact", contact, "directory"), replace(person.record, posts=posts, deputies=())
        yield from self._of(self.world.calendars(now), "calendars", now)
        yield from self._of(self.world.leaves(now), "leave", now)

    def _of(self, people: Iterable[Person], source: str, now: Instant) -> Iterator[tuple[str, AnyBody]]:
        for person in people:
            contact = self._by_alias.get(person.alias)
            if contact is None:
                continue
            if person.failed:
                yield key("calendar", contact, source), Calendar(ok_until=now)
            if person.calendar:
                yield key("calendar", contact, source), person.calendar
            for uid, absence in person.absences.items():
                assert absence
                yield key("absence", contact, source, uid), absence
            for device, report in person.presence.items():
                assert report
                yield key("presence", contact, source, person.alias, device), report
                yield key("link", contact, source), Link()

    def _put(self, facts: Iterable[tuple[str, AnyBody]]) -> None:
        for name, body in facts:
            self._number += 1
            self.board.put(Stored(name, self._number, 0, body))


def _unit_id(identity: str) -> str:
    return public_id(KEY, f"unit:{identity}")
