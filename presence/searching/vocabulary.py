"""The words of an index, and who bears each: by the word, its beginning, ending, stem, sound and near misses."""

from array import array
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from presence.searching.soundkey import loosekey, soundkey
from presence.searching.stems import stem

_LAST = "\U0010ffff"


class Vocabulary:
    """Folded words to slots (small numbers of whatever is indexed). Sorted lists are kept up by insertion, not rebuilt."""

    def __init__(self) -> None:
        self.bearers: dict[str, array[int]] = {}  # in order
        self._sounds: defaultdict[str, set[str]] = defaultdict(set)
        self._loose: defaultdict[str, set[str]] = defaultdict(set)
        self._stems: defaultdict[str, set[str]] = defaultdict(set)
        self._sorted: list[str] = []
        self._backwards: list[str] = []  # stems, from their ends
        self._by_length: defaultdict[int, list[str]] = defaultdict(list)
        self._fresh: list[str] | None = None

    # --- in ---

    def open(self) -> None:
        """Many words are added: sort once, at `close`."""
        self._fresh = []

    def close(self) -> None:
        if self._fresh:
            self._sorted = sorted(self._sorted + self._fresh)
            self._backwards = sorted(root[::-1] for root in self._stems)
        self._fresh = None

    def add(self, words: Iterable[str], slot: int) -> None:
        for word in words:
            if (bearers := self.bearers.get(word)) is not None:
                if bearers[-1] < slot:
                    bearers.append(slot)
                else:
                    bearers.insert(bisect_left(bearers, slot), slot)
            else:
                self.bearers[word] = array("Q", (slot,))
                self._enter(word)

    def remove(self, words: Iterable[str], slot: int) -> None:
        for word in words:
            if bearers := self.bearers.get(word):
                del bearers[bisect_left(bearers, slot)]
                if not bearers:
                    del self.bearers[word]
                    self._leave(word)

    def _enter(self, word: str) -> None:
        self._sounds[soundkey(word)].add(word)
        self._loose[loosekey(word)].add(word)
        root = stem(word)
        if root not in self._stems and self._fresh is None:
            insort(self._backwards, root[::-1])
        self._stems[root].add(word)
        self._by_length[len(word)].append(word)
        if self._fresh is not None:
            self._fresh.append(word)
        else:
            insort(self._sorted, word)

    def _leave(self, word: str) -> None:
        root = stem(word)
        for index, key in ((self._sounds, soundkey(word)), (self._loose, loosekey(word)), (self._stems, root)):
            index[key].discard(word)
            if not index[key]:
                del index[key]
        if root not in self._stems:
            del self._backwards[bisect_left(self._backwards, root[::-1])]
        self._by_length[len(word)].remove(word)
        del self._sorted[bisect_left(self._sorted, word)]

    # --- out ---

    def __contains__(self, word: str) -> bool:
        return word in self.bearers

    def __len__(self) -> int:
        return len(self.bearers)

    def beginning(self, part: str) -> Sequence[str]:
        """Words that begin so, the word itself included."""
        return self._sorted[bisect_left(self._sorted, part) : bisect_left(self._sorted, part + _LAST)]

    def ending(self, root: str) -> list[str]:
        """Words whose stem ends so: bygglovshandläggare for handlägg."""
        back, rows = root[::-1], self._backwards
        found = rows[bisect_left(rows, back) : bisect_left(rows, back + _LAST)]
        return [word for row in found for word in self._stems[row[::-1]]]

    def sounding(self, key: str) -> Iterable[str]:
        return self._sounds.get(key, ()) if key else ()

    def alike(self, word: str) -> Iterable[str]:
        """Words that may sound so to somebody: vowels, and what stands before the soft ones, are as good as each other."""
        key = loosekey(word)
        return self._loose.get(key, ()) if key else ()

    def stemmed(self, key: str) -> Iterable[str]:
        return self._stems.get(key, ())

    def within(self, word: str, shortest: int) -> Iterator[tuple[str, str]]:
        """Words (or their stems) with which a compound begins or ends, and the part of it that they are."""
        for parts in (
            (word[:n] for n in range(len(word) - 1, shortest - 1, -1)),
            (word[-n:] for n in range(len(word) - 1, max(shortest, 4) - 1, -1)),
        ):
            for part in parts:
                if found := {part} & self.bearers.keys() | self._stems.get(part, set()) | self._stems.get(stem(part), set()):
                    yield from ((each, part) for each in found)

    def near(self, word: str, least: int = 4, more: bool = False) -> Iterator[tuple[str, int]]:
        """Words one slip of the finger away (two in long words): inserted, left out, changed or swapped letters.

        In shorter words than `least` none is allowed for; `more`: one more than that in all of four letters and longer.
        """
        slips = 0 if len(word) < least else 1 if len(word) < 7 else 2
        slips += more and len(word) > 3
        if not slips:
            return
        for length in range(len(word) - slips, len(word) + slips + 1):
            choices = self._by_length.get(length)
            if choices:
                for found, distance, _ in extract(word, choices, scorer=OSA.distance, score_cutoff=slips, limit=None):
                    if distance:
                        yield found, int(distance)
