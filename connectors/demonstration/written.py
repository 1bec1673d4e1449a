"""The tables beside this file, read as typed values."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal, TypeVar

import msgspec

from connectors.demonstration.dice import Weighted

Pattern = Literal["office", "school", "field", "rota"]
S = TypeVar("S", bound=msgspec.Struct)


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base: a key that is misspelt is a mistake."""


class UnitEntry(_Table, frozen=True):
    """As in organisation.toml, whose head explains it. Empty texts and None are inherited from the unit above."""

    path: str
    people: int
    titles: str
    head: str = "Enhetschef"
    pattern: Pattern | None = None
    place: str = ""
    hours: str = ""
    live: float | None = None
    roster: Literal["", "night"] = ""
    keywords: tuple[str, ...] = ()
    mail: str = ""


class Organisation(_Table, frozen=True):
    places: dict[str, str]
    units: tuple[UnitEntry, ...]


class FurtherPost(_Table, frozen=True):
    unit: str
    title: str


class CastEntry(_Table, frozen=True):
    """As in cast.toml."""

    name: str
    unit: str
    title: str
    given: str = ""  # where the name does not divide at its last space
    nicknames: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("sv", "en")
    keywords: tuple[str, ...] = ()
    posts: tuple[FurtherPost, ...] = ()
    deputy: str = ""
    hours: str = ""
    schedule: str = ""
    calendar: Literal["yes", "no", "failing"] = "yes"
    live: bool = False


class Cast(_Table, frozen=True):
    people: tuple[CastEntry, ...]


class ContactEntry(_Table, frozen=True):
    """As in contacts.toml."""

    name: str
    unit: str
    hours: str = ""
    phone_hours: str = ""
    number: int = 0
    mail: str = ""
    visit: str = ""  # a place
    service: str = ""  # address of an e-service
    reply: str = ""
    closes_early: str = ""
    keywords: tuple[str, ...] = ()


class Contacts(_Table, frozen=True):
    service_points: tuple[ContactEntry, ...]
    functions: tuple[ContactEntry, ...]


class Origin(_Table, frozen=True):
    share: float
    given: str
    families: str


class Names(_Table, frozen=True):
    """As in names.toml."""

    families: str
    given: str
    double: float
    middle: float
    origins: dict[str, Origin]
    nicknames: dict[str, tuple[str, ...]]


@cache
def read(name: str, type_: type[S]) -> S:
    """A table of this package."""
    return msgspec.convert(tomllib.loads(text(f"{name}.toml")), type_)


def text(name: str) -> str:
    """A file of this package."""
    return files(__package__).joinpath(name).read_text("utf-8")


def weights(written: str) -> Weighted[str]:
    """From "Andersson 215, Johansson 213, …"."""
    found: dict[str, int] = {}
    for part in written.split(","):
        value, _, weight = part.strip().rpartition(" ")
        found[value] = found.get(value, 0) + int(weight)
    return Weighted(found)
