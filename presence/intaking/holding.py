"""Batches that wait for an operator: kept with their whole difference, and applied as they were seen."""

from collections.abc import Iterator

from presence.domain.facts import AnyBody, Fact, HoldBack, Key, decode, encode, key, parts
from presence.intaking.difference import Change, Difference, Tally
from presence.intaking.ground import Ground
from presence.intaking.guard import Verdict, hold_id
from presence.intaking.matching import Register
from presence.intaking.outcome import Hold, HoldOutdated, ReleaseRefused, UnknownHold
from presence.intaking.plan import noun
from presence.ports import Batch

_OF_PEOPLE = frozenset({"absence", "calendar", "schedule", "presence", "link"})


def holds(ground: Ground, source: str = "") -> Iterator[tuple[str, HoldBack]]:
    """All that are held back, or those of one source, by id."""
    for name in sorted(ground.replica.of_kind("holdback")):
        body = ground.replica.body(name)
        if isinstance(body, HoldBack) and source in ("", body.source):
            yield parts(name)[1], body


def held_back(batch: Batch, difference: Difference, verdict: Verdict, ground: Ground) -> tuple[str, list[Fact]]:
    """The id of the hold, and the facts to write. It takes the place of an older one; the same one again writes nothing."""
    id_ = hold_id(ground.key, batch.source, verdict)
    older = dict(holds(ground, batch.source))
    body = HoldBack(
        source=batch.source,
        at=older[id_].at if id_ in older else ground.now,
        rule=verdict.rule,
        held=difference.held,
        added=difference.added,
        changed=difference.changed,
        removed=difference.removed,
        facts=tuple((c.key, None if c.after is None else encode(c.after)) for c in difference.changes),
        numbers=tuple(ground.replica.number(c.key) for c in difference.changes),
        read_at=batch.read_at,
        marks_at=batch.marks_at if batch.marked is not None else 0,
        explanation=verdict.explanation,
    )
    facts = [Fact(key("holdback", other)) for other in older if other != id_]
    if older.get(id_) is None or (older[id_].facts, older[id_].numbers) != (body.facts, body.numbers):
        facts.append(Fact(key("holdback", id_), body))
    return id_, facts


def find(id_: str, operator: str, ground: Ground) -> HoldBack:
    """The hold that the operator may release. Raises `UnknownHold`, `ReleaseRefused`."""
    body = ground.replica.body(key("holdback", id_))
    if not isinstance(body, HoldBack):
        raise UnknownHold(f"no batch is held back as {id_!r}; a newer one of its source may have taken its place")
    name = operator.strip()
    if not name:
        raise ReleaseRefused("a release needs the name of the operator")
    if name.casefold() == body.source.casefold() or name.casefold().startswith("token:"):
        raise ReleaseRefused("the sender of a batch cannot release it: a named operator must")
    return body


def waives(hold: HoldBack, id_: str, batch: Batch, verdict: Verdict, ground: Ground) -> bool:
    """Whether who releases this hold has seen all that is grave in the verdict on a newer batch of the same source."""
    if hold.source != batch.source:
        raise ReleaseRefused(f"{id_!r} holds back a batch of {hold.source}, not of {batch.source}")
    if hold_id(ground.key, batch.source, verdict) == id_:
        return True
    seen = {name for name, data in hold.facts if (data is None) != (verdict.rule == "away")}
    return bool(verdict.grave) and verdict.grave <= seen


def changes_of(hold: HoldBack, ground: Ground) -> tuple[Change, ...]:
    return tuple(
        Change(name, ground.replica.body(name), None if data is None else decode(data), parts(name)[1])
        for name, data in hold.facts
    )


def still_applies(hold: HoldBack, register: Register, ground: Ground) -> dict[Key, AnyBody | None]:
    """The changes that are left to make. Raises `HoldOutdated` where something in the store is not as it was."""
    left: dict[Key, AnyBody | None] = {}
    for change, number in zip(changes_of(hold, ground), hold.numbers, strict=True):
        kind, subject = parts(change.key)[:2]
        if change.after is None and change.before is None:
            continue  # it is gone already
        if ground.replica.number(change.key) != number:
            raise HoldOutdated("the store has moved on since the batch was held back: let the source be read again")
        if change.after is not None and kind in _OF_PEOPLE and not register.exists(subject):
            raise HoldOutdated("somebody of whom the batch speaks has left since: let the source be read again")
        left[change.key] = change.after
    return left


def described(id_: str, hold: HoldBack, ground: Ground) -> Hold:
    """For an operator to look at before releasing it."""
    changes = changes_of(hold, ground)
    tallies: dict[str, Tally] = {}
    for change in changes:
        if name := noun(change.key):
            t = tallies.get(name, Tally())
            signs = {"+": (1, 0, 0), "~": (0, 1, 0), "-": (0, 0, 1)}[change.sign]
            tallies[name] = Tally(0, t.added + signs[0], t.changed + signs[1], t.removed + signs[2])
    counts = hold.added, hold.changed, hold.removed
    return Hold(id_, hold.source, hold.at, hold.rule, hold.explanation, *counts, Difference(changes, tallies))
