"""Leave as JSON in our own names: the forms, and our own words for what does not have them."""

import re
from collections.abc import Iterator
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from connectors.leave.format import Format
from connectors.leave.refusal import Unreadable, Wrong
from connectors.leave.rows import Row, absence, person
from connectors.leave.table import Cells, columns
from presence.domain.facts import Absence

ONE_LINE = r"\A[^\x00-\x1f\x7f]*\Z"

Word = Annotated[str, Meta(max_length=64, pattern=ONE_LINE)]
_Moment = Annotated[str, Meta(max_length=40)]
_Part = Annotated[float, Meta(gt=0, le=1)]
_Form = TypeVar("_Form", bound=msgspec.Struct)


class Leave(msgspec.Struct, forbid_unknown_fields=True):
    """One leave of somebody who is named elsewhere."""

    start: _Moment
    end: _Moment | None = None
    extent: _Part = 1.0
    employment: Word = ""
    share: _Part = 0.0  # not said: what the directory says, else the whole


class Line(Leave, forbid_unknown_fields=True, kw_only=True):
    """One leave of a complete batch."""

    person: Annotated[str, Meta(max_length=256, pattern=ONE_LINE)]
    uid: Annotated[str, Meta(max_length=256, pattern=ONE_LINE)] = ""


def absence_of(said: Leave, form: Format) -> Absence:
    """Raises `Wrong`."""
    found = absence(said.start, said.end or "", form, local=False)
    return msgspec.structs.replace(found, extent=said.extent, employment=said.employment, share=said.share)


def strict(number: int, raw: bytes, form: Format) -> Row:
    """A row in our own names, with no field that is none of them. Raises ValueError."""
    said = decoded(raw, Line)
    return Row(number, person(said.person, form), absence_of(said, form), said.uid)


def lenient(number: int, raw: bytes, form: Format) -> Cells:
    """The wanted fields as text; all others stay undecoded, and are dropped. Raises `Wrong`."""
    try:
        fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Wrong("bad-text") from None
    fields = {name.strip(): value for name, value in fields.items()} | fields  # `presence hr map` proposes them stripped
    cells = {}
    for field, heading in columns(form.mapped).items():
        try:
            value = msgspec.json.decode(fields.get(heading, b"null"), type=str | float | None)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise Wrong("bad-text", field) from None
        text = value.strip() if isinstance(value, str) else "" if value is None else f"{value:.12g}"
        if text:
            cells[field] = text
    return Cells(number, cells)


def rows(document: bytes) -> Iterator[tuple[str, int, bytes]]:
    """A row a line, or an array of rows: ("line" or "row", its number, its octets). Raises `Unreadable`."""
    if not document.lstrip().startswith(b"["):
        yield from (("line", number, line) for number, line in enumerate(document.splitlines(), 1) if line.strip())
        return
    try:
        found = msgspec.json.decode(document, type=list[msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Unreadable("json", "not JSON in UTF-8") from None
    yield from (("row", number, bytes(row)) for number, row in enumerate(found, 1))


def decoded(raw: bytes, form: type[_Form]) -> _Form:
    """JSON as one of the forms. Raises ValueError with our own words: what was sent is in none of them."""
    try:
        return msgspec.json.decode(raw, type=form)
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
