"""Queries with the right answers, as typed values. `queries.toml` was written by somebody who had not seen the search."""

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

Kind = Literal[
    "misspelt",
    "sound-alike",
    "no-diacritics",
    "foreign-diacritics",
    "nickname",
    "initial",
    "hyphen-double",
    "surname-first",
    "partial",
    "phone-ending",
    "phone-whole",
    "extension",
    "title",
    "title-unit",
    "unit",
    "unit-misspelt",
    "topic",
    "keyword",
    "english",
    "compound",
    "mobile-typo",
    "nobody",
]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base: a key that is misspelt is a mistake."""


class Answer(_Table, frozen=True):
    """One of the three is set."""

    contact: str = ""  # the identity that the directory gives; for those of presence.toml, their key there
    unit: str = ""  # its path of names: "Stadsbyggnad/Bygglov"
    topic: str = ""  # its key in presence.toml

    def __post_init__(self) -> None:
        if [bool(self.contact), bool(self.unit), bool(self.topic)].count(True) != 1:
            raise ValueError("an answer is a contact, a unit or a topic")


class Query(_Table, frozen=True):
    """Right means: one of `want` is within the first three hits of its type; `nonempty`: that anything is offered at all."""

    q: str
    kind: Kind
    want: tuple[Answer, ...]
    nonempty: bool = False


class _File(_Table, frozen=True):
    queries: tuple[Query, ...]


@cache
def queries() -> tuple[Query, ...]:
    """The whole list, in the order of the file. Raises msgspec.ValidationError where the file is not as described."""
    return msgspec.toml.decode(Path(__file__).with_name("queries.toml").read_bytes(), type=_File).queries
