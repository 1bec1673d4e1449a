"""Words for drawing calendars in tests."""

from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.calendars import Reading, read

STOCKHOLM = ZoneInfo("Europe/Stockholm")
UTC = ZoneInfo("UTC")


def calendar(*parts: str, method: str = "") -> bytes:
    """A VCALENDAR of the given components, each a block of lines."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *([f"METHOD:{method}"] if method else []), *parts, "END:VCALENDAR", ""]
    return "\n".join(lines).replace("\r\n", "\n").replace("\n", "\r\n").encode()


def event(*lines: str, start: str = "DTSTART:20260105T090000Z", end: str = "DTEND:20260105T100000Z", uid: str = "one") -> str:
    """A VEVENT; 5 January 2026 is a Monday."""
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", *filter(None, (start, end)), *lines, "END:VEVENT"])


def instant(text: str, zone: ZoneInfo = UTC) -> int:
    """Epoch seconds of a time as a clock in `zone` shows it."""
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


def reading(data: bytes, first: str = "2026-01-01", last: str = "2026-03-02", zone: ZoneInfo = UTC, **more: object) -> Reading:
    """What a calendar says from the first day to the last (not included)."""
    return read([data], instant(first), instant(last), zone, **more)  # type: ignore[arg-type]


def shown(spans: list[tuple[int, int]], zone: ZoneInfo = UTC) -> list[str]:
    """Spans as "01-05 09:00/10:00", or with both days where they differ."""
    found = []
    for span in spans:
        start, end = (datetime.fromtimestamp(at, zone) for at in span)
        same = start.date() == end.date()
        found.append(f"{start:%m-%d %H:%M}/{end:%H:%M}" if same else f"{start:%m-%d %H:%M}/{end:%m-%d %H:%M}")
    return found


def starts(found: Reading, zone: ZoneInfo = UTC) -> list[str]:
    """When the occurrences begin, as "01-05 09:00"."""
    return [f"{datetime.fromtimestamp(start, zone):%m-%d %H:%M}" for _, start, _ in found.occurrences]


def rule(
    text: str, start: str = "DTSTART:20260105T090000Z", count: int = 8, last: str = "2036-01-01", zone: ZoneInfo = UTC
) -> list[str]:
    """The first days of a rule from its DTSTART on, as "2026-01-05"."""
    data = calendar(event(f"RRULE:{text}", start=start, end=""))
    found = read([data], instant("1990-01-01"), instant(last), zone)
    assert not found.skipped, found.skipped
    return [f"{datetime.fromtimestamp(at, zone):%Y-%m-%d}" for _, at, _ in found.occurrences[:count]]
