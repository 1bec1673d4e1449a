"""A round over the calendars of a whole country's staff: ten thousand files, of which one in a hundred changed, and none.

`python -m tests.bench.rounds [CALENDARS]` drives the connector itself, its reading processes included. 200 different calendars of
the performance notes stand under ten thousand names, so that the disk holds them once. CPU seconds are those of all processes.
"""

import asyncio
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from connectors.calendars.pool import Pool
from connectors.ics import Ics, IcsSettings
from tests.bench.calendars import WINDOW, calendar

DIFFERENT = 200
NOW = WINDOW[0].timestamp() + 86_400


class Counting(Pool):
    """Counts the calendars that are parsed."""

    parsed = 0

    async def read(self, *texts: object, **more: object):  # type: ignore[no-untyped-def]
        self.parsed += 1
        return await super().read(*texts, **more)  # type: ignore[arg-type]


def laid_out(folder: Path, names: list[str]) -> None:
    """A file for each name, most of them links."""
    for place, name in enumerate(names):
        file = folder / f"{name}.ics"
        if place < DIFFERENT:
            file.write_bytes(calendar(place))
        else:
            os.link(folder / f"{names[place % DIFFERENT]}.ics", file)


def change(folder: Path, names: list[str]) -> None:
    """One in a hundred gets a meeting more, in a file of its own."""
    at = datetime.fromtimestamp(NOW, UTC)
    meeting = f"BEGIN:VEVENT\r\nUID:new\r\nDTSTART:{at:%Y%m%dT%H%M%SZ}\r\nDURATION:PT1H\r\nEND:VEVENT\r\n".encode()
    for name in names[::100]:
        file = folder / f"{name}.ics"
        body = file.read_bytes()
        file.unlink()
        file.write_bytes(body.replace(b"END:VCALENDAR", meeting + b"END:VCALENDAR"))


def _cpu() -> float:
    """Of this process and those that have ended; the reading processes are asked while they live."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime + sum(map(_cpu_of, _children()))


def _children() -> list[int]:
    found = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(pid) for pid in found.read_text().split()] if found.exists() else []


def _cpu_of(pid: int) -> float:
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


async def _rounds(folder: Path, count: int, tell: Callable[[str], None]) -> None:
    names = [f"person{number}@example.se" for number in range(count)]
    laid_out(folder, names)
    ics = Ics("calendars", IcsSettings(folder=str(folder)), interval=600.0, now=lambda: NOW)
    pool = Counting()
    ics._pool = pool
    try:
        for what, before in (
            ("first round", None),
            ("one in a hundred changed", change),
            ("nothing changed", None),
        ):
            if before:
                before(folder, names)
            parsed, cpu, began = pool.parsed, _cpu(), time.monotonic()
            batch = await ics.fetch()
            failed = {person.failed for person in batch.people if person.failed}
            if len(batch.people) != count or failed:
                raise SystemExit(f"not every calendar was read: {', '.join(failed)}")
            took = f"{_cpu() - cpu:.2f} s of CPU, {time.monotonic() - began:.2f} s"
            tell(f"{count:,} calendars, {what}: {took}, {pool.parsed - parsed:,} parsed")
    finally:
        await ics.close()


def main(count: int = 10_000) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_rounds(Path(folder), count, print))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 10_000)
