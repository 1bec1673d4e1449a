"""Which contacts bear the words of a query, and how well each does.

Whoever the public may not know of is passed over before anything is counted, cut or given up: every decision is made on public
contacts alone, so a hidden one changes no answer.
"""

import sys
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from presence.searching.asked import Word
from presence.searching.folding import fold
from presence.searching.reading import EXACT, Meaning
from presence.searching.register import Entry, Register
from presence.searching.soundkey import soundkey

_MANY = 80  # candidates that are scored one by one
_DEARER = 2  # it takes as long to ask whether one contact bears a word as to gather a few who do, but it can stop early
_WIDE = 60  # words that an initial stands for: more bear one of these than any other word
_CUT = 40  # of more, the first in the order of names
_NOBODY = array("Q")

Slots = set[int]

Hit = tuple[float, int]
"""The score below 0, so that the best are first; and the slot, which gives the order of names."""


class Bearers:
    """Contacts of a register as one visitor may know of them."""

    def __init__(self, register: Register, public: Callable[[str], bool], limit: int) -> None:
        self._register = register
        self._public = public
        self._limit = limit
        self._asked: dict[int, bool] = {}

    def open(self, slot: int) -> bool:
        """Whether the public may know of it."""
        known = self._asked.get(slot)
        if known is None:
            known = self._asked[slot] = self._public(self.entry(slot).id)
        return known

    def entry(self, slot: int) -> Entry:
        return self._register.entries[slot]

    def named(self, word: str) -> bool:
        """Whether somebody is called so."""
        return any(map(self.open, self._register.names.bearers.get(word, ())))

    def begun(self, part: str) -> bool:
        """Whether somebody's name begins so."""
        return any(map(self.named, self._register.names.beginning(part)))

    def sounding(self, word: str) -> bool:
        """Whether somebody's name sounds so."""
        return any(map(self.named, self._register.names.sounding(soundkey(word))))

    def known_for(self, word: str) -> bool:
        """Whether it is a word of somebody's title, keywords or unit."""
        return any(map(self.open, self._register.matters.bearers.get(word, ())))

    def initialled(self, word: Word) -> list[int]:
        """The first whose given and family name begin with these two letters, in that order; first those with the same marks."""
        rows = (self._register.written.get(" ".join(text), _NOBODY) for text in (word.exact, word.folded))
        return list({slot: 0 for row in rows for slot in islice(filter(self.open, row), self._limit)})[: self._limit]

    def all(self, meanings: list[Meaning], missing: int = 0) -> list[Hit]:
        """Public contacts that bear every word, best first; `missing` words were left out."""
        if len(meanings) == 1:
            hits = self._one(meanings[0], missing)
        else:
            most = _CUT if self._all_initials(meanings) else _MANY + 1
            known = list(islice(filter(self.open, self._candidates(meanings)), most))
            hits = self._scored(known if len(known) <= _MANY else known[:_CUT], meanings, missing)
        if len(hits) < self._limit:
            return hits
        return merged(hits + self._scored(self._as_written(meanings), meanings, missing))[: self._limit]

    def _as_written(self, meanings: list[Meaning]) -> list[int]:
        """Of so many that some were cut, the first who are written as it was typed, where others differ by a mark: Å, not A."""
        typed: list[str] = []
        rows: list[Sequence[int]] = []
        plain: list[Sequence[int]] = []  # of words without marks: looked through where there are no others
        for at, (word, _, _) in enumerate(meanings):
            marked = word.exact[0] != word.folded[0]
            slots = self._written(word.exact)
            if marked and not slots:
                slots = self._written(word.exact[0])
            if slots and (marked or len(word.exact) > 1):
                typed.append(word.exact)
                into = rows if word.exact != word.folded else plain
                into.append(slots[::-1] if at and marked else slots)  # such family names are last in the order of names
        letters = {word.folded[0] for word, _, _ in meanings} if self._all_initials(meanings) else set()

        def is_so(slot: int) -> bool:
            entry = self.entry(slot)
            enough = not letters or sum(name[0] in letters for name in entry.names) >= len(meanings)  # Åsa alone is not A Å
            return enough and all(any(each.startswith(word) for each in entry.exact) for word in typed) and self.open(slot)

        if plain and not rows:  # whoever is so written is in each of them, in one order: the shortest tells it soonest
            rows = [min(plain, key=len)]
        return list({slot: 0 for slots in rows for slot in islice(filter(is_so, self._bearing(slots, meanings)), _CUT)})

    def _written(self, word: str) -> Sequence[int]:
        """Those whose names are, or begin, as it is written; nobody where none of them is public."""
        slots = self._register.written.get(word, _NOBODY)
        return slots if any(map(self.open, slots)) else _NOBODY

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
        return merged(hits)

    def _scored(self, slots: Iterable[int], meanings: list[Meaning], missing: int) -> list[Hit]:
        entries = self._register.entries
        scored = sorted((-score, slot) for slot in slots if (score := _score(entries[slot], meanings, missing)))
        return self._shown(scored)

    def _shown(self, hits: Iterable[Hit]) -> list[Hit]:
        """The first public ones."""
        return list(islice((hit for hit in hits if self.open(hit[1])), self._limit))

    def _candidates(self, meanings: list[Meaning]) -> Iterator[int]:
        """Slots that may bear all words, in the order of names. Those of the rarest are gathered, then it is asked of each,
        one after the other until there are enough, whether they bear what is so common that gathering it would take longer."""
        if self._all_initials(meanings):
            letters = {m.word.folded for m in meanings if len(m.word.folded) == 1}
            if not letters:
                return self._bearing(self._register.in_order(), meanings)
            rarest = min((self._register.written.get(letter, _NOBODY) for letter in letters), key=len)
            begun = (slot for slot in rarest if letters <= self.entry(slot).letters)
            return begun if len(letters) == len(meanings) else self._bearing(begun, meanings)
        order = sorted((self.size(meaning), at) for at, meaning in enumerate(meanings))
        rest = [meanings[at] for _, at in order]
        slots = self._bearers(rest.pop(0))
        for size, _ in order[1:]:
            if len(slots) <= _MANY or size > _DEARER * len(slots):
                break
            slots &= self._bearers(rest.pop(0))
        return self._bearing(sorted(slots), rest if len(slots) > _MANY else [])

    def _bearing(self, slots: Iterable[int], meanings: list[Meaning]) -> Iterator[int]:
        entries = self._register.entries
        words = [(meaning.names.keys(), meaning.matters.keys()) for meaning in meanings]
        for slot in slots:
            entry = entries[slot]
            for names, matters in words:
                if names.isdisjoint(entry.names) and (not matters or matters.isdisjoint(entry.matters)):
                    break
            else:
                yield slot

    def _all_initials(self, meanings: list[Meaning]) -> bool:
        """Whether every word is a first letter, or begins as many names as one."""
        return all(len(meaning.word.folded) == 1 or self._is_wide(meaning) for meaning in meanings)

    def _is_wide(self, meaning: Meaning) -> bool:
        names = meaning.names
        return len(names) > _WIDE and sum(1 for _ in islice(filter(self.named, names), _WIDE + 1)) > _WIDE

    def size(self, meaning: Meaning) -> int:
        """How many bear the meaning; more than anybody has where it is not worth counting."""
        if len(meaning.names) > _WIDE:
            return sys.maxsize
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
            found = list(islice(filter(self.open, slots if some >= most else slots[:some]), _CUT))
            if len(found) == _CUT or some >= most:
                return found
            some *= 8


def merged(hits: list[Hit]) -> list[Hit]:
    """Best first, each slot once."""
    return once(sorted(hits))


def once(hits: list[Hit]) -> list[Hit]:
    """In their order, each slot once."""
    best: dict[int, Hit] = {}
    for hit in hits:
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
            elif any(each.startswith(word.exact) for each in entry.exact):
                best += 2
        total += best
    over = len(entry.names) - len(used)
    return max(1.0, total / (len(meanings) + missing) - 0.4 * min(over, 4) + _in_order(entry, meanings[0]))


def _in_order(entry: Entry, first: Meaning) -> float:
    """Who types names begins with the first; most of all as it is written: A Å is Anna Åström before Åsa Alm."""
    if not entry.names or not first.names.get(entry.names[0], 0):
        return 0.0
    return 0.5 + 0.5 * any(each.startswith(first.word.exact) and fold(each) == entry.names[0] for each in entry.exact)
