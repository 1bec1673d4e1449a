"""A small invented municipality, to which a test adds only what its claim is about."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from presence.domain.availability import Availability
from presence.domain.directory import Contact, Publication, PublicationRule
from presence.domain.facts import AnyBody, Calendar, ContactRecord, Link, Post, SourceHealth, UnitRecord, key
from presence.domain.hours import HoursSpec
from presence.domain.intervals import DOUBT, FOREVER, Instant, Intervals, Opinion, Status
from presence.domain.picture import Picture
from presence.domain.rules import Rules, SourceRule

from .drawing import draw

ZONE = ZoneInfo("Europe/Stockholm")
OFFICE = "Mo-Fr 08:00-16:30; PH off"
SOURCES = {
    "directory": SourceRule("directory", 24 * 3600),
    "hr": SourceRule("leave", 36 * 3600, alias_kinds=("employee",)),
    "calendars": SourceRule("calendar", 15 * 60),
    "chat": SourceRule("presence", 15 * 60),
    "switchboard": SourceRule("presence", 15 * 60),
}
DEFAULTS: dict[str, Any] = {
    "hours": HoursSpec(OFFICE),
    "sources": SOURCES,
    "publication": Publication((PublicationRule("*", "shown"),)),
    "address": "https://tjanst.example",
}

MONDAY = "2026-11-23"  # an ordinary one


def at(text: str) -> Instant:
    """A local time in Sweden: "2026-11-23 09:00"."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


def busy(*spans: tuple[str, str], status: Opinion = Status.BUSY, window_end: Instant = FOREVER) -> Calendar:
    """A calendar from local times."""
    known = [(at(a), at(b), status) for a, b in spans]
    return Calendar(Intervals.of([*known, (window_end, FOREVER, DOUBT)]))


class Town:
    """Anna, whose calendar is linked and empty, in a unit of an organisation open 08:00 to 16:30; every source is well."""

    def __init__(self, **rules: Any) -> None:
        self.rules = Rules(**{**DEFAULTS, **rules})
        self.picture = Picture(self.rules)
        for name in self.rules.sources:
            self.source(name)
        self.unit("kansli", name="Kansli")
        self.person()
        self.say(Calendar(), "calendars")

    def apply(self, kind: str, *rest: str, body: AnyBody | None) -> None:
        self.picture.apply(key(kind, *rest), body)

    def source(self, name: str, ok_until: Instant = FOREVER, **fields: Any) -> None:
        self.apply("source", name, body=SourceHealth(self.rules.sources[name].type, ok_until=ok_until, **fields))

    def unit(self, unit: str, **fields: Any) -> None:
        self.apply("unit", unit, "directory", body=UnitRecord(**{"name": unit, **fields}))

    def person(self, contact: str = "anna", unit: str = "kansli", **fields: Any) -> None:
        """Nobody here has a leave source's alias, unless a test gives one."""
        record = ContactRecord(**{"name": contact.title(), "posts": (Post("Handläggare", unit),), **fields})
        self.apply("contact", contact, "directory", body=record)

    def say(self, body: AnyBody, *rest: str, contact: str = "anna") -> None:
        self.apply(body.kind, contact, *rest, body=body)

    def unsay(self, kind: str, *rest: str, contact: str = "anna") -> None:
        self.apply(kind, contact, *rest, body=None)

    def link(self, source: str, contact: str = "anna") -> None:
        self.say(Link(), source, contact=contact)

    def contact(self, contact: str = "anna") -> Contact:
        found = self.picture.contact(contact)
        assert found
        return found

    def availability(self, when: str | Instant, contact: str = "anna") -> Availability:
        return self.picture.availability(self.contact(contact), at(when) if isinstance(when, str) else when)

    def status(self, when: str | Instant, contact: str = "anna") -> Status:
        return self.availability(when, contact).status

    def until(self, when: str | Instant, contact: str = "anna") -> str | None:
        """The forecast in local time."""
        until = self.availability(when, contact).until
        return None if until is None else f"{datetime.fromtimestamp(until, ZONE):%Y-%m-%d %H:%M}"

    def day(self, day: str = MONDAY, contact: str = "anna", first: str = "06:00", last: str = "20:00") -> str:
        """The local day drawn, one column for each half hour."""
        return draw(lambda t: self.status(t, contact), at(f"{day} {first}"), at(f"{day} {last}"), 1800)
