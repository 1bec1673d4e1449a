"""From the names that sources use for units and contacts to their ids."""

from collections.abc import Iterable

from presence.domain.facts import UnitRecord
from presence.intaking.ground import Ground
from presence.intaking.matching import Register, normal
from presence.ports import Unit


class References:
    """One batch's references. `unresolved` counts those that nobody knows (yet)."""

    def __init__(self, ground: Ground, register: Register, source: str, complete: bool, units: Iterable[Unit] = ()) -> None:
        self.unresolved = 0
        self.unknown: set[str] = set()  # what they were; never told of others than the configuration: they may name people
        self._ground = ground
        self._register = register
        self._stated = {ground.unit_id(unit.identity): unit.record for unit in units}
        self._others = {
            id_: next(iter(records.values()))
            for id_, records in ground.replica.units.items()
            if not complete or any(name != source for name in records)
        }
        self._found: dict[str, str] = {}
        self._paths: dict[str, str] | None = None
        self._joined = self._told_elsewhere() if ground.rule(source).type == "config" else {}

    def unit_id(self, identity: str) -> str:
        """Of a unit that the batch states: the id of the one of another source that has its path, else its own."""
        own = self._ground.unit_id(identity)
        return self._joined.get(own, own)

    def _told_elsewhere(self) -> dict[str, str]:
        """The configuration adds to the units of a directory (hours, a mailbox), and names them as people do: by their path."""
        there: dict[str, list[str]] = {}
        for id_ in self._others:
            there.setdefault(self._path(self._others, id_), []).append(id_)
        found: dict[str, str] = {}
        for own in self._stated:
            alike = [] if own in self._others else there.get(self._path_stated(own), [])
            if len(alike) == 1 and alike[0] not in found.values():
                found[own] = alike[0]
        return found

    def _path_stated(self, id_: str, depth: int = 0) -> str:
        """A parent may be one that is stated, one of another source, or a path."""
        record = self._stated[id_]
        parent = self._ground.unit_id(record.parent) if record.parent else ""
        if not parent or depth > len(self._stated):
            above = ""
        elif parent in self._stated:
            above = self._path_stated(parent, depth + 1)
        else:
            above = self._path(self._others, parent) if parent in self._others else record.parent.strip("/").casefold()
        return f"{above}/{record.name.casefold()}" if above else record.name.casefold()

    def unit(self, text: str) -> str:
        """By identity, else by path of names ("Stadsbyggnad/Bygglov"); empty where it is not known."""
        if not text:
            return ""
        if text not in self._found:
            self._found[text] = self._unit(text)
        self._note(text, self._found[text])
        return self._found[text]

    def _unit(self, text: str) -> str:
        found = self.unit_id(text)
        if found in self._stated or found in self._others:
            return found
        if self._paths is None:
            self._paths = self._named()
        return self._paths.get(text.strip("/").casefold(), "")

    def _named(self) -> dict[str, str]:
        """Units by path of names; a path that two units have is none."""
        records = {**self._others, **{id_: record for id_, record in self._stated.items() if id_ not in self._joined}}
        paths: dict[str, str] = {}
        for id_ in records:
            path = self._path_stated(id_) if id_ in self._stated else self._path(records, id_)
            paths[path] = "" if path in paths else id_
        return paths

    def _path(self, records: dict[str, UnitRecord], id_: str) -> str:
        return "/".join(reversed([record.name for record in self._line(records, id_)])).casefold()

    def _line(self, records: dict[str, UnitRecord], id_: str) -> list[UnitRecord]:
        line: list[UnitRecord] = []
        seen: set[str] = set()
        while id_ in records and id_ not in seen:
            seen.add(id_)
            line.append(records[id_])
            parent = line[-1].parent
            # What this batch states names its parent by identity, what the store holds by id.
            id_ = self._ground.unit_id(parent) if id_ in self._stated else parent
        return line

    def units(self, texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(filter(None, map(self.unit, texts))))

    def contact(self, text: str) -> str:
        """By identity, else by alias; empty where it is nobody."""
        if not text:
            return ""
        found = self._ground.contact_id(text)
        if not self._register.exists(found):
            found = self._register.match(normal(text))
        self._note(text, found)
        return found

    def _note(self, text: str, found: str) -> None:
        if not found:
            self.unresolved += 1
            self.unknown.add(text)

    def contacts(self, texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(filter(None, map(self.contact, texts))))
