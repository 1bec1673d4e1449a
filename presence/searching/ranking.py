"""Which contacts are meant, best first: exact, then beginnings, sound-alikes, nicknames, parts of words, typing errors.

Whoever the public may not know of is passed over before anything is counted, cut or given up: every decision is made on public
contacts alone, so a hidden one changes no answer.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, islice
from typing import NamedTuple

from presence.searching.asked import Asked, Word
from presence.searching.reading import EXACT, Meaning, Reading
from presence.searching.register import Entry, Register

_MANY = 200  # candidates that are scored one by one
_CUT = 40  # of more, the first in the order of names
_SUBSETS = 6  # words of which some may be dropped

Slots = set[int]


Hit = tuple[float, int]
"""The score below 0, so that the best are first; and the slot, which gives the order of names."""


class Found(NamedTuple):
    """`whole`: every word was met without allowing for errors; `named`: in names at that."""

    contacts: list[str]
    whole: bool = False
    named: bool = False


class Ranking:
    """One query."""

    def __init__(self, register: Register, public: Callable[[str], bool], limit: int) -> None:
        self._register = register
        self._reading = Reading(register.names, register.matters)
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
        meanings = [self._reading.near(self._reading.part(m)) for m in map(self._reading.plain, words[:_SUBSETS])]
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
        return self._register.entries[slot]

    def _is_named(self, hit: Hit, meanings: list[Meaning]) -> bool:
        entry = self._entry(hit[1])
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
        exact = [self._reading.exactly(word) for word in words]
        if all(m.names or m.matters for m in exact):
            hits = self._all(exact)
            if len(hits) >= self._limit:
                yield exact
        plain = [self._reading.plain(word) for word in words]
        yield plain
        if any(len(word.folded) > 3 for word in words):
            yield [self._reading.part(m) for m in plain]

    def _compound(self, asked: Asked) -> list[Hit]:
        """As `_all`, with neighbours written as one where that is a word of titles and the like: bistånds handläggare."""
        hits: list[Hit] = []
        for text, first, last in asked.joins:
            if text in self._register.matters:
                words = [*asked.all_words[:first], Word(text), *asked.all_words[last:]]
                hits += self._all([self._reading.plain(word) for word in words if not word.optional])
        return hits

    # --- who bears them ---

    def _all(self, meanings: list[Meaning], missing: int = 0) -> list[Hit]:
        """Public contacts that bear every word, best first; `missing` words were left out."""
        if len(meanings) == 1:
            return self._one(meanings[0], missing)
        slots = self._candidates(meanings)
        if len(slots) > _MANY:
            known = list(islice(filter(self._open, sorted(slots)), _MANY + 1))
            return self._scored(known if len(known) <= _MANY else known[:_CUT], meanings, missing)
        return self._scored(slots, meanings, missing)

    def _one(self, meaning: Meaning, missing: int) -> list[Hit]:
        """Its best words first, and of each as many bearers as are needed."""
        tables = ((self._register.names.bearers, meaning.names), (self._register.matters.bearers, meaning.matters))
        worth: defaultdict[int, list[Sequence[int]]] = defaultdict(list)
        for bearers, words in tables:
            for word, score in words.items():
                if word in bearers:
                    worth[score].append(bearers[word])
        hits: list[Hit] = []
        for score in sorted(worth, reverse=True):
            hits += self._scored(self._first(worth[score]), [meaning], missing)
            if len(hits) >= self._limit:
                break
        return _merged(hits)

    def _scored(self, slots: Iterable[int], meanings: list[Meaning], missing: int) -> list[Hit]:
        entries = self._register.entries
        scored = sorted((-score, slot) for slot in slots if (score := _score(entries[slot], meanings, missing)))
        return self._shown(scored)

    def _shown(self, hits: Iterable[Hit]) -> list[Hit]:
        """The first public ones."""
        return list(islice((hit for hit in hits if self._open(hit[1])), self._limit))

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

    def _bearers(self, meaning: Meaning) -> Slots:
        slots: Slots = set()
        names, matters = self._register.names.bearers, self._register.matters.bearers
        slots.update(*(names[word] for word in meaning.names if word in names))
        slots.update(*(matters[word] for word in meaning.matters if word in matters))
        return slots

    def _first(self, rows: list[Sequence[int]]) -> list[int]:
        """Of slots in order, the first public ones: twice as many as are wanted, for they are still to be ranked."""
        most = max(map(len, rows))
        some = _CUT
        while True:
            slots = sorted({slot for row in rows for slot in row[:some]})
            found = list(islice(filter(self._open, slots if some >= most else slots[:some]), _CUT))
            if len(found) == _CUT or some >= most:
                return found
            some *= 8

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
                    hits += self._all([self._reading.plain(kept[0].word)], len(meanings) - size)
            if hits:
                return _merged(hits)
        return []

    def _ids(self, hits: list[Hit]) -> list[str]:
        return [self._id(slot) for _, slot in hits[: self._limit]]


def _merged(hits: list[Hit]) -> list[Hit]:
    """Best first, each slot once."""
    best: dict[int, Hit] = {}
    for hit in sorted(hits):
        best.setdefault(hit[1], hit)
    return list(best.values())


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
