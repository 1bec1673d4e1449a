"""When a complete batch is not believed: it would take away too much at once (section 4 of the design).

Whole percentages are compared in integers, so that exactly 5 % is not more than 5 %.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from presence.domain.directory import merge_unit, path
from presence.domain.facts import Absence, Key, Removals, SourceHealth, UnitRecord, key, parts
from presence.domain.intervals import Instant
from presence.intaking.away import away_today
from presence.intaking.difference import Difference
from presence.intaking.ground import Ground
from presence.intaking.plan import Plan, noun
from presence.intaking.protection import lifted

FEW, PART = 20, 5
"""A run may remove this many, or this percentage of what the source holds, whichever is more."""
DAY_PART = 10
"""And within 24 hours this percentage, where that is more than `FEW`."""
FEW_UNITS = 2
"""So many units may go though they are over half: a small organisation is reorganised in small steps."""
FEW_MARKS, PART_MARKS = 2, 5
AWAY_POINTS = 20
_HOUR, _DAY = 3600, 86_400
_MAIN = ("people", "absences", "calendars", "schedules", "links")
_RENAMED = ("units", "topics", "absences")
"""Nouns whose rows change their names by themselves (a unit known by its name, an HR row), so that as many may come as go."""


class Verdict(NamedTuple):
    """Why a batch is held back. `rule`: a stable code. `grave`: what it would do that is grave, for telling it again."""

    rule: str
    explanation: str
    grave: frozenset[str]


def judge(plan: Plan, difference: Difference, ground: Ground) -> list[Verdict]:
    """Empty where the batch may be applied. What the configuration says is the operator's own word."""
    rule = ground.rule(plan.source)
    if rule.type == "config":
        return []
    found = [_marks(plan, ground)]  # a partial batch may bring the whole list of marks
    if plan.complete:
        found.insert(0, _removals(plan, difference, ground))
    if plan.complete and rule.type == "directory":
        found.append(_publication(difference, ground))
    if plan.complete and rule.type == "leave":
        found.append(_away(plan, difference, ground))
    return [Verdict(code, f"{plan.source}: would {words}", frozenset(grave)) for code, words, grave in filter(None, found)]


_Found = tuple[str, str, Iterable[Key]]


def _removals(plan: Plan, difference: Difference, ground: Ground) -> _Found | None:
    gone = [c.key for c in difference.changes if c.after is None and noun(c.key)]
    for name, tally in difference.tallies.items():
        held, removed = tally.held, tally.removed
        left = held - removed + (tally.added if name in _RENAMED else 0)
        if held and removed and not plan.rows and name in _MAIN:
            return "empty", f"remove all {held} {name}: the batch is empty", gone
        if removed > FEW and removed * 100 > PART * held:
            return "removes", f"remove {removed} of {held} {name}, more than {max(FEW, PART * held // 100)} in one run", gone
        if left * 2 < held and (name in _MAIN or removed > FEW_UNITS):
            return "halves", f"leave {left} of {held} {name}, under half", gone
        if removed and name in _MAIN:
            before = recent(ground, plan.source)
            total, base = before + removed, held + before
            if total > FEW and total * 100 > DAY_PART * base:
                return "day", f"remove {removed} {name}, {total} of {base} within 24 hours", gone
    return None


def recent(ground: Ground, source: str) -> int:
    """How many the source's batches removed in the last 24 hours, by whole hours."""
    body = ground.replica.body(key("removals", source))
    hours = body.hours if isinstance(body, Removals) else ()
    return sum(count for hour, count in hours if hour + _HOUR > ground.now - _DAY)


def removals(plan: Plan, difference: Difference, ground: Ground) -> Removals | None:
    """The record of removals with those of this run; None where it removes nothing."""
    count = sum(tally.removed for name, tally in difference.tallies.items() if name in _MAIN)
    if not count:
        return None
    body = ground.replica.body(key("removals", plan.source))
    hour: Instant = ground.now - ground.now % _HOUR
    hours = {h: n for h, n in (body.hours if isinstance(body, Removals) else ()) if h + _HOUR > ground.now - _DAY}
    hours[hour] = hours.get(hour, 0) + count
    return Removals(tuple(sorted(hours.items())))


def _marks(plan: Plan, ground: Ground) -> _Found | None:
    if ground.rule(plan.source).type not in ("directory", "marks"):
        return None  # it says nothing of them; and who is marked is found by looking at everybody
    found = lifted(plan, ground)
    count = len(found.who)
    if count and not found.left and ground.rule(plan.source).type == "marks":
        return "empty", f"lift the protection of all {count}: the list is empty", found.who
    if count > FEW_MARKS and count * 100 > PART_MARKS * found.held:
        return "marks", f"lift the protection of {count} of {found.held}", found.who
    return None


def _publication(difference: Difference, ground: Ground) -> _Found | None:
    """A rule that keeps people from the public hides nobody once its unit is called otherwise: all of them would be shown."""
    rules = ground.rules.publication.rules
    keeping = {r.unit.strip("/") for r in rules if r.contacts != "shown" or any(v != "shown" for v in r.fields.values())} - {"*"}
    moved = [c for c in difference.changes if parts(c.key)[0] == "unit"] if keeping else []
    if not moved:
        return None
    before = {unit: dict(records) for unit, records in ground.replica.units.items()}
    after = {unit: dict(records) for unit, records in before.items()}
    for change in moved:
        _, unit, source = parts(change.key)
        if isinstance(change.after, UnitRecord):
            after.setdefault(unit, {})[source] = change.after
        else:
            after.get(unit, {}).pop(source, None)
    lost = sorted(keeping & (_paths(before, ground) - _paths(after, ground)))
    if not lost:
        return None
    words = (
        f"leave no unit for the rule of publication of {lost[0]}, which keeps people from the public: name the unit anew first"
    )
    return "publication", words, [c.key for c in moved]


def _paths(records: Mapping[str, Mapping[str, UnitRecord]], ground: Ground) -> set[str]:
    """Of the units that a directory has, named as answers name them. One that only the configuration states has nobody in it."""
    order = {name: i for i, name in enumerate(ground.rules.sources)}
    units = {
        unit: merge_unit(unit, [said[name] for name in sorted(said, key=lambda n: (order.get(n, len(order)), n))])
        for unit, said in records.items()
        if said
    }
    directories = {name for name, rule in ground.rules.sources.items() if rule.type == "directory"}
    return {"/".join(path(units, unit)) for unit in units if not directories.isdisjoint(records[unit])}


def _away(plan: Plan, difference: Difference, ground: Ground) -> _Found | None:
    if not _seen_before(plan.source, ground):
        return None
    staff = [c for c in plan.register.contacts() if any(r.type == "person" for r in plan.register.records(c).values())]
    changes = {c.key: c.after for c in difference.changes if c.key.startswith("absence/")}
    more = away_today(changes, set(staff), ground)
    if more * 100 > AWAY_POINTS * len(staff):
        grave = [k for k, after in changes.items() if isinstance(after, Absence)]
        return "away", f"make {more} of {len(staff)} more away today, over {AWAY_POINTS} points", grave
    return None


def _seen_before(source: str, ground: Ground) -> bool:
    health = ground.replica.body(key("source", source))
    return bool(ground.replica.of_source.get(source)) or (isinstance(health, SourceHealth) and health.ok_at > 0)


def hold_id(installation_key: bytes, source: str, verdict: Verdict) -> str:
    """The same for the same grave thing, so that an operator who is about to release it does not find it renamed."""
    text = "\n".join(("hold", source, verdict.rule, *sorted(verdict.grave)))
    return base64.b32encode(hmac.digest(installation_key, text.encode(), hashlib.sha256)[:5]).decode().lower()
