"""Sources that send: presence reports, leave and the centre's queue, as the source routes take them (docs/sources.md).

The documents have no field for a reason, and unknown fields are refused: it cannot enter by mistake either.
"""

import csv
import hashlib
import io
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from connectors.calendars import Limits, Refused, read
from presence.domain.facts import Absence, Presence, Queue, Report
from presence.domain.intervals import FOREVER, Instant
from presence.ports import Batch, Person, SourceUnavailable

_EARLIEST, _LATEST = datetime(2000, 1, 1).timestamp(), datetime(2100, 1, 1).timestamp()  # noqa: DTZ001  # rough bounds
_SMALL = Limits(octets=256_000, components=200)


class WebhookSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`statuses` (of the source itself) maps its words to ours; what is not mapped must be one of ours."""

    zone: str = "Europe/Stockholm"  # of all-day times in text/calendar


class _Report(msgspec.Struct, forbid_unknown_fields=True):
    status: Annotated[str, Meta(max_length=64)]
    lease: Annotated[int, Meta(ge=1, le=86_400)]  # seconds
    device: Annotated[str, Meta(max_length=128)] = ""
    seq: Annotated[int, Meta(ge=0)] = 0


class _Leave(msgspec.Struct, forbid_unknown_fields=True):
    start: Annotated[str, Meta(max_length=40)]
    end: Annotated[str, Meta(max_length=40)] | None = None
    extent: Annotated[float, Meta(gt=0, le=1)] = 1.0
    employment: Annotated[str, Meta(max_length=64)] = ""
    share: Annotated[float, Meta(gt=0, le=1)] = 1.0


class _Row(_Leave, forbid_unknown_fields=True, kw_only=True):
    person: Annotated[str, Meta(max_length=256, pattern=":")]
    uid: Annotated[str, Meta(max_length=256)] = ""


class _Wait(msgspec.Struct, forbid_unknown_fields=True):
    wait: Annotated[int, Meta(ge=0, le=86_400)]
    lease: Annotated[int, Meta(ge=1, le=3_600)]


class Webhook:
    """One pushing source. As a connector it has nothing to listen to; its heartbeat is what it sends."""

    Settings: ClassVar[type[WebhookSettings]] = WebhookSettings

    def __init__(
        self,
        name: str,
        settings: WebhookSettings,
        interval: float = 0,  # noqa: ARG002  # every connector is given one
        *,
        statuses: dict[str, Report] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self._zone = ZoneInfo(settings.zone)
        self._statuses: dict[str, Report] = {"available": "available", "busy": "busy", "idle": "idle", "offline": "offline"}
        self._statuses |= {"away": "idle"} | (statuses or {})  # a chat client's "away" is no absence unless it is said to be
        self._now = now

    async def listen(self) -> AsyncIterator[Batch | SourceUnavailable]:
        return
        yield  # an iterator that ends at once

    async def fetch(self) -> Batch:
        raise SourceUnavailable("pushed", "this source sends; it is not asked")

    async def close(self) -> None:
        return

    # --- see presence.ports.Pushed ---

    def presence(self, alias: str, document: bytes, now: Instant) -> Batch:
        report = _decode(document, _Report)
        status = self._statuses.get(report.status)
        if status is None:
            raise ValueError("status: not a status that this source is configured to send")
        fact = Presence(status, now, now + report.lease, seq=report.seq)
        return self._of(now, Person(alias=alias, presence={report.device: fact}))

    def no_presence(self, alias: str, device: str, now: Instant) -> Batch:
        return self._of(now, Person(alias=alias, presence={device: None}))

    def absence(self, alias: str, uid: str, document: bytes, content_type: str, now: Instant) -> Batch:
        if content_type == "text/calendar":
            found = self._of_calendar(document, now)
        else:
            found = _absence(_decode(document, _Leave))
        return self._of(now, Person(alias=alias, absences={uid: found}))

    def no_absence(self, alias: str, uid: str, now: Instant) -> Batch:
        return self._of(now, Person(alias=alias, absences={uid: None}))

    def absences(self, document: bytes, content_type: str, now: Instant) -> Batch:
        rows = _csv(document) if content_type == "text/csv" else _json_lines(document)
        people: dict[str, dict[str, Absence | None]] = {}
        for line, row in rows:
            try:
                found = _absence(row)
            except ValueError as error:
                raise ValueError(f"line {line}: {error}") from None
            people.setdefault(row.person, {})[row.uid or _uid(row)] = found
        gathered = tuple(Person(alias=alias, absences=absences) for alias, absences in people.items())
        return Batch(source=self.name, complete=True, read_at=now, people=gathered)

    def queue(self, document: bytes, now: Instant) -> Batch:
        wait = _decode(document, _Wait)
        return Batch(source=self.name, complete=False, read_at=now, queue=Queue(wait.wait, now, now + wait.lease))

    def _of(self, now: Instant, person: Person) -> Batch:
        return Batch(source=self.name, complete=False, read_at=now, people=(person,))

    def _of_calendar(self, document: bytes, now: Instant) -> Absence:
        """One event is one absence: only when, whatever else it says."""
        try:
            reading = read([document], now - 400 * 86_400, now + 1_000 * 86_400, self._zone, limits=_SMALL)
        except Refused as refused:
            raise ValueError(refused.reason) from None
        if len(reading.occurrences) != 1:
            raise ValueError("the calendar must hold one event, once")
        _, start, end = reading.occurrences[0]
        days = [datetime.fromtimestamp(t, self._zone) for t in (start, end)]
        if all((d.hour, d.minute, d.second) == (0, 0, 0) for d in days) and start < end:
            last = date.fromordinal(days[1].toordinal() - 1)
            return Absence(first=days[0].date().isoformat(), last=last.isoformat())
        return Absence(start=start, end=end)


def _absence(row: _Leave) -> Absence:
    """Dates are calendar days, both included; instants carry their zone. No end: until further notice."""
    more: dict[str, Any] = {"extent": row.extent, "employment": row.employment, "share": row.share}
    if len(row.start) == 10:
        first, last = _date("start", row.start), _date("end", row.end) if row.end else ""
        if last and last < first:
            raise ValueError("end: lies before the start")
        return Absence(first=first, last=last, **more)
    start, end = _instant("start", row.start), _instant("end", row.end) if row.end else FOREVER
    if end <= start:
        raise ValueError("end: lies before the start")
    return Absence(start=start, end=end, **more)


def _date(field: str, text: str) -> str:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{field}: not a date; write 2026-11-24") from None
    if not 2000 <= found.year < 2100:
        raise ValueError(f"{field}: not within 2000 to 2099")
    return found.isoformat()


def _instant(field: str, text: str) -> Instant:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{field}: not a date or a time; write 2026-11-24T08:00:00+01:00") from None
    if found.tzinfo is None:
        raise ValueError(f"{field}: a time needs its zone; write 2026-11-24T08:00:00+01:00")
    try:
        seconds = found.timestamp()
    except (OverflowError, ValueError):
        seconds = _LATEST
    if not _EARLIEST <= seconds < _LATEST:
        raise ValueError(f"{field}: not within 2000 to 2099")
    return int(seconds)


def _uid(row: _Row) -> str:
    """The same leave has the same name in the next file, though its end may be corrected."""
    return hashlib.blake2b(f"{row.person}|{row.start}|{row.employment}".encode(), digest_size=12).hexdigest()


_Form = TypeVar("_Form")


def _decode(document: bytes, form: type[_Form]) -> _Form:
    try:
        return msgspec.json.decode(document, type=form)
    except msgspec.ValidationError as error:
        # Our own field names only: msgspec names the field, never the value, but for an unknown one, which is the sender's word.
        text = str(error)
        raise ValueError("an unknown field" if "unknown field" in text else text) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError("not JSON") from None


def _json_lines(document: bytes) -> Iterator[tuple[int, _Row]]:
    for number, line in enumerate(document.splitlines(), 1):
        if line.strip():
            try:
                yield number, _decode(line, _Row)
            except ValueError as error:
                raise ValueError(f"line {number}: {error}") from None


def _csv(document: bytes) -> Iterator[tuple[int, _Row]]:
    """Headings as the fields of a JSON line; comma or semicolon."""
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    heading = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if heading.count(";") > heading.count(",") else ",")
    for number, cells in enumerate(reader, 2):
        row: dict[str, Any] = {k: v for k, v in cells.items() if v not in ("", None)}
        try:
            for name in ("extent", "share"):
                if name in row:
                    row[name] = float(str(row[name]).replace(",", "."))
            yield number, msgspec.convert(row, _Row)
        except (msgspec.ValidationError, ValueError) as error:
            text = str(error)
            raise ValueError(f"line {number}: {'an unknown field' if 'unknown field' in text else text}") from None
