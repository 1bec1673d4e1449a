"""Which contacts are meant, best first: exact, then beginnings, sound-alikes, nicknames, parts of words, typing errors.

Each is tried where those before it met nobody whom the public may know of (see `bearers`).
"""

from collections.abc import Callable
from itertools import combinations, islice
from typing import NamedTuple

from presence.searching.addresses import Typed
from presence.searching.asked import Asked, Word
from presence.searching.bearers import Bearers, Hit, merged, once
from presence.searching.everyday import known
from presence.searching.reading import EXACT, Meaning, Reading
from presence.searching.register import Register
from presence.searching.together import parted

_SUBSETS = 6  # words of which some may be dropped
_NAMES = 4  # words of a query that may all be names
_FEW = 3  # hits below which the likeliest slips are shown as well
_JOINED = 5  # letters of a name that was typed in two
_EXTENSIONS = (4, 5, 3)  # digits of one, the likeliest first
_SWITCHBOARD = 6  # digits of the number in front of it
_TITLED = 65  # a word of a title, unit or keyword is met at that as it stands, or in another form


class Found(NamedTuple):
    """`whole`: every word was met without allowing for errors; `named`: in names at that; `nearly`: all of several words were met
    but for slips, or some of them by a name; `surely`: the one word that was asked is a title or the like, or it stands beside a
    name; `called`: the first is called just that; `doubtful`: they are first letters alone, which may be short for anything.
    """

    contacts: list[str]
    whole: bool = False
    named: bool = False
    nearly: bool = False
    surely: bool = False
    called: bool = False
    doubtful: bool = False


class Ranking:
    """One query."""

    def __init__(self, register: Register, public: Callable[[str], bool], limit: int) -> None:
        self._register = register
        self._reading = Reading(register.names, register.matters)
        self._bearers = Bearers(register, public, limit)
        self._limit = limit

    def find(self, asked: Asked, partly: bool) -> Found:
        """`partly`: one word of several may be enough."""
        if asked.number and (slots := self._numbered(*asked.number)):
            return Found([self._id(s) for s in slots], whole=True, named=True)
        words = asked.words
        if not words:
            return Found([])
        user = self._known_as(asked.address) if asked.address and not self._bearers.named(words[0].folded) else []
        found = self._met(asked) if len(words) <= 8 else None
        found = found or (Found(user) if user else self._initialled(words, partly) or self._passed_over(asked))
        found = found or self._nearly(words, partly)
        return found._replace(contacts=list(dict.fromkeys((*user, *found.contacts)))[: self._limit])

    def known_for(self, word: str) -> bool:
        """Whether somebody is known by it as by a title."""
        return self._bearers.known_for(word)

    def called(self, asked: Asked) -> bool:
        """Whether every word is what somebody is called, as it stands."""
        return all(self._bearers.named(word.folded) for word in asked.words)

    def addressed(self, asked: Asked) -> list[str]:
        """Whoever has the address that was typed; or an address that begins so. Nobody where it may be another word."""
        address = asked.address
        if address is None or not address.surely:
            return []
        of = self._register.addresses
        for rows in (of.whole(address.text), of.whole(address.local), of.beginning(address.text)):
            if found := list(islice(filter(self._bearers.open, rows), self._limit)):
                return [self._id(slot) for slot in found]
        return []

    def _known_as(self, address: Typed) -> list[str]:
        """Whose address has that word before the @."""
        return [
            self._id(slot)
            for slot in islice(filter(self._bearers.open, self._register.addresses.whole(address.local)), self._limit)
        ]

    def _met(self, asked: Asked) -> Found | None:
        """Whoever bears every word, without allowing for errors but in where words are parted."""
        if hits := self._all_named(asked):
            return Found(self._ids(hits), whole=True, named=True)
        words = asked.words
        plain = [self._reading.plain(word) for word in words]
        hits = self._exactly(words)
        if len(hits) < self._limit:
            hits = merged(hits + self._bearers.all(plain))
        if len(hits) < self._limit:
            hits = merged(hits + self._compound(asked))
        if hits:
            named = self._is_named(hits[0], plain)
            if len(hits) < _FEW and -hits[0][0] < EXACT:
                likely = self._parted(asked) or self._beside(words)
                hits = once([*hits, *likely])
            return Found(
                self._ids(hits),
                whole=True,
                named=named,
                surely=not named and self._is_sure(hits[0], plain),
                called=not named and self._is_just(hits[0], asked),
            )
        if hits := self._parted(asked):
            return Found(self._ids(hits), whole=True, named=True)
        if any(len(word.folded) > 3 for word in words):
            meanings = [self._reading.part(m) for m in plain]
            if hits := self._bearers.all(meanings):
                return Found(self._ids(hits), whole=True, named=self._is_named(hits[0], meanings))
        return None

    def _exactly(self, words: list[Word]) -> list[Hit]:
        """Those who bear the words as they stand: they are not to be lost among many who bear others like them."""
        exact = [self._reading.exactly(word) for word in words]
        return self._bearers.all(exact) if all(m.names or m.matters for m in exact) else []

    def _all_named(self, asked: Asked) -> list[Hit]:
        """Short words may be the beginnings of names, though in a sentence they would say nothing: an lind, A-K Lind."""
        words = asked.all_words
        if not 2 <= len(words) <= _NAMES or len(words) == len(asked.words):
            return []
        return self._bearers.all([self._reading.named(word) for word in words])

    def _parted(self, asked: Asked) -> list[Hit]:
        """Names that were written as one, or parted elsewhere."""
        for parts in parted(asked, self._bearers):
            if hits := self._bearers.all([self._reading.plain(word)._replace(matters={}) for word in parts]):
                return hits
        return []

    def _initialled(self, words: list[Word], partly: bool) -> Found | None:
        """First letters that were written as one: AK Löfgren; or JL alone, which may as well be a word."""
        if len(words) == 1:
            if not partly or len(words[0].exact) != 2 or not self._are_initials(words[0]):
                return None
            slots = self._bearers.initialled(words[0])
            return Found([self._id(slot) for slot in slots], whole=True, doubtful=True) if slots else None
        parts = [[*map(Word, word.folded)] if self._are_initials(word) else [word] for word in words]
        beside = any(len(part) == 1 and self._bearers.named(part[0].folded) for part in parts)
        if len(words) > _NAMES or not beside or all(len(part) == 1 for part in parts):
            return None
        hits = self._bearers.all([self._reading.plain(word)._replace(matters={}) for part in parts for word in part])
        return Found(self._ids(hits), whole=True, named=True) if hits else None

    def _are_initials(self, word: Word) -> bool:
        text = word.exact
        said = known(text) or self._bearers.known_for(word.folded) or self._bearers.named(word.folded)
        return 1 < len(text) < 4 and text.isalpha() and not said

    def _passed_over(self, asked: Asked) -> Found | None:
        """Whoever is called by a word that in a sentence would say nothing, with a slip beside it: Ville Mekinen."""
        words = asked.all_words
        if not 2 <= len(words) <= _NAMES or len(words) == len(asked.words):
            return None
        hits = self._beside(words)
        return Found(self._ids(hits), nearly=True) if hits else None

    def _nearly(self, words: list[Word], partly: bool) -> Found:
        """Whoever bears every word but for slips; else most of the words."""
        near = [self._near(word) for word in words[:_SUBSETS]]
        if len(words) <= _SUBSETS:
            hits = self._bearers.all(near)
            if not hits and len(words) > 1:
                hits = self._beside(words) or self._beside(words, far=True)
            if hits:
                return Found(self._ids(hits), nearly=len(words) > 1)
        hits = self._some(near, partly)
        return Found(self._ids(hits), nearly=bool(hits) and any(self._is_called(hits[0], m) for m in near))

    def _is_called(self, hit: Hit, meaning: Meaning) -> bool:
        """Whether a word that says nothing else is met by a name, as it stands."""
        return meaning.word.folded in self._bearers.entry(hit[1]).names and not known(meaning.word.exact)

    def _near(self, word: Word) -> Meaning:
        return self._reading.near(self._reading.part(self._reading.plain(word)))

    def _beside(self, words: list[Word], far: bool = False) -> list[Hit]:
        """With one word misspelt, and a name that is not: beside it a slip may be in a shorter word, or worse, than alone."""
        hits: list[Hit] = []
        for at, word in enumerate(words[:_NAMES]):
            others = words[:at] + words[at + 1 :]
            if len(word.folded) > 1 and any(len(other.folded) > 2 and self._bearers.named(other.folded) for other in others):
                meanings = [self._reading.plain(other) for other in others]
                hits += self._bearers.all([*meanings, self._reading.near(self._reading.plain(word), beside=True, far=far)])
        return merged(hits)

    def _is_named(self, hit: Hit, meanings: list[Meaning]) -> bool:
        entry = self._bearers.entry(hit[1])
        names = {*entry.names}.difference(entry.matters)  # a function is called what it is about
        return all(not m.names.keys().isdisjoint(names) for m in meanings)

    def _is_sure(self, hit: Hit, meanings: list[Meaning]) -> bool:
        """Whether its one word is met by a title or the like; or one of several, that says nothing else, by a name."""
        if len(meanings) == 1:
            return -hit[0] >= _TITLED
        names = {*(entry := self._bearers.entry(hit[1])).names}.difference(entry.matters)
        return any(not known(m.word.exact) and not m.names.keys().isdisjoint(names) for m in meanings)

    def _is_just(self, hit: Hit, asked: Asked) -> bool:
        """Whether the contact, a function, is called as it was typed, no more and no less."""
        names = self._bearers.entry(hit[1]).names
        return {word.folded for word in asked.words} <= {*names} <= {word.folded for word in asked.all_words}

    # --- numbers ---

    def _numbered(self, digits: str, said: bool) -> list[int]:
        numbers = self._register.numbers
        found = []
        for slots in (numbers.ending(digits), [] if said else numbers.beginning(digits)):
            for slot in slots:
                if slot not in found and self._bearers.open(slot):
                    found.append(slot)
                    if len(found) == self._limit:
                        return found
        return found or ([] if said else self._behind_switchboard(digits))

    def _behind_switchboard(self, digits: str) -> list[int]:
        """An extension that was typed behind the number that it is reached by, without a word between: 0980-319201 7155."""
        numbers = self._register.numbers
        for length in _EXTENSIONS:
            first, inner = digits[:-length], digits[-length:]
            if len(first) >= _SWITCHBOARD and any(map(self._bearers.open, numbers.ending(first))):
                found = list(islice(filter(self._bearers.open, numbers.whole(inner)), self._limit))
                if found:
                    return found
        return []

    # --- what words may mean ---

    def _compound(self, asked: Asked) -> list[Hit]:
        """As `_all`, with neighbours written as one where that is a word, or begins a name: bistånds handläggare, de la gard."""
        hits: list[Hit] = []
        for text, first, last in asked.joins:
            if self._bearers.known_for(text) or (len(text) >= _JOINED and self._bearers.begun(text)):
                words = [*asked.all_words[:first], Word(text), *asked.all_words[last:]]
                hits += self._bearers.all([self._reading.plain(word) for word in words if not word.optional])
        return hits

    def _some(self, meanings: list[Meaning], partly: bool) -> list[Hit]:
        """Contacts that bear most of the words: as few as can be are left out."""
        borne = [m for m in meanings if self._bearers.size(m)]
        fewest = 2 if len(meanings) > 1 and not partly else 1
        for size in range(min(len(borne), len(meanings) - 1), fewest - 1, -1):
            hits = []
            for kept in combinations(borne, size):
                if size > 1:
                    hits += self._bearers.all(list(kept), len(meanings) - size)
                elif len(kept[0].word.folded) > 2 and kept[0].word.weight == 1:  # alone a word must be met as it is
                    word = kept[0].word
                    meaning = self._reading.form(word) if known(word.exact) else self._reading.plain(word)
                    hits += self._bearers.all([meaning], len(meanings) - size)
            if hits:
                return merged(hits)
        return []

    def _id(self, slot: int) -> str:
        return self._bearers.entry(slot).id

    def _ids(self, hits: list[Hit]) -> list[str]:
        return [self._id(slot) for _, slot in hits[: self._limit]]
