"""What was overwritten or deleted leaves the disk: searched for in the bytes of the file, of its log and of its index."""

import asyncio
import random
import re
import sqlite3
import time
from pathlib import Path

import pytest

from presence.domain.facts import Absence, Count, Fact, Key, key
from presence.stores.sqlite import SqliteStore

from .given import Clock, count, gone

pytestmark = pytest.mark.anyio

CANARY = re.compile(rb"CANARY\d{9}")


def secret(name: str, text: str) -> Fact:
    return Fact(key("absence", name, "hr", "1"), Absence(start=1, end=2, deputy=text))


def on_disk(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


async def gone_from_disk(path: Path, text: bytes, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while text in on_disk(path):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True


async def test_superseded_bodies_leave_the_disk_by_themselves(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    store = SqliteStore(path, tidy_every=0.1)
    await store.append([secret("overwritten", "CANARY-1"), secret("deleted", "CANARY-2"), secret("kept", "SPARROW")])
    assert b"CANARY" in on_disk(path)
    await store.append([secret("overwritten", ""), Fact(secret("deleted", "").key)])
    assert await gone_from_disk(path, b"CANARY", 5)
    assert b"SPARROW" in on_disk(path)
    assert not path.with_name("s.db-wal").stat().st_size
    await store.close()


async def test_a_reader_of_an_old_state_is_not_stopped_and_erasing_follows_it(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    store = SqliteStore(path, tidy_every=0.05)
    await store.append([secret("a", "CANARY")])
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    query = "SELECT count(*) FROM fact WHERE body IS NOT NULL"
    assert reader.execute(query).fetchone() == (1,)
    await store.append([Fact(secret("a", "").key)])
    await asyncio.sleep(0.3)
    assert reader.execute(query).fetchone() == (1,)
    await store.append([count("b")])
    reader.execute("ROLLBACK")
    reader.close()
    assert await gone_from_disk(path, b"CANARY", 5)
    await store.close()


async def test_a_process_that_only_reads_erases_what_a_killed_one_left(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    writer = SqliteStore(path, tidy_every=1000)
    reader = SqliteStore(path, tidy_every=0.05)
    await writer.append([secret("a", "CANARY")])
    await writer.append([secret("a", "")])
    await reader.snapshot()
    assert await gone_from_disk(path, b"CANARY", 5)
    await reader.close()
    await writer.close()


async def test_no_copy_stays_in_the_free_space_of_pages(tmp_path: Path) -> None:
    """SQLite copies rows between pages as the table grows and shrinks, and `secure_delete` does not reach those copies."""
    path = tmp_path / "s.db"
    store = SqliteStore(path)
    chance = random.Random(4)
    keys: list[Key] = [key("count", f"{chance.getrandbits(60):x}", "x" * chance.choice([1, 30, 300])) for _ in range(1500)]
    held: dict[Key, int] = {}
    number = 0
    for turn in range(30):
        facts = []
        for name in keys if turn == 0 else chance.sample(keys, 150):
            number += 1
            held[name] = number
            filling = "x" * chance.choice([0, 20, 100, 300, 900, 5000])
            facts.append(Fact(name, Count(hour=turn, counts={f"CANARY{number:09}": 1, filling: 1})))
        deleted = chance.sample(keys, 40) if turn else []
        facts += [Fact(name) for name in deleted]
        for name in deleted:
            held.pop(name, None)
        await store.append(facts)
    await store.close()
    assert sorted(CANARY.findall(on_disk(path))) == sorted(b"CANARY%09d" % n for n in held.values())


async def test_tombstones_are_swept_without_any_append(tmp_path: Path) -> None:
    clock = Clock()
    path = tmp_path / "s.db"
    store = SqliteStore(path, clock=clock, keep_days=1, tidy_every=0.05)
    await store.append([count("a")])
    await store.append([gone("a")])
    clock.now += 86_500
    deadline = time.monotonic() + 5
    with sqlite3.connect(path) as db:
        while db.execute("SELECT count(*) FROM fact").fetchone() != (0,):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
    db.close()
    await store.close()
