"""The short way through an everyday calendar: the same answer as the long way, without looking at more than it must.

A VEVENT written in the plainest form (no folded or repeated needed line, known zone names, one zone an event) becomes a `Plain`
record straight from its octets, and is remembered by a digest of them. Series of such events by everyday rules are expanded by
arithmetic. Whatever is not fully known is handed back as a component for the long way (decision 0110).
"""

import os
import re
from collections.abc import Iterable
from hashlib import blake2b

import msgspec

from connectors.calendars import meaning, rules
from connectors.calendars.model import Limits, Policy, Refused, Says, Unreadable
from connectors.calendars.scan import WANTED, Component, Feed, octets, scan
from connectors.calendars.values import DAY, Length, day_number, length
from connectors.calendars.zones import UTC, Zone, by_name

_BEGIN, _END = b"BEGIN:VEVENT", b"END:VEVENT"
_NEEDED = re.compile(
    rb"\n(DTSTART|DTEND|DURATION|RRULE|EXDATE|RDATE|RECURRENCE-ID|UID|STATUS|TRANSP|EXRULE|BEGIN|END"
    rb"|X-MICROSOFT-(?:CDO|MSNCALENDAR)-BUSYSTATUS)([;:][^\r\n]*)(\r?\n[ \t]|\r(?!\n))?"
)
_SMALL = re.compile(rb"\n([A-Z-]*[a-z][A-Za-z-]*)[;:]")
_TIME = re.compile(rb"(?:;VALUE=DATE-TIME)?(?:;TZID=([^;:\"]{1,64}))?:(\d{8})T([01]\d|2[0-3])([0-5]\d)([0-5]\d)(Z?)")
_DATE = re.compile(rb";VALUE=DATE:(\d{8})")
_ALARM = re.compile(rb"(?<=\n)BEGIN:VALARM\r?\n(?:(?!BEGIN:|END:)[^\n]*\n)*END:VALARM\r?\n")
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

    def components(self, blocks: Iterable[Block], limits: Limits, owner: frozenset[bytes]) -> list[Component]:
        """Events as the long way wants them, in their order, lines counted within the feed. Raises Refused."""
        found, line, counted = [], 0, 0
        for block in sorted(blocks, key=lambda block: block.begin):
            line += self.data.count(b"\n", counted, block.begin)
            counted = block.begin
            components = scan(self.data[block.begin : block.end], limits, owner).components
            if len(components) != 1:
                raise Refused("not one event")
            components[0].line += line
            found += components
        return found


class Memory:
    """Records by a digest of their octets, so that an unchanged event costs a digest; bounded, the oldest half goes first.

    The key of the digest is random: what is remembered does not tell what was read.
    """

    def __init__(self, size: int = 50_000) -> None:
        self._size = size
        self._key = os.urandom(32)
        self._records: dict[bytes, Plain | None] = {}

    def digest(self, block: bytes, context: bytes) -> bytes:
        return blake2b(block, digest_size=16, key=self._key, person=context).digest()

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
    if policy.codes or b"BEGIN:VFREEBUSY" in data or b"BEGIN:VAVAILABILITY" in data:
        return None
    if data.count(b"\nBEGIN:") >= limits.components or any(name.upper() in _MARKED for name in _SMALL.findall(data)):
        return None
    places = _places(data)
    if not places:
        return None
    gaps = [data[after:begin] for (_, after), (begin, _) in zip([(0, 0), *places], [*places, (len(data), 0)], strict=True)]
    if any(gap[:1] in (b" ", b"\t") for gap in gaps):
        return None
    try:
        rest = scan(b"".join(gaps), limits)
    except Refused:
        return None
    if rest.components:
        return None
    context = blake2b(b"\n".join(sorted(owner)) + rest.method.encode() + policy.needs_action.encode(), digest_size=16).digest()
    blocks = []
    for begin, end in places:
        octet = data[begin:end]
        digest = memory.digest(octet, context)
        record = memory.get(digest)
        if record is False or record is True:
            record = plain(octet, rest.method, owner, policy)
            memory.put(digest, record)
        blocks.append(Block(begin, end, record))
    if rest.zones and not any(block.plain and block.plain.zone[0] != "\x00" for block in blocks):
        return None  # quirks.exchange.lost_tzid may have a word here
    return Blocks(data, rest, blocks)


def _places(data: bytes) -> list[tuple[int, int]]:
    """[begin, end) of each VEVENT, lines whole; nothing when one of them does not end as it should."""
    places = []
    at = data.find(b"\n" + _BEGIN)
    while at >= 0:
        end = data.find(b"\n" + _END, at)
        after = data.find(b"\n", end + 1) + 1
        if end < 0 or not after or after - end > 13 or data[end + 11 : after].strip():
            return []
        places.append((at + 1, after))
        at = data.find(b"\n" + _BEGIN, after - 1)
    return places


_DAYS: dict[bytes, int] = {}


def _day(digits: bytes) -> int:
    """Wall seconds of a day, remembered. Raises ValueError."""
    found = _DAYS.get(digits)
    if found is None:
        if len(_DAYS) > 20_000:
            _DAYS.clear()
        found = _DAYS[digits] = day_number(int(digits[:4]), int(digits[4:6]), int(digits[6:])) * DAY
    return found


def _at(written: bytes) -> tuple[str, int] | None:
    """(zone, wall seconds) of a time in its plainest form, parameters included; None for any other."""
    found = _TIME.fullmatch(written)
    if found:
        tzid, day, hour, minute, second, utc = found.groups()
        seconds = _day(day) + int(hour) * 3600 + int(minute) * 60 + int(second)
        if utc:
            return None if tzid else (_UTC_ZONE, seconds)
        return (tzid.decode("ascii") if tzid else _FLOATING), seconds
    found = _DATE.fullmatch(written)
    return (_DATE_ZONE, _day(found.group(1))) if found else None


def plain(octet: bytes, method: str, owner: frozenset[bytes], policy: Policy) -> Plain | None:
    """The record of one VEVENT, or None when any needed line of it is not in its plainest form."""
    if octet[len(_BEGIN) : len(_BEGIN) + 2] != b"\r\n" and octet[len(_BEGIN) : len(_BEGIN) + 1] != b"\n":
        return None
    if b"\nBEGIN:" in octet:
        octet = _ALARM.sub(b"", octet)
    lines: dict[bytes, bytes] = {}
    excluded: list[bytes] = []
    for name, written, odd in _NEEDED.findall(octet):
        if odd or name in lines or name in (b"RDATE", b"EXRULE", b"BEGIN") or (name == b"END" and written != b":VEVENT"):
            return None
        if name == b"EXDATE":
            excluded.append(written)
        else:
            lines[name] = written
    try:
        return _plain(octet, lines, excluded, method, owner, policy)
    except (ValueError, UnicodeDecodeError, Unreadable):
        return None


def _plain(
    octet: bytes, lines: dict[bytes, bytes], excluded: list[bytes], method: str, owner: frozenset[bytes], policy: Policy
) -> Plain | None:
    uid = _UID.fullmatch(lines.get(b"UID", b""))
    begins = _at(lines.get(b"DTSTART", b""))
    if uid is None or begins is None:
        return None
    zone, start = begins
    lasts = _lasts(lines, zone, start)
    rule = lines.get(b"RRULE", b":")
    if lasts is None or rule[:1] != b":":
        return None
    if b"RRULE" in lines:
        rules.parse(rule[1:].decode("ascii"))
    if zone[0] != "\x00" and not _known(zone):
        return None
    replaces = None
    if b"RECURRENCE-ID" in lines:
        original = _at(lines[b"RECURRENCE-ID"])
        if original is None or original[0] != zone:
            return None
        replaces = original[1]
    without: list[int] = []
    for written in excluded:
        head, _, values = written.rpartition(b":")
        for value in values.split(b","):
            at = _at(head + b":" + value)
            if at is None or at[0] != zone:
                return None
            without.append(at[1])
    says = _says(octet, lines, method, owner, policy)
    if says is None:
        return None
    return Plain(uid.group(1).decode("ascii"), zone, start, lasts, says, rule[1:].decode("ascii"), tuple(without), replaces)


def _known(name: str) -> bool:
    return by_name(name) is not None


def _lasts(lines: dict[bytes, bytes], zone: str, start: int) -> Length | None:
    if b"DTEND" in lines:
        ends = _at(lines[b"DTEND"])
        if ends is None or ends[0] != zone:
            return None
        found = Length(ends[1] - start, 0)
    elif b"DURATION" in lines:
        if lines[b"DURATION"][:1] != b":":
            return None
        found = length(lines[b"DURATION"][1:].decode("ascii"))
    else:
        found = Length(DAY if zone == _DATE_ZONE else 0, 0)
    total = found.wall + found.exact
    if not 0 <= total <= 366 * DAY or (zone == _DATE_ZONE and (found.exact or total < DAY)):
        return None
    return found


def _says(octet: bytes, lines: dict[bytes, bytes], method: str, owner: frozenset[bytes], policy: Policy) -> Says | None:
    words = []
    for name in (b"STATUS", b"X-MICROSOFT-CDO-BUSYSTATUS", b"X-MICROSOFT-MSNCALENDAR-BUSYSTATUS", b"TRANSP"):
        found = _WORD.fullmatch(lines.get(name, b":"))
        if found is None:
            return None
        words.append(found.group(1).decode("ascii").upper())
    part = _part(octet, owner, policy) if owner else None
    return meaning.decide(method, words[0], words[1] or words[2], words[3], part, None)


_FOLD = re.compile(rb"\r?\n[ \t]")
_ATTENDEE = re.compile(rb"\nATTENDEE([;:][^\n]*(?:\n[ \t][^\n]*)*)")


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
