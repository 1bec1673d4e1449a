"""Which contacts are meant, best first: exact, then beginnings, sound-alikes, nicknames, parts of words, typing errors.

Whoever the public may not know of is passed over before anything is counted, cut or given up: every decision is made on public
contacts alone, so a hidden one changes no answer.
"""

from collections.abc import Callable, Iterable
from heapq import nsmallest
from itertools import combinations
from typing import NamedTuple

from presence.searching.asked import Asked, Word
from presence.searching.nicknames import counterparts
from presence.searching.register import Entry, Register
from presence.searching.soundkey import soundkey

EXACT, PREFIX, SOUND, NICKNAME, INITIAL, SLIP = 100, 90, 85, 80, 70, 60  # in a name; of a title, unit or keyword less
_MATTER, _PART = 22, 45
_MANY = 300  # candidates that are scored one by one
_CUT = 60  # of more, the first in the order of names
_SUBSETS = 6  # words of which some may be dropped

Slots = set[int]


Hit = tuple[float, str, int]
"""Score, place in the order of names, slot."""


class Meaning(NamedTuple):
    """What a word may stand for: words of names, and of matters, with their scores."""

    word: Word
    names: dict[str, int]
    matters: dict[str, int]


class Found(NamedTuple):
    """`whole`: every word was met without allowing for errors; `named`: in names at that."""

    contacts: list[str]
    whole: bool = False
    named: bool = False


class Ranking:
    """One query."""

    def __init__(self, register: Register, public: Callable[[str], bool], limit: int) -> None:
        self._register = register
        self._public = public
        self._limit = limit
        self._asked: dict[int, bool] = {}

    def find(self, asked: Asked, partly: bool) -> Found:
        """`partly`: one word of several may be enough."""
        if asked.number and (slots := self._numbered(*asked.number)):
            return Found([self._id(s) for s in slots], whole=True, named=True)
        words = asked.words
        if not words:
            return Found([])
        if len(words) <= 8:
            for meanings in self._levels(words):
                if hits := _merged(self._all(meanings) + self._compound(asked)):
                    return Found(self._ids(hits), whole=True, named=self._is_named(hits[0], meanings))
        meanings = [self._near(self._part(m)) for m in map(self._plain, words[:_SUBSETS])]
        if hits := self._all(meanings) if len(words) <= _SUBSETS else []:
            return Found(self._ids(hits))
        return Found(self._ids(self._some(meanings, partly)))

    # --- who may be known ---

    def _open(self, slot: int) -> bool:
        known = self._asked.get(slot)
        if known is None:
            known = self._asked[slot] = self._public(self._id(slot))
        return known

    def _id(self, slot: int) -> str:
        return self._entry(slot).id

    def _entry(self, slot: int) -> Entry:
        entry = self._register.entries[slot]
        assert entry is not None  # noqa: S101 - words lead to live slots only
        return entry

    def _is_named(self, hit: Hit, meanings: list[Meaning]) -> bool:
        entry = self._entry(hit[2])
        names = {*entry.names}.difference(entry.matters)  # a function is called what it is about
        return all(not m.names.keys().isdisjoint(names) for m in meanings)

    # --- numbers ---

    def _numbered(self, digits: str, said: bool) -> list[int]:
        numbers = self._register.numbers
        found = []
        for slots in (numbers.ending(digits), [] if said else numbers.beginning(digits)):
            for slot in slots:
                if slot not in found and self._open(slot):
                    found.append(slot)
                    if len(found) == self._limit:
                        return found
        return found

    # --- what words may mean ---

    def _levels(self, words: list[Word]) -> Iterable[list[Meaning]]:
        exact = [self._exactly(word) for word in words]
        if all(m.names or m.matters for m in exact):
            hits = self._all(exact)
            if len(hits) >= self._limit:
                yield exact
        plain = [self._plain(word) for word in words]
        yield plain
        if any(len(word.folded) > 3 for word in words):
            yield [self._part(m) for m in plain]

    def _exactly(self, word: Word) -> Meaning:
        names, matters = self._register.names, self._register.matters
        text = word.folded
        return Meaning(word, {text: EXACT} if text in names else {}, {text: EXACT - _MATTER} if text in matters else {})

    def _plain(self, word: Word) -> Meaning:
        text, key = word.folded, soundkey(word.folded)
        names, matters = self._register.names, self._register.matters
        if len(text) == 1:
            return Meaning(word, dict.fromkeys(names.beginning(text), INITIAL) | {text: EXACT}, {})
        named: dict[str, int] = {}
        if not text.isdigit():
            for other in counterparts(text):
                named.update(dict.fromkeys(names.sounding(other), NICKNAME))
                if other in names:
                    named[other] = NICKNAME
        named.update(dict.fromkeys(names.sounding(key), SOUND))
        named.update(dict.fromkeys(names.beginning(text), PREFIX))
        named[text] = EXACT
        about = dict.fromkeys(matters.sounding(key), SOUND - _MATTER) if len(text) > 3 else {}
        about.update(dict.fromkeys(matters.beginning(text), PREFIX - _MATTER - 4))
        about.update(dict.fromkeys(matters.stemmed(word.stem), PREFIX - _MATTER))
        about[text] = EXACT - _MATTER
        return Meaning(word, named, about)

    def _part(self, meaning: Meaning) -> Meaning:
        """Also heads of compounds: a chef is an enhetschef."""
        word, matters = meaning.word, self._register.matters
        if len(word.folded) < 4:
            return meaning
        about = dict.fromkeys(matters.ending(word.folded), _PART)
        if len(word.stem) > 3:
            about.update(dict.fromkeys(matters.ending(word.stem), _PART))
        return Meaning(word, meaning.names, about | meaning.matters)

    def _near(self, meaning: Meaning) -> Meaning:
        """Also words a slip or two away, and those of which the query is a compound."""
        text, matters = meaning.word.folded, self._register.matters
        names = {w: SLIP - 8 * d for w, d in self._register.names.near(text)}
        about = {w: _PART * len(part) // len(text) - 5 for w, part in matters.within(text, 5)}
        about |= {w: SLIP - 10 - 8 * d for w, d in matters.near(text)}
        return Meaning(meaning.word, names | meaning.names, about | meaning.matters)

    def _compound(self, asked: Asked) -> list[Hit]:
        """As `_all`, with neighbours written as one where that is a word of titles and the like: bistånds handläggare."""
        hits: list[Hit] = []
        for text, first, last in asked.joins:
            if text in self._register.matters:
                words = [*asked.all_words[:first], Word(text), *asked.all_words[last:]]
                hits += self._all([self._plain(word) for word in words if not word.optional])
        return hits

    # --- who bears them ---

    def _all(self, meanings: list[Meaning], missing: int = 0) -> list[Hit]:
        """Public contacts that bear every word, best first; `missing` words were left out."""
        found = self._candidates(meanings)
        slots: Iterable[int] = found
        if len(found) > _MANY:
            slots = self._cut(found, meanings)
        hits = []
        for slot in slots:
            entry = self._entry(slot)
            score = _score(entry, meanings, missing)
            if score and self._open(slot):
                hits.append((score, entry.key, slot))
        hits.sort(key=lambda hit: (-hit[0], hit[1]))
        return hits

    def _candidates(self, meanings: list[Meaning]) -> Slots:
        """A superset of those who bear all words, from the rarest on."""
        order = sorted(meanings, key=self._size)
        slots = self._bearers(order[0])
        for meaning in order[1:]:
            if len(slots) <= _MANY:
                break
            slots &= self._bearers(meaning)
        return slots

    def _size(self, meaning: Meaning) -> int:
        tables = ((self._register.names, meaning.names), (self._register.matters, meaning.matters))
        return sum(len(v.bearers[w]) for v, words in tables for w in words if w in v.bearers)

    def _bearers(self, meaning: Meaning, names_only: bool = False) -> Slots:
        tables = [(self._register.names.bearers, meaning.names), (self._register.matters.bearers, meaning.matters)]
        slots: Slots = set()
        for bearers, words in tables[: 1 if names_only else 2]:
            slots.update(*(bearers[word] for word in words if word in bearers))
        return slots

    def _cut(self, slots: Slots, meanings: list[Meaning]) -> list[int]:
        """The first public ones in the order of names; those that are so named before those that do so."""
        named = set.intersection(slots, *(self._bearers(m, names_only=True) for m in meanings))
        found = self._first(named)
        return found if len(found) >= self._limit else found + self._first(slots - named)

    def _first(self, slots: Slots) -> list[int]:
        def key(slot: int) -> str:
            return self._entry(slot).key

        first = [slot for slot in nsmallest(_CUT, slots, key) if self._open(slot)]
        if len(first) >= self._limit or len(slots) <= _CUT:
            return first
        found = []
        for slot in sorted(slots, key=key):
            if self._open(slot):
                found.append(slot)
                if len(found) == _CUT:
                    break
        return found

    def _some(self, meanings: list[Meaning], partly: bool) -> list[Hit]:
        """Contacts that bear most of the words: as few as can be are left out."""
        borne = [m for m in meanings if self._size(m)]
        fewest = 2 if len(meanings) > 1 and not partly else 1
        for size in range(min(len(borne), len(meanings) - 1), fewest - 1, -1):
            hits = []
            for kept in combinations(borne, size):
                if size > 1:
                    hits += self._all(list(kept), len(meanings) - size)
                elif len(kept[0].word.folded) > 2 and kept[0].word.weight == 1:  # alone a word must be met as it is
                    hits += self._all([self._plain(kept[0].word)], len(meanings) - size)
            if hits:
                return _merged(hits)
        return []

    def _ids(self, hits: list[Hit]) -> list[str]:
        return [self._id(slot) for _, _, slot in hits[: self._limit]]


def _merged(hits: list[Hit]) -> list[Hit]:
    """Best first, each slot once."""
    seen: dict[int, Hit] = {}
    for hit in sorted(hits, key=lambda hit: (-hit[0], hit[1])):
        seen.setdefault(hit[2], hit)
    return list(seen.values())


def _score(entry: Entry, meanings: list[Meaning], missing: int) -> float:
    """0 to 104; 0 where a word is not met at all. Each word of a name is used once, where there are others."""
    total = 0.0
    used: set[str] = set()
    for word, names, matters in meanings:
        best, by = 0.0, ""
        for each in entry.names:
            score = names.get(each, 0) if each not in used else names.get(each, 0) - 30
            if score > best:
                best, by = score, each
        if best < EXACT:
            for each in entry.matters:
                if (score := matters.get(each, 0)) > best:
                    best, by = score, ""
        if best <= 0:
            return 0
        if by:
            used.add(by)
            if word.exact in entry.exact:
                best += 3
        total += best
    over = len(entry.names) - len(used)
    first = 0.5 if meanings[0].names.get(entry.names[0] if entry.names else "", 0) else 0
    return max(1.0, total / (len(meanings) + missing) - 0.4 * min(over, 4) + first)
