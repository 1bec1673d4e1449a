"""Leave as iCalendar: an event is a leave, from when to when. What it is about is stepped over as octets."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from connectors.calendars import Limits, Reading, Refused, read
from connectors.calendars.lines import unbroken
from connectors.calendars.scan import EVENT
from connectors.calendars.spans import merged, without
from connectors.leave.dates import EARLIEST, LATEST
from connectors.leave.format import Format
from connectors.leave.refusal import Unreadable, Wrong
from connectors.leave.rows import Row, person
from presence.domain.facts import Absence
from presence.domain.intervals import FOREVER, Instant

_DAY = 86_400
_BACK, _AHEAD = 400, 1_000  # days for which occurrences are told
SMALL = Limits(octets=64_000, lines=2_000, components=10, occurrences=10, event_work=5_000, feed_work=5_000)
"""Of a document that holds one leave."""
_ONE = Limits(octets=256_000, lines=8_000, components=200, occurrences=400, event_work=20_000, feed_work=20_000)
"""Of one leave in a file of many."""
_NAME = re.compile(rb"[A-Za-z0-9-]+")
_END = re.compile(rb"DTEND[^:]*:(\d{4})(\d\d)(\d\d)(?:T.*)?\s*", re.IGNORECASE)
_MAILTO = re.compile(rb"mailto:([^\s;,\"<>]+)", re.IGNORECASE)


class _Event(NamedTuple):
    line: int
    people: list[bytes]  # lines that name somebody
    lines: list[bytes]  # of when, and nothing else


def one(document: bytes, now: Instant, form: Format) -> Absence:
    """The one event of a document. Raises ValueError with a sentence of ours."""
    zone = ZoneInfo(form.zone)
    try:
        reading = read([document], now - _BACK * _DAY, now + _AHEAD * _DAY, zone, limits=SMALL)
    except Refused as refused:
        raise ValueError(refused.reason) from None
    leaves = _leaves(reading, now - _BACK * _DAY, now + _AHEAD * _DAY)
    if len(reading.occurrences) == 1 and not leaves:
        raise ValueError("the event is cancelled, or says that the time is free; an absence is withdrawn by DELETE")
    if len(leaves) != 1:
        reason = f" ({reading.skipped[0].reason.value})" if reading.skipped else ""
        raise ValueError(f"the calendar must hold one event, once, within a year back and two ahead{reason}")
    return _absence(*leaves[0], form)


def _leaves(reading: Reading, start: Instant, end: Instant) -> list[tuple[Instant, Instant]]:
    """The occurrences that say something, whole: a cancelled or free one is no leave."""
    said = merged([*reading.busy, *reading.tentative, *reading.unavailable])
    cut = [(begins, ends, max(begins, start), min(ends, end)) for _, begins, ends in reading.occurrences if begins < ends]
    return [(begins, ends) for begins, ends, low, high in cut if not without([(low, high)], said)]


def _absence(start: Instant, end: Instant, form: Format) -> Absence:
    """From midnight to midnight it counts as days. Raises ValueError."""
    zone = ZoneInfo(form.zone)
    far = int(datetime.combine(date.fromisoformat(form.open_from), datetime.min.time(), zone).timestamp())
    if not EARLIEST <= start < min(end, LATEST):
        raise ValueError("the event does not lie within 2000 to 2099")
    begins = datetime.fromtimestamp(start, zone)
    ends = None if end > far else datetime.fromtimestamp(end, zone)
    if all((d.hour, d.minute, d.second) == (0, 0, 0) for d in (begins, ends) if d):
        last = date.fromordinal(ends.toordinal() - 1).isoformat() if ends else ""
        return Absence(first=begins.date().isoformat(), last=last)
    return Absence(start=start, end=end if ends else FOREVER)


def many(document: bytes, now: Instant, form: Format) -> Iterator[Row | tuple[int, str, Wrong]]:
    """A row for each occurrence, or (line, alias, why it is not taken). Raises `Unreadable`."""
    head = document.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.upper().startswith(b"BEGIN:VCALENDAR") or not head.rstrip().upper().endswith(b"END:VCALENDAR"):
        raise Unreadable("not-a-calendar", "not one iCalendar file, or it is cut off")
    around, events = _split(document, form)
    if not events and b"BEGIN:VEVENT" in document.upper():
        raise Unreadable("not-a-calendar", "no line of its events can be told from the next")
    groups: dict[tuple[str, bytes], list[_Event]] = {}
    for event in events:
        try:
            alias = _person(event, form)
        except Wrong as wrong:
            yield event.line, "", wrong
            continue
        groups.setdefault((alias, _uid(event)), []).append(event)
    for (alias, uid), group in groups.items():
        yield from _rows(alias, uid, group, around, now, form)


def _rows(
    alias: str, uid: bytes, group: list[_Event], around: list[bytes], now: Instant, form: Format
) -> Iterator[Row | tuple[int, str, Wrong]]:
    """The occurrences of one event with all its changes."""
    lines = [b"BEGIN:VCALENDAR", b"VERSION:2.0", b"PRODID:-//presence//leave//EN", *around]
    is_open = len(group) == 1 and _is_open(group[0], form)
    for event in group:
        kept = [b"DURATION:P1D" if is_open and _name(line) == b"DTEND" else line for line in event.lines]
        lines += [b"BEGIN:VEVENT", *kept, b"END:VEVENT"]
    text = b"\r\n".join((*lines, b"END:VCALENDAR", b""))
    start, end = EARLIEST if is_open else now - _BACK * _DAY, now + _AHEAD * _DAY
    try:
        reading = read([text], start, end, ZoneInfo(form.zone), limits=_ONE)
    except Refused:
        yield group[0].line, alias, Wrong("bad-event")
        return
    if reading.skipped or reading.doubtful or reading.unbounded or reading.moments:  # a leave has a length
        yield group[0].line, alias, Wrong("bad-event")
    own = uid.decode("utf-8", "replace")
    leaves = _leaves(reading, start, end)  # none: cancelled, or free, or not in these years
    for begins, ends in leaves:
        try:
            found = _absence(begins, FOREVER if is_open else ends, form)
        except ValueError:
            yield group[0].line, alias, Wrong("bad-event")
        else:
            name = own if len(leaves) == 1 else f"{own}\x1f{begins}"
            yield Row(group[0].line, alias, found, name)


def _is_open(event: _Event, form: Format) -> bool:
    """Whether it happens once, and ends on a day that means none: longer than any event of a calendar may be."""
    if any(_name(line) in (b"RRULE", b"RDATE") for line in event.lines):
        return False
    ends = [found for line in event.lines if _name(line) == b"DTEND" and (found := _END.fullmatch(line))]
    return len(ends) == 1 and b"-".join(ends[0].groups()).decode() >= form.open_from


def _person(event: _Event, form: Format) -> str:
    """By the property that the configuration names, else the one attendee, else the organizer. Raises `Wrong`."""
    for name in _people(form):
        lines = [line for line in event.people if _name(line) == name]
        mails = {mail.lower() for line in lines for mail in _MAILTO.findall(line)}
        values = {b"mail:" + mail for mail in mails} or {line.partition(b":")[2].strip() for line in lines}
        if len(values) == 1:
            return person(values.pop().decode("utf-8", "replace"), form)
    raise Wrong("no-person")


def _people(form: Format) -> list[bytes]:
    """Properties that name a person, in the order in which they count."""
    return [name for name in (form.columns.person.upper().encode(), b"ATTENDEE", b"ORGANIZER") if name]


def _split(document: bytes, form: Format) -> tuple[list[bytes], list[_Event]]:
    """Lines of the zones and the METHOD; events with their lines that tell when, and whose. Raises `Unreadable`."""
    people = _people(form)
    around: list[bytes] = []
    events: list[_Event] = []
    inside: list[bytes] = []
    for number, line in _lines(document):
        name = _name(line)
        if name == b"BEGIN":
            inside.append(line.partition(b":")[2].strip().upper())
            if inside[-1] == b"VEVENT":
                events.append(_Event(number, [], []))
        if b"VTIMEZONE" in inside or (name == b"METHOD" and inside == [b"VCALENDAR"]):
            around.append(line)
        elif inside[-1:] == [b"VEVENT"] and events:
            if name in EVENT:
                events[-1].lines.append(line)
            elif name in people:
                events[-1].people.append(line)
        if name == b"END" and inside:
            if b"VEVENT" not in inside and line.partition(b":")[2].strip().upper() == b"VEVENT":
                raise Unreadable("not-a-calendar", "an event ends that has no beginning of its own")
            inside.pop()
    return around, events


def _lines(document: bytes) -> Iterator[tuple[int, bytes]]:
    """The number and the whole of each line; a fold may stand anywhere in it, in its name too (RFC 5545, 3.1)."""
    begun, pieces = 0, [b""]
    for number, raw in enumerate(unbroken(document)[0].replace(b"\r\n", b"\n").split(b"\n"), 1):
        if not raw or raw[:1] in (b" ", b"\t"):  # an empty line within a fold is none
            pieces.append(raw[1:])
            continue
        if begun:
            yield begun, b"".join(pieces)
        begun, pieces = number, [raw]
    yield begun, b"".join(pieces)


def _name(line: bytes) -> bytes:
    found = _NAME.match(line)
    return found[0].upper() if found else b""


def _uid(event: _Event) -> bytes:
    return next((line.partition(b":")[2].strip() for line in event.lines if _name(line) == b"UID"), b"\n%d" % event.line)
