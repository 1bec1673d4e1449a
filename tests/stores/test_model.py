"""Both embedded stores against the plainest model of a compacted table, over random histories."""

import asyncio
import math
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import TypeVar

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from presence.domain.facts import Count, Key
from presence.ports import Conflict, Position, Resync, Store
from presence.stores.memory import MemoryStore
from presence.stores.sqlite import SqliteStore

from .given import KEEP_DAYS, Clock, count, gone

T = TypeVar("T")
NAMES = st.sampled_from(["a", "b", "c", "å", "d"])
CHANGES = st.lists(st.tuples(NAMES, st.one_of(st.none(), st.integers(0, 9))), max_size=6)
DAY = 86_400


class Reader:
    """Keeps a copy of a store by snapshots and changes, as a board does."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.position: Position = ""
        self.copy: dict[Key, tuple[int, int, int]] = {}
        self.resyncs = 0

    async def catch_up(self, newest: int) -> None:
        try:
            if not self.position:
                raise Resync("new")
            while int(self.position.partition(".")[2]) < newest:
                group = await asyncio.wait_for(anext(self.store.follow(self.position)), 5)
                for fact in group:
                    self.copy.pop(fact.key, None)
                    if isinstance(fact.body, Count):
                        self.copy[fact.key] = (fact.number, fact.stamp, fact.body.hour)
                self.position = group.position
        except Resync:
            self.resyncs += 1
            snapshot = await self.store.snapshot()
            self.position = snapshot.position
            self.copy = {f.key: (f.number, f.stamp, f.body.hour) for f in snapshot.facts if isinstance(f.body, Count)}


class Stores(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="presence-model-"))
        self.clock = Clock()
        self.loop = asyncio.Runner()
        sqlite = SqliteStore(self.folder / "s.db", clock=self.clock, keep_days=KEEP_DAYS, poll=0.005)
        self.stores: list[Store] = [MemoryStore(clock=self.clock, keep_days=KEEP_DAYS), sqlite]
        self.readers = [Reader(store) for store in self.stores]
        self.held: dict[Key, tuple[int, int, int | None]] = {}
        self.number = self.stamp = self.fence = 0
        self.leases: dict[str, tuple[str, int, float]] = {}

    def run(self, work: Coroutine[object, object, T]) -> T:
        return self.loop.run(work)

    def both(self, change: list[tuple[str, int | None]], expect: dict[Key, int], fence: int | None, *, fits: bool) -> None:
        facts = [gone(name) if hour is None else count(name, hour) for name, hour in change]
        for store in self.stores:
            try:
                position = self.run(store.append(facts, expect, fence))
            except Conflict:
                assert not fits
            else:
                assert fits
                assert position.partition(".")[2] == str(self.number + len(facts))
        if fits:
            self.stamp = max(self.stamp, math.ceil(self.clock.now))
            for fact, (_, hour) in zip(facts, change, strict=True):
                self.number += 1
                self.held[fact.key] = (self.number, self.stamp, hour)

    def current(self, key: Key) -> int:
        number, _, hour = self.held.get(key, (0, 0, None))
        return 0 if hour is None else number

    def leased(self, fence: int) -> bool:
        return any(number == fence and self.clock.now < expires for _, number, expires in self.leases.values())

    @rule(change=CHANGES)
    def append(self, change: list[tuple[str, int | None]]) -> None:
        self.both(change, {}, None, fits=True)

    @rule(change=CHANGES, name=NAMES, right=st.booleans(), off=st.integers(1, 3))
    def append_expecting(self, change: list[tuple[str, int | None]], name: str, right: bool, off: int) -> None:
        key = count(name).key
        self.both(change, {key: self.current(key) + (0 if right else off)}, None, fits=right)

    @rule(change=CHANGES, back=st.integers(0, 3))
    def append_fenced(self, change: list[tuple[str, int | None]], back: int) -> None:
        fence = self.fence - back
        self.both(change, {}, fence, fits=self.leased(fence))

    @rule(name=st.sampled_from(["x", "y"]), holder=st.sampled_from(["me", "you"]), seconds=st.sampled_from([10.0, 60.0]))
    def acquire(self, name: str, holder: str, seconds: float) -> None:
        owner, number, expires = self.leases.get(name, ("", 0, 0.0))
        free = self.clock.now >= expires
        expected: int | None = None
        if free or owner == holder:
            expected = self.fence + 1 if free else number
            self.fence = max(self.fence, expected)
            self.leases[name] = (holder, expected, self.clock.now + seconds)
        assert [self.run(store.acquire(name, holder, seconds)) for store in self.stores] == [expected, expected]

    @rule(name=st.sampled_from(["x", "y"]), holder=st.sampled_from(["me", "you"]))
    def release(self, name: str, holder: str) -> None:
        for store in self.stores:
            self.run(store.release(name, holder))
        if self.leases.get(name, ("",))[0] == holder:
            del self.leases[name]

    @rule(seconds=st.sampled_from([0.4, 7.0, 30.0, DAY, KEEP_DAYS * DAY + 2.0]))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule()
    def catch_up(self) -> None:
        for reader in self.readers:
            self.run(reader.catch_up(self.number))
            assert reader.copy == self.alive()
        assert self.readers[0].resyncs == self.readers[1].resyncs, "both ask for a new snapshot at the same moments"

    def alive(self) -> dict[Key, tuple[int, int, int]]:
        return {key: (number, stamp, hour) for key, (number, stamp, hour) in self.held.items() if hour is not None}

    @invariant()
    def snapshots_are_the_model(self) -> None:
        for store in self.stores:
            facts = self.run(store.snapshot()).facts
            assert [fact.number for fact in facts] == sorted(fact.number for fact in facts)
            assert {f.key: (f.number, f.stamp, f.body.hour) for f in facts if isinstance(f.body, Count)} == self.alive()

    def teardown(self) -> None:
        for store in self.stores:
            self.run(store.close())
        self.loop.close()
        shutil.rmtree(self.folder)


TestStores = Stores.TestCase
TestStores.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
