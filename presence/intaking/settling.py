"""Writing in parts that each stand alone, where others write meanwhile: what a change of who there is leaves to do."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from presence.domain.facts import Fact, Key, subject
from presence.intaking.consequences import bearing, placed_with, remains
from presence.intaking.ground import Ground
from presence.intaking.matching import Register
from presence.intaking.replica import Replica

_PART = 100
"""Facts of a part: the more, the likelier that somebody writes one of them meanwhile."""


class Part(NamedTuple):
    """To be written at once, while the numbers are what they were when it was decided."""

    facts: list[Fact]
    numbers: Mapping[Key, int]


def parts(left: Mapping[str, str], ground: Ground) -> list[Part]:
    """What others pushed while it was being decided who there is goes to whom it is about. Who pushes later knows by its numbers.

    `left`: contacts that are gone, with who they turned out to be.
    """
    found: list[list[Fact]] = []
    for facts in _of_each(left, ground):
        if not found or len(found[-1]) >= _PART:
            found.append([])
        found[-1] += facts
    return numbered(found, ground)


def numbered(chunks: Iterable[list[Fact]], ground: Ground) -> list[Part]:
    """All numbers are taken now: the replica moves on while the first part is being written."""
    return [Part(facts, {fact.key: ground.replica.number(fact.key) for fact in facts}) for facts in chunks if facts]


def _of_each(left: Mapping[str, str], ground: Ground) -> Iterator[list[Fact]]:
    """Of each contact all that is to be written with one another."""
    register = Register(ground.replica)
    for contact, heir in left.items():
        if not register.exists(contact):
            yield list(remains(contact, heir, ground))
    for contact, aliases in bearing(register, ground).items():
        yield list(placed_with(contact, aliases, ground))


def differs(replica: Replica, numbers: Mapping[Key, int]) -> bool:
    return any(replica.number(name) != number for name, number in numbers.items())


def in_order(fact: Fact) -> tuple[str, Key]:
    """All facts of a subject stand together, so that a reader of a large append need not hold half of them."""
    return subject(fact.key), fact.key
