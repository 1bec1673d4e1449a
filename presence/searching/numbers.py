"""Telephone numbers, by their endings, beginnings and extensions."""

import re
import sys
from bisect import bisect_left, insort

SHORTEST = 3
_COUNTRY = "46"  # in front of numbers that are typed without it
_NATIONAL = frozenset({"112", "1177", "11313", "11414", "116000", "116111", "116117", "118100", "118118", "118888"})
"""Short numbers that everybody knows: who types one means it, and nobody whose number ends or begins so."""
_SPOKEN = re.compile(
    r"(?:(?P<ext>ankn?(?:ytning)?(?:snummer)?|ext(?:ension)?|internt?|int|x)|tel|tfn|telefon(?:nummer)?|mobil|phone|nr|nummer|sip)?"
    r"[\s.:#]*+(?P<number>[+(]?[\d\s\-‐-―()/._]+?|(?<=[\s.:#]))"
    r"(?:[\s,;(]*+(?:ext=|ankn?(?:ytning)?|ext(?:ension)?|x)[\s.:]*(?P<inner>\d+)\)?)?"
    r"(?P<after>\s*+(?:ankn?(?:ytning)?|ext(?:ension)?)\.?)?\s*+",
    re.IGNORECASE,
)
"""What may match white space gives nothing back (`*+`), but for the number itself: whoever asks pays no more than its square."""
_INNER_WITHIN = re.compile(r"\b(?:ankn?(?:ytning)?|ext(?:ension)?)[\s.:#]*(\d{3,6})\b", re.IGNORECASE)
_WITHIN = re.compile(
    r"(?P<said>\b(?:tel|tfn|telefon(?:nummer)?|mobil|phone|number|nr|nummer|numret)\b[\s.:#]*(?:(?:är|is)\s+)?)?"
    r"(?<![\w.+-])(?P<number>[+(]?\d(?:[\s\-‐-―()/.\u00a0]{0,3}\d)+)(?!\w)",
    re.IGNORECASE,
)
_LONG, _SAID = 7, 4
"""Digits from which on they are a telephone number in a sentence too; and where it is said that they are one."""


def asked(text: str) -> tuple[str, bool] | None:
    """The significant digits of a query that is a number in any spelling, or has one in a sentence; and whether they are an
    extension, or nothing but the end of a number; else None.

    +46 (0)8-465 00 85, 0046 8 465 00 85, 08-465 00 85 and tel:+4684650085 end alike.
    """
    found = _SPOKEN.fullmatch(text.strip())
    if not found:
        return _within(text)
    if found["inner"]:
        return found["inner"], True
    said = bool(found["ext"] or found["after"])
    digits = _significant(found["number"], said)
    return (digits, said) if len(digits) >= SHORTEST else None


def _within(text: str) -> tuple[str, bool] | None:
    if "@" in text:
        return None
    if inner := _INNER_WITHIN.search(text):
        return inner[1], True
    for found in _WITHIN.finditer(text):
        digits = _significant(found["number"], said=False)
        if len(digits) >= (_SAID if found["said"] else _LONG):
            return digits, True
    return None


def _significant(number: str, said: bool) -> str:
    number = number.replace("(0)", "")
    international = number.lstrip(" (").startswith("+")
    digits = re.sub(r"\D", "", number)
    if not international and digits.startswith("00") and len(digits) > 8:
        digits = digits[2:]
    elif not international and not said and len(digits) > 5:
        digits = digits.removeprefix("0")
    return digits


def digits_of(value: str) -> str:
    """The digits of a channel's value, E.164 or RFC 3966; of its extension where it has one: the number is then that of many."""
    number, _, rest = value.removeprefix("tel:").partition(";")
    inner = re.search(r"ext=(\d+)", rest)
    return inner[1] if inner else re.sub(r"\D", "", number.replace("(0)", ""))


class Numbers:
    """Numbers of contacts, by slot."""

    def __init__(self) -> None:
        self._endings: list[tuple[str, int]] = []  # digits backwards
        self._beginnings: list[tuple[str, int]] = []
        self._bulk: list[tuple[str, int]] | None = None

    def open(self) -> None:
        """Many are added: sort once, at `close`."""
        self._bulk = []

    def close(self) -> None:
        if self._bulk:
            self._beginnings = sorted(self._beginnings + self._bulk)
            self._endings = sorted((digits[::-1], slot) for digits, slot in self._beginnings)
        self._bulk = None

    def add(self, digits: str, slot: int) -> None:
        if self._bulk is not None:
            self._bulk.append((digits, slot))
        else:
            insort(self._beginnings, (digits, slot))
            insort(self._endings, (digits[::-1], slot))

    def remove(self, digits: str, slot: int) -> None:
        for rows, row in ((self._beginnings, (digits, slot)), (self._endings, (digits[::-1], slot))):
            at = bisect_left(rows, row)
            if at < len(rows) and rows[at] == row:
                del rows[at]

    def clear(self) -> None:
        self._endings, self._beginnings = [], []

    def ending(self, digits: str) -> list[int]:
        """Slots whose number ends so, the shortest number first (an extension before a whole number)."""
        return _starting(self._endings, digits[::-1], whole=digits in _NATIONAL)

    def whole(self, digits: str) -> list[int]:
        """Slots whose number or extension it is."""
        return _starting(self._endings, digits[::-1], whole=True)

    def beginning(self, digits: str) -> list[int]:
        """Slots whose number begins so; with the country's code or, for a number being typed, without it."""
        if digits in _NATIONAL:
            return []
        return _starting(self._beginnings, digits) or _starting(self._beginnings, _COUNTRY + digits.removeprefix("0"))


def _starting(rows: list[tuple[str, int]], digits: str, whole: bool = False) -> list[int]:
    first, last = bisect_left(rows, (digits, -1)), bisect_left(rows, (digits + ("" if whole else ":"), sys.maxsize))
    found = sorted(rows[first:last], key=lambda row: len(row[0]))
    return list(dict.fromkeys(slot for _, slot in found))
