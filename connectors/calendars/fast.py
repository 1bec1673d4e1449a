"""The short way through an everyday calendar: the same answer as the long way, without looking at more than it must.

A feed is taken apart into its events and the rest. Events become `Plain` records, remembered by a digest of their octets; series
of them by everyday rules are expanded by arithmetic. Whatever is not fully known is handed back as a component for the long way
(decision 0110).
"""

import os
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from hashlib import blake2b

import msgspec

from connectors.calendars.lines import STRAY, octets
from connectors.calendars.model import Limits, Policy, Refused, Says
from connectors.calendars.plain import Plain, plain
from connectors.calendars.scan import WANTED, Component, Feed, scan
from connectors.calendars.values import Length

_ENDINGS = (b"\r\n", b"\n")
_ODD = re.compile(rb"\n[A-Z0-9-]*+[^:; \t]")
"""A name of which not all is capitals, or that ends before its line does; an empty line, too."""
_UNUSUAL = re.compile(rb"\n([A-Z0-9-]*+(?:[a-z][A-Za-z0-9-]*+(?:\r?\n[ \t])?|\r?\n[ \t]))")
"""A name with small letters in it, and what stands before a fold that is that of a name, or comes after an empty line."""
_CALENDAR = re.compile(rb"\n(?:BEGIN|END):\s*VCALENDAR", re.IGNORECASE)
_MARKED = frozenset(name for names in WANTED.values() for name in names) | {b"BEGIN", b"END", b"ATTENDEE"}


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


UNSEEN = Plain("", "", 0, Length(0, 0), Says.NOTHING, "", (), None)
"""Stands for a record that is not in the memory."""


class Memory:
    """Records by a digest of their octets, so that an unchanged event costs a digest; bounded, the oldest half goes first.

    The digest is salted by chance: what is remembered does not tell what was read.
    """

    def __init__(self, size: int = 50_000) -> None:
        self._size = size
        self._salt = os.urandom(16)
        self.records: dict[bytes, Plain | None] = {}
        """None for an event that goes the long way."""

    def digests(self, context: bytes) -> Callable[[bytes], bytes]:
        """The digest of octets read in a context (16 octets): owner, method and policy."""
        prepared = blake2b(digest_size=16, salt=self._salt, person=context)

        def digest(octet: bytes) -> bytes:
            own = prepared.copy()
            own.update(octet)
            return own.digest()

        return digest

    def clear(self) -> None:
        """Forget all."""
        self.records.clear()

    def put(self, digest: bytes, record: Plain | None) -> None:
        if len(self.records) >= self._size:
            for old in list(self.records)[: self._size // 2]:
                del self.records[old]
        self.records[digest] = record


MEMORY = Memory()


def apart(text: bytes | str, limits: Limits, owner: frozenset[bytes], policy: Policy, memory: Memory = MEMORY) -> Blocks | None:
    """Take a feed apart, or None when it is one for the long way. Raises Refused as `scan` does."""
    data = octets(text, limits)
    if policy.codes or STRAY in data or (_ODD.search(data) and _is_unusual(data)):
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
    known, last_line = memory.records.get, data.rfind
    for begin, end in places:
        octet = data[begin : last_line(b"\n", begin, end - 1) + 1]  # without the END line
        digest = digested(octet)
        record = known(digest, UNSEEN)
        if record is UNSEEN:
            record = plain(octet, rest.method, owner, policy)
            memory.put(digest, record)
        blocks.append(Block(begin, end, record))
    if rest.zones and not any(block.plain and block.plain.zone[0] != "\x00" for block in blocks):
        return None  # quirks.exchange.lost_tzid may have a word here
    return Blocks(data, rest, blocks)


def _is_unusual(data: bytes) -> bool:
    """Whether a name that is wanted is written in small letters, or any name is folded."""
    return any(name.upper() in _MARKED or name[-1:] in b" \t" for name in _UNUSUAL.findall(data))


_STUB = b"BEGIN:VEVENT\r\nEND:VEVENT\r\n"


def _rest(data: bytes, places: list[tuple[int, int]], limits: Limits) -> Feed | None:
    """What stands around the events, scanned; a stub keeps the place of those between. None where it is not whole by itself."""
    afters, begins = [0, *(end for _, end in places)], [*(begin for begin, _ in places), len(data)]
    gaps = [data[after:begin] for after, begin in zip(afters, begins, strict=True) if after < begin]
    if any(gap[:1] in (b" ", b"\t") for gap in gaps):
        return None
    if sum(gap.count(b"BEGIN:VTIMEZONE") for gap in gaps) > 100:
        return None
    if len(places) + sum(gap.count(b"\nBEGIN:") for gap in gaps) >= limits.components:
        return None
    try:
        rest = scan(_STUB.join(gaps), limits)
    except Refused:
        return None
    stubs = [("VEVENT", None)] * (len(gaps) - 1)
    return rest if [(part.name, part.fault) for part in rest.components] == stubs else None


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
