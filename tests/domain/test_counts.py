"""Small counts are shown to nobody, and cannot be had by subtraction; units of few people have no counts of their own."""

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from presence.domain.counts import OTHER, Cell, K, fold, groups, hour_of


def towns(count: int, seed: int) -> Iterator[dict[Cell, int]]:
    """Counts by unit and status, many of them small."""
    draw = random.Random(seed)
    for _ in range(count):
        units, scale = draw.randint(1, 8), draw.choice([2, 8, 30, 200])
        yield {
            (f"u{u}", status): n
            for u in range(units)
            for status in ("available", "away", "busy")
            if (n := int(draw.expovariate(1 / scale)))
        }


@pytest.mark.parametrize("seed", range(5))
def test_no_count_that_is_left_is_under_ten(seed: int) -> None:
    for cells in towns(300, seed):
        assert min(fold(cells).values(), default=K) >= K


@pytest.mark.parametrize("seed", range(5))
def test_the_total_is_kept_unless_it_is_small_itself(seed: int) -> None:
    for cells in towns(300, seed):
        total = sum(cells.values())
        assert sum(fold(cells).values()) == (total if total >= K else 0)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_left_after_any_subtraction_is_nothing_or_ten(seed: int) -> None:
    """Every figure of a report is a sum of what is left; differences of such sums are sums or differences of whole cells."""
    for cells in towns(100, seed):
        folded = fold(cells)
        by_status: Counter[str] = Counter()
        for (_, status), n in folded.items():
            by_status[status] += n
        for (unit, status), n in folded.items():
            rest = by_status[status] - n
            assert rest == 0 or rest >= K, (unit, status)


@pytest.mark.parametrize("seed", range(3))
def test_a_cell_that_is_shown_by_name_is_the_true_count(seed: int) -> None:
    for cells in towns(300, seed):
        assert all(cells[cell] == n for cell, n in fold(cells).items() if OTHER not in cell)


def test_small_cells_keep_the_second_part_of_their_name_where_they_are_many_enough() -> None:
    cells: dict[Cell, int] = {("a", "away"): 6, ("b", "away"): 6, ("a", "busy"): 50, ("b", "busy"): 3, ("c", "busy"): 9}
    assert fold(cells) == {("a", "busy"): 50, (OTHER, "away"): 12, (OTHER, "busy"): 12}


def test_a_rest_that_is_small_takes_the_smallest_other_with_it() -> None:
    assert fold({("a",): 50, ("b",): 12, ("c",): 3}) == {("a",): 50, (OTHER,): 15}


def test_nine_in_all_are_shown_as_nothing() -> None:
    assert fold({("a",): 5, ("b",): 4}) == {}


def test_a_unit_of_one_is_counted_with_what_lies_above_it() -> None:
    parents = {"building": "", "permits": "building", "maps": "building"}
    assert groups({"building": 4, "permits": 14, "maps": 1}, parents) == {}
    assert groups({"building": 9, "permits": 14, "maps": 1}, parents) == {
        "permits": "permits",
        "building": "building",
        "maps": "building",
    }


def test_what_is_left_for_the_organisation_has_ten_behind_it_too() -> None:
    """Otherwise the organisation's counts less those of its units would be those of few."""
    parents = {"a": "", "b": "", "c": ""}
    assert groups({"a": 30, "b": 11, "c": 2}, parents) == {"a": "a"}
    assert groups({"a": 30, "b": 11, "c": 2, "nowhere": 9}, parents) == {"a": "a", "b": "b"}


@pytest.mark.parametrize("seed", range(4))
def test_ten_people_or_nobody_are_behind_every_unit_that_is_counted(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(200):
        units = [f"u{n}" for n in range(draw.randint(1, 30))]
        parents = {unit: draw.choice(["", *units[:n]]) for n, unit in enumerate(units)}
        people = {unit: draw.choice([0, 1, 2, 5, 9, 10, 40]) for unit in units} | {"": draw.randint(0, 12)}
        found = groups(people, parents)
        behind: Counter[str] = Counter()
        for unit, n in people.items():
            behind[found.get(unit, "")] += n
        assert all(n >= K for group, n in behind.items() if group)
        assert sum(behind.values()) == sum(people.values())
        assert behind[""] >= K or behind[""] == 0 or not any(behind[group] for group in set(found.values()))


def test_units_that_are_each_others_parents_end_nowhere() -> None:
    assert groups({"a": 5, "b": 5, "c": 20}, {"a": "b", "b": "a", "c": "c"})["c"] == "c"


def test_an_hour_begins_with_the_hour() -> None:
    assert [hour_of(t) for t in (0, 3599.9, 3600)] == [0, 0, 3600]
