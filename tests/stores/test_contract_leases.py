"""What every store promises to a writer that must be alone."""

import pytest

from presence.ports import Conflict, Store

from .given import Clock, count, held

pytestmark = pytest.mark.anyio


async def test_a_lease_is_held_by_one_and_renewed_under_its_number(store: Store, other: Store) -> None:
    number = await store.acquire("source/hr", "me", 30)
    assert number is not None
    assert await other.acquire("source/hr", "you", 30) is None
    assert await store.acquire("source/hr", "me", 30) == number


async def test_fencing_numbers_only_grow_over_all_names(store: Store, clock: Clock) -> None:
    first = await store.acquire("a", "me", 30)
    second = await store.acquire("b", "me", 30)
    await store.release("a", "me")
    third = await store.acquire("a", "you", 30)
    clock.now += 31
    fourth = await store.acquire("a", "you", 30)
    assert first is not None
    assert second is not None
    assert third is not None
    assert fourth is not None
    assert first < second < third < fourth


async def test_a_lease_ends_by_the_clock_unless_renewed(store: Store, clock: Clock) -> None:
    await store.acquire("a", "me", 30)
    clock.now += 20
    await store.acquire("a", "me", 30)
    clock.now += 20
    assert await store.acquire("a", "you", 30) is None
    clock.now += 10
    assert await store.acquire("a", "you", 30) is not None


async def test_a_released_lease_is_free_and_only_its_holder_releases_it(store: Store, other: Store) -> None:
    await store.acquire("a", "me", 30)
    await other.release("a", "you")
    assert await other.acquire("a", "you", 30) is None
    await store.release("a", "me")
    assert await other.acquire("a", "you", 30) is not None


async def test_a_lease_outlives_a_clock_set_back_by_seconds_but_not_by_hours(store: Store, clock: Clock) -> None:
    await store.acquire("a", "me", 30)
    clock.now -= 3
    assert await store.acquire("a", "you", 30) is None
    clock.now -= 3600
    assert await store.acquire("a", "you", 30) is not None


async def test_the_holder_of_a_lease_writes(store: Store) -> None:
    fence = await store.acquire("a", "me", 30)
    await store.append([count("a")], fence=fence)
    assert await held(store) == {"a": 0}


async def test_a_lease_that_ended_or_was_released_or_taken_over_gives_no_right_to_write(store: Store, clock: Clock) -> None:
    ended = await store.acquire("ended", "me", 10)
    taken = await store.acquire("taken", "me", 10)
    released = await store.acquire("released", "me", 60)
    await store.release("released", "me")
    clock.now += 11
    await store.acquire("taken", "you", 60)
    for fence in (ended, taken, released, 10_000):
        with pytest.raises(Conflict):
            await store.append([count("a")], fence=fence)
    assert await held(store) == {}
