"""Whether a unit was asked for, or the people in it; and what people say who do not know a service's name."""

import pytest

from presence.domain.facts import TopicRecord, key
from tests.search.town import Town

STAFF = [f"{given} {family}" for given in ("Anna", "Bo", "Eva", "Ida") for family in ("Alm", "Ek", "Holm", "Sten")]
UNITS = {
    "myran": "Förskolan Myran",
    "norr": "Norrängsskolan",
    "sim": "Simhallen",
    "gym": "Ekvalla gymnasium",
    "hr": "Personalavdelningen",
    "kansli": "Kansli",
}


@pytest.fixture(scope="module")
def town() -> Town:
    made = Town("Bo Myran")
    for n, (unit, name) in enumerate(UNITS.items()):
        made.unit(unit, name)
        for person in STAFF:
            made.person(f"{person}{'abcdef'[n]}", title="Lärare" if unit == "gym" else "", unit=unit)
    return made


@pytest.mark.parametrize(
    ("asked", "unit"),
    [
        ("förskolan myran", "myran"),
        ("var ligger myrans förskola", "myran"),
        ("norrängskolan", "norr"),
        ("norrängsskolans expedition", "norr"),
        ("simhall", "sim"),
        ("numret till simhallen", "sim"),
        ("simhallen öppettider", "sim"),
        ("gymnasiet", "gym"),
        ("personal", "hr"),
        ("personalkontoret", "hr"),
        ("kansliet", "kansli"),
        ("simhalen", "sim"),
    ],
)
def test_a_unit_asked_for_by_its_name_comes_first_with_a_few_of_its_staff(town: Town, asked: str, unit: str) -> None:
    found = town.find(asked)
    assert found.meant[:1] == found.units[:1] == (unit,)
    assert len(found.contacts) <= 5


@pytest.mark.parametrize("asked", ["myran", "bo myran"])
def test_somebody_of_that_name_is_not_put_behind_the_unit(town: Town, asked: str) -> None:
    found = town.find(asked)
    assert found.contacts[0] == "Bo Myran"
    assert found.meant == ()


@pytest.mark.parametrize("asked", ["lärare gymnasiet", "anna alme", "anna på kansliet"])
def test_who_asks_for_people_of_a_unit_is_shown_people(town: Town, asked: str) -> None:
    found = town.find(asked)
    assert found.contacts
    assert found.meant == ()


def test_a_title_that_resembles_a_unit_is_a_title() -> None:
    town = Town()
    town.unit("library", "Biblioteket")
    for n in range(9):
        town.person(f"Ida Ek{'abcdefghi'[n]}", title="Bibliotekarie", unit="library")
    assert town.find("bibliotekarie").meant == ()
    assert len(town.find("bibliotekarie").contacts) == 9
    assert town.find("biblioteket").meant == ("library",)


SAID = {
    "Bygglov": ["inglasad balkong", "friggeboden"],
    "Parkering": ["lapp på bilen", "p-böter"],
    "Ekonomiskt bistånd": ["inkomststöd", "socialbidrag"],
    "Försörjningsstöd": ["socialhjälp"],
    "Serveringstillstånd": ["alkohollicens", "sälja öl"],
    "Vinterväghållning": ["snöplogning", "plogbilen"],
    "Gator och vägar": ["cykelbanan", "hål i vägen"],
    "Förskola": ["dagis", "dagisplats"],
    "Räddningstjänst": ["brandkåren", "elda löv"],
    "Överförmyndare": ["god man", "förmyndare"],
}


@pytest.mark.parametrize(("service", "asked"), [(name, asked) for name, said in SAID.items() for asked in said])
def test_a_service_is_found_by_what_people_say_where_one_bears_its_name(service: str, asked: str) -> None:
    town = Town("Anna Ek")
    town.picture.apply(key("topic", "there", "config"), TopicRecord("Kallskänka", {}, ()))
    assert "there" not in town.find(asked).topics
    town.picture.apply(key("topic", "there", "config"), TopicRecord(service, {}, ()))
    assert "there" in town.find(asked).topics[:2]


def test_an_organisations_own_words_come_before_what_people_say_elsewhere() -> None:
    town = Town("Anna Ek")
    town.picture.apply(key("topic", "roads", "config"), TopicRecord("Gator och vägar", {}, ()))
    town.picture.apply(key("topic", "bikes", "config"), TopicRecord("Trafikplanering", {}, ("cykelbana",)))
    assert town.find("cykelbana").topics[:2] == ("bikes", "roads")


@pytest.mark.parametrize("asked", ["bibliotekarie", "eav kvist", "annakvist", "xqz", "dela gardi"])
def test_whoever_is_hidden_does_not_decide_what_was_meant(asked: str) -> None:
    """Not by a title, a name beside a slip, a name within a word, nor a name that is also an address."""
    public, secret = Town("Eva Qvist", "Anna Qvist"), Town("Eva Qvist", "Anna Qvist")
    for town in (public, secret):
        town.unit("library", "Biblioteket")
        for n in range(9):
            town.person(f"Ida Ek{'abcdefghi'[n]}", unit="library")
        town.person("Ola Strand", number="xqz@ekvalla.example", kind="e-mail")
        town.person("Stig de la Gardie")
    for name, title in (("Bo Alm", "Bibliotekarie"), ("Sven Kvist", ""), ("Xqz Borg", ""), ("Nils Delagardi", "")):
        secret.person(name, title=title)
        secret.hidden.add(name)
    assert secret.find(asked) == public.find(asked)
