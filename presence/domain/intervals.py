"""When something is so: half-open spans of time, each with what it says.

An `Instant` is an `int`: whole seconds since 1970-01-01T00:00Z. Inside the core there is no other time. All-day and floating
times are settled in the connector that reads them, with the owner's zone.
"""

import enum
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

import msgspec

Instant = int
"""Seconds since the epoch, UTC."""

FOREVER: Instant = 2**62
"""No change is known to come."""
BEGINNING: Instant = -(2**62)


class Status(enum.StrEnum):
    """What a visitor is told of a contact, from the strongest statement to none."""

    AVAILABLE = "available"
    BUSY = "busy"
    AWAY = "away"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class Doubt(enum.Enum):
    """An opinion that decides nothing but withholds `assumed`: something is there, and we cannot tell what it means now."""

    DOUBT = "doubt"

    def __repr__(self) -> str:
        return "DOUBT"


DOUBT = Doubt.DOUBT

Opinion = Status | Doubt | None
"""What one layer says at an instant. None is silence."""


class Said(NamedTuple):
    """A layer's answer at an instant, and the first instant at which it may be another."""

    opinion: Opinion
    until: Instant


class Layer(Protocol):
    """A source of opinion over time."""

    def at(self, t: Instant) -> Said:
        """The opinion at `t`, and until when it certainly stands (`FOREVER` where no end is known)."""
        ...


class Span(NamedTuple):
    """`[start, end)`."""

    start: Instant
    end: Instant


def _pack(edges: Iterable[Instant]) -> bytes:
    return array("q", edges).tobytes()


# One byte a segment. The order is also who wins where one source contradicts itself: the more absent.
_OPINIONS: tuple[Opinion, ...] = (None, Status.AVAILABLE, DOUBT, Status.BUSY, Status.AWAY, Status.CLOSED)
_CODES: dict[Opinion, int] = {opinion: code for code, opinion in enumerate(_OPINIONS)}


class Intervals(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A compact step function: `edges` holds int64 instants (native order), `codes` one byte for the segment that each begins.

    Before the first edge it is silent. Neighbouring segments never say the same, so each edge is a real change.
    """

    edges: bytes = b""
    codes: bytes = b""

    @classmethod
    def of(cls, spans: Iterable[tuple[Instant, Instant, Opinion]]) -> "Intervals":
        """From spans in any order; where they overlap the more absent opinion wins. Empty and reversed spans are ignored.

        `FOREVER` is no edge: what lasts until then is the last segment.
        """
        known = [(start, end, _CODES[opinion]) for start, end, opinion in spans if start < end and opinion is not None]
        if len(known) == 1:
            ((start, end, code),) = known
            return cls(_pack([start, end]), bytes((code, 0))) if end < FOREVER else cls(_pack([start]), bytes((code,)))
        changes: dict[Instant, list[int]] = {}
        for start, end, code in known:
            changes.setdefault(start, [0] * len(_OPINIONS))[code] += 1
            if end < FOREVER:
                changes.setdefault(end, [0] * len(_OPINIONS))[code] -= 1
        edges: list[Instant] = []
        codes = bytearray()
        open_now = [0] * len(_OPINIONS)
        for edge in sorted(changes):
            open_now = [a + b for a, b in zip(open_now, changes[edge], strict=True)]
            code = next((c for c in range(len(open_now) - 1, 0, -1) if open_now[c]), 0)
            if code != (codes[-1] if codes else 0):
                edges.append(edge)
                codes.append(code)
        return cls(_pack(edges), bytes(codes))

    def at(self, t: Instant) -> Said:
        """See `Layer.at`; one bisection."""
        edges = memoryview(self.edges).cast("q")
        i = bisect_right(edges, t)
        opinion = _OPINIONS[self.codes[i - 1]] if i else None
        return Said(opinion, edges[i] if i < len(edges) else FOREVER)

    def spans(self) -> Iterator[tuple[Instant, Instant, Opinion]]:
        """The segments that say something, in order; the last may end at `FOREVER`."""
        edges = memoryview(self.edges).cast("q")
        for i, code in enumerate(self.codes):
            if code:
                yield edges[i], edges[i + 1] if i + 1 < len(edges) else FOREVER, _OPINIONS[code]

    def doubt_from(self) -> Instant:
        """From when on there is nothing but DOUBT (the end of an expanded window); `FOREVER` where there is no such end."""
        if not self.codes or _OPINIONS[self.codes[-1]] is not DOUBT:
            return FOREVER
        return memoryview(self.edges).cast("q")[-1]

    def since(self, t: Instant) -> "Intervals":
        """The same from `t` on: what lies wholly before is dropped, so that no history is kept."""
        return Intervals.of((max(start, t), end, opinion) for start, end, opinion in self.spans() if end > t)

    def __bool__(self) -> bool:
        return bool(self.codes)


def merge(spans: Iterable[tuple[Instant, Instant]]) -> list[Span]:
    """Sorted and disjoint: overlapping and adjoining spans become one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1].end:
            if end > merged[-1].end:
                merged[-1] = Span(merged[-1].start, end)
        elif start < end:
            merged.append(Span(start, end))
    return merged
