"""An installation with two directories, calendars, leave, a switchboard and a list of protected people."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from presence.ports import Store
from presence.stores.memory import MemoryStore
from presence.stores.sqlite import SqliteStore

from .given import Clock, World


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def world(clock: Clock) -> AsyncIterator[World]:
    """Over a store in memory."""
    world = World(MemoryStore(clock=clock.now), clock)
    yield world
    await world.close()


@pytest.fixture(params=["memory", "sqlite"])
async def durable(request: pytest.FixtureRequest, clock: Clock, tmp_path: Path) -> AsyncIterator[World]:
    """Over either store, for what must outlive a process."""
    store: Store = MemoryStore(clock=clock.now)
    if request.param == "sqlite":
        store = SqliteStore(tmp_path / "presence.sqlite", clock=clock.now, poll=0.01)
    world = World(store, clock)
    yield world
    await world.close()
