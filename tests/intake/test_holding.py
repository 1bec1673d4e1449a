"""A batch that is held back waits for a named operator."""

import pytest

from presence.intake import HoldOutdated, ReleaseRefused, UnknownHold
from presence.ports import Person

from .given import HOUR, World, away, contact, leave, people, person

pytestmark = pytest.mark.anyio


async def test_a_release_applies_the_difference_that_was_seen(durable: World) -> None:
    await durable.take("ldap", people(500))
    held = await durable.take("ldap", people(320))
    (hold,) = await durable.intake.holds()
    assert (hold.id, hold.removed, len(list(hold.difference.lines()))) == (held.hold, 180, 180)
    outcome = await durable.intake.release(held.hold, "Kim Ek")
    assert outcome.removed == 180
    assert len(await durable.names()) == 320


async def test_another_process_may_release_it(durable: World) -> None:
    await durable.take("ldap", people(50))
    held = await durable.take("ldap", people(10))
    await durable.another().release(held.hold, "Kim Ek")
    assert len(await durable.names()) == 10


async def test_after_a_release_nothing_waits_and_the_source_is_well(world: World) -> None:
    await world.take("ldap", people(50))
    held = await world.take("ldap", people(10))
    assert (await world.health("ldap")).error == "held-back"
    await world.intake.release(held.hold, "Kim Ek")
    assert await world.intake.holds() == []
    assert (await world.health("ldap")).failing_since == 0


async def test_what_was_released_does_not_count_against_the_next_batches(world: World) -> None:
    await world.take("ldap", people(500))
    held = await world.take("ldap", people(320))
    await world.intake.release(held.hold, "Kim Ek")
    world.clock.pass_(HOUR)
    assert not (await world.take("ldap", people(310))).hold


async def test_people_who_go_by_a_release_leave_nothing_behind(world: World) -> None:
    await world.take("ldap", people(50))
    await world.push("hr", Person(alias="employee:49", absences={"a": leave()}))
    held = await world.take("ldap", people(10))
    await world.reports("mail:p49@example.se", "busy")
    await world.intake.release(held.hold, "Kim Ek")
    assert not [name for name in await world.facts() if contact("p49") in name]


@pytest.mark.parametrize("operator", ["ldap", "LDAP ", "token:ldap", "Token:abc", "", "  "])
async def test_the_sender_cannot_release_its_own_batch(world: World, operator: str) -> None:
    await world.take("ldap", people(50))
    held = await world.take("ldap", people(10))
    with pytest.raises(ReleaseRefused):
        await world.intake.release(held.hold, operator)
    assert len(await world.names()) == 50


async def test_what_is_not_held_cannot_be_released(world: World) -> None:
    with pytest.raises(UnknownHold):
        await world.intake.release("abcdefgh", "Kim Ek")


async def test_it_is_released_once(world: World) -> None:
    await world.take("ldap", people(50))
    held = await world.take("ldap", people(10))
    await world.intake.release(held.hold, "Kim Ek")
    with pytest.raises(UnknownHold):
        await world.intake.release(held.hold, "Kim Ek")


async def test_a_newer_batch_takes_the_place_of_an_older_one(world: World) -> None:
    await world.take("ldap", people(50))
    older = await world.take("ldap", people(10))
    newer = await world.take("ldap", people(5))
    assert [hold.id for hold in await world.intake.holds()] == [newer.hold]
    assert older.hold != newer.hold


async def test_the_same_batch_again_keeps_its_id_and_writes_nothing(world: World) -> None:
    """So that an operator who looks at it does not find it renamed a minute later."""
    await world.take("ldap", people(50))
    older = await world.take("ldap", people(10))
    world.clock.pass_(300)
    newer = await world.take("ldap", people(10))
    assert (newer.hold, newer.written) == (older.hold, 0)


async def test_a_harmless_change_on_top_keeps_the_id_and_renews_the_difference(world: World) -> None:
    await world.take("ldap", people(50))
    older = await world.take("ldap", people(10))
    newer = await world.take("ldap", [*people(9), person("p9", "mail:p9@example.se", "employee:9", name="New Name")])
    assert newer.hold == older.hold
    await world.intake.release(newer.hold, "Kim Ek")
    assert "New Name" in await world.names()


async def test_a_good_batch_ends_the_hold(world: World) -> None:
    await world.take("ldap", people(50))
    held = await world.take("ldap", people(10))
    await world.take("ldap", people(50))
    assert await world.intake.holds() == []
    with pytest.raises(UnknownHold):
        await world.intake.release(held.hold, "Kim Ek")


async def test_a_difference_that_no_longer_applies_is_refused(world: World) -> None:
    await world.take("ldap", people(50))
    held = await world.take("ldap", people(10))
    await world.push("ldap", person("p49", "mail:p49@example.se", "employee:49", name="Back Again"))
    with pytest.raises(HoldOutdated):
        await world.intake.release(held.hold, "Kim Ek")
    assert len(await world.names()) == 50


async def test_leave_of_somebody_who_left_meanwhile_is_refused(world: World) -> None:
    await world.take("ldap", people(40))
    await world.take("hr", away(range(2)))
    held = await world.take("hr", away(range(30)))
    await world.take("ldap", people(25))
    with pytest.raises(HoldOutdated):
        await world.intake.release(held.hold, "Kim Ek")


async def test_what_is_gone_already_is_no_hindrance(world: World) -> None:
    await world.take("ldap", people(60))
    await world.take("hr", away(range(40)))
    held = await world.take("hr", away(range(5)))
    await world.take("ldap", people(50))
    await world.push("hr", Person(alias="employee:39", absences={"leave": None}))
    await world.intake.release(held.hold, "Kim Ek")
    assert len(await world.absences()) == 5


class TestReadAnew:
    """`presence sync SOURCE --release HOLD`: the source is read again, and the operator's word holds for what was seen."""

    async def test_the_same_again_is_applied(self, world: World) -> None:
        await world.take("ldap", people(50))
        held = await world.take("ldap", people(10))
        outcome = await world.intake.take(world.batch("ldap", people(10)), released=held.hold, operator="Kim Ek")
        assert (outcome.hold, outcome.removed) == ("", 40)

    async def test_what_was_released_does_not_count_against_the_next_batches(self, world: World) -> None:
        await world.take("ldap", people(500))
        held = await world.take("ldap", people(320))
        await world.intake.take(world.batch("ldap", people(320)), released=held.hold, operator="Kim Ek")
        assert not (await world.take("ldap", people(310))).hold

    async def test_less_of_it_is_applied(self, world: World) -> None:
        await world.take("ldap", people(50))
        held = await world.take("ldap", people(10))
        outcome = await world.intake.take(world.batch("ldap", people(15)), released=held.hold, operator="Kim Ek")
        assert (outcome.hold, outcome.removed) == ("", 35)

    async def test_more_than_was_seen_is_held_back_anew(self, world: World) -> None:
        await world.take("ldap", people(50))
        held = await world.take("ldap", people(10))
        outcome = await world.intake.take(world.batch("ldap", people(9)), released=held.hold, operator="Kim Ek")
        assert outcome.hold not in ("", held.hold)
        assert len(await world.names()) == 50

    async def test_a_hold_of_another_source_releases_nothing(self, world: World) -> None:
        await world.take("ldap", people(50))
        await world.take("telephony", [person(f"t{i}", f"ext:{i}") for i in range(9)])
        held = await world.take("ldap", people(10))
        with pytest.raises(ReleaseRefused):
            await world.intake.take(world.batch("telephony"), released=held.hold, operator="Kim Ek")
