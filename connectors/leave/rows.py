"""One row: whose leave, and when. Nothing else of it exists past here."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from connectors.leave import dates
from connectors.leave.extent import part
from connectors.leave.format import Format
from connectors.leave.personal import is_personal
from connectors.leave.refusal import Wrong
from presence.domain.directory import ALIAS_KINDS, Alias
from presence.domain.facts import Absence
from presence.domain.intervals import FOREVER

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LENGTHS = {"person": 256, "uid": 256, "employment": 64, "start": 40, "end": 40, "status": 64}
_KIND = re.compile(r"\s*([A-Za-z]+)\s*:")
_REMARK = re.compile(r"\S\s+\S*[^\W\d_]")
"""A word behind a blank: a name or a note beside the key. "10 023" has none."""


class Row(NamedTuple):
    """`uid`: the sender's own name for the leave, if it has one; it is kept as a digest only."""

    line: int
    alias: str
    absence: Absence
    uid: str = ""
    is_withdrawn: bool = False


def person(text: str, form: Format) -> str:
    """The alias. Raises `Wrong`."""
    if len(text) > _LENGTHS["person"] or _CONTROL.search(text):
        raise Wrong("bad-text", "person")
    kind = _KIND.match(text)
    written = text if form.is_own or kind else f"{form.alias}:{text}"
    try:
        alias = Alias.parse(written)
    except ValueError:
        raise Wrong("bad-person", "person" if text.strip() and not form.is_own else "") from None
    if not (form.is_own or is_key(alias, form.alias)):
        raise Wrong("bad-person", "person")
    if not form.allow_personal_identity_numbers and is_personal(alias.value):
        raise Wrong("personal-identity-number", "person")
    return str(alias)


def is_key(alias: Alias, kind: str) -> bool:
    """Whether it may be one, and no note; `kind` is that of the source. Any other word before a colon may begin a note."""
    return (alias.kind in ALIAS_KINDS or alias.kind == kind) and not _REMARK.search(alias.value)


def is_note(text: str, form: Format) -> bool:
    """Whether it can be nobody's key where it stands alone: there are words in it, or a kind that is none."""
    kind = _KIND.match(text)
    if kind and not form.is_own and kind[1].lower() not in {*ALIAS_KINDS, form.alias}:
        return True
    value = text[kind.end() :] if kind else text
    return len(value.split()) > 1 and any(map(str.isalpha, value))


def checked(cells: Mapping[str, str]) -> None:
    """Raises `Wrong` for a cell that can be none of what it should be."""
    for field, longest in _LENGTHS.items():
        text = cells.get(field, "")
        if len(text) > longest or _CONTROL.search(text):
            raise Wrong("bad-text", field)
    for field in ("person", "start"):
        if not cells.get(field):
            raise Wrong("missing", field)


def row(line: int, alias: str, cells: Mapping[str, str], form: Format) -> Row:
    """From cells, all text. Raises `Wrong`."""
    extent = part("extent", cells["extent"], form.extent) if cells.get("extent") else 1.0
    share = part("share", cells["share"], form.extent) if cells.get("share") else 0.0
    clocks = cells.get("start_time", ""), cells.get("end_time", "")
    found = absence(cells["start"], cells.get("end", ""), form, local=True, clocks=clocks)
    found = replace(found, extent=extent, share=share, employment=cells.get("employment", ""))
    return Row(line, alias, found, cells.get("uid", ""), dates.is_withdrawn(cells.get("status", ""), form))


def absence(start: str, end: str, form: Format, *, local: bool, clocks: tuple[str, str] = ("", "")) -> Absence:
    """Dates are calendar days, both included; times carry their zone, or with `local` are the source's. Raises `Wrong`."""
    if local:
        start, end = dates.without_midnight(start), dates.without_midnight(end)
    is_open = dates.is_open(end, form)
    by_day = dates.is_day(start) and not any(clocks)
    if by_day and (not local or is_open or dates.is_day(end)):
        first, last = dates.first_day(start, form), dates.last_day(end, form)
        if last and last < first:
            raise Wrong("end-before-start", "end")
        return Absence(first=first, last=last)
    begin = _instant("start", start, clocks[0], form, local)
    until = FOREVER if is_open else _instant("end", end, clocks[1], form, local)
    if until <= begin:
        raise Wrong("end-before-start", "end")
    return Absence(start=begin, end=until)


def _instant(field: str, text: str, clock: str, form: Format, local: bool) -> int:
    """A day beside a time begins at midnight, and ends with the midnight after it."""
    if not local or not dates.is_day(text):
        return dates.instant(field, text, form, local=local)
    on = dates.day(field, text, form)
    if clock:
        return dates.as_instant(field, dates.at_clock(field, on, clock), form)
    whole = dates.end_of(on) if field == "end" and form.end_is == "last-day" else dates.midnight(on)
    return dates.as_instant(field, whole, form)
