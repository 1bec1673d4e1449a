"""What only the store in a file has to promise."""

# ruff: noqa: ASYNC240 - a test may wait for a small file
import asyncio
import os
import sqlite3
import stat
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from presence.domain.facts import Absence, Fact, key
from presence.ports import Resync, StoreUnavailable
from presence.stores.sqlite import SqliteStore

from .given import count, gone, held, read

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "presence.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(path, patience=0.3)
    yield store
    await store.close()


@pytest.fixture
async def patient(path: Path) -> AsyncIterator[SqliteStore]:
    """For what has to come through in the end."""
    store = SqliteStore(path, patience=30)
    yield store
    await store.close()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program that writes, and does not end."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    yield
    db.execute("ROLLBACK")
    db.close()


@contextmanager
def without_privileges() -> Iterator[None]:
    """File modes do not bind the superuser."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


# --- the file


async def test_facts_and_leases_outlive_the_process(path: Path) -> None:
    first = SqliteStore(path)
    position = await first.append([count("a", 1), gone("b")])
    number = await first.acquire("source/hr", "me", 60)
    await first.close()
    second = SqliteStore(path)
    assert await held(second) == {"a": 1}
    assert (await second.snapshot()).position == position
    assert await second.acquire("source/hr", "you", 60) is None
    assert await second.acquire("source/hr", "me", 60) == number
    await second.close()


async def test_only_its_owner_may_read_the_file_and_its_log(store: SqliteStore, path: Path) -> None:
    old = os.umask(0)
    try:
        await store.append([count("a")])
    finally:
        os.umask(old)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {"presence.db": 0o600, "presence.db-wal": 0o600, "presence.db-shm": 0o600}


async def test_a_file_that_everybody_may_read_is_closed_to_others(store: SqliteStore, path: Path) -> None:
    path.touch(0o644)
    path.chmod(0o664)
    await store.append([count("a")])
    assert stat.S_IMODE(path.stat().st_mode) == 0o660


async def test_a_file_of_a_newer_version_is_refused(store: SqliteStore, path: Path) -> None:
    await store.append([count("a")])
    await store.close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 2")
    db.close()
    newer = SqliteStore(path)
    with pytest.raises(StoreUnavailable, match=r"written by a newer version of presence \(schema 2; this one knows 1\)"):
        await newer.snapshot()
    await newer.close()


async def test_another_programs_database_is_refused_and_left_alone(store: SqliteStore, path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE theirs (a)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match="another program's database"):
        await store.append([count("a")])
    assert path.read_bytes() == before


async def test_a_file_that_is_no_database_is_refused(store: SqliteStore, path: Path) -> None:
    path.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(StoreUnavailable, match=r"presence\.db: it is not a database"):
        await store.snapshot()


async def test_a_damaged_body_is_told_and_never_left_out(store: SqliteStore, path: Path) -> None:
    """An absence that cannot be read is not silence."""
    await store.append([Fact(key("absence", "c", "hr", "1"), Absence(start=1, end=2))])
    with sqlite3.connect(path) as db:
        db.execute("UPDATE fact SET body = x'00'")
    db.close()
    with pytest.raises(StoreUnavailable, match="kind 'absence' cannot be read"):
        await store.snapshot()


async def test_a_kind_of_fact_that_only_a_newer_version_knows_is_left_out(store: SqliteStore, path: Path) -> None:
    position = await store.append([count("a")])
    await store.append([count("b")])
    with sqlite3.connect(path) as db:
        db.execute("UPDATE fact SET key = 'hologram/b' WHERE number = 2")
        db.execute("UPDATE fact SET body = ? WHERE number = 2", (b"\x81\xa2is\xa8hologram",))
    db.close()
    assert await held(store) == {"a": 0}
    assert [(fact.key, fact.body) for fact in await read(store, position, 1)] == [("hologram/b", None)]


async def test_a_missing_folder_is_told_and_the_store_works_once_it_is_there(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "later" / "s.db")
    with pytest.raises(StoreUnavailable, match=r"later/s\.db: No such file or directory"):
        await store.append([count("a")])
    (tmp_path / "later").mkdir()
    await store.append([count("a")])
    assert await held(store) == {"a": 0}
    await store.close()


async def test_a_file_that_may_not_be_written_is_told() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.db"
        Path(folder).chmod(0o755)
        writable = SqliteStore(path)
        await writable.append([count("a")])
        await writable.close()
        path.chmod(0o444)
        store = SqliteStore(path)
        with without_privileges(), pytest.raises(StoreUnavailable, match=r"s\.db: Permission denied"):
            await store.append([count("b")])
        await store.close()


async def test_a_file_replaced_under_a_running_process_needs_a_new_snapshot(store: SqliteStore, path: Path) -> None:
    position = await store.append([count("a")])
    follower = store.follow(position)
    waiting = asyncio.ensure_future(anext(follower))
    await asyncio.sleep(0.05)
    for file in path.parent.iterdir():
        file.unlink()
    with pytest.raises(Resync):
        await asyncio.wait_for(waiting, 20)
    await store.append([count("b")])
    assert await held(store) == {"b": 0}
    assert path.stat().st_size


# --- waiting for others


async def test_a_lock_that_others_keep_is_waited_for_and_then_told(store: SqliteStore, path: Path) -> None:
    await store.append([count("a")])
    with locked(path):
        start = time.monotonic()
        outcomes = await asyncio.gather(*(store.append([count(f"{i}")]) for i in range(50)), return_exceptions=True)
        waited = time.monotonic() - start
    assert [str(outcome) for outcome in outcomes] == [f"{path}: another process has kept it locked for too long"] * 50
    assert 0.3 <= waited < 50 * 0.3 / 2, "they wait together, not one after the other"
    await store.append([count("b")])
    assert await held(store) == {"a": 0, "b": 0}


async def test_reading_goes_on_while_a_writer_waits(patient: SqliteStore, path: Path) -> None:
    store = patient
    await store.append([count("a")])
    with locked(path):
        append = asyncio.create_task(store.append([count("b")]))
        await asyncio.sleep(0.02)
        assert await held(store) == {"a": 0}
        assert not append.done()
    await append


async def test_the_event_loop_never_waits(store: SqliteStore, path: Path) -> None:
    await store.append([count("a")])
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.001)
            turns += 1

    turning = asyncio.create_task(turn())
    with locked(path), pytest.raises(StoreUnavailable):
        await store.append([count("b")])
    turning.cancel()
    assert turns > 10, "it went on while the writer waited 0.3 s"


async def test_an_append_cancelled_before_its_turn_is_not_written(patient: SqliteStore, path: Path) -> None:
    store = patient
    await store.append([count("a")])
    with locked(path):
        first = asyncio.create_task(store.append([count("b")]))
        await asyncio.sleep(0.02)
        while store._waiting:  # noqa: ASYNC110  # until it has its turn, which is one for all who wait then
            await asyncio.sleep(0.02)
        second = asyncio.create_task(store.append([count("c")]))
        await asyncio.sleep(0.02)
        second.cancel()
        await asyncio.sleep(0)
    await first
    assert await held(store) == {"a": 0, "b": 0}


async def test_a_file_at_its_quota_takes_no_more_but_is_read_and_recovers(path: Path) -> None:
    small = SqliteStore(path, quota=200_000)
    await small.append([count("a")])
    with pytest.raises(StoreUnavailable, match="the disk is full, or the file has reached its quota"):
        await small.append([count(f"{i}") for i in range(1000)])
    outcomes = await asyncio.gather(
        small.append([count(f"{i}") for i in range(1000)]), small.append([count("b")]), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [StoreUnavailable, str]
    assert await held(small) == {"a": 0, "b": 0}
    await small.close()


# --- closing


async def test_closing_leaves_no_thread_no_log_and_no_open_file(path: Path) -> None:
    store = SqliteStore(path)
    await store.append([count("a")])
    await store.snapshot()
    await store.close()
    assert [file.name for file in path.parent.iterdir()] == ["presence.db"]
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("store-")]
    assert not [link for link in Path("/proc/self/fd").glob("*") if str(path) in os.path.realpath(link)]


async def test_a_store_never_used_closes(path: Path) -> None:
    await SqliteStore(path).close()
    assert not path.exists()
