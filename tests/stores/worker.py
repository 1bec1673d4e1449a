"""A process of its own over a store's file, started by the tests: `worker.py MODE PATH NAME [BATCHES]`.

`write` appends batches for ever and tells each acknowledged one on standard output; `share` appends so many, follows until
it has seen twice as many facts, and prints what it saw; `once` appends one fact with the file size limited to NAME bytes.
"""

import asyncio
import random
import resource
import signal
import sys
from pathlib import Path

from presence.domain.facts import Count, Fact, key
from presence.ports import StoreUnavailable
from presence.stores.sqlite import SqliteStore


def batch(name: str, number: int, size: int) -> list[Fact]:
    """A batch that tells its own size in each fact."""
    return [Fact(key("count", f"{name}-{number}", f"{i}"), Count(hour=number, counts={"size": size})) for i in range(size)]


async def write(path: Path, name: str) -> None:
    store = SqliteStore(path, tidy_every=0.02)
    lane = asyncio.Semaphore(4)
    number = 0

    async def one(number: int) -> None:
        await store.append(batch(name, number, random.choice([1, 3, 40, 400])))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        lane.release()

    async with asyncio.TaskGroup() as group:
        while True:
            await lane.acquire()
            group.create_task(one(number))
            number += 1


async def share(path: Path, name: str, batches: int) -> None:
    store = SqliteStore(path, poll=0.01)
    start = (await store.snapshot()).position.partition(".")[0] + ".0"

    async def follow() -> None:
        seen = 0
        async for group in store.follow(start):
            for fact in group:
                sys.stdout.write(f"{fact.number} {fact.key}\n")
            seen += len(group)
            if seen >= 2 * 3 * batches:
                return

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(follow())
        for number in range(batches):
            await store.append(batch(name, number, 3))
    await store.close()


async def once(path: Path, limit: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    store = SqliteStore(path)
    await store.append(batch("before", 0, 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        await store.append(batch("while", 0, 2000))
    except StoreUnavailable as error:
        sys.stdout.write(f"{error}\n")
    sys.stdout.write(f"{len((await store.snapshot()).facts)} held\n")
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await store.append(batch("after", 0, 2))
    sys.stdout.write(f"{len((await store.snapshot()).facts)} held\n")
    await store.close()


if __name__ == "__main__":
    mode, path, *rest = sys.argv[1:]
    if mode == "write":
        asyncio.run(write(Path(path), rest[0]))
    elif mode == "share":
        asyncio.run(share(Path(path), rest[0], int(rest[1])))
    else:
        asyncio.run(once(Path(path), int(rest[0])))
