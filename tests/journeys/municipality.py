"""Björkdalens kommun as an installation has it: a directory over LDAP, calendars over HTTP, leave that is pushed."""

import hashlib
import json
from pathlib import Path

from tests.journeys.service import Service
from tests.servers.origin import Origin
from tests.servers.slapd import PEOPLE, READER, Slapd

HR_TOKEN = "hr-token-of-a-test"
CENTRE_TELEPHONE, CENTRE_MAIL = "+4619211000", "servicecenter@kommun.example"
CALENDAR_LIMIT = 15 * 60


def configuration(service: Service, *sources: str, protected: str | list[str] = "none") -> str:
    """The whole file. It changes every other second, so that a test waits for seconds where a visitor waits for half a minute."""
    return f"""
key_file = "installation.key"

[organisation]
name = "Björkdalens kommun"
address = "{service.address}"
hours = "Mo-Fr 08:00-17:00; PH off"
area_code = "019"

[centre]
name = "Servicecenter"
hours = "Mo-Fr 07:30-16:30; PH off"

[[centre.channels]]
kind = "telephone"
value = "{CENTRE_TELEPHONE}"

[[centre.channels]]
kind = "e-mail"
value = "{CENTRE_MAIL}"

[public]
tick = "2 s"
lag = "1 s"

[publication]
protected = {_toml(protected)}

[[publication.rules]]
unit = "*"
contacts = "shown"

[server]
operations = "127.0.0.1:{service.operations}"
budget = 0
budget_all = 0

{"".join(sources)}
"""


def directory(slapd: Slapd, port: int, interval: str = "2 s", **more: object) -> str:
    """People from slapd, asked for on `port`: its own, or a proxy's."""
    lines = "".join(f"{name} = {_toml(value)}\n" for name, value in more.items())
    return f"""
[sources.directory]
connector = "connectors.ldap:Ldap"
kind = "directory"
interval = "{interval}"
url = "ldap://localhost:{port}"
ca_file = "{slapd.tls.authority}"
base = "{PEOPLE}"
bind_dn = "{READER}"
password_file = "{slapd.password_file}"
area_code = "019"
{lines}
"""


def calendars(origin: Origin, *names: str) -> str:
    """Of people known by their address at kommun.example, read every second."""
    listed = "".join(f'"mail:{name}@kommun.example" = "{origin.url(name)}.ics"\n' for name in names)
    return f"""
[sources.calendars]
connector = "connectors.ics:Ics"
kind = "calendar"
interval = "1 s"
allow_networks = ["127.0.0.0/8"]

[sources.calendars.calendars]
{listed}
"""


def leave(folder: Path) -> str:
    """An HR system that pushes, with its token."""
    (folder / "hr.tokens").write_text(hashlib.sha256(HR_TOKEN.encode()).hexdigest() + "  # HR\n")
    return """
[sources.hr]
connector = "connectors.webhook:Webhook"
kind = "leave"
token_file = "hr.tokens"
"""


def calendar(*meetings: tuple[str, str]) -> bytes:
    """An iCalendar file with these meetings, of local times such as 2026-11-23T10:00."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Björkdalen//Kalender//SV"]
    for number, (start, end) in enumerate(meetings):
        plain = [f"{time.replace('-', '').replace(':', '')}00" for time in (start, end)]
        lines += ["BEGIN:VEVENT", f"UID:meeting-{number}@kommun.example", "DTSTAMP:20261101T080000Z"]
        lines += [f"DTSTART;TZID=Europe/Stockholm:{plain[0]}", f"DTEND;TZID=Europe/Stockholm:{plain[1]}"]
        lines += ["SUMMARY:Utvecklingssamtal", "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def _toml(value: object) -> str:
    """As JSON writes it: the same for what is used here."""
    return json.dumps(value)
