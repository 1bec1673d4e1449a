"""Counts of outcomes: those of an hour that is over are put together, and forgotten after two months."""

import pytest
from msgspec.structs import replace

from presence.domain.facts import Count, Fact, Key, key
from presence.domain.intervals import Instant
from presence.intake import Intake
from presence.intaking import housekeeping

from .given import DAY, HOUR, KEY, RULES, Clock, World

pytestmark = pytest.mark.anyio


def count(hour: Instant, process: str, **counts: int) -> Fact:
    return Fact(key("count", str(hour), process), Count(hour, counts))


async def kept(world: World) -> dict[Key, dict[str, int]]:
    return {f.key: f.body.counts for f in (await world.store.snapshot()).facts if isinstance(f.body, Count)}


def an_hour(clock: Clock, ago: int) -> Instant:
    return (int(clock.now()) - ago) // HOUR * HOUR


async def test_what_several_processes_counted_in_an_hour_that_is_over_becomes_one_fact(durable: World, clock: Clock) -> None:
    hour = an_hour(clock, 2 * DAY)
    await durable.store.append([count(hour, "a", x=3, y=1), count(hour, "b", x=4), count(hour + HOUR, "a", x=1)])
    await durable.intake.housekeeping()
    assert await kept(durable) == {
        key("count", str(hour), "all"): {"x": 7, "y": 1},
        key("count", str(hour + HOUR), "all"): {"x": 1},
    }


async def test_putting_together_twice_changes_nothing(durable: World, clock: Clock) -> None:
    await durable.store.append([count(an_hour(clock, 2 * DAY), process, x=1) for process in "abc"])
    await durable.intake.housekeeping()
    once = await kept(durable)
    assert await durable.intake.housekeeping() == 0
    assert await kept(durable) == once


async def test_what_comes_late_is_added_and_not_counted_twice(durable: World, clock: Clock) -> None:
    hour = an_hour(clock, 2 * DAY)
    await durable.store.append([count(hour, "a", x=3), count(hour, "b", x=4)])
    await durable.intake.housekeeping()
    await durable.store.append([count(hour, "late", x=5)])
    await durable.another().housekeeping()
    assert await kept(durable) == {key("count", str(hour), "all"): {"x": 12}}


async def test_hours_to_which_a_process_may_still_add_are_left_alone(world: World, clock: Clock) -> None:
    facts = [count(an_hour(clock, 25 * HOUR), process, x=1) for process in "ab"]
    await world.store.append(facts)
    await world.intake.housekeeping()
    assert set(await kept(world)) == {fact.key for fact in facts}


async def test_the_totals_of_a_switchboard_stay_apart_as_a_later_word_replaces_them(world: World, clock: Clock) -> None:
    hour = an_hour(clock, 2 * DAY)
    facts = [count(hour, "switchboard:a", answered=50), count(hour, "switchboard:b", answered=7)]
    await world.store.append(facts)
    await world.intake.housekeeping()
    assert set(await kept(world)) == {fact.key for fact in facts}


async def test_an_hour_is_forgotten_after_sixty_two_days(world: World, clock: Clock) -> None:
    old, young = an_hour(clock, 62 * DAY + HOUR), an_hour(clock, 62 * DAY - 2 * HOUR)
    await world.store.append([count(old, "a", x=1), count(old, "switchboard:a", x=1), count(young, "a", x=1)])
    await world.intake.housekeeping()
    assert set(await kept(world)) == {key("count", str(young), "all")}


async def test_an_installation_may_forget_sooner(world: World, clock: Clock) -> None:
    intake = Intake(world.store, replace(RULES, keep_counts=3 * DAY), KEY, clock)
    await world.store.append([count(an_hour(clock, 4 * DAY), "a", x=1), count(an_hour(clock, 2 * HOUR), "a", x=1)])
    await intake.housekeeping()
    await intake.close()
    assert len(await kept(world)) == 1


def test_facts_of_one_subject_are_never_written_apart() -> None:
    """A crash between the sum of an hour and the removal of what it was made of would count it twice."""
    facts = [count(hour * HOUR, f"{n:04}", x=1) for hour in (1, 2, 3) for n in range(400)]
    parts = list(housekeeping.chunks(facts))
    assert [fact for part in parts for fact in part] == facts
    subjects = [{fact.key.split("/")[1] for fact in part} for part in parts]
    assert len(parts) > 1
    assert not subjects[0] & subjects[1]
