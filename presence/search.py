"""Names, numbers, units and topics to contacts. Pure: it is fed from a picture and asked with words."""

import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import NamedTuple

from presence.domain.picture import Picture


class Hits(NamedTuple):
    """Ids, best first."""

    contacts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


class Search:
    """An index of one picture's contacts; `index` again whatever changed."""

    def __init__(self) -> None:
        self._words: dict[str, frozenset[str]] = {}
        self._sorted: list[tuple[str, str]] | None = None

    def index(self, picture: Picture, contacts: Iterable[str]) -> None:
        """Take these contacts as the picture has them now; whoever is not in it is forgotten."""
        for contact in contacts:
            found = picture.contact(contact)
            if found is None:
                self._words.pop(contact, None)
                continue
            numbers = [c.value.removeprefix("tel:") for c in found.channels if c.kind in ("telephone", "mobile")]
            texts = [found.name, *found.nicknames, *found.keywords, *(p.title for p in found.posts)]
            words = {w for text in texts for w in _fold(text).split()}
            words |= {number[-n:] for number in numbers for n in range(4, 10)}
            self._words[contact] = frozenset(words)
        self._sorted = None

    def clear(self) -> None:
        self._words.clear()
        self._sorted = None

    def find(self, query: str, picture: Picture, public: Callable[[str], bool], limit: int = 20) -> Hits:
        """At most `limit` contacts whom `public` lets through, and a few units and topics."""
        words = _fold(query).split()
        if not words:
            return Hits()
        if self._sorted is None:
            self._sorted = sorted((w, c) for c, ws in self._words.items() for w in ws)
        rarest = min((self._with_prefix(w) for w in words), key=len)
        names = sorted({c for c in rarest if all(any(x.startswith(w) for x in self._words[c]) for w in words)})
        contacts = []
        for contact in names:
            if public(contact):
                contacts.append(contact)
                if len(contacts) == limit:
                    break
        units = tuple(u.id for u in picture.units.values() if _all_in(words, u.name))[:5]
        topics = tuple(i for i, t in picture.topics.items() if _all_in(words, " ".join((t.name, *t.words))))[:5]
        return Hits(tuple(contacts), units, topics)

    def _with_prefix(self, word: str) -> list[str]:
        rows = self._sorted or []
        start = bisect_left(rows, (word, ""))
        found = []
        for text, contact in rows[start:]:
            if not text.startswith(word):
                break
            found.append(contact)
        return found


def _all_in(words: list[str], text: str) -> bool:
    there = _fold(text).split()
    return all(any(t.startswith(w) for t in there) for w in words)


def _fold(text: str) -> str:
    """Lower case without marks: å and a meet."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(" " if c in "-/,.;()" else c for c in plain if not unicodedata.combining(c))
