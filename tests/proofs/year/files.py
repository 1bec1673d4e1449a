"""The files in which sources say what is true of the staff: LDIF, a file of working hours, iCalendar, a file of HR."""

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from tests.proofs.year.staff import DAY, FIRST, Event, Human, Spans, Week

SETTINGS = """
key_file = "installation.key"
[organisation]
name = "Årsta kommun"
hours = "Mo-Fr 08:00-17:00; PH off"
address = "https://kontakt.example.se"
[centre]
name = "Servicecenter"
channels = [{ kind = "telephone", value = "019-21 10 00" }]
[publication]
protected = "none"
[[publication.rules]]
unit = "*"
[sources.rota]
connector = "connectors.schedules:Schedules"
kind = "schedule"
file = "rota.csv"
[sources.people]
connector = "connectors.ldif:Ldif"
kind = "directory"
path = "people.ldif"
base = "dc=example,dc=se"
attributes = { schedule = "workingHours", hours = "openingHours" }
[sources.calendars]
connector = "connectors.ics:Ics"
kind = "calendar"
folder = "calendars"
days = WINDOW
[sources.hr]
connector = "connectors.hr:Hr"
kind = "leave"
[limits]
presence = "240 h"
calendar = "240 h"
leave = "240 h"
directory = "10000 h"
[server]
operations = ""
"""
PUBLISHED = {"always": "24/7", "long": "Mo-Fr 07:00-19:00; PH off", "weekend": "Mo-Su 09:00-15:00", "": ""}
_NAMES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def write_all(folder: Path, staff: Iterable[Human], days_ahead: int) -> None:
    """All that does not change over the year."""
    staff = list(staff)
    (folder / "presence.toml").write_text(SETTINGS.replace("WINDOW", str(days_ahead)), "utf-8")
    (folder / "people.ldif").write_text("version: 1\n\n" + "\n\n".join(map(_entry, staff)) + "\n", "utf-8")
    rows = ["person;rule;valid_from;valid_to;employment;share;site"]
    for human in staff:
        rows += [_row(human, week, n) for n, week in enumerate(human.file)]
    (folder / "rota.csv").write_text("\n".join(rows) + "\n", "utf-8")
    (folder / "calendars").mkdir()


def _entry(human: Human) -> str:
    lines = [
        f"dn: uid=p{human.number},dc=example,dc=se",
        "objectClass: inetOrgPerson",
        f"uid: p{human.number}",
        f"cn: Person {human.number}",
        f"sn: {human.number}",
        f"mail: {human.mail}",
        f"employeeNumber: {human.employee}",
        f"entryUUID: {human.identity}",
    ]
    if human.published:
        lines.append(f"openingHours: {PUBLISHED[human.published]}")
    if human.directory:
        lines.append(f"workingHours: {_rule(human.directory)}")
    return "\n".join(lines)


def _time(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def _spans(spans: Spans) -> str:
    return ",".join(f"{_time(a)}-{_time(b)}" for a, b in spans)


def _rule(week: Week, dates: str = "") -> str:
    before = {"all": "", "odd": "week 1-53/2 ", "even": "week 2-53/2 "}[str(week.weeks)]
    return "; ".join(f"{dates}{before}{_NAMES[day]} {_spans(spans)}" for day, spans in sorted(week.days.items()))


def _row(human: Human, week: Week, n: int) -> str:
    """Its days stand in columns, or for some within the rule, where the grammar has a place for them too."""
    first, last, dates = week.first, week.last, ""
    if human.in_rule(n) and first and last:
        begin, end = (f"{day.year} {_MONTHS[day.month - 1]} {day.day:02}" for day in (first, last))
        dates, first, last = f"{begin}-{end} ", None, None
    share = f"{week.share:.1f}".replace(".", ",") if week.share else ""
    cells = (human.employee, f'"{_rule(week, dates)}"', first or "", last or "", week.employment, share, "Torget")
    return ";".join(map(str, cells))


# --- calendars ---


def write_calendar(folder: Path, human: Human, today: date) -> None:
    """As the server gives it on a day."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test"]
    if human.availability:
        lines += _availability(human)
    for event in human.events:
        if event.known <= today:
            lines += _event(event)
    lines += ["END:VCALENDAR", ""]
    file = folder / "calendars" / f"{human.mail}.ics"
    file.with_suffix(".part").write_text("\r\n".join(lines), "utf-8", newline="")
    file.with_suffix(".part").replace(file)


def changes(human: Human, today: date) -> bool:
    """Whether the calendar is another one than the day before."""
    return today == FIRST or any(event.known == today for event in human.events)


def _local(day: date, minutes: int) -> str:
    day += minutes // 1440 * DAY
    return f"{day:%Y%m%d}T{minutes % 1440 // 60:02}{minutes % 60:02}00"


def _in_zone(name: str, day: date, minutes: int) -> str:
    return f"{name};TZID=Europe/Stockholm:{_local(day, minutes)}"


_BYDAY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def _availability(human: Human) -> Iterator[str]:
    end = [_in_zone("DTEND", human.available_until, 0)] if human.available_until else []
    yield from ("BEGIN:VAVAILABILITY", "UID:hours", "DTSTART;TZID=Europe/Stockholm:20251101T000000", *end)
    number = 0
    for week in human.availability:
        for day in sorted(week.days):
            begins = week.weeks if isinstance(week.weeks, date) else date(2025, 11, 3)
            interval = ";INTERVAL=2" if isinstance(week.weeks, date) else ""
            for begin, stop in week.days[day]:
                number += 1
                yield from ("BEGIN:AVAILABLE", f"UID:a{number}", _in_zone("DTSTART", begins + day * DAY, begin))
                yield from (_in_zone("DTEND", begins + day * DAY, stop), f"RRULE:FREQ=WEEKLY{interval};BYDAY={_BYDAY[day]}")
                yield "END:AVAILABLE"
    yield "END:VAVAILABILITY"


_FORMS = {
    "plain": (),
    "private": ("CLASS:PRIVATE",),
    "busystatus": ("TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY"),
    "unread-summary": ("SUMMARY:sjuk", "DESCRIPTION:hemma\\, i säng"),
    "oof": ("X-MICROSOFT-CDO-BUSYSTATUS:OOF",),
    "transparent": ("TRANSP:TRANSPARENT",),
    "cancelled": ("STATUS:CANCELLED",),
    "tentative": ("STATUS:TENTATIVE",),
    "free": ("X-MICROSOFT-CDO-BUSYSTATUS:FREE",),
    "elsewhere": ("X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",),
}


def _event(event: Event) -> Iterator[str]:
    more = _FORMS[event.form]
    if event.whole_days:
        days = f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}", f"DTEND;VALUE=DATE:{event.day + event.whole_days * DAY:%Y%m%d}"
        yield from ("BEGIN:VEVENT", f"UID:{event.uid}", *days, *more, "END:VEVENT")
        return
    floating = int(event.uid) % 5 == 0
    rule = []
    if event.every:
        until = f";UNTIL={_until(event, floating)}" if event.until else ""
        every = event.every // 7 if event.every % 7 == 0 else event.every
        rule.append(f"RRULE:FREQ={'WEEKLY' if event.every % 7 == 0 else 'DAILY'};INTERVAL={every}{until}")
        rule += [_timed("EXDATE", day, event.begin, floating) for day in event.without]
    yield from ("BEGIN:VEVENT", f"UID:{event.uid}", _timed("DTSTART", event.day, event.begin, floating))
    yield from (_timed("DTEND", event.day, event.end, floating), *rule, *more, "END:VEVENT")
    if event.moved:
        day, late = event.moved
        yield from ("BEGIN:VEVENT", f"UID:{event.uid}", _timed("RECURRENCE-ID", day, event.begin, floating))
        yield from (_timed("DTSTART", day, event.begin + late, floating), _timed("DTEND", day, event.end + late, floating))
        yield from (*more, "END:VEVENT")


def _timed(name: str, day: date, minutes: int, floating: bool) -> str:
    return f"{name}:{_local(day, minutes)}" if floating else _in_zone(name, day, minutes)


def _until(event: Event, floating: bool) -> str:
    """The last day to its end, in UTC where the event has a zone (an hour or two early, when no event of ours begins)."""
    assert event.until
    return f"{event.until:%Y%m%d}T" + ("235959" if floating else "225959Z")


# --- leave ---


def write_leave(file: Path, staff: Iterable[Human], today: date, now: int) -> None:
    """What HR knows on a day; rows that are long over are left out."""
    rows = ["person;start;end;extent;employment;share;uid"]
    for human in staff:
        for n, leave in enumerate(human.leaves):
            if leave.known > today:
                continue
            if leave.first:
                if leave.last and leave.last < today - 30 * DAY:
                    continue
                start, end = leave.first.isoformat(), leave.last.isoformat() if leave.last else ""
            else:
                start, end = (datetime.fromtimestamp(t, UTC).isoformat() for t in (leave.start, leave.end))
            extent, share = (str(x).replace(".", ",") if x else "" for x in (leave.extent, leave.share))
            rows.append(f"employee:{human.employee};{start};{end};{extent};{leave.employment};{share};{human.employee}-{n}")
    file.write_text("\n".join(rows) + "\n", "utf-8")
    os.utime(file, (now, now))
