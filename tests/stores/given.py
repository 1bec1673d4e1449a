"""What the tests of the stores start from."""

import asyncio

from presence.domain.facts import Count, Fact, Stored, key
from presence.ports import Position, Store

KEEP_DAYS = 7


class Clock:
    """Turned by hand."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def count(name: str, hour: int = 0) -> Fact:
    """A small fact; `hour` tells its versions apart."""
    return Fact(key("count", name, "hour"), Count(hour=hour))


def gone(name: str) -> Fact:
    return Fact(key("count", name, "hour"))


async def held(store: Store) -> dict[str, int]:
    """Names and hours of the counts in the snapshot."""
    return {fact.key.split("/")[1]: fact.body.hour for fact in (await store.snapshot()).facts if isinstance(fact.body, Count)}


async def read(store: Store, after: Position, at_least: int) -> list[Stored]:
    """What `follow` gives, until it gave so many."""
    facts: list[Stored] = []
    async with asyncio.timeout(10):
        async for group in store.follow(after):
            facts += group
            if len(facts) >= at_least:
                break
    return facts


async def beginning(store: Store) -> Position:
    return (await store.snapshot()).position
