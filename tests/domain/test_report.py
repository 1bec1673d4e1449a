"""What a report tells of a period, and what it does not."""

import random
from datetime import date
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest

from presence.domain.counts import K
from presence.domain.facts import Count, key
from presence.domain.report import TABLES, Report, Share, report, share

ZONE = ZoneInfo("Europe/Stockholm")
MONDAY = 1_795_388_400  # 2026-11-23 00:00 in Sweden
HOUR = 3600
POPULATIONS = (
    ("lookups", "hours", "topics"),
    ("referrals", "topic_links"),
    ("self_service",),
    ("reached", "reached_by"),
    ("calls",),
    ("searches",),
    ("in_vain",),
)
"""Tables that tell of the same events."""


def told(*counts: Count, first: str = "2026-11-23", last: str = "2026-11-23") -> Report:
    return report(counts, date.fromisoformat(first), date.fromisoformat(last), ZONE)


def at(hour: int, **counts: int) -> Count:
    return Count(MONDAY + hour * HOUR, {name.replace("__", "/"): n for name, n in counts.items()})


def test_tables_of_the_same_events_have_no_column_in_common() -> None:
    """In such a column they could be subtracted from one another."""
    assert sorted(table for population in POPULATIONS for table in population) == sorted(TABLES)
    for population in POPULATIONS:
        for one, other in combinations(population, 2):
            assert not set(TABLES[one]) & set(TABLES[other]), (one, other)


def test_look_ups_are_told_by_unit_and_status_and_by_local_hour() -> None:
    found = told(at(9, lookup__away__u1=12, lookup__busy__u1=30), at(10, lookup__away__u1=3))
    assert found.tables["lookups"] == {("u1", "away"): 15, ("u1", "busy"): 30}
    assert found.tables["hours"] == {("*",): 45}  # three alone would be too few


def test_a_day_is_a_day_of_the_organisations_zone() -> None:
    late, early = at(23, missing=1, lookup__away__u=11), at(24, lookup__away__u=13)
    assert told(late, early).total("lookups") == 11
    assert told(late, early, first="2026-11-24", last="2026-11-24").total("lookups") == 13
    assert told(late, early, last="2026-11-24").total("lookups") == 24


def test_links_are_told_by_where_they_led_and_topics_apart() -> None:
    counts = {key("go", "centre", "telephone", "u1"): 20, key("topic", "bygglov", "go", "telephone"): 20}
    found = told(Count(MONDAY, counts))
    assert found.tables["referrals"] == {("u1", "centre", "telephone"): 20}
    assert found.tables["topic_links"] == {("bygglov",): 20}


def test_answers_are_told_by_unit_and_calls_by_what_became_of_them() -> None:
    found = told(at(9, reached__telephone__yes__u1=20, reached__telephone__no__u1=10, calls__vx__answered=53))
    assert found.sums("reached", "answer") == {("yes",): 20, ("no",): 10}
    assert found.tables["calls"] == {("vx", "answered"): 53}


def test_words_that_ten_asked_for_are_told() -> None:
    assert told(Count(MONDAY, {"vain/hundskatt": 10})).tables["in_vain"] == {("hundskatt",): 10}


def test_names_that_nobody_knows_are_passed_over() -> None:
    found = told(Count(MONDAY, {"": 50, "strange": 50, "lookup": 50, "topic/x": 50, "go/a/b": 50, "topic/x/else": 50}))
    assert not any(found.tables.values())


@pytest.mark.parametrize("seed", range(20))
def test_no_figure_of_any_table_or_sum_is_under_ten(seed: int) -> None:
    draw = random.Random(seed)
    counts = []
    for hour in range(24):
        names = [key("lookup", s, f"u{u}") for s in ("away", "busy") for u in range(4)]
        names += [
            key("go", to, kind, f"u{u}") for to in ("contact", "centre") for kind in ("telephone", "e-mail") for u in range(3)
        ]
        names += [key("reached", "telephone", answer, f"u{u}") for answer in ("yes", "no") for u in range(4)]
        names += [key("topic", f"t{t}", what) for t in range(5) for what in ("lookup", "self-service")]
        counts.append(Count(MONDAY + hour * HOUR, {name: n for name in names if (n := int(draw.expovariate(1.5)))}))
    found = told(*counts)
    for table, columns in TABLES.items():
        for column in columns:
            assert all(n >= K for n in found.sums(table, column).values()), (table, column)
        assert all(row["count"] >= K for row in found.rows())  # type: ignore[operator]


def test_a_share_is_told_exactly_only_where_both_sides_are() -> None:
    assert share(30, 10) == Share(0.75, 0.75)
    assert share(90, 0, hidden=9) == Share(90 / 99, 1.0)
    assert share(0, 90, hidden=9) == Share(0.0, 9 / 99)
    assert share(0, 0, hidden=9) is None
    assert not Share(0.5, 0.6).exact
