"""A store in the memory of one process: for tests and for the demo. What it acknowledges lives as long as the process."""

import secrets
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from presence.domain.facts import Fact, Key
from presence.ports import Conflict, Group, Position, Snapshot, StoreUnavailable
from presence.stores import table
from presence.stores.table import Bell, Follower, Lease, Row


class MemoryStore:
    """See `presence.ports.Store`. Bodies are kept encoded, so that nobody can change a fact after it was written."""

    def __init__(self, *, clock: Callable[[], float] = time.time, keep_days: float = table.KEEP_DAYS) -> None:
        """`clock` gives seconds since the epoch; tombstones are kept for `keep_days`."""
        self._clock = clock
        self._keep_days = keep_days
        self._epoch = secrets.token_hex(4)
        self._rows: dict[Key, Row] = {}
        self._log: list[Row] = []  # in order of number; rows since overwritten stay in it for a while
        self._tombstones: list[Row] = []  # likewise
        self._number = 0
        self._stamp = 0
        self._swept = 0
        self._fence = 0
        self._leases: dict[str, Lease] = {}
        self._bell = Bell()
        self._closed = False

    async def snapshot(self) -> Snapshot:
        self._check_open()
        alive = [row for row in self._log if self._rows.get(row.key) is row and row.body is not None]
        facts = [fact for fact in table.stored(alive) if fact.body is not None]
        return Snapshot(table.position(self._epoch, self._number), facts)

    async def append(self, facts: Sequence[Fact], expect: Mapping[Key, int] | None = None, fence: int | None = None) -> Position:
        """See the port. A body equal to the held one is written all the same and gets a new number."""
        self._check_open()
        bodies = table.encoded(facts)
        for key, number in (expect or {}).items():
            row = self._rows.get(key)
            if number != (row.number if row and row.body is not None else 0):
                raise Conflict(f"somebody else wrote {key!r}")
        now = self._clock()
        if fence is not None and not any(lease.number == fence and lease.held(now) for lease in self._leases.values()):
            raise Conflict(f"lease number {fence} is no longer held")
        self._stamp = table.rounded(now, self._stamp)
        batch = self._number + 1
        for key, body in bodies:
            self._number += 1
            row = self._rows[key] = Row(key, self._number, self._stamp, batch, body)
            self._log.append(row)
            if body is None:
                self._tombstones.append(row)
        self._sweep(table.sweep_limit(now, self._keep_days))
        self._bell.ring()
        return table.position(self._epoch, self._number)

    def _sweep(self, limit: int) -> None:
        swept = 0
        for row in self._tombstones:
            if row.stamp >= limit:
                break
            swept += 1
            if self._rows.get(row.key) is row:
                del self._rows[row.key]
                self._swept = row.number
        del self._tombstones[:swept]
        if len(self._log) > 2 * len(self._rows) + table.GROUP:
            self._log = [row for row in self._log if self._rows.get(row.key) is row]

    def follow(self, after: Position) -> Follower:
        return Follower(after, self._newer, self._bell, poll=None)

    async def _newer(self, after: Position) -> Group:
        self._check_open()
        number = table.number_of(after, self._epoch, self._swept, self._number)
        start = bisect_right(self._log, number, key=lambda row: row.number)
        alive = (row for row in islice(self._log, start, None) if self._rows.get(row.key) is row)
        rows = list(islice(alive, table.GROUP + 1))
        rows = rows[: table.cut(rows)]
        group = Group(table.stored(rows))
        group.position = table.position(self._epoch, rows[-1].number if rows else number)
        return group

    async def acquire(self, name: str, holder: str, seconds: float) -> int | None:
        self._check_open()
        now = self._clock()
        lease = self._leases.get(name)
        if lease and lease.held(now):
            if lease.holder != holder:
                return None
            number = lease.number
        else:
            self._fence += 1
            number = self._fence
        self._leases[name] = Lease(holder, number, now + seconds, seconds)
        return number

    async def release(self, name: str, holder: str) -> None:
        self._check_open()
        lease = self._leases.get(name)
        if lease and lease.holder == holder:
            del self._leases[name]

    async def close(self) -> None:
        self._closed = True
        self._bell.ring()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("the store is closed")
