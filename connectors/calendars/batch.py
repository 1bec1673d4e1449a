"""Many readings over standard input and output: a JSON object a line, in and out."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from connectors.calendars.model import Reading, Refused
from connectors.calendars.reading import read

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_LINE = 40_000_000


class _Task(msgspec.Struct, frozen=True):
    """One line in: all calendars of one person, the window (ISO 8601 with offset), the owner's zone and mail addresses."""

    ics: list[str]
    start: str = msgspec.field(name="from")
    end: str = msgspec.field(name="to")
    zone: str = "UTC"
    owner: list[str] = []


def batch(lines: Iterable[str]) -> Iterator[str]:
    """Answer each line; a bad one answers {"id": …, "error": …} and costs no other. Periods are [start, end] in UTC, ISO 8601."""
    for line in lines:
        if line.strip():
            yield msgspec.json.encode(_answer(line)).decode()


def _answer(line: str) -> dict[str, object]:
    name: object = None
    try:
        if len(line) > MAX_LINE:
            return {"id": None, "error": "the line is longer than accepted"}
        task = msgspec.json.decode(line)
        name = task.get("id") if isinstance(task, dict) else None
        if not isinstance(name, str | int | None):
            name = None
        found = msgspec.convert(task, _Task)
        reading = read(found.ics, instant(found.start), instant(found.end), zone(found.zone), owner=found.owner)
    except Refused as fault:
        return {"id": name, "error": fault.reason}
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        return {"id": name, "error": "the line is not a task: id, ics, from, to, zone"}
    return {"id": name, **shown(reading)}


def shown(reading: Reading) -> dict[str, object]:
    """A reading as JSON data, times as ISO 8601 in UTC."""
    return {
        "busy": [[iso(a), iso(b)] for a, b in reading.busy],
        "tentative": [[iso(a), iso(b)] for a, b in reading.tentative],
        "unavailable": [[iso(a), iso(b)] for a, b in reading.unavailable],
        "occurrences": [[uid, iso(a), iso(b)] for uid, a, b in reading.occurrences],
        "doubtful": [[iso(a), iso(b)] for a, b in reading.doubtful],
        "unbounded": reading.unbounded,
        "skipped": [{"uid": item.uid, "line": item.line, "reason": item.reason.value} for item in reading.skipped],
    }


def iso(instant: int) -> str:
    """Epoch seconds as ISO 8601 in UTC; beyond the years 1 to 9999 the nearest second that can be written."""
    try:
        return (_EPOCH + timedelta(seconds=instant)).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
    except OverflowError:
        return "0001-01-01T00:00:00Z" if instant < 0 else "9999-12-31T23:59:59Z"


def instant(text: str) -> int:
    """ISO 8601 with an offset as epoch seconds. Raises ValueError."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time without an offset")
    return (found - _EPOCH) // timedelta(seconds=1)


def zone(name: str) -> ZoneInfo:
    """A zone of the tz database. Raises ValueError."""
    try:
        return ZoneInfo(name)
    except (OSError, LookupError, ValueError):
        raise ValueError("the zone is not known") from None
