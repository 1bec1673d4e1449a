"""Every store behind one fixture. A new store joins by another class like `Sqlite` in `BACKENDS`."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Protocol

import pytest

from presence.ports import Store
from presence.stores.memory import MemoryStore
from presence.stores.sqlite import SqliteStore

from .given import KEEP_DAYS, Clock


class Backend(Protocol):
    """Opens store objects over one and the same table."""

    def open(self) -> Store: ...


class Memory:
    """The memory of one process has one store object."""

    def __init__(self, clock: Clock, folder: Path) -> None:
        self._store = MemoryStore(clock=clock, keep_days=KEEP_DAYS)

    def open(self) -> Store:
        return self._store


class Sqlite:
    def __init__(self, clock: Clock, folder: Path) -> None:
        self._path = folder / "contract.db"
        self._clock = clock

    def open(self) -> Store:
        return SqliteStore(self._path, clock=self._clock, keep_days=KEEP_DAYS, poll=0.01)


BACKENDS: dict[str, Callable[[Clock, Path], Backend]] = {"memory": Memory, "sqlite": Sqlite}


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=BACKENDS)
async def open_store(request: pytest.FixtureRequest, clock: Clock, tmp_path: Path) -> AsyncIterator[Callable[[], Store]]:
    """Opens store objects over one table; all are closed after the test."""
    backend = BACKENDS[request.param](clock, tmp_path)
    opened: list[Store] = []

    def open_store() -> Store:
        opened.append(backend.open())
        return opened[-1]

    yield open_store
    for store in opened:
        await store.close()


@pytest.fixture
async def store(open_store: Callable[[], Store]) -> Store:
    return open_store()


@pytest.fixture
async def other(open_store: Callable[[], Store], store: Store) -> Store:
    """A second store object over the same table, as another process has it."""
    return open_store()
