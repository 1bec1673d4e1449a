"""E-mail addresses, whole or as far as they are typed; never by their domain."""

import re
from bisect import bisect_left, insort

from presence.searching.folding import fold, plain

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]*@[^\s<>()\[\],;:\"@]*")
_SPOKEN = re.compile(r"[^\s@]+")
_OF_ADDRESSES = re.compile(r"[\d._+]")
_LETTERS = re.compile(r"[^\W\d_]+")
SHORTEST = 3


class Typed:
    """An address, or what may be its part before the @."""

    __slots__ = ("given", "surely", "text")

    def __init__(self, text: str, surely: bool) -> None:
        self.text = text
        self.surely = surely  # nothing else is written so: there is a digit, a dot or an @ in it
        self.given = "@" in text

    @property
    def local(self) -> str:
        """The part before the @: people know the names of old domains, and misspell those of new ones."""
        return self.text.partition("@")[0]

    @property
    def words(self) -> str:
        """What the part before the @ says: names, or a matter."""
        return " ".join(_LETTERS.findall(self.local))


def typed(text: str) -> Typed | None:
    """The address in a query, or the query itself if it is one word that may be the beginning of one; else None."""
    found = _ADDRESS.search(text)
    if found and (not found[0].startswith("@") or "." in found[0]):
        return Typed(folded(found[0]), surely=True)
    word = text.strip()
    if len(word) < SHORTEST or not _SPOKEN.fullmatch(word) or not _LETTERS.search(word):
        return None
    return Typed(folded(word), surely=bool(_OF_ADDRESSES.search(word.rstrip("."))))


def folded(address: str) -> str:
    """As addresses are compared: many people type å where the address has a."""
    return fold(plain(address.strip()))


class Addresses:
    """Addresses of contacts, by slot."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, int]] = []
        self._bulk: list[tuple[str, int]] | None = None

    def open(self) -> None:
        """Many are added: sort once, at `close`."""
        self._bulk = []

    def close(self) -> None:
        if self._bulk:
            self._rows = sorted(self._rows + self._bulk)
        self._bulk = None

    def add(self, address: str, slot: int) -> None:
        if self._bulk is not None:
            self._bulk.append((address, slot))
        else:
            insort(self._rows, (address, slot))

    def remove(self, address: str, slot: int) -> None:
        at = bisect_left(self._rows, (address, slot))
        if at < len(self._rows) and self._rows[at] == (address, slot):
            del self._rows[at]

    def whole(self, text: str) -> list[int]:
        """Slots of the address itself, or of that part before the @."""
        return self._between(text, text + "\0") if "@" in text else self._between(text + "@", text + "A")

    def beginning(self, text: str) -> list[int]:
        """Slots of addresses that begin so."""
        return self._between(text, text + "\U0010ffff")

    def _between(self, first: str, last: str) -> list[int]:
        rows = self._rows[bisect_left(self._rows, (first, -1)) : bisect_left(self._rows, (last, -1))]
        return list(dict.fromkeys(slot for _, slot in rows))
