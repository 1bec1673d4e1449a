"""All facts of the store in the memory of the process that takes batches in, indexed for the questions of intake."""

from collections.abc import Iterable, Iterator

from presence.domain.facts import AnyBody, ContactRecord, Former, Held, Key, Stored, UnitRecord, parts

OF_CONTACT = frozenset(
    {"contact", "absence", "calendar", "schedule", "presence", "override", "link", "checked", "hidden", "former"}
)
OF_SOURCE = frozenset({"contact", "unit", "topic", "absence", "calendar", "schedule", "presence", "link", "held"})
"""Kinds whose third part of the key is the source that said it."""


class Replica:
    """`apply` is the only way in. Facts are as the store numbers them; what is not there has the number 0."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self.facts: dict[Key, Stored] = {}
        self.of_source: dict[str, set[Key]] = {}
        self.of_contact: dict[str, set[Key]] = {}
        self.records: dict[str, dict[str, ContactRecord]] = {}  # contact -> source -> what it says
        self.units: dict[str, dict[str, UnitRecord]] = {}
        self.bearers: dict[str, set[str]] = {}  # alias -> contacts
        self.former: dict[str, set[str]] = {}  # alias -> contacts that bore it
        self.held: dict[str, set[Key]] = {}  # alias -> what is held for whoever will bear it

    def load(self, facts: Iterable[Stored]) -> None:
        """A snapshot, in place of all that was here."""
        self._clear()
        for fact in facts:
            self.apply(fact)

    def body(self, key: Key) -> AnyBody | None:
        fact = self.facts.get(key)
        return fact.body if fact else None

    def number(self, key: Key) -> int:
        fact = self.facts.get(key)
        return fact.number if fact else 0

    def of_kind(self, kind: str) -> Iterator[Key]:
        """All keys of a kind, in any order."""
        begin = f"{kind}/"
        return (key for key in self.facts if key.startswith(begin))

    def aliases(self, contact: str) -> set[str]:
        return {alias for record in self.records.get(contact, {}).values() for alias in record.aliases}

    def apply(self, fact: Stored) -> None:
        """Take one fact as the store tells it. An older one than is here changes nothing."""
        if fact.number < self.number(fact.key):
            return
        kind, subject, *rest = parts(fact.key)
        if kind == "contact":
            self._apply_record(subject, rest[0], fact.body if isinstance(fact.body, ContactRecord) else None)
        elif kind == "unit":
            _put_record(self.units, subject, rest[0], fact.body if isinstance(fact.body, UnitRecord) else None)
        elif kind == "former":
            self._apply_former(subject, self.body(fact.key), fact.body)
        if fact.body is None:
            self.facts.pop(fact.key, None)
        else:
            self.facts[fact.key] = fact
        there = fact.body is not None
        if kind in OF_CONTACT:
            _put(self.of_contact, subject, fact.key, there)
        if kind in OF_SOURCE:
            _put(self.of_source, rest[0], fact.key, there)
        if kind == "held":
            _put(self.held, subject, fact.key, there and isinstance(fact.body, Held))

    def _apply_record(self, contact: str, source: str, record: ContactRecord | None) -> None:
        before = self.aliases(contact)
        _put_record(self.records, contact, source, record)
        after = self.aliases(contact)
        for alias in before ^ after:
            _put(self.bearers, alias, contact, alias in after)

    def _apply_former(self, contact: str, before: AnyBody | None, after: AnyBody | None) -> None:
        for body in (before, after):
            for alias, _ in body.aliases if isinstance(body, Former) else ():
                _put(self.former, alias, contact, body is after)


def _put(index: dict[str, set[str]], name: str, value: str, there: bool) -> None:
    if there:
        index.setdefault(name, set()).add(value)
    elif name in index:
        index[name].discard(value)
        if not index[name]:
            del index[name]


_Records = dict[str, dict[str, ContactRecord]] | dict[str, dict[str, UnitRecord]]


def _put_record(index: _Records, subject: str, source: str, record: ContactRecord | UnitRecord | None) -> None:
    if record is not None:
        index.setdefault(subject, {})[source] = record  # type: ignore[assignment]  # one kind of record an index
    elif subject in index:
        index[subject].pop(source, None)
        if not index[subject]:
            del index[subject]
