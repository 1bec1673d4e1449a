"""One source at a time, by an operator's command: what its connector brings is taken in, and the connector is told."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from presence.intake import Intake, Outcome
from presence.ports import Connector, Filed, FileReading, Settled, SourceInvalid, SourceUnavailable

NOT_ASKED = frozenset({"pushed", "nothing-new"})
"""Codes of a source that has nothing to be read, and is well."""


class Filing(NamedTuple):
    """A file, and what came of it."""

    source: str
    outcome: Outcome
    reading: FileReading


async def sync_one(intake: Intake, connector: Connector, dry_run: bool) -> list[Outcome | SourceUnavailable]:
    """Read a source once; of a folder every file that waits there."""
    found: list[Outcome | SourceUnavailable] = []
    try:
        while True:
            came = await _once(intake, connector, dry_run)
            has_nothing = isinstance(came, SourceUnavailable) and came.code in NOT_ASKED
            if not (found and has_nothing):
                found.append(came)
            if not dry_run:  # also that nothing came: a folder is tidied then
                await settle(connector, came)
            goes_on = isinstance(came, Outcome | SourceInvalid) and hasattr(connector, "read_file")
            if dry_run or not goes_on:
                return found
    finally:
        await connector.close()


async def _once(intake: Intake, connector: Connector, dry_run: bool) -> Outcome | SourceUnavailable:
    try:
        batch = await connector.fetch()
    except SourceUnavailable as error:
        if error.code not in NOT_ASKED and not dry_run:
            await intake.failed(connector.name, error)
        return error
    return await intake.take(batch, dry_run=dry_run)


async def settle(connector: Connector, came: Outcome | SourceUnavailable) -> None:
    """Tell a connector that wants to know (`presence.ports.Settling`)."""
    told = getattr(connector, "settled", None)
    if told is None:
        return
    if isinstance(came, SourceUnavailable):
        await told(Settled("refused", f"{came} ({came.code})"))
    else:
        await told(Settled("held" if came.hold else "older" if came.older else "applied", came.hold))


async def file_in(
    intake: Intake,
    connector: Filed,
    path: str,
    dry_run: bool,
    told: Callable[[int], None] | None = None,
    read: Callable[[FileReading], None] | None = None,
) -> Filing:
    """Take in a file. `read` is told when it has been read, before it is compared.

    Raises `SourceUnavailable`, and `AlreadyRunning` where another process takes in the same source.
    """
    if dry_run:
        reading = await asyncio.to_thread(connector.read_file, path, told)
        if read:
            read(reading)
        return Filing(connector.name, await intake.take(reading.batch, dry_run=True), reading)
    async with intake.writing(connector.name):
        try:
            reading = await asyncio.to_thread(connector.read_file, path, told)
        except SourceUnavailable as error:
            if error.code != "missing":  # a slip on the command line tells nothing of the source
                await intake.failed(connector.name, error)
            raise
        if read:
            read(reading)
        return Filing(connector.name, await intake.take(reading.batch), reading)
