"""What every store has in common: positions, groups, leases, and the reader that follows."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple, get_args
from weakref import WeakSet

import msgspec

from presence.domain.facts import AnyBody, Fact, Key, Stored, decode, encode
from presence.domain.intervals import Instant
from presence.ports import Group, Position, Resync, StoreUnavailable

GROUP = 1_000
"""How many facts `follow` gives at a time, at most."""
DAY = 86_400
STEP = 5.0
"""Seconds by which a wall clock may be set back before leases that look too long are taken as ended."""

KINDS = frozenset(body.kind for body in get_args(AnyBody))


class Row(NamedTuple):
    """A fact as it is kept. `batch` is the number of the first fact of the same append."""

    key: Key
    number: int
    stamp: Instant
    batch: int
    body: bytes | None


class Lease(NamedTuple):
    """The right of one writer. `seconds` is for how long it was granted, `expires` when it ends, by the store's clock."""

    holder: str
    number: int
    expires: float
    seconds: float

    def held(self, now: float) -> bool:
        """Whether it stands. One that ends later than it can have been granted was granted by a clock since set back."""
        return now < self.expires <= now + self.seconds + STEP


def position(epoch: str, number: int) -> Position:
    """`epoch` names the table itself, so that a position never fits a table that was lost and built anew."""
    return f"{epoch}.{number}"


def number_of(after: Position, epoch: str, swept: int, newest: int) -> int:
    """The number in a position. Raises `Resync` when the changes since cannot be told: swept, another table, or no position."""
    ours, _, digits = after.partition(".")
    if ours != epoch or not (digits.isascii() and digits.isdigit()) or len(digits) > 19:
        raise Resync(f"{after[:40]!r} is no position of this store")
    number = int(digits)
    if not swept <= number <= newest:
        raise Resync(f"position {number} is outside what can be told: {swept} to {newest}")
    return number


def rounded(now: float, newest: Instant) -> Instant:
    """The stamp for facts written now: never early, and never before one already given."""
    return max(math.ceil(now), newest)


KEEP_DAYS = 0.4
"""For which tombstones are kept. A key tells who had an absence until when: it must be gone a day after the end, too, and leave
ends half a day late (see `intaking.ending`). Who was away for longer reads the store again."""


def sweep_limit(now: float, keep_days: float) -> Instant:
    """Tombstones stamped before this may go."""
    return math.floor(now - keep_days * DAY)


def encoded(facts: Sequence[Fact]) -> list[tuple[Key, bytes | None]]:
    """Facts as they are kept. Raises `ValueError` or `TypeError` for one that cannot be, before anything is written."""
    for fact in facts:
        fact.key.encode()
    return [(fact.key, None if fact.body is None else encode(fact.body)) for fact in facts]


def stored(rows: Iterable[Sequence[object]]) -> list[Stored]:
    """Rows as readers get them. A fact of a kind that only a newer version knows counts as none."""
    return [Stored(row.key, row.number, row.stamp, _readable(row)) for row in map(Row._make, rows)]


def _readable(row: Row) -> AnyBody | None:
    if row.body is None:
        return None
    try:
        return decode(row.body)
    except msgspec.DecodeError as error:
        kind = row.key.partition("/")[0]
        if kind not in KINDS:
            return None
        raise StoreUnavailable(f"fact number {row.number} of kind {kind!r} cannot be read: the store is damaged") from error


def cut(rows: Sequence[Row]) -> int:
    """How many of `rows` make a group, where one row more than `GROUP` was read if there are more.

    An append is not torn over two groups, so that no reader holds half of it between them; one that alone exceeds a group is
    torn between two subjects where its facts stand in order of subject, as those of intake do.
    """
    if len(rows) <= GROUP:
        return len(rows)
    return _boundary(rows, lambda row: row.batch) or _boundary(rows, lambda row: row.key.split("/", 2)[1:2]) or GROUP


def _boundary(rows: Sequence[Row], belonging: Callable[[Row], object]) -> int:
    end = GROUP
    while end and belonging(rows[end - 1]) == belonging(rows[end]):
        end -= 1
    return end


class Bell:
    """Wakes the followers in this process. Those who are gone need not say so."""

    def __init__(self) -> None:
        self._listeners: WeakSet[asyncio.Event] = WeakSet()

    def listener(self) -> asyncio.Event:
        event = asyncio.Event()
        self._listeners.add(event)
        return event

    def ring(self) -> None:
        for event in tuple(self._listeners):
            event.set()


class Follower:
    """The iterator behind `follow`.

    It holds no task and no connection. An exception or a cancelled wait does not move it: asked again it goes on from its place.
    """

    def __init__(self, after: Position, newer: Callable[[Position], Awaitable[Group]], bell: Bell, poll: float | None) -> None:
        self.position = after
        self._newer = newer
        self._rung = bell.listener()
        self._poll = poll

    def __aiter__(self) -> "Follower":
        return self

    async def __anext__(self) -> Group:
        while True:
            self._rung.clear()
            if group := await self._newer(self.position):
                self.position = group.position
                return group
            try:
                async with asyncio.timeout(self._poll):
                    await self._rung.wait()
            except TimeoutError:
                pass
