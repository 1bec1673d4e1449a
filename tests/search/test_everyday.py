"""What people say every day, in the demonstration's municipality and in one that has every service under other names."""

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from connectors.demonstration.world import world
from presence.domain.facts import TopicRecord, key
from presence.search import Hits
from tests.search import municipality
from tests.search.municipality import answers
from tests.search.queries import queries
from tests.search.town import Town

REQUIRED = 0.95
CENTRE = "Servicecenter"
LISTS: dict[str, dict[str, list[str]]] = tomllib.loads(Path(__file__).with_name("everyday.toml").read_text("utf-8"))
SAID: dict[str, dict[str, list[str]]] = tomllib.loads(files("presence.searching").joinpath("everyday.toml").read_text("utf-8"))
SERVICES = {name: service for name, service in SAID.items() if service["names"] and not name.startswith("channel-")}


@pytest.fixture(scope="module")
def asked() -> dict[str, municipality.Hits]:
    return answers(tuple(query for rows in LISTS.values() for query in rows))


def _is_right(want: str, hits: municipality.Hits) -> bool:
    if want == "centre":
        named = [hit["name"] for hit in hits["contacts"][:3]]
        return CENTRE in named and not hits["topics"] and not any(unit.get("meant") for unit in hits["units"])
    if want.startswith("unit: "):
        return want.removeprefix("unit: ") in ["/".join(unit["path"]) for unit in hits["units"][:3]]
    return want in [topic["id"] for topic in hits["topics"][:3]]


@pytest.mark.parametrize("language", LISTS)
def test_95_percent_of_what_people_say_leads_to_the_right_service_or_the_centre(
    language: str, asked: dict[str, municipality.Hits]
) -> None:
    rows = LISTS[language]
    missed = [query for query, want in rows.items() if not any(_is_right(each, asked[query]) for each in want)]
    assert len(missed) <= (1 - REQUIRED) * len(rows), missed


def test_no_everyday_word_is_answered_by_nothing(asked: dict[str, municipality.Hits]) -> None:
    assert [query for query, hits in asked.items() if not any(hits.values())] == []


def test_the_list_has_a_hundred_swedish_and_fifty_english_queries_that_no_other_list_has() -> None:
    assert len(LISTS["swedish"]) >= 100
    assert len(LISTS["english"]) >= 50
    asked = {query.casefold() for query in (*LISTS["swedish"], *LISTS["english"])}
    assert asked.isdisjoint(query.q.casefold() for query in queries())


def test_the_list_wants_topics_and_units_that_exist() -> None:
    settings = tomllib.loads(files("connectors.demonstration").joinpath("presence.toml").read_text("utf-8"))
    wanted = {each for rows in LISTS.values() for want in rows.values() for each in want}
    names = {unit.record.name for unit in world(1).units}
    units = {each.removeprefix("unit: ") for each in wanted if each.startswith("unit: ")}
    assert {unit.rpartition("/")[2] for unit in units} - names == set()
    assert {each for each in wanted if ":" not in each} - {*settings["topics"], "centre"} == set()


# --- ways to reach the centre ---

WAYS = (
    "chatt",
    "chatta",
    "e-tjänst",
    "e-tjänster",
    "mejl",
    "telefonnummer",
    "ring kommunen",
    "besöksadress",
    "switchboard",
    "chat",
)


@pytest.mark.parametrize("asked", WAYS)
def test_who_asks_for_a_way_to_reach_somebody_finds_the_centre_that_has_it(asked: str) -> None:
    hits = answers(WAYS)[asked]
    assert hits["contacts"][0]["name"] == CENTRE
    assert not hits["contacts"][0].get("instead")
    assert hits["topics"] == hits["units"] == []


def test_a_way_that_the_centre_does_not_have_is_not_found_there() -> None:
    assert all(hit["instead"] for hit in answers(("fax",))["fax"]["contacts"])


# --- what is not offered ---


@pytest.fixture
def town() -> Town:
    made = Town("Ove Alm", "Per-Erik Håkansson", "Anna Karlsson", "Karin Karlsson")
    made.unit("vard", "Vård och omsorg")
    made.person("Ida Ek", title="Undersköterska", unit="vard")
    for topic, words in {
        "Livsmedel och restaurang": ("matförgiftad",),
        "Val av grundskola": ("skolplats",),
        "Detaljplaner": (),
        "Musik- och kulturskolan": ("kör",),
        "Ekonomiskt bistånd": ("bidrag",),
        "Parkeringstillstånd för rörelsehindrade": (),
        "Svenska för invandrare": ("språk",),
    }.items():
        made.picture.apply(key("topic", topic, "config"), TopicRecord(topic, {}, words))
    return made


@pytest.mark.parametrize(
    "asked",
    ["gifta sig", "våld", "förnya körkortet", "gravplats", "kommunalråd", "barnbidrag", "pass", "tax return", "driving licence"],
)
def test_what_shares_but_a_few_letters_is_not_offered(town: Town, asked: str) -> None:
    assert town.find(asked) == Hits()


@pytest.mark.parametrize("asked", ["Per Erik Hokansson", "Steffo Karlsson", "Sven Karlsson", "Ove Karlsson"])
def test_no_topic_that_resembles_a_part_of_a_name_stands_above_those_who_bear_the_rest(town: Town, asked: str) -> None:
    found = town.find(asked)
    assert found.contacts
    assert found.topics == found.units == ()


def test_a_word_that_people_say_of_a_service_is_no_slip_of_another(town: Town) -> None:
    """Våld is not vård; vrd is."""
    assert town.find("våld").contacts == ()
    assert town.find("vrård").contacts == ("Ida Ek",)


def test_a_short_word_means_one_with_the_same_marks(town: Town) -> None:
    town.unit("karta", "Kart och mät")
    town.person("Nils Ek", unit="karta")
    assert town.find("skolmaten").units == ()
    assert town.find("mät").units == ("karta",)


@pytest.mark.parametrize(
    ("asked", "right"), [("bil", "Parkering"), ("ny bil", None), ("tv", None), ("tv licens", None), ("rut", None)]
)
def test_a_short_word_is_not_met_by_one_that_only_begins_so(town: Town, asked: str, right: str | None) -> None:
    """Bil is no bills."""
    for topic in ("Parkering", "Budget- och skuldrådgivning", "Fakturor", "Återvinningscentral"):
        town.picture.apply(key("topic", topic, "config"), TopicRecord(topic, {}, ()))
    assert town.find(asked).topics[:1] == ((right,) if right else ())


def test_a_unit_that_is_only_about_a_service_is_not_meant_by_what_people_say_of_it(town: Town) -> None:
    town.unit("hus", "Fastighet", keywords=("snöröjning",))
    town.person("Nils Ek", unit="hus")
    found = town.find("plogbilen")
    assert found.units == ("hus",)
    assert found.meant == ()


def test_who_asks_for_help_against_violence_is_led_to_whoever_answers_where_no_unit_for_it_is_public(town: Town) -> None:
    town.picture.apply(key("topic", "night", "config"), TopicRecord("Socialjour", {}, ()))
    for asked in ("min man slår mig", "kvinnofrid", "jag blir slagen hemma", "domestic violence"):
        assert town.find(asked).topics == ("night",), asked
    town.picture.apply(key("topic", "violence", "config"), TopicRecord("Våld i nära relationer", {}, ()))
    assert town.find("min man slår mig").topics == ("violence", "night")


@pytest.mark.parametrize("asked", ["isolera vinden", "skolmaten", "mat på mät", "skolan är kall"])
def test_a_unit_with_nobody_public_does_not_decide_how_well_others_fit(asked: str) -> None:
    public, secret = Town("Anna Ek"), Town("Anna Ek")
    for town in (public, secret):
        town.picture.apply(key("topic", "energy", "config"), TopicRecord("Energiråd", {}, ("isolering", "kall")))
        town.unit("map", "Kart och mät")
        town.person("Nils Ek", unit="map")
    secret.unit("away", "Vinden", keywords=("mat", "skola", "isolera"))
    assert secret.find(asked) == public.find(asked)


# --- in a municipality that has every service, under whichever of its names ---


@cache
def _everywhere(which: int) -> Town:
    town = Town("Anna Ek")
    for name in ("bygglov", "sopor", "snow"):
        town.picture.apply(key("topic", name, "config"), None)
    for service, entry in SERVICES.items():
        town.picture.apply(key("topic", service, "config"), TopicRecord(entry["names"][which % len(entry["names"])], {}, ()))
    return town


@pytest.mark.parametrize("which", [0, 1, -1])
def test_what_is_said_of_a_service_finds_it_whichever_of_its_names_it_bears(which: int) -> None:
    town, missed, asked = _everywhere(which), [], 0
    for service, entry in SERVICES.items():
        for words in entry["said"]:
            asked += 1
            if service not in town.find(words).topics[:3]:
                missed.append(f"{words} ({service})")
    assert len(missed) <= (1 - REQUIRED) * asked, missed


@pytest.mark.parametrize("said", ["parkeringsbot", "parking ticket"])
def test_a_compound_is_not_taken_for_what_only_begins_as_the_word_it_begins_with(
    said: str, asked: dict[str, municipality.Hits]
) -> None:
    """A fine for parking is a matter of parking, and not of parks."""
    assert "Park" not in [unit["name"] for unit in asked[said]["units"]]


def test_a_board_is_asked_for_by_what_it_decides_and_not_as_a_board(asked: dict[str, municipality.Hits]) -> None:
    assert not {"Kansli", "Registratur"} & {unit["name"] for unit in asked["byggnadsnämnden"]["units"]}
    assert asked["byggnadsnämnden"]["topics"] == []
