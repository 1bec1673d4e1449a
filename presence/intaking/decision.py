"""One batch, decided: what to write, and what to tell of it. Pure."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import msgspec

from presence.domain.facts import Fact, Key, Link, SourceHealth, key
from presence.intaking import entries, guard, health, holding, protection
from presence.intaking.consequences import consequences, gone, of_people
from presence.intaking.difference import Difference, difference
from presence.intaking.ground import STATES_IDENTITY, Ground
from presence.intaking.guard import Verdict
from presence.intaking.matching import Register
from presence.intaking.outcome import Outcome
from presence.intaking.plan import Plan
from presence.intaking.replica import Replica
from presence.intaking.statements import Statements
from presence.ports import Batch

HELD_BACK = "held-back"
"""The error code of a source whose newest batch waits for an operator."""


class Decision(NamedTuple):
    """`before` and `after`: the source's health, for the log. `numbers`: of the facts by which it was decided.

    `left`: contacts that are gone with it, see `settling`.
    """

    outcome: Outcome
    facts: list[Fact]
    before: SourceHealth
    after: SourceHealth
    numbers: Mapping[Key, int] = {}
    lifted: int = 0  # marks of protected people
    left: Mapping[str, str] = {}
    settles: bool = False  # it may change who bears what, or who is there

    def without_health(self) -> "Decision":
        return self.without({key("source", self.outcome.source)})._replace(after=self.before)

    def overtaken(self, replica: Replica) -> set[Key]:
        """Of what was to be written: what somebody else has written meanwhile."""
        written = {fact.key for fact in self.facts}
        return {name for name, number in self.numbers.items() if name in written and replica.number(name) != number}

    def without(self, names: Collection[Key]) -> "Decision":
        """Leave some facts to somebody else."""
        facts = [fact for fact in self.facts if fact.key not in names]
        numbers = {name: number for name, number in self.numbers.items() if name not in names}
        return self._replace(facts=facts, numbers=numbers)


def decide(batch: Batch, ground: Ground, released: str = "", operator: str = "") -> Decision:
    """`released`: a hold whose difference the operator has seen."""
    rule = ground.rule(batch.source)
    before = health_of(batch.source, ground)
    if batch.complete and batch.read_at < before.read_at:
        told = "it was read before what was applied last, and is left alone"
        return Decision(Outcome(batch.source, older=True, explanation=f"{batch.source}: {told}"), [], before, before)
    hold = holding.find(released, operator, ground) if released else None
    plan = planned(batch, ground)
    found = difference(plan, ground)
    verdicts = guard.judge(plan, found, ground)
    grave = [v for v in verdicts if not (hold and holding.waives(hold, released, batch, v, ground))]
    if grave:
        return _hold(batch, plan, found, grave[0], before, ground)
    after = _well(batch, plan, before, ground)
    facts = found.facts
    lifted, left = 0, {}
    if rule.type in (*STATES_IDENTITY, "marks"):
        changes = {fact.key: fact.body for fact in facts}
        lifted = len(protection.lifted_by(changes, plan.register, ground))
        left = gone(changes, plan.register, ground)
        facts += consequences(changes, plan.register, ground)
        facts += protection.checked_facts(plan.register, ground, after, batch.source)
    if batch.complete:
        facts += [Fact(key("holdback", id_)) for id_, _ in holding.holds(ground, batch.source)]
        if not verdicts and (removed := guard.removals(plan, found, ground)):
            facts.append(Fact(key("removals", batch.source), removed))  # what an operator released does not count
    if after != before or (rule.type in STATES_IDENTITY and found.changes):  # by its number others know that matches may differ
        facts.append(Fact(key("source", batch.source), after))
    outcome = _outcome(batch, plan, found, len(facts))
    if batch.keeps:
        told = "part of it cannot be told whose it is, so that nothing was taken away"
        outcome = msgspec.structs.replace(outcome, explanation=f"{batch.source}: {told}")
    return Decision(outcome, facts, before, after, _numbers(plan, facts, ground), lifted, left, rule.type in STATES_IDENTITY)


def _numbers(plan: Plan, facts: list[Fact], ground: Ground) -> dict[Key, int]:
    """Of all that a partial batch was compared with, though nothing may come of it: that is a decision too.

    Of what one writer alone writes: of what others may write too. Of both: by what it is known who bears which alias. A link is
    a link, whoever wrote it.
    """
    alone = plan.complete or ground.rule(plan.source).type in (*STATES_IDENTITY, "marks")
    if alone:
        names = list(of_people(facts))
    else:
        names = [name for name, body in plan.wanted.items() if not isinstance(body, Link)]
        names += [*plan.read, *(fact.key for fact in facts if fact.key == key("source", plan.source))]
    if plan.people and ground.rule(plan.source).type not in (*STATES_IDENTITY, "marks"):
        names += [key("source", name) for name, rule in ground.rules.sources.items() if rule.type in STATES_IDENTITY]
    return {name: ground.replica.number(name) for name in names}


def planned(batch: Batch, ground: Ground) -> Plan:
    """What the batch asks for, whoever it is about."""
    plan = Plan(batch.source, batch.complete, Register(ground.replica))
    marking = protection.Marking(batch, ground)
    if ground.rule(batch.source).type in STATES_IDENTITY:
        entries.fill(plan, batch, ground, marking)
    else:
        Statements(plan, batch, ground).fill()
    if ground.rule(batch.source).type in ("directory", "marks"):
        marking.fill(plan, ground)
    return plan


def release(id_: str, operator: str, ground: Ground) -> tuple[Decision, dict[Key, int]]:
    """Apply a hold as it was seen; and the numbers that must still hold when it is written."""
    hold = holding.find(id_, operator, ground)
    register = Register(ground.replica)
    changes = holding.still_applies(hold, register, ground)
    for name, record in changes.items():
        if name.startswith("contact/"):
            entries.register_change(register, name, record)
    before = health_of(hold.source, ground)
    after = health.renewed(before, ground.rule(hold.source), hold.read_at, ground.hours, always=True)
    read_at, marks_at = max(before.read_at, hold.read_at), max(before.marks_at, hold.marks_at)
    after = msgspec.structs.replace(after, read_at=read_at, marks_at=marks_at)
    facts = [Fact(name, body) for name, body in changes.items()]
    # What follows for layers is settled after it: an operator should not have to come again for what others push meanwhile.
    following = consequences(changes, register, ground)
    pushed = set(of_people(following))
    facts += [fact for fact in following if fact.key not in pushed]
    facts += protection.checked_facts(register, ground, after, hold.source)
    facts += [Fact(key("holdback", id_)), Fact(key("source", hold.source), after)]
    outcome = Outcome(
        source=hold.source,
        added=hold.added,
        changed=hold.changed,
        removed=hold.removed,
        written=len(facts),
        rule=hold.rule,
        explanation=f"{hold.source}: {id_} released by {operator.strip()}",
        difference=holding.described(id_, hold, ground).difference,
    )
    numbers = {name: ground.replica.number(name) for name in (*changes, key("holdback", id_))}
    lifted = len(protection.lifted_by(changes, register, ground))
    left = gone(changes, register, ground)
    return Decision(outcome, facts, before, after, lifted=lifted, left=left, settles=True), numbers


def health_of(source: str, ground: Ground) -> SourceHealth:
    body = ground.replica.body(key("source", source))
    return health.sane(body, ground.now) if isinstance(body, SourceHealth) else health.unknown(ground.rule(source))


def _well(batch: Batch, plan: Plan, before: SourceHealth, ground: Ground) -> SourceHealth:
    """The source's health after the batch was applied."""
    rule = ground.rule(batch.source)
    after = health.reported(before, plan, batch.skipped + plan.skipped)
    # Reports alone do not prove that a whole source is well, unless they are all that it can send.
    proves = batch.complete or batch.heartbeat or (rule.type == "presence" and not rule.heartbeats)
    if proves:
        after = health.renewed(after, rule, min(batch.read_at or ground.now, ground.now), ground.hours, always=batch.complete)
    if batch.complete:
        after = msgspec.structs.replace(after, read_at=batch.read_at)
    marks_at = 0
    if batch.marked is not None:
        marks_at = batch.marks_at or (batch.read_at if rule.type == "marks" else 0)
    return msgspec.structs.replace(after, type=rule.type, heartbeats=rule.heartbeats, marks_at=max(before.marks_at, marks_at))


def _hold(batch: Batch, plan: Plan, found: Difference, verdict: Verdict, before: SourceHealth, ground: Ground) -> Decision:
    id_, facts = holding.held_back(batch, found, verdict, ground)
    after = health.failing(before, HELD_BACK, ground.now)
    if after != before:
        facts.append(Fact(key("source", batch.source), after))
    outcome = _outcome(batch, plan, found, len(facts))
    explanation = f"{verdict.explanation}; held back as {id_}"
    return Decision(msgspec.structs.replace(outcome, hold=id_, rule=verdict.rule, explanation=explanation), facts, before, after)


def _outcome(batch: Batch, plan: Plan, found: Difference, written: int) -> Outcome:
    return Outcome(
        source=plan.source,
        added=found.added,
        changed=found.changed,
        removed=found.removed,
        unchanged=max(0, found.held - found.changed - found.removed),
        written=written,
        people=plan.people,
        failed=plan.failed,
        unmatched=tuple(sorted(plan.unmatched)),
        ambiguous=tuple(sorted(plan.ambiguous)),
        unresolved=plan.unresolved,
        unknown=plan.unknown,
        skipped=plan.skipped,
        clamped=plan.clamped,
        outdated=plan.outdated,
        remarks=batch.remarks,
        difference=found,
    )
