"""Whether a unit was asked for, or the people in it; and what people say who do not know a service's name."""

import pytest

from presence.domain.facts import ContactRecord, Post, TopicRecord, key
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


def municipality() -> Town:
    town = Town("Anna Ek")
    for n, (unit, name) in enumerate({"social": "Socialtjänst", "group": "Gruppbostaden Eken", "school": "Förskola"}.items()):
        town.unit(unit, name)
        town.person(f"Ida Alm{'abc'[n]}", unit=unit)
    town.unit("myran", "Förskolan Myran")
    town.unit("care", "Hälsovård", keywords=("hemsjukvård",))
    town.person("Bo Ek", unit="myran")
    town.person("Eva Holm", unit="care")
    return town


@pytest.mark.parametrize(
    ("asked", "unit"),
    [
        ("socialförvaltningen", "social"),
        ("socialkontoret", "social"),
        ("eken gruppbostad", "group"),
        ("myrans förskola", "myran"),
        ("hemsjukvården", "care"),
    ],
)
def test_a_unit_is_meant_by_its_words_in_another_form_and_by_what_people_call_administrations(asked: str, unit: str) -> None:
    assert municipality().find(asked).meant[:1] == (unit,)


def test_a_topic_that_fits_much_less_is_not_put_before_a_unit_that_was_meant() -> None:
    town = Town()
    town.unit("parks", "Parken")
    for topic, words in {"trees": ("park",), "blocks": ("parkeringsplats",)}.items():
        town.picture.apply(key("topic", topic, "config"), TopicRecord("Kallskänka", {}, words))
    assert town.find("park").topics == ("trees", "blocks")
    town.person("Bo Ek", unit="parks")
    found = town.find("park")
    assert found.meant == ("parks",)
    assert found.topics == ("trees",)


def test_who_asks_for_a_unit_as_a_unit_is_shown_no_topic_that_fits_less() -> None:
    town = Town()
    town.unit("park", "Park")
    town.person("Bo Ek", unit="park")
    town.picture.apply(key("topic", "cars", "config"), TopicRecord("Parkering", {}, ("parkera",)))
    assert "cars" in town.find("park").topics
    found = town.find("parkförvaltningen")
    assert found.topics == ()
    assert found.meant[:1] == ("park",)


def test_a_function_that_is_called_just_so_comes_before_a_unit_that_is_not() -> None:
    town = Town()
    town.unit("school", "Björkskolan")
    for n in range(3):
        town.person(f"Ida Ek{'abc'[n]}", unit="school")
    post = ContactRecord(type="function", name="Björkskolans expedition", posts=(Post("", "school"),))
    town.picture.apply(key("contact", "desk", "ldap"), post)
    town.search.index(town.picture, ["desk"])
    assert town.find("björkskolans expedition").contacts[0] == "desk"
    assert town.find("björkskolans expedition").meant == ()
    assert town.find("björkskolan").meant == ("school",)


def test_two_letters_before_what_looks_like_a_word_make_no_compound_of_a_known_one() -> None:
    """bidrag has nothing to do with drag."""
    town = Town()
    town.picture.apply(key("topic", "there", "config"), TopicRecord("Kallskänka", {}, ("drag",)))
    assert town.find("bidrag").topics == ()
    assert town.find("korsdrag").topics == ("there",)


def test_for_whom_a_question_is_asked_is_no_form_of_another_word() -> None:
    town = Town()
    town.picture.apply(key("topic", "paper", "config"), TopicRecord("Återbruk", {}, ("papper",)))
    assert town.find("pappa").topics == ()
    assert town.find("pappret").topics == ("paper",)


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


@pytest.mark.parametrize("asked", ["bibliotekarie", "eav kvist", "annakvist", "xqz", "dela gardi", "ville mekinen", "brandchef"])
def test_whoever_is_hidden_does_not_decide_what_was_meant(asked: str) -> None:
    """Not by a title, a name beside a slip, a name within a word, nor a name that is also an address."""
    public, secret = Town("Eva Qvist", "Anna Qvist"), Town("Eva Qvist", "Anna Qvist")
    for town in (public, secret):
        town.unit("library", "Biblioteket")
        for n in range(9):
            town.person(f"Ida Ek{'abcdefghi'[n]}", unit="library")
        town.person("Ola Strand", number="xqz@ekvalla.example", kind="e-mail")
        town.person("Stig de la Gardie")
    for name, title in (
        ("Bo Alm", "Bibliotekarie"),
        ("Sven Kvist", ""),
        ("Xqz Borg", ""),
        ("Nils Delagardi", ""),
        ("Ville Ek", "Räddningschef"),
    ):
        secret.person(name, title=title)
        secret.hidden.add(name)
    assert secret.find(asked) == public.find(asked)
