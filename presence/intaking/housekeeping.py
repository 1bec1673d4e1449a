"""What leaves the store because its time is over. No history is kept."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from presence.domain.facts import (
    AnyBody,
    Calendar,
    Count,
    Fact,
    Former,
    Held,
    HoldBack,
    Key,
    Override,
    Presence,
    Queue,
    Schedule,
    decode,
    encode,
    key,
    parts,
    subject,
)
from presence.intaking.consequences import remembered
from presence.intaking.ending import has_past, over, without_history
from presence.intaking.ground import Ground
from presence.intaking.replica import OF_CONTACT
from presence.intaking.schedules import without_ended

LEASE_GRACE = 3600
"""Seconds for which a lapsed report stays, so that one of its sender's that was overtaken is still known as older."""
PAST_GRACE = 12 * 3600
"""Seconds for which the past of a calendar may stay, so that it is rewritten twice a day at most."""
HOLD_DAYS = 14
COUNTS_REST = 26 * 3600
"""Seconds after the beginning of an hour from which its counts are put together: no process adds to them any more."""
MERGED = "all"
"""In place of a process: what all of them counted in an hour."""
_CHUNK = 500


def due(ground: Ground) -> Iterator[Fact]:
    """Facts to write, each of which stands alone."""
    for name, fact in ground.replica.facts.items():
        if fact.body is None:
            continue
        body = _kept(name, fact.body, ground)
        if body is None:
            yield Fact(name)
        elif body is not fact.body:
            yield Fact(name, body)
    yield from _merged_counts(ground)


def chunks(facts: Sequence[Fact]) -> Iterator[list[Fact]]:
    """Facts in order of subject, in parts to be written at once; none of a subject is without the others."""
    part: list[Fact] = []
    for fact in facts:
        if len(part) >= _CHUNK and subject(fact.key) != subject(part[-1].key):
            yield part
            part = []
        part.append(fact)
    if part:
        yield part


def _merged_counts(ground: Ground) -> Iterator[Fact]:
    """Of an hour that is over, one fact instead of one a process. Those of calls are the last word of their sender, and stay."""
    hours: dict[int, dict[Key, Count]] = {}
    for name in ground.replica.of_kind("count"):
        body = ground.replica.body(name)
        _, begins, process = (*parts(name), "", "")[:3]
        if isinstance(body, Count) and begins == str(body.hour) and ":" not in process and _at_rest(body, ground):
            hours.setdefault(body.hour, {})[name] = body
    for hour, held in hours.items():
        merged = key("count", str(hour), MERGED)
        if held.keys() == {merged}:
            continue
        sums: Counter[str] = Counter()
        for body in held.values():
            sums.update(body.counts)
        yield Fact(merged, Count(hour, dict(sums)))
        yield from (Fact(name) for name in held if name != merged)


def _at_rest(body: Count, ground: Ground) -> bool:
    return COUNTS_REST <= ground.now - body.hour < ground.rules.keep_counts


def _kept(name: Key, body: AnyBody, ground: Ground) -> AnyBody | None:
    """The fact as it stays; None where it goes."""
    kind, subject = parts(name)[:2]
    if kind in OF_CONTACT and kind != "contact" and subject not in ground.replica.records:
        return None  # of nobody
    if isinstance(body, Held):
        inner = _kept_layer(body.body, ground)
        if inner is None:
            return None
        return body if inner is body.body else msgspec.structs.replace(body, body=inner)
    if isinstance(body, Former):
        kept = tuple(pair for pair in body.aliases if remembered(pair[1], ground.now))
        return body if kept == body.aliases else Former(kept) if kept else None
    if isinstance(body, Count):
        return body if ground.now - body.hour < ground.rules.keep_counts else None
    if isinstance(body, HoldBack):
        is_due = ground.now - body.at < HOLD_DAYS * 86_400 and body.source in ground.rules.sources
        return _without_past_of_held_back(body, ground) if is_due else None
    return _kept_layer(body, ground)


def _without_past_of_held_back(hold: HoldBack, ground: Ground) -> HoldBack:
    """What ended while a batch waits for its operator is not kept for that."""
    facts, numbers = [], []
    for (name, data), number in zip(hold.facts, hold.numbers, strict=True):
        before = None if data is None else decode(data)
        inner = before.body if isinstance(before, Held) else before
        after = inner if inner is None else _kept_layer(inner, ground)
        if inner is not None and after is None:
            continue
        kept = data
        if after is not inner and isinstance(after, Calendar | Schedule):
            kept = encode(msgspec.structs.replace(before, body=after) if isinstance(before, Held) else after)
        facts.append((name, kept))
        numbers.append(number)
    if tuple(facts) == hold.facts:
        return hold
    return msgspec.structs.replace(hold, facts=tuple(facts), numbers=tuple(numbers))


def _kept_layer(body: AnyBody, ground: Ground) -> AnyBody | None:
    now = ground.now
    if over(body, ground.hours, now):
        return None
    if isinstance(body, Presence):
        return body if body.end > now - LEASE_GRACE else None
    if isinstance(body, Override | Queue):
        return body if body.end > now else None
    if isinstance(body, Calendar) and (has_past(body.intervals, now - PAST_GRACE) or has_past(body.hours, now - PAST_GRACE)):
        return without_history(body, now)
    if isinstance(body, Schedule):
        return without_ended(body, ground.hours, now)
    return body
