"""Who is who: ids, names that change, people who leave and come again, several directories."""

import pytest

from presence.domain.directory import public_id
from presence.domain.facts import Former, Post, TopicRecord, UnitRecord
from presence.ports import Person, Topic

from .given import DAY, KEY, World, busy, contact, leave, people, person, unit

pytestmark = pytest.mark.anyio

ANNA = person("uuid-anna", "mail:anna@example.se", "employee:1", name="Anna Åström")


async def test_a_contact_is_kept_under_the_public_id_of_its_identity(world: World) -> None:
    await world.take("ldap", [ANNA])
    assert set(await world.facts("contact")) == {f"contact/{public_id(KEY, 'uuid-anna')}/ldap"}


async def test_somebody_who_is_renamed_and_moved_is_the_same_contact(world: World) -> None:
    await world.take("ldap", [ANNA])
    outcome = await world.take("ldap", [person("uuid-anna", "mail:anna.berg@example.se", name="Anna Berg", room="B2")])
    assert (outcome.added, outcome.changed, outcome.removed) == (0, 1, 0)
    assert await world.names() == {"Anna Berg"}


async def test_a_calendar_keyed_by_an_old_address_still_finds_its_owner(world: World) -> None:
    await world.take("ldap", [ANNA])
    await world.take("ldap", [person("uuid-anna", "mail:anna.berg@example.se")])
    await world.take("calendars", [Person(alias="mail:anna@example.se", calendar=busy(9))])
    assert set(await world.facts("calendar")) == {f"calendar/{contact('uuid-anna')}/calendars"}


async def test_an_old_address_is_remembered_for_ninety_days(world: World) -> None:
    await world.take("ldap", [ANNA])
    await world.take("ldap", [person("uuid-anna", "mail:anna.berg@example.se")])
    world.clock.pass_(90 * DAY)
    await world.intake.housekeeping()
    assert await world.get(Former, "former", contact("uuid-anna")) is None


async def test_an_old_address_that_somebody_else_bears_now_is_theirs(world: World) -> None:
    await world.take("ldap", [ANNA])
    await world.take("ldap", [person("uuid-anna", "mail:anna.berg@example.se"), person("uuid-anna-2", "mail:anna@example.se")])
    await world.take("calendars", [Person(alias="mail:anna@example.se", calendar=busy(9))])
    assert set(await world.facts("calendar")) == {f"calendar/{contact('uuid-anna-2')}/calendars"}


async def test_an_extension_stays_with_the_desk_when_the_person_moves(world: World) -> None:
    await world.take("ldap", [person("uuid-anna", "ext:1234")])
    await world.take("ldap", [person("uuid-anna", "ext:5678")])
    await world.reports("ext:1234", "busy")
    assert await world.facts("presence", "former") == {}


async def test_former_names_are_in_no_record(world: World) -> None:
    await world.take("ldap", [ANNA])
    await world.take("ldap", [person("uuid-anna", "mail:anna.berg@example.se")])
    record = await world.record("uuid-anna")
    assert record
    assert record.aliases == ("mail:anna.berg@example.se",)


async def test_somebody_who_left_leaves_nothing_behind(world: World) -> None:
    await world.take("ldap", [ANNA, *people(30)])
    await world.push("hr", Person(alias="employee:1", absences={"a": leave()}))
    await world.take("ldap", people(30))
    assert not [name for name in await world.facts() if contact("uuid-anna") in name]


async def test_whoever_is_hired_again_under_a_new_identity_inherits_nothing(world: World) -> None:
    await world.take("ldap", [ANNA, *people(30, first=10)])
    await world.push("hr", Person(alias="employee:1", absences={"a": leave()}))
    await world.reports("mail:anna@example.se", "busy")
    again = person("uuid-anna-again", "mail:anna@example.se", "employee:1", name="Anna Åström")
    await world.take("ldap", [again, *people(30, first=10)])
    assert {name.split("/")[0] for name in await world.facts() if contact("uuid-anna-again") in name} == {"contact"}


async def test_of_two_with_one_alias_neither_is_given_what_is_said_of_it(world: World) -> None:
    outcome = await world.take("ldap", [person("a", "mail:info@example.se"), person("b", "mail:info@example.se")])
    assert outcome.ambiguous == ("mail:info@example.se",)
    outcome = await world.take("calendars", [Person(alias="mail:info@example.se", calendar=busy(9))])
    assert await world.facts("calendar") == {}
    assert outcome.ambiguous == ("mail:info@example.se",)
    assert (await world.health("calendars")).ambiguous == ("mail:info@example.se",)


async def test_an_entry_whose_identity_is_in_the_batch_already_is_skipped_and_counted(world: World) -> None:
    outcome = await world.take("ldap", [person("a", name="first"), person("a", name="second")])
    assert (await world.names(), outcome.skipped) == ({"first"}, 1)


class TestASecondDirectory:
    async def test_joins_a_contact_with_which_it_shares_an_alias(self, world: World) -> None:
        await world.take("ldap", [ANNA])
        await world.take("telephony", [person("t-77", "mail:anna@example.se", "ext:77")])
        names = {f"contact/{contact('uuid-anna')}/{source}" for source in ("ldap", "telephony")}
        assert set(await world.facts("contact")) == names

    async def test_makes_contacts_of_those_whom_the_first_does_not_know(self, world: World) -> None:
        await world.take("ldap", [ANNA])
        await world.take("telephony", [person("t-78", "ext:78")])
        assert f"contact/{contact('t-78')}/telephony" in await world.facts("contact")

    async def test_joins_nobody_where_the_alias_has_two_bearers(self, world: World) -> None:
        await world.take("ldap", [person("a", "mail:info@example.se"), person("b", "mail:info@example.se")])
        await world.take("telephony", [person("t-1", "mail:info@example.se")])
        assert await world.record("t-1", "telephony")

    async def test_stays_with_its_contact_when_the_shared_alias_is_gone(self, world: World) -> None:
        await world.take("ldap", [ANNA])
        await world.take("telephony", [person("t-77", "mail:anna@example.se")])
        await world.take("telephony", [person("t-77", "ext:77")])
        assert await world.record("uuid-anna", "telephony")
        assert not await world.record("t-77", "telephony")

    async def test_joins_later_when_the_first_directory_names_the_person(self, world: World) -> None:
        await world.take("telephony", [person("t-77", "mail:anna@example.se")])
        await world.take("ldap", [ANNA])
        outcome = await world.take("telephony", [person("t-77", "mail:anna@example.se")])
        assert outcome.removed == 0
        assert await world.record("uuid-anna", "telephony")
        assert not await world.record("t-77", "telephony")

    async def test_joins_with_all_that_is_known_of_the_person(self, world: World) -> None:
        await world.take("telephony", [person("t-77", "mail:anna@example.se", "ext:77")])
        await world.push("hr", Person(alias="ext:77", absences={"a": leave()}))
        await world.take("ldap", [ANNA])
        await world.take("telephony", [person("t-77", "mail:anna@example.se", "ext:77")])
        assert await world.absences() == {contact("uuid-anna"): {"a"}}

    async def test_keeps_alive_whom_the_first_one_drops(self, world: World) -> None:
        await world.take("ldap", [ANNA, *people(30, first=10)])
        await world.take("telephony", [person("t-77", "mail:anna@example.se")])
        await world.take("ldap", people(30, first=10))
        assert await world.record("uuid-anna", "telephony")


class TestReferences:
    async def test_units_are_named_by_identity(self, world: World) -> None:
        said = [person("a", posts=(Post("Handläggare", "bygglov"),))]
        await world.take("ldap", said, units=[unit("stad"), unit("bygglov", parent="stad")])
        record = await world.record("a")
        assert record
        assert record.posts[0].unit == public_id(KEY, "unit:bygglov")
        bygglov = await world.get(UnitRecord, "unit", public_id(KEY, "unit:bygglov"), "ldap")
        assert bygglov
        assert bygglov.parent == public_id(KEY, "unit:stad")

    async def test_units_may_be_named_by_their_path(self, world: World) -> None:
        await world.take("ldap", people(1), units=[unit("u1", name="Stadsbyggnad"), unit("u2", name="Bygglov", parent="u1")])
        topic = Topic("bygga", TopicRecord("Bygga", units=("stadsbyggnad/Bygglov",)))
        await world.take("config", topics=[topic])
        found = await world.get(TopicRecord, "topic", "bygga", "config")
        assert found
        assert found.units == (public_id(KEY, "unit:u2"),)

    async def test_deputies_are_named_by_distinguished_name(self, world: World) -> None:
        await world.take("ldap", [person("a", deputies=("dn:cn=b,ou=x",)), person("b", "dn:cn=b,ou=x")])
        record = await world.record("a")
        assert record
        assert record.deputies == (contact("b"),)

    async def test_what_nobody_knows_is_dropped_and_counted(self, world: World) -> None:
        outcome = await world.take("ldap", [person("a", posts=(Post("Chef", "nowhere"),), deputies=("mail:x@example.se",))])
        record = await world.record("a")
        assert record
        assert record.posts == (Post("Chef", ""),)
        assert record.deputies == ()
        assert outcome.unresolved == 2

    async def test_what_is_known_later_is_resolved_by_the_next_run(self, world: World) -> None:
        said = [person("a", deputies=("mail:b@example.se",))]
        await world.take("ldap", said)
        await world.take("telephony", [person("t-b", "mail:b@example.se")])
        await world.take("ldap", said)
        record = await world.record("a")
        assert record
        assert record.deputies == (contact("t-b"),)

    async def test_what_the_configuration_names_before_the_directory_is_resolved_when_the_directory_comes(
        self, world: World
    ) -> None:
        await world.take("config", topics=[Topic("bygga", TopicRecord("Bygga", contacts=("mail:p0@example.se",)))])
        await world.take("ldap", people(1))
        found = await world.get(TopicRecord, "topic", "bygga", "config")
        assert found
        assert found.contacts == (contact("p0"),)
