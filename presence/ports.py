"""The edges of the core: what a store, a connector and a clock are."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from presence.domain.facts import (
    Absence,
    Calendar,
    ContactRecord,
    Fact,
    Key,
    Presence,
    Queue,
    Schedule,
    Stored,
    TopicRecord,
    UnitRecord,
)
from presence.domain.intervals import Instant

Position = str
"""How far a reader has come. Opaque: one number, or one per shard."""


class Conflict(Exception):
    """`expect` or `fence` no longer holds: somebody else wrote in between. Nothing was written."""


class Resync(Exception):
    """The reader is too far behind for the changes to be told one by one: take a new snapshot."""


class StoreUnavailable(Exception):
    """The store cannot take or give facts now. What was acknowledged is safe; try again later."""


class Snapshot(msgspec.Struct, frozen=True):
    """Every fact, and the position it stands for."""

    position: Position
    facts: Sequence[Stored]


class Group(list[Stored]):
    """What `follow` gives: facts in order of number, and the position that stands for having read them."""

    position: Position


class Store(Protocol):
    """A compacted table `key -> (number, stamp, body)`. The last writer of a key wins; tombstones are kept for a while."""

    async def snapshot(self) -> Snapshot: ...

    async def append(self, facts: Sequence[Fact], expect: Mapping[Key, int] | None = None, fence: int | None = None) -> Position:
        """Write all or nothing, stamped by the store. Acknowledged means durable.

        `expect` maps keys to the number they must still have (0: absent or tombstone); `fence` is a lease's number (see
        `acquire`). Raises `Conflict` when either no longer holds, `StoreUnavailable` when nothing could be written.
        """
        ...

    def follow(self, after: Position) -> AsyncIterator[Group]:
        """Newer facts, for ever, tombstones included, in groups as they come. Raises `Resync` when too far behind.

        After any other exception the iterator may be asked again and goes on from its place.
        """
        ...

    async def acquire(self, name: str, holder: str, seconds: float) -> int | None:
        """Take or renew the lease on `name`: its fencing number, or None while another holder has it. Numbers only grow."""
        ...

    async def release(self, name: str, holder: str) -> None: ...

    async def close(self) -> None: ...


class Clock(Protocol):
    """Wall time and steady time; read at the edges only."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    def steady(self) -> float:
        """Seconds on a clock that never steps."""
        ...


class Person(msgspec.Struct, frozen=True):
    """What a complete or partial batch says of one contact, by the source's own identity or by an alias.

    A directory gives `identity` and `record`; other sources give `alias` and one or more of the rest. `failed` marks a person
    whose own feed could not be read this time: what is held stays, and stops being evidence at its limit.
    """

    identity: str = ""  # entryUUID, objectGUID, or what the configuration states
    alias: str = ""  # "kind:value"
    record: ContactRecord | None = None
    calendar: Calendar | None = None
    schedule: Schedule | None = None
    absences: Mapping[str, Absence | None] = {}  # by uid; None: withdrawn
    presence: Mapping[str, Presence | None] = {}  # by device; None: withdrawn
    failed: str = ""  # a stable error code
    future_events: int = 0  # in the calendar, so that one that turns empty at once is noticed


class Unit(msgspec.Struct, frozen=True):
    """A unit by the source's own identity; `record.parent` and posts name units by identity too: intake makes the ids."""

    identity: str
    record: UnitRecord


class Topic(msgspec.Struct, frozen=True):
    identity: str
    record: TopicRecord


class Batch(msgspec.Struct, frozen=True):
    """What a source says. `complete`: whoever is not in here has nothing from this source any more.

    `keeps`: except that part of it could not be told whose it is, so that nothing that is held is taken away for want of it.
    """

    source: str
    complete: bool
    read_at: Instant  # when the reading began
    people: Sequence[Person] = ()
    units: Sequence[Unit] = ()
    topics: Sequence[Topic] = ()
    marked: Sequence[str] | None = None  # identities or aliases that are protected; None: this batch does not say
    marks_at: Instant = 0  # when the marks were read (last of all); 0: not in this run
    skipped: int = 0
    remarks: str = ""  # what an operator may want to put right: counts in words, no name and no value
    queue: Queue | None = None  # the centre's waiting time
    keeps: bool = False
    heartbeat: bool = False  # the source as a whole is well, whatever else this batch says; a complete one says so anyway


class SourceUnavailable(Exception):
    """The source could not be read. `code` is stable and ours; the message never quotes the source."""

    def __init__(self, code: str, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(detail or code)
        self.code = code
        self.retry_after = retry_after


class SourceInvalid(SourceUnavailable):
    """The source answered, with something that is no whole answer: truncated, not the format, not authorised to see all."""


class Connector(Protocol):
    """One source. `listen` yields a batch for each successful reading and an exception object for each failed one, for ever."""

    name: str

    def listen(self) -> AsyncIterator["Batch | SourceUnavailable"]: ...

    async def fetch(self) -> Batch:
        """Read once. Raises `SourceUnavailable`."""
        ...

    async def close(self) -> None: ...


class Settled(msgspec.Struct, frozen=True):
    """What came of the last that a connector brought. `detail`: a hold's id, or a stable code."""

    result: Literal["applied", "held", "older", "refused"]
    detail: str = ""


class Settling(Connector, Protocol):
    """A connector that is told what came of what it brought, such as one that moves files away when they are done.

    It is told once for each batch and each `SourceUnavailable` of `listen` and `fetch`, before the next is asked for; not after
    a dry run, and not where another process or a fault came in between: then what was brought has to be brought again.
    """

    async def settled(self, came: Settled) -> None: ...


class Rejected(msgspec.Struct, frozen=True):
    """A row that was not taken: where, why (a stable code), and a sentence of ours. Never what stood there."""

    line: int
    column: str  # as it is configured; empty: the row as a whole
    code: str
    text: str


class FileReading(msgspec.Struct, frozen=True):
    """A complete batch from a file, and what is told of how it was read."""

    batch: Batch
    rows: int
    rejected: tuple[Rejected, ...] = ()
    withdrawn: int = 0
    repeated: int = 0  # rows that stood there more than once
    encoding: str = ""
    delimiter: str = ""
    unread: tuple[str, ...] = ()  # configured columns that are never read, and were there


class Filed(Connector, Protocol):
    """A connector that can be handed a file by name."""

    def read_file(self, path: str, told: Callable[[int], None] | None = None) -> FileReading:
        """`told`: is told a row's number now and then. Raises `SourceUnavailable`."""
        ...


class Pushed(Protocol):
    """A source that sends instead of being asked. Pure: a document in, a batch out. Each raises `ValueError` with a sentence
    of our own for a document that is not of the form."""

    def presence(self, alias: str, document: bytes, now: Instant) -> Batch: ...

    def no_presence(self, alias: str, device: str, now: Instant) -> Batch: ...

    def absence(self, alias: str, uid: str, document: bytes, content_type: str, now: Instant) -> Batch: ...

    def no_absence(self, alias: str, uid: str, now: Instant) -> Batch: ...

    def absences(self, document: bytes, content_type: str, now: Instant) -> Batch:
        """A complete batch."""
        ...

    def queue(self, document: bytes, now: Instant) -> Batch: ...
