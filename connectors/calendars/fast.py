"""The short way through an everyday calendar: the same answer as the long way, without looking at more than it must.

A VEVENT written in the plainest form (no folded or repeated needed line, known zone names, one zone an event) becomes a `Plain`
record straight from its octets, and is remembered by a digest of them. Series of such events by everyday rules are expanded by
arithmetic. Whatever is not fully known is handed back as a component for the long way (decision 0110).
"""

import os
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b

import msgspec

from connectors.calendars import meaning, rules
from connectors.calendars.model import Limits, Policy, Refused, Says, Unreadable
from connectors.calendars.scan import WANTED, Component, Feed, octets, scan
from connectors.calendars.values import DAY, Length, day_number, length
from connectors.calendars.zones import UTC, Zone, by_name

_ENDINGS = (b"\r\n", b"\n")
_NEEDED = re.compile(
    rb"\n(DTSTART|DTEND|DURATION|RRULE|EXDATE|RDATE|RECURRENCE-ID|UID|STATUS|TRANSP|EXRULE|BEGIN|END"
    rb"|X-MICROSOFT-(?:CDO|MSNCALENDAR)-BUSYSTATUS)(?![A-Za-z0-9-])([^\r\n]*(?:\r?\n[ \t]|\r(?!\n))?)"
)
"""Name and rest of each needed line; a folded line, or one with a stray CR, keeps the line break, which no plain form has."""
_NEVER = frozenset((b"RDATE", b"EXRULE", b"BEGIN", b"END"))
_SMALL = re.compile(rb"\n([A-Z-]*+[a-z][A-Za-z0-9-]*+)")
_TIME = re.compile(rb"([01]\d|2[0-3])([0-5]\d)([0-5]\d)")
_ZONED = re.compile(rb"(?:;VALUE=DATE-TIME)?;TZID=([^;:\",]{1,64})")
_ALARM = re.compile(rb"(?<=\n)BEGIN:VALARM\r?\n(?:(?!BEGIN:|END:)[^\n]*\n)*END:VALARM\r?\n")
_CALENDAR = re.compile(rb"\n(?:BEGIN|END):\s*VCALENDAR", re.IGNORECASE)
_UID = re.compile(rb":([A-Za-z0-9@._:{}+=/$#~*!-]{1,255})")
_WORD = re.compile(rb":([A-Za-z-]*)")
_MARKED = frozenset(name for names in WANTED.values() for name in names) | {b"BEGIN", b"END", b"ATTENDEE"}
_DATE_ZONE, _FLOATING, _UTC_ZONE = "\x00date", "\x00floating", "\x00utc"


class Plain(msgspec.Struct, frozen=True, gc=False):
    """An event that the short way knows fully. `zone` is a zone's name or one of three marks; times are wall seconds in it."""

    uid: str
    zone: str
    start: int
    lasts: Length
    says: Says
    rule: str
    without: tuple[int, ...]
    replaces: int | None


class Block(msgspec.Struct, frozen=True, gc=False):
    """Where a VEVENT stands in the feed, and its record; None for the long way."""

    begin: int
    end: int
    plain: Plain | None


class Blocks(msgspec.Struct):
    """A feed taken apart: everything but its events, scanned, and the events."""

    data: bytes
    rest: Feed
    blocks: list[Block]
    ends: list[int] = msgspec.field(default_factory=list)

    def line(self, block: Block) -> int:
        """The line that an event begins on, 1-based."""
        return bisect_left(self.breaks(), block.begin) + 1

    def breaks(self) -> list[int]:
        """Where the lines of the feed end; found once."""
        if not self.ends:
            self.ends = [found.start() for found in re.finditer(rb"\n", self.data)]
        return self.ends

    def components(self, blocks: Iterable[Block], limits: Limits, owner: frozenset[bytes]) -> list[Component]:
        """Events as the long way wants them, in their order, lines counted within the feed. Raises Refused."""
        found: list[Component] = []
        for block in sorted(blocks, key=lambda block: block.begin):
            if _CALENDAR.search(self.data, block.begin, block.end):
                raise Refused("a calendar ends within an event")
            components = scan(self.data[block.begin : block.end], limits, owner).components
            if len(components) != 1:
                raise Refused("not one event")
            components[0].line += self.line(block) - 1
            found += components
        return found


class Memory:
    """Records by a digest of their octets, so that an unchanged event costs a digest; bounded, the oldest half goes first.

    The digest is salted by chance: what is remembered does not tell what was read.
    """

    def __init__(self, size: int = 50_000) -> None:
        self._size = size
        self._salt = os.urandom(16)
        self._records: dict[bytes, Plain | None] = {}

    def digests(self, context: bytes) -> Callable[[bytes], bytes]:
        """The digest of octets read in a context (16 octets): owner, method and policy."""
        prepared = blake2b(digest_size=16, salt=self._salt, person=context)

        def digest(octet: bytes) -> bytes:
            own = prepared.copy()
            own.update(octet)
            return own.digest()

        return digest

    def get(self, digest: bytes) -> Plain | bool | None:
        """The record; False when the event was never seen, None when it is one for the long way."""
        return self._records.get(digest, False)

    def clear(self) -> None:
        """Forget all."""
        self._records.clear()

    def put(self, digest: bytes, record: Plain | None) -> None:
        if len(self._records) >= self._size:
            for old in list(self._records)[: self._size // 2]:
                del self._records[old]
        self._records[digest] = record


MEMORY = Memory()


def apart(text: bytes | str, limits: Limits, owner: frozenset[bytes], policy: Policy, memory: Memory = MEMORY) -> Blocks | None:
    """Take a feed apart, or None when it is one for the long way. Raises Refused as `scan` does."""
    data = octets(text, limits)
    if policy.codes or b"BEGIN:VFREEBUSY" in data or b"BEGIN:VAVAILABILITY" in data or data.count(b"BEGIN:VTIMEZONE") > 100:
        return None
    if data.count(b"\nBEGIN:") >= limits.components or any(name.upper() in _MARKED for name in _SMALL.findall(data)):
        return None
    places = _places(data)
    if not places:
        return None
    rest = _rest(data, places, limits)
    if rest is None:
        return None
    context = blake2b(b"\n".join(sorted(owner)) + rest.method.encode() + policy.needs_action.encode(), digest_size=16).digest()
    blocks = []
    digested = memory.digests(context)
    for begin, end in places:
        octet = data[begin : data.rfind(b"\n", begin, end - 1) + 1]  # without the END line
        digest = digested(octet)
        record = memory.get(digest)
        if record is False or record is True:
            record = plain(octet, rest.method, owner, policy)
            memory.put(digest, record)
        blocks.append(Block(begin, end, record))
    if rest.zones and not any(block.plain and block.plain.zone[0] != "\x00" for block in blocks):
        return None  # quirks.exchange.lost_tzid may have a word here
    return Blocks(data, rest, blocks)


_STUB = b"BEGIN:VEVENT\r\nEND:VEVENT\r\n"


def _rest(data: bytes, places: list[tuple[int, int]], limits: Limits) -> Feed | None:
    """What stands around the events, scanned; a stub keeps the place of those between. None where it is not whole by itself."""
    gaps = [data[after:begin] for (_, after), (begin, _) in zip([(0, 0), *places], [*places, (len(data), 0)], strict=True)]
    if any(gap[:1] in (b" ", b"\t") for gap in gaps):
        return None
    inner = [gap for gap in gaps[1:-1] if gap]
    try:
        rest = scan(_STUB.join([gaps[0], *inner, gaps[-1]]), limits)
    except Refused:
        return None
    if len(rest.components) != len(inner) + 1 or any(part.name != "VEVENT" or part.fault for part in rest.components):
        return None
    return rest


def _places(data: bytes) -> list[tuple[int, int]]:
    """[begin, end) of each VEVENT, lines whole; nothing when one of them does not end as it should."""
    places = []
    find = data.find
    at = find(b"\nBEGIN:VEVENT")
    while at >= 0:
        end = find(b"\nEND:VEVENT", at)
        after = find(b"\n", end + 1) + 1
        if end < 0 or not after or data[end + 11 : after] not in _ENDINGS:
            return []
        if data[at + 13 : at + 15] != b"\r\n" and data[at + 13 : at + 14] != b"\n":
            return []
        places.append((at + 1, after))
        at = find(b"\nBEGIN:VEVENT", after - 1)
    return places


_ROOM = 20_000
_DAYS: dict[bytes, int] = {}
_SECONDS: dict[bytes, int] = {}
_HEADS: dict[bytes, str] = {b";VALUE=DATE": _DATE_ZONE, b"": _FLOATING, b";VALUE=DATE-TIME": _FLOATING}


def _day(digits: bytes) -> int:
    """Wall seconds of a day, remembered. Raises ValueError."""
    if not digits.isdigit() or len(digits) != 8:
        raise ValueError("not a DATE")
    if len(_DAYS) > _ROOM:
        _DAYS.clear()
    found = _DAYS[digits] = day_number(int(digits[:4]), int(digits[4:6]), int(digits[6:])) * DAY
    return found


def _second(digits: bytes) -> int:
    """Seconds since midnight of a time of day, remembered. Raises ValueError."""
    found = _TIME.fullmatch(digits)
    if found is None:
        raise ValueError("not a TIME in its plainest form")
    hour, minute, second = found.groups()
    if len(_SECONDS) > _ROOM:
        _SECONDS.clear()
    seconds = _SECONDS[digits] = int(hour) * 3600 + int(minute) * 60 + int(second)
    return seconds


def _head(head: bytes) -> str:
    """The zone that the parameters of a time name, remembered. Raises ValueError."""
    found = _ZONED.fullmatch(head)
    name = found.group(1).decode("ascii") if found else ""
    if not name or by_name(name) is None:
        raise ValueError("not a zone known by its name")
    if len(_HEADS) > 500:
        raise ValueError("more zone names than are remembered")
    _HEADS[head] = name
    return name


def _at(written: bytes) -> tuple[str, int]:
    """(zone, wall seconds) of a time, parameters included. Raises ValueError when it is not in its plainest form."""
    head, _, value = written.rpartition(b":")
    zone = _HEADS.get(head) or _head(head)
    digits = value[:8]
    day = _DAYS.get(digits)
    if day is None:
        day = _day(digits)
    if zone is _DATE_ZONE:
        if len(value) != 8:
            raise ValueError("not a DATE")
        return zone, day
    second = _SECONDS.get(value[9:15])
    if second is None:
        second = _second(value[9:15])
    if value[8:9] != b"T" or value[15:] not in (b"", b"Z"):
        raise ValueError("not a DATE-TIME")
    if len(value) == 16:
        if zone is not _FLOATING:
            raise ValueError("a zone beside UTC")
        zone = _UTC_ZONE
    return zone, day + second


def plain(octet: bytes, method: str, owner: frozenset[bytes], policy: Policy) -> Plain | None:
    """The record of one VEVENT (without its END line), or None when any needed line of it is not in its plainest form."""
    if b"\nBEGIN:" in octet:
        octet = _ALARM.sub(b"", octet)
    pairs: list[tuple[bytes, bytes]] = _NEEDED.findall(octet)
    lines = dict(pairs)
    if not _NEVER.isdisjoint(lines):
        return None
    excluded: list[bytes] = []
    if b"EXDATE" in lines:
        excluded = [written for name, written in pairs if name == b"EXDATE"]
        del lines[b"EXDATE"]
    if len(lines) + len(excluded) != len(pairs):
        return None
    try:
        return _plain(octet, lines, excluded, method, owner, policy)
    except (ValueError, Unreadable):
        return None


def _plain(
    octet: bytes, lines: dict[bytes, bytes], excluded: list[bytes], method: str, owner: frozenset[bytes], policy: Policy
) -> Plain | None:
    """Raises ValueError and Unreadable where `plain` gives None."""
    uid = _UID.fullmatch(lines.get(b"UID", b""))
    if uid is None or b"DTSTART" not in lines:
        return None
    zone, start = _at(lines[b"DTSTART"])
    lasts = _lasts(lines, zone, start)
    rule = lines.get(b"RRULE")
    if rule is not None:
        if rule[:1] != b":" or b"\r" in rule or b"\n" in rule:
            return None
        rules.parse(rule[1:].decode("ascii"))
    replaces = None
    if b"RECURRENCE-ID" in lines:
        replaces = _same(lines[b"RECURRENCE-ID"], zone)
    without: list[int] = []
    for written in excluded:
        head, _, values = written.rpartition(b":")
        without += [_same(head + b":" + value, zone) for value in values.split(b",")]
    says = _says(octet, lines, method, owner, policy)
    if says is None:
        return None
    written_rule = rule[1:].decode("ascii") if rule else ""
    return Plain(uid.group(1).decode("ascii"), zone, start, lasts, says, written_rule, tuple(without), replaces)


def _same(written: bytes, zone: str) -> int:
    """Wall seconds of a time that must be in this zone. Raises ValueError."""
    found, seconds = _at(written)
    if found != zone:
        raise ValueError("another zone")
    return seconds


@lru_cache(maxsize=4096)
def _length(wall: int, exact: int) -> Length:
    return Length(wall, exact)


def _lasts(lines: dict[bytes, bytes], zone: str, start: int) -> Length:
    if b"DTEND" in lines:
        found = _length(_same(lines[b"DTEND"], zone) - start, 0)
    elif b"DURATION" in lines:
        if lines[b"DURATION"][:1] != b":" or lines[b"DURATION"][-1:] in b" \t\r":
            raise ValueError("not in its plainest form")
        found = length(lines[b"DURATION"][1:].decode("ascii"))
    else:
        found = _length(DAY if zone == _DATE_ZONE else 0, 0)
    total = found.wall + found.exact
    if not 0 <= total <= 366 * DAY or (zone == _DATE_ZONE and (found.exact or total < DAY)):
        raise ValueError("a length for the long way")
    return found


def _says(octet: bytes, lines: dict[bytes, bytes], method: str, owner: frozenset[bytes], policy: Policy) -> Says | None:
    part = _part(octet, owner, policy) if owner else None
    get = lines.get
    busy, other = get(b"X-MICROSOFT-CDO-BUSYSTATUS", b":"), get(b"X-MICROSOFT-MSNCALENDAR-BUSYSTATUS", b":")
    return _decided(method, get(b"STATUS", b":"), busy, other, get(b"TRANSP", b":"), part)


@lru_cache(maxsize=1024)
def _decided(method: str, status: bytes, busy: bytes, other: bytes, transp: bytes, part: Says | None) -> Says | None:
    """What the lines say, None when one of them is not a plain word."""
    words = []
    for written in (status, busy, other, transp):
        found = _WORD.fullmatch(written)
        if found is None:
            return None
        words.append(found.group(1).decode("ascii").upper())
    return meaning.decide(method, words[0], words[1] or words[2], words[3], part, None)


_FOLD = re.compile(rb"\r?\n[ \t]")
_ATTENDEE = re.compile(rb"\nATTENDEE(?![A-Za-z0-9-])([^\n]*(?:\n[ \t][^\n]*)*)")


def _part(octet: bytes, owner: frozenset[bytes], policy: Policy) -> Says | None:
    attendees = [_FOLD.sub(b"", b"ATTENDEE" + line).rstrip(b"\r") for line in _ATTENDEE.findall(octet)]
    return meaning.answered(attendees, owner, policy) if attendees else None


def zone_of(record: Plain, owner: Zone) -> Zone:
    """The zone of a record's times."""
    if record.zone == _UTC_ZONE:
        return UTC
    if record.zone in (_DATE_ZONE, _FLOATING):
        return owner
    found = by_name(record.zone)
    if found is None:
        raise LookupError("a record names a zone that is not known")
    return found


def is_date(record: Plain) -> bool:
    """Whether its times are whole days."""
    return record.zone == _DATE_ZONE
