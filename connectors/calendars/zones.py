"""Time zones as calendars name them (RFC 5545, 3.2.19; RFC 7808): a known name wins, else the VTIMEZONE of that file.

Nothing here outlives one feed except zones of the tz database, so one person's "Customized Time Zone" is never another's.
"""

import re
from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from connectors.calendars.model import Reason, Unreadable
from connectors.calendars.scan import Component
from connectors.calendars.values import DAY, MAX_WALL, MIN_WALL, offset, wall
from connectors.quirks import zone_names

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (wall time on purpose)


class Zone(Protocol):
    """Wall seconds to epoch seconds and back."""

    def to_utc(self, seconds: int) -> int: ...

    def to_wall(self, instant: int) -> int: ...

    def __hash__(self) -> int: ...


class Named:
    """A zone of the tz database. A time that a clock change skips or repeats is read as RFC 5545, 3.3.5 asks (fold 0)."""

    __slots__ = ("info",)

    def __init__(self, info: ZoneInfo) -> None:
        self.info = info

    def to_utc(self, seconds: int) -> int:
        inside = min(max(seconds, MIN_WALL + 2 * DAY), MAX_WALL - 2 * DAY)
        found = (_EPOCH + timedelta(seconds=inside)).replace(tzinfo=self.info).utcoffset()
        return seconds - (found.days * DAY + found.seconds if found is not None else 0)

    def to_wall(self, instant: int) -> int:
        inside = min(max(instant, MIN_WALL + 2 * DAY), MAX_WALL - 2 * DAY)
        local = (_EPOCH + timedelta(seconds=inside)).replace(tzinfo=self.info)
        shifted = self.info.fromutc(local).utcoffset()
        return instant + (shifted.days * DAY + shifted.seconds if shifted is not None else 0)


@lru_cache(maxsize=64)
def named(info: ZoneInfo) -> Named:
    """The zone of the tz database that `info` stands for; the same one each time."""
    return Named(info)


class Fixed:
    """A constant offset, in seconds east of UTC."""

    __slots__ = ("east",)

    def __init__(self, east: int) -> None:
        self.east = east

    def to_utc(self, seconds: int) -> int:
        return seconds - self.east

    def to_wall(self, instant: int) -> int:
        return instant + self.east


UTC = Fixed(0)


class Custom:
    """A zone that a VTIMEZONE defines: sorted changes (instant, offset from, offset to)."""

    __slots__ = ("_instants", "_offsets", "_walls")

    def __init__(self, changes: list[tuple[int, int, int]]) -> None:
        changes = sorted(changes)
        self._instants = [at for at, _, _ in changes]
        self._offsets = [changes[0][1], *(after for _, _, after in changes)]
        before = self._offsets
        # From this wall time on the new offset holds; skipped and repeated times still count by the old one.
        self._walls = [at + max(before[i], after) for i, (at, _, after) in enumerate(changes)]

    def to_utc(self, seconds: int) -> int:
        return seconds - self._offsets[bisect_right(self._walls, seconds)]

    def to_wall(self, instant: int) -> int:
        return instant + self._offsets[bisect_right(self._instants, instant)]


_YEAR_ZERO = re.compile(r"\A\s*0000")
"""As some products write "ever since"; no calendar has it."""
Onsets = Callable[[Component, int], list[int]]
"""Wall seconds at which an observance begins, given its component and DTSTART; supplied by the recurrence module."""


def custom(component: Component, onsets: Onsets) -> Zone:
    """The zone that a VTIMEZONE describes. Raises Unreadable when it is broken or asks for too much."""
    changes: list[tuple[int, int, int]] = []
    try:
        if component.fault or not 0 < len(component.children) <= 60:
            raise ValueError("unusable")
        for child in component.children:
            begin, before, after = (child.first(n) for n in ("DTSTART", "TZOFFSETFROM", "TZOFFSETTO"))
            if child.fault or begin is None or after is None:
                raise ValueError("incomplete")
            east_after = offset(after.value)
            east_before = offset(before.value) if before else east_after
            first = wall(_YEAR_ZERO.sub("0001", begin.value)).seconds
            changes += [(at - east_before, east_before, east_after) for at in onsets(child, first)]
    except (ValueError, OverflowError):
        raise Unreadable(Reason.UNKNOWN_ZONE) from None
    if not changes:
        raise Unreadable(Reason.UNKNOWN_ZONE)
    return Custom(changes)


@lru_cache(maxsize=1024)
def _database(key: str) -> Named | None:
    try:
        return Named(ZoneInfo(key))
    except (ValueError, OSError, LookupError):  # unknown, or no name at all (a path, a directory)
        return None


_IANA = re.compile(
    r"(?!Factory|localtime)(?:[A-Za-z]+/)?[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)?$|Etc/GMT[+-]\d{1,2}$|[A-Z]{3}\d?(?:[A-Z]{3})?$"
)
_FIXED = re.compile(r"(?:GMT|UTC|Z)?\s*([+-])(\d{1,2})(?::?(\d\d))?", re.ASCII)
_DISPLAY = re.compile(r"\((?:UTC|GMT)\s*(?:[+-]\d{1,2}[:.]?\d\d)?\)\s*(.*)", re.ASCII)
_WINDOWS = {name.lower(): key for name, key in (WINDOWS_TO_OLSON | zone_names.FORMER_WINDOWS).items()}


@lru_cache(maxsize=1)
def _keys() -> dict[str, str]:
    """The names of the tz database by their small letters: some products write them so. Looked up only when a name is odd."""
    return {key.lower(): key for key in available_timezones() if key not in ("Factory", "localtime")}


def by_name(name: str) -> Zone | None:
    """The zone that a TZID names by itself, or None: UTC, IANA (also behind a vendor's prefix) and Windows names."""
    name = name.strip().strip('"').strip()
    return _by_name(name) if 0 < len(name) <= 200 else None


@lru_cache(maxsize=2048)
def _by_name(name: str) -> Zone | None:
    lowered = name.lower()
    if lowered in ("utc", "z", "gmt", "etc/utc", "tzone://microsoft/utc", "coordinated universal time"):
        return UTC
    windows = _WINDOWS.get(lowered)
    if windows:
        return _database(windows)
    parts = name.strip("/").split("/")
    tails = "/".join(parts[-3:]), "/".join(parts[-2:])  # the longest that the database knows: /vendor/version/Europe/Stockholm
    for key in tails:
        found = _database(key) if _IANA.match(key) else None
        if found is not None:
            return found
    for key in tails:
        known = _keys().get(key.lower())
        if known:
            return _database(known)
    return None


@lru_cache(maxsize=2048)
def by_alias(name: str) -> Zone | None:
    """The zone that a name stands for when neither a database nor the file knows it: localised, display and fixed names."""
    name = name.strip().strip('"').strip().replace("\\,", ",")
    alias = zone_names.ALIASES.get(name.lower())
    if alias:
        return _database(alias)
    fixed = _FIXED.fullmatch(name)
    if fixed and int(fixed.group(2)) <= 14 and int(fixed.group(3) or 0) < 60:
        east = int(fixed.group(2)) * 3600 + int(fixed.group(3) or 0) * 60
        return Fixed(-east if fixed.group(1) == "-" else east)
    display = _DISPLAY.fullmatch(name)
    known = zone_names.display(display.group(1)) if display else None
    return _database(known) if known else None


class Zones:
    """The zones of one feed: `get(tzid)` for its properties, `owner` for floating times and dates."""

    def __init__(self, components: list[Component], owner: ZoneInfo, onsets: Onsets, most: int) -> None:
        self.owner: Zone = named(owner)
        self.floating: Zone = self.owner
        self._onsets = onsets
        self._most = most
        self._defined: dict[str, Component] = {}
        for component in components:
            for name in component.properties.get("TZID", []):
                self._defined.setdefault(_key(name.value), component)
        self._known: dict[str, Zone] = {}
        self._customs: dict[int, Zone | Unreadable] = {}

    def lone(self) -> str | None:
        """The name of the only zone that the file defines, if it defines exactly one."""
        return next(iter(self._defined)) if len(self._defined) == 1 else None

    def get(self, tzid: str) -> Zone:
        """The zone that a TZID stands for in this file. Raises Unreadable when there is none."""
        zone = self._known.get(tzid)
        if zone is None:
            zone = self._known[tzid] = self._find(tzid)
        return zone

    def _find(self, tzid: str) -> Zone:
        known = by_name(tzid)
        if known is not None:
            return known
        component = self._defined.get(_key(tzid))
        if component is not None:
            location = component.first("X-LIC-LOCATION")
            known = by_name(location.value) if location else None
            return known or self._custom(component)
        alias = by_alias(tzid) or (self._other() if zone_names.says_nothing(tzid) else None)
        if alias is None:
            raise Unreadable(Reason.UNKNOWN_ZONE)
        return alias

    def _custom(self, component: Component) -> Zone:
        """Each is expanded once, whatever came of it."""
        made = self._customs.get(id(component))
        if made is None:
            if len(self._customs) == self._most:
                raise Unreadable(Reason.TOO_COSTLY)
            try:
                made = custom(component, self._onsets)
            except Unreadable as fault:
                made = fault
            self._customs[id(component)] = made
        if isinstance(made, Unreadable):
            raise Unreadable(made.reason)
        return made

    def _other(self) -> Zone | None:
        """The one zone beside UTC that the file defines, if there is one and no more."""
        names = [name for name in self._defined if by_name(name) is not UTC]
        return self.get(names[0]) if len(names) == 1 else None


def _key(tzid: str) -> str:
    return tzid.strip().strip('"').strip().replace("\\,", ",").replace("\\;", ";").lower()
