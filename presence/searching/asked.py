"""A query as it was meant: its words, those that are filler, and a number."""

from functools import cached_property

from presence.searching import addresses, numbers
from presence.searching.folding import fold, split
from presence.searching.stems import FILLERS, WEAK, headless, stem

LONGEST = 12
"""Words of a query that are looked at."""
LONGEST_TEXT = 200
"""Characters of a query that are looked at, its white space once put right: each run of it is one space."""


class Word:
    """One word of a query."""

    __slots__ = ("exact", "folded", "optional", "weight")

    def __init__(self, exact: str) -> None:
        self.exact = exact
        self.folded = fold(exact)
        self.optional = exact in FILLERS
        self.weight = 0.3 if exact in WEAK else 1.0

    @property
    def stem(self) -> str:
        return stem(self.folded)


class Asked:
    """What was typed, taken apart once."""

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.split())[:LONGEST_TEXT]
        self.number = numbers.asked(self.text)
        self.address = None if self.number else addresses.typed(self.text)

    def without_address(self) -> "Asked":
        """What an address that nobody has says by its part before the @: the domain is that of all."""
        return Asked(self.address.words) if self.address and self.address.given else self

    @cached_property
    def words(self) -> list[Word]:
        """All words that are no filler; all of them where there is nothing else."""
        words = list({word: Word(word) for word in split(self.text)[:LONGEST]}.values())
        return [word for word in words if not word.optional] or words

    @cached_property
    def all_words(self) -> list[Word]:
        return [Word(word) for word in split(self.text)[:LONGEST]]

    @property
    def of_unit(self) -> bool:
        """Whether a word says that a unit is meant: a förvaltning, a kontor."""
        return any(headless(word.folded) != word.folded for word in self.words)

    @cached_property
    def joins(self) -> list[tuple[str, int, int]]:
        """Neighbours written as one, and from which to which word: a compound may have been split, or typed as it sounds."""
        words = [word.folded for word in self.all_words]
        spans = [(i, j) for i in range(len(words)) for j in range(i + 2, min(i + 4, len(words)) + 1)]
        return [("".join(words[i:j]), i, j) for i, j in spans if len(words) > 1]
