"""Runs the connectors and hands what they bring to the intake. One that fails or stalls delays no other."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Sequence

from msgspec.structs import replace

from presence.intake import AlreadyRunning, Intake, Outcome
from presence.intaking.claims import LEASE
from presence.ports import Batch, Clock, Conflict, Connector, SourceUnavailable, StoreUnavailable
from presence.syncing import settle

logger = logging.getLogger(__name__)

_HOUSEKEEPING = 600.0  # seconds
_STATED_AGAIN = 60.0
_STORE_RETRY = 1.0
_STATED_RETRY = 5.0
_CRASH_RETRY = 30.0
_CLAIM_RETRY = 2.0
_CLAIM_PATIENCE = LEASE + 10.0
"""Whoever had the right to write may have died with it; a reading is not thrown away for a right that runs out by itself."""


class Feeding:
    """One process's connectors. `stated` is what the configuration itself says; it is taken before anything else."""

    def __init__(self, intake: Intake, stated: Batch, connectors: Sequence[Connector], clock: Clock) -> None:
        self._intake = intake
        self._stated = stated
        self._connectors = connectors
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled."""
        stated = await self._take(self._stated, patience=0)
        try:
            async with asyncio.TaskGroup() as group:
                if stated is None:
                    group.create_task(self._state_again())
                for connector in self._connectors:
                    group.create_task(self._feed(connector), name=connector.name)
                group.create_task(self._keep_house())
                group.create_task(self._restate())
        finally:
            for connector in self._connectors:
                with contextlib.suppress(Exception):
                    await connector.close()

    async def _feed(self, connector: Connector) -> None:
        while True:
            try:
                await self._drain(connector, connector.listen())
                return  # a source that sends has nothing to listen to
            except Exception as error:  # noqa: BLE001  # a third party's connector may raise anything; the others go on
                logger.error("connector %s ended: %s; it is started again", connector.name, type(error).__name__)
                await asyncio.sleep(_CRASH_RETRY)

    async def _drain(self, connector: Connector, batches: AsyncIterator[Batch | SourceUnavailable]) -> None:
        told = ""
        async for each in batches:
            came: Outcome | SourceUnavailable | None
            if isinstance(each, SourceUnavailable):
                await self._stored(self._intake.failed(connector.name, each))
                if each.code not in (told, str(each)):  # the intake tells the code; here is the sentence, once
                    logger.warning("source %s: %s", connector.name, each)
                told = each.code
                came = each
            else:
                told = ""
                came = await self._take(each)
            if came is not None:
                await settle(connector, came)

    async def _state_again(self) -> None:
        """Whoever had the right to write may have died with it; and no later reading repeats what the configuration says."""
        taken = None
        while taken is None:
            await asyncio.sleep(_STATED_RETRY)
            taken = await self._take(self._stated)

    async def _take(self, batch: Batch, patience: float = _CLAIM_PATIENCE) -> Outcome | None:
        """What came of it; None where it was left to another process, after `patience` seconds."""
        until = self._clock.steady() + patience
        while True:
            try:
                return await self._intake.take(batch)
            except AlreadyRunning:
                if self._clock.steady() >= until:
                    logger.info("another process is taking from %s; this run is left to it", batch.source)
                    return None
                await asyncio.sleep(_CLAIM_RETRY)
            except (StoreUnavailable, Conflict):
                await asyncio.sleep(_STORE_RETRY)

    async def _restate(self) -> None:
        """Should the store be lost, the configuration comes back like any source; what is there already writes nothing."""
        unknown: tuple[str, ...] = ()
        while True:
            await asyncio.sleep(_STATED_AGAIN)
            came = await self._take(replace(self._stated, read_at=int(self._clock.now())))
            if came and came.unknown != unknown:
                unknown = came.unknown
                named = ", ".join(unknown) or "nothing any more"
                logger.warning(
                    "the configuration names what no source knows: %s (a rule of publication of it hides nobody)", named
                )

    async def _keep_house(self) -> None:
        while True:
            await self._stored(self._intake.housekeeping(int(self._clock.now())))
            await asyncio.sleep(_HOUSEKEEPING)

    async def _stored(self, writing: Awaitable[object]) -> None:
        """Run a write of the intake; what the store can not take now is told again by the next reading."""
        with contextlib.suppress(StoreUnavailable, Conflict):
            await writing
