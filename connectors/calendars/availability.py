"""Components that speak of free and busy time directly: VFREEBUSY (RFC 5545, 3.6.4) and VAVAILABILITY (RFC 7953)."""

from collections.abc import Iterable
from itertools import groupby

import msgspec

from connectors.calendars import meaning
from connectors.calendars.events import Moment, moment, sequence_of
from connectors.calendars.model import Limits, Reason, Says, Span, Unreadable
from connectors.calendars.scan import Component
from connectors.calendars.spans import clipped, merged, without
from connectors.calendars.values import length, wall
from connectors.calendars.zones import UTC, Zones

FOREVER = 1 << 60


def free_busy(component: Component, zones: Zones, limits: Limits) -> tuple[list[tuple[Says, int, int]], bool]:
    """The periods of one VFREEBUSY with what each says, and whether all that say something can be read. Raises Unreadable."""
    if component.fault:
        raise Unreadable(component.fault)
    found: list[tuple[Says, int, int]] = []
    whole = True
    for written in component.properties.get("FREEBUSY", []):
        says = meaning.free_busy(written.params.get("FBTYPE", "BUSY").upper())
        tzid = written.params.get("TZID")
        for period in written.value.split(","):
            try:
                found += [(says, *_period(period, tzid, zones))] if period.strip() else []
            except (Unreadable, ValueError, OverflowError):
                whole &= says is Says.NOTHING
        if len(found) > 4 * limits.occurrences:
            raise Unreadable(Reason.TOO_MANY_DATES)
    return found, whole


def _period(text: str, tzid: str | None, zones: Zones) -> Span:
    first, slash, second = text.partition("/")
    if not slash:
        raise ValueError("not a PERIOD")
    begin = wall(first)
    zone = UTC if begin.is_utc else zones.get(tzid) if tzid else zones.floating
    start = zone.to_utc(begin.seconds)
    if second.strip().upper().startswith(("P", "+P")):
        lasts = length(second)
        return start, zone.to_utc(begin.seconds + lasts.wall) + lasts.exact
    last = wall(second)
    end = last.seconds if last.is_utc else zone.to_utc(last.seconds)
    if end < start:
        raise ValueError("an end before its start")
    return start, end


class Availability(msgspec.Struct):
    """One VAVAILABILITY: over [start, end) it says `says`, but for `free` (filled in by the caller from its AVAILABLE parts)."""

    rank: int
    """0 is the lowest priority; a greater rank is laid over a smaller one."""
    says: Says
    start: int
    end: int
    free: list[Span] = []
    is_schedule: bool = False
    """It has AVAILABLE parts, so that it tells when somebody works, and not only a time off."""


def availability(component: Component, zones: Zones) -> Availability:
    """Read one VAVAILABILITY without its AVAILABLE parts. Raises Unreadable."""
    if component.fault:
        raise Unreadable(component.fault)
    begin, end, duration = (component.first(name) for name in ("DTSTART", "DTEND", "DURATION"))
    try:
        opens = moment(begin, zones) if begin else None
        start = opens.instant() if opens else -FOREVER
        stop = moment(end, zones).instant() if end else FOREVER
        if end is None and duration is not None and opens is not None:
            stop = _after(opens, duration.value)
    except (ValueError, OverflowError):
        raise Unreadable(Reason.BAD_AVAILABILITY) from None
    priority = component.text("PRIORITY")
    rank = 10 - int(priority) if priority in tuple("123456789") else 0
    is_schedule = any(child.name == "AVAILABLE" for child in component.children)
    says = meaning.busy_type(component.text("BUSYTYPE") or "BUSY-UNAVAILABLE")
    return Availability(rank, says, start, stop, is_schedule=is_schedule)


def older(components: Iterable[Component]) -> set[int]:
    """The lines of those VAVAILABILITY of which a later version is there: one with their UID and a greater SEQUENCE."""
    versions: dict[str, list[tuple[int, int]]] = {}
    for component in components:
        uid = component.first("UID")
        if component.name == "VAVAILABILITY" and uid and not component.fault:
            versions.setdefault(uid.value.strip(), []).append((sequence_of(component), component.line))
    return {line for same in versions.values() for sequence, line in same if sequence < max(same)[0]}


def working(parts: Iterable[Availability], off: Iterable[Span], start: int, end: int) -> tuple[list[Span], list[Span]]:
    """Where schedules speak, and where they say "at work": all but `off`, which is what `lay` gives."""
    scheduled = clipped([(part.start, part.end) for part in parts if part.is_schedule], start, end)
    return scheduled, without(scheduled, merged(off))


def _after(opens: Moment, duration: str) -> int:
    lasts = length(duration)
    return opens.zone.to_utc(opens.seconds + lasts.wall) + lasts.exact


def lay(parts: Iterable[Availability], start: int, end: int) -> list[tuple[Says, int, int]]:
    """What several VAVAILABILITY say together over [start, end): the higher priority covers the lower, AVAILABLE is free.

    Of those with one priority schedules add up, as those of two employments do, and a time off covers them.
    """
    layers: list[tuple[int, int, Says]] = []
    for _, same in groupby(sorted(parts, key=lambda part: part.rank), key=lambda part: part.rank):
        level = list(same)
        layers += [(part.start, part.end, part.says) for part in level if part.is_schedule]
        layers += [(max(a, part.start), min(b, part.end), Says.NOTHING) for part in level for a, b in part.free]
        layers += [(part.start, part.end, part.says) for part in level if not part.is_schedule]
    layers = [(max(a, start), min(b, end), says) for a, b, says in layers if max(a, start) < min(b, end)]
    edges = sorted({edge for a, b, _ in layers for edge in (a, b)})
    places = {edge: place for place, edge in enumerate(edges)}
    row: list[Says] = [Says.NOTHING] * len(edges)
    for a, b, says in layers:
        for place in range(places[a], places[b]):
            row[place] = says
    return [(row[i], edges[i], edges[i + 1]) for i in range(len(edges) - 1) if row[i] is not Says.NOTHING]
