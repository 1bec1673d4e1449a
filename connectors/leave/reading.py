"""A document with all leave that a source knows of: CSV, JSON lines or iCalendar in, a complete batch out.

Nothing of a row but whose leave it is and when exists past here. What is told of a row that is not taken is its line, the name
of one of our fields or of a configured column, and a code.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import Literal

from connectors.leave import documents, events
from connectors.leave.format import Format
from connectors.leave.gathering import contradiction, gathered
from connectors.leave.refusal import SENTENCES, Unreadable, Wrong
from connectors.leave.rows import Row, checked, person, row
from connectors.leave.slips import Slip, believed
from connectors.leave.table import Cells, Table, columns, table
from connectors.leave.text import decoded
from presence.domain.intervals import Instant
from presence.ports import Batch, FileReading, Person, Rejected

Kind = Literal["text/csv", "application/json", "application/x-ndjson", "text/calendar"]
_SUFFIXES: dict[str, Kind] = {".ics": "text/calendar", ".json": "application/json", ".jsonl": "application/json"}
_BLANK = b"\xef\xbb\xbf \t\r\n"
_EMPTY = "an empty document; where nobody is on leave, send [] or the heading of the CSV alone"
_REJECTED = "rejected-row"
_DIGIT = re.compile(r"[0-9]")

Told = Callable[[int], None]


def kind_of(name: str, document: bytes) -> Kind:
    """By its beginning, else by its name."""
    head = document[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:15].upper() == b"BEGIN:VCALENDAR":
        return "text/calendar"
    if head[:1] in (b"{", b"["):
        return "application/json"
    suffix = PurePath(name).suffix.lower().replace(".ndjson", ".jsonl")
    return _SUFFIXES.get(suffix, "text/csv")


def read(
    source: str, document: bytes, kind: str, form: Format, now: Instant, *, at: Instant = 0, told: Told | None = None
) -> FileReading:
    """`at`: when the document was written, where that is known. A row that is not taken costs no other; of its person what is
    held stays. Raises `Unreadable` for a document of which nothing can be taken."""
    return _Reader(source, form, now, told).read(document, kind, at or now)


def read_strictly(source: str, document: bytes, kind: str, form: Format, now: Instant) -> Batch:
    """Whole or not at all: raises ValueError with the place of the first row that is not taken."""
    reader = _Reader(source, form, now, None, strict=True)
    try:
        return reader.read(document, kind, now).batch
    except Unreadable as error:
        raise ValueError(str(error)) from None


class _Reader:
    """The state of one call."""

    def __init__(self, source: str, form: Format, now: Instant, told: Told | None, *, strict: bool = False) -> None:
        self._source, self._form, self._now, self._told, self._strict = source, form, now, told, strict
        self._place = "line"
        self._rows: list[Row] = []
        self._rejected: list[Rejected] = []
        self._slips: list[Slip] = []
        self._failed: set[str] = set()
        self._of_nobody = False  # whether a row was refused that cannot be told whose it is
        self._table = Table("", [], ())
        self._encoding = ""

    def read(self, document: bytes, kind: str, at: Instant) -> FileReading:
        looked_at(document)
        if kind == "text/calendar":
            self._calendar(document)
        elif kind == "text/csv":
            self._csv(document)
        else:
            self._json(document)
        if self._strict and self._form.is_own and (line := contradiction(self._rows)):
            raise ValueError(f"{self._place} {line}: {SENTENCES['contradiction']}")
        self._believe()
        self._believed()
        people = gathered(self._rows)
        said = [Person(alias=alias, failed=_REJECTED) for alias in sorted(self._failed)]  # before what is said of them
        said += [Person(alias=alias, absences=found) for alias, found in sorted(people.items())]
        withdrawn = sum(each.is_withdrawn for each in self._rows)
        rows = len(self._rows) + len(self._rejected)
        return FileReading(
            batch=Batch(
                source=self._source,
                complete=True,
                read_at=at,
                people=said,
                skipped=len(self._rejected),
                keeps=self._of_nobody,
            ),
            rows=rows,
            rejected=tuple(self._rejected),
            withdrawn=withdrawn,
            repeated=len(self._rows) - len({each._replace(line=0) for each in self._rows}),
            encoding=self._encoding,
            delimiter=self._table.delimiter,
            unread=self._table.unread,
        )

    def _believed(self) -> None:
        """A document of which most rows are refused is another one, or written in another way than is configured."""
        count = len(self._rejected)
        if count > len(self._rows):
            codes = [each.code for each in self._rejected]
            common = max(sorted(set(codes)), key=codes.count)
            told = f"{count} of {count + len(self._rows)} rows are not taken, most of them for one reason: {SENTENCES[common]}"
            raise Unreadable(common if count == codes.count(common) else "rejected", told)

    # --- forms ---

    def _csv(self, document: bytes) -> None:
        text, self._encoding = decoded(document, self._form.encoding)
        self._table = table(text, self._form, self._told)
        self._cells(self._table.rows)

    def _json(self, document: bytes) -> None:
        for self._place, number, raw in documents.rows(document):
            if self._told and number % 500 == 0:
                self._told(number)
            if self._strict and self._form.is_own:
                try:
                    self._rows.append(documents.strict(number, raw, self._form))
                except ValueError as error:
                    raise ValueError(f"{self._place} {number}: {error}") from None
                continue
            try:
                self._cells([documents.lenient(number, raw, self._form)])
            except Wrong as wrong:
                self._refuse(number, "", wrong)

    def _calendar(self, document: bytes) -> None:
        for found in events.many(document, self._now, self._form):
            if isinstance(found, Row):
                self._rows.append(found)
            else:
                self._refuse(*found)

    def _cells(self, rows: Iterable[Cells]) -> None:
        """Takes or refuses each."""
        before: Row | None = None
        is_whole_before = False
        for line, cells, code, is_short, is_remark in rows:
            alias = ""
            is_note = is_remark and is_whole_before  # else it may be the rest of a text that ran over its line
            try:
                alias = person(cells["person"], self._form) if cells.get("person") else ""
                if is_note:
                    raise Wrong("bad-person", "person")
                if code:
                    raise Wrong(code)
                checked(cells)
                self._rows.append(row(line, alias, cells, self._form))
                before = self._rows[-1] if is_short else None
                is_whole_before = not is_short
            except Wrong as wrong:
                slipped = bool(code) or is_short
                is_whole = not slipped and bool(_DIGIT.search(cells.get("start", "")))
                if wrong.code == "bad-person" and (is_note or code):  # its first cell is no key
                    wrong = Wrong("note", "person") if is_note else Wrong(code)
                self._refuse(line, alias, wrong, is_whole=is_whole, before=before if slipped else None, is_note=is_note)
                before, is_whole_before = None, is_note

    def _believe(self) -> None:
        """Whose the refused rows are; only then is it told, and none of their words goes further."""
        found = believed(self._slips, (each.alias for each in self._rows), self._form.alias)
        self._failed |= found.aliases
        self._of_nobody |= found.of_nobody
        lines = {each.line for each in found.beginnings}
        self._rows = [each for each in self._rows if each.line not in lines]
        for each in found.beginnings:
            self._failed.add(each.alias)
            self._refuse(each.line, each.alias, Wrong("too-few-cells"))
        self._rejected.sort(key=lambda each: each.line)

    def _refuse(
        self, line: int, alias: str, wrong: Wrong, *, is_whole: bool = True, before: Row | None = None, is_note: bool = False
    ) -> None:
        if self._strict:
            raise ValueError(f"{self._place} {line}: {wrong}") from None
        self._slips.append(Slip(alias, is_whole, before, is_note))
        heading = columns(self._form.mapped).get(wrong.field, wrong.field)
        self._rejected.append(Rejected(line, heading, wrong.code, SENTENCES[wrong.code]))


def looked_at(document: bytes) -> None:
    """What is no such file at all is told as what it is. Raises `Unreadable`."""
    head = document[:512].lstrip(_BLANK)
    if not document.strip(_BLANK):
        raise Unreadable("empty", _EMPTY)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Unreadable("workbook", "a workbook; save it as CSV")
    if head[:1] == b"<":
        raise Unreadable("web-page", "the heading: person and start are needed; this looks like a web page")
