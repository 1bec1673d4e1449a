"""Who is meant: from an alias to the one contact that bears it."""

from functools import lru_cache

from presence.domain.directory import Alias
from presence.domain.facts import ContactRecord
from presence.intaking.replica import Replica

NAMES = frozenset({"mail", "upn", "sip", "uid"})
"""Kinds of alias that are made from a person's name, and so change with it. A number stays with the desk, not with the person."""


@lru_cache(1 << 18)
def normal(alias: str) -> str:
    """The one way in which an alias is written; empty for what is none."""
    try:
        return str(Alias.parse(alias))
    except ValueError:
        return ""


class Register:
    """Who bears which alias, as it will be when a batch is applied: the replica, and what the batch changes."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._records: dict[str, dict[str, ContactRecord]] = {}
        self._added: dict[str, set[str]] = {}
        self._dropped: dict[str, set[str]] = {}

    def put(self, contact: str, source: str, record: ContactRecord | None) -> None:
        """What a source will say of the contact; None: nothing any more."""
        before = self.aliases(contact)
        records = dict(self.records(contact))
        records.pop(source, None)
        if record is not None:
            records[source] = record
        self._records[contact] = records
        after = self.aliases(contact)
        for alias in before - after:
            self._dropped.setdefault(alias, set()).add(contact)
            self._added.get(alias, set()).discard(contact)
        for alias in after - before:
            self._added.setdefault(alias, set()).add(contact)
            self._dropped.get(alias, set()).discard(contact)

    def records(self, contact: str) -> dict[str, ContactRecord]:
        """By source."""
        found = self._records.get(contact)
        return self._replica.records.get(contact, {}) if found is None else found

    def exists(self, contact: str) -> bool:
        return bool(self.records(contact))

    def contacts(self) -> set[str]:
        """All that some source will name."""
        gone = {contact for contact, records in self._records.items() if not records}
        return (self._replica.records.keys() | self._records.keys()) - gone

    def aliases(self, contact: str) -> set[str]:
        return {alias for record in self.records(contact).values() for alias in record.aliases}

    def bearers(self, alias: str) -> set[str]:
        found = self._replica.bearers.get(alias, set())
        if alias in self._dropped:
            found = found - self._dropped[alias]
        return found | self._added[alias] if alias in self._added else found

    def match(self, alias: str) -> str:
        """The one contact that bears the alias, or where nobody does the one that bore it lately; empty where there is none.

        With two bearers nobody is given what may be meant for the other.
        """
        found = self.bearers(alias) or {c for c in self._replica.former.get(alias, ()) if self.exists(c)}
        return next(iter(found)) if len(found) == 1 else ""

    def is_ambiguous(self, alias: str) -> bool:
        return len(self.bearers(alias)) > 1

    def shared(self) -> set[str]:
        """Aliases that several contacts bear."""
        often = {alias for alias, found in self._replica.bearers.items() if len(found) > 1}
        return {alias for alias in often | self._added.keys() if self.is_ambiguous(alias)}
