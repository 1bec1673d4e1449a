"""What a plan changes of what the store holds."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Literal, NamedTuple

from presence.domain import facts
from presence.domain.facts import Absence, AnyBody, ContactRecord, Fact, Former, Held, Key, TopicRecord, UnitRecord, parts
from presence.domain.intervals import Instant
from presence.domain.personal import masked
from presence.intaking.ending import over
from presence.intaking.ground import Ground
from presence.intaking.plan import Plan, noun

_TELLING = ("mail:", "employee:", "uid:")
"""Kinds of aliases by which an operator knows a contact, the best first."""

Sign = Literal["+", "~", "-"]


class Change(NamedTuple):
    """One fact before and after."""

    key: Key
    before: AnyBody | None
    after: AnyBody | None
    who: str = ""

    @property
    def sign(self) -> Sign:
        if self.before is None:
            return "+"
        return "-" if self.after is None else "~"


class Tally(NamedTuple):
    """Of one noun: what the source holds, and what happens to it. Ended absences, and rows that only move, do not count."""

    held: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0


class Difference(NamedTuple):
    """All changes to a source's facts, sorted by key, and their tallies by noun. `ended`: of absences that were over anyway."""

    changes: tuple[Change, ...] = ()
    tallies: Mapping[str, Tally] = {}
    ended: frozenset[Key] = frozenset()

    @property
    def facts(self) -> list[Fact]:
        return [Fact(change.key, change.after) for change in self.changes]

    @property
    def added(self) -> int:
        return sum(t.added for t in self.tallies.values())

    @property
    def changed(self) -> int:
        return sum(t.changed for t in self.tallies.values())

    @property
    def removed(self) -> int:
        return sum(t.removed for t in self.tallies.values())

    @property
    def held(self) -> int:
        return sum(t.held for t in self.tallies.values())

    def lines(self) -> Iterator[str]:
        """One line a change, for an operator: ids, an alias, dates and the names of changed fields.

        Of whoever is or was protected the id alone: such lines are written to files and sent by mail.
        """
        return (line(change) for change in self.changes if noun(change.key))


def difference(plan: Plan, ground: Ground) -> Difference:
    """Equal bodies are no change."""
    replica = ground.replica
    changes = []
    for key, after in plan.wanted.items():
        before = replica.body(key)
        if before != after:
            changes.append(Change(key, before, after, _who(key, plan, ground)))
    if plan.complete:
        gone = replica.of_source.get(plan.source, set()) - plan.wanted.keys() - plan.kept
        changes += [Change(key, replica.body(key), None, _who(key, plan, ground)) for key in gone]
    ended = frozenset(c.key for c in changes if c.after is None and over(c.before, ground.hours, ground.now))
    return Difference(tuple(sorted(changes)), _tallies(plan, ground, changes), ended)


def _tallies(plan: Plan, ground: Ground, changes: list[Change]) -> dict[str, Tally]:
    counts: dict[str, list[int]] = {}
    for key in ground.replica.of_source.get(plan.source, ()):
        if (name := noun(key)) and not over(ground.replica.body(key), ground.hours, ground.now):
            counts.setdefault(name, [0, 0, 0, 0])[0] += 1
    for change in changes:
        name = noun(change.key)
        if not name:
            continue
        if change.after is None and (over(change.before, ground.hours, ground.now) or _moves(change.key, plan, ground)):
            continue
        counts.setdefault(name, [0, 0, 0, 0])[("+", "~", "-").index(change.sign) + 1] += 1
    return {name: Tally(*count) for name, count in sorted(counts.items())}


def _moves(key: Key, plan: Plan, ground: Ground) -> bool:
    """Whether the batch still says it, only of another contact, or of nobody known: what left has come again elsewhere."""
    kind, subject, *rest = parts(key)
    if kind == "contact":
        record = ground.replica.records[subject][plan.source]
        return (record.entry or subject, "contact") in plan.rows
    if kind == "held":
        return (subject, *rest[1:]) in plan.rows
    former = ground.replica.body(facts.key("former", subject))
    bore = {alias for alias, _ in former.aliases} if isinstance(former, Former) else set()
    return any((alias, kind, *rest[1:]) in plan.rows for alias in bore | ground.replica.aliases(subject))


def _who(key: Key, plan: Plan, ground: Ground) -> str:
    """As the source's people know them: by an alias of the source's kind where there is one, else by id.

    A contact, whose id tells an operator nothing, by id and an alias.
    """
    subject = facts.subject(key)
    kinds = tuple(f"{kind}:" for kind in ground.rule(plan.source).alias_kinds)
    is_contact = parts(key)[0] == "contact"
    found = sorted(ground.replica.aliases(subject) or plan.register.aliases(subject)) if kinds or is_contact else []
    if kinds:
        return next((alias for alias in found if alias.startswith(kinds)), subject)
    telling = (alias for kind in _TELLING for alias in found if alias.startswith(kind))
    return " ".join((subject, *islice(telling, 1)))


def line(change: Change) -> str:
    """`+ absence employee:10023 2026-12-01 → 2027-02-28 extent 0.5`"""
    kind = parts(change.key)[0]
    body = change.after or change.before
    if isinstance(body, Held):
        body, kind = body.body, parts(change.key)[3]
    was = isinstance(change.before, ContactRecord) and change.before.hidden
    is_protected = was or (isinstance(body, ContactRecord) and body.hidden)
    words = [change.sign, kind, masked(change.who.partition(" ")[0] if is_protected else change.who)]
    if isinstance(body, Absence):
        words += [_when(body)]
    elif isinstance(body, UnitRecord | TopicRecord):
        words += [repr(body.name)]
    if change.before is not None and change.after is not None and type(change.before) is type(change.after):
        names = change.before.__struct_fields__
        words += [name for name in names if name != "hidden" and getattr(change.before, name) != getattr(change.after, name)]
    if isinstance(body, ContactRecord):
        words += ["protected"] if body.hidden and not was else ["no longer protected"] if was and not body.hidden else []
    return " ".join(words)


def _when(absence: Absence) -> str:
    first, last = (absence.first, absence.last) if absence.dated else (_utc(absence.start), _utc(absence.end))
    span = f"{first} → {last or 'until further notice'}"
    return span if absence.extent == 1 else f"{span} extent {absence.extent:g}"


def _utc(t: Instant) -> str:
    try:
        return datetime.fromtimestamp(t, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return ""  # for ever
