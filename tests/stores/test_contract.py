"""What every store promises: `presence.ports.Store`. The same body runs over each of them."""

import asyncio
from collections.abc import Callable

import pytest

from presence.domain.facts import Absence, Calendar, Count, Fact, key
from presence.domain.intervals import Intervals, Status
from presence.ports import Conflict, Resync, Store, StoreUnavailable

from .given import KEEP_DAYS, Clock, beginning, count, gone, held, read

pytestmark = pytest.mark.anyio

DAY = 86_400

# --- the table


async def test_an_empty_store_has_an_empty_snapshot(store: Store) -> None:
    assert list((await store.snapshot()).facts) == []


async def test_the_last_writer_of_a_key_wins(store: Store, other: Store) -> None:
    await store.append([count("a", 1), count("b", 1)])
    await other.append([count("a", 2)])
    assert await held(store) == {"a": 2, "b": 1}


async def test_within_one_append_the_last_fact_of_a_key_wins(store: Store) -> None:
    start = await beginning(store)
    await store.append([count("a", 1), count("b"), count("a", 2)])
    assert [fact.body.hour for fact in await read(store, start, 2) if isinstance(fact.body, Count)] == [0, 2]


async def test_bodies_come_back_as_they_were_written(store: Store) -> None:
    calendar = Calendar(Intervals.of([(100, 200, Status.BUSY), (300, 400, Status.AWAY)]), ok_until=500)
    absence = Absence(first="2026-11-23", last="2026-11-24", extent=0.5, deputy="k3x9")
    await store.append([Fact(key("calendar", "c", "mail"), calendar), Fact(key("absence", "c", "hr", "1"), absence)])
    assert [fact.body for fact in (await store.snapshot()).facts] == [calendar, absence]


async def test_a_body_changed_by_its_writer_afterwards_is_kept_as_it_was(store: Store) -> None:
    counts = {"shown": 1}
    await store.append([Fact("count/a/1", Count(hour=1, counts=counts))])
    counts["shown"] = 2
    assert (await store.snapshot()).facts[0].body == Count(hour=1, counts={"shown": 1})


async def test_numbers_grow_with_every_fact_and_stand_in_order(store: Store) -> None:
    await store.append([count("a"), count("b")])
    await store.append([count("c"), count("a")])
    facts = (await store.snapshot()).facts
    assert [fact.key.split("/")[1] for fact in facts] == ["b", "c", "a"]
    numbers = [fact.number for fact in facts]
    assert numbers == sorted(set(numbers))
    assert numbers[0] > 0, "0 means absent"


async def test_a_body_equal_to_the_held_one_is_written_again(store: Store) -> None:
    await store.append([count("a")])
    before = (await store.snapshot()).facts[0].number
    await store.append([count("a")])
    assert (await store.snapshot()).facts[0].number > before


async def test_stamps_are_the_clock_rounded_up(store: Store, clock: Clock) -> None:
    clock.now = 1_800_000_000.2
    await store.append([count("a")])
    assert (await store.snapshot()).facts[0].stamp == 1_800_000_001


async def test_a_stamp_is_never_before_an_older_one(store: Store, other: Store, clock: Clock) -> None:
    """Though the clock is set back."""
    await store.append([count("a")])
    clock.now -= 3600
    await other.append([count("b")])
    first, second = (await store.snapshot()).facts
    assert second.stamp == first.stamp


async def test_keys_of_any_letters_are_kept_apart(store: Store) -> None:
    names = ["Åsa", "åsa", "A\u030asa", "🙂", "\u202egnp", "a%2Fb", "a b", "ss", "ß", "x" * 2000]
    await store.append([Fact(key("count", name, "h"), Count(hour=i)) for i, name in enumerate(names)])
    assert [fact.key for fact in (await store.snapshot()).facts] == [key("count", name, "h") for name in names]


async def test_a_raw_key_beyond_ascii_is_kept_letter_by_letter(store: Store) -> None:
    keys = ["count/Åsa", "count/A\u030asa", "count/🙂/\u202e", "count/ß"]
    await store.append([Fact(name, Count(hour=1)) for name in keys])
    assert [fact.key for fact in (await store.snapshot()).facts] == keys


async def test_large_bodies_are_kept_whole(store: Store) -> None:
    body = Count(hour=1, counts={f"name-{i}": i for i in range(50_000)})
    await store.append([Fact("count/a/1", body)])
    assert (await store.snapshot()).facts[0].body == body


async def test_a_fact_that_cannot_be_encoded_is_refused_with_its_whole_append(store: Store) -> None:
    with pytest.raises(ValueError, match="surrogates"):
        await store.append([count("a"), Fact("count/\ud800", Count(hour=1))])
    assert await held(store) == {}


async def test_twenty_thousand_facts_go_in_at_once_and_come_back_in_order(store: Store) -> None:
    start = await beginning(store)
    facts = [count(f"{i:05}", i) for i in range(20_000)]
    position = await store.append(facts)
    snapshot = await store.snapshot()
    assert [fact.key for fact in snapshot.facts] == [fact.key for fact in facts]
    assert snapshot.position == position
    assert await read(store, start, 20_000) == snapshot.facts


# --- tombstones


async def test_a_tombstone_is_left_out_of_the_snapshot_and_told_to_followers(store: Store) -> None:
    position = await store.append([count("a")])
    await store.append([gone("a")])
    assert await held(store) == {}
    assert [(fact.key, fact.body) for fact in await read(store, position, 1)] == [("count/a/hour", None)]


async def test_a_deleted_key_may_be_written_again(store: Store) -> None:
    await store.append([count("a", 1)])
    await store.append([gone("a")])
    await store.append([count("a", 2)])
    assert await held(store) == {"a": 2}


async def test_a_reader_older_than_a_swept_tombstone_must_take_a_new_snapshot(store: Store, clock: Clock) -> None:
    position = await store.append([count("a")])
    await store.append([gone("a")])
    clock.now += KEEP_DAYS * DAY + 2
    await store.append([count("b")])
    with pytest.raises(Resync):
        await read(store, position, 1)


async def test_a_reader_that_knows_the_swept_tombstone_goes_on(store: Store, clock: Clock) -> None:
    await store.append([count("a")])
    position = await store.append([gone("a")])
    clock.now += KEEP_DAYS * DAY + 2
    await store.append([count("b")])
    assert [fact.key for fact in await read(store, position, 1)] == ["count/b/hour"]


async def test_a_tombstone_is_kept_for_its_days(store: Store, clock: Clock) -> None:
    position = await store.append([count("a")])
    await store.append([gone("a")])
    clock.now += KEEP_DAYS * DAY - 2
    await store.append([count("b")])
    assert [fact.body is None for fact in await read(store, position, 2)] == [True, False]


async def test_a_key_written_again_is_not_swept_with_its_tombstone(store: Store, clock: Clock) -> None:
    await store.append([gone("a"), gone("b")])
    await store.append([count("a", 5)])
    clock.now += KEEP_DAYS * DAY + 2
    await store.append([count("c")])
    assert await held(store) == {"a": 5, "c": 0}


# --- expect


async def test_an_append_goes_through_while_its_expectations_hold(store: Store) -> None:
    await store.append([count("a", 1)])
    number = (await store.snapshot()).facts[0].number
    await store.append([count("a", 2)], expect={"count/a/hour": number, "count/new/hour": 0})
    assert await held(store) == {"a": 2}


@pytest.mark.parametrize("wrong", [0, 1, 99])
async def test_a_key_written_since_is_a_conflict_and_nothing_is_written(store: Store, other: Store, wrong: int) -> None:
    await store.append([count("a", 1)])
    await other.append([count("a", 2)])
    with pytest.raises(Conflict):
        await store.append([count("b"), count("a", 3)], expect={"count/a/hour": wrong})
    assert await held(store) == {"a": 2}


async def test_a_deleted_key_counts_as_absent(store: Store) -> None:
    await store.append([count("a", 1)])
    await store.append([gone("a")])
    await store.append([count("a", 2)], expect={"count/a/hour": 0})
    assert await held(store) == {"a": 2}


async def test_of_concurrent_writers_with_one_expectation_only_one_comes_through(store: Store, other: Store) -> None:
    await store.append([count("a", 0)])
    number = (await store.snapshot()).facts[0].number
    appends = ((store, other)[i % 2].append([count("a", i), count(f"by-{i}")], {"count/a/hour": number}) for i in range(20))
    outcomes = await asyncio.gather(*appends, return_exceptions=True)
    winners = [i for i, outcome in enumerate(outcomes) if isinstance(outcome, str)]
    assert [type(outcome) for outcome in outcomes].count(Conflict) == 19
    assert await held(store) == {"a": winners[0], f"by-{winners[0]}": 0}


async def test_one_callers_error_is_not_its_neighbours(store: Store) -> None:
    bad = [
        store.append([count("bad")], expect={"count/a/hour": 7}),
        store.append([Fact("count/\ud800", Count(hour=1))]),
        store.append([count("bad")], fence=7),
    ]
    outcomes = await asyncio.gather(*bad, *(store.append([count(f"{i}")]) for i in range(50)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes[:3]] == [Conflict, UnicodeEncodeError, Conflict]
    assert await held(store) == {f"{i}": 0 for i in range(50)}


# --- close


async def test_closing_twice_is_well(store: Store) -> None:
    await store.append([count("a")])
    await store.close()
    await store.close()


async def test_a_closed_store_says_so(store: Store) -> None:
    position = await beginning(store)
    await store.close()
    calls: list[Callable[[], object]] = [
        lambda: store.snapshot(),
        lambda: store.append([count("a")]),
        lambda: store.acquire("a", "me", 1),
        lambda: store.release("a", "me"),
        lambda: read(store, position, 1),
    ]
    for call in calls:
        with pytest.raises(StoreUnavailable, match="closed"):
            await call()  # type: ignore[misc]


async def test_closing_ends_a_waiting_follower(store: Store) -> None:
    waiting = asyncio.create_task(read(store, await beginning(store), 1))
    await asyncio.sleep(0.03)
    await store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await waiting


async def test_an_append_handed_in_before_closing_is_written(open_store: Callable[[], Store]) -> None:
    store = open_store()
    append = asyncio.create_task(store.append([count("a")]))
    await asyncio.sleep(0)
    await store.close()
    assert await append
