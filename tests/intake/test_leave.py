"""Leave in complete batches: people who are not there yet, ends that are none, and rows that could not be read."""

import hashlib

import pytest

from presence.domain.facts import Absence, Fact, SourceHealth, key
from presence.domain.intervals import FOREVER
from presence.intaking.plan import UNREAD
from presence.ports import Person

from .given import DAY, HOUR, World, at, away, contact, kept_as, leave, people

pytestmark = pytest.mark.anyio


def of(number: int, **absences: Absence | None) -> Person:
    return Person(alias=f"employee:{number}", absences=absences)


async def test_leave_of_somebody_who_is_not_in_the_directory_yet_is_held_and_counts_when_they_appear(durable: World) -> None:
    await durable.take("ldap", people(30))
    outcome = await durable.take("hr", away([*range(5), 30]))
    assert outcome.unmatched == ("employee:30",)
    assert len(await durable.absences()) == 5
    await durable.take("ldap", people(31))
    assert set(await durable.absences()) == {contact(f"p{i}") for i in (0, 1, 2, 3, 4, 30)}
    assert await durable.held() == {}


async def test_the_same_file_again_writes_nothing_whether_its_people_are_there_or_not(durable: World) -> None:
    await durable.take("ldap", people(30))
    read_at = durable.clock.t
    await durable.take("hr", away([*range(5), 30, 31]), read_at=read_at)
    before = await durable.position()
    durable.clock.pass_(HOUR)
    outcome = await durable.take("hr", away([*range(5), 30, 31]), read_at=read_at)
    assert (outcome.written, outcome.unchanged, await durable.position()) == (0, 7, before)


@pytest.mark.parametrize("last", ["9999-12-31", "9999-12-30", "9000-01-01"])
async def test_a_last_day_thousands_of_years_away_is_none(world: World, last: str) -> None:
    await world.take("ldap", people(2))
    await world.take("hr", [of(0, a=leave(last))])
    found = await world.get(Absence, "absence", contact("p0"), "hr", "a")
    assert found is not None
    assert found.last == ""
    assert await world.intake.housekeeping(world.clock.t + 365 * DAY) >= 0
    assert await world.absences()


async def test_an_instant_thousands_of_years_away_is_none(world: World) -> None:
    await world.take("ldap", people(2))
    await world.take("hr", [of(0, a=Absence(start=at("2026-11-23 08:00"), end=253_370_764_800))])
    found = await world.get(Absence, "absence", contact("p0"), "hr", "a")
    assert found is not None
    assert found.end == FOREVER


async def test_a_last_day_that_is_no_date_is_skipped(world: World) -> None:
    await world.take("ldap", people(2))
    outcome = await world.take("hr", [of(0, a=leave("snart")), of(1, a=leave("zzzz-99-99"))])
    assert (outcome.skipped, await world.absences()) == (2, {})


async def test_what_is_held_of_somebody_whose_row_could_not_be_read_stays_and_is_marked(world: World) -> None:
    await world.take("ldap", people(30))
    await world.take("hr", [*away(range(5)), of(9, a=leave(), b=leave("2026-12-24"))])
    world.clock.pass_(HOUR)
    rows = [Person(alias="employee:9", failed="rejected-row"), *away(range(5)), of(9, b=leave("2026-12-24"))]
    assert (await world.take("hr", rows)).failed == 1
    kept, said = [await world.get(Absence, "absence", contact("p9"), "hr", uid) for uid in "ab"]
    assert kept is not None
    assert said is not None
    assert kept.ok_until < FOREVER
    assert said.ok_until == FOREVER


async def test_such_a_file_a_second_time_writes_nothing_either(world: World) -> None:
    await world.take("ldap", people(30))
    await world.take("hr", [*away(range(5)), of(9, a=leave())])
    rows = [Person(alias="employee:9", failed="rejected-row"), *away(range(5))]
    read_at = world.clock.t
    await world.take("hr", rows, read_at=read_at)
    world.clock.pass_(HOUR)
    assert (await world.take("hr", rows, read_at=read_at)).written == 0


async def test_leave_that_was_over_anyway_is_told_as_ended_and_not_as_removed(world: World) -> None:
    await world.take("ldap", people(30))
    await world.take("hr", [*away(range(5)), of(9, a=leave("2026-11-24"))])
    world.clock.pass_(5 * DAY)
    outcome = await world.take_dry("hr", away(range(5)))
    assert outcome.removed == 0
    assert [*outcome.difference.ended] == [key("absence", contact("p9"), "hr", kept_as("a"))]


async def test_a_file_older_than_what_was_taken_is_left_alone(world: World) -> None:
    await world.take("ldap", people(30))
    await world.take("hr", away(range(5)))
    outcome = await world.take("hr", away(range(4)), read_at=world.clock.t - DAY)
    assert (outcome.older, outcome.written, len(await world.absences())) == (True, 0, 5)
    assert isinstance(await world.health("hr"), SourceHealth)


async def test_somebody_whose_only_row_could_not_be_read_is_not_assumed_to_be_here_until_one_can_be(durable: World) -> None:
    await durable.take("ldap", people(30))
    await durable.take("hr", away(range(5)))
    outcome = await durable.take("hr", [of_unread(9), *away(range(5))])
    marked = await durable.get(Absence, "absence", contact("p9"), "hr", UNREAD)
    assert marked == Absence(extent=0, ok_until=durable.clock.t)
    assert (outcome.added, outcome.removed) == (0, 0)
    outcome = await durable.take("hr", away(range(5)))
    assert await durable.get(Absence, "absence", contact("p9"), "hr", UNREAD) is None
    assert (outcome.added, outcome.removed) == (0, 0)


async def test_such_a_mark_is_written_once(world: World) -> None:
    await world.take("ldap", people(30))
    rows = [of_unread(9), of_unread(40), *away(range(5))]
    read_at = world.clock.t
    await world.take("hr", rows, read_at=read_at)
    world.clock.pass_(HOUR)
    assert (await world.take("hr", rows, read_at=read_at)).written == 0


async def test_another_leave_that_can_be_read_does_not_take_the_mark_away(world: World) -> None:
    await world.take("ldap", people(30))
    await world.take("hr", [*away(range(5)), of(9, b=leave("2026-12-24"))])
    await world.take("hr", [of_unread(9), *away(range(5)), of(9, b=leave("2026-12-24"))])
    assert await world.get(Absence, "absence", contact("p9"), "hr", UNREAD) is not None


def of_unread(number: int) -> Person:
    return Person(alias=f"employee:{number}", failed="rejected-row")


async def test_a_batch_of_which_part_is_nobodys_adds_and_changes_and_takes_nothing_away(world: World) -> None:
    await world.take("ldap", people(30))
    await world.take("hr", away(range(5)))
    outcome = await world.take("hr", [*away([1]), of(1, a=leave("2026-12-24")), of(9, a=leave())], keeps=True)
    assert (outcome.removed, outcome.added > 0) == (0, True)
    assert "nothing was taken away" in outcome.explanation
    assert set(await world.absences()) == {contact(f"p{i}") for i in (0, 1, 2, 3, 4, 9)}


async def test_the_senders_name_of_a_leave_cannot_be_guessed_from_its_key_in_the_store(world: World) -> None:
    await world.take("ldap", people(2))
    await world.take("hr", [of(0, **{"VAB-2026-118": leave()}), of(77, **{"VAB-2026-118": leave()})])
    guess = hashlib.sha256(b"VAB-2026-118").hexdigest()[:16]
    keys = [*await world.facts("absence", "held")]
    assert len(keys) == 2
    assert not any("VAB" in key or guess in key for key in keys)
    await world.push("hr", of(0, **{"VAB-2026-118": None}))
    assert await world.absences() == {}


async def test_leave_that_was_kept_under_the_senders_own_name_moves_and_is_not_removed(world: World) -> None:
    await world.take("ldap", people(100))
    old = {key("absence", contact(f"p{n}"), "hr", "leave"): leave() for n in range(60)}
    await world.store.append([Fact(name, body) for name, body in old.items()])
    await world.intake._mirror.catch_up()
    outcome = await world.take("hr", away(range(60)))
    assert (outcome.hold, outcome.removed) == ("", 0)
    moved = {key("absence", contact(f"p{n}"), "hr", kept_as("leave")) for n in range(60)}
    assert (await world.facts("absence")).keys() == moved
