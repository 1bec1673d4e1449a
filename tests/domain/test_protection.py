"""Whom the public may know of."""

import pytest

from presence.domain.directory import Publication, PublicationRule
from presence.domain.facts import Checked, ContactRecord, Hidden, Marks
from presence.domain.rules import SourceRule

from .town import MONDAY, SOURCES, Town, at

NOW = at(f"{MONDAY} 10:00")
MANAGED = {
    "mark_sources": ("register", "directory"),
    "sources": {**SOURCES, "register": SourceRule("marks", 86400)},
}


def managed() -> Town:
    """Anna is checked, against two sources of marks."""
    town = Town(**MANAGED)
    town.person(aliases=("mail:anna@example.se",))
    town.say(Checked())
    return town


def is_public(town: Town, contact: str = "anna") -> bool:
    return town.picture.is_public(contact, NOW)


def test_whoever_is_checked_and_bears_no_mark_is_public() -> None:
    assert is_public(managed())


def test_a_newcomer_is_not_public_until_checked() -> None:
    town = managed()
    town.person("bo")
    assert not is_public(town, "bo")
    town.say(Checked(), contact="bo")
    assert is_public(town, "bo")


@pytest.mark.parametrize("source", ["register", "directory"])
def test_past_the_limit_of_a_mark_source_contacts_stay_and_newcomers_wait(source: str) -> None:
    town = managed()
    town.person("bo")
    town.source(source, ok_until=NOW)
    assert is_public(town)
    assert not is_public(town, "bo")


@pytest.mark.parametrize("source", ["register", "directory"])
def test_whoever_was_ever_hidden_stays_so_while_a_mark_source_is_past_its_limit(source: str) -> None:
    town = managed()
    town.say(Hidden())
    assert is_public(town)
    town.source(source, ok_until=NOW)
    assert not is_public(town)
    town.source(source, ok_until=NOW + 1)
    assert is_public(town)


def test_a_mark_source_that_was_never_read_is_past_its_limit() -> None:
    town = managed()
    town.say(Hidden())
    town.apply("source", "register", body=None)
    assert not is_public(town)


def test_whoever_bears_a_marked_alias_is_hidden_and_shown_again_without_it() -> None:
    town = managed()
    town.apply("marks", "register", body=Marks(("mail:anna@example.se",)))
    assert not is_public(town)
    town.apply("marks", "register", body=Marks(("mail:bo@example.se",)))
    assert is_public(town)


def test_hidden_by_one_source_is_hidden() -> None:
    town = managed()
    town.apply("contact", "anna", "staff", body=ContactRecord(name="Anna", hidden=True))
    assert not is_public(town)


def test_an_installation_without_mark_sources_on_purpose_checks_nobody() -> None:
    assert is_public(Town(mark_sources=None))


def test_an_installation_whose_mark_sources_are_an_empty_list_still_waits_for_the_check() -> None:
    """Only "none", said on purpose, lets newcomers in."""
    assert not is_public(Town(mark_sources=()))


def test_a_fresh_configuration_publishes_nobody() -> None:
    town = Town(publication=Publication())
    assert not is_public(town)


def test_publication_is_chosen_by_unit_the_nearest_first() -> None:
    rules = (
        PublicationRule("*", "shown"),
        PublicationRule("Förvaltning", "staff"),
        PublicationRule("Förvaltning/Kansli", "shown"),
    )
    town = Town(publication=Publication(rules))
    town.unit("forvaltning", name="Förvaltning")
    assert is_public(town)
    town.unit("kansli", name="Arkiv", parent="forvaltning")
    assert not is_public(town)
    town.unit("kansli", name="Kansli", parent="forvaltning")
    assert is_public(town)


def test_nobody_is_public_whom_no_source_names() -> None:
    town = managed()
    assert not is_public(town, "nobody")
    town.apply("contact", "anna", "directory", body=None)
    assert not is_public(town)


def test_the_centre_is_public_without_publication_or_check_and_protected_like_anybody() -> None:
    town = Town(**MANAGED, centre="centre", publication=Publication())
    town.person("centre", type="service_point", aliases=("mail:centre@example.se",))
    assert is_public(town, "centre")
    town.apply("marks", "register", body=Marks(("mail:centre@example.se",)))
    assert not is_public(town, "centre")
