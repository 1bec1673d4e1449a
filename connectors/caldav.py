"""Calendars of a CalDAV server (RFC 4791): free-busy first, so that what an event is about never leaves the server.

What changed is asked before anything is read (RFC 6578); many people can be asked for at once where the server has a scheduling
outbox (RFC 6638). Calendars are read by `connectors.calendars`, in processes of their own.
"""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

import msgspec

from connectors.calendars import Limits, Policy, rounds
from connectors.calendars.rounds import DAY, Round, window_start
from connectors.dav import collection, outbox
from connectors.dav.client import Client, basic
from connectors.dav.collection import Held, Mark, Read
from connectors.dav.people import MAILTO, places
from connectors.dav.settings import CalDavSettings
from connectors.dav.understanding import Understanding, calendar_from
from connectors.fetching import FetchLimits
from connectors.polling import polling
from presence.domain.intervals import Instant
from presence.ports import Batch, SourceInvalid, SourceUnavailable

_log = logging.getLogger(__name__)


class _Known(rounds.Kept):
    """One person: the addresses, and what is held of each."""

    places: tuple[str, ...] = ()
    held: dict[str, Held] = msgspec.field(default_factory=dict)
    made_of: tuple[object, ...] = ()  # from which readings `calendar` was made

    def moved(self, places: tuple[str, ...]) -> None:
        if self.places != places:
            self.places, self.not_before, self.made_of = places, 0.0, ()
            self.held = {place: self.held.get(place) or Held() for place in places}


class CalDav:
    """Asks for all calendars at each interval; reads those that changed. One that fails marks its person only."""

    Settings: ClassVar[type[CalDavSettings]] = CalDavSettings

    def __init__(
        self, name: str, settings: CalDavSettings, interval: float = 300.0, *, now: Callable[[], float] = time.time
    ) -> None:
        self.name = name
        self._settings = settings
        self._interval = interval
        self._now = now
        limits = Limits(octets=settings.size)
        self._understanding = Understanding(ZoneInfo(settings.zone), Policy(settings.codes), limits)
        bounds = FetchLimits(total=settings.timeout, size=settings.size)
        client = Client(settings.allow_networks, bounds, settings.connections, ca_file=settings.ca_file, now=now)
        self._client = client.at(settings.url, lambda: self._account)
        self._account = ""
        self._known: dict[str, _Known] = {}

    def listen(self) -> AsyncIterator[Batch | SourceUnavailable]:
        return polling(self.name, self.fetch, self._interval)

    async def fetch(self) -> Batch:
        """Every calendar once. Raises `SourceUnavailable` where it is not known whose there are, or none can be read."""
        run = Round.begun(self.name, _log, self._now(), max(self._interval, self._settings.timeout))
        self._known = await asyncio.to_thread(self._people)
        self._account = await asyncio.to_thread(account, self._settings)
        self._client.begin()
        told = await self._told(run)

        async def update(alias: str, known: _Known, run: Round) -> None:
            await self._update(alias, known, run, told)

        return await rounds.read(self._known, update, run, self._settings.connections)

    async def close(self) -> None:
        await self._client.close()
        await self._understanding.close()

    def _people(self) -> dict[str, _Known]:
        settings = self._settings
        try:
            found = places(settings.templates, settings.people, settings.list_file, settings.calendars, settings.alias)
        except (OSError, UnicodeDecodeError):
            raise SourceUnavailable("unreadable", "the list of calendars cannot be read") from None
        if not found:
            raise SourceInvalid("empty", "there is no calendar to read")
        people = {alias: self._known.get(alias) or _Known() for alias in found}
        for alias, where in found.items():
            people[alias].moved(where)
        return people

    def _window(self, alias: str, now: Instant) -> tuple[Instant, Instant]:
        start = window_start(alias, now)
        return start, start + (self._settings.days + 2) * DAY

    async def _told(self, run: Round) -> dict[str, outbox.Told]:
        """What the outbox says of all who are asked for there, over the windows of all of them."""
        asked: dict[str, tuple[Instant, Instant]] = {}
        for alias, known in self._known.items():
            if self._settings.outbox and run.now >= known.not_before:
                asked |= {place: self._window(alias, run.now) for place in known.places if place.startswith(MAILTO)}
        people = sorted(asked, key=lambda place: (asked[place][0] % DAY, place))  # whose windows move together are asked together
        gate = asyncio.Semaphore(self._settings.connections)

        async def ask(some: list[str]) -> dict[str, outbox.Told]:
            start, end = min(asked[each][0] for each in some), max(asked[each][1] for each in some)
            async with gate:
                if asyncio.get_running_loop().time() > run.deadline:
                    return dict.fromkeys(some, SourceUnavailable("late"))
                settings = self._settings
                return dict(await outbox.ask(self._client, settings.outbox, settings.organizer, some, start, end, run.now))

        groups = [people[at : at + outbox.ATTENDEES] for at in range(0, len(people), outbox.ATTENDEES)]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(ask(some)) for some in groups]
        return {person: said for task in tasks for person, said in task.result().items()}

    async def _update(self, alias: str, known: _Known, run: Round, told: dict[str, outbox.Told]) -> None:
        """Bring one person up to date. Raises `SourceUnavailable` and `Refused`."""
        if not known.places:
            raise SourceInvalid("no-address", "the person's alias gives no address")
        start, end = self._window(alias, run.now)
        value = alias.partition(":")[2]
        owner = [value] if "@" in value else []
        for place, held in known.held.items():
            read = self._answered(place, told) if place.startswith(MAILTO) else await self._asked(place, held, start, end, run)
            if read is not None:
                await self._understanding.take(held, read, owner, start, end, run.now)
        self._unite(alias, known, start, run)

    def _unite(self, alias: str, known: _Known, start: Instant, run: Round) -> None:
        parts = list(known.held.values())
        made_of = tuple((part.version, part.window) for part in parts)
        if made_of == known.made_of:
            return
        known.calendar = calendar_from(parts, start, self._settings.tentative)
        known.made_of = made_of
        known.future = sum(part.future for part in parts)
        skipped = [each for part in parts if part.reading for each in part.reading.skipped]
        known.skipped = len(skipped)
        for each in skipped[:3]:
            run.tell("source %s: the calendar of %s, line %d: %s", alias, each.line, each.reason.value)

    async def _asked(self, place: str, held: Held, start: Instant, end: Instant, run: Round) -> Read | None:
        run.expect("")
        try:
            read = await collection.read(self._client, place, held, self._settings.mode, start, end)
        except SourceUnavailable as error:
            run.lost[""] += error.code == "unreachable"
            raise
        run.lost[""] = 0
        return read

    def _answered(self, place: str, told: dict[str, outbox.Told]) -> Read:
        said = told.get(place)
        if said is None:
            raise SourceInvalid("no-address", "there is no outbox to ask for the person at")
        if isinstance(said, SourceUnavailable):
            raise SourceUnavailable(said.code, str(said), said.retry_after)  # one's own: it is shared by many
        return Read([said], True, Mark())


def account(settings: CalDavSettings) -> str:
    """The value of Authorization. Read anew each round, so that it can be changed while the service runs."""
    if not (settings.user or settings.token_file):
        return ""
    file = settings.token_file or settings.password_file
    try:
        secret = Path(file).read_text("utf-8").rstrip("\r\n") if file else os.environ.get(settings.password_env, "")
    except (OSError, UnicodeDecodeError):
        raise SourceInvalid("credentials", "the file of the password or token cannot be read") from None
    if not secret:
        raise SourceInvalid("credentials", "the password or token is empty")
    return basic(settings.user, secret) if settings.user else f"Bearer {secret}"
