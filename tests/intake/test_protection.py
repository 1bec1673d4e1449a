"""Protected people: who is hidden, who may be published, and what no batch may lift at once."""

import logging
from collections.abc import AsyncIterator

import msgspec
import pytest

from presence.domain.facts import Checked, ContactRecord, Hidden, Marks
from presence.intaking.difference import Change, line
from presence.ports import Batch, Person, SourceUnavailable
from presence.stores.memory import MemoryStore

from .given import HOUR, RULES, Clock, World, contact, people, person

pytestmark = pytest.mark.anyio


def marking(*sources: str) -> World:
    clock = Clock()
    return World(MemoryStore(clock=clock.now), clock, msgspec.structs.replace(RULES, mark_sources=sources))


@pytest.fixture
async def marked() -> AsyncIterator[World]:
    """The directory and a list of its own mark people."""
    world = marking("ldap", "protected")
    yield world
    await world.close()


def directory(world: World, said: list[Person], *marks: str, after: int = 5) -> Batch:
    return world.batch("ldap", said, marked=marks, marks_at=world.clock.t + after)


async def hidden(world: World) -> set[str]:
    """Contacts that some record hides."""
    return {name.split("/")[1] for name, body in (await world.facts("contact")).items() if getattr(body, "hidden", False)}


async def once_hidden(world: World) -> set[str]:
    return {name.split("/")[1] for name in await world.facts("hidden")}


async def checked(world: World) -> set[str]:
    return {name.split("/")[1] for name in await world.facts("checked")}


class TestHidden:
    @pytest.mark.parametrize("mark", ["p1", "mail:p1@example.se", "MAIL:P1@Example.se", "employee:1"])
    async def test_by_identity_or_by_alias(self, marked: World, mark: str) -> None:
        await marked.intake.take(directory(marked, people(3), mark))
        assert await hidden(marked) == {contact("p1")}

    async def test_whoever_was_hidden_once_is_remembered(self, marked: World) -> None:
        await marked.intake.take(directory(marked, people(3), "p1"))
        await marked.intake.take(directory(marked, people(3)))
        assert await hidden(marked) == set()
        assert await once_hidden(marked) == {contact("p1")}

    async def test_a_run_that_does_not_read_the_marks_lifts_none(self, marked: World) -> None:
        await marked.intake.take(directory(marked, people(3), "p1"))
        await marked.take("ldap", people(3))
        assert await hidden(marked) == {contact("p1")}

    async def test_a_partial_run_with_the_marks_hides_those_who_are_not_in_it(self, marked: World) -> None:
        await marked.intake.take(directory(marked, people(3)))
        await marked.push("ldap", *people(1), marked=("p1", "mail:p2@example.se"), marks_at=marked.clock.t)
        assert await hidden(marked) == {contact("p1"), contact("p2")}
        assert await once_hidden(marked) == {contact("p1"), contact("p2")}

    async def test_what_the_configuration_hides_it_can_show_again(self, marked: World) -> None:
        await marked.take("config", [person("a", hidden=True)])
        await marked.take("config", [person("a")])
        assert await hidden(marked) == set()

    async def test_a_mark_of_nobody_in_the_directory_hides_whoever_bears_it(self, marked: World) -> None:
        """The list of one directory names somebody whom only the other knows."""
        await marked.intake.take(directory(marked, people(1), "ext:77"))
        assert await marked.get(Marks, "marks", "ldap") == Marks(("ext:77",))
        await marked.take("telephony", [person("t-77", "ext:77")])
        assert await once_hidden(marked) == {contact("t-77")}


class TestAMarkSource:
    async def test_hides_by_alias_now_and_later(self, marked: World) -> None:
        await marked.take("protected", marked=("Mail:P1@example.se",))
        assert await marked.get(Marks, "marks", "protected") == Marks(("mail:p1@example.se",))
        await marked.take("ldap", people(2))
        assert await once_hidden(marked) == {contact("p1")}

    async def test_hides_somebody_marked_by_identity_by_all_aliases(self, marked: World) -> None:
        await marked.take("ldap", people(2))
        await marked.take("protected", marked=("p1",))
        found = await marked.get(Marks, "marks", "protected")
        assert found
        assert {"mail:p1@example.se", "employee:1"} <= set(found.aliases)
        assert await once_hidden(marked) == {contact("p1")}

    async def test_that_does_not_say_changes_nothing(self, marked: World) -> None:
        await marked.take("protected", marked=("mail:p1@example.se",))
        await marked.push("protected", heartbeat=True)
        assert await marked.get(Marks, "marks", "protected") == Marks(("mail:p1@example.se",))


class TestChecked:
    async def test_the_marks_of_a_run_count_for_the_people_of_that_run(self) -> None:
        world = marking("ldap")
        said = directory(world, people(2), "p1")
        world.clock.pass_(60)  # it is applied a while after it was read
        await world.intake.take(said)
        assert await checked(world) == {contact("p0"), contact("p1")}
        await world.close()

    async def test_only_when_every_mark_source_was_read_after_the_contact_was_seen(self, marked: World) -> None:
        await marked.take("protected", marked=())
        marked.clock.pass_(60)
        await marked.intake.take(directory(marked, people(1)))
        assert await checked(marked) == set()
        marked.clock.pass_(60)
        await marked.take("protected", marked=())
        assert await checked(marked) == {contact("p0")}

    async def test_a_list_that_was_read_while_the_directory_was_is_too_early(self, marked: World) -> None:
        """Somebody may have been entered in both after the list was read."""
        begun = marked.clock.t
        marked.clock.pass_(10)
        await marked.take("protected", marked=())
        marked.clock.pass_(10)
        said = Batch(source="ldap", complete=True, read_at=begun, people=people(1), marked=(), marks_at=marked.clock.t)
        await marked.intake.take(said)
        assert await checked(marked) == set()

    async def test_a_newcomer_waits_and_the_others_do_not(self) -> None:
        world = marking("ldap")
        await world.intake.take(directory(world, people(1)))
        world.clock.pass_(HOUR)
        await world.take("ldap", people(2))  # a run without marks
        assert await checked(world) == {contact("p0")}
        await world.close()

    async def test_nobody_needs_it_where_protection_is_not_managed(self, world: World) -> None:
        await world.intake.take(directory(world, people(2)))
        assert await checked(world) == set()

    async def test_a_batch_that_is_held_back_checks_nobody(self) -> None:
        world = marking("ldap")
        await world.take("ldap", people(50))
        world.clock.pass_(60)
        held = await world.intake.take(directory(world, people(10)))
        assert await checked(world) == set()
        await world.intake.release(held.hold, "Kim Ek")
        assert await checked(world) == {contact(f"p{i}") for i in range(10)}
        await world.close()

    async def test_a_mark_source_that_fails_checks_nobody(self, marked: World) -> None:
        await marked.intake.take(directory(marked, people(1)))
        marked.clock.pass_(60)
        await marked.intake.failed("protected", SourceUnavailable("unreachable"))
        assert await checked(marked) == set()

    async def test_it_leaves_with_the_contact(self) -> None:
        world = marking("ldap")
        await world.intake.take(directory(world, people(30), "p29"))
        await world.intake.take(directory(world, people(29)))
        assert contact("p29") not in await checked(world) | await once_hidden(world)
        await world.close()

    async def test_facts_say_when(self) -> None:
        world = marking("ldap")
        await world.intake.take(directory(world, people(1), "p0"))
        assert await world.get(Checked, "checked", contact("p0")) == Checked(world.clock.t)
        assert await world.get(Hidden, "hidden", contact("p0")) == Hidden(world.clock.t)
        await world.close()


class TestLifting:
    @pytest.mark.parametrize(("held", "left", "is_held_back"), [(10, 8, False), (10, 7, True), (100, 95, False), (100, 94, True)])
    async def test_of_more_than_two_and_more_than_a_twentieth_is_held_back(
        self, marked: World, held: int, left: int, is_held_back: bool
    ) -> None:
        said = people(200)
        await marked.intake.take(directory(marked, said, *(f"p{i}" for i in range(held))))
        outcome = await marked.intake.take(directory(marked, said, *(f"p{i}" for i in range(left))))
        assert outcome.rule == ("marks" if is_held_back else "")
        assert len(await hidden(marked)) == (held if is_held_back else left)

    async def test_a_partial_batch_cannot_do_it_either(self, marked: World) -> None:
        await marked.intake.take(directory(marked, people(20), *(f"p{i}" for i in range(10))))
        outcome = await marked.push("ldap", marked=(), marks_at=marked.clock.t)
        assert outcome.rule == "marks"
        assert len(await hidden(marked)) == 10

    async def test_whoever_leaves_is_not_lifted(self, marked: World) -> None:
        await marked.intake.take(directory(marked, people(30), *(f"p{i}" for i in range(20, 30))))
        outcome = await marked.intake.take(directory(marked, people(25), *(f"p{i}" for i in range(20, 25))))
        assert not outcome.hold

    async def test_a_list_that_is_suddenly_shorter(self, marked: World) -> None:
        await marked.take("ldap", people(20))
        await marked.take("protected", marked=tuple(f"employee:{i}" for i in range(10)))
        outcome = await marked.take("protected", marked=tuple(f"employee:{i}" for i in range(5)))
        assert outcome.rule == "marks"

    async def test_a_list_that_is_suddenly_empty(self, marked: World) -> None:
        await marked.take("protected", marked=("employee:1",))
        assert (await marked.take("protected", marked=())).rule == "empty"

    async def test_a_new_address_of_somebody_on_the_list_lifts_nothing(self, marked: World) -> None:
        said = [person(f"p{i}", f"mail:old{i}@example.se") for i in range(9)]
        await marked.take("ldap", said)
        await marked.take("protected", marked=tuple(f"p{i}" for i in range(9)))
        await marked.take("ldap", [person(f"p{i}", f"mail:new{i}@example.se") for i in range(9)])
        outcome = await marked.take("protected", marked=tuple(f"p{i}" for i in range(9)))
        assert not outcome.hold
        found = await marked.get(Marks, "marks", "protected")
        assert found
        assert "mail:new3@example.se" in found.aliases


@pytest.mark.parametrize(("was", "is_", "said"), [(False, True, " protected"), (True, False, " no longer protected")])
def test_a_difference_tells_who_becomes_protected_and_who_no_longer_is(was: bool, is_: bool, said: str) -> None:
    before, after = (ContactRecord(name="Anna", hidden=hidden) for hidden in (was, is_))
    assert line(Change("contact/abc/ldap", before, after, "abc")) == f"~ contact abc{said}"


def test_a_difference_tells_of_newcomers_who_are_protected() -> None:
    assert line(Change("contact/abc/ldap", None, ContactRecord(name="Anna", hidden=True), "abc")) == "+ contact abc protected"


class TestLog:
    """Whose protection ends is nobody's to read; that it ends for somebody is."""

    @pytest.fixture
    def lines(self, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
        caplog.set_level(logging.INFO, "presence.intake")
        return caplog

    async def test_one_line_with_the_count_where_a_directory_or_a_list_lifts_marks(
        self, marked: World, lines: pytest.LogCaptureFixture
    ) -> None:
        await marked.intake.take(directory(marked, people(5), "p1", "p2", "mail:stranger@example.se"))
        await marked.take("protected", marked=("employee:3", "employee:4"))
        assert lines.messages == []
        await marked.intake.take(directory(marked, people(5), "p2"))
        await marked.take("protected", marked=("employee:3",))
        assert lines.messages == ["source ldap: lifts the protection of 2", "source protected: lifts the protection of 1"]

    async def test_no_line_where_nothing_is_lifted_or_somebody_leaves_or_it_is_only_tried(
        self, marked: World, lines: pytest.LogCaptureFixture
    ) -> None:
        await marked.intake.take(directory(marked, people(5), "p1", "p2"))
        await marked.intake.take(directory(marked, people(5), "p1", "p2"))
        await marked.intake.take(directory(marked, people(5), "p2"), dry_run=True)
        await marked.intake.take(directory(marked, [*people(1), *people(3, first=2)], "p2"))
        assert lines.messages == []

    async def test_somebody_on_the_list_who_comes_into_the_directory_is_not_lifted(
        self, marked: World, lines: pytest.LogCaptureFixture
    ) -> None:
        await marked.intake.take(directory(marked, people(3), "mail:p3@example.se"))
        await marked.intake.take(directory(marked, people(4), "mail:p3@example.se"))
        assert lines.messages == []

    async def test_what_an_operator_releases_is_told_too(self, marked: World, lines: pytest.LogCaptureFixture) -> None:
        await marked.intake.take(directory(marked, people(5), "p0", "p1", "p2", "p3"))
        held = await marked.intake.take(directory(marked, people(5), "p0"))
        assert held.hold
        assert not any("lifts" in line for line in lines.messages)
        await marked.intake.release(held.hold, "eva")
        assert [line for line in lines.messages if "lifts" in line] == ["source ldap: lifts the protection of 3"]
