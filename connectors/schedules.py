"""Working hours from a file: CSV, one line for each pattern of hours of each person, read anew at each interval.

Columns: `person` (an alias), `rule` (OSM opening_hours), `valid_from`, `valid_to` (ISO dates, both included), `employment`,
`share` (of all working time), `site`. The site is for whoever edits the file: it is not kept, nor are rows whose days are over.
"""

import asyncio
import csv
import io
import logging
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from connectors.calendars.files import content
from connectors.leave.extent import part
from connectors.leave.personal import is_personal
from connectors.leave.refusal import Unreadable, Wrong
from connectors.leave.rows import is_key
from connectors.leave.slips import Slip, believed
from connectors.leave.text import decoded, delimiter
from connectors.polling import polling
from presence.domain.directory import Alias
from presence.domain.facts import Pattern, Schedule
from presence.domain.hours import BadHours, HoursSpec, OpeningHours
from presence.ports import Batch, Person, Rejected, SourceInvalid, SourceUnavailable

_log = logging.getLogger(__name__)

COLUMNS: Final = ("person", "rule", "valid_from", "valid_to", "employment", "share", "site")
SENTENCES: Final = {
    "missing": "is missing",
    "bad-person": "an alias is written kind:value",
    "personal-identity-number": "a personal identity number, which is not taken as a key",
    "bad-hours": 'not opening hours; write "Mo-Fr 08:00-17:00" or "week 1-53/2 Mo 08:00-12:00"',
    "bad-date": "not a date from 2000 to 2199; write 2026-08-17",
    "end-before-start": "lies before valid_from",
    "bad-extent": "not a part of the working time; write 0,5 or 50 %",
    "bad-text": "holds control characters, or is too long",
    "too-many-cells": "has more cells than the heading",
}
"""Why a row is not taken, by code."""

_DIGIT = re.compile(r"[0-9]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST = {"rule": 1_000}
_LONG = 256
_TOLD = 20  # rejected rows in the log for one reading


class SchedulesSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of `connectors.schedules:Schedules`."""

    file: Annotated[str, Meta(min_length=1, extra={"format": "path"})]  # replaced by renaming
    alias: Annotated[str, Meta(pattern="^[a-z]+$")] = "employee"  # the kind of a person that is written without one
    never_read: tuple[str, ...] = ()  # further headings that may stand there; any other one refuses the file
    encoding: Literal["auto", "utf-8", "utf-16", "cp1252"] = "auto"
    delimiter: Literal["auto", ";", ",", "\t", "|"] = "auto"
    allow_personal_identity_numbers: bool = False  # as keys of persons; on purpose only
    zone: Annotated[str, Meta(extra={"format": "zone"})] = "Europe/Stockholm"  # of the days
    size: Annotated[int, Meta(ge=1, le=1_000_000_000)] = 20_000_000  # bytes of the file


class Reading(NamedTuple):
    """What a file says. `failed`: people of whom a row was not taken, so that what is held of them stays.

    `keeps`: whose a row is that was not taken cannot be told, so that all that is held stays.
    """

    schedules: Mapping[str, Schedule]
    failed: frozenset[str]
    keeps: bool
    rejected: tuple[Rejected, ...]
    rows: int


class _Bad(ValueError):
    """A row that is not taken."""

    def __init__(self, code: str, column: str = "") -> None:
        self.code, self.column = code, column
        super().__init__(SENTENCES[code])


class Schedules:
    """One file of working hours (`presence.ports.Connector`)."""

    Settings: ClassVar[type[SchedulesSettings]] = SchedulesSettings

    def __init__(
        self, name: str, settings: SchedulesSettings, interval: float = 300.0, *, now: Callable[[], float] = time.time
    ) -> None:
        self.name = name
        self._settings = settings
        self._interval = interval
        self._now = now
        self._told: tuple[Rejected, ...] = ()

    def listen(self) -> AsyncIterator[Batch | SourceUnavailable]:
        return polling(self.name, self.fetch, self._interval)

    async def fetch(self) -> Batch:
        """Raises `SourceUnavailable` for a file that cannot be read, and `SourceInvalid` for one of which nothing is taken."""
        now = int(self._now())
        try:
            document, _ = await asyncio.to_thread(content, Path(self._settings.file), self._settings.size)
        except SourceUnavailable as error:
            raise type(error)(error.code, "the file of working hours cannot be read, or is over its size") from None
        today = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(self._settings.zone)).date()
        try:
            found = await asyncio.to_thread(read, document, self._settings, today)
        except Unreadable as error:
            raise SourceInvalid(error.code, str(error)) from None
        self._tell(found.rejected)
        people = [Person(alias=alias, schedule=said) for alias, said in found.schedules.items() if alias not in found.failed]
        people += [Person(alias=alias, failed="rejected-row") for alias in sorted(found.failed)]
        return Batch(source=self.name, complete=True, read_at=now, people=people, skipped=len(found.rejected), keeps=found.keeps)

    async def close(self) -> None:
        return

    def _tell(self, rejected: tuple[Rejected, ...]) -> None:
        """Once for each new set of them."""
        if rejected != self._told:
            for row in rejected[:_TOLD]:
                _log.warning("source %s, line %d: %s %s", self.name, row.line, row.column, row.text)
            if len(rejected) > _TOLD:
                _log.warning("source %s: %d more lines were not taken", self.name, len(rejected) - _TOLD)
        self._told = rejected


def read(document: bytes, settings: SchedulesSettings, today: date) -> Reading:
    """A row that is not taken costs its person only. Raises `Unreadable`, also where more than half of the rows are not."""
    text, _ = decoded(document, settings.encoding)
    patterns: dict[str, list[Pattern]] = {}
    slips: list[Slip] = []
    rejected: list[Rejected] = []
    count = 0
    for line, cells, is_long in _rows(text, settings):
        count += 1
        alias = ""
        try:
            alias = _person(cells.get("person", ""), settings) if cells else ""
            if is_long or not cells:
                raise _Bad("too-many-cells")
            pattern = _pattern(cells)
            patterns.setdefault(alias, []).append(pattern)
        except _Bad as bad:
            rejected.append(Rejected(line, bad.column, bad.code, SENTENCES[bad.code]))
            slips.append(Slip(alias, is_whole=not is_long and bool(_DIGIT.search(cells.get("rule", "")))))
    if len(rejected) * 2 > count:
        first = rejected[0]
        raise Unreadable("rejected", f"{len(rejected)} of {count} rows were not taken; line {first.line}: {first.text}")
    schedules = {alias: _schedule(own, today) for alias, own in patterns.items()}
    found = believed(slips, patterns, settings.alias)  # none of the words of a refused row goes further, unless it is a key
    return Reading(schedules, frozenset(found.aliases), found.of_nobody, tuple(rejected), count)


def _rows(text: str, settings: SchedulesSettings) -> Iterator[tuple[int, dict[str, str], bool]]:
    """The line on which each row ends, its cells by column, and whether it has too many: then only a first column counts.

    Raises `Unreadable`.
    """
    cut = delimiter(text, settings.delimiter)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=cut, strict=True)
    try:
        heading = [cell.strip().lstrip("\ufeff").lower() for cell in next((row for row in reader if any(row)), [])]
        _looked_at(heading, settings)
        width = len(heading)
        short = False
        for cells in reader:
            if any(cell.strip() for cell in cells):
                short = len(cells) < width
                is_long = len(cells) > width
                said = zip(heading[:1] if is_long else heading, cells, strict=False)
                found = {name: cell.strip("\u00a0 \t") for name, cell in said if name in COLUMNS}
                yield reader.line_num, found, is_long
    except csv.Error:
        raise Unreadable("csv", f"line {reader.line_num}: cannot be read as CSV") from None
    if short and not text.endswith(("\n", "\r")):
        raise Unreadable("truncated", f"line {reader.line_num}: the file ends within a row")


def _looked_at(heading: list[str], settings: SchedulesSettings) -> None:
    """Raises `Unreadable`: a misspelt column would silently be none."""
    if not {"person", "rule"} <= set(heading):
        raise Unreadable("headings", f"the heading: person and rule are needed; known are {', '.join(COLUMNS)}")
    known = {*COLUMNS, *(name.strip().lower() for name in settings.never_read)}
    if unknown := [n for n, name in enumerate(heading, 1) if name not in known]:
        raise Unreadable("headings", f"the heading: column {unknown[0]} is not known; name it in never_read to pass it over")
    if len(set(heading)) < len(heading):
        raise Unreadable("headings", "two columns have one name")


def _person(text: str, settings: SchedulesSettings) -> str:
    if not text:
        raise _Bad("missing", "person")
    if len(text) > _LONG or _CONTROL.search(text):
        raise _Bad("bad-text", "person")
    try:
        alias = Alias.parse(text if ":" in text else f"{settings.alias}:{text}")
    except ValueError:
        raise _Bad("bad-person", "person") from None
    if not is_key(alias, settings.alias):
        raise _Bad("bad-person", "person")
    if not settings.allow_personal_identity_numbers and is_personal(alias.value):
        raise _Bad("personal-identity-number", "person")
    return str(alias)


def _pattern(cells: Mapping[str, str]) -> Pattern:
    for column, text in cells.items():
        if len(text) > _LONGEST.get(column, _LONG) or _CONTROL.search(text):
            raise _Bad("bad-text", column)
    rule = cells.get("rule", "")
    if not rule:
        raise _Bad("missing", "rule")
    if not _is_rule(rule):
        raise _Bad("bad-hours", "rule")
    first, last = (_day(column, cells.get(column, "")) for column in ("valid_from", "valid_to"))
    if first and last and last < first:
        raise _Bad("end-before-start", "valid_to")
    try:
        share = part("share", cells["share"], "auto") if cells.get("share") else 0.0
    except Wrong:
        raise _Bad("bad-extent", "share") from None
    return Pattern(rule, first, last, cells.get("employment", ""), share)


@lru_cache(10_000)
def _is_rule(rule: str) -> bool:
    """Many work by the same rule, and the file is read every few minutes."""
    try:
        OpeningHours(HoursSpec(rule))
    except BadHours:
        return False
    return True


def _day(column: str, text: str) -> str:
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        raise _Bad("bad-date", column) from None
    if found and not 2000 <= found.year < 2200:
        raise _Bad("bad-date", column)
    return found.isoformat() if found else ""


def _schedule(patterns: list[Pattern], today: date) -> Schedule:
    """From the day of the earliest row on; rows that are over are not kept, and their days stay off."""
    day = today.isoformat()
    yesterday = date.fromordinal(today.toordinal() - 1).isoformat()  # whose last shift may still run
    first = min(pattern.first for pattern in patterns)
    kept = tuple(dict.fromkeys(p for p in patterns if not p.last or p.last >= yesterday))
    return Schedule(kept, first if first > day else "")
