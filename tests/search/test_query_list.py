"""The list of queries itself: what is asked for exists, and everybody may see it."""

import tomllib
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import Any, get_args

from connectors.demonstration.world import World, world
from presence.domain.facts import ContactRecord
from tests.search.queries import Answer, Kind, queries

AT = 1_792_400_400  # the directory is the same at any instant


@cache
def _settings() -> dict[str, Any]:
    return tomllib.loads(files("connectors.demonstration").joinpath("presence.toml").read_text("utf-8"))


@cache
def _municipality() -> World:
    return world(1)


@cache
def _paths() -> dict[str, str]:
    """Identity to path of names."""
    records = {unit.identity: unit.record for unit in _municipality().units}

    def path(identity: str) -> str:
        record = records[identity]
        return f"{path(record.parent)}/{record.name}" if record.parent else record.name

    return {identity: path(identity) for identity in records}


@cache
def _contacts() -> dict[str, ContactRecord]:
    return {person.identity: person.record for person in _municipality().people(AT) if person.record}


def _of_kind(field: str) -> set[str]:
    return {getattr(answer, field) for query in queries() for answer in query.want} - {""}


def test_there_are_at_least_320_queries() -> None:
    assert len(queries()) >= 320


def test_no_query_is_asked_twice() -> None:
    asked = Counter(query.q.casefold() for query in queries())
    assert [q for q, times in asked.items() if times > 1] == []


def test_every_kind_has_at_least_eight_queries() -> None:
    counts = Counter(query.kind for query in queries())
    assert {kind: counts[kind] for kind in get_args(Kind) if counts[kind] < 8} == {}


def test_a_hundred_topics_are_asked_for_in_citizens_words() -> None:
    assert sum(query.kind == "topic" for query in queries()) >= 100


def test_every_topic_is_asked_for() -> None:
    assert _of_kind("topic") == set(_settings()["topics"])


def test_every_wanted_unit_exists() -> None:
    assert _of_kind("unit") - set(_paths().values()) == set()


def test_every_wanted_contact_exists() -> None:
    settings = _settings()
    stated = {settings["centre"]["identity"], *settings["contacts"]}
    assert _of_kind("contact") - set(_contacts()) - stated == set()


def test_nobody_is_wanted_whose_unit_is_not_published() -> None:
    withheld = tuple(rule["unit"] for rule in _settings()["publication"]["rules"] if rule["contacts"] == "staff")
    wanted = {_contacts()[identity] for identity in _of_kind("contact") if identity in _contacts()}
    units = {_paths()[record.posts[0].unit] for record in wanted}
    assert withheld
    assert [unit for unit in units if unit.startswith(withheld)] == []


def test_a_query_for_nobody_wants_no_answer_but_that_something_is_offered() -> None:
    nobody = [query for query in queries() if query.kind == "nobody"]
    assert len(nobody) >= 20
    assert all(query.nonempty and not query.want for query in nobody)
    assert all(query.want and not query.nonempty for query in queries() if query.kind != "nobody")


def test_a_query_has_the_two_characters_that_a_search_needs() -> None:
    assert [query.q for query in queries() if len(query.q.strip()) < 2] == []


def test_an_answer_names_exactly_one_thing() -> None:
    for wrong in ({}, {"contact": "a", "unit": "b"}):
        try:
            Answer(**wrong)
        except ValueError:
            continue
        raise AssertionError(wrong)
