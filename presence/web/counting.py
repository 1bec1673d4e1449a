"""Counts of outcomes by hour: no person, no address."""

import asyncio
import contextlib
import secrets
from collections import Counter

from presence.domain.facts import Count, Fact, key
from presence.ports import Clock, Store, StoreUnavailable

_EVERY = 60.0  # seconds


class Counting:
    """Takes what a process counted, adds it to the process's hour, and stores the hour."""

    def __init__(self, store: Store, clock: Clock, counted: Counter[str]) -> None:
        self._store = store
        self._clock = clock
        self._counted = counted
        self._process = secrets.token_hex(6)
        self._hour = 0
        self._sums: Counter[str] = Counter()

    async def run(self) -> None:
        """Once a minute until cancelled, and once more then."""
        try:
            while True:
                await asyncio.sleep(_EVERY)
                await self.flush()
        finally:
            await self.flush()

    async def flush(self) -> None:
        """What the store cannot take now is kept for the next time."""
        if not self._counted:
            return
        hour = int(self._clock.now()) // 3600 * 3600
        if hour != self._hour:
            self._hour = hour
            self._sums = Counter()
        self._sums.update(self._counted)
        self._counted.clear()
        with contextlib.suppress(StoreUnavailable):
            await self._store.append([Fact(key("count", self._process, str(hour)), Count(hour, dict(self._sums)))])
