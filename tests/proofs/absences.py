"""Kinds of absence and of being busy, each in the shape in which its source really sends it, all about Anna.

Every free text that a source has room for holds a canary word, which must not be found anywhere afterwards.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from connectors.ics import Ics, IcsSettings
from presence.domain.facts import Fact, Override, key
from presence.domain.intervals import Instant
from presence.ports import Person
from tests.web.service import Service
from tests.web.town import ANNA, PEOPLE, TOKENS, at, empty_calendars, write_calendar, write_people

CANARY = "kanariefagel"
PLAINLY = (
    f"SUMMARY:{CANARY} sjuk",
    f"DESCRIPTION:{CANARY}\\, influensa",
    f"LOCATION:{CANARY} vårdcentralen",
    f"CATEGORIES:{CANARY},Sjukdom",
    f"COMMENT:{CANARY}",
    f"X-LEAVE-TYPE:{CANARY}",
)


class Sent(NamedTuple):
    """To a source route."""

    source: str
    rest: str  # of the path
    document: object
    kind: str = "application/json"


class Planned(NamedTuple):
    """In Anna's calendar."""

    lines: tuple[str, ...]


class Word(NamedTuple):
    """Of a person."""

    status: str
    start: Instant
    end: Instant


class Schedule(NamedTuple):
    """In the directory."""

    rule: str


Said = Sent | Planned | Word | Schedule
Kinds = Mapping[str, Sequence[Said]]


def leave(uid: str, start: str, end: str | None, source: str = "hr", **more: object) -> Sent:
    """A leave as JSON: dates, or instants with their zone."""
    return Sent(source, f"people/employee:101/absences/{uid}", {"start": start, "end": end, **more})


def invitation(*times: str) -> Sent:
    """A leave as text/calendar."""
    lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//hr", "BEGIN:VEVENT", "UID:1", *times, *PLAINLY, "END:VEVENT")
    text = "\r\n".join((*lines, "END:VCALENDAR", ""))
    return Sent("hr", "people/employee:101/absences/c1", text, "text/calendar")


def batch(*rows: str, heading: str = "person;uid;start;end;extent;employment;share") -> Sent:
    """All leave as CSV."""
    return Sent("hr", "absences", "\n".join((heading, *rows)), "text/csv")


def report(source: str, alias: str, status: str, lease: int, device: str = "") -> Sent:
    return Sent(source, f"people/{alias}/presence", {"status": status, "lease": lease, "device": device})


def event(uid: int, start: str, end: str, *more: str) -> Planned:
    """Local times ("20261124T100000"), or dates."""
    form = ";VALUE=DATE" if "T" not in start else ";TZID=Europe/Stockholm"
    lines = ("BEGIN:VEVENT", f"UID:{uid}", f"DTSTART{form}:{start}", f"DTEND{form}:{end}", *more, *PLAINLY, "END:VEVENT")
    return Planned(lines)


OOF = "X-MICROSOFT-CDO-BUSYSTATUS:OOF"


def unavailable(start: str, end: str, kind: str = "BUSY-UNAVAILABLE") -> Planned:
    """RFC 7953."""
    times = (f"DTSTART;TZID=Europe/Stockholm:{start}", f"DTEND;TZID=Europe/Stockholm:{end}")
    return Planned(("BEGIN:VAVAILABILITY", "UID:v", *times, f"BUSYTYPE:{kind}", *PLAINLY, "END:VAVAILABILITY"))


def free_busy(start: str, end: str, kind: str = "BUSY-UNAVAILABLE") -> Planned:
    """UTC."""
    return Planned(("BEGIN:VFREEBUSY", "UID:f", f"FREEBUSY;FBTYPE={kind}:{start}/{end}", f"COMMENT:{CANARY}", "END:VFREEBUSY"))


async def planned(folder: Path, kinds: Kinds) -> dict[str, Person]:
    """Anna's calendar in each of the kinds, as the connector reads it from a file. They are read in one go."""
    numbers = {f"k{number}": name for number, name in enumerate(kinds)}
    for number, name in numbers.items():
        lines = [line for said in kinds[name] if isinstance(said, Planned) for line in said.lines]
        write_calendar(folder, number, *lines)
    connector = Ics("calendars", IcsSettings(folder=str(folder / "calendars")), now=lambda: float(at("2026-11-23 18:00")))
    try:
        read = await connector.fetch()
    finally:
        await connector.close()
    assert not any(person.failed for person in read.people)
    assert read.skipped == 0
    found = {person.alias: replace(person, alias="mail:anna@example.se") for person in read.people}
    return {name: found[f"mail:{number}@example.se"] for number, name in numbers.items()}


async def arrange(service: Service, said: Sequence[Said], calendar: Person | None, *, held_too: bool = False) -> None:
    """Let the sources say all of it. `held_too`: a batch may be held back."""
    for each in said:
        if isinstance(each, Schedule):
            folder = service.installation.path.parent
            write_people(folder, PEOPLE | {"anna": PEOPLE["anna"] + f"\nworkingHours: {each.rule}\ndescription: {CANARY}"})
            await service.take(await service.connectors["people"].fetch())
        elif isinstance(each, Word):
            number = f"{each.start}-{each.end}"
            body = Override(each.status, each.start, each.end, int(service.clock.t))  # type: ignore[arg-type]
            await service.say([Fact(key("override", ANNA, number), body)])
        elif isinstance(each, Sent):
            await send(service, each, held_too)
    if calendar is not None:
        await service.take(empty_calendars(int(service.clock.t), calendar))


async def send(service: Service, sent: Sent, held_too: bool) -> None:
    target = f"/v1/sources/{sent.source}/{sent.rest}"
    answer = await service.put(target, sent.document, sent.kind, TOKENS[sent.source])
    assert answer.status in (200, 204, *([202] if held_too else [])), answer
    reached = any(f"/{ANNA}/{sent.source}" in name for name in service.board.now.states[ANNA])
    assert reached, f"nothing of {sent.source} has reached her"


A, B, MID, LATE = (
    "2026-11-24T10:00:00+01:00",
    "2026-11-24T12:30:00+01:00",
    "2026-11-24T11:00:00+01:00",
    "2026-11-24T11:30:00+01:00",
)
_A, _B, _MID = at("2026-11-24 10:00"), at("2026-11-24 12:30"), at("2026-11-24 11:00")

WITHIN_A_DAY: Kinds = {
    "leave, JSON with instants": [leave("1", A, B)],
    "leave, text/calendar": [invitation("DTSTART:20261124T090000Z", "DTEND:20261124T113000Z")],
    "leave, CSV batch": [batch(f"employee:101;1;{A};{B};1,0;;")],
    "automatic reply": [leave("1", A, B, "replies")],
    "leave that was corrected": [leave("1", A, "2026-11-26T10:00:00+01:00"), leave("1", A, B)],
    "overlapping leaves of two sources": [leave("1", A, LATE), leave("1", MID, B, "replies")],
    "two half leaves": [leave("1", A, B, extent=0.5), leave("2", A, B, extent=0.5)],
    "part-time, over two employments": [batch(f"employee:101;1;{A};{B};1;1-a;0,6", f"employee:101;2;{A};{B};1;1-b;0,4")],
    "override": [Word("away", _A, _B)],
    "overrides of two people": [Word("away", _A, _MID), Word("away", _MID, _B)],
    "calendar, out of office": [event(1, "20261124T100000", "20261124T123000", OOF)],
    "calendar, two events": [
        event(1, "20261124T100000", "20261124T110000", OOF),
        event(2, "20261124T110000", "20261124T123000", OOF),
    ],
    "calendar, VAVAILABILITY": [unavailable("20261124T100000", "20261124T123000")],
    "calendar, VFREEBUSY": [free_busy("20261124T090000Z", "20261124T113000Z")],
    "private schedule": [Schedule("Mo,We-Fr 08:00-17:00; Tu 08:00-10:00,12:30-17:00")],
    "schedule and leave": [Schedule("Mo,We-Fr 08:00-17:00; Tu 08:00-11:00,12:30-17:00"), leave("1", A, MID)],
}

DAY, NEXT = "2026-11-24T00:00:00+01:00", "2026-11-25T00:00:00+01:00"
_DAY, _NEXT = at("2026-11-24 00:00"), at("2026-11-25 00:00")
WHOLE_DAY: Kinds = {
    "leave, JSON with dates": [leave("1", "2026-11-24", "2026-11-24")],
    "leave, JSON with instants": [leave("1", DAY, NEXT)],
    "leave, text/calendar of a day": [invitation("DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261125")],
    "leave, CSV batch of dates": [batch("employee:101;1;2026-11-24;2026-11-24;;;")],
    "automatic reply": [leave("1", DAY, NEXT, "replies")],
    "two half days": [leave(n, "2026-11-24", "2026-11-24", extent=0.5) for n in "12"],
    "override": [Word("away", _DAY, _NEXT)],
    "calendar, all-day out of office": [event(1, "20261124", "20261125", OOF)],
    "calendar, VAVAILABILITY": [unavailable("20261124T000000", "20261125T000000")],
    "private schedule": [Schedule("Mo,We-Fr 08:00-17:00")],
}


def days_away(last: str) -> list[Said]:
    return [leave("1", "2026-11-24", last)]


FAR = "2027-03-01"
_FAR = at("2027-03-01 00:00")
WITHOUT_END: Kinds = {
    "leave, open end": [leave("1", "2026-11-24", None)],
    "leave, CSV with an open end": [batch("employee:101;1;2026-11-24;;;;")],
    "leave of 6 days": days_away("2026-11-29"),
    "leave of 20 days": days_away("2026-12-13"),
    "leave of 200 days": days_away("2027-06-11"),
    "leave, text/calendar until March": [invitation("DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20270301")],
    "leave until 9999": [leave("1", DAY, "2099-12-31T00:00:00+01:00")],
    "automatic reply until March": [leave("1", DAY, f"{FAR}T00:00:00+01:00", "replies")],
    "leave of two employments": [leave(n, "2026-11-24", None, employment=n, share=0.5) for n in "12"],
    "override until March": [Word("away", _DAY, _FAR)],
    "calendar, out of office past its window": [event(1, "20261124", "20270301", OOF)],
    "schedule without days": [Schedule("Mo 08:00-17:00")],
}
REPORTED_AWAY: Kinds = {
    "switchboard, away": [report("switchboard", "ext:101", "Frånvarande", 86_400)],
    "chat, out of office": [report("chat", "mail:anna@example.se", "OutOfOffice", 86_400)],
}

BUSY: Kinds = {
    "calendar, meeting": [event(1, "20261124T100000", "20261124T123000")],
    "calendar, private event": [
        event(1, "20261124T100000", "20261124T123000", "CLASS:PRIVATE", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY")
    ],
    "calendar, two meetings": [event(1, "20261124T100000", "20261124T113000"), event(2, "20261124T110000", "20261124T123000")],
    "calendar, series": [event(1, "20261117T100000", "20261117T123000", "RRULE:FREQ=WEEKLY;COUNT=2")],
    "calendar, VFREEBUSY": [free_busy("20261124T090000Z", "20261124T113000Z", "BUSY")],
    "calendar, VAVAILABILITY": [unavailable("20261124T100000", "20261124T123000", "BUSY")],
    "override": [Word("busy", _A, _B)],
}
ON_THE_PHONE: Kinds = {
    "switchboard, in a call": [report("switchboard", "ext:101", "Upptagen", 1_800)],
    "switchboard, two devices": [report("switchboard", "ext:101", "busy", 1_800, d) for d in ("desk", "mobile")],
    "chat, do not disturb": [report("chat", "mail:anna@example.se", "DoNotDisturb", 1_800)],
    "chat, in a call": [report("chat", "mail:anna@example.se", "InACall", 1_800)],
    "both": [report("chat", "mail:anna@example.se", "busy", 1_800), report("switchboard", "ext:101", "busy", 1_800)],
}
