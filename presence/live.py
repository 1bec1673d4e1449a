"""Keeps the board current: follows the store, moves on with the ticks, and tells whoever holds answers made from it.

A lookup never trusts a timer: it calls `at_tick`, which moves on by itself when the timer is late.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable

import msgspec

from presence.board import Board, Changed
from presence.domain.facts import Stored
from presence.domain.intervals import Instant
from presence.ports import Clock, Resync, Store, StoreUnavailable

logger = logging.getLogger(__name__)

_STEP = 5.0  # seconds by which the wall clock may drift from the steady one before evidence is distrusted
_RETRY = 1.0

Listener = Callable[[Changed], None]
EVERYTHING = Changed(frozenset(), True)


class Live:
    """One board of one process."""

    def __init__(self, store: Store, board: Board, clock: Clock) -> None:
        self.board = board
        self.store = store
        self.clock = clock
        self.next_tick: float = 0
        self.loaded = False
        self.store_failing = False
        self._listeners: list[Listener] = []
        self._offset: float | None = None
        self._stepped = False
        self._tasks: list[asyncio.Task[None]] = []

    def listen(self, listener: Listener) -> None:
        """Called with what each step changed for the public. It must not block."""
        self._listeners.append(listener)

    async def start(self) -> None:
        """Load the board; returns when answers can be given. Raises `StoreUnavailable`."""
        position = await self._load()
        self._tasks = [asyncio.create_task(self._follow(position)), asyncio.create_task(self._ticks())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks.clear()

    def at_tick(self) -> Instant:
        """The tick that holds now, with the public picture moved on to it."""
        now = self.clock.now()
        if now >= self.next_tick:
            self._advance(now)
        return self.board.tick

    def _advance(self, now: float) -> None:
        self._watch_the_clock(now)
        tick = self.board.rules.tick_at(now)
        self.next_tick = tick + self.board.rules.tick
        if changed := self.board.advance(tick):
            self._tell(changed)

    def _watch_the_clock(self, now: float) -> None:
        """A wall clock that stepped makes every lease and limit that is held worth nothing until it is renewed."""
        offset = self.clock.now() - self.clock.steady()  # read together: `now` may be a while ago
        if self._offset is not None and abs(offset - self._offset) > _STEP:
            logger.warning("the wall clock stepped by %.0f s: evidence is distrusted until renewed", offset - self._offset)
            self._stepped = True
            self.board.distrust(int(now))
            # A step back would freeze the public picture at a tick that lies ahead.
            self.board.tick = min(self.board.tick, self.board.rules.tick_at(now))
            self._tell(EVERYTHING)
        self._offset = offset

    def _tell(self, changed: Changed) -> None:
        for listener in self._listeners:
            listener(changed)

    async def _load(self) -> str:
        snapshot = await self.store.snapshot()
        now = self.clock.now()
        self.board.load(snapshot.facts, self.board.rules.tick_at(now))
        self.next_tick = self.board.tick + self.board.rules.tick
        self._watch_the_clock(now)
        self.loaded = True
        self._tell(EVERYTHING)
        return snapshot.position

    async def _follow(self, position: str) -> None:
        changes = self.store.follow(position)
        while True:
            try:
                group = await anext(changes)
            except Resync:
                logger.info("too far behind the store: reading all of it again")
                changes = self.store.follow(await self._load_again())
            except StoreUnavailable as error:
                if not self.store_failing:
                    logger.warning("the store is out of reach, answers go on from memory: %s", error)
                self.store_failing = True
                await asyncio.sleep(_RETRY)
            except Exception:
                # Without its follower a process would answer from ever older facts. It begins anew, and says so.
                logger.exception("following the store failed: reading all of it again")
                await asyncio.sleep(_RETRY)
                changes = self.store.follow(await self._load_again())
            else:
                self._recovered()
                self._take(group)

    def _take(self, facts: Iterable[Stored]) -> None:
        """A stamp of the future (a writer's clock that ran ahead) counts as of now; it would hide the fact from the public."""
        latest = int(self.clock.now()) + 1
        for fact in facts:
            held = msgspec.structs.replace(fact, stamp=latest) if fact.stamp > latest else fact
            if changed := self.board.put(held):
                self._tell(changed)

    async def _load_again(self) -> str:
        while True:
            try:
                position = await self._load()
                if self._stepped:  # leases of before the step are in the store yet
                    self.board.distrust(int(self.clock.now()))
                return position
            except StoreUnavailable:
                await asyncio.sleep(_RETRY)
            except Exception:
                logger.exception("reading the store failed: it is tried again")
                await asyncio.sleep(_RETRY)

    def _recovered(self) -> None:
        if self.store_failing:
            logger.info("the store is back")
        self.store_failing = False

    async def _ticks(self) -> None:
        while True:
            # Looking once a second bounds how late a stepped or shifted clock is noticed.
            await asyncio.sleep(max(0.01, min(1.0, self.next_tick - self.clock.now())))
            now = self.clock.now()
            if now >= self.next_tick or now < self.board.tick:
                self._advance(now)
