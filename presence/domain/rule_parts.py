"""The text of a rule of opening hours, taken apart: what it says of holidays, and its parts where each is asked alone."""

import re
from typing import NamedTuple

_COMMENT = re.compile(r'"[^"]*"')
_PARTS = re.compile(r'(?:[^;"]|"[^"]*"|")+')
_SPAN = re.compile(r"(\d{1,2}:\d\d)\s*-\s*(\d{1,2}:\d\d)")
_OFF = re.compile(r"^(?P<days>.*?)\s*\b(?:off|closed)$")
_MANIFOLD = re.compile(r"\|\||\bunknown\b|\+")
# The grammar's library takes school holidays for never, and the sun for seven and nineteen o'clock.
_VARIABLE = re.compile(r"\b(?:SH|sunrise|sunset|dawn|dusk)\b")


class BadHours(ValueError):
    """The text is not in the grammar. `column` counts from 1, 0 where it is not known."""

    def __init__(self, message: str, column: int = 0) -> None:
        super().__init__(message)
        self.column = column


class Part(NamedTuple):
    """`rule` opens on the days that the part is about. `is_off`: on those days it is closed instead."""

    rule: str
    is_off: bool = False


def nights(rule: str) -> tuple[Part, ...]:
    """The parts of a rule in which some shift runs past midnight and a later part may speak of the day after; else nothing.

    The grammar lets a later part replace a whole calendar day, with what is left in it of a shift from the evening before. A
    shift of ours belongs to the day on which it begins, so each part is asked alone, and the last that speaks of a day decides.
    """
    parts = [p.strip() for p in _PARTS.findall(rule) if p.strip()]
    plain = [_COMMENT.sub("", part).strip() for part in parts]
    if len(parts) < 2 or _MANIFOLD.search("".join(plain)):
        return ()
    if not any(_minutes(b) <= _minutes(a) or _minutes(b) > 1440 for part in plain for a, b in _SPAN.findall(part)):
        return ()
    found = []
    for part in plain:
        off = _OFF.match(part)
        if off and _SPAN.search(part):
            return ()  # closed for some hours of a day, and not for all of it
        found.append(Part(f"{off['days']} 00:00-24:00".strip(), True) if off else Part(part))
    return tuple(found)


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def split(rule: str) -> tuple[str, str, bool]:
    """The rule without what it says of `PH`, what it says of `PH`, and whether it says anything of it. Raises `BadHours`."""
    if variable := _VARIABLE.search(_COMMENT.sub("", rule)):
        raise BadHours(f"{variable[0]} is not known here; write the dates, or the times: {rule!r}")
    weekly, holiday, follows = [], "", False
    for part in (p.strip() for p in _PARTS.findall(rule)):
        match = re.match(r"^(?P<days>[A-Za-z,\- ]*?)\bPH\b(?P<rest>.*)$", part)
        if not match:
            if re.search(r"\bPH\b", _COMMENT.sub("", part)):  # a quoted comment may hold anything
                raise BadHours(f"PH must stand among the days at the beginning of a part, set apart by ';': {part!r}")
            weekly.append(part)
            continue
        follows = True
        others = match["days"].strip(" ,")
        rest = match["rest"].strip()
        if (more := re.match(r"^,\s*(?P<days>[A-Z][a-z](?:[,-][A-Z][a-z])*)\s+(?P<times>.*)$", rest)) is not None:
            others, rest = ",".join(filter(None, (others, more["days"]))), more["times"]
        if others:
            weekly.append(f"{others} {rest}")
        if rest not in ("off", "closed"):
            holiday = rest
    return "; ".join(filter(None, weekly)) or "off", holiday, follows
