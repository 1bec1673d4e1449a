"""Units: those of a directory, and what the configuration adds to them by the names that people have for them."""

import pytest
from msgspec.structs import replace

from presence.domain.directory import Publication, PublicationRule, public_id
from presence.domain.facts import ContactRecord, Post, TopicRecord, UnitRecord, parts
from presence.ports import Person, Topic

from .given import KEY, RULES, World, unit

pytestmark = pytest.mark.anyio

DIRECTORY = (unit("ou=b", name="Stadsbyggnad"), unit("ou=l", name="Bygglov", parent="ou=b"))
ADDED = unit("bygg", name="Bygglov", parent="Stadsbyggnad", hours="Mo-Fr 09:00-11:30")


def id_of(identity: str) -> str:
    return public_id(KEY, f"unit:{identity}")


async def units(world: World) -> dict[str, set[str]]:
    """Sources by unit."""
    found: dict[str, set[str]] = {}
    for name in await world.facts("unit"):
        _, subject, source = parts(name)
        found.setdefault(subject, set()).add(source)
    return found


async def test_what_the_configuration_says_of_a_unit_is_said_of_the_one_that_the_directory_has_by_that_path(world: World) -> None:
    await world.take("ldap", units=DIRECTORY)
    await world.take("config", units=(ADDED,))
    assert await units(world) == {id_of("ou=b"): {"ldap"}, id_of("ou=l"): {"ldap", "config"}}


async def test_a_unit_that_only_the_configuration_knew_becomes_the_directory_s_when_that_is_read(world: World) -> None:
    await world.take("config", units=(ADDED,))
    assert await units(world) == {id_of("bygg"): {"config"}}
    await world.take("ldap", units=DIRECTORY)
    outcome = await world.take("config", units=(ADDED,))
    assert await units(world) == {id_of("ou=b"): {"ldap"}, id_of("ou=l"): {"ldap", "config"}}
    assert outcome.hold == ""
    await world.take("config", units=(ADDED,))
    assert await units(world) == {id_of("ou=b"): {"ldap"}, id_of("ou=l"): {"ldap", "config"}}


async def test_topics_and_contacts_find_such_a_unit_by_its_path_by_its_name_in_the_configuration_and_by_its_parent(
    world: World,
) -> None:
    await world.take("ldap", units=DIRECTORY)
    below = unit("lov", name="Rådgivning", parent="bygg")
    paths = ("Stadsbyggnad/Bygglov", "bygg", "Stadsbyggnad/Bygglov/Rådgivning")
    clerk = Person(identity="lovbrev", record=ContactRecord(name="Brevlådan", posts=(Post("", "bygg"),)))
    topic = Topic("bygglov", TopicRecord("Bygglov", units=paths))
    outcome = await world.take("config", [clerk], units=(ADDED, below), topics=(topic,))
    assert outcome.unknown == ()
    found = await world.get(TopicRecord, "topic", "bygglov", "config")
    assert found
    assert found.units == (id_of("ou=l"), id_of("lov"))
    child = await world.get(UnitRecord, "unit", id_of("lov"), "config")
    assert child
    assert child.parent == id_of("ou=l")
    record = await world.record("lovbrev", "config")
    assert record
    assert record.posts[0].unit == id_of("ou=l")


async def test_where_two_units_have_that_path_it_is_neither_of_them(world: World) -> None:
    await world.take("ldap", units=(*DIRECTORY, unit("ou=x", name="Bygglov", parent="ou=b")))
    await world.take("config", units=(ADDED,))
    assert (await units(world))[id_of("bygg")] == {"config"}


async def test_a_unit_of_the_same_name_elsewhere_is_another(world: World) -> None:
    await world.take("ldap", units=DIRECTORY)
    await world.take("config", units=(unit("bygg", name="Bygglov", parent="Skola"), unit("topp", name="Bygglov")))
    assert {id_of("bygg"), id_of("topp")} <= (await units(world)).keys()


async def test_a_rule_of_publication_for_a_unit_that_nobody_knows_is_told(world: World) -> None:
    """Else whoever it was to hide is shown, and nothing says so."""
    rules = (
        PublicationRule("*", "shown"),
        PublicationRule("Stadsbyggnad/Byglov", "staff"),
        PublicationRule("Stadsbyggnad", "staff"),
    )
    await world.take("ldap", units=DIRECTORY)
    intake = world.another(replace(RULES, publication=Publication(rules)))
    outcome = await intake.take(world.batch("config"))
    assert outcome.unknown == ("Stadsbyggnad/Byglov",)


@pytest.mark.parametrize(
    ("rule", "is_held"),
    [
        (PublicationRule("Stadsbyggnad/Bygglov", "staff"), True),
        (PublicationRule("Stadsbyggnad/Bygglov", "shown", {"mobile": "staff"}), True),
        (PublicationRule("Stadsbyggnad/Bygglov", "shown"), False),
        (PublicationRule("Stadsbyggnad/Byglov", "staff"), False),
    ],
    ids=["hides people", "hides a field", "hides nothing", "never fitted"],
)
@pytest.mark.parametrize("change", ["renamed", "moved", "gone"])
async def test_a_unit_that_a_rule_keeps_from_the_public_does_not_change_its_path_unseen(
    world: World, rule: PublicationRule, is_held: bool, change: str
) -> None:
    """All in it would be shown from then on, by the rule for everybody."""
    await world.take("ldap", units=DIRECTORY)
    intake = world.another(replace(RULES, publication=Publication((PublicationRule("*", "shown"), rule))))
    later = {
        "renamed": (DIRECTORY[0], unit("ou=l", name="Lov och tillsyn", parent="ou=b")),
        "moved": (DIRECTORY[0], unit("ou=l", name="Bygglov")),
        "gone": DIRECTORY[:1],
    }[change]
    world.clock.t += 600
    outcome = await intake.take(world.batch("ldap", units=later))
    assert (outcome.rule == "publication") == is_held
    if is_held:
        assert "Stadsbyggnad/Bygglov" in outcome.explanation
        await intake.release(outcome.hold, "kim")


async def test_what_the_configuration_adds_to_such_a_unit_does_not_stand_for_those_in_it(world: World) -> None:
    """Hours or a mailbox under `[units]` keep the path alive, and nobody is in it any more."""
    rules = Publication((PublicationRule("*", "shown"), PublicationRule("Stadsbyggnad/Bygglov", "staff")))
    intake = world.another(replace(RULES, publication=rules))
    await intake.take(world.batch("ldap", units=DIRECTORY))
    await intake.take(world.batch("config", units=(ADDED,)))
    world.clock.t += 600
    outcome = await intake.take(world.batch("ldap", units=(DIRECTORY[0], unit("ou=t", name="Trygghet", parent="ou=b"))))
    assert outcome.rule == "publication"
