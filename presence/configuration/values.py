"""The types of single settings, and the base of all tables."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

Duration = Annotated[int, Meta(extra={"format": "duration"})]
"""Whole seconds; written "30 s", "5 min", "36 h", "1 d" or a number of seconds."""
Hours = Annotated[str, Meta(extra={"format": "hours"})]
"""OSM opening_hours."""
Path = Annotated[str, Meta(extra={"format": "path"})]
"""Absolute once read; relative ones are relative to the file."""
Label = Annotated[dict[str, str], Meta(extra={"format": "label"})]
"""Texts by language; one text for all languages stands under "". See `said`."""
Url = Annotated[str, Meta(extra={"format": "url"})]
Listen = Annotated[str, Meta(extra={"format": "listen"})]
Clock = Annotated[str, Meta(extra={"format": "clock"})]
Alias = Annotated[str, Meta(extra={"format": "alias"})]
Origin = Annotated[str, Meta(extra={"format": "origin"})]
Network = Annotated[str, Meta(extra={"format": "network"})]
Colour = Annotated[str, Meta(extra={"format": "colour"})]
"""Written #rgb or #rrggbb; #rrggbb in small letters once read."""
Language = Annotated[str, Meta(extra={"format": "language"})]


def missing(hint: str, **more: Any) -> Meta:
    """What to write where the key is missing."""
    return Meta(extra={"hint": hint, **more})


def said(label: Mapping[str, str], language: str) -> str:
    """A label in a language, or else in the one it is written in."""
    return label.get(language) or label.get("") or next(iter(label.values()), "")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all tables."""
