"""A first mapping of a file's columns, by their headings and by the shape of what stands in them.

A column whose heading looks like a reason is looked into for nothing but whether its cells are days. What comes out holds
headings, and no cell of any column.
"""

import contextlib
import csv
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from connectors.leave import documents
from connectors.leave.format import OPEN_END, WITHDRAWN
from connectors.leave.headings import plain
from connectors.leave.personal import is_personal
from connectors.leave.reading import kind_of, looked_at
from connectors.leave.refusal import Unreadable
from connectors.leave.table import split_line
from connectors.leave.text import DELIMITERS, decoded

_PREAMBLE, _SAMPLE = 20, 1_000
_NAMES: dict[str, tuple[str, ...]] = {
    "person": (
        *("anstnr", "anställningsnummer", "anställningsnr", "anställdnr", "personalnummer", "personalnr", "signatur", "person"),
        *("employeenumber", "employeeno", "employeenr", "employeeid", "staffno", "staffid", "användare", "userid", "upn"),
        *("epost", "epostadress", "mail", "email", "emailaddress"),
    ),
    "start": (
        *("datumfrom", "datumfr", "fromdatum", "from", "fom", "from", "fråndatum", "startdatum", "start", "startdate"),
        *("fromdate", "firstday", "gällerfrån", "frånvarofrån", "börjar", "datumfrån", "från", "dtstart"),
    ),
    "end": (
        *("datumtom", "tomdatum", "tom", "tilldatum", "slutdatum", "slut", "end", "enddate", "todate", "lastday", "till"),
        *("gällertill", "frånvarotill", "slutar", "datumtill", "tillochmed", "to", "dtend"),
    ),
    "extent": ("omfattning", "omf", "omfprocent", "procent", "frånvaroprocent", "extent", "percent", "omfattningprocent", "grad"),
    "employment": ("anställning", "anställningsid", "anstid", "delanställning", "employment", "employmentid", "avtal"),
    "share": ("andel", "andelavarbetstid", "share"),  # no part of full time: a part-timer's only employment is all of hers
    "uid": ("id", "uid", "frånvaroid", "händelseid", "ärendenr", "ärendenummer", "absenceid", "leaveid", "löpnr", "löpnummer"),
    "status": ("status", "beslut", "beslutsstatus", "state"),
    "start_time": ("starttid", "tidfrom", "klfrom", "klockslagfrom", "starttime", "fromtime"),
    "end_time": ("sluttid", "tidtom", "kltom", "klockslagtom", "endtime", "totime"),
}
_REASONS = (
    *("orsak", "typ", "kod", "art", "reason", "type", "code", "kategori", "category", "diagnos", "komment", "comment"),
    *("anteckn", "noter", "note", "beskriv", "descri", "text", "intyg", "sjuk", "sick", "vab", "personnummer", "personnr"),
    *("pnr", "ssn", "social", "lön", "salary", "belopp", "amount", "namn", "name", "grund", "ersättn"),
)
_DECIDED = (
    *("beviljad", "attesterad", "godkänd", "klar", "registrerad", "aktiv", "definitiv", "preliminär", "ansökt", "gällande"),
    *("approved", "granted", "active", "confirmed", "requested", "pending"),
)
_DATE = re.compile(r"\d{4}[-/.]?\d\d[-/.]?\d\d(?:[T ]\d\d:\d\d.*)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})", re.ASCII)
_DATA = re.compile(r"\d{3}|@|\d[./-]\d", re.ASCII)
_KEY = re.compile(r"[^a-zåäöé]")


class Proposal(NamedTuple):
    """`columns`: field -> heading. `unsure`: what somebody has to look at, in sentences of ours."""

    encoding: str
    delimiter: str
    rows: int
    columns: dict[str, str]
    never_read: tuple[str, ...]
    alias: str = "employee"
    date_format: str = ""
    unsure: tuple[str, ...] = ()


def propose(document: bytes) -> Proposal:
    """Raises `Unreadable`."""
    looked_at(document)
    kind = kind_of("", document)
    if kind == "text/calendar":
        raise Unreadable("no-columns", "iCalendar needs no mapping: an event is a leave of its attendee or organizer")
    encoding, cut, rows = ("utf-8", "", _of_json(document)) if kind == "application/json" else _of_csv(document)
    headings = rows[0]
    names = [plain(heading) for heading in headings]
    twice = {name for name in names if name and names.count(name) > 1}
    single = [place for place, heading in enumerate(headings) if heading and names[place] not in twice]
    whole = [row for row in rows[1:] if len(row) == len(headings)] or rows[1:]  # in a broken row, what stands where is not known
    cells = {n: [row[n].strip() for row in whole[:_SAMPLE] if n < len(row) and row[n].strip()] for n in single}
    cells = {n: found for n, found in cells.items() if not _is_reason(headings[n]) or (found and all(map(_is_date, found)))}
    chosen, unsure = _chosen(headings, cells)
    if twice:
        unsure.append("several columns have one name, and none of them can be read: name them apart in the export")
    columns = {field: headings[place] for field, place in sorted(chosen.items(), key=lambda pair: [*_NAMES].index(pair[0]))}
    never = tuple(dict.fromkeys(heading for place, heading in enumerate(headings) if heading and place not in chosen.values()))
    dates = [cell for field in ("start", "end") if field in chosen for cell in cells[chosen[field]]]
    date_format, doubt = _date_format(dates)
    alias = "mail" if "person" in chosen and any("@" in cell for cell in cells[chosen["person"]]) else "employee"
    return Proposal(encoding, cut, len(rows) - 1, columns, never, alias, date_format, (*unsure, *doubt))


def _of_csv(document: bytes) -> tuple[str, str, list[list[str]]]:
    """Encoding, delimiter, and the rows with the heading first."""
    text, encoding = decoded(document)
    lines = text.splitlines(keepends=True)
    before, cut = _heading(lines)
    try:
        rows = [row for row in csv.reader(lines[before:], delimiter=cut) if any(row)]
    except csv.Error:
        raise Unreadable("csv", "cannot be read as CSV") from None
    return encoding, cut, [[cell.strip().lstrip("\ufeff") for cell in rows[0]], *rows[1:]]


def _of_json(document: bytes) -> list[list[str]]:
    """As a table: the fields of all objects are its heading. Of a field that looks like a reason only days are taken."""
    found = []
    for _, _, raw in documents.rows(document):
        with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
            found.append(msgspec.json.decode(raw, type=dict[str, msgspec.Raw]))
    names = list(dict.fromkeys(name for row in found[:_SAMPLE] for name in row if name.strip()))
    if not names:
        raise Unreadable("json", "not JSON in UTF-8")
    return [[name.strip() for name in names], *([_text(row, name) for name in names] for row in found)]


def _text(row: dict[str, msgspec.Raw], name: str) -> str:
    if name not in row:
        return ""
    with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
        value = msgspec.json.decode(row[name], type=str | float)
        text = value if isinstance(value, str) else f"{value:.12g}"
        return "x" if _is_reason(name) and not _is_date(text.strip()) else text
    return ""


def _heading(lines: Sequence[str]) -> tuple[int, str]:
    """The line that knows most fields by name, or else the first of all. A line with numbers in it is a row, and is not shown."""
    best: tuple[int, int, int, str] | None = None
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    for number, line in enumerate(lines[:_PREAMBLE]):
        for cut in DELIMITERS if not _DATA.search(line) else ():
            named = [cell.strip() for cell in split_line(line, cut) if cell.strip()]
            known = sum(_is_reason(cell) or any(_key(cell) in names for names in _NAMES.values()) for cell in named)
            if len(named) >= 2 and known and (known >= 2 or number == first):
                rank = (known, len(named), -number, cut)
                best = rank if best is None or rank[:3] > best[:3] else best
    if best is None:
        raise Unreadable("headings", f"no line of the first {_PREAMBLE} looks like a heading; export the file with its headings")
    return -best[2], best[3]


def _key(heading: str) -> str:
    return _KEY.sub("", heading.casefold())


def _is_reason(heading: str) -> bool:
    key = _key(heading)
    return not any(key in names for names in _NAMES.values()) and any(word in key for word in _REASONS)


def _chosen(headings: Sequence[str], cells: dict[int, list[str]]) -> tuple[dict[str, int], list[str]]:
    """Field -> place; and what is not sure."""
    unsure: list[str] = []
    chosen: dict[str, int] = {}
    for field, names in _NAMES.items():
        ranked = sorted((names.index(_key(headings[n])), n) for n in cells if _key(headings[n]) in names)
        for _, place in ranked:
            if field not in chosen and place not in chosen.values() and _fits(field, cells[place]):
                chosen[field] = place
    if "status" not in chosen and any(cells[n] for n in cells if _key(headings[n]) in _NAMES["status"]):
        unsure.append("status holds words that are not known: look whether some withdraw a leave, and name them under withdrawn")
    days = [n for n in cells if n not in chosen.values() and _mostly(cells[n], _is_date)]
    for field in ("start", "end"):
        if field not in chosen and days:
            chosen[field] = next((n for n in days if _key(headings[n].split()[-1]) in _NAMES[field]), days[0])
            days.remove(chosen[field])
            unsure.append(f"{field} was chosen because its cells are dates; look whether it is meant")
    if "person" not in chosen:
        keys = [n for n in cells if n not in chosen.values() and _mostly(cells[n], _is_number) and len({*cells[n]}) > 1]
        if keys:
            chosen["person"] = max(keys, key=lambda n: len({*cells[n]}))
            unsure.append("person was chosen because its cells are numbers; look whether it is meant")
    unsure += [f"no column was found for {field}, and one is needed" for field in ("person", "start") if field not in chosen]
    if "end" not in chosen:
        unsure.append("no column was found for end: without one every leave is until further notice")
    return chosen, unsure


def _fits(field: str, cells: list[str]) -> bool:
    """Whether what stands in a column may be what its heading says."""
    if field == "person":
        return not any(is_personal(cell) for cell in cells)
    if field in ("start", "end"):
        return not cells or _mostly(cells, lambda cell: _is_date(cell) or cell.casefold() in OPEN_END)
    if field == "status":
        return bool(cells) and all(cell.casefold() in WITHDRAWN or cell.casefold() in _DECIDED for cell in cells)
    if field in ("extent", "share"):
        return _mostly(cells, lambda cell: bool(re.fullmatch(r"[\d.,]{1,8} ?%?", cell, re.ASCII)))
    return True


def _mostly(cells: Sequence[str], holds: Callable[[str], bool]) -> bool:
    return bool(cells) and sum(map(holds, cells)) * 2 > len(cells)


def _is_date(cell: str) -> bool:
    return bool(_DATE.fullmatch(cell))


def _is_number(cell: str) -> bool:
    return cell.isdecimal() and 3 <= len(cell) <= 9 and not is_personal(cell) and not _is_date(cell)


def _date_format(dates: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Where days are written with slashes, or the day first with dashes: the order that all of them allow."""
    found = [match for match in map(_SLASHED.fullmatch, dates) if match]
    if not found:
        return "", ()
    sign = found[0][2]
    day_first, month_first = f"%d{sign}%m{sign}%Y", f"%m{sign}%d{sign}%Y"
    if any(int(match[1]) > 12 for match in found):
        return day_first, ()
    if any(int(match[3]) > 12 for match in found):
        return month_first, ()
    return day_first, ("date_format cannot be told from the cells: it may be month first",)
