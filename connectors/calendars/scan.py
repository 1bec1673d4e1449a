"""From octets to components: a bounded scanner of iCalendar content lines (RFC 5545, 3.1) that keeps what a whitelist names.

A property outside the whitelist (subject, description, place, category, other people) is stepped over as octets: it is neither
unfolded nor decoded nor kept. One broken line costs at most its own component.
"""

import msgspec

from connectors.calendars.lines import BLANK, NAME, NOTHING, STRAY, VALUE, beginning, octets, params, text, unfolded
from connectors.calendars.model import Limits, Reason, Refused

EVENT = frozenset(
    b"UID SEQUENCE DTSTAMP DTSTART DTEND DURATION RRULE RDATE EXDATE EXRULE RECURRENCE-ID STATUS TRANSP "
    b"X-MICROSOFT-CDO-BUSYSTATUS X-MICROSOFT-MSNCALENDAR-BUSYSTATUS".split()
)
FREEBUSY = frozenset(b"UID DTSTART DTEND FREEBUSY".split())
AVAILABILITY = frozenset(b"UID SEQUENCE DTSTART DTEND DURATION BUSYTYPE PRIORITY".split())
ZONE = frozenset(b"TZID X-LIC-LOCATION".split())
OBSERVANCE = frozenset(b"DTSTART TZOFFSETFROM TZOFFSETTO RRULE RDATE".split())
WANTED: dict[bytes, frozenset[bytes]] = {
    b"VCALENDAR": frozenset([b"METHOD"]),
    b"VEVENT": EVENT,
    b"AVAILABLE": EVENT,
    b"VFREEBUSY": FREEBUSY,
    b"VAVAILABILITY": AVAILABILITY,
    b"VTIMEZONE": ZONE,
    b"STANDARD": OBSERVANCE,
    b"DAYLIGHT": OBSERVANCE,
}
IGNORED = frozenset(b"VTODO VJOURNAL VALARM VLOCATION VRESOURCE PARTICIPANT VPOLL VVOTER VOTE".split())
LONGEST_HEAD = 2_000
"""Octets of a property's name and parameters; the longest real ones have a few hundred."""
_ORDER = frozenset((b"SEQUENCE", b"DTSTAMP"))
"""They only tell which of two versions is the later: a broken one costs nothing."""
_NONE: frozenset[bytes] = frozenset()


class Property(msgspec.Struct, frozen=True, gc=False):
    """One content line: parameters (names in capitals), the value as text, the line it begins on."""

    params: dict[str, str]
    value: str
    line: int


class Component(msgspec.Struct):
    """A component with the properties that were wanted of it, by name in capitals."""

    name: str
    line: int
    properties: dict[str, list[Property]] = msgspec.field(default_factory=dict)
    children: list["Component"] = msgspec.field(default_factory=list)
    attendees: list[bytes] = msgspec.field(default_factory=list)
    """ATTENDEE lines that name the owner, undecoded; the only use is PARTSTAT."""
    code: str = ""
    """First four characters of the subject where referral codes are configured, else empty."""
    fault: Reason | None = None

    def first(self, name: str) -> Property | None:
        found = self.properties.get(name)
        return found[0] if found else None

    def text(self, name: str) -> str:
        found = self.properties.get(name)
        return found[0].value.strip().upper() if found else ""


class Feed(msgspec.Struct):
    """One iCalendar object."""

    method: str = ""
    components: list[Component] = msgspec.field(default_factory=list)
    zones: list[Component] = msgspec.field(default_factory=list)
    zoned: bool = False
    """Whether any property that was kept names a zone."""


class _Scanner:
    """The state of one scan: the open components, outermost first."""

    def __init__(self, limits: Limits, owner: frozenset[bytes], codes: bool) -> None:
        self.limits = limits
        self.owner = owner
        self.codes = codes
        self.feed = Feed()
        self.open: list[tuple[bytes, Component]] = []
        self.beyond = 0
        self.calendars = 0
        self.count = 0
        self.strays = False

    def begin(self, name: bytes, line: int) -> None:
        if name == b"VCALENDAR":
            self.calendars += 1
            if self.calendars > 1 or self.open:
                raise Refused("not one iCalendar file: it holds several calendars")
        elif name in (b"VEVENT", b"VFREEBUSY", b"VAVAILABILITY", b"VTIMEZONE"):
            while self.open and self.open[-1][0] != b"VCALENDAR":  # the one before was never closed
                self.close(Reason.BROKEN_COMPONENT)
        if len(self.open) >= self.limits.depth:
            for opened, component in self.open:
                component.fault = None if opened == b"VCALENDAR" else Reason.TOO_DEEP
            self.beyond += 1  # counted, not kept
            return
        self.open.append((name, Component(name.decode("ascii", "replace"), line)))

    def close(self, fault: Reason | None = None) -> None:
        name, component = self.open.pop()
        component.fault = component.fault or fault
        if name == b"VCALENDAR":
            self.feed.method = component.text("METHOD")
            return
        if name == b"VTIMEZONE":
            self.feed.zones.append(component)
        elif self.open and self.open[-1][0] != b"VCALENDAR":
            if component.name in ("AVAILABLE", "STANDARD", "DAYLIGHT"):
                self.open[-1][1].children.append(component)
            return
        elif component.name in ("VEVENT", "VFREEBUSY", "VAVAILABILITY"):
            self.feed.components.append(component)
        self.count += 1
        if self.count > self.limits.components:
            raise Refused("not read: the feed has more events than accepted")

    def end(self, name: bytes, line: int) -> None:
        if self.beyond and name not in (b"VCALENDAR", b"VEVENT"):
            self.beyond -= 1
            return
        self.beyond = 0
        names = [opened for opened, _ in self.open]
        if name not in names:
            if self.open and name in WANTED and names[-1] not in WANTED and names[-1] not in IGNORED:
                self.open[-1][1].name = name.decode("ascii")  # its BEGIN was garbled: known only by its END
                self.close(Reason.BROKEN_COMPONENT)
            elif self.strays and name == b"VEVENT":  # its BEGIN stands behind a CR in some other line
                self.begin(name, line)
                self.close(Reason.BROKEN_COMPONENT)
            return
        while self.open[-1][0] != name:
            inner = self.open[-1][0]
            self.close(Reason.BROKEN_COMPONENT)
            if inner not in IGNORED and self.open[-1][0] == name and name != b"VCALENDAR":
                self.open[-1][1].fault = self.open[-1][1].fault or Reason.BROKEN_COMPONENT
        self.close()

    def wanted(self) -> frozenset[bytes]:
        """The whitelist of the component that is open; an unknown one beside the events may be a garbled event."""
        if not self.open:
            return _NONE
        name = self.open[-1][0]
        found = WANTED.get(name)
        if found is not None:
            return found
        return EVENT if name not in IGNORED and len(self.open) <= 2 else _NONE

    def keep(self, name: bytes, raw: bytes, line: int) -> None:
        component = self.open[-1][1]
        found = VALUE.match(raw)
        if found is None:
            self.broken(name)
            return
        head, value = found.groups()
        if name.startswith((b"DT", b"RECURRENCE", b"EXDATE")) and b":" in value:  # an unquoted colon in a TZID
            head, _, value = raw.rpartition(b":")
        if len(head) > LONGEST_HEAD:
            self.broken(name)
            return
        said = params(head)
        if "TZID" in said:
            self.feed.zoned = True
        key = name.decode("ascii")
        component.properties.setdefault(key, []).append(Property(said, text(value), line))

    def broken(self, name: bytes) -> None:
        if name not in _ORDER:
            component = self.open[-1][1]
            component.fault = component.fault or Reason.BROKEN_COMPONENT

    def person(self, raw: bytes) -> None:
        lowered = raw.lower()
        if any(address in lowered for address in self.owner):
            self.open[-1][1].attendees.append(raw)

    def subject(self, raw: bytes) -> None:
        found = VALUE.match(raw[:512])
        if found:
            self.open[-1][1].code = beginning(found.group(2)).upper()


def scan(written: bytes | str, limits: Limits, owner: frozenset[bytes] = frozenset(), codes: bool = False) -> Feed:
    """Read one feed.

    `owner` holds the person's mail addresses in small letters; `codes` says that subjects carry referral codes. Raises Refused
    when the whole feed cannot be trusted: not a calendar, several, cut, or beyond a bound.
    """
    state = _Scanner(limits, owner, codes)
    data = octets(written, limits)
    state.strays = STRAY in data
    lines = data.split(b"\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        number = start = number + 1
        head = NAME.match(line)
        if head is None:
            continue
        if line[head.end() :] in NOTHING:  # a fold may stand within a name, too
            line, number = unfolded(lines, number)
            head = NAME.match(line) or head
        name = head.group().upper()
        if name in (b"BEGIN", b"END"):
            _mark(state, name, line, start, lines)
            continue
        wanted = state.wanted()
        special = (name == b"ATTENDEE" and owner) or (name == b"SUMMARY" and codes)
        if name not in wanted and not (special and wanted is EVENT):
            continue
        raw = line.rstrip(b"\r")
        if number < len(lines) and lines[number][:1] in BLANK:
            whole, after = unfolded(lines, number)
            raw, number = (whole, after) if after > number else (raw, number)
        if not special:
            state.keep(name, raw, start)
        elif name == b"ATTENDEE":
            state.person(raw)
        else:
            state.subject(raw)
    if state.open or not (state.calendars or state.count or state.feed.zones):
        raise Refused("not one iCalendar file: it is cut off or not closed")
    return state.feed


def _mark(state: _Scanner, kind: bytes, line: bytes, number: int, lines: list[bytes]) -> None:
    """A BEGIN or END line. What is folded behind it is part of a name only where it makes one that is known."""
    _, colon, name = line.partition(b":")
    if not colon:
        return
    name = name.strip().upper()
    if name not in WANTED and name not in IGNORED:
        longer = unfolded(lines, number)[0].partition(b":")[2].strip().upper()
        name = longer if longer in WANTED or longer in IGNORED else name
    if kind == b"BEGIN":
        state.begin(name, number)
    else:
        name = name.partition(STRAY)[0]
        state.end(b"VCALENDAR" if name.startswith(b"VCALENDAR") else name, number)  # a slip at the end of the last line is no cut
