"""What came of a batch, and what can go wrong with one."""

import msgspec

from presence.domain.intervals import Instant
from presence.intaking.difference import Difference
from presence.ports import Position


class UnknownSource(LookupError):
    """No such source is configured."""


class AlreadyRunning(Exception):
    """Another process takes in this source right now."""


class UnknownHold(LookupError):
    """No batch is held back under this id (any more)."""


class ReleaseRefused(Exception):
    """A hold is released by a named operator who did not send it."""


class HoldOutdated(Exception):
    """The store has moved on, so that the difference that was held back no longer applies."""


class Outcome(msgspec.Struct, frozen=True):
    """The counts are of what a source speaks of: people, units and topics, absences, calendars, links; never of inner facts.

    `written`: facts in the store, health included. `hold`: the id under which the batch was held back; empty where it was
    applied. `explanation`: in one line, why it was held back or not applied. `position`: empty where nothing was written.
    """

    source: str
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    written: int = 0
    people: int = 0  # of whom the batch speaks
    failed: int = 0  # of them, whose calendar, leave or hours could not be read: what is held stays, marked
    unmatched: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    unresolved: int = 0
    unknown: tuple[str, ...] = ()  # units and contacts that the configuration names and nobody knows
    skipped: int = 0
    clamped: int = 0
    outdated: int = 0
    remarks: str = ""  # of the reading, for an operator
    hold: str = ""
    rule: str = ""
    explanation: str = ""
    older: bool = False  # read before what was applied last: left alone
    dry_run: bool = False
    difference: Difference = Difference()
    position: Position = ""


class Hold(msgspec.Struct, frozen=True):
    """A batch that waits for an operator."""

    id: str
    source: str
    at: Instant
    rule: str
    explanation: str
    added: int
    changed: int
    removed: int
    difference: Difference
