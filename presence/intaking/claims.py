"""The right to write a source's batches: one process at a time has it, as a lease of the store."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator

from presence.intaking.outcome import AlreadyRunning
from presence.ports import Store, StoreUnavailable

LEASE = 60.0
"""Seconds after which the lease of a writer that died is free again."""


class Claims:
    """One process's. `holder`: by what name it takes the right."""

    def __init__(self, store: Store, holder: str) -> None:
        self._store, self._holder = store, holder
        self._held: Counter[str] = Counter()

    @contextlib.asynccontextmanager
    async def writing(self, source: str) -> AsyncIterator[int]:
        """Hold the right, such as while the source is being read; gives the fencing number.

        Within it the same right is taken again. Raises `AlreadyRunning` where another process has it.
        """
        self._held[source] += 1
        try:  # whoever is stopped while it is asked for may have been granted it all the same
            yield await self.acquire(source)
        finally:
            self._held[source] -= 1
            if not self._held[source]:
                with contextlib.suppress(Exception):  # a store out of reach: the lease ends by itself
                    await self._store.release(_lease(source), self._holder)

    async def acquire(self, source: str) -> int:
        """The fencing number, anew where the lease ran out meanwhile. Raises `AlreadyRunning`."""
        fence = await self._store.acquire(_lease(source), self._holder, LEASE)
        if fence is None:
            raise AlreadyRunning(f"another process is taking in {source!r}")
        return fence

    async def give_back(self, source: str, holder: str) -> None:
        """For a process by that name that has died: another need not wait for its right to run out."""
        with contextlib.suppress(StoreUnavailable):  # it runs out by itself
            await self._store.release(_lease(source), holder)


def _lease(source: str) -> str:
    return f"intake/{source}"
