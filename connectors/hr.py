"""Leave from files that an HR system exports: handed over by name (`presence hr sync`), or dropped into a folder.

Each file is a complete batch, as of when it was written. What it says of why does not get past `connectors.leave`.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, ClassVar

from msgspec import Meta

from connectors.leave import Format, Unreadable, kind_of, read
from connectors.leave.files import DONE, FAILED, Waiting, check, content, move, purge, told, unchanged, waiting
from connectors.leave.report import as_text
from connectors.stamp import Stamp
from presence.ports import Batch, FileReading, Settled, SourceInvalid, SourceUnavailable

_log = logging.getLogger(__name__)

_OLDER = "It was written before the file that was applied last, and was left alone.\n"
_REPLACED = "It was held back, and a newer file took its place.\n"
_HELD = """It was held back as {0}, because it would change too much at once. Nothing of it was applied.
Look at the difference:  presence hr sync FILE --dry-run
Apply it as it is:       presence sync --release {0}
"""


class HrSettings(Format, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Settings of `connectors.hr:Hr`, beside how leave is written in the files."""

    folder: Annotated[str, Meta(extra={"format": "path"})] = ""  # files dropped here are taken; empty: by `presence hr sync` only
    settle: Annotated[int, Meta(ge=0, le=86_400, extra={"format": "duration"})] = 60  # a file is whole when it was still so long
    keep: Annotated[int, Meta(ge=0, extra={"format": "duration"})] = 7 * 86_400  # for which files stay in done/; 0: for ever
    size: Annotated[int, Meta(ge=1, le=1_000_000_000)] = 50_000_000  # bytes of one file


class Hr:
    """One HR system's files (`presence.ports.Filed` and `Settling`)."""

    Settings: ClassVar[type[HrSettings]] = HrSettings

    def __init__(self, name: str, settings: HrSettings, interval: float = 300.0, *, now: Callable[[], float] = time.time) -> None:
        self.name = name
        self._settings = settings
        self._interval = interval
        self._now = now
        self._in_hand: Waiting | None = None
        self._reading: FileReading | None = None
        self._held: Waiting | None = None
        self._brought: set[Waiting] = set()
        self._lost = False

    # --- a file by name ---

    def read_file(self, path: str, told: Callable[[int], None] | None = None) -> FileReading:
        """See `presence.ports.Filed`. Raises `SourceInvalid` for a file of which nothing can be taken."""
        return self._read(Path(path), told)

    def _read(self, path: Path, told: Callable[[int], None] | None = None, expected: Stamp | None = None) -> FileReading:
        """`expected`: of no other file than this one, and through no link."""
        body, stamp = content(path, self._settings.size, follow=expected is None)
        if expected not in (None, stamp):
            raise SourceUnavailable("changing", "another file came in the place of the one that had settled")
        now = int(self._now())
        try:
            at = min(stamp.written // 1_000_000_000, now)
            return read(self.name, body, kind_of(str(path), body), self._settings, now, at=at, told=told)
        except Unreadable as error:
            raise SourceInvalid(error.code, str(error)) from None

    # --- the folder ---

    async def listen(self) -> AsyncIterator[Batch | SourceUnavailable]:
        """What is dropped into the folder, oldest first. A source without a folder has nothing to listen to."""
        while self._settings.folder:
            await asyncio.to_thread(self._tidy)
            seen: set[Waiting] = set()
            try:
                while (brought := await self._next(seen)) is not None:
                    yield brought
            except SourceUnavailable as error:
                yield self._unread(error)
            await asyncio.sleep(self._interval)

    async def fetch(self) -> Batch:
        """The oldest file that this process has not brought yet. Raises `SourceUnavailable`."""
        if not self._settings.folder:
            raise SourceUnavailable("pushed", "this source has no folder; its files are handed over by name")
        brought = await self._next(self._brought)
        if brought is None:
            raise SourceUnavailable("nothing-new", "no file is waiting")
        if isinstance(brought, SourceUnavailable):
            raise brought
        return brought

    async def _next(self, seen: set[Waiting]) -> Batch | SourceUnavailable | None:
        """Of the oldest file that is not among those seen; None: there is none. Raises `SourceUnavailable`.

        The folder is looked at each time: while one file is taken in, for minutes perhaps, another may be written anew.
        """
        while ahead := [file for file in await asyncio.to_thread(self._waiting) if file not in seen]:
            seen.add(ahead[0])
            if (brought := await self._bring(ahead[0])) is not None:
                return brought
        return None

    async def close(self) -> None:
        return

    async def settled(self, came: Settled) -> None:
        """Move the file away that was brought last, unless it is held back: then it stays, with a report beside it.

        One that was replaced in the meantime stays too: nobody has read what stands there now.
        """
        file, self._in_hand = self._in_hand, None
        if file is not None:
            try:
                await asyncio.to_thread(self._settle, file, came)
            except (OSError, ValueError) as error:  # it is taken again: what it says is there already
                _log.error("source %s: a file cannot be moved away: %s", self.name, type(error).__name__)
        if self._settings.folder:
            await asyncio.to_thread(self._tidy)

    def _waiting(self) -> list[Waiting]:
        folder = Path(self._settings.folder)
        check(folder)
        found = waiting(folder, self._settings.settle, self._now())
        self._lost = False
        return found

    def _tidy(self) -> None:
        """Not on a dry run, which changes nothing."""
        try:
            purge(Path(self._settings.folder), self._settings.keep, self._now())
        except OSError as error:
            _log.warning("source %s: done/ cannot be tidied: %s", self.name, type(error).__name__)

    async def _bring(self, file: Waiting) -> Batch | SourceUnavailable | None:
        """None for a file that is being written to after all, or gone."""
        self._in_hand, self._reading = file, None
        try:
            self._reading = await asyncio.to_thread(self._read, file.path, None, file.stamp)
        except SourceUnavailable as error:
            if isinstance(error, SourceInvalid) and error.code != "missing":
                return error
            self._in_hand = None
            return None
        except Exception as error:  # noqa: BLE001  # a fault of ours must not be met again and again
            _log.error("source %s: a file failed with %s", self.name, type(error).__name__)  # no text of it
            return SourceInvalid("internal", "the connector failed; see the log")
        return self._reading.batch

    def _settle(self, file: Waiting, came: Settled) -> None:
        now = self._now()
        rows = as_text(self._reading.rejected) if self._reading else ""
        same = unchanged(file)
        if came.result == "held" and same:
            told(file.path, _HELD.format(came.detail) + rows)
        if self._held and self._held.path != file.path and came.result in ("applied", "held"):
            if unchanged(self._held):
                move(self._held, FAILED, now, _REPLACED)
            self._held = None
        if same and came.result == "held":
            self._held = file
        elif same and came.result == "applied":
            same = move(file, DONE, now, rows)
        elif same:
            same = move(file, FAILED, now, _OLDER if came.result == "older" else f"Nothing of it was taken: {came.detail}\n")
        if not same:
            _log.warning("source %s: a file was replaced while it was taken in; the new one waits for its turn", self.name)

    def _unread(self, error: SourceUnavailable) -> SourceUnavailable:
        if not self._lost:
            _log.warning("source %s lost: %s", self.name, error.code)
        self._lost = True
        self._in_hand = None
        return error
