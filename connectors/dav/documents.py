"""What is asked of a CalDAV server, as octets."""

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape

from presence.domain.intervals import Instant

_HEAD = '<?xml version="1.0" encoding="utf-8"?>'
_NAMES = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"'

DESCRIBE = (
    f"{_HEAD}<propfind {_NAMES}><prop><resourcetype/><supported-report-set/><sync-token/><S:getctag/></prop></propfind>".encode()
)
TAG = f"{_HEAD}<propfind {_NAMES}><prop><S:getctag/></prop></propfind>".encode()
ETAGS = f"{_HEAD}<propfind {_NAMES}><prop><getetag/></prop></propfind>".encode()


def changes(token: str) -> bytes:
    """What changed since a sync-token (RFC 6578, 3.2); an empty one begins."""
    return (
        f"{_HEAD}<sync-collection {_NAMES}><sync-token>{escape(token)}</sync-token><sync-level>1</sync-level>"
        "<prop><getetag/></prop></sync-collection>"
    ).encode()


def free_busy(start: Instant, end: Instant) -> bytes:
    """Busy times alone (RFC 4791, 7.10)."""
    within = f'<C:time-range start="{utc(start)}" end="{utc(end)}"/>'
    return f"{_HEAD}<C:free-busy-query {_NAMES}>{within}</C:free-busy-query>".encode()


def events(start: Instant, end: Instant) -> bytes:
    """Events that touch a time range, each with its whole series: expansion is ours (RFC 4791, 7.8).

    Some properties alone (9.6.1) cannot be asked for: Radicale 3.9.0 gives all of them, Xandikos 0.4.10 nothing of an event
    that lacks one.
    """
    return (
        f"{_HEAD}<C:calendar-query {_NAMES}><prop><getetag/><C:calendar-data/></prop>"
        '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
        f'<C:time-range start="{utc(start)}" end="{utc(end)}"/>'
        "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
    ).encode()


def request(organizer: str, attendees: Iterable[str], start: Instant, end: Instant, now: Instant, uid: str) -> bytes:
    """A free-busy request to a scheduling outbox (RFC 6638, 5; RFC 5546, 3.3.2). People are mailto: addresses."""
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//presence//EN", "METHOD:REQUEST", "BEGIN:VFREEBUSY", f"UID:{uid}"),
        *(f"DTSTAMP:{utc(now)}", f"DTSTART:{utc(start)}", f"DTEND:{utc(end)}", f"ORGANIZER:{organizer}"),
        *(f"ATTENDEE:{attendee}" for attendee in attendees),
        *("END:VFREEBUSY", "END:VCALENDAR", ""),
    ]
    return "\r\n".join(folded for line in lines for folded in _folded(line)).encode()


def _folded(line: str) -> list[str]:
    """Lines of 75 octets at most (RFC 5545, 3.1); addresses are ASCII."""
    first, rest = line[:75], line[75:]
    return [first, *(" " + rest[at : at + 74] for at in range(0, len(rest), 74))]


def utc(instant: Instant) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y%m%dT%H%M%SZ")
