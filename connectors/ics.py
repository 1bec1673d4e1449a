"""Calendars as iCalendar files, one for each person: a folder, single files, or http(s) addresses.

What an event is about does not get past `connectors.calendars`, which runs in processes of its own. An address may hold a
secret, so none is ever told to a log.
"""

import asyncio
import contextlib
import hashlib
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Annotated, ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from connectors.calendars import Limits, Policy, Refused, Says
from connectors.calendars.files import content, filed, is_web, listed
from connectors.calendars.layer import calendar_of, coming
from connectors.calendars.pool import Pool
from connectors.calendars.sandbox import Exhausted
from connectors.fetching import Fetcher, FetchLimits
from connectors.polling import polling
from presence.domain.directory import Alias
from presence.domain.facts import Calendar
from presence.domain.intervals import Instant
from presence.ports import Batch, Person, SourceInvalid, SourceUnavailable

_log = logging.getLogger(__name__)

_DAY = 86_400
_LOST = 3  # connections to one host that fail before the rest of its calendars is left for the next reading
_COSTLY = 300.0  # seconds until a calendar that took too much is read again; doubles, to an hour
_TOLD = 20  # lines in the log for one reading

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


class _Known(msgspec.Struct):
    """What was read of one calendar last, so that an unchanged one costs a digest, and how reading it fares."""

    place: str = ""
    etag: str = ""
    modified: str = ""
    digest: bytes = b""  # of the text that `calendar` comes from, expanded from `window` on
    window: Instant = 0
    refused: bytes = b""  # digest of a text that is none; it is not read again
    calendar: Calendar | None = None
    future: int = 0
    skipped: int = 0
    tried: Instant = 0
    failed: str = ""  # why it could not be read the last time
    failures: int = 0  # in a row
    not_before: float = 0.0  # as the server asked, or because it costs too much


class _Run(msgspec.Struct):
    """One reading of all calendars."""

    now: Instant
    deadline: float  # of the loop's clock; what is not begun by then is left for the next reading
    lost: Counter[str] = msgspec.field(default_factory=Counter)  # failed connections by host
    told: int = 0


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

    def listen(self) -> AsyncIterator[Batch | SourceUnavailable]:
        return polling(self.name, self.fetch, self._interval)

    async def fetch(self) -> Batch:
        """Read every calendar once. Raises `SourceUnavailable` where not even the list of them can be read, or none of them."""
        loop = asyncio.get_running_loop()
        run = _Run(int(self._now()), loop.time() + max(self._interval, self._settings.timeout))
        places = await asyncio.to_thread(lambda: dict(self._places()))
        if not places:
            raise SourceInvalid("empty", "there is no calendar to read")
        self._known = {alias: self._known.get(alias) or _Known() for alias in places}
        gate = asyncio.Semaphore(self._settings.connections)

        async def one(alias: str) -> Person:
            async with gate:
                return await self._person(alias, places[alias], self._known[alias], run)

        async with asyncio.TaskGroup() as group:  # given up, it waits until all have let go of what they hold
            in_turn = sorted(places, key=lambda alias: self._known[alias].tried)  # who was not reached the last time is first
            tasks = [group.create_task(one(alias)) for alias in in_turn]
        people = [task.result() for task in tasks]
        if all(person.failed for person in people):
            wait = min(known.not_before for known in self._known.values()) - run.now
            code = Counter(person.failed for person in people).most_common(1)[0][0]
            raise SourceUnavailable(code, "no calendar could be read", wait if wait > 0 else None)
        skipped = sum(known.skipped for known in self._known.values())
        return Batch(source=self.name, complete=True, read_at=run.now, people=people, skipped=skipped)

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

    async def _person(self, alias: str, place: str, known: _Known, run: _Run) -> Person:
        if known.place != place:
            known.place, known.etag, known.modified, known.not_before = place, "", "", 0.0
        if run.now < known.not_before:
            return Person(alias=alias, failed=known.failed)
        if asyncio.get_running_loop().time() > run.deadline:
            return self._failed(alias, known, run, "late")
        known.tried = run.now
        try:
            await self._update(alias, known, run)
        except SourceUnavailable as error:
            return self._failed(alias, known, run, error.code, error.retry_after or 0.0)
        except Exhausted:
            return self._failed(alias, known, run, "too-costly", min(_COSTLY * 2.0 ** min(known.failures, 9), 3_600.0))
        except Refused:
            return self._failed(alias, known, run, "not-a-calendar")
        except Exception as error:  # noqa: BLE001  # one person's calendar must not end the others'
            _log.error("source %s: a calendar failed with %s", self.name, type(error).__name__)  # no text of it
            return self._failed(alias, known, run, "internal")
        if known.failed:
            self._tell(run, "source %s: the calendar of %s can be read again", alias)
        known.failed, known.failures, known.not_before = "", 0, 0.0
        return Person(alias=alias, calendar=known.calendar, future_events=known.future)

    def _failed(self, alias: str, known: _Known, run: _Run, code: str, wait: float = 0.0) -> Person:
        if known.failed != code:
            self._tell(run, "source %s: the calendar of %s cannot be read: %s", alias, code)
        known.failed, known.not_before = code, run.now + min(wait, _DAY)
        known.failures += 1
        return Person(alias=alias, failed=code)

    def _tell(self, run: _Run, message: str, *about: object) -> None:
        """To the log, up to a bound; words of a calendar are never among it."""
        run.told += 1
        if run.told <= _TOLD:
            _log.info(message, self.name, *about)
        elif run.told == _TOLD + 1:
            _log.info("source %s: there is more of the kind", self.name)

    async def _update(self, alias: str, known: _Known, run: _Run) -> None:
        """Bring `known` up to date. Raises `SourceUnavailable` and `Refused`.

        An ETag is noted once its text was understood: "unchanged" never stands for one that was refused.
        """
        start = self._window_start(alias, run.now)
        if not is_web(known.place):
            await self._read(alias, known, await asyncio.to_thread(content, Path(known.place), self._settings.size), start, run)
            return
        conditional = known.window == start and known.calendar is not None
        host = urlsplit(known.place).netloc.rpartition("@")[2]
        if run.lost[host] >= _LOST:
            raise SourceUnavailable("unreachable", "the server was tried in vain for others")
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

    def _window_start(self, alias: str, now: Instant) -> Instant:
        """At least a day back. It rolls once a day, at a time of the person's own, so that not all are expanded at midnight."""
        roll = int.from_bytes(hashlib.blake2b(alias.encode(), digest_size=4).digest()) % _DAY
        return (now - roll) // _DAY * _DAY + roll - _DAY

    async def _read(self, alias: str, known: _Known, body: bytes, start: Instant, run: _Run) -> None:
        """The same text in the same window costs a digest."""
        digest = hashlib.blake2b(body, digest_size=16).digest()
        if digest == known.refused:
            raise Refused("refused before")
        if digest == known.digest and known.window == start:
            return
        end = start + (self._settings.days + 2) * _DAY
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
            self._tell(run, "source %s: the calendar of %s, line %d: %s", alias, each.line, each.reason.value)
