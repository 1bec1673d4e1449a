"""The embedded store: one SQLite file, shared by the processes of one machine.

Appends are durable when acknowledged (WAL with synchronous=FULL). Readers never wait for writers: each store object has a
connection and a thread for either, and the event loop waits for neither. Appends of concurrent tasks share a commit. Bodies
that were overwritten or deleted are gone from the disk within a minute, while any process uses the store: every `tidy_every`
seconds the log is moved into the file and emptied. Only who keeps an old state open, or a full disk, can put that off.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from presence.domain.facts import Fact, Key
from presence.ports import Conflict, Group, Position, Snapshot, StoreUnavailable
from presence.stores import sqlite_table, table
from presence.stores.sqlite_file import File
from presence.stores.table import Bell, Follower

log = logging.getLogger(__name__)
T = TypeVar("T")

SHARED = 500
"""How many waiting appends may share one commit."""


class _Job(msgspec.Struct, eq=False):
    """An append that waits for the writing thread."""

    facts: Sequence[Fact]
    expect: Mapping[Key, int]
    fence: int | None
    deadline: float
    done: Future[Position]
    rows: list[tuple[Key, bytes | None]] = []


class SqliteStore:
    """See `presence.ports.Store`. The file is opened on first use, so a fault of it is told by the first call, and heals.

    Made for one event loop; open it after forking, not before.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float] = time.time,
        keep_days: float = table.KEEP_DAYS,
        poll: float = 0.1,
        patience: float = 5.0,
        tidy_every: float = 30.0,
        quota: int | None = None,
    ) -> None:
        """`clock` gives seconds since the epoch; tombstones are kept for `keep_days`.

        In seconds: other processes' appends are looked for every `poll`, and waited for up to `patience`; `tidy_every` see
        above. `quota`: bytes that the file may not exceed.
        """
        self._path = path
        self._clock = clock
        self._keep_days = keep_days
        self._poll = poll
        self._patience = patience
        self._tidy_every = tidy_every
        self._write_file = File(path, patience=patience, quota=quota)
        self._read_file = File(path, patience=patience, quota=quota)
        self._writer = ThreadPoolExecutor(1, "store-writer")
        self._reader = ThreadPoolExecutor(1, "store-reader")
        self._waiting: deque[_Job] = deque()
        self._bell = Bell()
        self._tidying: asyncio.Task[None] | None = None
        self._closed = False

    async def snapshot(self) -> Snapshot:
        return await self._run(self._reader, self._snapshot)

    async def append(self, facts: Sequence[Fact], expect: Mapping[Key, int] | None = None, fence: int | None = None) -> Position:
        """See the port. A body equal to the held one is written all the same and gets a new number.

        Cancelled while it waits its turn, it is not written; later, it may have been.
        """
        job = _Job(facts, expect or {}, fence, time.monotonic() + self._patience, Future())
        self._begin()
        self._waiting.append(job)
        self._writer.submit(self._commit_waiting)
        try:
            return await asyncio.wrap_future(job.done)
        finally:
            self._bell.ring()

    def follow(self, after: Position) -> Follower:
        seen: tuple[int, int] | None = None

        def newer(position: Position) -> Group:
            nonlocal seen
            file = self._read_file
            with file.using() as db:
                (version,) = db.execute("PRAGMA data_version").fetchone()
                if seen == (file.opened, version):
                    return Group()
                with file.reading() as state:
                    group = sqlite_table.newer(state, position)
                if not group:
                    seen = (file.opened, version)
                return group

        return Follower(after, lambda position: self._run(self._reader, lambda: newer(position)), self._bell, self._poll)

    async def acquire(self, name: str, holder: str, seconds: float) -> int | None:
        def acquire() -> int | None:
            with self._write_file.writing() as db:
                return sqlite_table.acquire(db, name, holder, seconds, self._clock())

        return await self._run(self._writer, acquire)

    async def release(self, name: str, holder: str) -> None:
        def release() -> None:
            with self._write_file.writing() as db:
                sqlite_table.release(db, name, holder)

        await self._run(self._writer, release)

    async def close(self) -> None:
        """Finish what was handed in, tidy, and let go of the file. Whoever still follows gets `StoreUnavailable`."""
        if self._closed:
            return
        self._closed = True
        if self._tidying is not None:
            self._tidying.cancel()
        self._bell.ring()
        await asyncio.wrap_future(self._reader.submit(self._read_file.close))
        await asyncio.wrap_future(self._writer.submit(self._finish))
        self._reader.shutdown()
        self._writer.shutdown()

    def _begin(self) -> None:
        if self._closed:
            raise StoreUnavailable("the store is closed")
        if self._tidying is None or self._tidying.done():
            self._tidying = asyncio.create_task(self._keep_tidy())

    async def _run(self, executor: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        self._begin()
        return await asyncio.wrap_future(executor.submit(work))

    def _snapshot(self) -> Snapshot:
        with self._read_file.reading() as db:
            return sqlite_table.snapshot(db)

    def _commit_waiting(self) -> None:
        jobs: list[_Job] = []
        while self._waiting and len(jobs) < SHARED:
            job = self._waiting.popleft()
            if not job.done.set_running_or_notify_cancel():
                continue
            try:
                job.rows = table.encoded(job.facts)
            except Exception as error:  # noqa: BLE001 - the caller gets it
                job.done.set_exception(error)
            else:
                jobs.append(job)
        if jobs:
            self._settle(jobs)

    def _settle(self, jobs: Sequence[_Job]) -> None:
        try:
            outcomes = self._commit(jobs)
        except Exception as error:  # noqa: BLE001 - the caller gets it
            if len(jobs) == 1:
                jobs[0].done.set_exception(error)
                return
            for job in jobs:  # nothing was written; one caller's trouble is not its neighbours'
                self._settle([job])
            return
        for job, outcome in zip(jobs, outcomes, strict=True):
            if isinstance(outcome, Conflict):
                job.done.set_exception(outcome)
            else:
                job.done.set_result(outcome)

    def _commit(self, jobs: Sequence[_Job]) -> list[Position | Conflict]:
        outcomes: list[Position | Conflict] = []
        with self._write_file.writing(min(job.deadline for job in jobs)) as db:
            _, before, _ = sqlite_table.head(db)
            for job in jobs:
                now = self._clock()
                try:
                    sqlite_table.check(db, job.expect, job.fence, now)
                except Conflict as conflict:
                    outcomes.append(conflict)
                else:
                    outcomes.append(sqlite_table.write(db, job.rows, now))
            sqlite_table.restamp(db, before, self._clock())
            sqlite_table.sweep(db, table.sweep_limit(self._clock(), self._keep_days))
        return outcomes

    async def _keep_tidy(self) -> None:
        behind = 0
        while True:
            await asyncio.sleep(min(1.0, self._tidy_every) if behind else self._tidy_every)
            try:
                done = await asyncio.wrap_future(self._writer.submit(self._tidy))
            except StoreUnavailable:
                done = False
            behind = 0 if done else behind + 1
            if behind == 60:
                log.warning(
                    "%s: overwritten facts are still on the disk: a program keeps an old state open", self._write_file.path
                )

    def _tidy(self) -> bool:
        limit = table.sweep_limit(self._clock(), self._keep_days)
        with self._write_file.using() as db:
            due = sqlite_table.sweepable(db, limit)
        if due:
            with self._write_file.writing() as db:
                sqlite_table.sweep(db, limit)
        return self._write_file.checkpoint()

    def _finish(self) -> None:
        with suppress(StoreUnavailable):
            self._write_file.checkpoint()
        self._write_file.close()
