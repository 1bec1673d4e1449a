"""From texts of a CalDAV server to times: bounded, in processes of their own, and only where a text is another than before."""

import hashlib
import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from connectors.calendars import Limits, Policy, Reading, Refused
from connectors.calendars.layer import calendar_of, coming
from connectors.calendars.pool import Pool
from connectors.calendars.sandbox import Exhausted
from connectors.calendars.spans import clipped
from connectors.dav.collection import Held, Read
from presence.domain.facts import Calendar
from presence.domain.intervals import Instant
from presence.ports import SourceInvalid

_FOLD = re.compile(rb"\r?\n[ \t]")
_FREE_BUSY = re.compile(rb"^BEGIN:VFREEBUSY\s*$", re.IGNORECASE | re.MULTILINE)
_BOUND = re.compile(rb"^(DTSTART|DTEND)(?:;[^:\n]*)?:(\d{8}T\d{6})Z\s*$", re.IGNORECASE | re.MULTILINE)
_PASSING = (b"DTSTAMP", b"UID", b"PRODID")  # of a free-busy answer: new in each


class Understanding:
    """Reads what servers sent. `zone` is the owners', for whole days and floating times."""

    def __init__(self, zone: ZoneInfo, policy: Policy, limits: Limits) -> None:
        self._pool = Pool()
        self._zone, self._policy, self._limits = zone, policy, limits

    async def close(self) -> None:
        await self._pool.aclose()

    async def take(self, held: Held, read: Read, owner: Collection[str], start: Instant, end: Instant, now: Instant) -> None:
        """Note in `held` what was read of `[start, end)`, or that it is the same as before.

        Raises `Refused` and `SourceUnavailable`; then `held` is as it was.
        """
        digest = _digest(read)
        if digest == held.refused:
            raise Refused("refused before")
        if held.reading is None or held.window != start or held.digest != digest:
            try:
                reading, until = await self._understood(read, owner, start, end, now)
            except Exhausted:
                raise
            except Refused:
                held.refused = digest
                raise
            held.reading = msgspec.structs.replace(reading, occurrences=[])
            held.window, held.end, held.digest, held.refused = start, until, digest, b""
            held.future = coming(reading, now)
            held.version += 1
        held.mark = read.mark

    async def _understood(
        self, read: Read, owner: Collection[str], start: Instant, end: Instant, now: Instant
    ) -> tuple[Reading, Instant]:
        """The times, and up to when they are told."""
        if not read.free_busy:
            return await self._events(read.texts, owner, start, end), end
        reading = await self._read(read.texts, owner, start, end)
        if reading.skipped or not _FREE_BUSY.search(read.texts[0]):
            raise Refused("not read: it does not tell free and busy times")
        begun, ended = told(read.texts[0])
        if (begun is not None and begun > now) or (ended is not None and ended <= now):
            raise SourceInvalid("too-short", "the server does not tell of now")
        return reading, end if ended is None else min(end, ended)

    async def _events(self, texts: Sequence[bytes], owner: Collection[str], start: Instant, end: Instant) -> Reading:
        """All together; where an object is no calendar, each apart, and that one makes free time doubtful."""
        try:
            return await self._read(texts, owner, start, end)
        except Exhausted:
            raise
        except Refused:
            if len(texts) < 2:
                raise
        found: list[Reading] = []
        for text in texts:
            try:
                found.append(await self._read([text], owner, start, end))
            except Exhausted:
                raise
            except Refused:
                found.append(Reading(unbounded=True))
        if all(reading.unbounded and not reading.occurrences for reading in found):
            raise Refused("not read: nothing in it is a calendar")
        return united(found)

    async def _read(self, texts: Sequence[bytes], owner: Collection[str], start: Instant, end: Instant) -> Reading:
        return await self._pool.read(texts, start, end, self._zone, owner=owner, policy=self._policy, limits=self._limits)


_SPANS = ("busy", "tentative", "unavailable", "scheduled", "working", "doubtful")


def calendar_from(parts: Sequence[Held], start: Instant, tentative: bool) -> Calendar:
    """All that was told of one person, as one layer, as far as all of it goes."""
    end = min(part.end for part in parts)
    reading = united([part.reading for part in parts if part.reading is not None])
    cut = {name: clipped(getattr(reading, name), start, end) for name in _SPANS}
    return calendar_of(msgspec.structs.replace(reading, **cut), start, end, tentative)


def united(readings: Sequence[Reading]) -> Reading:
    """Whoever is busy in one of them is busy."""
    lists: dict[str, Any] = {
        name: [each for reading in readings for each in getattr(reading, name)] for name in (*_SPANS, "occurrences", "skipped")
    }
    return Reading(**lists, unbounded=any(reading.unbounded for reading in readings))


def told(text: bytes) -> tuple[Instant | None, Instant | None]:
    """From when and up to when a free-busy answer tells (DTSTART, DTEND; RFC 5545, 3.6.4); None where it does not say."""
    found: dict[bytes, list[int]] = {b"DTSTART": [], b"DTEND": []}
    for name, value in _BOUND.findall(_FOLD.sub(b"", text)):
        try:
            at = datetime.strptime(value.decode(), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            continue
        found[name.upper()].append(int(at.timestamp()))
    return max(found[b"DTSTART"], default=None), min(found[b"DTEND"], default=None)


def _digest(read: Read) -> bytes:
    """Of what was said, in whatever order and whenever."""
    texts = sorted(read.texts)
    if read.free_busy:
        lines = [line for text in texts for line in _FOLD.sub(b"", text).split(b"\n")]
        texts = sorted(line.strip() for line in lines if not line.upper().startswith(_PASSING))
    digest = hashlib.blake2b(digest_size=16)
    for text in texts:
        digest.update(len(text).to_bytes(4) + text)
    return digest.digest()
