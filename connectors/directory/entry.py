"""An entry as a directory gives it, and its values as clean text."""

import re
import unicodedata
import uuid
from collections.abc import Sequence

import msgspec

UNREADABLE = b"\xff"
"""Stands for a value that was there and could not be read: no UTF-8, and counted where it was met."""

_LONGEST = 1000  # characters of one value
_MANY = 50  # values of one attribute
_BLANKS = re.compile(r"\s+")
# Controls, zero-width characters and direction overrides: they have no place in a name and can make one look like another.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A name and its attributes: descriptions in lower case, options (`;lang-sv`) included, values as they came."""

    dn: str
    attributes: dict[str, list[bytes]]
    tagged: bool = True  # False: no attribute is known to have an option, so none is looked for

    def raw(self, name: str, language: str = "") -> Sequence[bytes]:
        """Values of an attribute (lower case): those in the language, else those without one, else those in any (RFC 3866)."""
        if not self.tagged:
            return self.attributes.get(name, ())
        if language and (tagged := self.attributes.get(f"{name};lang-{language}")):
            return tagged
        if plain := self.attributes.get(name):
            return plain
        tag = name + ";lang-"
        others = sorted(description for description in self.attributes if description.startswith(tag))
        return self.attributes[others[0]] if others else ()

    def first(self, names: Sequence[str], language: str = "") -> Sequence[bytes]:
        """Values of the first of several attributes that has any."""
        for name in names:
            if values := self.raw(name, language):
                return values
        return ()


def clean(value: bytes) -> str | None:
    """A value as one line of normalised text; None when it is not UTF-8 or too long to be meant."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None
    if not text.isprintable() or "  " in text:
        text = _UNPRINTABLE.sub("", _BLANKS.sub(" ", text))
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    text = text.strip()
    return text if len(text) <= _LONGEST else None


def texts(values: Sequence[bytes]) -> tuple[tuple[str, ...], int]:
    """Clean, non-empty, distinct texts, and how many values were refused."""
    found: dict[str, None] = {}
    refused = max(0, len(values) - _MANY)
    for value in values[:_MANY]:
        if value == UNREADABLE:
            continue
        text = clean(value)
        if text is None:
            refused += 1
        elif text:
            found[text] = None
    return tuple(found), refused


def identity(name: str, value: bytes) -> str | None:
    """The identity in a value of the attribute `name`, in one canonical text; None when it is none.

    entryUUID is text (RFC 4530); objectGUID is 16 bytes with its first three groups little-endian, or already text.
    """
    if name == "objectguid" and len(value) == 16:
        return str(uuid.UUID(bytes_le=value))
    text = clean(value)
    if not text or name not in ("objectguid", "entryuuid"):
        return text or None
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None
