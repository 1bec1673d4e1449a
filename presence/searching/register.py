"""Contacts as the search holds them: their words, their numbers, and their place in the order of names."""

from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from presence.domain.directory import Contact, PublicationRule, lineage
from presence.domain.picture import Picture
from presence.searching.addresses import Addresses, folded
from presence.searching.folding import fold, joined, plain, split
from presence.searching.numbers import SHORTEST, Numbers, digits_of
from presence.searching.vocabulary import Vocabulary

_BULK = 500
"""From so many contacts on, the sorted lists are made anew rather than inserted into."""
_ROOM = 1 << 32
_LAST_LETTERS = str.maketrans({"å": "{1", "ä": "{2", "æ": "{2", "ö": "{3", "ø": "{3"})  # after z, as in Swedish


def _in_order(name: str) -> str:
    return " ".join(fold(word) for word in plain(name).translate(_LAST_LETTERS).split())


class Entry(NamedTuple):
    """One contact. Words are folded; `exact` are those of the name as they are written."""

    id: str
    key: str  # by which names are in order
    names: tuple[str, ...]
    exact: frozenset[str]
    letters: frozenset[str]  # with which the names begin, and "j l" for Jan-Erik Lund, with and without marks; shared by equals
    matters: tuple[str, ...]  # of titles, units and keywords
    numbers: tuple[str, ...]
    addresses: tuple[str, ...]


def _initials(contact: Contact) -> list[str]:
    """The first letters of somebody's given and family name, as they are written and folded."""
    names = split(contact.name)
    if len(names) < 2 or contact.type != "person":
        return []
    pair = ((split(contact.given) or names)[0], (split(contact.family) or names[-1:])[0])
    return [" ".join(word[0] for word in words) for words in (pair, [fold(word) for word in pair])]


def _written(entry: Entry) -> frozenset[str]:
    """The words of a name as they are written, and its first letters."""
    return entry.exact | entry.letters


class Register:
    """Entries by slot, and the words that lead to them. Slots are numbered in the order of names, with room between them."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.entries: dict[int, Entry] = {}
        self.names = Vocabulary()
        self.matters = Vocabulary()
        self.written: dict[str, array[int]] = {}  # slots by words of names as they are written, and by their first letters
        self.numbers = Numbers()
        self.addresses = Addresses()
        self._order: list[tuple[str, int]] = []  # keys and slots
        self._slots: dict[str, int] = {}
        self._seen: dict[str, Contact] = {}  # what an entry was made of: the same again changes nothing
        self._letters: dict[frozenset[str], frozenset[str]] = {}
        self._posts: dict[tuple[str, ...], tuple[str, ...]] = {}  # posts are shared by many: so are their words

    def known(self) -> set[str]:
        return set(self._seen)

    def in_order(self) -> Iterator[int]:
        """All slots, in the order of names."""
        return (slot for _, slot in self._order)

    def take(self, picture: Picture, contacts: Iterable[str]) -> None:
        """Those that changed. Many at once are sorted once; few are put into their places."""
        changed = [c for c in contacts if picture.contact(c) is not self._seen.get(c)]
        if len(changed) > _BULK:
            self.renew(picture, {*self._seen, *changed})
            return
        for contact in changed:
            self._drop(contact)
            if entry := self._made(picture, contact):
                at = bisect_left(self._order, (entry.key, 0))
                below = self._order[at - 1][1] if at else 0
                above = self._order[at][1] if at < len(self._order) else below + 2 * _ROOM
                if above - below < 2:  # so many newcomers beside one another
                    self.renew(picture, {*self._seen, *changed})
                    return
                slot = (above + below) // 2
                self._order.insert(at, (entry.key, slot))
                self._put(slot, entry)

    def renew(self, picture: Picture, contacts: Iterable[str]) -> None:
        """All of it: names of units or the policy may have changed too."""
        self.clear()
        entries = [entry for contact in contacts if (entry := self._made(picture, contact))]
        entries.sort(key=lambda entry: entry.key)
        indexes = (self.names, self.matters, self.numbers, self.addresses)
        for index in indexes:
            index.open()
        for place, entry in enumerate(entries, 1):
            self._order.append((entry.key, place * _ROOM))
            self._put(place * _ROOM, entry)
        for index in indexes:
            index.close()

    def _put(self, slot: int, entry: Entry) -> None:
        self.entries[slot] = entry
        self._slots[entry.id] = slot
        self.names.add(entry.names, slot)
        for word in _written(entry):
            insort(self.written.setdefault(word, array("Q")), slot)
        self.matters.add(entry.matters, slot)
        for digits in entry.numbers:
            self.numbers.add(digits, slot)
        for address in entry.addresses:
            self.addresses.add(address, slot)

    def _drop(self, contact: str) -> None:
        self._seen.pop(contact, None)
        slot = self._slots.pop(contact, None)
        if slot is None:
            return
        entry = self.entries.pop(slot)
        self.names.remove(entry.names, slot)
        for word in _written(entry):
            slots = self.written[word]
            del slots[bisect_left(slots, slot)]
            if not slots:
                del self.written[word]
        self.matters.remove(entry.matters, slot)
        for digits in entry.numbers:
            self.numbers.remove(digits, slot)
        for address in entry.addresses:
            self.addresses.remove(address, slot)
        del self._order[bisect_left(self._order, (entry.key, slot))]

    def _made(self, picture: Picture, contact: str) -> Entry | None:
        """None for whoever is not published."""
        found = picture.contact(contact)
        if found is None:
            return None
        self._seen[contact] = found
        if contact == picture.rules.centre:
            return self._entry(picture, found, PublicationRule(contacts="shown"))
        rule = picture.rules.publication.for_contact(found, picture.units)
        return self._entry(picture, found, rule) if rule else None

    def _entry(self, picture: Picture, contact: Contact, rule: PublicationRule) -> Entry:
        """Only what is always shown can be found: by a field that is withheld, or at times, it could be guessed."""

        def shown(field: str) -> bool:
            return rule.fields.get(field, "shown") == "shown"

        nicknames = contact.nicknames if shown("nicknames") else ()
        texts = [contact.name, contact.given, contact.family, *nicknames]
        exact = dict.fromkeys(word for text in texts for word in (*split(text), *joined(text)))
        posts = contact.posts if contact.id == picture.rules.centre else picture.published_posts(contact)
        titles = [post.title for post in posts] if shown("title") else []
        about = [*titles, *(contact.keywords if shown("keywords") else ()), *(p.unit for p in posts if shown("unit"))]
        about += [contact.name] if contact.type != "person" else []
        numbers = [digits_of(c.value) for c in contact.channels if shown(c.kind) and c.value[:1] in "+0t" and "@" not in c.value]
        mails = [c.value for c in contact.channels if shown(c.kind) and picture.rules.kind(c.kind).scheme == "mailto"]
        extensions = [a.removeprefix("ext:") for a in contact.aliases if a.startswith("ext:")] if shown("telephone") else []
        names = tuple(dict.fromkeys(fold(word) for word in exact))
        letters = frozenset((*(word[0] for word in (*exact, *names)), *_initials(contact)))
        return Entry(
            id=contact.id,
            key="\n".join((_in_order(contact.family or contact.name), _in_order(contact.given), contact.id)),
            names=names,
            exact=frozenset(exact),
            letters=self._letters.setdefault(letters, letters),
            matters=self._matters(picture, tuple(about)),
            numbers=tuple(dict.fromkeys(d for d in (*extensions, *numbers) if len(d) >= SHORTEST)),
            addresses=tuple(dict.fromkeys(folded(mail.removeprefix("mailto:")) for mail in mails)),
        )

    def _matters(self, picture: Picture, about: tuple[str, ...]) -> tuple[str, ...]:
        """Words of texts; a unit's id stands for its name and the names above it."""
        if about not in self._posts:
            texts = [name for text in about for name in ([u.name for u in lineage(picture.units, text)] or [text])]
            self._posts[about] = tuple(dict.fromkeys(fold(w) for text in texts for w in (*split(text), *joined(text))))
        return self._posts[about]
