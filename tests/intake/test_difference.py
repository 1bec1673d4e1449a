"""Only what changed is written, and a complete batch removes what is not in it."""

import msgspec
import pytest

from presence.domain.facts import Absence, AnyBody, ContactRecord, Fact, Held, Key, Override, key
from presence.intaking.difference import Change, line
from presence.ports import Person

from .given import DAY, HOUR, World, away, busy, contact, leave, people, person

pytestmark = pytest.mark.anyio


async def but_health(world: World) -> dict[Key, AnyBody]:
    return {name: body for name, body in (await world.facts()).items() if not name.startswith("source/")}


@pytest.mark.parametrize("source", ["ldap", "hr", "calendars", "switchboard"])
async def test_the_same_batch_twice_writes_nothing_but_the_health_of_its_source(world: World, source: str) -> None:
    said = {
        "ldap": people(50),
        "hr": [*away(range(5)), Person(alias="employee:999", absences={"x": leave()})],
        "calendars": [Person(alias=f"mail:p{i}@example.se", calendar=busy(9, 11), future_events=2) for i in range(40)],
        "switchboard": [Person(alias=f"mail:p{i}@example.se") for i in range(20)],
    }
    await world.take("ldap", people(50))
    await world.take(source, said[source])
    held = {name: body for name, body in (await world.store_numbers()).items() if not name.startswith("source/")}
    world.clock.pass_(300)
    outcome = await world.take(source, said[source])
    assert (outcome.added, outcome.changed, outcome.removed, outcome.written) == (0, 0, 0, 1)
    assert {name: n for name, n in (await world.store_numbers()).items() if not name.startswith("source/")} == held


async def test_a_dry_run_tells_the_same_difference_and_writes_nothing(world: World) -> None:
    await world.take("ldap", people(50))
    numbers = await world.store_numbers()
    told = await world.take_dry("ldap", people(45))
    assert (told.removed, told.dry_run, told.written) == (5, True, 0)
    assert await world.store_numbers() == numbers
    assert (await world.take("ldap", people(45))).difference == told.difference


async def test_a_complete_batch_removes_what_is_not_in_it(world: World) -> None:
    await world.take("ldap", people(50))
    outcome = await world.take("ldap", people(45))
    assert outcome.removed == 5
    assert await world.names() == {f"p{i}" for i in range(45)}


async def test_an_incomplete_batch_removes_nothing(world: World) -> None:
    await world.take("ldap", people(50))
    outcome = await world.push("ldap", *people(1, first=50))
    assert (outcome.added, outcome.removed) == (1, 0)
    assert len(await world.names()) == 51


async def test_whoever_could_not_be_read_this_time_stays(world: World) -> None:
    await world.take("ldap", people(3))
    outcome = await world.take("ldap", [*people(2), Person(identity="p2", failed="nameless")])
    assert outcome.removed == 0
    assert await world.names() == {"p0", "p1", "p2"}


async def test_the_instant_from_which_a_leave_is_known_survives_its_correction(world: World) -> None:
    await world.take("ldap", people(1))
    await world.push("hr", Person(alias="employee:0", absences={"a": leave("2026-12-04")}))
    begun = world.clock.t
    world.clock.pass_(HOUR)
    await world.push("hr", Person(alias="employee:0", absences={"a": leave("2026-12-11")}))
    found = await world.get(Absence, "absence", contact("p0"), "hr", "a")
    assert found
    assert (found.last, found.since) == ("2026-12-11", begun)


async def test_of_two_words_on_one_leave_the_last_one_stands(world: World) -> None:
    await world.take("ldap", people(1))
    for last in ("2026-12-04", "2026-12-11", "2026-11-27"):
        await world.push("hr", Person(alias="employee:0", absences={"a": leave(last)}))
    found = await world.get(Absence, "absence", contact("p0"), "hr", "a")
    assert found
    assert found.last == "2026-11-27"


async def test_a_withdrawn_leave_is_gone(world: World) -> None:
    await world.take("ldap", people(1))
    await world.push("hr", Person(alias="employee:0", absences={"a": leave(), "b": leave()}))
    await world.push("hr", Person(alias="employee:0", absences={"a": None}))
    assert await world.absences() == {contact("p0"): {"b"}}


@pytest.mark.parametrize(
    "wrong",
    [
        leave("2026-02-30"),
        leave("2026-11-20", first="2026-11-23"),
        leave(first="soon"),
        leave(extent=1.5),
        leave(extent=-0.5),
        Absence(start=2_000_000_000, end=1_900_000_000),
    ],
)
async def test_a_leave_that_makes_no_sense_is_skipped_and_counted(world: World, wrong: Absence) -> None:
    await world.take("ldap", people(2))
    outcome = await world.push("hr", Person(alias="employee:0", absences={"a": wrong, "b": leave()}))
    assert outcome.skipped == 1
    assert await world.absences() == {contact("p0"): {"b"}}


@pytest.mark.parametrize("alias", ["", "anna", ":", "mail:"])
async def test_a_person_without_a_real_alias_is_skipped_and_counted(world: World, alias: str) -> None:
    await world.take("ldap", people(1))
    outcome = await world.push("hr", Person(alias=alias, absences={"a": leave()}))
    assert (outcome.skipped, await world.facts("absence", "held")) == (1, {})


async def test_ended_leave_in_a_file_is_not_taken_in_again(world: World) -> None:
    await world.take("ldap", people(2))
    outcome = await world.take("hr", away([0], first="2026-11-02", last="2026-11-06") + away([1]))
    assert outcome.added == 1
    assert await world.absences() == {contact("p1"): {"leave"}}


async def test_a_batch_that_was_read_before_what_was_applied_last_is_left_alone(world: World) -> None:
    await world.take("ldap", people(30), read_at=world.clock.t)
    outcome = await world.take("ldap", people(25), read_at=world.clock.t - 60)
    assert outcome.older
    assert len(await world.names()) == 30


async def test_a_calendar_that_differs_only_in_its_past_is_not_written(world: World) -> None:
    await world.take("ldap", people(1))
    await world.take("calendars", [Person(alias="mail:p0@example.se", calendar=busy(9, 15))])
    world.clock.t += DAY + 5 * HOUR  # between the two meetings
    outcome = await world.take("calendars", [Person(alias="mail:p0@example.se", calendar=busy(15))])
    assert (outcome.changed, outcome.unchanged) == (0, 1)


async def test_two_calendars_of_one_person_are_one(world: World) -> None:
    await world.take("ldap", [person("a", "mail:a@example.se", "mail:b@example.se")])
    both = [Person(alias="mail:a@example.se", calendar=busy(9)), Person(alias="mail:b@example.se", calendar=busy(13))]
    await world.take("calendars", both)
    assert (await world.facts("calendar")) == {f"calendar/{contact('a')}/calendars": busy(9, 13)}


class TestAliasesThatNobodyBears:
    async def test_what_is_said_of_a_stranger_makes_no_contact(self, world: World) -> None:
        await world.take("calendars", [Person(alias="mail:stranger@example.se", calendar=busy(9))])
        assert await world.facts("contact", "calendar") == {}

    async def test_is_listed(self, world: World) -> None:
        outcome = await world.take("calendars", [Person(alias="mail:stranger@example.se", calendar=busy(9))])
        assert outcome.unmatched == ("mail:stranger@example.se",)
        assert (await world.health("calendars")).unmatched == ("mail:stranger@example.se",)

    async def test_at_most_a_thousand_are_listed_and_all_are_counted(self, world: World) -> None:
        await world.take("hr", away(range(1_200)))
        health = await world.health("hr")
        assert (len(health.unmatched), health.unmatched_count) == (1_000, 1_200)

    async def test_is_applied_when_the_person_appears(self, world: World) -> None:
        await world.push("hr", Person(alias="employee:0", absences={"a": leave()}))
        await world.take("ldap", people(1))
        assert await world.absences() == {contact("p0"): {"a"}}
        assert await world.held() == {}

    async def test_goes_when_the_source_withdraws_it(self, world: World) -> None:
        await world.take("hr", away(range(3)))
        await world.take("hr", away(range(2)))
        assert set(await world.held()) == {"employee:0", "employee:1"}
        await world.push("hr", Person(alias="employee:0", absences={"leave": None}))
        assert set(await world.held()) == {"employee:1"}

    async def test_is_no_longer_listed_when_the_next_word_of_the_source_comes(self, world: World) -> None:
        await world.push("hr", Person(alias="employee:0", absences={"a": leave()}))
        await world.take("ldap", people(2))
        await world.push("hr", Person(alias="employee:1", absences={"a": leave()}))
        assert (await world.health("hr")).unmatched == ()

    async def test_a_leave_is_known_from_when_it_was_first_said(self, world: World) -> None:
        await world.push("hr", Person(alias="employee:0", absences={"a": leave()}))
        begun = world.clock.t
        world.clock.pass_(HOUR)
        await world.take("ldap", people(1))
        found = await world.get(Absence, "absence", contact("p0"), "hr", "a")
        assert found
        assert found.since == begun

    async def test_a_whole_file_that_finds_its_people_removes_nothing(self, world: World) -> None:
        """The rows move from aliases to contacts; that is no removal, however many they are."""
        await world.take("hr", away(range(300)))
        await world.take("ldap", people(300))
        outcome = await world.take("hr", away(range(300)))
        assert (outcome.hold, outcome.removed, len(await world.absences())) == ("", 0, 300)


async def test_lines_tell_an_operator_what_changes_without_names(world: World) -> None:
    await world.take("ldap", [person("p0", "employee:0", name="Anna Åström"), *people(5, first=1)])
    await world.take("hr", away([1, 2, 3]))
    outcome = await world.take_dry("hr", [*away([1], last="2026-12-11"), *away([2]), *away([0], extent=0.5)])
    assert list(outcome.difference.lines()) == sorted(
        [
            "+ absence employee:0 2026-11-23 → 2026-12-04 extent 0.5",
            "~ absence employee:1 2026-11-23 → 2026-12-11 last",
            "- absence employee:3 2026-11-23 → 2026-12-04",
        ],
        key=lambda text: contact("p" + text[text.index(":") + 1]),
    )
    changed = await world.take_dry("ldap", [person("p0", "employee:0", name="Anna Berg", room="B2"), *people(5, first=1)])
    assert list(changed.difference.lines()) == [f"~ contact {contact('p0')} employee:0 name room"]


@pytest.mark.parametrize(
    ("aliases", "told"),
    [
        (("uid:ann", "employee:0", "mail:ann@example.se"), " mail:ann@example.se"),
        (("uid:ann", "employee:0"), " employee:0"),
        (("ext:1234", "uid:ann"), " uid:ann"),
        (("ext:1234",), ""),
        (("uid:121212-1212",), " uid:(hidden)"),
    ],
)
async def test_lines_name_a_contact_by_an_alias_that_an_operator_knows_beside_its_id(
    world: World, aliases: tuple[str, ...], told: str
) -> None:
    await world.take("ldap", [person("p0", *aliases), *people(50, first=1)])
    gone = await world.take_dry("ldap", people(50, first=1))
    assert list(gone.difference.lines()) == [f"- contact {contact('p0')}{told}"]


async def test_lines_hide_a_personal_identity_number_that_is_an_alias(world: World) -> None:
    await world.take("ldap", [person("p0", "employee:121212-1212"), *people(5, first=1)])
    outcome = await world.take_dry("hr", [Person(alias="employee:121212-1212", absences={"a": leave()})])
    [line] = outcome.difference.lines()
    assert line.startswith("+ absence employee:(hidden) ")


def test_nothing_that_is_held_for_an_alias_has_room_for_a_reason() -> None:
    assert {field.name for field in msgspec.structs.fields(Held)} == {"body", "key_rest"}


async def test_leave_that_is_moved_to_begin_earlier_was_not_held_before(world: World) -> None:
    """So that an "I am in" of this morning does not win over it."""
    await world.take("ldap", people(1))
    await world.push("hr", Person(alias="employee:0", absences={"a": leave(first="2026-11-30")}))
    world.clock.pass_(HOUR)
    await world.push("hr", Person(alias="employee:0", absences={"a": leave(first="2026-11-23")}))
    found = await world.get(Absence, "absence", contact("p0"), "hr", "a")
    assert found is not None
    assert found.since == world.clock.t


async def test_leave_that_is_prolonged_within_the_shift_was_not_held_before(world: World) -> None:
    """An "I am in" of half past eleven was about a leave until noon, not about the afternoon."""
    await world.take("ldap", people(1))
    begun = world.clock.t
    await world.store.append([Fact(key("override", contact("p0"), "1"), Override("available", begun, begun + 8 * HOUR, begun))])
    until_noon = Absence(start=begun - HOUR, end=begun + 2 * HOUR)
    await world.push("hr", Person(alias="employee:0", absences={"a": until_noon}))
    world.clock.pass_(HOUR)
    until_evening = msgspec.structs.replace(until_noon, end=begun + 5 * HOUR)
    await world.push("hr", Person(alias="employee:0", absences={"a": until_evening}))
    found = await world.get(Absence, "absence", contact("p0"), "hr", "a")
    assert found is not None
    assert found.since == world.clock.t


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (False, True, "~ contact abc protected"),
        (True, False, "~ contact abc no longer protected"),
        (True, True, "~ contact abc title"),
        (False, False, "~ contact abc mail:anna@example.se title"),
    ],
)
def test_of_whoever_is_or_was_protected_a_line_tells_the_id_alone(before: bool, after: bool, told: str) -> None:
    """Such lines are written to files and sent by mail."""
    title = ("Handläggare", "Chef") if before == after else ("Chef", "Chef")
    was, becomes = (ContactRecord(name="Anna", room=room, hidden=h) for room, h in zip(title, (before, after), strict=True))
    assert line(Change("contact/abc/ldap", was, becomes, "abc mail:anna@example.se")) == told.replace("title", "room")
