"""A small invented installation: a directory in LDIF, calendars in files, and sources that push."""

import hashlib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from presence.domain.facts import Calendar
from presence.domain.intervals import Instant
from presence.ports import Batch, Person
from tests.web.service import contact_id, unit_id

HOUR, DAY = 3_600, 86_400
TOKENS = {name: f"token-of-{name}-0123456789" for name in ("hr", "replies", "switchboard", "chat", "waiting")}

SETTINGS = """
key_file = "installation.key"
[organisation]
name = "Björkdalens kommun"
languages = ["sv", "en"]
hours = "Mo-Fr 08:00-17:00; PH off"
address = "https://kontakt.example.se"
area_code = "019"
[centre]
name = "Servicecenter"
hours = "Mo-Fr 07:30-18:00; PH off"
channels = [
  { kind = "telephone", value = "019-21 10 00" },
  { kind = "chat", value = "https://www.example.se/chatt", hours = "Mo-Fr 09:00-16:00; PH off" },
  { kind = "e-mail", value = "servicecenter@example.se", reply = "inom två dagar" },
]
[publication]
protected = ["people"]
[[publication.rules]]
unit = "*"
fields = { mobile = "unreachable", room = "staff" }
[[publication.rules]]
unit = "Intern"
contacts = "staff"
[topics.bygglov]
name = { sv = "Bygglov", en = "Building permits" }
words = ["altan"]
units = ["Stadsbyggnad"]
contacts = ["mail:anna@example.se"]
link = "https://etjanster.example.se/bygglov"
[contacts.lov]
name = "Bygglovsbrevlådan"
unit = "Stadsbyggnad"
channels = [{ kind = "e-mail", value = "bygglov@example.se" }]
[sources.people]
connector = "connectors.ldif:Ldif"
kind = "directory"
path = "people.ldif"
base = "dc=example,dc=se"
extension_length = 3
attributes = { schedule = "workingHours", extension = "pager" }
marks = { attribute = "employeeType", values = ["skyddad"] }
[sources.calendars]
connector = "connectors.ics:Ics"
kind = "calendar"
folder = "calendars"
[sources.hr]
connector = "connectors.webhook:Webhook"
kind = "leave"
token_file = "hr.tokens"
[sources.replies]
connector = "connectors.webhook:Webhook"
kind = "leave"
token_file = "replies.tokens"
alias_kinds = ["reply"]
[sources.switchboard]
connector = "connectors.webhook:Webhook"
kind = "presence"
token_file = "switchboard.tokens"
statuses = { "Frånvarande" = "away", "Upptagen" = "busy" }
[sources.chat]
connector = "connectors.webhook:Webhook"
kind = "presence"
token_file = "chat.tokens"
statuses = { "DoNotDisturb" = "busy", "InACall" = "busy", "OutOfOffice" = "away" }
[sources.waiting]
connector = "connectors.webhook:Webhook"
kind = "queue"
token_file = "waiting.tokens"
[server]
operations = ""
budget = 0
budget_all = 0
"""
LASTING = """
[limits]
presence = "240 h"
calendar = "240 h"
leave = "240 h"
directory = "240 h"
"""
"""For claims that are not about how long evidence lasts."""


def person(name: str, number: int, unit: str, *more: str) -> str:
    """An entry of the directory."""
    given = name.partition(" ")[0].lower()
    lines = [
        f"dn: uid={given},ou={unit},dc=example,dc=se",
        "objectClass: inetOrgPerson",
        f"uid: {given}",
        f"cn: {name}",
        f"sn: {name.rpartition(' ')[2]}",
        "title: Handläggare",
        f"telephoneNumber: +4619211{number}",
        f"mobile: +4670174{number:04}",
        f"mail: {given}@example.se",
        f"employeeNumber: {number}",
        f"pager: {number}",
        f"entryUUID: {identity(number)}",
        *more,
    ]
    return "\n".join(lines)


def identity(number: int) -> str:
    return f"3f8c7a52-0001-4000-8000-{number:012}"


def unit_entry(name: str) -> str:
    lines = (f"dn: ou={name},dc=example,dc=se", "objectClass: organizationalUnit", f"ou: {name}")
    return "\n".join((*lines, f"entryUUID: {name.lower()}"))


ANNA, BO, CARIN, PIA, IVAR = (contact_id(identity(n)) for n in (101, 102, 103, 104, 105))
LOV, CENTRE = contact_id("lov"), contact_id("servicecenter")
BUILDING, INTERNAL = (unit_id(f"dn:ou={name},dc=example,dc=se") for name in ("stadsbyggnad", "intern"))
UNKNOWN = "aaaaaaaaaaaaaaaa"
BO_DN = "secretary: uid=bo,ou=Stadsbyggnad,dc=example,dc=se"

PEOPLE = {
    "anna": person("Anna Åström", 101, "Stadsbyggnad", BO_DN, "roomNumber: B 214"),
    "bo": person("Bo Ek", 102, "Stadsbyggnad"),
    "carin": person("Carin Ahl", 103, "Stadsbyggnad"),
    "pia": person("Pia Skog", 104, "Stadsbyggnad", "employeeType: skyddad"),
    "ivar": person("Ivar Lund", 105, "Intern"),
}


def write_people(folder: Path, people: dict[str, str]) -> None:
    entries = ("version: 1", unit_entry("Stadsbyggnad"), unit_entry("Intern"), *people.values())
    (folder / "people.ldif").write_text("\n\n".join(entries) + "\n", "utf-8")


def write_calendar(folder: Path, name: str, *components: str) -> None:
    """A calendar file as a server gives it; components are lines without the frame."""
    (folder / "calendars").mkdir(exist_ok=True)
    frame = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test", *components, "END:VCALENDAR", "")
    text = "\n".join(frame).replace("\r\n", "\n").replace("\n", "\r\n")
    (folder / "calendars" / f"{name}@example.se.ics").write_text(text, "utf-8", newline="")


def write_town(folder: Path, more: str = LASTING, people: dict[str, str] | None = None) -> Path:
    """All files of an installation; everybody has an empty calendar."""
    folder.mkdir(exist_ok=True)
    (folder / "presence.toml").write_text(SETTINGS + more, "utf-8")
    for name, token in TOKENS.items():
        (folder / f"{name}.tokens").write_text(hashlib.sha256(token.encode()).hexdigest() + "  # a test\n", "utf-8")
    write_people(folder, people or PEOPLE)
    for name in ("anna", "bo", "carin", "pia", "ivar"):
        write_calendar(folder, name)
    return folder


def empty_calendars(now: Instant, *instead: Person) -> Batch:
    """What the connector reads from these files, without reading them; `instead`: of some people."""
    others = {person.alias for person in instead}
    aliases = [f"mail:{name}@example.se" for name in PEOPLE]
    people = [Person(alias=alias, calendar=Calendar()) for alias in aliases if alias not in others]
    return Batch("calendars", True, now, people=[*people, *instead])


def at(text: str) -> Instant:
    """A local time in Sweden: "2026-11-23 09:00"."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Stockholm")).timestamp())
