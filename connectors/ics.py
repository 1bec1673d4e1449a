"""Calendars as iCalendar files, one for each person: a folder, single files, or http(s) addresses.

What an event is about does not get past `connectors.calendars`, which runs in a process of its own.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

import msgspec

from connectors.calendars import Policy, Reading, Refused, Says
from connectors.calendars.sandbox import Sandbox
from connectors.fetching import Fetcher, FetchLimits
from connectors.polling import polling
from presence.domain.facts import Calendar
from presence.domain.intervals import DOUBT, FOREVER, Instant, Intervals, Opinion, Status
from presence.ports import Batch, Person, SourceInvalid, SourceUnavailable

_DAY = 86_400


class IcsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At least one of `folder`, `list_file` and `calendars` is needed.

    `folder`: files named by the person's alias, such as anna.berg@example.se.ics. `list_file`: lines of an alias and an address
    (`mail:anna@example.se https://…`). `calendars`: the same here. An alias without a kind is of the kind `alias`.
    """

    folder: str = ""
    list_file: str = ""
    calendars: dict[str, str] = {}
    alias: str = "mail"
    zone: str = "Europe/Stockholm"  # of the owners, for all-day and floating times
    days: int = 60  # how far ahead is expanded
    tentative: bool = False  # a tentative event makes busy
    codes: dict[str, Says] = {}  # referral codes at the start of a subject, "LUN:" = "busy"; none: no subject is read at all
    allow_networks: tuple[str, ...] = ()  # such as 10.1.0.0/16: feeds are often inside, and refused unless allowed
    timeout: float = 30.0  # seconds for one calendar
    size: int = 5_000_000  # bytes of one calendar
    connections: int = 8


class _Known(msgspec.Struct):
    """What was read of one calendar last, so that an unchanged one costs a digest."""

    digest: bytes = b""
    etag: str = ""
    modified: str = ""
    window: Instant = 0
    calendar: Calendar | None = None
    future: int = 0
    skipped: int = 0


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
        self._sandbox = Sandbox()
        self._fetcher = Fetcher(
            settings.allow_networks, FetchLimits(total=settings.timeout, size=settings.size), settings.connections
        )
        self._known: dict[str, _Known] = {}

    def listen(self) -> AsyncIterator[Batch | SourceUnavailable]:
        return polling(self.name, self.fetch, self._interval)

    async def fetch(self) -> Batch:
        """Read every calendar once. Raises `SourceUnavailable` where not even the list of them can be read, or none of them."""
        started = int(self._now())
        places = await asyncio.to_thread(lambda: dict(self._places()))
        if not places:
            raise SourceInvalid("empty", "there is no calendar to read")
        gate = asyncio.Semaphore(self._settings.connections)

        async def one(alias: str, place: str) -> Person:
            async with gate:
                return await self._person(alias, place, started)

        people = await asyncio.gather(*(one(alias, place) for alias, place in places.items()))
        self._known = {alias: known for alias, known in self._known.items() if alias in places}
        if all(p.failed for p in people):
            raise SourceUnavailable(people[0].failed, "no calendar could be read")
        skipped = sum(self._known[alias].skipped for alias in places if alias in self._known)
        return Batch(source=self.name, complete=True, read_at=started, people=people, skipped=skipped)

    async def close(self) -> None:
        await self._fetcher.close()
        await self._sandbox.aclose()

    def _places(self) -> Iterator[tuple[str, str]]:
        """Alias -> file or address. Raises `SourceUnavailable`."""
        settings = self._settings
        try:
            if settings.folder:
                for file in sorted(Path(settings.folder).iterdir()):
                    if file.suffix.lower() == ".ics" and not file.name.startswith("."):
                        yield self._alias(file.stem), str(file)
            if settings.list_file:
                for line in Path(settings.list_file).read_text("utf-8").splitlines():
                    alias, _, place = line.strip().partition(" ")
                    if place and not line.lstrip().startswith("#"):
                        yield self._alias(alias), place.strip()
        except (OSError, UnicodeDecodeError):
            raise SourceUnavailable("unreadable", "the folder or the list of calendars cannot be read") from None
        for alias, place in settings.calendars.items():
            yield self._alias(alias), place

    def _alias(self, text: str) -> str:
        return text if ":" in text else f"{self._settings.alias}:{text}"

    async def _person(self, alias: str, place: str, now: Instant) -> Person:
        known = self._known.setdefault(alias, _Known())
        try:
            start = self._window_start(alias, now)
            body = await self._body(place, known, fresh=known.window != start)
            if body is not None:
                await self._read(alias, known, body, start)
        except SourceUnavailable as error:
            return Person(alias=alias, failed=error.code)
        except Refused:
            return Person(alias=alias, failed="not-a-calendar")
        return Person(alias=alias, calendar=known.calendar, future_events=known.future)

    def _window_start(self, alias: str, now: Instant) -> Instant:
        """A day back. It rolls once a day, at a time of the person's own, so that not all are expanded at midnight."""
        roll = int.from_bytes(hashlib.blake2b(alias.encode(), digest_size=4).digest()) % _DAY
        return (now - roll) // _DAY * _DAY + roll - _DAY

    async def _body(self, place: str, known: _Known, fresh: bool) -> bytes | None:
        """The calendar's text; None where the server says that it is the one last read. `fresh`: ask for it in any case."""
        if place.startswith(("https://", "http://")):
            asked = ("", "") if fresh or known.calendar is None else (known.etag, known.modified)
            fetched = await self._fetcher.get(place, *asked)
            if fetched.body is None and not any(asked):
                raise SourceInvalid("no-body", "the server says unchanged of what was never sent")
            if fetched.body is not None:
                known.etag, known.modified = fetched.etag, fetched.modified
            return fetched.body
        return await asyncio.to_thread(self._file, Path(place))

    def _file(self, path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                body = file.read(self._settings.size + 1)
        except OSError:
            raise SourceUnavailable("unreadable", "a calendar file cannot be read") from None
        if len(body) > self._settings.size:
            raise SourceInvalid("too-large", "a calendar file is larger than accepted")
        return body

    async def _read(self, alias: str, known: _Known, body: bytes, start: Instant) -> None:
        """Bring `known` up to date; the same text in the same window costs a digest."""
        digest = hashlib.blake2b(body, digest_size=16).digest()
        if digest == known.digest and known.window == start and known.calendar is not None:
            return
        end = start + (self._settings.days + 1) * _DAY
        owner = [alias.partition(":")[2]] if alias.startswith("mail:") else []
        reading = await self._sandbox.read([body], start, end, self._zone, owner=owner, policy=Policy(self._settings.codes))
        known.calendar = calendar_of(reading, start, end, self._settings.tentative)
        known.digest, known.window = digest, start
        known.future, known.skipped = reading.future_events, len(reading.skipped)


def calendar_of(reading: Reading, start: Instant, end: Instant, tentative: bool = False) -> Calendar:
    """As a layer over `[start, end)`, DOUBT from the end on. What could not be read is busy over its known span."""
    busy = [*reading.busy, *reading.doubtful, *(reading.tentative if tentative else ())]
    spans: list[tuple[Instant, Instant, Opinion]] = [
        *((s, e, Status.BUSY) for s, e in busy),
        *((s, e, Status.AWAY) for s, e in reading.unavailable),
        (start if reading.unbounded else end, FOREVER, DOUBT),
    ]
    return Calendar(intervals=Intervals.of(spans))
