"""When a complete batch is held back, whole (section 4 of the design)."""

import pytest

from presence.domain.facts import HoldBack
from presence.ports import Batch, Person

from .given import DAY, HOUR, World, at, away, busy, leave, people, person, unit

pytestmark = pytest.mark.anyio


async def untouched(world: World, batch: Batch) -> bool:
    """Whether the batch is held back and changes nothing but what is known of holds and of the source."""
    before = await world.store_numbers()
    outcome = await world.intake.take(batch)
    after = await world.store_numbers()
    changed = {name.split("/")[0] for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return bool(outcome.hold) and changed <= {"source", "holdback"}


@pytest.mark.parametrize(
    ("held", "kept", "is_held_back"),
    [
        (500, 320, True),  # 180 of 500
        (500, 474, True),  # 26, over 5 %
        (500, 475, False),  # 25 is 5 %
        (300, 280, False),  # 20 at once, whatever part of it
        (300, 279, True),
        (40, 20, False),  # half is left
        (39, 19, True),  # under half is left
        (2_000, 1_900, False),  # 5 %
        (2_000, 1_899, True),
        (5, 2, True),
        (1, 0, True),
    ],
)
async def test_a_directory_that_shrinks_at_once(world: World, held: int, kept: int, is_held_back: bool) -> None:
    """More than 20 and more than 5 % of what the source holds, or to under half."""
    await world.take("ldap", people(held))
    if is_held_back:
        assert await untouched(world, world.batch("ldap", people(kept)))
    else:
        outcome = await world.take("ldap", people(kept))
        assert (outcome.hold, outcome.removed) == ("", held - kept)


async def test_it_is_held_back_whole_newcomers_and_changes_included(world: World) -> None:
    await world.take("ldap", people(100))
    said = [person("p0", name="Somebody Else"), *people(40, first=1), *people(10, first=1_000)]
    assert await untouched(world, world.batch("ldap", said))


async def test_the_first_batch_ever_is_taken(world: World) -> None:
    await world.take("ldap", people(10))
    outcome = await world.take("hr", away(range(9)))
    assert (outcome.hold, outcome.added) == ("", 9)


@pytest.mark.parametrize("source", ["ldap", "hr", "calendars", "switchboard"])
async def test_an_empty_batch_from_a_source_that_holds_anything_is_held_back(world: World, source: str) -> None:
    await world.take("ldap", people(3))
    calendars = [Person(alias="mail:p0@example.se", calendar=busy(9))]
    said = {"ldap": people(3), "hr": away([0]), "calendars": calendars, "switchboard": [Person(alias="mail:p0@example.se")]}
    await world.take(source, said[source])
    assert await untouched(world, world.batch(source))


async def test_an_empty_batch_from_a_source_that_holds_nothing_is_taken(world: World) -> None:
    await world.take("ldap", people(3))
    assert not (await world.take("hr")).hold


async def test_units_that_are_moved_as_a_whole_remove_nobody(world: World) -> None:
    """An organisational unit of 1,000 people is renamed: all of them are known by identity, and only change."""
    await world.take("ldap", [person(f"p{i}", f"dn:cn=p{i},ou=old") for i in range(1_000)], units=[unit("u1", name="Old")])
    moved = [person(f"p{i}", f"dn:cn=p{i},ou=new") for i in range(1_000)]
    outcome = await world.take("ldap", moved, units=[unit("u1", name="New")])
    assert (outcome.hold, outcome.removed, outcome.changed) == ("", 0, 1_001)


async def test_units_that_vanish_are_held_back_though_their_people_stay(world: World) -> None:
    await world.take("ldap", people(30), units=[unit(f"u{i}") for i in range(10)])
    assert await untouched(world, world.batch("ldap", people(30), units=[unit("u0")]))


class TestWithin24Hours:
    async def test_slow_erosion_is_stopped_at_a_tenth(self, world: World) -> None:
        """30 runs within a day, each removing 19 of 1,000 or so: none of them is much alone."""
        await world.take("ldap", people(1_000))
        left = 1_000
        for _ in range(30):
            world.clock.pass_(30 * 60)
            outcome = await world.take("ldap", people(left - 19))
            left -= 0 if outcome.hold else 19
        assert left == 1_000 - 5 * 19
        assert len(await world.names()) == left

    async def test_what_was_removed_more_than_a_day_ago_does_not_count(self, world: World) -> None:
        await world.take("ldap", people(300))
        for left in (285, 270, 255, 240):
            outcome = await world.take("ldap", people(left))
            assert not outcome.hold
            world.clock.pass_(25 * HOUR)

    async def test_the_day_rolls_by_the_hour(self, world: World) -> None:
        """18 at ten o'clock, 18 at noon; the next 18 are too many until the first ones are a day old."""
        await world.take("ldap", people(400))
        for hours, left, is_held_back in ((1, 382, False), (2, 364, False), (3, 346, True), (18, 346, True), (3, 346, False)):
            world.clock.pass_(hours * HOUR)
            assert bool((await world.take("ldap", people(left))).hold) is is_held_back

    async def test_what_was_removed_a_little_less_than_a_day_ago_counts(self, world: World) -> None:
        await world.take("ldap", people(400))
        world.clock.pass_(30 * 60)
        await world.take("ldap", people(381))
        world.clock.pass_(DAY - 15 * 60)
        await world.take("ldap", people(362))
        assert (await world.take("ldap", people(355))).rule == "day"

    async def test_a_new_process_remembers_what_was_removed(self, durable: World) -> None:
        await durable.take("ldap", people(400))
        for left in (382, 364):
            assert not (await durable.take("ldap", people(left))).hold
        outcome = await durable.another().take(durable.batch("ldap", people(346)))
        assert outcome.rule == "day"

    async def test_few_are_never_too_many_within_a_day(self, world: World) -> None:
        """A tenth of a small source is hardly anybody: up to 20 may go, as in one run."""
        await world.take("ldap", people(50))
        for left in (45, 40, 35):
            assert not (await world.take("ldap", people(left))).hold


class TestLeave:
    async def test_ended_leave_does_not_count(self, world: World) -> None:
        """Fifty absences of which forty end by themselves: the ten that are left are all there is."""
        await world.take("ldap", people(1_000))
        await world.take("hr", away(range(40), last="2026-11-24") + away(range(40, 50), last="2026-12-18"))
        world.clock.t = at("2026-11-26 09:00")
        assert not (await world.take("hr", away(range(40, 48), last="2026-12-18"))).hold

    async def test_a_source_all_of_whose_leave_has_ended_may_be_empty(self, world: World) -> None:
        await world.take("ldap", people(10))
        await world.take("hr", away(range(3), last="2026-11-24"))
        world.clock.t = at("2026-11-26 09:00")
        assert not (await world.take("hr")).hold

    @pytest.mark.parametrize(("more", "is_held_back"), [(20, False), (21, True)])
    async def test_more_than_twenty_points_more_of_the_staff_away_today(
        self, world: World, more: int, is_held_back: bool
    ) -> None:
        await world.take("ldap", people(100))
        await world.take("hr", away(range(30)))
        said = world.batch("hr", away(range(30 + more)))
        assert await untouched(world, said) if is_held_back else not (await world.intake.take(said)).hold

    async def test_leave_of_other_days_is_not_counted(self, world: World) -> None:
        await world.take("ldap", people(100))
        await world.take("hr", away(range(5)))
        outcome = await world.take("hr", away(range(5)) + away(range(5, 90), first="2026-12-21", last="2027-01-06"))
        assert (outcome.hold, outcome.added) == ("", 85)

    async def test_part_of_the_day_off_is_not_away(self, world: World) -> None:
        await world.take("ldap", people(100))
        await world.take("hr", away(range(5)))
        assert not (await world.take("hr", away(range(5)) + away(range(5, 90), extent=0.5))).hold

    async def test_single_words_are_never_held_back(self, world: World) -> None:
        await world.take("ldap", people(4))
        await world.take("hr", away([0]))
        assert not (await world.push("hr", *away([1, 2, 3]))).hold

    async def test_a_row_that_is_numbered_anew_is_no_loss(self, world: World) -> None:
        await world.take("ldap", people(4))
        await world.take("hr", [Person(alias="employee:0", absences={"1": leave()})])
        assert not (await world.take("hr", [Person(alias="employee:0", absences={"2": leave()})])).hold


async def test_what_is_told_is_one_line(world: World) -> None:
    await world.take("ldap", people(500))
    outcome = await world.take("ldap", people(320))
    assert outcome.explanation == (f"ldap: would remove 180 of 500 people, more than 25 in one run; held back as {outcome.hold}")


async def test_what_the_configuration_says_is_never_held_back(world: World) -> None:
    await world.take("config", people(30))
    assert not (await world.take("config", people(1))).hold


async def test_the_difference_is_kept_with_the_hold(world: World) -> None:
    await world.take("ldap", people(500))
    outcome = await world.take("ldap", people(320))
    body = await world.get(HoldBack, "holdback", outcome.hold)
    assert body
    assert (body.source, body.rule, body.held, body.removed, len(body.facts)) == ("ldap", "removes", 500, 180, 180)


async def test_a_whole_day_without_a_good_batch_is_no_reason_to_believe_a_bad_one(world: World) -> None:
    await world.take("ldap", people(500))
    for _ in range(3):
        world.clock.pass_(DAY)
        assert await untouched(world, world.batch("ldap", people(320)))
