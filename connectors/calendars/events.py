"""From a component to an `Event`: its times in its zone, its length, its rules, what it says (RFC 5545, 3.6.1 and 3.8.2)."""

import hashlib
import re

import msgspec

from connectors.calendars import meaning, recurrence, rules
from connectors.calendars.model import Limits, Meter, Policy, Reason, Says, Unreadable
from connectors.calendars.rules import Rule
from connectors.calendars.scan import Component, Property
from connectors.calendars.values import DAY, Length, Wall, day_number, length, offset, wall
from connectors.calendars.zones import UTC, Zone, Zones


class Moment(msgspec.Struct, frozen=True):
    """A point in time as written: wall seconds in a zone; `is_date` for a whole day, `floating` for a time without a zone."""

    seconds: int
    zone: Zone
    is_date: bool = False
    floating: bool = False

    def instant(self) -> int:
        return self.zone.to_utc(self.seconds)


class Event(msgspec.Struct, frozen=True):
    """A VEVENT or AVAILABLE that can be read."""

    uid: str
    line: int
    order: tuple[int, str, int]
    """(SEQUENCE, DTSTAMP, line): the greatest of two overrides of one occurrence counts."""
    says: Says
    start: Moment
    lasts: Length
    reversed_by: int = 0
    """Seconds by which the end lies before the start; such an event is read as without length."""
    rules: tuple[Rule, ...] = ()
    dates: tuple[tuple[Moment, Length | None], ...] = ()
    without: tuple[Moment, ...] = ()
    without_rules: tuple[Rule, ...] = ()
    """EXRULE (RFC 2445, 4.8.5.2), which RFC 5545 gave up and some products still write."""
    lacks_dates: bool = False
    """An RDATE could not be read: there is an occurrence of which nothing is known."""
    flawed: bool = False
    """An RDATE or EXDATE could not be read; the rest counts."""
    replaces: Moment | None = None
    """RECURRENCE-ID."""
    and_future: bool = False

    def is_single(self) -> bool:
        """Whether its own times are all that it has."""
        return not (self.rules or self.dates or self.without or self.without_rules)


_HARMLESS = re.compile(r"[A-Za-z0-9@._:{}+=/$#~*!-]{1,255}", re.ASCII)


def harmless(uid: str) -> str:
    """The UID when it can be shown and logged as it is, else a digest of it."""
    if _HARMLESS.fullmatch(uid):
        return uid
    return "uid-" + hashlib.blake2b(uid.encode("utf-8", "replace"), digest_size=12).hexdigest()


def uid_of(component: Component) -> str:
    found = component.first("UID")
    return harmless(found.value.strip()) if found and found.value.strip() else f"no-uid-line-{component.line}"


def moment(written: Property, zones: Zones, default: Zone | None = None) -> Moment:
    """Read a DATE or DATE-TIME property; `default` is the zone of a floating time. Raises ValueError, Unreadable."""
    return _moment(wall(written.value), written.params.get("TZID"), zones, default)


def _moment(found: Wall, tzid: str | None, zones: Zones, default: Zone | None) -> Moment:
    if found.is_date:  # a local day of the owner, whatever zone is written beside it
        return Moment(found.seconds, zones.owner, is_date=True, floating=True)
    if found.is_utc:
        return Moment(found.seconds, UTC)
    if tzid:
        return Moment(found.seconds, zones.get(tzid))
    return Moment(found.seconds, default or zones.floating, floating=default is None)


def read(component: Component, zones: Zones, method: str, owner: frozenset[bytes], policy: Policy, limits: Limits) -> Event:
    """Read one VEVENT or AVAILABLE. Raises Unreadable."""
    if component.fault:
        raise Unreadable(component.fault)
    said = meaning.says(component, method, owner, policy)
    start = _start(component, zones, said is Says.NOTHING and component.name == "VEVENT")
    lasts, reversed_by = _lasts(component, zones, start, limits)
    replaces = component.first("RECURRENCE-ID")
    dates, all_dates = _dates(component, "RDATE", zones, start, limits)
    excluded, all_excluded = _dates(component, "EXDATE", zones, start, limits)
    return Event(
        uid=uid_of(component),
        line=component.line,
        order=_order(component),
        says=said,
        start=start,
        lasts=lasts,
        reversed_by=reversed_by,
        rules=_rules(component, "RRULE"),
        dates=tuple(dates),
        without=tuple(at for at, _ in excluded),
        without_rules=_rules(component, "EXRULE"),
        lacks_dates=not all_dates,
        flawed=not (all_dates and all_excluded),
        replaces=_replaces(replaces, zones, start) if replaces else None,
        and_future=replaces is not None and replaces.params.get("RANGE", "").upper() == "THISANDFUTURE",
    )


def _rules(component: Component, name: str) -> tuple[Rule, ...]:
    try:
        return tuple(rules.parse(written.value) for written in component.properties.get(name, [])[:10] if written.value.strip())
    except Unreadable as fault:
        raise (Unreadable(Reason.BAD_EXRULE) if name == "EXRULE" else fault) from None


def _start(component: Component, zones: Zones, is_nothing: bool) -> Moment:
    written = component.first("DTSTART")
    if written is None and is_nothing:  # what takes an occurrence back may name it and no more (RFC 5546, 3.2.5)
        written = component.first("RECURRENCE-ID")
    if written is None:
        raise Unreadable(Reason.NO_START)
    try:
        return moment(written, zones)
    except (ValueError, OverflowError):
        raise Unreadable(Reason.BAD_START) from None


def _replaces(written: Property, zones: Zones, start: Moment) -> Moment:
    try:
        return moment(written, zones, None if start.is_date or start.floating else start.zone)
    except (ValueError, OverflowError):
        raise Unreadable(Reason.BAD_RECURRENCE_ID) from None


def _order(component: Component) -> tuple[int, str, int]:
    return sequence_of(component), component.text("DTSTAMP")[:20], component.line


def sequence_of(component: Component) -> int:
    """SEQUENCE; 0 where it cannot be read."""
    written = component.text("SEQUENCE")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 16 else 0


def _lasts(component: Component, zones: Zones, start: Moment, limits: Limits) -> tuple[Length, int]:
    """(length, seconds that the end lies before the start)."""
    end, duration = component.first("DTEND"), component.first("DURATION")
    try:
        if end is not None:
            found = _until_end(moment(end, zones, None if start.floating else start.zone), start)
        elif duration is not None:
            found = length(duration.value)
        else:
            found = Length(DAY if start.is_date else 0, 0)
    except (ValueError, OverflowError):
        raise Unreadable(Reason.BAD_END) from None
    total = found.wall + found.exact
    if total > limits.seconds:
        raise Unreadable(Reason.TOO_LONG)
    if total < 0:
        return Length(0, 0), -total
    if start.is_date:  # a date has whole days, at least one (decision 0103)
        return Length(max(DAY, -(-total // DAY) * DAY), 0), 0
    return found, 0


def _until_end(end: Moment, start: Moment) -> Length:
    if end.is_date == start.is_date and end.zone is start.zone:
        return Length(end.seconds - start.seconds, 0)
    if end.is_date or start.is_date:  # mixed types: both as wall time, a date as its midnight
        return Length(end.seconds - start.seconds, 0)
    return Length(0, end.instant() - start.instant())


def _dates(
    component: Component, name: str, zones: Zones, start: Moment, limits: Limits
) -> tuple[list[tuple[Moment, Length | None]], bool]:
    """RDATE or EXDATE values that can be read (a PERIOD brings its own length), and whether all can."""
    default = None if start.floating else start.zone
    found: list[tuple[Moment, Length | None]] = []
    whole = True
    for written in component.properties.get(name, []):
        tzid = written.params.get("TZID")
        values = written.value.split(",") if len(written.value) < 40 * limits.occurrences else []
        if not values or len(found) + len(values) > limits.occurrences:
            raise Unreadable(Reason.TOO_MANY_DATES)
        for value in values:
            try:
                found += [_date(value, tzid, zones, default)] if value.strip() else []
            except (Unreadable, ValueError, OverflowError):
                whole = False
    return found, whole


def _date(value: str, tzid: str | None, zones: Zones, default: Zone | None) -> tuple[Moment, Length | None]:
    first, slash, second = value.partition("/")
    at = _moment(wall(first), tzid, zones, default)
    if not slash:
        return at, None
    if at.is_date:  # a period of days begins with its first one, on the clock of DTSTART
        at = Moment(at.seconds, default or zones.floating, floating=default is None)
    if second.strip().upper().startswith(("P", "+P", "-P")):
        return at, length(second)
    end = wall(second)
    if end.is_date:
        return at, Length(end.seconds - at.seconds, 0)
    return at, Length(0, _moment(end, tzid, zones, default).instant() - at.instant())


_EARLIEST, _LATEST = day_number(1900, 1, 1) * DAY, day_number(2100, 1, 1) * DAY


def onsets(observance: Component, start: int, meter: Meter) -> list[int]:
    """When a STANDARD or DAYLIGHT begins, 1900 to 2100; only yearly rules (decision 0102). Raises ValueError."""
    found = [start]
    for written in observance.properties.get("RRULE", []):
        try:
            rule = rules.parse(written.value)
            is_yearly = rule.freq == "YEARLY" or (rule.freq == "MONTHLY" and rule.interval % 12 == 0)
            if not is_yearly or max(len(rule.hours), len(rule.minutes), len(rule.seconds)) > 1 or rule.positions:
                raise ValueError("not a rule of a real zone")
            until = _last_onset(rule.until, observance) if rule.until else None
            found += recurrence.expand(rule, start, _EARLIEST, _LATEST, until, 210, meter)
        except Unreadable:
            raise ValueError("not a rule of a real zone") from None
    for written in observance.properties.get("RDATE", []):
        found += [wall(value.partition("/")[0]).seconds for value in written.value.split(",")[:250]]
    return sorted(set(found))


def _last_onset(until: Wall, observance: Component) -> int:
    """UNTIL of an observance on the clock that it ends: in UTC as RFC 5545 wants it, else as written. Raises ValueError."""
    if until.is_date:
        return until.seconds + DAY - 1
    before = observance.first("TZOFFSETFROM") or observance.first("TZOFFSETTO")
    return until.seconds + (offset(before.value) if until.is_utc and before else 0)
