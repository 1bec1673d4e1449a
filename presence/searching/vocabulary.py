"""The words of an index, and who bears each: by the word, its beginning, ending, stem, sound and near misses."""

from array import array
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from presence.searching.soundkey import soundkey
from presence.searching.stems import stem

_LAST = "\U0010ffff"


class Vocabulary:
    """Folded words to slots (small numbers of whatever is indexed). Sorted lists are kept up by insertion, not rebuilt."""

    def __init__(self) -> None:
        self.bearers: dict[str, array[int]] = {}
        self._sounds: defaultdict[str, set[str]] = defaultdict(set)
        self._stems: defaultdict[str, set[str]] = defaultdict(set)
        self._sorted: list[str] = []
        self._backwards: list[str] = []
        self._by_length: defaultdict[int, list[str]] = defaultdict(list)
        self._fresh: list[str] | None = None

    # --- in ---

    def open(self) -> None:
        """Many words are added: sort once, at `close`."""
        self._fresh = []

    def close(self) -> None:
        if self._fresh:
            self._sorted = sorted(self._sorted + self._fresh)
            self._backwards = sorted(self._backwards + [word[::-1] for word in self._fresh])
        self._fresh = None

    def add(self, words: Iterable[str], slot: int) -> None:
        for word in words:
            if word in self.bearers:
                self.bearers[word].append(slot)
            else:
                self.bearers[word] = array("I", (slot,))
                self._enter(word)

    def remove(self, words: Iterable[str], slot: int) -> None:
        for word in words:
            if (bearers := self.bearers.get(word)) is not None and slot in bearers:
                bearers.remove(slot)
                if not bearers:
                    del self.bearers[word]
                    self._leave(word)

    def _enter(self, word: str) -> None:
        self._sounds[soundkey(word)].add(word)
        self._stems[stem(word)].add(word)
        self._by_length[len(word)].append(word)
        if self._fresh is not None:
            self._fresh.append(word)
        else:
            insort(self._sorted, word)
            insort(self._backwards, word[::-1])

    def _leave(self, word: str) -> None:
        for table, entry in ((self._sounds, soundkey(word)), (self._stems, stem(word))):
            table[entry].discard(word)
            if not table[entry]:
                del table[entry]
        self._by_length[len(word)].remove(word)
        for rows, row in ((self._sorted, word), (self._backwards, word[::-1])):
            del rows[bisect_left(rows, row)]

    # --- out ---

    def __contains__(self, word: str) -> bool:
        return word in self.bearers

    def __len__(self) -> int:
        return len(self.bearers)

    def beginning(self, part: str) -> Sequence[str]:
        """Words that begin so, the word itself included."""
        return self._sorted[bisect_left(self._sorted, part) : bisect_left(self._sorted, part + _LAST)]

    def ending(self, part: str) -> list[str]:
        back = part[::-1]
        rows = self._backwards
        return [row[::-1] for row in rows[bisect_left(rows, back) : bisect_left(rows, back + _LAST)]]

    def sounding(self, key: str) -> Iterable[str]:
        return self._sounds.get(key, ()) if key else ()

    def stemmed(self, key: str) -> Iterable[str]:
        return self._stems.get(key, ())

    def within(self, word: str, shortest: int) -> Iterator[tuple[str, str]]:
        """Words (or their stems) with which a compound begins or ends, and the part of it that they are; the longest of each."""
        for parts in (
            (word[:n] for n in range(len(word) - 1, shortest - 1, -1)),
            (word[-n:] for n in range(len(word) - 1, max(shortest, 4) - 1, -1)),
        ):
            for part in parts:
                if found := {part} & self.bearers.keys() | self._stems.get(part, set()) | self._stems.get(stem(part), set()):
                    yield from ((each, part) for each in found)
                    break

    def near(self, word: str) -> Iterator[tuple[str, int]]:
        """Words one slip of the finger away (two in long words): inserted, left out, changed or swapped letters."""
        slips = 0 if len(word) < 4 else 1 if len(word) < 7 else 2
        if not slips:
            return
        for length in range(len(word) - slips, len(word) + slips + 1):
            choices = self._by_length.get(length)
            if choices:
                for found, distance, _ in extract(word, choices, scorer=OSA.distance, score_cutoff=slips, limit=None):
                    if distance:
                        yield found, int(distance)
