"""Sources that send: presence reports, leave and the centre's queue, as the source routes take them (docs/sources.md).

The documents have no field for a reason, and unknown fields are refused: it cannot enter by mistake either.
"""

import csv
import hashlib
import io
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from connectors.calendars import Limits, Refused, read
from presence.domain.directory import Alias
from presence.domain.facts import Absence, Presence, Queue, Report
from presence.domain.intervals import FOREVER, Instant
from presence.ports import Batch, Person, SourceUnavailable

_DAY = 86_400
_EARLIEST, _LATEST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2000, 2100))
_SMALL = Limits(octets=64_000, lines=2_000, components=10, occurrences=10, event_work=5_000, feed_work=5_000)
_ONE_LINE = r"\A[^\x00-\x1f\x7f]*\Z"
_PLAIN: dict[str, Report] = {"available": "available", "busy": "busy", "idle": "idle", "offline": "offline", "away": "idle"}
"""A chat client's "away" is no absence unless the source is configured to say so."""

_Word = Annotated[str, Meta(max_length=64, pattern=_ONE_LINE)]
_Moment = Annotated[str, Meta(max_length=40)]
_Part = Annotated[float, Meta(gt=0, le=1)]
_Form = TypeVar("_Form", bound=msgspec.Struct)
_NUMBER = re.compile(r"\d{1,3}(?:[.,]\d{1,9})?", re.ASCII)


class WebhookSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`statuses` (of the source itself) maps its words to ours; what is not mapped must be one of ours."""

    zone: Annotated[str, Meta(extra={"format": "zone"})] = "Europe/Stockholm"  # of all-day times in text/calendar


class _Report(msgspec.Struct, forbid_unknown_fields=True):
    status: _Word
    lease: Annotated[int, Meta(ge=1, le=_DAY)]  # seconds
    device: Annotated[str, Meta(max_length=128, pattern=_ONE_LINE)] = ""
    seq: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0


class _Leave(msgspec.Struct, forbid_unknown_fields=True):
    start: _Moment
    end: _Moment | None = None
    extent: _Part = 1.0
    employment: _Word = ""
    share: _Part = 0.0  # not said: what the directory says, else the whole


class _Row(_Leave, forbid_unknown_fields=True, kw_only=True):
    person: Annotated[str, Meta(max_length=256, pattern=_ONE_LINE)]
    uid: Annotated[str, Meta(max_length=256, pattern=_ONE_LINE)] = ""


class _Wait(msgspec.Struct, forbid_unknown_fields=True):
    wait: Annotated[int, Meta(ge=0, le=_DAY)]
    lease: Annotated[int, Meta(ge=1, le=3_600)]


class Webhook:
    """One pushing source (`presence.ports.Pushed`). As a connector it has nothing to listen to."""

    Settings: ClassVar[type[WebhookSettings]] = WebhookSettings

    def __init__(
        self,
        name: str,
        settings: WebhookSettings,
        interval: float = 0,  # noqa: ARG002  # every connector is given one, and a clock
        *,
        statuses: Mapping[str, Report] | None = None,
        now: Callable[[], float] = time.time,  # noqa: ARG002
    ) -> None:
        self.name = name
        self._zone = ZoneInfo(settings.zone)
        self._statuses: dict[str, Report] = {**_PLAIN, **(statuses or {})}

    async def listen(self) -> AsyncIterator[Batch | SourceUnavailable]:
        return
        yield  # an iterator that ends at once

    async def fetch(self) -> Batch:
        raise SourceUnavailable("pushed", "this source sends; it is not asked")

    async def close(self) -> None:
        return

    def presence(self, alias: str, document: bytes, now: Instant) -> Batch:
        report = _read(document, _Report)
        status = self._statuses.get(report.status)
        if status is None:
            raise ValueError("status: not a status that this source is configured to send")
        fact = Presence(status, now, now + report.lease, seq=report.seq)
        return self._of(now, Person(alias=alias, presence={report.device: fact}))

    def no_presence(self, alias: str, device: str, now: Instant) -> Batch:
        return self._of(now, Person(alias=alias, presence={device: None}))

    def absence(self, alias: str, uid: str, document: bytes, content_type: str, now: Instant) -> Batch:
        is_calendar = content_type == "text/calendar"
        found = self._of_calendar(document, now) if is_calendar else _absence(_read(document, _Leave))
        return self._of(now, Person(alias=alias, absences={_named(uid): found}))

    def no_absence(self, alias: str, uid: str, now: Instant) -> Batch:
        return self._of(now, Person(alias=alias, absences={_named(uid): None}))

    def absences(self, document: bytes, content_type: str, now: Instant) -> Batch:
        if not document.strip():
            raise ValueError("an empty document; where nobody is on leave, send [] or the heading of the CSV alone")
        people: dict[str, dict[str, Absence | None]] = {}
        rows: Iterator[tuple[str, bytes | dict[str, Any]]] = _csv(document) if content_type == "text/csv" else _json(document)
        for place, raw in rows:
            try:
                row = _read(raw, _Row)
                alias, found = str(Alias.parse(row.person)), _absence(row)
            except ValueError as error:
                raise ValueError(f"{place}: {error}") from None
            held = people.setdefault(alias, {})
            uid = _named(row.uid) if row.uid else _uid(alias, found)
            if held.setdefault(uid, found) != found:
                raise ValueError(f"{place}: says otherwise of a leave that was named before; give each a uid of its own")
        gathered = [Person(alias=alias, absences=absences) for alias, absences in people.items()]
        return Batch(source=self.name, complete=True, read_at=now, people=gathered)

    def queue(self, document: bytes, now: Instant) -> Batch:
        wait = _read(document, _Wait)
        return Batch(source=self.name, complete=False, read_at=now, queue=Queue(wait.wait, now, now + wait.lease))

    def _of(self, now: Instant, person: Person) -> Batch:
        return Batch(source=self.name, complete=False, read_at=now, people=(person,))

    def _of_calendar(self, document: bytes, now: Instant) -> Absence:
        """One event is one absence: only when, whatever else it says."""
        try:
            reading = read([document], now - 400 * _DAY, now + 1_000 * _DAY, self._zone, limits=_SMALL)
        except Refused as refused:
            raise ValueError(refused.reason) from None
        if len(reading.occurrences) != 1:
            reason = f" ({reading.skipped[0].reason.value})" if reading.skipped else ""
            raise ValueError(f"the calendar must hold one event, once, within a year back and two ahead{reason}")
        if not (reading.busy or reading.tentative or reading.unavailable):
            raise ValueError("the event is cancelled, or says that the time is free; an absence is withdrawn by DELETE")
        _, start, end = reading.occurrences[0]
        if not _EARLIEST <= start < end < _LATEST:
            raise ValueError("the event does not lie within 2000 to 2099")
        days = [datetime.fromtimestamp(t, self._zone) for t in (start, end)]
        if all((d.hour, d.minute, d.second) == (0, 0, 0) for d in days):
            last = date.fromordinal(days[1].toordinal() - 1)
            return Absence(first=days[0].date().isoformat(), last=last.isoformat())
        return Absence(start=start, end=end)


def _absence(row: _Leave) -> Absence:
    """Dates are calendar days, both included; instants carry their zone. No end: until further notice."""
    more: dict[str, Any] = {"extent": row.extent, "employment": row.employment, "share": row.share or 0.0}
    if "T" not in row.start and " " not in row.start.strip():
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
    if not _EARLIEST <= found.timestamp() < _LATEST:
        raise ValueError(f"{field}: not within 2000 to 2099")
    return int(found.timestamp())


def _named(uid: str) -> str:
    """The sender's own name for a leave, which may tell its reason (VAB-2026-118), as a digest: it is never stored as it came."""
    return hashlib.blake2b(uid.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _uid(alias: str, found: Absence) -> str:
    """The same leave has the same name in the next file, though its end or extent may be corrected."""
    return hashlib.blake2b(f"{alias}\x1f{found.first or found.start}\x1f{found.employment}".encode(), digest_size=12).hexdigest()


def _read(raw: bytes | dict[str, Any], form: type[_Form]) -> _Form:
    """JSON, or the cells of a row, as one of the forms. Raises ValueError."""
    try:
        return msgspec.json.decode(raw, type=form) if isinstance(raw, bytes) else msgspec.convert(raw, form)
    except msgspec.ValidationError as error:
        raise ValueError(_told(error, form)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError("not JSON in UTF-8") from None


_TYPES = {"str": "text", "int": "a whole number", "float": "a number", "object": "an object", "array": "an array"}
_PLACE = re.compile(r" - at `\$\.?([a-z]*)`\Z")


def _told(error: msgspec.ValidationError, form: type[msgspec.Struct]) -> str:
    """Our own words. What the sender wrote is in none of them: an unknown field may itself be a reason."""
    text = str(error)
    if "unknown field" in text or "at `key`" in text:
        return f"an unknown field; there are {', '.join(form.__struct_fields__)}"
    if "missing required field" in text:
        return f"{text.split('`')[1]}: is missing"
    place = _PLACE.search(text)
    said = text[: place.start()] if place else text
    if "matching regex" in said:
        said = "holds control characters"
    said = re.sub(r"`(\w+)(?: \| null)?`", lambda name: _TYPES.get(name[1], name[1]), said)
    return (f"{place[1]}: " if place and place[1] else "") + said[:1].lower() + said[1:]


def _json(document: bytes) -> Iterator[tuple[str, bytes]]:
    """A row a line, or an array of rows; each with the place where it stands."""
    if not document.lstrip().startswith(b"["):
        yield from ((f"line {number}", line) for number, line in enumerate(document.splitlines(), 1) if line.strip())
        return
    try:
        rows = msgspec.json.decode(document, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError("not JSON in UTF-8") from None
    yield from ((f"row {number}", bytes(row)) for number, row in enumerate(rows, 1))


def _csv(document: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Headings as the fields of a JSON line; comma or semicolon. An empty cell is an absent field."""
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    heading = text.lstrip().partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;", key=heading.count))
    names: list[str] = []
    try:
        for cells in reader:
            if not any(cells):
                continue
            if not names:
                names = [cell.strip().lower() for cell in cells]
                if len(set(names)) < len(names) or not {"person", "start"} <= set(names) <= set(_Row.__struct_fields__):
                    raise ValueError("the heading: person and start are needed, all others are optional, each once")
                continue
            if len(cells) > len(names):
                raise ValueError(f"line {reader.line_num}: has more cells than the heading")
            yield f"line {reader.line_num}", _cells(names, cells)
    except csv.Error:
        raise ValueError(f"line {reader.line_num}: cannot be read as CSV") from None


def _cells(names: list[str], cells: list[str]) -> dict[str, Any]:
    row: dict[str, Any] = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if cell.strip()}
    for name in ("extent", "share"):
        if _NUMBER.fullmatch(row.get(name, "")):
            row[name] = float(row[name].replace(",", "."))
    return row
