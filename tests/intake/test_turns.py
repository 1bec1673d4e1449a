"""Of one person all is taken in the order in which it came, though somebody who waits gives up."""

import asyncio

import pytest

from presence.intaking.turns import Turns

pytestmark = pytest.mark.anyio


async def _turn(turns: Turns, name: str, told: list[str], who: str, until: asyncio.Event) -> None:
    async with turns.of({name}):
        told.append(f"{who} begins")
        await until.wait()
        told.append(f"{who} ends")


async def test_who_comes_third_does_not_overtake_the_first_when_the_second_gives_up() -> None:
    turns, told, until = Turns(), list[str](), asyncio.Event()
    first, second, third = (asyncio.create_task(_turn(turns, "mail:a@example.se", told, str(n), until)) for n in (1, 2, 3))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait([second])
    await asyncio.sleep(0.01)
    assert told == ["1 begins"]
    until.set()
    await asyncio.gather(first, third)
    assert told == ["1 begins", "1 ends", "3 begins", "3 ends"]


async def test_who_comes_when_the_second_has_given_up_waits_for_the_first() -> None:
    turns, told, until = Turns(), list[str](), asyncio.Event()
    first, second = (asyncio.create_task(_turn(turns, "mail:a@example.se", told, str(n), until)) for n in (1, 2))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait([second])
    third = asyncio.create_task(_turn(turns, "mail:a@example.se", told, "3", until))
    await asyncio.sleep(0.01)
    assert told == ["1 begins"]
    until.set()
    await asyncio.gather(first, third)
    assert told[-2:] == ["3 begins", "3 ends"]
    assert turns._last == {}  # nothing is kept of whom nobody waits for
