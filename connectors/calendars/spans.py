"""Lists of spans, [start, end) in epoch seconds UTC."""

from collections.abc import Iterable, Sequence

from connectors.calendars.model import Span


def merged(spans: Iterable[Span]) -> list[Span]:
    """Sorted, without empty spans, overlapping and adjoining ones joined."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            if end > found[-1][1]:
                found[-1] = (found[-1][0], end)
        elif start < end:
            found.append((start, end))
    return found


def clipped(spans: Iterable[Span], start: int, end: int) -> list[Span]:
    """Merged and cut to [start, end)."""
    return merged((max(a, start), min(b, end)) for a, b in spans if a < end and b > start)


def without(spans: Iterable[Span], taken: Sequence[Span]) -> list[Span]:
    """The parts of spans that no span of `taken` (merged) covers."""
    found: list[Span] = []
    for start, end in merged(spans):
        at = start
        for a, b in taken:
            if b <= at or a >= end:
                continue
            if a > at:
                found.append((at, a))
            at = max(at, b)
        if at < end:
            found.append((at, end))
    return found
