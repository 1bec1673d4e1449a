"""The organisation as a directory shows it: by where entries stand, or by what they say."""

from collections.abc import Sequence

from connectors.directory import dn as names
from connectors.directory.dn import Dn
from connectors.directory.entry import Entry, texts
from connectors.directory.mapping import Mapping
from presence.domain.facts import ChannelRecord, UnitRecord
from presence.ports import Unit

_LEVELS = ("ou", "o")  # the attribute types whose levels are units
_DEEPEST = 20
Path = tuple[str, ...]


class Units:
    """Finds the units of each person, and keeps those that somebody belongs to, with all above them."""

    def __init__(self, mapping: Mapping) -> None:
        self._from = mapping.units_from.lower()
        self._separator = mapping.unit_separator
        self._language = mapping.language.lower()
        self._skipped = {name.casefold() for name in mapping.skip_units}
        self._base = len(names.parse(mapping.base)) if mapping.base else 0
        self._identities: dict[str, str] = {}
        self._channels: dict[str, tuple[ChannelRecord, ...]] = {}
        self._found: dict[str, Unit] = {}
        self._known: dict[Dn | Path, str] = {}

    @property
    def by_place(self) -> bool:
        return self._from == "dn"

    def name(self, place: str, identity: str, channels: Sequence[ChannelRecord] = ()) -> None:
        """Tell the identity of the unit that stands at a distinguished name, so that it survives being moved or renamed."""
        self._identities[place] = identity
        self._channels[place] = tuple(channels)

    def of(self, entry: Entry, name: Dn) -> tuple[str, ...]:
        """Identities of the units that the entry of this name belongs to."""
        if self._from == "none":
            return ()
        if self.by_place:
            unit = self._place(name[1:])
            return (unit,) if unit else ()
        found, _ = texts(entry.raw(self._from, self._language))
        paths = dict.fromkeys(self._path(text) for text in found)
        return tuple(self._level(path) for path in paths if path)

    def all(self) -> tuple[Unit, ...]:
        """Every unit met, parents before children."""
        return tuple(self._found.values())

    def _place(self, name: Dn) -> str:
        """The unit at a name, or the nearest above it; empty above the base."""
        if name in self._known:
            return self._known[name]
        if len(name) <= self._base:
            return ""
        parent = self._place(name[1:])
        kind, shown = name[0][0]
        if kind not in _LEVELS or shown.casefold() in self._skipped:
            unit = parent
        else:
            place = names.normalise(name)
            unit = self._identities.get(place) or f"dn:{place}"
            record = UnitRecord(name=shown, parent=parent, channels=self._channels.get(place, ()))
            self._found[unit] = Unit(identity=unit, record=record)
        self._known[name] = unit
        return unit

    def _path(self, text: str) -> Path:
        levels = text.split(self._separator) if self._separator else [text]
        path = tuple(shown for level in levels if (shown := level.strip()) and shown.casefold() not in self._skipped)
        return path[:_DEEPEST]

    def _level(self, path: Path) -> str:
        if path in self._known:
            return self._known[path]
        parent = self._level(path[:-1]) if path[1:] else ""
        unit = "path:" + "/".join(level.casefold().replace("/", "//") for level in path)
        if unit not in self._found:
            self._found[unit] = Unit(identity=unit, record=UnitRecord(name=path[-1], parent=parent))
        self._known[path] = unit
        return unit
