"""Rows of a CSV file as cells of the columns that are wanted. A cell of any other column is dropped where its row is split."""

import contextlib
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

from connectors.leave.format import Columns, Format
from connectors.leave.headings import plain
from connectors.leave.refusal import Unreadable
from connectors.leave.rows import is_note
from connectors.leave.text import DELIMITERS, delimiter

_PREAMBLE = 20
"""Lines among which the heading is looked for: titles of a report, and Excel's "sep=;", stand before it."""
_NEEDED = ("person", "start", "end")

Told = Callable[[int], None]
"""Told the number of a line now and then."""


class Cells(NamedTuple):
    """A row: its line, the cells of the wanted fields, and a code where it has too few or too many of them."""

    line: int
    cells: dict[str, str]
    code: str = ""
    is_short: bool = False
    is_remark: bool = False
    """Whether one cell alone holds text, which can be nobody's key, and stands where no day is read."""


class Table(NamedTuple):
    delimiter: str
    rows: list[Cells]
    unread: tuple[str, ...]
    """Those of `never_read` that the heading has."""


class _Heading(NamedTuple):
    before: int  # lines
    delimiter: str
    places: dict[str, int]
    width: int
    unread: tuple[str, ...]
    form: Format


def table(text: str, form: Format, told: Told | None = None) -> Table:
    """Raises `Unreadable`."""
    lines = text.splitlines(keepends=True)
    heading = _own_heading(lines, form) if form.is_own else _heading(lines, form)
    body = "".join(lines[heading.before + 1 :])
    try:
        rows = list(_rows(body, heading, told))
    except Unreadable as broken:
        rows = _unquoted(body, heading, told, broken)
    else:
        _unswallowed(body, heading, rows)
    if rows and rows[-1].is_short and not text.endswith(("\n", "\r")):
        raise Unreadable("truncated", f"line {rows[-1].line}: the file ends within a row")
    return Table(heading.delimiter, rows, heading.unread)


def _own_heading(lines: Sequence[str], form: Format) -> _Heading:
    """The first line that is not empty; a heading that is none of ours refuses the file, so that no reason enters by mistake."""
    before = next((n for n, line in enumerate(lines) if line.strip(" ;,\t\r\n")), 0)
    cut = delimiter(lines[before] if lines else "", form.delimiter)
    names = [cell.strip().lstrip("\ufeff").lower() for cell in split_line(lines[before] if lines else "", cut)]
    known = {name for name in form.mapped.__struct_fields__ if getattr(form.mapped, name)}
    if len(set(names)) < len(names) or not {"person", "start"} <= set(names) <= known:
        raise Unreadable("headings", "the heading: person and start are needed, all others are optional, each once")
    return _Heading(before, cut, {name: n for n, name in enumerate(names)}, len(names), (), form)


def _heading(lines: Sequence[str], form: Format) -> _Heading:
    """The first line that holds all headings of the configuration. Only names of the configuration are ever told of it."""
    wanted = columns(form.mapped)
    missing = list(wanted.values())
    for before, cut, cells in _candidates(lines[:_PREAMBLE], form.delimiter):
        names = [plain(cell) for cell in cells]
        lacking = [heading for heading in wanted.values() if plain(heading) not in names]
        if not lacking:
            if any(names.count(plain(heading)) > 1 for heading in wanted.values()):
                raise Unreadable("headings", "two columns have the name of one that is configured")
            places = {field: names.index(plain(heading)) for field, heading in wanted.items()}
            unread = tuple(heading for heading in form.never_read if plain(heading) in names)
            return _Heading(before, cut, places, len(names), unread, form)
        missing = min(missing, lacking, key=len)
    told = ", ".join(f'"{heading}"' for heading in missing)
    raise Unreadable("headings", f"no line of the first {_PREAMBLE} is the heading: {told} missing")


def _candidates(lines: Sequence[str], configured: str) -> Iterator[tuple[int, str, list[str]]]:
    """(lines up to and without its last, delimiter, cells) of each line; then of each row, for a heading of several lines."""
    cuts = DELIMITERS if configured == "auto" else (configured,)
    for number, line in enumerate(lines):
        yield from ((number, cut, split_line(line, cut)) for cut in cuts)
    for cut in cuts:
        reader = csv.reader(lines, delimiter=cut)
        with contextlib.suppress(csv.Error):
            for cells in reader:
                yield reader.line_num - 1, cut, cells


def columns(mapped: Columns) -> dict[str, str]:
    """Field -> heading, of those that are named."""
    return {name: getattr(mapped, name) for name in Columns.__struct_fields__ if getattr(mapped, name)}


def split_line(line: str, cut: str) -> list[str]:
    """The cells of one line; none where it cannot be read."""
    try:
        return next(csv.reader([line], delimiter=cut), [])
    except csv.Error:
        return []


def _rows(body: str, heading: _Heading, told: Told | None, *, quoted: bool = True) -> Iterator[Cells]:
    """Raises `Unreadable`."""
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=heading.delimiter, quoting=quoting, strict=quoted)
    width = heading.width + _surplus(body, heading, quoting)
    try:
        for number, cells in enumerate(reader):
            line = heading.before + 1 + reader.line_num
            if told and number % 500 == 0:
                told(line)
            if any(cells):
                yield _cut(line, cells, heading, width)
    except csv.Error:
        line = heading.before + 1 + reader.line_num
        raise Unreadable("csv", f"line {line}: cannot be read as CSV") from None


def _surplus(body: str, heading: _Heading, quoting: Literal[0, 3]) -> int:
    """Empty cells that every row has beyond the heading, the same number each: some exports end rows with a delimiter."""
    found = 0
    with contextlib.suppress(csv.Error):
        for cells in csv.reader(io.StringIO(body, newline=""), delimiter=heading.delimiter, quoting=quoting):
            if any(cells):
                more = len(cells) - heading.width
                if more <= 0 or (found and more != found) or any(cells[heading.width :]):
                    return 0
                found = more
    return found


def _cut(line: int, cells: list[str], heading: _Heading, width: int) -> Cells:
    """The wanted cells, and no other. `width`: how many a row has."""
    wanted = _wanted(cells, heading)
    said = [cell for cell in cells if cell.strip()] if wanted.keys() <= {"person"} else []
    is_remark = len(said) == 1 and is_note(_trimmed(said[0]), heading.form)
    if len(cells) > width:  # a delimiter within some text: where what stands is known of what stands before all texts
        first = {"person": _trimmed(cells[0])} if heading.places.get("person") == 0 else {}
        return Cells(line, first, "too-many-cells", is_remark=is_remark)
    reaches = max(heading.places[field] for field in _NEEDED if field in heading.places)  # without an end it would never end
    code = "" if len(cells) > reaches else "too-few-cells"
    return Cells(line, wanted, code, len(cells) < width, is_remark)


def _wanted(cells: list[str], heading: _Heading) -> dict[str, str]:
    found = ((field, _trimmed(cells[place])) for field, place in heading.places.items() if place < len(cells))
    return {field: cell for field, cell in found if cell}


def _trimmed(cell: str) -> str:
    """Without the ="…" that keeps Excel from taking a number for one."""
    cell = cell.strip("\u00a0 \t")
    return cell[2:-1].strip() if cell.startswith('="') and cell.endswith('"') else cell


def _unswallowed(body: str, heading: _Heading, rows: Sequence[Cells]) -> None:
    """Raises `Unreadable` where quotes reach over lines each of which is a whole row: two stray ones hide those between."""
    if len(rows) == sum(1 for line in body.splitlines() if line.strip(" \t\r\n")):
        return
    try:
        plain_rows = list(_rows(body, heading, None, quoted=False))
    except Unreadable:
        return
    if len(plain_rows) > len(rows) and not any(row.code or row.is_short for row in plain_rows):
        raise Unreadable("quotes", "quotes reach over whole rows; export without quotes, or with each text in them")


def _unquoted(body: str, heading: _Heading, told: Told | None, broken: Unreadable) -> list[Cells]:
    """Of an export that knows no quotes: a text that begins with one is no quoted cell. Every row must have all its cells."""
    try:
        rows = list(_rows(body, heading, told, quoted=False))
    except Unreadable:
        rows = []
    if not rows or any(row.code or row.is_short for row in rows):
        raise broken
    return rows
