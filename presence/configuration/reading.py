"""From a tree of plain values to typed settings, with every mistake found on the way.

msgspec's own `convert` stops at the first mistake and does not name the key of a table. Here each field is read by itself, a
wrong one is noted and its default stands in for it, so that the checks across fields still see the rest.

A field's type may carry `Meta(extra={"format": name})`: its value is then read by that format (see `formats`). Connectors do
the same in their own `Settings`, without importing anything from here.
"""

import difflib
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from presence.configuration.positions import Path


class Problem(msgspec.Struct, frozen=True, order=True):
    """One mistake: where it stands, the key as it is written, what is wrong, and what to write instead."""

    line: int
    key: str
    message: str
    hint: str = ""


class Invalid(Exception):
    """A value that a format does not take."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


Format = Callable[[Any], Any]
"""A value as it is written -> a value as it is used. Raises `Invalid`."""
Report = Callable[[Path, str, str], None]
"""Takes note of a mistake: where, what, and a hint."""

_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


class Reader:
    """Reads plain values as types. Mistakes go to `report`; what is returned is as good as could be read."""

    def __init__(self, formats: Mapping[str, Format], report: Report) -> None:
        self.formats = formats
        self.report = report

    def struct[S: msgspec.Struct](self, type_: type[S], raw: object, path: Path, ignore: Iterable[str] = ()) -> S:
        """A table as a struct. Keys in `ignore` belong to somebody else."""
        return type_()


def suggestion(word: str, known: Iterable[str]) -> str:
    """`Did you mean page_size?`, or else what there is to choose from."""
    return ""
