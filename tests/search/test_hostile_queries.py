"""Queries that are made to cost: each is 200 characters at most, from anybody."""

import random
import time
from collections.abc import Callable

import pytest

from presence.searching import addresses, folding, numbers
from presence.searching.asked import Asked
from presence.searching.soundkey import loosekey
from presence.searching.stems import headless
from tests.search.town import Town

BOUND = 0.05
"""Seconds of CPU for one query; the dearest take less than a tenth of it."""
_WHITE = (" ", "\u00a0", "\t", "\u2003", " \u00a0")
_ALPHABETS = (
    " .",
    " (",
    " .:#",
    ".(",
    "-.",
    " -(),;.",
    "1 ",
    "1-",
    "1.",
    "1(0)",
    "x 1",
    " x(1",
    "tel .",
    "ankn 1",
    "nr is ",
    "a-",
    "@a.",
    "()",
)
_ENDS = ("q", "q qq", "1q", "ankn", "ext=", "x1)q", "@", "-", "\u0390")


def _runs() -> list[str]:
    parts = ("", "tel", "ankn", "x", "+46", "(", "1", "a", ".")
    found = [f"{part}{white * 200}"[: 200 - len(end)] + end for part in parts for white in _WHITE for end in _ENDS]
    found += [f"{unit * 200}"[: 200 - len(end)] + end for unit in _ALPHABETS for end in ("", *_ENDS)]
    found += [f"{char * 200}"[: 200 - len(end)] + end for char in "1-.,;:#()+/_ax@–İ'" for end in ("", *_ENDS)]
    found += [one * 66 + other * 66 + third * 66 + "q" for one in " .(" for other in " .(1" for third in " ,(-"]
    return [*found, "\u00a0" * 100 + " " * 96 + "qq"]


def _mixed(seed: int) -> str:
    rng = random.Random(seed)
    alphabet = rng.choice((*_ALPHABETS, *_WHITE, " .:#,;()-+/_1x", "1aé-. "))
    return "".join(rng.choice(alphabet) for _ in range(195)) + rng.choice(_ENDS)


def _costs(one: Callable[[str], object], query: str) -> float:
    begun = time.process_time()
    one(query)
    return time.process_time() - begun


def _too_dear(one: Callable[[str], object]) -> str | None:
    """The first query that costs more than it may, twice: once may be the collector."""
    return next((query for query in HOSTILE if _costs(one, query) > BOUND and _costs(one, query) > BOUND), None)


HOSTILE = [*_runs(), *map(_mixed, range(300))]


def _taken_apart(query: str) -> None:
    asked = Asked(query)
    assert asked.words is not None
    asked.without_address()
    for word in asked.all_words:
        headless(word.folded)
        loosekey(word.folded)
    folding.joined(query)


@pytest.mark.parametrize("one", [_taken_apart, numbers.asked, addresses.typed])
def test_no_query_takes_long_to_take_apart(one: Callable[[str], object]) -> None:
    assert _too_dear(one) is None


def test_no_query_takes_long_to_answer() -> None:
    names = [f"{given} {family}" for given in ("Eva", "Bo", "Åke", "Xi") for family in ("Holm", "Ek", "Anka", "Ii")]
    assert _too_dear(Town(*names).find) is None


def test_white_space_is_one_space_whatever_was_typed() -> None:
    assert Asked("\u00a0 Eva \t\n Holm\u2003").text == "Eva Holm"
    assert Asked(" " * 300 + "Eva").text == "Eva"
    assert Asked("å " * 150).text == ("å " * 100)
    assert Asked("tel:\u00a0 0980-31  92 50 ").number == ("980319250", False)


def test_white_space_makes_no_other_answer() -> None:
    town = Town("Eva Holm", "Bo Ek")
    assert town.people(" \u00a0Eva \u00a0  Holm\t") == town.people("Eva Holm") == ["Eva Holm"]
