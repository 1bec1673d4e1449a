"""`Pool`: a few sandboxes, so that one poison feed does not keep the others waiting for as long as it is suffered."""

import asyncio
from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

from connectors.calendars.model import BOUNDS, PLAIN, Limits, Policy, Reading
from connectors.calendars.sandbox import Sandbox


class Pool:
    """Reads as many calendars at once as it has sandboxes. One that is not needed starts no process."""

    def __init__(self, size: int = 2) -> None:
        self._sandboxes = [Sandbox() for _ in range(size)]
        self._free: asyncio.LifoQueue[Sandbox] = asyncio.LifoQueue()
        for sandbox in self._sandboxes:
            self._free.put_nowait(sandbox)

    @property
    def restarts(self) -> int:
        """How many children had to be ended or were found dead."""
        return sum(sandbox.restarts for sandbox in self._sandboxes)

    async def read(
        self,
        texts: Sequence[bytes | str],
        start: int,
        end: int,
        zone: ZoneInfo,
        *,
        owner: Collection[str] = (),
        policy: Policy = PLAIN,
        limits: Limits = BOUNDS,
    ) -> Reading:
        """As `Sandbox.read`."""
        sandbox = await self._free.get()
        try:
            return await sandbox.read(texts, start, end, zone, owner=owner, policy=policy, limits=limits)
        finally:
            self._free.put_nowait(sandbox)

    async def aclose(self) -> None:
        """End all children. The pool can be used again afterwards."""
        for sandbox in self._sandboxes:
            await sandbox.aclose()
