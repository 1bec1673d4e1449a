"""How a source fares, as a fact that is written only when it says something new."""

from datetime import timedelta

import msgspec

from presence.domain.facts import SourceHealth
from presence.domain.hours import OpeningHours
from presence.domain.intervals import FOREVER, Instant
from presence.domain.rules import SourceRule
from presence.intaking.plan import Plan

_AHEAD = 60  # seconds by which clocks may differ
LISTED = 1_000
"""How many unmatched aliases are listed."""
_RENEWAL = 10
"""A heartbeat is written when it moves the limit by this part of it, so that one a second does not fill the store."""
_DAYS = 60  # closed days in a row past which a limit is not stretched any more


def unknown(rule: SourceRule) -> SourceHealth:
    """Of a source that was never heard of."""
    return SourceHealth(type=rule.type, heartbeats=rule.heartbeats)


def evidence_until(rule: SourceRule, ok_at: Instant, hours: OpeningHours) -> Instant:
    """Until when a success counts. For leave, days on which the organisation is closed do not count: HR systems rest too."""
    if rule.type == "config":
        return FOREVER
    if rule.type != "leave":
        return ok_at + rule.limit
    t, left = ok_at, rule.limit
    for _ in range(_DAYS + rule.limit // 86_400):
        day = hours.day(t)
        midnight = hours.instant(day + timedelta(days=1))
        if hours.day_spans(day):
            if left <= midnight - t:
                return t + left
            left -= midnight - t
        t = midnight
    return t


def renewed(held: SourceHealth, rule: SourceRule, ok_at: Instant, hours: OpeningHours, *, always: bool) -> SourceHealth:
    """After a success. `always`: though the limit hardly moves."""
    ok_at = max(ok_at, held.ok_at)
    ok_until = evidence_until(rule, ok_at, hours)
    moves = held.failing_since or always or ok_until - held.ok_until >= max(1, rule.limit // _RENEWAL)
    if not moves:
        return held
    return msgspec.structs.replace(held, ok_at=ok_at, ok_until=ok_until, failing_since=0, error="")


def sane(held: SourceHealth, now: Instant) -> SourceHealth:
    """Without instants of the future: a clock that once ran ahead would have every later reading refused, and be believed."""
    ahead = now + _AHEAD
    if max(held.ok_at, held.read_at, held.marks_at) <= ahead:
        return held
    read_at, marks_at = (0 if t > ahead else t for t in (held.read_at, held.marks_at))
    return msgspec.structs.replace(held, ok_at=0, ok_until=min(held.ok_until, now), read_at=read_at, marks_at=marks_at)


def failing(held: SourceHealth, code: str, now: Instant) -> SourceHealth:
    """After a failure. What is held stays evidence to its limit."""
    return msgspec.structs.replace(held, failing_since=held.failing_since or now, error=code)


def reported(held: SourceHealth, plan: Plan, skipped: int) -> SourceHealth:
    """With what a batch could not place. A complete one tells of all; a partial one adds, and drops what has been placed."""
    unmatched = {**dict.fromkeys(held.unmatched if not plan.complete else ()), **plan.unmatched}
    ambiguous = {**dict.fromkeys(held.ambiguous if not plan.complete else ()), **plan.ambiguous}
    if not plan.complete:
        unmatched = {alias: None for alias in unmatched if not plan.register.match(alias)}
        ambiguous = {alias: None for alias in ambiguous if plan.register.is_ambiguous(alias)}
    return msgspec.structs.replace(
        held,
        unmatched=tuple(sorted(unmatched)[:LISTED]),
        unmatched_count=len(unmatched),
        ambiguous=tuple(sorted(ambiguous)[:LISTED]),
        skipped=skipped if plan.complete else held.skipped + skipped,
    )


def change_of_state(before: SourceHealth, after: SourceHealth) -> str:
    """What the log tells, once: empty where the source fares as before."""
    if after.failing_since and after.error != before.error:
        return f"failing: {after.error}"
    if before.failing_since and not after.failing_since:
        return f"well again after {max(0, after.ok_at - before.failing_since)} s"
    return ""
