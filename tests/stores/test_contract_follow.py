"""What every store promises to readers that follow it."""

import asyncio
from collections.abc import Sequence

import pytest

from presence.domain.facts import Count, Fact, Stored, key
from presence.ports import Position, Resync, Store

from .given import beginning, count, gone, read

pytestmark = pytest.mark.anyio


async def test_a_follower_is_told_what_is_newer_than_its_position_in_order(store: Store) -> None:
    await store.append([count("old")])
    position = await store.append([count("a", 1)])
    await store.append([count("b")])
    await store.append([count("a", 2), count("c")])
    assert [fact.key.split("/")[1] for fact in await read(store, position, 3)] == ["b", "a", "c"]


async def test_a_snapshot_and_what_follows_it_make_the_whole(store: Store) -> None:
    await store.append([count("a"), count("b")])
    snapshot = await store.snapshot()
    await store.append([gone("a"), count("c")])
    facts = {fact.key: fact for fact in [*snapshot.facts, *await read(store, snapshot.position, 2)]}
    assert [fact for fact in facts.values() if fact.body] == (await store.snapshot()).facts


async def test_the_position_of_a_group_leads_on_from_it(store: Store) -> None:
    start = await beginning(store)
    await store.append([count("a")])
    follower = store.follow(start)
    group = await anext(follower)
    await store.append([count("b")])
    assert [fact.key for fact in await read(store, group.position, 1)] == ["count/b/hour"]


@pytest.mark.parametrize("through", ["the same object", "another object"])
async def test_a_waiting_follower_is_woken(store: Store, other: Store, through: str) -> None:
    waiting = asyncio.create_task(read(store, await beginning(store), 1))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await (store if through == "the same object" else other).append([count("a")])
    assert [fact.key for fact in await waiting] == ["count/a/hour"]


async def test_followers_of_two_objects_see_the_same_order(store: Store, other: Store) -> None:
    start = await beginning(store)
    readers = [asyncio.create_task(read(reader, start, 200)) for reader in (store, other)]
    await asyncio.gather(*(((store, other)[i % 2]).append([count(f"{i}-a"), count(f"{i}-b")]) for i in range(100)))
    first, second = await asyncio.gather(*readers)
    assert len(first) == 200
    assert first == second


async def groups(store: Store, after: Position, total: int) -> list[Sequence[Stored]]:
    given: list[Sequence[Stored]] = []
    async for group in store.follow(after):
        given.append(group)
        if sum(map(len, given)) >= total:
            break
    return given


async def test_a_group_has_at_most_a_thousand_facts(store: Store) -> None:
    start = await beginning(store)
    await store.append([count(f"{i}") for i in range(2500)])
    assert [len(group) for group in await groups(store, start, 2500)] == [1000, 1000, 500]


async def test_an_append_is_not_torn_over_two_groups(store: Store) -> None:
    """Else a reader might see an override go before the leave that was written with it."""
    start = await beginning(store)
    for size in (900, 150, 700, 400):
        await store.append([count(f"{size}-{i}") for i in range(size)])
    assert [len(group) for group in await groups(store, start, 2150)] == [900, 850, 400]


async def test_a_large_append_is_torn_between_contacts(store: Store) -> None:
    start = await beginning(store)
    await store.append([Fact(key("count", f"{i // 7}", f"{i % 7}"), Count(hour=i)) for i in range(2100)])
    assert [len(group) for group in await groups(store, start, 2100)] == [994, 994, 112]


async def test_a_cancelled_wait_loses_nothing_and_the_iterator_goes_on(store: Store) -> None:
    follower = store.follow(await beginning(store))
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await anext(follower)
    await store.append([count("a")])
    assert [fact.key for fact in await anext(follower)] == ["count/a/hour"]


async def test_a_cancelled_follower_leaves_no_task_behind(store: Store) -> None:
    start = await beginning(store)
    before = asyncio.all_tasks()
    task = asyncio.create_task(read(store, start, 1))
    await asyncio.sleep(0.03)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("position", ["", "0", "nonsense", "other.0", "{epoch}.", "{epoch}.-1", "{epoch}.²", "{epoch}.9"])
async def test_a_position_that_is_not_of_this_store_needs_a_new_snapshot(store: Store, position: str) -> None:
    epoch = (await beginning(store)).partition(".")[0]
    with pytest.raises(Resync):
        await read(store, position.format(epoch=epoch), 1)
