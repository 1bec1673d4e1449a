"""From what sources say to facts in the store: match, compare, guard, write.

One `Intake` a process. It keeps a replica of the store, so that a batch is compared with what is there, and equal bodies write
nothing. A complete batch, and whatever a directory says, is written by one leased writer at a time, in one append, compared with
all that was written until then: a run cut short leaves nothing half done, and the next one completes it. Single reports and
absences need no lease: they are written if what they were compared with still stands in the store, else compared again.
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from presence.domain.facts import Fact, Key, SourceHealth, key
from presence.domain.intervals import Instant
from presence.domain.rules import Rules, SourceRule
from presence.intaking import decision, health, holding, housekeeping, settling, telling
from presence.intaking.claims import Claims
from presence.intaking.decision import HELD_BACK, Decision
from presence.intaking.difference import Change, Difference, Tally
from presence.intaking.ground import STATES_IDENTITY, Ground, calendar_days
from presence.intaking.mirror import Mirror
from presence.intaking.outcome import (
    AlreadyRunning,
    Hold,
    HoldOutdated,
    Outcome,
    ReleaseRefused,
    UnknownHold,
    UnknownSource,
)
from presence.intaking.replica import Replica
from presence.intaking.turns import Turns, named
from presence.ports import Batch, Clock, Conflict, Position, SourceUnavailable, Store, StoreUnavailable

__all__ = [
    "HELD_BACK",
    "AlreadyRunning",
    "Change",
    "Difference",
    "Hold",
    "HoldOutdated",
    "Intake",
    "Outcome",
    "ReleaseRefused",
    "Tally",
    "UnknownHold",
    "UnknownSource",
]

logger = logging.getLogger(__name__)

_ATTEMPTS = 3
_TRIES = 8
"""Of a batch, each of which another process came before."""
_WITH_HEALTH = 2
"""Of them, in how many it also tells how the source fares, which all that the source sends at once write to."""


class Intake:
    """See the module. All methods may raise `StoreUnavailable`: nothing was written, the next run does it.

    Those that name a source raise `UnknownSource` for one that is not configured.
    """

    def __init__(self, store: Store, rules: Rules, key: bytes, clock: Clock, holder: str = "", *, is_copy: bool = False) -> None:
        """`key` is the installation key, from which public ids are made. `holder`: by what name it takes the right to write.

        `is_copy`: the store is one that nobody will see, so that a dry run may write to it and the next batch meets what it did.
        """
        self._store, self._rules, self._key, self._clock = store, rules, key, clock
        self._mirror = Mirror(store, Replica())
        self._hours = calendar_days(rules)
        self._is_copy = is_copy
        self._lock = asyncio.Lock()
        self._claims = Claims(store, holder or secrets.token_hex(8))
        self._turns = Turns()
        self._stated: Batch | None = None

    async def close(self) -> None:
        """Stop following the store."""
        await self._mirror.close()

    # --- batches ---

    async def take(self, batch: Batch, *, dry_run: bool = False, released: str = "", operator: str = "") -> Outcome:
        """Apply a batch, hold it back, or with `dry_run` only say what it would do.

        `released`: the hold whose difference `operator` has seen; the batch is applied as far as that covers what is grave in
        it. Raises `AlreadyRunning`, `UnknownHold`, `ReleaseRefused`.
        """
        rule = self.rule(batch.source)
        if dry_run and self._is_copy:
            return msgspec.structs.replace(await self.take(batch), dry_run=True, written=0)
        if dry_run:
            found = decision.decide(batch, await self._ground(), released, operator)
            return msgspec.structs.replace(found.outcome, dry_run=True, written=0)
        if batch.complete or rule.type in (*STATES_IDENTITY, "marks"):
            outcome = await self._take_alone(batch, released, operator)
            await self._resolve_stated(batch, rule, outcome)
            return outcome
        async with self._turns.of(named(batch)):
            return await self._take_part(batch)

    async def _take_part(self, batch: Batch) -> Outcome:
        """Another process may have written since the replica was told: an older report must not win over its newer one."""
        for attempt in range(_TRIES):
            ground = await self._ground()
            found = decision.decide(batch, ground)
            if attempt >= _WITH_HEALTH:  # the next that it sends tells it
                found = found.without_health()
            try:
                return await self._apply(found, found.numbers)
            except Conflict:
                await self._mirror.move(partial(settling.differs, ground.replica, found.numbers))
        raise StoreUnavailable("other processes came first again and again")

    async def _take_alone(self, batch: Batch, released: str, operator: str) -> Outcome:
        async with self._lock, self.writing(batch.source) as granted:
            fence, contested, found = granted, set[Key](), None
            for attempt in range(_TRIES):
                replica = await self._mirror.catch_up()
                contested |= found.overtaken(replica) if found else set()
                found = decision.decide(batch, await self._ground(), released, operator)
                if attempt >= _ATTEMPTS - 1:  # a busy installation starves nobody: what is pushed is newer, the rest is settled
                    found = found.without(found.numbers if found.settles else contested)
                try:
                    outcome = await self._apply(found, found.numbers, fence)
                except Conflict:  # somebody pushed, or the lease ran out meanwhile and whoever took it may have written
                    fence = await self._claims.acquire(batch.source)
                else:
                    await self._settle(found)
                    return outcome
        raise AlreadyRunning(f"another process came before {batch.source!r} again and again")

    async def _settle(self, found: Decision) -> None:
        with contextlib.suppress(StoreUnavailable):  # it is written all the same, and the next run or housekeeping does the rest
            for _ in range(_ATTEMPTS if found.settles else 0):
                await self._write_parts(settling.parts(found.left, await self._ground()))

    async def _resolve_stated(self, batch: Batch, rule: SourceRule, outcome: Outcome) -> None:
        """What the configuration says of units and people that no directory had named yet is taken again when one has."""
        if rule.type == "config":
            self._stated = batch if outcome.unresolved else None
        elif self._stated and rule.type == "directory" and outcome.difference.changes and not outcome.hold:
            again = msgspec.structs.replace(self._stated, read_at=int(self._clock.now()))
            try:
                found = await self._take_alone(again, "", "")
            except AlreadyRunning:  # another process states it at this moment; the directory's reading has been taken in
                return
            if found.unknown and not self._is_copy:
                logger.warning("the configuration names what no source knows: %s", ", ".join(found.unknown))
            await self._resolve_stated(again, self.rule(again.source), found)

    async def _apply(self, found: Decision, expect: Mapping[Key, int] | None = None, fence: int | None = None) -> Outcome:
        position = await self._write(found.facts, expect, fence)
        if not self._is_copy:  # on a copy nothing has happened
            telling.log(found, logger)
        return msgspec.structs.replace(found.outcome, position=position)

    async def release(self, hold_id: str, operator: str) -> Outcome:
        """Apply the difference that was held back, as it was seen.

        Raises `UnknownHold`, `ReleaseRefused`, `HoldOutdated` and `AlreadyRunning`.
        """
        async with self._lock:
            source = holding.find(hold_id, operator, await self._ground()).source
            self.rule(source)
            async with self.writing(source) as fence:
                await self._mirror.reload()
                found, numbers = decision.release(hold_id, operator, await self._ground())
                try:
                    outcome = await self._apply(found, numbers, fence)
                except Conflict:
                    raise HoldOutdated("the store moved on while the batch was being released: look at it again") from None
                await self._settle(found)
        counts = outcome.added, outcome.changed, outcome.removed
        logger.info("%s: %d added, %d changed, %d removed", outcome.explanation, *counts)
        return outcome

    async def holds(self) -> list[Hold]:
        """What waits for an operator, with its difference."""
        ground = await self._ground()
        return [holding.described(id_, body, ground) for id_, body in holding.holds(ground)]

    # --- how sources fare ---

    async def failed(self, source: str, error: SourceUnavailable) -> None:
        """The source could not be read. What is held stays, and is evidence to its limit."""
        self.rule(source)
        await self._fares(source, lambda before, ground: health.failing(before, error.code, ground.now))

    async def heartbeat(self, source: str) -> None:
        """The source says that it is well, and that what it said stands."""
        rule = self.rule(source)

        def renew(before: SourceHealth, ground: Ground) -> SourceHealth:
            if before.error == HELD_BACK:  # what it said last has not been applied
                return before
            return health.renewed(before, rule, ground.now, ground.hours, always=False)

        await self._fares(source, renew)

    async def _fares(self, source: str, change: Callable[[SourceHealth, Ground], SourceHealth]) -> None:
        """Write how the source fares, over what is there and nothing else: another process may just have held a batch back."""
        name = key("source", source)
        for _ in range(_ATTEMPTS):
            ground = await self._ground()
            before = decision.health_of(source, ground)
            after = change(before, ground)
            if after == before:
                return
            try:
                await self._apply(
                    Decision(Outcome(source), [Fact(name, after)], before, after), {name: ground.replica.number(name)}
                )
            except Conflict:
                await self._mirror.reload()
            else:
                return

    # --- what is over ---

    async def housekeeping(self, now: Instant | None = None) -> int:
        """Remove what is over; to be called every hour. Returns how many facts were written.

        Ended absences, lapsed leases, past words and calendars go, names given up long ago, and what is of nobody. What
        somebody writes meanwhile is left for the next time.
        """
        written = 0
        async with self._lock:
            try:
                async with self.writing("/housekeeping"):
                    ground = await self._ground()
                    ground = ground if now is None else ground._replace(now=now)
                    written = await self._write_parts(settling.parts({}, ground))
                    facts = sorted(housekeeping.due(ground), key=settling.in_order)
                    written += await self._write_parts(settling.numbered(housekeeping.chunks(facts), ground))
            except AlreadyRunning:
                logger.debug("another process is at it")
        return written

    # --- one writer a source ---

    def writing(self, source: str) -> contextlib.AbstractAsyncContextManager[int]:
        """See `presence.intaking.claims.Claims.writing`."""
        return self._claims.writing(source)

    async def give_back(self, source: str, holder: str) -> None:
        """See `presence.intaking.claims.Claims.give_back`."""
        await self._claims.give_back(source, holder)

    # --- the store ---

    async def _ground(self) -> Ground:
        replica = await self._mirror.ready()
        return Ground(self._rules, self._key, replica, self._hours, int(self._clock.now()))

    async def _write(self, facts: Sequence[Fact], expect: Mapping[Key, int] | None = None, fence: int | None = None) -> Position:
        """Append, all or nothing, in order of subject; returns when the replica has seen it. Nothing to write: no position."""
        if not facts:
            if expect:
                await self._store.append([], expect)  # that nothing is to be written must be true as well
            return ""
        facts = sorted(facts, key=settling.in_order)
        names = [fact.key for fact in facts]
        seen = self._mirror.watch(names[-1])
        try:
            position = await self._store.append(facts, expect, fence)
            await self._mirror.reach(seen)
        finally:
            self._mirror.forget(names[-1], seen)
        return position

    async def _write_parts(self, parts: Sequence[settling.Part]) -> int:
        """Write each that nobody came before; returns how many facts that were."""
        written = 0
        for facts, numbers in parts:
            try:
                await self._write(facts, numbers)
                written += len(facts)
            except Conflict:
                await self._mirror.move(partial(settling.differs, self._mirror.replica, numbers))
        return written

    def rule(self, source: str) -> SourceRule:
        """How it is configured."""
        try:
            return self._rules.sources[source]
        except KeyError:
            raise UnknownSource(f"no source {source!r} is configured") from None
