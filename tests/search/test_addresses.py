"""What an e-mail address finds, and what it never tells."""

import pytest

from presence.domain.directory import PublicationRule, Visibility
from presence.search import Hits
from tests.search.town import Town


@pytest.fixture
def town() -> Town:
    made = Town("Bo Ek", "Eva Nilsson")
    made.unit("gym", "Ekvalla gymnasium")
    made.person("Ida Alm", unit="gym")
    made.person("Eva Nilsson Berg", number="eva.nilsson2@ekvalla.example", kind="e-mail")
    made.person("Anna Karlsson", number="anka77@ekvalla.example", kind="e-mail")
    made.person("Åsa Öberg", number="asaobe@ekvalla.example", kind="e-mail")
    return made


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("eva.nilsson2@ekvalla.example", "Eva Nilsson Berg"),
        ("mailto:Eva.Nilsson2@Ekvalla.Example", "Eva Nilsson Berg"),
        ("<eva.nilsson2@ekvalla.example>", "Eva Nilsson Berg"),
        ("eva.nilsson2@ek", "Eva Nilsson Berg"),
        ("eva.nilsson2", "Eva Nilsson Berg"),
        ("eva.nil", "Eva Nilsson Berg"),
        ("anka77", "Anna Karlsson"),
        ("anka7", "Anna Karlsson"),
        ("asaobe", "Åsa Öberg"),
    ],
)
def test_an_address_whole_or_begun_finds_whoever_has_it_and_nobody_else(town: Town, asked: str, meant: str) -> None:
    assert town.find(asked) == Hits(contacts=(meant,))


@pytest.mark.parametrize("asked", ["nobody.else@ekvalla.example", "@ekvalla.example", "77@gymnasium.example"])
def test_the_domain_of_an_address_finds_nothing(town: Town, asked: str) -> None:
    assert town.find(asked) == Hits()


def test_an_address_that_nobody_has_is_read_as_the_name_before_the_at(town: Town) -> None:
    assert town.people("ida.alm@ekvalla.example") == ["Ida Alm"]


@pytest.mark.parametrize("visibility", ["staff", "unreachable"])
def test_an_address_that_is_not_always_shown_finds_nobody(visibility: Visibility) -> None:
    town = Town(rule=PublicationRule("*", "shown", {"e-mail": visibility}))
    town.person("Anna Karlsson", number="xqz77@ekvalla.example", kind="e-mail")
    for asked in ("xqz77@ekvalla.example", "xqz77", "xqz7", "xqz"):
        assert town.people(asked) == [], asked


def test_the_address_of_somebody_hidden_finds_nobody(town: Town) -> None:
    town.hidden.add("Anna Karlsson")
    assert town.people("anka77@ekvalla.example") == town.people("anka77") == []


def test_an_address_given_up_finds_nobody_any_more(town: Town) -> None:
    town.person("Anna Karlsson")
    assert town.people("anka77") == []


def test_a_word_that_begins_names_is_no_address(town: Town) -> None:
    town.person("Ola Strand", number="eva@ekvalla.example", kind="e-mail")
    assert "Eva Nilsson" in town.people("eva")
