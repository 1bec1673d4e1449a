"""Within a process, what is said of one person is taken in the order in which it came."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection

from presence.intaking.matching import normal
from presence.ports import Batch


def named(batch: Batch) -> set[str]:
    """Whom or what a partial batch speaks of."""
    names = {normal(person.alias) or person.identity for person in batch.people}
    return names | ({f"/{batch.source}"} if batch.queue else set())


class Turns:
    """Whoever names the same as somebody before waits until that one is done."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Future[None]] = {}

    @contextlib.asynccontextmanager
    async def of(self, names: Collection[str]) -> AsyncIterator[None]:
        before = {self._last[name] for name in names if name in self._last}
        mine = asyncio.get_running_loop().create_future()
        self._last.update(dict.fromkeys(names, mine))  # for all names at once, so that no two wait for each other
        try:
            if before:
                await asyncio.wait(before)
            yield
        finally:
            still = {future for future in before if not future.done()}
            if still:  # whoever waits for one that gave up waits for those before it all the same
                waiting = asyncio.gather(*still)
                waiting.add_done_callback(lambda _: self._end(names, mine))
            else:
                self._end(names, mine)

    def _end(self, names: Collection[str], mine: asyncio.Future[None]) -> None:
        if not mine.done():
            mine.set_result(None)
        for name in names:
            if self._last.get(name) is mine:
                del self._last[name]
