"""One everyday VEVENT straight from its octets: the record that the short way works with.

Only the plainest form of each needed line is taken (no fold, no repetition, no parameter but a known zone, one zone an event);
anything else gives None and goes the long way. No other line is looked at.
"""

import re
from functools import lru_cache

import msgspec

from connectors.calendars import meaning, rules
from connectors.calendars.model import Policy, Says, Unreadable
from connectors.calendars.values import DAY, Length, day_number, length
from connectors.calendars.zones import UTC, Zone, by_name

_NEEDED = re.compile(
    rb"\n(D(?:TSTART|TEND|URATION)|UID|TRANSP|STATUS|R(?:RULE|DATE|ECURRENCE-ID)|EX(?:DATE|RULE)|BEGIN|END"
    rb"|X-MICROSOFT-(?:CDO|MSNCALENDAR)-BUSYSTATUS)(?![A-Za-z0-9-])([^\r\n]*(?:\r?\n[ \t])?)"
)
"""Name and rest of each needed line; a folded line keeps the line break, which no plain form has."""
_NEVER = frozenset((b"RDATE", b"EXRULE", b"BEGIN", b"END"))
_TIME = re.compile(rb"([01]\d|2[0-3])([0-5]\d)([0-5]\d)")
_ZONED = re.compile(rb"(?:;VALUE=DATE-TIME)?;TZID=([^;:\",]{1,64})")
_ALARM = re.compile(rb"(?<=\n)BEGIN:VALARM\r?\n(?:(?!BEGIN:|END:)[^\n]*\n)*END:VALARM\r?\n(?![ \t\r\n])")
"""An alarm that nothing is folded behind: taken out, it would leave the fold to what stands before it."""
_UID = re.compile(rb":([A-Za-z0-9@._:{}+=/$#~*!-]{1,255})")
_WORD = re.compile(rb":([A-Za-z-]*)")
DATE, FLOATING, UTC_MARK = "\x00date", "\x00floating", "\x00utc"


class Plain(msgspec.Struct, frozen=True, gc=False):
    """An event that the short way knows fully. `zone` is a zone's name or one of three marks; times are wall seconds in it."""

    uid: str
    zone: str
    start: int
    lasts: Length
    says: Says
    rule: str
    without: tuple[int, ...]
    replaces: int | None


_ROOM = 20_000
_DAYS: dict[bytes, int] = {}
_SECONDS: dict[bytes, int] = {}
_HEADS: dict[bytes, str] = {b";VALUE=DATE": DATE, b"": FLOATING, b";VALUE=DATE-TIME": FLOATING}


def _day(digits: bytes) -> int:
    """Wall seconds of a day, remembered. Raises ValueError."""
    if not digits.isdigit() or len(digits) != 8:
        raise ValueError("not a DATE")
    if len(_DAYS) > _ROOM:
        _DAYS.clear()
    found = _DAYS[digits] = day_number(int(digits[:4]), int(digits[4:6]), int(digits[6:])) * DAY
    return found


def _second(digits: bytes) -> int:
    """Seconds since midnight of a time of day, remembered. Raises ValueError."""
    found = _TIME.fullmatch(digits)
    if found is None:
        raise ValueError("not a TIME in its plainest form")
    hour, minute, second = found.groups()
    if len(_SECONDS) > _ROOM:
        _SECONDS.clear()
    seconds = _SECONDS[digits] = int(hour) * 3600 + int(minute) * 60 + int(second)
    return seconds


def _head(head: bytes) -> str:
    """The zone that the parameters of a time name, remembered. Raises ValueError."""
    found = _ZONED.fullmatch(head)
    name = found.group(1).decode("ascii") if found else ""
    if not name or by_name(name) is None:
        raise ValueError("not a zone known by its name")
    if len(_HEADS) > 500:
        raise ValueError("more zone names than are remembered")
    _HEADS[head] = name
    return name


def _at(written: bytes) -> tuple[str, int]:
    """(zone, wall seconds) of a time, parameters included. Raises ValueError when it is not in its plainest form."""
    head, _, value = written.rpartition(b":")
    zone = _HEADS.get(head) or _head(head)
    size = len(value)
    if zone is DATE:
        if size != 8:
            raise ValueError("not a DATE")
        return zone, _DAYS.get(value) or _day(value)
    if value[8:9] != b"T" or (size != 15 and (size != 16 or value[15:] != b"Z" or zone is not FLOATING)):
        raise ValueError("not a DATE-TIME in its plainest form")
    clock = value[9:15]
    second = _SECONDS.get(clock)
    if second is None:
        second = _second(clock)
    return UTC_MARK if size == 16 else zone, (_DAYS.get(value[:8]) or _day(value[:8])) + second


def plain(octet: bytes, method: str, owner: frozenset[bytes], policy: Policy) -> Plain | None:
    """The record of one VEVENT (without its END line), or None when any needed line of it is not in its plainest form."""
    pairs: list[tuple[bytes, bytes]] = _NEEDED.findall(octet)
    lines = dict(pairs)
    if b"BEGIN" in lines:
        octet = _ALARM.sub(b"", octet)
        pairs = _NEEDED.findall(octet)
        lines = dict(pairs)
    if not _NEVER.isdisjoint(lines):
        return None
    excluded: list[bytes] = []
    if b"EXDATE" in lines:
        excluded = [written for name, written in pairs if name == b"EXDATE"]
        del lines[b"EXDATE"]
    if len(lines) + len(excluded) != len(pairs):
        return None
    try:
        return _plain(octet, lines, excluded, method, owner, policy)
    except (ValueError, Unreadable):
        return None


def _plain(
    octet: bytes, lines: dict[bytes, bytes], excluded: list[bytes], method: str, owner: frozenset[bytes], policy: Policy
) -> Plain | None:
    """Raises ValueError and Unreadable where `plain` gives None."""
    uid = _UID.fullmatch(lines.get(b"UID", b""))
    if uid is None or b"DTSTART" not in lines:
        return None
    zone, start = _at(lines[b"DTSTART"])
    lasts = _lasts(lines, zone, start)
    rule = lines.get(b"RRULE")
    if rule is not None:
        if rule[:1] != b":" or b"\r" in rule or b"\n" in rule or b"RECURRENCE-ID" in lines:
            return None
        rules.parse(rule[1:].decode("ascii"))
    replaces = None
    if b"RECURRENCE-ID" in lines:
        replaces = _same(lines[b"RECURRENCE-ID"], zone)
    without: list[int] = []
    for written in excluded:
        head, _, values = written.rpartition(b":")
        without += [_same(head + b":" + value, zone) for value in values.split(b",")]
    says = _says(octet, lines, method, owner, policy)
    if says is None:
        return None
    written_rule = rule[1:].decode("ascii") if rule else ""
    return Plain(uid.group(1).decode("ascii"), zone, start, lasts, says, written_rule, tuple(without), replaces)


def _same(written: bytes, zone: str) -> int:
    """Wall seconds of a time that must be in this zone. Raises ValueError."""
    found, seconds = _at(written)
    if found != zone:
        raise ValueError("another zone")
    return seconds


@lru_cache(maxsize=4096)
def _length(wall: int, exact: int) -> Length:
    return Length(wall, exact)


def _lasts(lines: dict[bytes, bytes], zone: str, start: int) -> Length:
    if b"DTEND" in lines:
        found = _length(_same(lines[b"DTEND"], zone) - start, 0)
    elif b"DURATION" in lines:
        if lines[b"DURATION"][:1] != b":" or lines[b"DURATION"][-1:] in b" \t\r":
            raise ValueError("not in its plainest form")
        found = length(lines[b"DURATION"][1:].decode("ascii"))
    else:
        found = _length(DAY if zone == DATE else 0, 0)
    total = found.wall + found.exact
    if not 0 <= total <= 366 * DAY or (zone == DATE and (found.exact or total < DAY)):
        raise ValueError("a length for the long way")
    return found


def _says(octet: bytes, lines: dict[bytes, bytes], method: str, owner: frozenset[bytes], policy: Policy) -> Says | None:
    part = _part(octet, owner, policy) if owner else None
    get = lines.get
    busy, other = get(b"X-MICROSOFT-CDO-BUSYSTATUS", b":"), get(b"X-MICROSOFT-MSNCALENDAR-BUSYSTATUS", b":")
    return _decided(method, get(b"STATUS", b":"), busy, other, get(b"TRANSP", b":"), part)


@lru_cache(maxsize=1024)
def _decided(method: str, status: bytes, busy: bytes, other: bytes, transp: bytes, part: Says | None) -> Says | None:
    """What the lines say, None when one of them is not a plain word."""
    words = []
    for written in (status, busy, other, transp):
        found = _WORD.fullmatch(written)
        if found is None:
            return None
        words.append(found.group(1).decode("ascii").upper())
    return meaning.decide(method, words[0], words[1] or words[2], words[3], part, None)


_FOLD = re.compile(rb"\r?\n[ \t]")
_ATTENDEE = re.compile(rb"\nATTENDEE(?![A-Za-z0-9-])([^\n]*(?:\n[ \t][^\n]*)*)")


def _part(octet: bytes, owner: frozenset[bytes], policy: Policy) -> Says | None:
    attendees = [_FOLD.sub(b"", b"ATTENDEE" + line).rstrip(b"\r") for line in _ATTENDEE.findall(octet)]
    return meaning.answered(attendees, owner, policy) if attendees else None


def zone_of(record: Plain, owner: Zone) -> Zone:
    """The zone of a record's times."""
    if record.zone == UTC_MARK:
        return UTC
    if record.zone in (DATE, FLOATING):
        return owner
    found = by_name(record.zone)
    if found is None:
        raise LookupError("a record names a zone that is not known")
    return found


def is_date(record: Plain) -> bool:
    """Whether its times are whole days."""
    return record.zone == DATE
