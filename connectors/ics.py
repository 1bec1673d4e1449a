"""Calendars as iCalendar files, one for each person: a folder, single files, or http(s) addresses.

What an event is about does not get past `connectors.calendars`, which runs in processes of its own. An address may hold a
secret, so none is ever told to a log.
"""

import asyncio
import contextlib
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Annotated, ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from connectors.calendars import Limits, Policy, Refused, Says, rounds
from connectors.calendars.files import Mark, content, filed, is_web, listed, marks
from connectors.calendars.layer import calendar_of, coming
from connectors.calendars.pool import Pool
from connectors.calendars.rounds import DAY, Round, window_start
from connectors.calendars.sandbox import Exhausted
from connectors.fetching import Fetcher, FetchLimits
from connectors.polling import polling
from presence.domain.directory import Alias
from presence.domain.intervals import Instant
from presence.ports import Batch, SourceInvalid, SourceUnavailable

_log = logging.getLogger(__name__)

_Path = Annotated[str, Meta(extra={"format": "path"})]


class IcsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At least one of `folder`, `list_file` and `calendars` is needed; where two name one person the later counts.

    `folder`: files named by the person's alias, such as anna.berg@example.se.ics. `list_file`: lines of an alias and an address
    or file (`mail:anna@example.se https://…`). `calendars`: the same here. An alias without a kind is of the kind `alias`.
    """

    folder: _Path = ""
    list_file: _Path = ""
    calendars: dict[str, str] = {}
    alias: str = "mail"
    zone: Annotated[str, Meta(extra={"format": "zone"})] = "Europe/Stockholm"  # of the owners, for all-day and floating times
    days: Annotated[int, Meta(ge=1, le=730)] = 60  # how far ahead is expanded
    tentative: bool = False  # a tentative event makes busy
    codes: dict[str, Says] = {}  # referral codes at the start of a subject, "LUN:" = "busy"; none: no subject is read at all
    allow_networks: tuple[Annotated[str, Meta(extra={"format": "network"})], ...] = ()  # feeds inside are refused but for these
    ca_file: _Path = ""  # certificates of the organisation's own authority, beside those of the system
    timeout: Annotated[int, Meta(ge=1, le=600, extra={"format": "duration"})] = 30  # seconds for one calendar
    size: Annotated[int, Meta(ge=1, le=100_000_000)] = 5_000_000  # bytes of one calendar
    connections: Annotated[int, Meta(ge=1, le=100)] = 8

    def __post_init__(self) -> None:
        if not (self.folder or self.list_file or self.calendars):
            raise ValueError("says nowhere where the calendars are; it needs folder, list_file or calendars.")


class _Known(rounds.Kept):
    """With it, an unchanged calendar costs a digest."""

    place: str = ""
    etag: str = ""
    modified: str = ""
    mark: Mark | None = None  # of the file that `calendar` comes from
    digest: bytes = b""  # of the text that `calendar` comes from, expanded from `window` on
    window: Instant = 0
    refused: bytes = b""  # digest of a text that is none; it is not read again

    def moved(self, place: str) -> None:
        if self.place != place:
            self.place, self.etag, self.modified, self.mark, self.not_before = place, "", "", None, 0.0


class Ics:
    """Reads all calendars at each interval. One that fails marks its person only."""

    Settings: ClassVar[type[IcsSettings]] = IcsSettings

    def __init__(
        self, name: str, settings: IcsSettings, interval: float = 300.0, *, now: Callable[[], float] = time.time
    ) -> None:
        self.name = name
        self._settings = settings
        self._interval = interval
        self._now = now
        self._zone = ZoneInfo(settings.zone)
        self._policy, self._limits = Policy(settings.codes), Limits(octets=settings.size)
        self._pool = Pool()
        bounds = FetchLimits(total=settings.timeout, size=settings.size)
        self._fetcher = Fetcher(settings.allow_networks, bounds, settings.connections, ca_file=settings.ca_file, now=now)
        self._known: dict[str, _Known] = {}
        self._marks: dict[str, Mark] = {}  # of the files, at the beginning of a round

    def listen(self) -> AsyncIterator[Batch | SourceUnavailable]:
        return polling(self.name, self.fetch, self._interval)

    async def fetch(self) -> Batch:
        """Read every calendar once. Raises `SourceUnavailable` where not even the list of them can be read, or none of them."""
        run = Round.begun(self.name, _log, self._now(), max(self._interval, self._settings.timeout))
        places = await asyncio.to_thread(lambda: dict(self._places()))
        if not places:
            raise SourceInvalid("empty", "there is no calendar to read")
        self._marks = await asyncio.to_thread(marks, [place for place in places.values() if not is_web(place)])
        self._known = {alias: self._known.get(alias) or _Known() for alias in places}
        for alias, place in places.items():
            self._known[alias].moved(place)
        return await rounds.read(self._known, self._update, run, self._settings.connections)

    async def close(self) -> None:
        await self._fetcher.close()
        await self._pool.aclose()

    def _places(self) -> Iterator[tuple[str, str]]:
        """Alias -> file or address. Raises `SourceUnavailable`. What names nobody is passed over."""
        settings = self._settings
        found: list[tuple[str, str]] = []
        try:
            if settings.folder:
                found += filed(Path(settings.folder))
            if settings.list_file:
                found += listed(Path(settings.list_file))
        except (OSError, UnicodeDecodeError):
            raise SourceUnavailable("unreadable", "the folder or the list of calendars cannot be read") from None
        for name, place in [*found, *settings.calendars.items()]:
            with contextlib.suppress(ValueError):
                yield str(Alias.parse(name if ":" in name else f"{settings.alias}:{name}")), place

    async def _update(self, alias: str, known: _Known, run: Round) -> None:
        """Bring `known` up to date. Raises `SourceUnavailable` and `Refused`.

        An ETag is noted once its text was understood: "unchanged" never stands for one that was refused.
        """
        start = window_start(alias, run.now)
        conditional = known.window == start and known.calendar is not None
        if not is_web(known.place):
            if conditional and known.mark and known.mark == self._marks.get(known.place):
                return
            body, mark = await asyncio.to_thread(content, Path(known.place), self._settings.size)
            await self._read(alias, known, body, start, run)
            known.mark = mark
            return
        host = urlsplit(known.place).netloc.rpartition("@")[2]
        run.expect(host)
        try:
            fetched = await self._fetcher.get(known.place, *((known.etag, known.modified) if conditional else ()))
        except SourceUnavailable as error:
            run.lost[host] += error.code == "unreachable"
            raise
        run.lost[host] = 0
        if fetched.body is not None:
            await self._read(alias, known, fetched.body, start, run)
            known.etag, known.modified = fetched.etag, fetched.modified
        elif not (conditional and (known.etag or known.modified)):
            raise SourceInvalid("no-body", "the server says unchanged of what it was not asked about")

    async def _read(self, alias: str, known: _Known, body: bytes, start: Instant, run: Round) -> None:
        """The same text in the same window costs a digest."""
        digest = hashlib.sha256(body).digest()  # twice as fast as BLAKE2 where the processor knows it, as most do
        if digest == known.refused:
            raise Refused("refused before")
        if digest == known.digest and known.window == start:
            return
        end = start + (self._settings.days + 2) * DAY
        value = alias.partition(":")[2]
        owner = [value] if "@" in value else []
        try:
            reading = await self._pool.read([body], start, end, self._zone, owner=owner, policy=self._policy, limits=self._limits)
        except Exhausted:
            raise
        except Refused:
            known.refused = digest
            raise
        known.calendar = calendar_of(reading, start, end, self._settings.tentative)
        known.digest, known.window, known.refused = digest, start, b""
        known.future, known.skipped = coming(reading, run.now), len(reading.skipped)
        for each in reading.skipped[:3]:
            run.tell("source %s: the calendar of %s, line %d: %s", alias, each.line, each.reason.value)
