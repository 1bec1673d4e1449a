"""Working hours from a source of their own: matched by alias, kept beside what a directory says, gone with their row."""

import pytest

from presence.domain.facts import Held, HoldBack, Pattern, Schedule, key
from presence.domain.rules import Rules, SourceRule
from presence.intake import Intake
from presence.ports import Person
from presence.stores.memory import MemoryStore

from .given import DAY, HOUR, RULES, Clock, World, at, contact, person

pytestmark = pytest.mark.anyio

MORNINGS, AFTERNOONS = Pattern("Mo-Fr 08:00-12:00"), Pattern("Mo-Fr 13:00-16:30")


@pytest.fixture
async def rota(clock: Clock) -> World:
    """With a source of working hours, and ten people who have two employee numbers each."""
    rules = Rules(hours=RULES.hours, sources={**RULES.sources, "rota": SourceRule("schedule", DAY)})
    world = World(MemoryStore(clock=clock.now), clock, rules)
    await world.take("ldap", [person(f"p{n}", f"employee:{n}", f"employee:{n}-b") for n in range(10)])
    return world


def hours(alias: str, *patterns: Pattern, first: str = "") -> Person:
    return Person(alias=alias, schedule=Schedule(patterns, first))


async def schedule(world: World, who: str = "p0") -> Schedule | None:
    return await world.get(Schedule, "schedule", contact(who), "rota")


async def test_a_schedule_is_kept_with_its_person_and_goes_with_its_row(rota: World) -> None:
    all_of_them = [hours(f"employee:{n}", MORNINGS) for n in range(10)]
    await rota.take("rota", all_of_them)
    assert await schedule(rota) == Schedule((MORNINGS,))
    rota.clock.pass_(HOUR)
    assert (await rota.take("rota", all_of_them[1:])).removed == 1
    assert await schedule(rota) is None
    await rota.close()


async def test_the_same_file_again_writes_nothing_but_that_it_was_read(rota: World) -> None:
    await rota.take("rota", [hours("employee:0", MORNINGS)])
    before = await rota.store_numbers()
    rota.clock.pass_(HOUR)
    await rota.take("rota", [hours("employee:0", MORNINGS)])
    after = await rota.store_numbers()
    assert {name for name in after if before.get(name) != after[name]} == {key("source", "rota")}
    await rota.close()


async def test_rows_under_two_aliases_of_one_person_add_up(rota: World) -> None:
    await rota.take("rota", [hours("employee:0", MORNINGS, first="2027-01-01"), hours("employee:0-b", AFTERNOONS)])
    assert await schedule(rota) == Schedule((MORNINGS, AFTERNOONS))
    await rota.close()


async def test_working_hours_of_somebody_not_yet_known_wait_for_them(rota: World) -> None:
    await rota.take("rota", [hours("employee:77", MORNINGS)])
    [held] = (await rota.facts("held")).values()
    assert held == Held(Schedule((MORNINGS,)))
    more = [person(f"p{n}", f"employee:{n}", f"employee:{n}-b") for n in range(10)]
    rota.clock.pass_(HOUR)
    await rota.take("ldap", [*more, person("p77", "employee:77")])
    assert await schedule(rota, "p77") == Schedule((MORNINGS,))
    await rota.close()


async def test_of_a_person_whose_row_cannot_be_read_what_is_held_stays(rota: World) -> None:
    await rota.take("rota", [hours("employee:0", MORNINGS), hours("employee:1", MORNINGS)])
    rota.clock.pass_(HOUR)
    await rota.take("rota", [Person(alias="employee:0", failed="rejected-row"), hours("employee:1", AFTERNOONS)])
    assert await schedule(rota) == Schedule((MORNINGS,))
    assert await schedule(rota, "p1") == Schedule((AFTERNOONS,))
    await rota.close()


async def test_of_a_newcomer_whose_row_cannot_be_read_nothing_is_assumed(rota: World) -> None:
    """Without it she would be taken for somebody who works at all published hours."""
    await rota.take("rota", [Person(alias="employee:0", failed="rejected-row"), hours("employee:1", MORNINGS)])
    assert await schedule(rota) == Schedule(unread=True)
    rota.clock.pass_(HOUR)
    await rota.take("rota", [hours("employee:0", MORNINGS), hours("employee:1", MORNINGS)])
    assert await schedule(rota) == Schedule((MORNINGS,))
    await rota.close()


async def test_a_file_without_most_of_its_rows_is_held_back(rota: World) -> None:
    await rota.take("rota", [hours(f"employee:{n}", MORNINGS) for n in range(10)])
    rota.clock.pass_(HOUR)
    outcome = await rota.take("rota", [hours("employee:0", MORNINGS)])
    assert outcome.rule == "halves"
    assert await schedule(rota, "p9") == Schedule((MORNINGS,))
    assert len([b for b in (await rota.facts("holdback")).values() if isinstance(b, HoldBack)]) == 1
    await rota.close()


async def test_a_pattern_whose_last_shift_is_over_leaves_the_store_and_its_days_stay_off(rota: World) -> None:
    ended = Pattern("Mo-Su 21:00-07:00", last="2026-11-23")
    await rota.take("rota", [hours("employee:0", ended, MORNINGS), hours("employee:1", ended)])
    intake: Intake = rota.intake
    rota.clock.t = at("2026-11-24 06:00")
    await intake.housekeeping()
    assert await schedule(rota) == Schedule((ended, MORNINGS))
    rota.clock.t = at("2026-11-24 13:00")
    await intake.housekeeping()
    assert await schedule(rota) == Schedule((MORNINGS,))
    assert await schedule(rota, "p1") == Schedule()
    await rota.close()
