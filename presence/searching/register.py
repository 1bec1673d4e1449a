"""Contacts as the search holds them: their words, their numbers, and their place in the order of names."""

from collections.abc import Iterable
from typing import NamedTuple

from presence.domain.directory import Contact, PublicationRule, lineage
from presence.domain.picture import Picture
from presence.searching.folding import fold, joined, plain, split
from presence.searching.numbers import SHORTEST, Numbers, digits_of
from presence.searching.vocabulary import Vocabulary

_BULK = 500
"""From so many contacts on, the sorted lists are made anew rather than inserted into."""
_LAST_LETTERS = str.maketrans({"å": "{1", "ä": "{2", "æ": "{2", "ö": "{3", "ø": "{3"})  # after z, as in Swedish


def _in_order(name: str) -> str:
    return " ".join(fold(word) for word in plain(name).translate(_LAST_LETTERS).split())


class Entry(NamedTuple):
    """One contact. Words are folded; `exact` are those of the name as they are written."""

    id: str
    key: str  # by which names are in order
    names: tuple[str, ...]
    exact: frozenset[str]
    matters: tuple[str, ...]  # of titles, units and keywords
    numbers: tuple[str, ...]


class Register:
    """Entries by slot, and the words that lead to them."""

    def __init__(self) -> None:
        self.entries: list[Entry | None] = []
        self.names = Vocabulary()
        self.matters = Vocabulary()
        self.numbers = Numbers()
        self._slots: dict[str, int] = {}
        self._seen: dict[str, Contact] = {}  # what an entry was made of: the same again changes nothing
        self._free: list[int] = []
        self._alike: dict[tuple[str, ...], tuple[str, ...]] = {}  # posts are shared by many: so are their words

    def take(self, picture: Picture, contacts: Iterable[str], again: bool) -> None:
        """`again`: also those that are as they were (a unit's name or the policy may have changed)."""
        changed = [(c, found) for c in contacts if (found := picture.contact(c)) is not self._seen.get(c) or again]
        parts = (self.names, self.matters, self.numbers) if len(changed) > _BULK else ()
        for contact, _ in changed:
            self._drop(contact)
        for part in parts:
            part.open()
        for contact, found in changed:
            if found is not None:
                self._seen[contact] = found
                rule = picture.rules.publication.for_contact(found, picture.units)
                if rule is None and contact == picture.rules.centre:
                    rule = PublicationRule(contacts="shown")
                if rule:
                    self._add(contact, self._entry(picture, found, rule))
        for part in parts:
            part.close()

    def known(self) -> list[str]:
        return list(self._seen)

    def _add(self, contact: str, entry: Entry) -> None:
        slot = self._free.pop() if self._free else len(self.entries)
        if slot == len(self.entries):
            self.entries.append(entry)
        else:
            self.entries[slot] = entry
        self._slots[contact] = slot
        self.names.add(entry.names, slot)
        self.matters.add(entry.matters, slot)
        for digits in entry.numbers:
            self.numbers.add(digits, slot)

    def _drop(self, contact: str) -> None:
        self._seen.pop(contact, None)
        slot = self._slots.pop(contact, None)
        entry = None if slot is None else self.entries[slot]
        if slot is None or entry is None:
            return
        self.names.remove(entry.names, slot)
        self.matters.remove(entry.matters, slot)
        for digits in entry.numbers:
            self.numbers.remove(digits, slot)
        self.entries[slot] = None
        self._free.append(slot)

    def _entry(self, picture: Picture, contact: Contact, rule: PublicationRule) -> Entry:
        """Only what is always shown can be found: by a field that is withheld, or at times, it could be guessed."""

        def shown(field: str) -> bool:
            return rule.fields.get(field, "shown") == "shown"

        nicknames = contact.nicknames if shown("nicknames") else ()
        texts = [contact.name, contact.given, contact.family, *nicknames]
        exact = dict.fromkeys(word for text in texts for word in (*split(text), *joined(text)))
        about = [post.title for post in contact.posts] if shown("title") else []
        about += contact.keywords if shown("keywords") else ()
        about += [unit.name for post in contact.posts for unit in lineage(picture.units, post.unit)]
        about += [contact.name] if contact.type != "person" else []
        matters = tuple(dict.fromkeys(fold(word) for text in about for word in (*split(text), *joined(text))))
        numbers = [digits_of(c.value) for c in contact.channels if shown(c.kind) and c.value[:1] in "+0t" and "@" not in c.value]
        extensions = [a.removeprefix("ext:") for a in contact.aliases if a.startswith("ext:")] if shown("telephone") else []
        return Entry(
            id=contact.id,
            key="\n".join((_in_order(contact.family or contact.name), _in_order(contact.given), contact.id)),
            names=tuple(dict.fromkeys(fold(word) for word in exact)),
            exact=frozenset(exact),
            matters=self._alike.setdefault(matters, matters),
            numbers=tuple(dict.fromkeys(d for d in (*extensions, *numbers) if len(d) >= SHORTEST)),
        )
