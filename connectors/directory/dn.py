"""Distinguished names (RFC 4514): taken apart, and put into one form in which equal names are equal text."""

import re
from functools import lru_cache

Rdn = tuple[tuple[str, str], ...]
"""The types (lower case) and values (as written, unescaped) of one level, sorted by type."""
Dn = tuple[Rdn, ...]
"""Levels from the entry up to the root."""

_ESCAPED = re.compile(rb"\\([0-9A-Fa-f]{2}|.)", re.DOTALL)
_TYPE = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]*|(?:[oO][iI][dD]\.)?\d+(?:\.\d+)*)\Z")
_SPECIAL = re.compile(r'([,+"\\<>;=])')
_LONGEST = 8192
_ALIASES = {"2.5.4.3": "cn", "2.5.4.10": "o", "2.5.4.11": "ou", "0.9.2342.19200300.100.1.25": "dc"}


def parse(text: str) -> Dn:
    """Take a name apart. `;` separates like `,` and values may be quoted, as RFC 2253 allows. Raises `ValueError`."""
    if len(text) > _LONGEST:
        raise ValueError("the name is too long")
    if "\\" in text or '"' in text or ";" in text:
        return _levels(text)
    head, comma, above = text.partition(",")
    return (_level(head), *_levels(above)) if comma else _levels(text)


@lru_cache(maxsize=8192)  # people share the places they stand in
def _levels(text: str) -> Dn:
    return tuple(_level(level) for level in _split(text, ",;")) if text.strip() else ()


def _level(text: str) -> Rdn:
    return tuple(sorted(_pair(pair) for pair in _split(text, "+"))) if "+" in text else (_pair(text),)


def normalise(name: Dn) -> str:
    """One text for one name: types and values in lower case, inner spaces as one, only what must be escaped escaped."""
    return f"{_level_key(name[0])},{_above_key(name[1:])}" if name[1:] else ",".join(_level_key(rdn) for rdn in name)


@lru_cache(maxsize=8192)
def _above_key(name: Dn) -> str:
    return ",".join(_level_key(rdn) for rdn in name)


def _level_key(rdn: Rdn) -> str:
    return "+".join(f"{kind}={_key(value)}" for kind, value in rdn)


def key(text: str) -> str:
    """`normalise(parse(text))`. Raises `ValueError`."""
    return normalise(parse(text))


def _key(value: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(value.split()).casefold())


def _split(text: str, separators: str) -> list[str]:
    """Split at separators that are neither escaped nor quoted."""
    if "\\" not in text and '"' not in text:
        return re.split(f"[{separators}]", text)
    found: list[str] = []
    start = 0
    quoted = escaped = False
    for at, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character in separators and not quoted:
            found.append(text[start:at])
            start = at + 1
    if quoted or escaped:
        raise ValueError("the name ends inside a quoted or escaped value")
    return [*found, text[start:]]


def _pair(text: str) -> tuple[str, str]:
    kind, equals, value = text.partition("=")
    kind = kind.strip()
    if not equals or not _TYPE.match(kind):
        raise ValueError("the name has a level without an attribute type")
    kind = kind.lower().removeprefix("oid.")
    return _ALIASES.get(kind, kind), _value(value)


def _value(text: str) -> str:
    text = text.lstrip()
    if text.startswith("#"):  # BER in hexadecimal: never shown, but two equal ones must be equal
        return text.strip()
    stripped = text.rstrip()
    if stripped.endswith("\\") and stripped != text and not stripped.endswith("\\\\"):
        stripped += " "  # the last blank is an escaped one
    if len(stripped) > 1 and stripped.startswith('"') and stripped.endswith('"'):
        stripped = stripped[1:-1]
    if "\\" not in stripped:
        return stripped

    def unescape(match: re.Match[bytes]) -> bytes:
        found = match.group(1)
        return bytes.fromhex(found.decode()) if len(found) == 2 else found

    return _ESCAPED.sub(unescape, stripped.encode()).decode()
