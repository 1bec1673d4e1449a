"""Words that were asked for in vain: known once ten visitors asked for the same within a day, and until then kept nowhere.

What fewer ask for may be anything: a name, a number, a secret typed into the wrong field. So before that there are digests
alone, in memory, under a key that changes by the day; the words are those of the request that brings the tenth visitor. No
file, no log and no metric ever holds any other.
"""

import re
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from presence.domain.counts import K
from presence.searching.folding import fold, split
from presence.web.visitors import Period, network

DAY = 86_400
REST = 10.0
"""Seconds after which what somebody typed is what they wanted to ask, and not the beginning of it."""
_LONGEST = 40
_JUDGED_AGAIN = 600.0  # seconds: finding out whom a word names takes a look at everybody
_MOST = 20_000
_MOST_VISITORS = 500  # of one word; how many more there are does not matter
_MAIL = re.compile(r"\S@|www\.|https?:", re.IGNORECASE)


class _Typed(NamedTuple):
    """What a visitor asked last, so that it is seen whether they type on."""

    name: bytes
    length: int
    at: float


class _Word:
    """Who asked for it, as digests; how many of them were told of; whether it may not be told, and when that was found out."""

    __slots__ = ("barred", "judged", "told", "visitors")

    def __init__(self, visitors: set[bytes]) -> None:
        self.visitors = visitors
        self.told = 0
        self.barred = False
        self.judged = -_JUDGED_AGAIN


class Vain:
    """Of one process. It remembers at most `most` words, `k` times as many digests of who asked for them, and `most` visitors who
    may be typing on; beyond that it forgets the oldest.
    """

    def __init__(self, k: int = K, most: int = _MOST, names_somebody: Callable[[str], bool] = lambda _words: False) -> None:
        """`names_somebody`: whether words name one whom the public may not know of: they are never kept."""
        self._k = k
        self._names_somebody = names_somebody
        self._most = most
        self._day = Period(DAY)
        self._typed: OrderedDict[bytes, _Typed] = OrderedDict()  # by visitor
        self._asked: OrderedDict[bytes, _Word] = OrderedDict()  # who asked for a word, both as digests
        self._digests = 0  # in all of these
        self._kept: Counter[str] = Counter()

    def asked(self, query: str, address: str, now: float, found: bool) -> None:
        """A visitor searched. Who types on asks for the whole word, and not for each beginning of it."""
        if self._day.turned(now):
            self._typed.clear()
            self._asked.clear()
            self._digests = 0
        words = kept_form(query)
        visitor = self._day.digest("visitor", network(address))
        before = self._typed.pop(visitor, None)
        if before and now - before.at < REST and self._name(words[: before.length]) == before.name:
            self._take_back(before.name, visitor)
        if words and not found:
            self._typed[visitor] = _Typed(self._name(words), len(words), now)
            self._count(words, visitor, now)
        if len(self._typed) > self._most:
            self._typed.popitem(last=False)
        while len(self._asked) > self._most or self._digests > self._k * self._most:
            self._digests -= len(self._asked.popitem(last=False)[1].visitors)

    def take(self) -> Counter[str]:
        """Words that ten visitors asked for, and how many did, since this was last asked."""
        kept, self._kept = self._kept, Counter()
        return kept

    def _count(self, words: str, visitor: bytes, now: float) -> None:
        word = self._asked.setdefault(self._name(words), _Word(set()))
        visitors = word.visitors
        self._asked.move_to_end(self._name(words))
        if visitor in visitors or len(visitors) >= _MOST_VISITORS:
            return
        visitors.add(visitor)
        self._digests += 1
        if len(visitors) >= self._k and len(visitors) > word.told:
            if now >= word.judged + _JUDGED_AGAIN:
                word.judged, word.barred = now, self._names_somebody(words)
            if not word.barred:
                self._kept[words] += len(visitors) - word.told
            word.told = len(visitors)

    def _take_back(self, name: bytes, visitor: bytes) -> None:
        word = self._asked.get(name)
        if word and visitor in word.visitors:
            word.visitors.remove(visitor)
            self._digests -= 1

    def _name(self, words: str) -> bytes:
        return self._day.digest("words", words)


def kept_form(query: str) -> str:
    """The words as they may be kept: folded, of a bounded length; nothing where a digit or an address is among them."""
    if len(query) > 2 * _LONGEST or any(c.isdigit() for c in query) or _MAIL.search(query):
        return ""
    words = " ".join(fold(word) for word in split(query))
    return words if 2 <= len(words) <= _LONGEST else ""
