"""The organisation's units: what is inherited is filled in."""

import uuid
from collections.abc import Mapping

import msgspec

from connectors.demonstration.dice import Weighted
from connectors.demonstration.naming import DOMAIN, plain
from connectors.demonstration.shifts import OFFICE_HOURS
from connectors.demonstration.written import Contacts, Organisation, Pattern, UnitEntry, read, weights
from presence import ports
from presence.domain.facts import ChannelRecord, UnitRecord

_NAMESPACE = uuid.UUID("5b0d2c0e-6d0c-4c38-9a3e-7d2f0d6c1b11")


def identity(kind: str, name: str) -> str:
    """As stable and as mute as an entryUUID."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind}/{name}"))


class Unit(msgspec.Struct, frozen=True):
    """A unit with all that it inherits."""

    path: str
    identity: str
    people: int
    head: str
    titles: Weighted[str]
    pattern: Pattern
    place: str
    hours: str  # published: its own, or those it inherits
    own_hours: str
    roster: str
    live: float
    keywords: tuple[str, ...]
    mail: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def parent(self) -> str:
        return self.path.rpartition("/")[0]


def organisation() -> dict[str, Unit]:
    """Every unit by its path of names, parents before children."""
    found: dict[str, Unit] = {}
    for entry in read("organisation", Organisation).units:
        found[entry.path] = _unit(entry, found.get(entry.path.rpartition("/")[0]))
    return found


def _unit(entry: UnitEntry, parent: Unit | None) -> Unit:
    pattern = entry.pattern or (parent.pattern if parent else "office")
    live = entry.live if entry.live is not None else parent.live if parent else 0.0
    return Unit(
        path=entry.path,
        identity=identity("unit", entry.path),
        people=entry.people,
        head=entry.head,
        titles=weights(entry.titles),
        pattern=pattern,
        place=entry.place or (parent.place if parent else ""),
        hours=entry.hours or (parent.hours if parent else OFFICE_HOURS),
        own_hours=entry.hours,
        roster=entry.roster,
        live=live,
        keywords=entry.keywords,
        mail=entry.mail,
    )


def records(units: Mapping[str, Unit]) -> list[ports.Unit]:
    """As the directory tells of them. A service point is named by its alias, as deputies are."""
    points = {entry.unit: f"uid:{plain(entry.name)}" for entry in read("contacts", Contacts).service_points}
    return [
        ports.Unit(
            identity=unit.identity,
            record=UnitRecord(
                name=unit.name,
                parent=units[unit.parent].identity if unit.parent else "",
                hours=unit.own_hours,
                service_point=points.get(unit.path, ""),
                channels=(ChannelRecord(kind="e-mail", value=f"{unit.mail}@{DOMAIN}"),) if unit.mail else (),
                keywords=unit.keywords,
            ),
        )
        for unit in units.values()
    ]
