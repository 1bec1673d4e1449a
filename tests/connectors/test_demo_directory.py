"""Who there is in the demonstration: as many as promised, all different, none of them real."""

import re
from collections import Counter

import pytest

from connectors.demonstration import World, configuration, world
from connectors.demonstration.shifts import CENTRE_HOURS, HALF_DAYS, OFFICE_HOURS
from presence.config import import_path, load, parse
from presence.domain.facts import ChannelRecord, ContactRecord
from presence.domain.hours import HoursSpec, OpeningHours
from presence.wording import catalogue
from tests.connectors.demo_board import config, instant

NOW = instant("2026-11-24 10:00")
FICTION = re.compile(r"\+46(9803192\d\d(;ext=\d{4})?|8465004\d\d|3139006[0-4]\d|4062804[0-4]\d|7017406(0[5-9]|[1-9]\d))")
"""What the Swedish regulator keeps for fiction: 0980-319 200-299, 08-465 004 00-99, 031-390 06 00-49, 040-628 04 00-49 and
070-174 06 05-99."""


@pytest.fixture(scope="module")
def municipality() -> World:
    return world(1)


@pytest.fixture(scope="module")
def records(municipality: World) -> list[ContactRecord]:
    return [person.record for person in municipality.people(NOW) if person.record]


@pytest.fixture(scope="module")
def people(records: list[ContactRecord]) -> list[ContactRecord]:
    return [record for record in records if record.type == "person"]


@pytest.fixture(scope="module")
def paths(municipality: World) -> dict[str, str]:
    """Unit identity -> path of names."""
    units = {unit.identity: unit.record for unit in municipality.units}

    def path(identity: str) -> str:
        parent = units[identity].parent
        return f"{path(parent)}/{units[identity].name}" if parent else units[identity].name

    return {identity: path(identity) for identity in units}


def test_there_are_1200_people_in_85_units(municipality: World, people: list[ContactRecord]) -> None:
    assert len(people) == 1200
    assert len(municipality.units) == 85
    assert municipality.figures(NOW)[:2] == (1200, 85)


@pytest.mark.parametrize("seed", [2, 3, 99])
def test_another_seed_is_another_municipality_of_the_same_size(seed: int, people: list[ContactRecord]) -> None:
    others = [person.record for person in World(seed).people(NOW) if person.record and person.record.type == "person"]
    assert len(others) == 1200
    assert sum(a.name != b.name for a, b in zip(people, others, strict=True)) > 1000


def test_everybody_is_in_a_unit_and_no_unit_is_empty(people: list[ContactRecord], paths: dict[str, str]) -> None:
    assert {record.posts[0].unit for record in people} == set(paths)


def test_the_tree_has_no_loop_and_no_orphan(municipality: World) -> None:
    parents = {unit.identity: unit.record.parent for unit in municipality.units}
    assert set(parents.values()) - {""} <= set(parents)
    for identity in parents:
        line = [identity]
        while line[-1]:
            assert len(line) < 6
            line.append(parents[line[-1]])


def test_identities_and_aliases_are_borne_by_one_contact_only(municipality: World, records: list[ContactRecord]) -> None:
    stated = [alias for contact in config().contacts.values() for alias in contact.aliases]
    aliases = Counter([*(alias for record in records for alias in record.aliases), *stated])
    assert aliases.most_common(1)[0][1] == 1
    identities = Counter(person.identity for person in municipality.people(NOW))
    assert identities.most_common(1)[0][1] == 1


def test_everybody_is_known_by_every_kind_of_alias(people: list[ContactRecord]) -> None:
    for record in people:
        assert [alias.partition(":")[0] for alias in record.aliases] == ["mail", "employee", "upn", "sip", "ext", "uid"]


def test_no_telephone_number_is_anybodys(records: list[ContactRecord]) -> None:
    numbers = [c.value for record in records for c in record.channels if c.kind in ("telephone", "mobile")]
    assert len(numbers) > 900
    assert [number for number in numbers if not FICTION.fullmatch(number)] == []
    direct = Counter(number for number in numbers if ";ext=" not in number)
    assert direct.most_common(1)[0][1] == 1
    assert len(direct) > 350


def test_the_numbers_of_the_configuration_are_from_the_same_ranges() -> None:
    channels: list[ChannelRecord] = [*config().centre.channels]
    channels += [channel for contact in config().contacts.values() for channel in contact.channels]
    numbers = [c.value for c in channels if c.kind in ("telephone", "text-telephone")]
    assert numbers
    for number in numbers:
        assert FICTION.fullmatch("+46" + number.replace("-", "").replace(" ", "").removeprefix("0"))


def test_every_address_is_under_a_domain_kept_for_examples(records: list[ContactRecord]) -> None:
    written = [c.value for record in records for c in record.channels if c.kind in ("e-mail", "e-service", "chat")]
    for value in [*written, *re.findall(r'[\w.+-]+@[\w.-]+|https?://[^/"]+', configuration())]:
        assert re.search(r"[@.]bjorkdalen\.example\.org(/|$)", value)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Svensson", "Svenson"), ("Karlsson", "Carlsson"), ("Lindqvist", "Lindkvist"), ("Ericsson", "Eriksson")],
)
def test_names_that_sound_alike_are_spelt_in_several_ways(one: str, other: str, people: list[ContactRecord]) -> None:
    families = {record.family for record in people}
    assert {one, other} <= families


def test_names_are_of_many_kinds(people: list[ContactRecord]) -> None:
    givens, families = {record.given for record in people}, Counter(record.family for record in people)
    assert {"Kristofer", "Christoffer"} <= givens
    assert families.most_common(1)[0][0] in ("Andersson", "Johansson")
    assert sum(bool(re.search("[åäöÅÄÖ]", record.name)) for record in people) > 150
    assert sum("-" in record.given for record in people) > 20
    assert sum("-" in record.family or " " in record.family for record in people) > 30
    assert {"Korhonen", "Hassan"} <= set(families)
    assert any(record.family.endswith("ić") for record in people)
    assert sum(bool(record.nicknames) for record in people) > 60


def test_no_two_of_the_cast_share_a_name(municipality: World) -> None:
    names = Counter(member.name.full for member in municipality.members)
    assert [m.name.full for m in municipality.members if m.cast and names[m.name.full] > 1] == []


def test_some_have_several_posts_whose_shares_make_one(people: list[ContactRecord]) -> None:
    several = [record for record in people if len(record.posts) > 1]
    assert 4 <= len(several) <= 30
    assert {round(sum(post.share for post in record.posts), 6) for record in several} == {1.0}


def test_deputies_form_chains_and_one_loop(people: list[ContactRecord]) -> None:
    bearer = {alias: record for record in people for alias in record.aliases}
    loops, longest = set(), 0
    for record in people:
        seen, at = [record.name], record
        while at.deputies:
            at = bearer[at.deputies[0]]
            if at.name in seen:
                loops.add(frozenset(seen[seen.index(at.name) :]))
                break
            seen.append(at.name)
        longest = max(longest, len(seen))
    assert loops == {frozenset({"Per-Erik Håkansson", "Ann-Sofie Bergström-Lund", "Leila Haddad"})}
    assert longest >= 3
    assert sum(bool(record.deputies) for record in people) > 150


def test_all_hours_and_schedules_can_be_read(municipality: World, records: list[ContactRecord]) -> None:
    rules = {record.hours for record in records} | {record.schedule for record in records}
    rules |= {channel.hours for record in records for channel in record.channels}
    rules |= {unit.record.hours for unit in municipality.units}
    for rule in rules - {""}:
        OpeningHours(HoursSpec(rule))
    assert len(rules) < 60  # each is evaluated once a process


def test_functions_and_service_points_are_there(records: list[ContactRecord], municipality: World) -> None:
    kinds = Counter(record.type for record in records)
    assert kinds["function"] >= 20
    assert kinds["service_point"] >= 12
    aliases = {alias for record in records for alias in record.aliases}
    points = [unit.record.service_point for unit in municipality.units if unit.record.service_point]
    assert len(points) == kinds["service_point"]
    assert set(points) <= aliases


def test_a_service_point_always_has_a_coming_exception(municipality: World) -> None:
    for day in range(14):
        now = NOW + day * 86_400
        [record] = [p.record for p in municipality.people(now) if p.record and p.record.exceptions]
        hours = OpeningHours(HoursSpec(record.hours, exceptions=record.exceptions))
        assert list(hours.coming(now, 7))


def test_the_configuration_is_without_mistakes() -> None:
    parsed = parse(configuration(), "presence.toml", import_path)
    assert {source.settings.part for source in parsed.sources.values()} == {
        "directory",
        "calendars",
        "leave",
        "presence",
        "queue",
    }
    assert list(catalogue.problems(parsed.texts)) == []


def test_the_configuration_can_be_started_from_any_folder(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "presence.toml"
    file.write_text(configuration(), "utf-8")
    assert load(file, import_path).organisation.name == "Björkdalens kommun"


def test_the_configuration_names_only_units_and_contacts_that_exist(records: list[ContactRecord], paths: dict[str, str]) -> None:
    known = {alias for record in records for alias in record.aliases}
    known |= {alias for contact in config().contacts.values() for alias in contact.aliases}
    topics = config().topics.values()
    assert len(topics) >= 40
    assert {unit for topic in topics for unit in topic.units} <= set(paths.values())
    assert {contact for topic in topics for contact in topic.contacts} <= known
    assert {rule.unit for rule in config().publication.rules} - {"*"} <= set(paths.values())
    assert {contact.unit for contact in config().contacts.values()} <= set(paths.values())


def test_topics_are_of_every_level_and_each_leads_somewhere() -> None:
    topics = config().topics.values()
    assert {topic.level for topic in topics} == {"self-service", "one-stop", "expert", "relationship"}
    assert all(topic.units or topic.contacts for topic in topics)
    assert all(topic.words for topic in topics)


def test_the_configuration_says_the_hours_by_which_the_world_is_made() -> None:
    assert config().centre.hours == CENTRE_HOURS
    assert config().organisation.hours == OFFICE_HOURS
    assert config().organisation.half_days == HALF_DAYS


def test_every_kind_of_publication_is_shown() -> None:
    rules = config().publication.rules
    assert config().publication.protected == ()
    assert [rule.unit for rule in rules if rule.contacts == "staff"]
    assert any(rule.fields.get("telephone") == "unreachable" for rule in rules)
