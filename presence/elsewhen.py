"""The demonstration at another instant. Its municipality is a function of the time, so a board can be made for any.

For the demonstration alone: an installation answers about now and about nothing else, as the times of real people are their own.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from presence.board import Board
from presence.domain.intervals import Instant
from presence.domain.rules import Rules
from presence.intake import Intake
from presence.ports import Batch, Clock, Connector, Store

_STEP = 300  # seconds: the clock moves in steps of this
_KEPT = 8  # boards
_BEFORE = 60  # seconds by which all facts are older than the instant asked about, so that the public sees them


class _Stopped:
    """A clock that stands."""

    def __init__(self, t: Instant) -> None:
        self._t = float(t)

    def now(self) -> float:
        return self._t

    steady = now


class Elsewhen:
    """Boards of the same rules and ids at other instants, each read from the sources as they are then.

    `connectors` and `store` make new ones that go by a clock; `stated` is what the configuration says.
    """

    def __init__(
        self,
        rules: Rules,
        key: bytes,
        stated: Batch,
        connectors: Callable[[Clock], Iterable[Connector]],
        store: Callable[[Clock], Store],
    ) -> None:
        self._rules, self._key, self._stated = rules, key, stated
        self._connectors, self._store = connectors, store
        self._made: OrderedDict[Instant, Board] = OrderedDict()
        self._lock = asyncio.Lock()

    async def at(self, t: Instant) -> Board:
        """As of the last full step. About a second of work, in a thread, for one that is not known yet."""
        t -= t % _STEP
        async with self._lock:
            if t not in self._made:
                self._made[t] = await asyncio.to_thread(asyncio.run, self._make(t))
            self._made.move_to_end(t)
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
            return self._made[t]

    async def _make(self, t: Instant) -> Board:
        clock = _Stopped(t)
        store = self._store(_Stopped(t - _BEFORE))
        intake = Intake(store, self._rules, self._key, clock)
        try:
            batches: Sequence[Batch] = [await connector.fetch() for connector in self._connectors(clock)]
            for batch in (self._stated, *batches):
                await intake.take(batch)
            snapshot = await store.snapshot()
        finally:
            await intake.close()
            await store.close()
        board = Board(self._rules)
        board.load(snapshot.facts, self._rules.tick_at(t))
        return board
