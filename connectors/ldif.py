"""Staff directories from an LDIF file (RFC 2849), with the same mapping as over LDAP."""

import time
from collections.abc import AsyncIterator, Callable, Collection
from pathlib import Path as File
from typing import Annotated, ClassVar

from msgspec import Meta

from connectors import stamp
from connectors.directory import dn as names
from connectors.directory import marks
from connectors.directory.assembly import UNIT_ATTRIBUTES, Assembly
from connectors.directory.entry import Entry
from connectors.directory.mapping import Mapping
from connectors.directory.report import Report
from connectors.directory.rfc2849 import Refused, Trailer, read
from connectors.directory.thread import in_thread
from connectors.polling import polling
from presence.ports import Batch, SourceInvalid, SourceUnavailable

_CLASSES = {
    "inetorgperson": frozenset({b"inetorgperson", b"organizationalperson", b"person"}),
    "active_directory": frozenset({b"user"}),
}
_UNITS = frozenset({b"organizationalunit", b"organization"})
_NOT_PEOPLE = frozenset({b"computer"})
_MEMBERS = ("member", "uniquemember")
_SEARCHED = b"# extended LDIF"  # as ldapsearch begins what it ends with a result


class LdifSettings(Mapping, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of `connectors.ldif:Ldif`."""

    path: Annotated[str, Meta(min_length=1, extra={"format": "path", "hint": 'Example: path = "katalog.ldif".'})]
    classes: tuple[str, ...] = ()  # object classes that make an entry a person; empty: as the preset has it
    max_bytes: Annotated[int, Meta(ge=1)] = 256 * 1024 * 1024

    def __post_init__(self) -> None:
        if self.base:
            names.parse(self.base)
        if self.marks is not None and self.marks.group:
            names.parse(self.marks.group)


class Ldif:
    """Reads the whole file at each interval. It is to be replaced by renaming, not written in place: half a file is no batch."""

    Settings: ClassVar[type[LdifSettings]] = LdifSettings

    def __init__(
        self, name: str, settings: LdifSettings, interval: float = 300.0, *, now: Callable[[], float] = time.time
    ) -> None:
        self.name = name
        self.report: Report | None = None  # of the last reading that succeeded
        self._settings = settings
        self._interval = interval
        self._now = now

    def listen(self) -> AsyncIterator[Batch | SourceUnavailable]:
        return polling(self.name, self.fetch, self._interval)

    async def fetch(self) -> Batch:
        """Read the file once, beside the event loop. Raises `SourceUnavailable`."""
        return await in_thread(self._read, f"directory {self.name}")

    async def close(self) -> None:
        """Nothing is held between readings."""

    def _read(self) -> Batch:
        read_at = int(self._now())
        reading = _Reading(self._settings)
        reading.take(self._bytes())
        marks_at = int(self._now())
        batch = reading.assembly.batch(self.name, read_at, reading.marked(), marks_at)
        self.report = reading.assembly.report
        return batch

    def _bytes(self) -> bytes:
        """The file, whole: neither written to a moment ago or while it was read, nor ending within a line."""
        try:
            data = stamp.settled(File(self._settings.path), self._settings.max_bytes, "the file")
        except OSError:
            raise SourceUnavailable("unreadable", "the file cannot be read") from None
        if data and not data.endswith(b"\n"):
            raise SourceInvalid("truncated", "the file ends within a line, so it may be cut short")
        return data


class _Reading:
    """Entries of one file, sorted into units, people and the group that marks."""

    def __init__(self, settings: LdifSettings) -> None:
        self.assembly = Assembly(settings)
        self._settings = settings
        self._base = names.parse(settings.base)
        self._classes: Collection[bytes] = {name.lower().encode() for name in settings.classes} or _CLASSES[settings.preset]
        self._groups: dict[str, list[str]] = {}
        self._bearers: list[str] = []

    def take(self, data: bytes) -> None:
        people: list[Entry] = []
        is_ended = not data.startswith(_SEARCHED)
        for item in read(data, self._wanted()):
            if isinstance(item, Entry):
                self._sort(item, people)
            elif isinstance(item, Trailer):
                is_ended = True
                if item.result != 0:
                    raise SourceInvalid("truncated", f"the search that wrote the file ended with result {item.result}")
            else:
                self._refuse(item)
        if not is_ended:
            raise SourceInvalid("truncated", "the search that wrote the file has not ended, or was ended before its result")
        for entry in people:  # after all units, in whatever order the file has them
            self.assembly.person(entry)

    def marked(self) -> set[str] | None:
        """Who is protected; None when this source is not asked to say."""
        wanted = self._settings.marks
        if wanted is None:
            return None
        found = marks.listed(wanted.list_file) if wanted.list_file else set()
        found.update(self.assembly.who(place) for place in self._bearers)
        if wanted.group:
            found.update(self.assembly.who(place) for place in self._members(names.key(wanted.group)))
        return found

    def _wanted(self) -> set[str]:
        wanted = {name.lower() for name in (*self._settings.asked(), *UNIT_ATTRIBUTES)} | {"objectclass", "isdeleted"}
        if self._settings.marks is not None:
            wanted |= {*_MEMBERS, self._settings.marks.attribute.lower()}
        return wanted

    def _sort(self, entry: Entry, people: list[Entry]) -> None:
        try:
            name = names.parse(entry.dn)
        except ValueError:
            self.assembly.report.refused_records += 1
            return
        kinds = {value.lower() for value in entry.attributes.get("objectclass", ())}
        if any(attribute.partition(";")[0] in _MEMBERS for attribute in entry.attributes):
            self._groups[names.normalise(name)] = marks.members(entry)[0]
        if self._base and names.normalise(name[-len(self._base) :]) != names.normalise(self._base):
            return
        if not kinds.isdisjoint(_UNITS):
            self.assembly.unit(entry)
        elif not kinds.isdisjoint(self._classes) and kinds.isdisjoint(_NOT_PEOPLE):
            people.append(entry)
            wanted = self._settings.marks
            if wanted is not None and wanted.attribute and marks.bears(entry, wanted.attribute, wanted.values):
                self._bearers.append(names.normalise(name))

    def _refuse(self, item: Refused) -> None:
        if item.reason == "change-record":
            raise SourceInvalid("change-records", f"line {item.line}: the file holds changes, not the content of a directory")
        if item.reason == "version":
            raise SourceInvalid("version", f"line {item.line}: only version 1 of LDIF is known")
        if item.whole:
            self.assembly.report.refused_records += 1
        else:
            self.assembly.report.refused_values += 1

    def _members(self, group: str) -> set[str]:
        """Places of all members, those of groups in the group included."""
        if group not in self._groups:
            raise SourceInvalid("marks", "the group of protected people is not in the file, or without members")
        found: set[str] = set()
        ahead = [group]
        while ahead:
            for member in self._groups.get(ahead.pop(), ()):
                place = names.key(member)
                if place not in found:
                    found.add(place)
                    ahead.append(place)
        return found
