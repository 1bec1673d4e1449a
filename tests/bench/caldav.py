"""200 calendars on each of two real CalDAV servers: the first reading, and rounds in which nothing, or one, has changed.

`python -m tests.bench.caldav` prints requests, seconds, and the CPU of the connector and of its child processes, beside what
asking for all the times each round costs (a server without any mark of change).
"""

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from connectors.caldav import CalDav
from connectors.dav.collection import Mark
from connectors.dav.settings import CalDavSettings
from tests.connectors.dated import HERE, NOW, Clock, calendar, event
from tests.servers.caldav import PASSWORD, USER, CalendarServer, calendar_server

CALENDARS, EVENTS = 200, 4


class Cost(NamedTuple):
    round: str
    requests: int
    seconds: float
    cpu: float  # of this process
    children: float  # that read calendars; of those that have ended


def measured(server: CalendarServer, password: Path) -> Iterator[Cost]:
    """One source from its first reading on."""
    people = [f"p{number}@kommun.example" for number in range(CALENDARS)]
    account = {"user": USER, "password_file": str(password), "insecure": True, "allow_networks": HERE}
    settings = CalDavSettings(url=server.url, calendar=server.template, people=people, **account)  # type: ignore[arg-type]
    for way in ("as configured", "read each round"):
        yield from asyncio.run(_rounds(server, settings, way))


async def _rounds(server: CalendarServer, settings: CalDavSettings, way: str) -> list[Cost]:
    source = CalDav("caldav", settings, now=Clock())
    costs = []
    asked = 0
    ask = source._client.ask

    async def counting(*args: str, **more: str) -> object:
        nonlocal asked
        asked += 1
        return await ask(*args, **more)  # type: ignore[arg-type]

    source._client.ask = counting  # type: ignore[method-assign, assignment]
    for name in ("first", "unchanged", "one changed"):
        if name == "one changed":
            server.put("p7", "e0", calendar(event(NOW + timedelta(hours=len(way)), uid="e0")))
        if way != "as configured":
            for known in source._known.values():
                for held in known.held.values():
                    held.mark = Mark()
        asked, cpu, begun = 0, _cpu(), time.monotonic()
        batch = await source.fetch()
        costs.append(Cost(f"{way}, {name}", asked, time.monotonic() - begun, _cpu() - cpu, 0.0))
        if any(person.failed for person in batch.people):
            raise SystemExit("a calendar failed")
    before = _cpu(resource.RUSAGE_CHILDREN)
    await source.close()
    return [costs[0]._replace(children=_cpu(resource.RUSAGE_CHILDREN) - before), *costs[1:]]


def _cpu(who: int = resource.RUSAGE_SELF) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def main() -> None:
    for product in ("radicale", "xandikos"):
        with tempfile.TemporaryDirectory() as folder, calendar_server(product, Path(folder) / "server") as server:
            (Path(folder) / "password").write_text(PASSWORD)
            for number in range(CALENDARS):
                server.make(f"p{number}")
                for each in range(EVENTS):
                    start = NOW + timedelta(days=each, hours=number % 7)
                    more = "RRULE:FREQ=WEEKLY\r\n" if each == 1 else ""
                    server.put(f"p{number}", f"e{each}", calendar(event(start, uid=f"e{each}", more=more)))
            for cost in measured(server, Path(folder) / "password"):
                children = f" (children, all rounds: {cost.children:.2f} s)" if cost.children else ""
                took = f"{cost.requests} requests, {cost.seconds:.1f} s, CPU {cost.cpu:.2f} s{children}"
                sys.stdout.write(f"{product}: {cost.round}: {took}\n")


if __name__ == "__main__":
    main()
