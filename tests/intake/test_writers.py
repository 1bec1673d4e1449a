"""One writer a source; a run that is cut short leaves nothing half done."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from presence.domain.facts import Fact, Key
from presence.intake import AlreadyRunning
from presence.intaking.mirror import Mirror
from presence.intaking.replica import Replica
from presence.ports import Person, Position, Store, StoreUnavailable
from presence.stores.sqlite import SqliteStore

from .given import Clock, World, Wrapped, away, busy, leave, people, unit

pytestmark = pytest.mark.anyio


class Cut(Wrapped):
    """Dies at its k-th append, before or after the append took effect."""

    def __init__(self, store: Store, at: int, *, after: bool) -> None:
        super().__init__(store)
        self._left, self._after = at, after

    async def append(self, facts: Sequence[Fact], expect: Mapping[Key, int] | None = None, fence: int | None = None) -> Position:
        self._left -= bool(facts)
        if self._left < 0 and not self._after:
            raise StoreUnavailable("cut before")
        position = await super().append(facts, expect, fence)
        if self._left < 0:
            raise StoreUnavailable("cut after")
        return position


@pytest.mark.parametrize("after", [False, True], ids=["before the append", "after it"])
@pytest.mark.parametrize("at", range(4))
async def test_a_run_that_is_cut_short_is_old_or_new_and_the_next_one_completes_it(durable: World, at: int, after: bool) -> None:
    await durable.take("ldap", people(30))
    runs = [
        durable.batch("hr", away(range(5))),
        durable.batch("ldap", people(25)),
        durable.batch("calendars", [Person(alias=f"mail:p{i}@example.se", calendar=busy(9)) for i in range(25)]),
        durable.batch("ldap", [*people(24), *people(1, first=90)]),
    ]
    states = [set(await durable.facts())]
    dying = durable.another(store=Cut(durable.store, at, after=after))
    for batch in runs:
        try:
            await dying.take(batch)
        except StoreUnavailable:
            break
        states.append(set(await durable.facts()))
    if not after:
        assert set(await durable.facts()) == states[at]
    durable.clock.pass_(61)  # the lease of the dead one ends
    for batch in runs[at:]:
        assert not (await durable.another().take(batch)).hold
    assert await durable.names() == {f"p{i}" for i in (*range(24), 90)}
    assert len(await durable.facts("calendar")) == 24


async def test_a_large_batch_is_seen_whole_or_not_at_all(durable: World) -> None:
    """Whoever looks at the store meanwhile sees all of a run or nothing of it."""
    seen: set[int] = set()

    async def look() -> None:
        while True:
            seen.add(len(await durable.facts("contact")))
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    await durable.take("ldap", people(3_000))
    looking.cancel()
    assert seen <= {0, 3_000}


async def test_facts_are_written_in_order_of_subject(world: World) -> None:
    """So that a reader of a large append may stop between two contacts."""
    await world.take("ldap", people(50), units=[unit(f"u{i}") for i in range(20)], marked=("p3",), marks_at=world.clock.t)
    numbers = sorted((number, name.split("/")[1]) for name, number in (await world.store_numbers()).items())
    subjects = [subject for _, subject in numbers]
    assert subjects == sorted(subjects)


async def test_a_second_writer_of_a_source_is_told_that_one_is_running(durable: World) -> None:
    other = durable.another()
    async with other.writing("ldap"):
        with pytest.raises(AlreadyRunning):
            await durable.take("ldap", people(3))
        await durable.take("hr")  # another source is another matter
    await durable.take("ldap", people(3))


async def test_a_writer_that_died_is_waited_for_a_minute_at_most(durable: World) -> None:
    dead = durable.another()
    await dead.writing("ldap").__aenter__()
    durable.clock.pass_(61)
    await durable.take("ldap", people(3))


async def test_one_that_is_stopped_while_it_asks_for_the_right_leaves_none_behind(durable: World) -> None:
    stopped = durable.another(store=Wrapped(durable.store))
    acquire = stopped._claims._store.acquire
    granted = asyncio.Event()

    async def held_up(name: str, holder: str, seconds: float) -> int | None:
        fence = await acquire(name, holder, seconds)
        granted.set()
        await asyncio.sleep(60)
        return fence

    stopped._claims._store.acquire = held_up  # type: ignore[method-assign]
    asking = asyncio.create_task(stopped.take(durable.batch("ldap", people(3))))
    await granted.wait()
    asking.cancel()
    await asyncio.wait([asking])
    assert asking.cancelled()
    await durable.take("ldap", people(3))


async def test_a_writer_takes_batches_under_the_right_that_it_holds(durable: World) -> None:
    async with durable.intake.writing("ldap"):
        await durable.take("ldap", people(3))
        with pytest.raises(AlreadyRunning):
            await durable.another().take(durable.batch("ldap", people(3)))


async def test_a_process_that_lags_behind_compares_with_what_is_really_there(
    durable: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another process pushed a moment ago is removed by the complete batch that does not have it."""
    monkeypatch.setattr("presence.intaking.mirror._PATIENCE", 0.05)
    monkeypatch.setattr("presence.intaking.mirror._LOOK", 0.05)
    await durable.take("ldap", people(40))
    lagging = durable.another(store=Wrapped(durable.store, deaf=True))
    await lagging.holds()  # it has read the store, and hears nothing of what comes
    one, two = (Person(alias=f"employee:{i}", absences={"a": leave()}) for i in range(2))
    await durable.push("hr", one, two)
    await lagging.take(durable.batch("hr", [one]))
    assert len(await durable.absences()) == 1


async def test_a_writer_whose_right_ran_out_does_not_overwrite_its_successor(durable: World) -> None:
    """It was held up between comparing and writing for longer than its lease; another process has taken over meanwhile."""
    successor = durable.another()

    async def held_up() -> None:
        durable.clock.pass_(61)
        await successor.writing("ldap").__aenter__()

    slow = durable.another(store=Wrapped(durable.store, before=held_up))
    with pytest.raises(AlreadyRunning):
        await slow.take(durable.batch("ldap", people(3)))
    assert await durable.names() == set()


async def test_two_processes_on_one_file_end_as_the_later_batch_says(clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "presence.sqlite"
    world = World(SqliteStore(path, clock=clock.now, poll=0.01), clock)
    store = SqliteStore(path, clock=clock.now, poll=0.01)
    other = world.another(store=store)
    await world.take("ldap", people(30))
    for i in range(10):
        single = Person(alias=f"employee:{i}", absences={"a": leave()})
        await other.take(world.batch("hr", [single], complete=False))
    await world.take("hr", away(range(10)))
    assert {frozenset(uids) for uids in (await world.absences()).values()} == {frozenset({"leave"})}
    await world.close()
    await store.close()


async def test_a_store_that_is_out_of_reach_is_told_and_nothing_is_lost(world: World) -> None:
    await world.take("ldap", people(3))
    broken = world.another(store=Cut(world.store, 0, after=False))
    with pytest.raises(StoreUnavailable):
        await broken.take(world.batch("ldap", people(4)))
    assert len(await world.names()) == 3


async def test_a_thousand_reports_at_once_are_all_taken(world: World) -> None:
    await world.take("ldap", people(100))
    await asyncio.gather(*(world.reports(f"mail:p{i % 100}@example.se", "busy", device=str(i)) for i in range(1_000)))
    assert len(await world.facts("presence")) == 1_000


async def test_who_is_stopped_while_the_store_is_read_again_ends(world: World) -> None:
    """The end of the follower before it must not be taken for its own."""
    mirror = Mirror(world.store, Replica())
    await mirror.ready()
    await asyncio.sleep(0.01)
    reading = asyncio.create_task(mirror.reload())
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait([reading])
    assert reading.cancelled()
    await mirror.close()
