"""Invented names, as frequent as such names are, and addresses made of them."""

import re
import unicodedata
from collections.abc import Container
from typing import NamedTuple

from connectors.demonstration.dice import Dice, Weighted
from connectors.demonstration.written import Names, read, weights

DOMAIN = "bjorkdalen.example.org"
_LETTERS = str.maketrans({"đ": "d", "ł": "l", "ø": "o", "ß": "ss", "æ": "ae"})


class Name(NamedTuple):
    """`language`: the one spoken at home, by ISO 639 code."""

    given: str
    family: str
    nicknames: tuple[str, ...] = ()
    language: str = "sv"

    @property
    def full(self) -> str:
        return f"{self.given} {self.family}"


class Naming:
    """Draws names; none of `reserved` (full names)."""

    def __init__(self, reserved: Container[str] = ()) -> None:
        names = read("names", Names)
        self._reserved = reserved
        self._names = names
        self._swedish = weights(names.given), weights(names.families)
        self._foreign = {language: (weights(o.given), weights(o.families)) for language, o in names.origins.items()}
        shares = {language: round(o.share * 1000) for language, o in names.origins.items()}
        self._origins = Weighted({"sv": 1000 - sum(shares.values()), **shares})

    def draw(self, dice: Dice) -> Name:
        while (name := self._draw(dice)).full in self._reserved:
            pass
        return name

    def _draw(self, dice: Dice) -> Name:
        language = dice.weighted(self._origins)
        givens, families = self._foreign.get(language, self._swedish)
        given = first = dice.weighted(givens)
        family = dice.weighted(families)
        if dice.chance(self._names.double):
            second = dice.weighted(self._swedish[1])
            if second != family:
                family += (" " if dice.chance(0.5) else "-") + second
        if language == "sv" and "-" not in given and dice.chance(self._names.middle):
            given += " " + dice.weighted(givens)
        known = self._names.nicknames.get(first, ())
        return Name(given, family, (dice.pick(known),) if known and dice.chance(0.5) else (), language)


def plain(text: str) -> str:
    """In the letters a-z, digits and hyphens: Åsa Öst-Berg -> asa-ost-berg."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"[\u0300-\u036f'’]", "", decomposed)).strip("-")


class Addresses:
    """Gives each name an address of its own, and never one that was given before."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def of(self, given: str, family: str) -> str:
        """The part before the @: anna.astrom, and for the next one anna.astrom2."""
        wanted = f"{plain(given)}.{plain(family)}"
        found, number = wanted, 1
        while found in self._given:
            number += 1
            found = f"{wanted}{number}"
        self._given.add(found)
        return found
