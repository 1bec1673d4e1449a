"""LDIF content (RFC 2849): entries out of bytes.

A value that cannot be read is counted and marked as such, its entry stays. A record without a readable name is refused, and so is
every change record: a list of changes is not a directory.
"""

import base64
import binascii
import re
from collections.abc import Collection, Iterator

import msgspec

from connectors.directory.entry import UNREADABLE, Entry

_DESCRIPTION = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)(?:;[A-Za-z0-9-]+(?:=[0-9*-]+)?)*\Z")
_LONGEST_LINE = 32 * 1024 * 1024
Line = tuple[int, bytes]
"""Its number, from 1, and its content, unfolded."""


class Refused(msgspec.Struct, frozen=True):
    """A record that is no entry, or a value that could not be read: where, and a stable code of ours."""

    line: int
    reason: str
    whole: bool = True  # the record, or only a value of it


class Trailer(msgspec.Struct, frozen=True):
    """What ldapsearch writes after the entries: how the search ended."""

    result: int


def read(data: bytes, wanted: Collection[str] | None = None) -> Iterator[Entry | Refused | Trailer]:
    """Entries in order, and what was refused between them. Of `wanted` attributes (lower case, no options) only; None: all."""
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    for number, record in enumerate(_records(data)):
        lines = record
        if number == 0 and lines[0][1].lower().startswith(b"version:"):
            if lines[0][1][8:].strip() != b"1":
                yield Refused(lines[0][0], "version")
                return
            lines = lines[1:]
        if lines:
            yield from _record(lines, wanted)


def _records(data: bytes) -> Iterator[list[Line]]:
    """Runs of lines between blank ones; continuation lines joined, comments left out."""
    lines: list[Line] = []
    parts: list[bytes] = []
    started = 0

    def flush() -> None:
        if parts:
            line = b"".join(parts)
            if not line.startswith(b"#"):
                lines.append((started, line))
            parts.clear()

    for number, raw in enumerate(data.split(b"\n"), 1):
        line = raw.removesuffix(b"\r")
        if line.startswith(b" ") and parts:
            parts.append(line[1:])
            continue
        flush()
        if line.strip():
            parts.append(line)
            started = number
        elif lines:
            yield lines
            lines = []
    flush()
    if lines:
        yield lines


def _record(lines: list[Line], wanted: Collection[str] | None) -> Iterator[Entry | Refused | Trailer]:
    number, line = lines[0]
    kind, value = _line(line)
    if kind == "search" and len(lines) > 1:
        yield _trailer(lines)
        return
    if kind != "dn":
        yield Refused(number, "no-name")
        return
    try:
        dn = (value or b"").decode()
    except UnicodeDecodeError:
        dn = ""
    if value is None or (value and not dn):
        yield Refused(number, "bad-name")
        return
    attributes: dict[str, list[bytes]] = {}
    for number, line in lines[1:]:
        kind, value = _line(line, wanted)
        if kind in ("changetype", "control"):
            yield Refused(number, "change-record")
            return
        if not kind or value is None:
            yield Refused(number, "url" if kind and line.startswith(b":<", len(kind)) else "bad-value", whole=False)
            value = UNREADABLE
        if kind and (wanted is None or kind.partition(";")[0] in wanted):
            attributes.setdefault(kind, []).append(value)
    yield Entry(dn, attributes)


def _line(line: bytes, wanted: Collection[str] | None = None) -> tuple[str, bytes | None]:
    """Description and value of one line; no description: not a line of LDIF; None: a value that could not be read."""
    description, colon, rest = line.partition(b":")
    if not colon or not _DESCRIPTION.match(description) or len(line) > _LONGEST_LINE:
        return "", None
    kind = description.decode("ascii").lower()
    if rest.startswith(b"<"):  # a file or an address to fetch: never
        return kind, None
    if not rest.startswith(b":"):
        return kind, rest.lstrip(b" ")
    if wanted is not None and kind != "dn" and kind.partition(";")[0] not in wanted:
        return kind, b""
    try:
        return kind, base64.b64decode(rest[1:].strip(b" "), validate=True)
    except (binascii.Error, ValueError):
        return kind, None


def _trailer(lines: list[Line]) -> Refused | Trailer:
    for number, line in lines:
        kind, value = _line(line)
        if kind == "result" and value:
            code = value.split(b" ", 1)[0]
            return Trailer(int(code)) if code.isdigit() and len(code) < 6 else Refused(number, "no-name")
    return Refused(lines[0][0], "no-name")
