"""Who must not be found: the marks of a batch, and what they change."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from presence.domain.facts import AnyBody, Checked, ContactRecord, Fact, Hidden, Key, Marks, SourceHealth, key, parts
from presence.domain.intervals import Instant
from presence.intaking.ground import Ground
from presence.intaking.matching import Register, normal
from presence.intaking.plan import Plan
from presence.ports import Batch


class Marking:
    """What one batch says of protection. `says`: it does so at all. `read_at`: when the list was read whole, 0 if it was not."""

    def __init__(self, batch: Batch, ground: Ground) -> None:
        self.says = batch.marked is not None
        self.read_at = batch.marks_at if self.says else 0
        self._raw = frozenset(batch.marked or ())
        self._contacts = frozenset(map(ground.contact_id, self._raw))
        self._aliases = frozenset(filter(None, map(normal, self._raw)))

    def hides(self, identity: str, aliases: Iterable[str]) -> bool:
        return identity in self._raw or not self._aliases.isdisjoint(aliases)

    def hides_contact(self, own: str, aliases: Iterable[str]) -> bool:
        """By the contact's id, where the identity behind it is not at hand."""
        return own in self._contacts or not self._aliases.isdisjoint(aliases)

    def fill(self, plan: Plan, ground: Ground) -> None:
        """Put into the plan the marks that hide by alias: all of a mark source, and of a directory those of nobody in it."""
        if not self.says:
            return
        if ground.rule(plan.source).type == "marks":
            found = set(self._of_mark_source(plan.register, ground))
        else:
            own = plan.register.bearers
            found = {a for a in self._aliases if not any(plan.source in plan.register.records(c) for c in own(a))}
        plan.wanted[key("marks", plan.source)] = Marks(tuple(sorted(found))) if found else None

    def _of_mark_source(self, register: Register, ground: Ground) -> Iterator[str]:
        """Somebody marked by identity is hidden by every alias that is known of them."""
        for mark in self._raw:
            yield normal(mark) or mark
            yield from register.aliases(ground.contact_id(mark))


def protected(plan: Plan, ground: Ground, *, after: bool) -> set[str]:
    """Whom the plan's source protects, by contact (or by alias where nobody bears it): as held now, or after the plan."""
    name = key("marks", plan.source)
    held = ground.replica.body(name)
    marks = plan.wanted.get(name, held) if after else held
    found = {who for alias in (marks.aliases if isinstance(marks, Marks) else ()) for who in _whose(plan.register, alias)}
    register = plan.register
    for contact in ground.replica.records.keys() | (register.contacts() if after else set()):
        records = register.records(contact) if after else ground.replica.records[contact]
        if plan.source in records and records[plan.source].hidden:
            found.add(contact)
    return found


class Lifted(NamedTuple):
    """Whose mark a plan takes away, of how many marked, and how many are left. Whoever leaves is not among them."""

    who: set[str]
    held: int
    left: int


def lifted(plan: Plan, ground: Ground) -> Lifted:
    before, after = protected(plan, ground, after=False), protected(plan, ground, after=True)
    who = {who for who in before - after if ":" in who or plan.register.exists(who)}
    return Lifted(who, len(before), len(after))


def lifted_by(changes: Mapping[Key, AnyBody | None], register: Register, ground: Ground) -> set[str]:
    """Whose mark these changes take away, `register` telling who bears what with them. Whoever leaves is not among them."""
    who: set[str] = set()
    for name, after in changes.items():
        before = ground.replica.body(name)
        if isinstance(before, ContactRecord) and before.hidden:
            who.add(parts(name)[1])
        elif isinstance(before, Marks):
            left = after.aliases if isinstance(after, Marks) else ()
            who |= _all_of(set(before.aliases).difference(left), register) - _all_of(left, register)
    return {each for each in who if ":" in each or _is_open(each, register)}


def _all_of(aliases: Iterable[str], register: Register) -> set[str]:
    return {who for alias in aliases for who in _whose(register, alias)}


def _is_open(contact: str, register: Register) -> bool:
    return register.exists(contact) and not any(record.hidden for record in register.records(contact).values())


def _whose(register: Register, alias: str) -> set[str]:
    return register.bearers(alias) or {register.match(alias) or alias}


def hidden_facts(contacts: Iterable[str], aliases: frozenset[str], register: Register, ground: Ground) -> Iterator[Fact]:
    """`Hidden` for those of the contacts that are hidden for the first time. `aliases`: all that mark sources protect."""
    for contact in contacts:
        name = key("hidden", contact)
        if name in ground.replica.facts or not register.exists(contact):
            continue
        if any(r.hidden for r in register.records(contact).values()) or not aliases.isdisjoint(register.aliases(contact)):
            yield Fact(name, Hidden(ground.now))


def checked_facts(register: Register, ground: Ground, health: SourceHealth, source: str) -> Iterator[Fact]:
    """`Checked` for those whom every mark source was read after, with `health` as the source's newest."""
    names = ground.rules.mark_sources
    if names is None:
        return
    times: list[Instant] = []
    for name in names:
        body = health if name == source else ground.replica.body(key("source", name))
        times.append(body.marks_at if isinstance(body, SourceHealth) else 0)
    read_at = min(times, default=ground.now)
    for contact in register.contacts():
        name = key("checked", contact)
        if name in ground.replica.facts:
            continue
        seen = [r.first_seen for r in register.records(contact).values()]
        if read_at and read_at >= min(seen, default=0):
            yield Fact(name, Checked(ground.now))
