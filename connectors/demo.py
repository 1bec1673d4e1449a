"""The demonstration's sources: directory, calendars, leave, live reports and queue of a municipality that does not exist."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from connectors.demonstration.live import Live
from connectors.demonstration.waiting import waiting
from connectors.demonstration.world import World, world
from connectors.polling import polling
from presence.domain.intervals import Instant
from presence.ports import Batch, SourceUnavailable

Part = Literal["directory", "calendars", "leave", "presence", "queue"]

HEARTBEAT = 60  # seconds
_LOOK = 1.0  # how often a pause looks whether the clock was moved
_STEP = 2.0  # the longest wait between two looks for live changes


class DemoSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of `connectors.demo:Demo`."""

    part: Annotated[Part, Meta(extra={"hint": 'Example: part = "directory".'})]
    seed: int = 1  # another seed gives another municipality


class Demo:
    """One source of the demonstration, as its `part` says.

    The world is a function of the seed and the instant: any process, at any time, after any restart, tells the same. `now` gives
    seconds since the epoch and may be moved about; `sleep` waits.
    """

    Settings: ClassVar[type[DemoSettings]] = DemoSettings

    def __init__(
        self,
        name: str,
        settings: DemoSettings,
        interval: float = 300.0,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name = name
        self._settings = settings
        self._interval = interval
        self._now = now
        self._sleep = sleep

    def listen(self) -> AsyncIterator[Batch | SourceUnavailable]:
        if self._settings.part == "presence":
            return self._live()
        interval = 60.0 if self._settings.part == "queue" else self._interval
        return polling(self.name, self.fetch, interval, sleep=self._pause)

    async def fetch(self) -> Batch:
        """What the source holds now. Live reports and the queue are no complete batches: they end by themselves."""
        at = int(self._now())
        municipality = await asyncio.to_thread(world, self._settings.seed)
        return await asyncio.to_thread(self._batch, municipality, at)

    async def close(self) -> None:
        """Nothing is held open."""

    def _batch(self, municipality: World, at: Instant) -> Batch:
        match self._settings.part:
            case "directory":
                return Batch(self.name, True, at, people=municipality.people(at), units=municipality.units)
            case "calendars":
                return Batch(self.name, True, at, people=municipality.calendars(at))
            case "leave":
                return Batch(self.name, True, at, people=municipality.leaves(at))
            case "presence":
                return Batch(self.name, False, at, people=municipality.live().snapshot(at), heartbeat=True)
            case "queue":
                return Batch(self.name, False, at, queue=waiting(self._settings.seed, at), heartbeat=True)

    async def _live(self) -> AsyncIterator[Batch | SourceUnavailable]:
        municipality = await asyncio.to_thread(world, self._settings.seed)
        feed: Live = municipality.live()
        beat: Instant = 0
        while True:
            at = int(self._now())
            people = feed.step(at)
            beats = not beat <= at < beat + HEARTBEAT
            if people or beats:
                beat = at if beats else beat
                yield Batch(self.name, False, at, people=people, heartbeat=beats)
            await self._sleep(min(_STEP, max(0.1, feed.next_due() - self._now())))

    async def _pause(self, seconds: float) -> None:
        """Wait until the clock shows so much later; shorter where it was moved."""
        start = self._now()
        while start <= (now := self._now()) < start + seconds:
            await self._sleep(min(_LOOK, start + seconds - now))
