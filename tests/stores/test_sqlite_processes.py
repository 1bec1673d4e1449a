"""Several real processes on one file, and processes that are killed."""

import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from presence.domain.facts import Count, Fact, key
from presence.ports import StoreUnavailable
from presence.stores.sqlite import SqliteStore
from presence.stores.sqlite_file import File

pytestmark = pytest.mark.anyio

WORKER = str(Path(__file__).with_name("worker.py"))


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, WORKER, *arguments], stdout=subprocess.PIPE, text=True)


def test_two_processes_that_append_and_follow_see_all_in_one_order(tmp_path: Path) -> None:
    path = str(tmp_path / "s.db")
    processes = [start("share", path, name, "150") for name in ("a", "b")]
    first, second = (process.communicate(timeout=40)[0].splitlines() for process in processes)
    assert [process.returncode for process in processes] == [0, 0]
    assert first == second
    assert len(set(first)) == 2 * 3 * 150
    numbers = [int(line.split()[0]) for line in first]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("moment", range(18))
def test_a_new_file_that_another_process_makes_while_it_is_being_opened_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """Before one statement of the first opening, whichever it is, another process opens the file too."""
    path = tmp_path / "s.db"
    statements: list[str] = []
    refused: list[str] = []

    def other_opens(statement: str) -> None:
        statements.append(statement)
        if len(statements) == moment + 1:
            with monkeypatch.context() as unwatched:
                unwatched.setattr(sqlite3, "connect", connect)
                other = File(path, patience=0)
                try:
                    with other.using():
                        pass
                except StoreUnavailable as error:
                    refused.append(str(error))
                other.close()

    def watched(*arguments: Any, **options: Any) -> sqlite3.Connection:
        db: sqlite3.Connection = connect(*arguments, **options)
        db.set_trace_callback(other_opens)
        return db

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", watched)
    first = File(path, patience=5)
    with first.using() as db:
        db.set_trace_callback(None)
        assert db.execute("SELECT count(*) FROM head").fetchone() == (1,)
    first.close()
    assert len(statements) > moment
    assert all("kept it locked" in words for words in refused)


def killed(path: Path, name: str, after: float) -> list[str]:
    """Kill a writing process so long after its first acknowledgement: what it acknowledged."""
    process = start("write", str(path), name)
    assert process.stdout is not None
    told = [process.stdout.readline()]
    time.sleep(after)
    process.kill()
    told += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    return [f"{name}-{line.strip()}" for line in told if line.endswith("\n")]


async def killed_rounds(path: Path, rounds: int, seed: int) -> None:
    """Kill writing processes at random moments; whatever they acknowledged is there, and every batch is whole."""
    chance = random.Random(seed)
    acknowledged: set[str] = set()
    for turn in range(rounds):
        acknowledged |= set(killed(path, f"{turn}", chance.uniform(0, 0.25)))
        store = SqliteStore(path)
        facts = (await store.snapshot()).facts
        await store.close()
        sizes = {fact.key.split("/")[1]: fact.body.counts["size"] for fact in facts if isinstance(fact.body, Count)}
        assert Counter(fact.key.split("/")[1] for fact in facts) == sizes, "half a batch"
        assert acknowledged <= set(sizes), "an acknowledged batch is lost"
    assert len(acknowledged) > rounds


async def test_a_killed_writer_loses_nothing_acknowledged_and_leaves_no_half_batch(tmp_path: Path) -> None:
    await killed_rounds(tmp_path / "s.db", rounds=6, seed=1)


@pytest.mark.slow
async def test_a_writer_killed_many_times_loses_nothing_acknowledged(tmp_path: Path) -> None:
    for seed in range(10):
        await killed_rounds(tmp_path / f"{seed}.db", rounds=10, seed=seed)


def test_a_full_disk_refuses_what_does_not_fit_and_takes_the_next_when_there_is_room(tmp_path: Path) -> None:
    """The operating system refuses to let the log grow; reading goes on, and the same store object recovers."""
    process = start("once", str(tmp_path / "s.db"), "200000")
    out, _ = process.communicate(timeout=20)
    refused, while_full, after = out.splitlines()
    assert "the disk failed, or is full" in refused
    assert (while_full, after) == ("1 held", "3 held")


def log_of(path: Path) -> int:
    """Which file it is."""
    return path.with_name(f"{path.name}-wal").stat().st_ino


async def test_a_process_that_comes_and_goes_takes_nothing_from_one_that_stays(tmp_path: Path) -> None:
    """Closing any descriptor of a file gives up all locks that a process holds on it (POSIX): a second connection that was
    opened clumsily left the first without, and the next process that ended took the log away from under it.
    """
    path = tmp_path / "s.db"
    stays, too = SqliteStore(path), SqliteStore(path)
    for number in range(3):
        await stays.append([Fact(key("count", "a", str(number)), Count(hour=number))])
        await stays.snapshot()
        await too.snapshot()  # another connection of this process, opened while the first has the file
        before = log_of(path)
        start("share", str(path), f"b{number}", "0").communicate(timeout=30)
        assert log_of(path) == before
    await stays.append([Fact(key("count", "a", "last"), Count(hour=9))])
    await stays.close()
    await too.close()
    again = SqliteStore(path)
    assert {fact.key.split("/")[2] for fact in (await again.snapshot()).facts} == {"0", "1", "2", "last"}
    await again.close()
