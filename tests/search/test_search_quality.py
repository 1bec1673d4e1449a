"""The list of queries with right answers, asked of the demonstration's municipality over the service itself."""

from collections import Counter

import pytest

from tests.search.municipality import Hits, answers, is_right
from tests.search.queries import Query, queries

REQUIRED = 0.95


@pytest.fixture(scope="module")
def asked() -> list[tuple[Query, Hits]]:
    found = answers(tuple(query.q for query in queries()))
    return [(query, found[query.q]) for query in queries()]


def test_at_least_95_percent_have_a_right_answer_among_the_first_three_of_its_kind(asked: list[tuple[Query, Hits]]) -> None:
    judged = [(query, any(is_right(answer, hits) for answer in query.want)) for query, hits in asked if query.want]
    right = sum(good for _, good in judged)
    assert right >= REQUIRED * len(judged), _table(judged)


def test_every_kind_of_query_finds_at_least_eight_of_ten(asked: list[tuple[Query, Hits]]) -> None:
    """A good sum must not hide that a kind is not met at all."""
    judged = [(query, any(is_right(answer, hits) for answer in query.want)) for query, hits in asked if query.want]
    every, good = Counter(query.kind for query, _ in judged), Counter(query.kind for query, right in judged if right)
    assert [kind for kind in every if good[kind] < 0.8 * every[kind]] == [], _table(judged)


def test_no_answer_is_empty(asked: list[tuple[Query, Hits]]) -> None:
    assert [query.q for query, hits in asked if not any(hits.values())] == []


def _table(judged: list[tuple[Query, bool]]) -> str:
    every, good = Counter(query.kind for query, _ in judged), Counter(query.kind for query, right in judged if right)
    rows = [f"{kind:20} {good[kind]:4} of {every[kind]}" for kind in every]
    return "\n".join(["", *rows, "not found:", *(f"  {query.kind}: {query.q}" for query, right in judged if not right)])
