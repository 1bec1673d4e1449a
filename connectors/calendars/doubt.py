"""Where an event lies that cannot be read: its known span, as far as it has one."""

from collections.abc import Iterable

from connectors.calendars import events
from connectors.calendars.model import Unreadable
from connectors.calendars.scan import Component
from connectors.calendars.values import DAY, length, wall
from connectors.calendars.zones import Zones

_UNSURE = 14 * 3600
"""What a zone that is not known may shift a time by."""


def known_span(component: Component, zones: Zones) -> tuple[int | None, int | None]:
    """What can still be told of [start, end) of an event that cannot be read; None where nothing can."""
    written = component.first("DTSTART")
    if written is None:
        return None, None
    try:
        begin = wall(written.value)
    except (ValueError, OverflowError):
        return None, None
    try:
        at = events.moment(written, zones)
        start, unsure = at.instant(), 0
    except (Unreadable, ValueError, OverflowError):
        start, unsure = begin.seconds, _UNSURE
    last = _last(component, begin.seconds)
    if last is None or "RDATE" in component.properties:
        return start - unsure, None
    return start - unsure, start + (last - begin.seconds) + unsure


def _last(component: Component, begin: int) -> int | None:
    """The wall seconds at which an unreadable event, repetitions included, is over for certain; None if that cannot be told."""
    end, duration = component.first("DTEND"), component.first("DURATION")
    written = component.first("DTSTART")
    try:
        if end is not None:
            stop = wall(end.value).seconds
        elif duration is not None:
            lasts = length(duration.value)
            stop = begin + lasts.wall + lasts.exact
        else:
            stop = begin + (DAY if written is not None and wall(written.value).is_date else 0)
        if end is not None and written is not None and end.params.get("TZID") != written.params.get("TZID"):
            stop += DAY
        rules = [rule.value for rule in component.properties.get("RRULE", [])]
        return max(last_repeated(rules, begin, stop) if rules else stop, begin)
    except (ValueError, OverflowError):
        return None


def last_repeated(rules: Iterable[str], begin: int, stop: int) -> int:
    """The wall seconds at which the last occurrence of [begin, stop) is over at the latest. Raises ValueError if never."""
    for rule in rules:
        until = [part.partition("=")[2] for part in rule.upper().split(";") if part.strip().startswith("UNTIL=")]
        if not until:
            raise ValueError("without end")
        stop = max(stop, wall(until[0]).seconds + DAY + max(0, stop - begin))
    return stop
