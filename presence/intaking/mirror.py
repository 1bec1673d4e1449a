"""Keeps a replica of the store current."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar

from presence.domain.facts import Key, Stored
from presence.ports import Position, Resync, Store, StoreUnavailable

logger = logging.getLogger(__name__)

_RETRY = 1.0
_PATIENCE = 5.0
_LOOKS, _LOOK = 3, 0.5  # how often, and for how many seconds, to look whether the replica has come as far as the store


class Kept(Protocol):
    """What is kept of the facts: a `Replica`, or less."""

    def load(self, facts: Iterable[Stored]) -> None: ...

    def apply(self, fact: Stored) -> None: ...


_Kept = TypeVar("_Kept", bound=Kept)


class Mirror(Generic[_Kept]):
    """Reads a snapshot at first use, then follows, in a task of its own."""

    def __init__(self, store: Store, replica: _Kept) -> None:
        self.replica = replica
        self._store = store
        self._task: asyncio.Task[None] | None = None
        self._stale = True
        self._waiting: dict[Key, list[asyncio.Future[None]]] = {}
        self._position: Position = ""
        self._moved = asyncio.Event()
        self._loading = asyncio.Lock()  # several who ask first would each start a follower

    async def ready(self) -> _Kept:
        """The replica, loaded. Raises `StoreUnavailable`."""
        async with self._loading:
            if self._stale or self._task is None or self._task.done():
                await self._reload()
        return self.replica

    async def reload(self) -> None:
        """Read the store again as a whole. Raises `StoreUnavailable`."""
        async with self._loading:
            await self._reload()

    async def _reload(self) -> None:
        await self.close()
        position = await self._load()
        self._task = asyncio.create_task(self._follow(position))

    async def catch_up(self) -> _Kept:
        """The replica with all that was written until now, by whomever. Raises `StoreUnavailable`."""
        await self.ready()
        for _ in range(_LOOKS):
            newest = await self._store.append([])  # writes nothing, and tells where the store stands
            if await self._reached(newest):
                return self.replica
        await self.reload()
        return self.replica

    async def move(self, has_moved: Callable[[], bool]) -> None:
        """Wait until the replica has moved, where the store is known to have; else read all again. Raises `StoreUnavailable`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK):
                while not has_moved():
                    self._moved.clear()
                    await self._moved.wait()
                return
        await self.reload()

    async def _reached(self, position: Position) -> bool:
        """Whether the replica comes to stand exactly there within a while."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK):
                while self._position != position:
                    self._moved.clear()
                    await self._moved.wait()
        return self._position == position

    async def close(self) -> None:
        task, self._task = self._task, None
        if task:
            task.cancel()
            await asyncio.wait([task])  # awaited itself, its end and that of who waits would look the same

    def watch(self, key: Key) -> asyncio.Future[None]:
        """Done when the store tells of the key the next time."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append(future)
        return future

    def forget(self, key: Key, future: asyncio.Future[None]) -> None:
        if future in (waiting := self._waiting.get(key, [])):
            waiting.remove(future)
        if not waiting:
            self._waiting.pop(key, None)

    async def reach(self, future: asyncio.Future[None]) -> None:
        """Wait for it; where the store does not tell in time, the next reader reads all of it again."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await future
        except TimeoutError:
            self._stale = True

    async def _load(self) -> Position:
        snapshot = await self._store.snapshot()
        self.replica.load(snapshot.facts)
        self._stale = False
        self._stand(snapshot.position)
        self._tell(self._waiting)
        return snapshot.position

    async def _follow(self, position: Position) -> None:
        while True:
            try:
                async for group in self._store.follow(position):
                    for fact in group:
                        self.replica.apply(fact)
                    self._stand(position := group.position)
                    self._tell(fact.key for fact in group)
            except Resync:
                with contextlib.suppress(StoreUnavailable):
                    position = await self._load()
                    continue
            except StoreUnavailable:
                logger.debug("the store is out of reach")
            await asyncio.sleep(_RETRY)

    def _stand(self, position: Position) -> None:
        self._position = position
        self._moved.set()

    def _tell(self, keys: Iterable[Key]) -> None:
        for key in list(keys):
            for future in self._waiting.pop(key, ()):
                if not future.done():
                    future.set_result(None)
