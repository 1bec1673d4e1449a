"""From entries to a batch: people with their units, nobody twice, no alias with two bearers."""

import logging
from collections.abc import Iterable, Sequence

import msgspec

from connectors.directory import dn as names
from connectors.directory import entry as values
from connectors.directory.entry import Entry
from connectors.directory.mapping import Mapping
from connectors.directory.numbers import parse
from connectors.directory.people import People
from connectors.directory.report import Report
from connectors.directory.units import Units
from presence.domain.facts import ChannelRecord, ContactRecord
from presence.domain.intervals import Instant
from presence.ports import Batch, Person, SourceInvalid

_log = logging.getLogger(__name__)
UNIT_ATTRIBUTES = ("telephoneNumber", "facsimileTelephoneNumber")


class Assembly:
    """Collects one reading. Entries of units come before those of people."""

    def __init__(self, mapping: Mapping) -> None:
        self.report = Report()
        self._mapping = mapping
        self._people = People(mapping, self.report)
        self._units = Units(mapping)
        self._found: dict[str, ContactRecord | None] = {}
        self._places: dict[str, str] = {}

    @property
    def needs_unit_entries(self) -> bool:
        return self._units.by_place

    def unit(self, entry: Entry) -> None:
        """Take in the entry of an organisational unit."""
        identity = self._people.identity(entry)
        if identity is None:
            return
        channels = []
        for kind, name in zip(("telephone", "fax"), UNIT_ATTRIBUTES, strict=True):
            for text in values.texts(entry.raw(name.lower()))[0]:
                number = parse(text, self._mapping.plan if kind == "telephone" else self._mapping.direct)
                if number and number.e164:
                    channels.append(ChannelRecord(kind=kind, value=number.dialled if kind == "telephone" else number.e164))
        self._units.name(names.key(entry.dn), identity, channels)

    def person(self, entry: Entry) -> None:
        """Take in the entry of a person. Raises `SourceInvalid` when its identity was met before."""
        self.report.entries += 1
        if self._people.switched_off(entry):
            self.report.disabled += 1
            return
        try:
            name = names.parse(entry.dn)
            identity = self._people.identity(entry)
            if identity is None or not name:
                self.report.unidentified += 1
                return
            if identity in self._found:
                raise SourceInvalid("duplicate-identity", "two entries have one identity: whose calendar is whose cannot be told")
        except ValueError:  # a distinguished name that is none
            self.report.unidentified += 1
            return
        place = names.normalise(name)
        record = self._people.record(entry, place, self._units.of(entry, name))
        self._places[place] = identity
        self.report.nameless += record is None
        self._found[identity] = record

    def knows(self, place: str) -> bool:
        """Whether a person of this reading stands at a normalised distinguished name."""
        return place in self._places

    def who(self, place: str) -> str:
        """The identity of the person who stands there, else the place as an alias: its bearer may come later."""
        return self._places.get(place) or f"dn:{place}"

    def batch(self, source: str, read_at: Instant, marked: Iterable[str] | None, marks_at: Instant) -> Batch:
        """The whole reading. Raises `SourceInvalid` when it holds no people: an empty directory is a fault, not a fact."""
        if not any(self._found.values()):
            raise SourceInvalid("empty", "the directory gave no people; check base, filter and what the account may read")
        people = self._unambiguous()
        units = self._units.all()
        self.report.people, self.report.units = len(people), len(units)
        remarks = self.report.remarks
        if remarks:
            _log.info("source %s read with remarks: %s", source, self.report)
        return Batch(
            source=source,
            complete=True,
            read_at=read_at,
            people=people,
            units=units,
            marked=None if marked is None else tuple(sorted(set(marked))),
            marks_at=0 if marked is None else marks_at,
            skipped=self.report.skipped,
            remarks=remarks,
        )

    def _unambiguous(self) -> Sequence[Person]:
        """Whoever shares an alias loses it: better no calendar than another's."""
        bearers: dict[str, int] = {}
        for record in self._found.values():
            for alias in record.aliases if record else ():
                bearers[alias] = bearers.get(alias, 0) + 1
        shared = {alias for alias, count in bearers.items() if count > 1}
        self.report.ambiguous.update(alias.partition(":")[0] for alias in shared)
        return [self._person(identity, record, shared) for identity, record in self._found.items()]

    def _person(self, identity: str, record: ContactRecord | None, shared: set[str]) -> Person:
        if record is None:
            return Person(identity=identity, failed="nameless")
        if shared and not shared.isdisjoint(record.aliases):
            record = msgspec.structs.replace(record, aliases=tuple(alias for alias in record.aliases if alias not in shared))
        return Person(identity=identity, record=record)
