"""Content lines of iCalendar (RFC 5545, 3.1) as octets: where they end, where they are folded, name, parameters and value."""

import re

from connectors.calendars.model import Limits, Refused

NAME = re.compile(rb"[A-Za-z0-9-]+")
VALUE = re.compile(rb'((?:[^":]++|"[^"]*+")*+):(.*)', re.DOTALL)
"""Name with parameters, and value: the first colon outside quotes divides them."""
_PARAMETER = re.compile(rb';([^=;"]+)=((?:"[^"]*"|[^;"])*)')
_ESCAPED = re.compile(r"\\([;,\\])")
_BREAK = re.compile(rb"(?<!\r)\r++(?:\n|\Z)")
STRAY = b"\x1a"
"""Stands for a CR that ends no line: no blank, so that it is stepped over nowhere, and what it stands in is not plain."""
NOTHING = (b"", b"\r")
"""What stands behind a name that is folded, and on an empty line."""
_FOUR = re.compile(rb"[ \t]*+((?:\\?[\x00-\x7f]|[\x80-\xff][\x80-\xbf]*+){0,4})")
BLANK = (b" ", b"\t", *NOTHING)
"""What a line may begin with that is folded, or empty within a fold."""


def octets(text: bytes | str, limits: Limits) -> bytes:
    """The feed as octets, after the checks that need no parsing. Raises Refused."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if len(data) > limits.octets:
        raise Refused("not read: the feed is larger than accepted")
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    if b"\0" in data:
        raise Refused("not one iCalendar file: it holds NUL octets (binary data or UTF-16)")
    head = data[:512].lstrip()
    if not head:
        raise Refused("not one iCalendar file: it is empty")
    if head.startswith(b"<"):
        raise Refused("not one iCalendar file: it looks like a web page")
    if head.startswith(b"\x1f\x8b"):
        raise Refused("not one iCalendar file: it is compressed")
    if not head[:6].upper() == b"BEGIN:":
        raise Refused("not one iCalendar file: it does not begin with BEGIN:VCALENDAR")
    data, count = unbroken(data)
    if count > limits.lines:
        raise Refused("not read: the feed has more lines than accepted")
    return data


def unbroken(data: bytes) -> tuple[bytes, int]:
    """With each line ended by CR LF or LF, since some products end them by CR, or by CR CR LF; and how many there are.

    A lone CR ends a line only where no line ends otherwise: others write the texts of a calendar, and what stands behind a CR in
    one of them must not become a property.
    """
    returns, count = data.count(b"\r"), data.count(b"\n")
    if not returns or returns == data.count(b"\r\n"):
        return data, count
    data = _BREAK.sub(b"\n", data).replace(b"\r", STRAY) if count else data.replace(b"\r", b"\n")
    return data, data.count(b"\n")


def unfolded(lines: list[bytes], number: int) -> tuple[bytes, int]:
    """The line before `number` with the folded rest of it, and the number of the next. An empty line within a fold is none."""
    pieces = [lines[number - 1].rstrip(b"\r")]
    after = number
    while after < len(lines) and lines[after][:1] in BLANK:
        after += 1
        if lines[after - 1] not in NOTHING:
            pieces.append(lines[after - 1][1:].rstrip(b"\r"))
            number = after
    return b"".join(pieces), number


def text(raw: bytes) -> str:
    """UTF-8 if it is that, else Windows-1252."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def beginning(value: bytes) -> str:
    """The first four characters of a text; no more are decoded. A semicolon stands there as `\\;` (RFC 5545, 3.3.11)."""
    found = _FOUR.match(value)
    return _ESCAPED.sub(r"\1", text(found.group(1))) if found else ""


def params(head: bytes) -> dict[str, str]:
    """The parameters that stand behind a name, their names in capitals, without quotes."""
    if b";" not in head:
        return {}
    found: dict[str, str] = {}
    for name, value in _PARAMETER.findall(head)[:50]:
        found.setdefault(text(name).strip().upper(), text(value).strip().strip('"'))
    return found
