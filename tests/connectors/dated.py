"""Calendars for the tests of connectors: a fixed now, events with a canary word in every text, and what a batch says of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.calendars.sandbox import Sandbox
from presence.domain.intervals import Opinion
from presence.ports import Batch, Person

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HERE = ("127.0.0.0/8",)
ANNA, BERTIL, CILLA = "mail:anna@kommun.example", "mail:bertil@kommun.example", "mail:cilla@kommun.example"
CANARY = "kanariefågel-sjukskriven"
TEXTS = f"SUMMARY:{CANARY}\r\nDESCRIPTION:{CANARY}\r\nLOCATION:{CANARY}\r\nCATEGORIES:{CANARY}\r\n"
ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:Europe/Stockholm\r\n"
    "BEGIN:DAYLIGHT\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nDTSTART:19700329T020000\r\n"
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n"
    "BEGIN:STANDARD\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nDTSTART:19701025T030000\r\n"
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> float:
        return self.at.timestamp()


def event(start: datetime, hours: float = 1, uid: str = "1", more: str = "") -> str:
    times = f"DTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDTEND:{start + timedelta(hours=hours):%Y%m%dT%H%M%SZ}\r\n"
    return written(times + more, uid)


def written(lines: str, uid: str = "1") -> str:
    return f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n{lines}{TEXTS}END:VEVENT\r\n"


def calendar(*events: str) -> bytes:
    return ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\n" + "".join(events) + "END:VCALENDAR\r\n").encode()


def person(batch: Batch, alias: str = ANNA) -> Person:
    (found,) = [each for each in batch.people if each.alias == alias]
    return found


def said(found: Person, at: datetime) -> Opinion:
    assert found.calendar is not None, found.failed
    return found.calendar.intervals.at(int(at.timestamp())).opinion


def free_busy(*periods: tuple[datetime, float], kind: str = "BUSY", stamp: str = "20261123T090000Z", more: str = "") -> bytes:
    """What a server answers to a free-busy-query: periods of a start and hours."""
    told = [f"{start:%Y%m%dT%H%M%SZ}/{start + timedelta(hours=hours):%Y%m%dT%H%M%SZ}" for start, hours in periods]
    lines = "".join(f"FREEBUSY;FBTYPE={kind}:{period}\r\n" for period in told)
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\nBEGIN:VFREEBUSY\r\nDTSTAMP:{stamp}\r\n{more}{lines}"
    return f"{text}END:VFREEBUSY\r\nEND:VCALENDAR\r\n".encode()


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of what is handed to a sandbox from now on."""
    sizes: list[int] = []
    read = Sandbox.read

    async def counting(self: Sandbox, texts: Any, *args: Any, **more: Any) -> Any:
        sizes.append(sum(map(len, texts)))
        return await read(self, texts, *args, **more)

    monkeypatch.setattr(Sandbox, "read", counting)
    return sizes
