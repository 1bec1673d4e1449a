"""Other words for what people do; and what is shown beside those who are asked for by their title."""

import pytest

from presence.domain.facts import TopicRecord, key
from tests.search.town import Town


def of_title(title: str, *others: str) -> Town:
    town = Town("Ida Alm")
    town.person("Bo Ek", title=title)
    for n, other in enumerate(others):
        town.person(f"Eva Holm{'abc'[n]}", title=other)
    return town


@pytest.mark.parametrize(
    ("title", "asked"),
    [
        ("Kommundirektör", "kommunchefen"),
        ("Räddningschef", "brandchef"),
        ("Fysioterapeut", "sjukgymnasten"),
        ("Badvärd", "badmästare"),
        ("Studie- och yrkesvägledare", "syv"),
        ("Lokalvårdare", "städaren ek"),
        ("Rektor", "principal"),
        ("Sjukgymnast", "fysioterapeuter"),
    ],
)
def test_somebody_is_found_by_another_word_for_the_same_calling(title: str, asked: str) -> None:
    assert of_title(title, "Upphandlare").people(asked) == ["Bo Ek"]


def test_whoever_bears_the_title_itself_comes_before_whoever_bears_another_word_for_it() -> None:
    assert of_title("Fysioterapeut", "Sjukgymnast").people("sjukgymnast") == ["Eva Holma", "Bo Ek"]


def test_a_topic_that_shares_a_part_with_a_title_is_not_put_before_its_bearer() -> None:
    town = of_title("Parkchef")
    town.picture.apply(key("topic", "there", "config"), TopicRecord("Parkering", {}, ()))
    assert town.find("park").topics == ("there",)
    found = town.find("parkchefen")
    assert found.contacts == ("Bo Ek",)
    assert found.topics == ()


def test_a_topic_of_the_unit_is_not_put_before_somebody_named_beside_the_unit() -> None:
    town = Town()
    town.person("Bo Ek", title="Arborist", unit="gata")
    town.picture.apply(key("topic", "there", "config"), TopicRecord("Parkering", {}, ()))
    found = town.find("bo parken")
    assert found.contacts == ("Bo Ek",)
    assert found.topics == ()


def test_somebody_is_found_by_a_name_that_says_nothing_in_a_sentence_with_a_slip_beside_it() -> None:
    town = Town("Ville Mäkinen", "Jukka Mäkinen", "Marja Mäkinen", "Pekka Mäkinen")
    assert town.people("ville mekinen")[0] == "Ville Mäkinen"


def test_a_part_of_a_word_is_not_taken_for_a_short_word_of_the_same_stem() -> None:
    """förvaltningen ends as the stem of altan would, with an ending."""
    town = Town()
    town.person("Bo Ek", keywords=("altan",))
    assert town.people("skogsförvaltningen") == []
