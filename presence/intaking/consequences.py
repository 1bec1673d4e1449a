"""What follows for contacts from a change of who there is, whatever source caused it."""

from collections.abc import Iterable, Iterator, Mapping

from presence.domain.facts import AnyBody, Calendar, ContactRecord, Fact, Former, Held, Key, Link, Marks, Presence, key, parts
from presence.domain.intervals import Instant
from presence.intaking.calendars import both
from presence.intaking.ground import Ground
from presence.intaking.matching import NAMES, Register
from presence.intaking.protection import hidden_facts

_LAYERS = frozenset({"absence", "calendar", "schedule", "presence", "link", "override"})
_WRITTEN = (_LAYERS | {"held"}) - {"link"}  # a link is a link, whoever wrote it
REMEMBERED = 90 * 86_400
"""Seconds for which an alias that was given up still finds its contact."""


def consequences(changes: Mapping[Key, AnyBody | None], register: Register, ground: Ground) -> list[Fact]:
    """Facts to write together with `changes`: nobody inherits anything, former names, protection, and what was held."""
    touched = touched_by(changes)
    protected = _protected(changes, ground)
    marked = {contact for alias in protected for contact in register.bearers(alias)} if _marks(changes) else set()
    found: dict[Key, Fact] = {}
    heirs = gone(changes, register, ground)
    for contact in sorted(touched):
        facts = remains(contact, heirs[contact], ground) if contact in heirs else _former(contact, register, ground)
        found.update((fact.key, fact) for fact in facts)
    for fact in (*hidden_facts(sorted(touched | marked), protected, register, ground), *placed(register, ground)):
        found[fact.key] = fact
    return [fact for name, fact in found.items() if name not in changes]


def touched_by(changes: Iterable[Key]) -> set[str]:
    return {parts(name)[1] for name in changes if name.startswith("contact/")}


def gone(changes: Mapping[Key, AnyBody | None], register: Register, ground: Ground) -> dict[str, str]:
    """Contacts that no source names any more, each with the contact that it turned out to be; empty where there is none."""
    heirs = _moved(changes, ground)
    return {contact: heirs.get(contact, "") for contact in touched_by(changes) if not register.exists(contact)}


def of_people(facts: Iterable[Fact]) -> Iterator[Key]:
    """Keys of what others may write meanwhile: layers, and what is held for an alias."""
    return (fact.key for fact in facts if parts(fact.key)[0] in _WRITTEN)


def _marks(changes: Iterable[Key]) -> bool:
    return any(name.startswith("marks/") for name in changes)


def _protected(changes: Mapping[Key, AnyBody | None], ground: Ground) -> frozenset[str]:
    """All aliases that mark sources protect, with the changes."""
    rules = (key("marks", name) for name in ground.rules.sources)
    bodies = (changes.get(name, ground.replica.body(name)) for name in rules)
    return frozenset(alias for body in bodies if isinstance(body, Marks) for alias in body.aliases)


def _moved(changes: Mapping[Key, AnyBody | None], ground: Ground) -> dict[str, str]:
    """Contacts whose entry turned out to describe another contact, which a directory before it names: old -> new."""
    left: dict[tuple[str, str], str] = {}
    came: dict[tuple[str, str], str] = {}
    for name, body in changes.items():
        before = ground.replica.body(name)
        _, contact, source = parts(name) if name.startswith("contact/") else ("", "", "")
        if isinstance(before, ContactRecord) and body is None:
            left[source, before.entry or contact] = contact
        elif isinstance(body, ContactRecord) and before is None:
            came[source, body.entry or contact] = contact
    return {left[entry]: came[entry] for entry in left.keys() & came.keys()}


def remains(contact: str, heir: str, ground: Ground) -> Iterator[Fact]:
    """Somebody whom no source names any more leaves nothing behind; but what is known of one person stays with the person."""
    for name in sorted(ground.replica.of_contact.get(contact, ())):
        kind, _, *rest = parts(name)
        if heir and kind in _LAYERS and (target := key(kind, heir, *rest)) not in ground.replica.facts:
            yield Fact(target, ground.replica.body(name))
        if kind != "contact":
            yield Fact(name)


def _former(contact: str, register: Register, ground: Ground) -> Iterator[Fact]:
    """Aliases made from a name are remembered for a while after the contact gave them up."""
    name = key("former", contact)
    held = ground.replica.body(name)
    aliases = dict(held.aliases) if isinstance(held, Former) else {}
    now = register.aliases(contact)
    for alias in ground.replica.aliases(contact) - now:
        if alias.partition(":")[0] in NAMES:
            aliases[alias] = ground.now
    kept = tuple(sorted((a, t) for a, t in aliases.items() if a not in now and remembered(t, ground.now)))
    if kept != (held.aliases if isinstance(held, Former) else ()):
        yield Fact(name, Former(kept) if kept else None)


def remembered(given_up: Instant, now: Instant) -> bool:
    return now - given_up < REMEMBERED


def placed(register: Register, ground: Ground) -> Iterator[Fact]:
    """What was held for an alias goes to the contact that bears it now. What the contact has already is not overwritten."""
    for contact, aliases in bearing(register, ground).items():
        yield from placed_with(contact, aliases, ground)


def bearing(register: Register, ground: Ground) -> dict[str, list[str]]:
    """Aliases for which something is held and that somebody bears now, by contact."""
    found: dict[str, list[str]] = {}
    for alias in ground.replica.held:
        if contact := register.match(alias):
            found.setdefault(contact, []).append(alias)
    return found


def placed_with(contact: str, aliases: Iterable[str], ground: Ground) -> Iterator[Fact]:
    """See `placed`."""
    replica = ground.replica
    found: dict[Key, AnyBody] = {}
    for name in (name for alias in aliases for name in sorted(replica.held[alias])):
        body = replica.body(name)
        _, _, source, kind, *rest = parts(name)
        target = key(kind, contact, source, *rest)
        if isinstance(body, Held) and target not in replica.facts:
            other, held = found.get(target), body.body
            found[target] = both(other, held) if isinstance(other, Calendar) and isinstance(held, Calendar) else held
            if isinstance(body.body, Presence):
                found[key("link", contact, source)] = Link()
        yield Fact(name)
    for target, placed_body in found.items():
        yield Fact(target, placed_body)
