"""The values that the calendar reader takes and gives: plain data, no behaviour beyond telling what they are."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

Span = tuple[int, int]
"""[start, end) in epoch seconds UTC."""


class Says(StrEnum):
    """What an event says about "can this person be reached"."""

    NOTHING = "nothing"
    TENTATIVE = "tentative"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"


class Reason(StrEnum):
    """Why something was not read: our own sentences, a closed set, so that no text of a feed can travel in one."""

    NO_START = "DTSTART is missing"
    BAD_START = "DTSTART cannot be read"
    BAD_END = "DTEND or DURATION cannot be read"
    END_BEFORE_START = "the end lies before the start; read as without length"
    TOO_LONG = "it lasts longer than accepted"
    UNKNOWN_ZONE = "the time zone is not known"
    BAD_RULE = "RRULE cannot be read"
    BAD_INTERVAL = "INTERVAL must be 1 or more"
    BAD_EXRULE = "EXRULE cannot be read"
    TOO_DENSE = "the recurrence has more occurrences in the window than accepted"
    TOO_COSTLY = "the recurrence takes more work than accepted"
    UNKNOWN_RSCALE = "RSCALE names a calendar system that is not known"
    BAD_DATES = "an RDATE or EXDATE cannot be read; the rest counts"
    TOO_MANY_DATES = "it has more RDATE or EXDATE values than accepted"
    TOO_MANY_OVERRIDES = "it has more changed occurrences than accepted"
    BAD_RECURRENCE_ID = "RECURRENCE-ID cannot be read"
    BROKEN_COMPONENT = "the component is not closed or a needed line of it is broken"
    TOO_DEEP = "components are nested deeper than accepted"
    BAD_FREEBUSY = "a FREEBUSY period cannot be read; the others count"
    BAD_AVAILABILITY = "VAVAILABILITY cannot be read"
    NO_UID = "UID is missing; read under an id of its own"
    SHARED_UID = "several events share one UID; each is read"
    OLDER = "a later version of the event is there too, and counts"
    INTERNAL = "it cannot be read"


class Skipped(msgspec.Struct, frozen=True):
    """One report about a component: its UID (or a digest of it), the line it begins on (1-based), and the reason."""

    uid: str
    line: int
    reason: Reason


class Limits(msgspec.Struct, frozen=True):
    """Bounds on what one feed may cost. Passing a feed bound refuses the feed, passing an event bound that event."""

    octets: int = 5_000_000
    lines: int = 300_000
    components: int = 20_000
    zones: int = 100
    """Of its own, that a feed may use: each is expanded over all years."""
    depth: int = 10
    occurrences: int = 3_500
    """In the window, of one event; also the bound on its RDATE, EXDATE and overrides."""
    seconds: int = 10 * 366 * 86_400
    """The longest an event may last."""
    event_work: int = 80_000
    """Steps that one recurrence may take (a step is a period or a candidate looked at, about a microsecond)."""
    feed_work: int = 120_000
    """Steps that all recurrences of one call may take."""


class Policy(msgspec.Struct, frozen=True):
    """What a source is configured to mean beyond the standards.

    `codes` maps a referral code of the Trio family, with its sign and in capitals ("LUN:", "MÖT;"), to what it says. Empty (the
    default) means that no subject is read at all; otherwise exactly its first four characters are.
    """

    codes: Mapping[str, Says] = {}
    needs_action: Says = Says.TENTATIVE
    """What an invitation says that the owner has not answered."""


PLAIN = Policy()
BOUNDS = Limits()


class Reading(msgspec.Struct, frozen=True):
    """What the calendars of one person say about the window.

    `busy`, `tentative` and `unavailable` are merged, sorted and clipped to the window; they may overlap one another.
    `occurrences`
    holds every occurrence that touches the window whatever it says, whole. `doubtful` is where an event lies that could not be
    read; `unbounded` says that there is one of which not even that is known. `future_events` counts what touches the window.
    `moments` is when something begins that would say something and has no length.
    `scheduled` is where working hours (VAVAILABILITY with AVAILABLE parts) speak, and `working` where they say "at work".
    """

    busy: list[Span] = []
    tentative: list[Span] = []
    unavailable: list[Span] = []
    scheduled: list[Span] = []
    working: list[Span] = []
    occurrences: list[tuple[str, int, int]] = []
    doubtful: list[Span] = []
    unbounded: bool = False
    skipped: list[Skipped] = []
    future_events: int = 0
    moments: list[int] = []


class Refused(ValueError):
    """The whole feed is refused. `reason` is a sentence of our own."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unreadable(Exception):
    """One event cannot be read; raised and caught inside this package."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Budget:
    """Counts the work of one call, so that no feed costs more than its bound, whatever it holds."""

    __slots__ = ("event_bound", "left")

    def __init__(self, limits: Limits) -> None:
        self.left = limits.feed_work
        self.event_bound = limits.event_work

    def meter(self) -> "Meter":
        return Meter(self)


class Meter:
    """The part of a budget that one event may use."""

    __slots__ = ("budget", "left")

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.left = min(budget.event_bound, budget.left)

    def spend(self, steps: int) -> None:
        self.left -= steps
        self.budget.left -= steps
        if self.left < 0:
            raise Unreadable(Reason.TOO_COSTLY)
