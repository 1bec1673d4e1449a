"""Numbers that are asked for in sentences, or as the pages write them."""

import pytest

from tests.search.town import Town


@pytest.fixture(scope="module")
def town() -> Town:
    made = Town()
    made.person("Bo Ek", unit="kart")
    made.person("Eva Holm", number="+46980319250")
    made.person("Åke Ström", number="+46980319201;ext=7155")
    made.person("Växeln", number="+46980319201")
    made.unit("kart", "Kart och mät", keywords=("husnummer",))
    return made


@pytest.mark.parametrize(
    "asked",
    [
        "vem har nummer 0980-31 92 50",
        "vems nummer är 9250?",
        "missat samtal 0980 319 250",
        "någon ringde från +46 980-31 92 50 igår",
        "Eva Holm 0980-31 92 50",
        "who called me from 0980-319250",
        "0980_319250",
    ],
)
def test_a_number_is_found_within_a_sentence(town: Town, asked: str) -> None:
    assert town.people(asked) == ["Eva Holm"]


@pytest.mark.parametrize(
    "asked",
    [
        "0980-31 92 01, ankn. 7155",
        "0980-31 92 01 anknytning 7155",
        "0980-31 92 01 (ankn 7155)",
        "0980-31 92 01, ext. 7155",
        "växeln 0980-31 92 01 ankn 7155",
        "vem har anknytning 7155",
    ],
)
def test_an_extension_is_found_as_the_pages_write_it_and_within_a_sentence(town: Town, asked: str) -> None:
    assert town.people(asked) == ["Åke Ström"]


@pytest.mark.parametrize("asked", ["0980-319201 7155", "0980-319201-7155", "+46980319201/7155"])
def test_an_extension_is_found_behind_the_number_that_it_is_reached_by(town: Town, asked: str) -> None:
    assert town.people(asked) == ["Åke Ström"]


def test_digits_behind_a_number_that_nobody_has_are_no_extension(town: Town) -> None:
    assert town.people("0980-319999 7155") == []


def test_a_hidden_switchboard_makes_nothing_of_the_digits_behind_its_number() -> None:
    town = Town()
    town.person("Åke Ström", number="+46980319201;ext=7155")
    town.person("Växeln", number="+46980319201")
    assert town.people("0980-319201 7155") == ["Åke Ström"]
    town.hidden.add("Växeln")
    assert town.people("0980-319201 7155") == []


@pytest.mark.parametrize("asked", ["husnummer 9250", "hus 250", "bygglov 2024-9250", "bygglov 7155", "bygglov BN-0980319250"])
def test_other_digits_in_a_sentence_are_no_number(town: Town, asked: str) -> None:
    found = town.find(asked)
    assert not {"Eva Holm", "Åke Ström"} & {*found.contacts}
    assert found.topics or found.units
