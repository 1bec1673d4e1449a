"""The composition root: with `installation` the only file that names concrete classes; puts them together for each process."""

import asyncio
import contextlib
import gc
import logging
import secrets
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any, cast

import msgspec
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from presence.board import Board
from presence.domain.intervals import Instant
from presence.elsewhen import Elsewhen
from presence.feeding import Feeding
from presence.installation import Installation
from presence.intake import Intake
from presence.live import Live
from presence.meaning import stated
from presence.ports import Pushed, StoreUnavailable
from presence.processes import parent
from presence.processes.aside import AsideFailed, run_aside
from presence.processes.child import Program
from presence.processes.operations import Operations
from presence.processes.sockets import address_of, listen
from presence.processes.supervisor import Supervisor
from presence.readiness import Readiness
from presence.stores.memory import MemoryStore
from presence.stores.sqlite import SqliteStore
from presence.web import look
from presence.web.budgets import Budgets
from presence.web.counting import Counting
from presence.web.front import Front
from presence.web.receipts import NOT_STORED, Reply, take_absences
from presence.web.search_box import SearchBox
from presence.web.server import WebServer
from presence.web.site import create_app
from presence.web.sources import Aside, Door
from presence.web.surface import Surface
from presence.web.tokens import Tokens
from presence.web.unmetered import Unmetered

logger = logging.getLogger(__name__)

_COMMAND = (sys.executable, "-m", "presence")
_BATCH_SECONDS = 120.0
_PATIENCE = 15  # seconds for the connector process to state the centre in a new store


# --- web process ---


def front_of(installation: Installation, surface: Surface) -> Front:
    """The pages and files of an installation, in its own look."""
    organisation = installation.config.organisation
    files = look.dressed(organisation)
    languages = {language: each.name for language, each in surface.wordings.items()}
    site = look.site(organisation, files, languages, installation.rules.address, installation.invented)
    return Front(surface, site, files, installation.config.server.embed_origins, elsewhen(installation))


def elsewhen(installation: Installation) -> Callable[[Instant], Awaitable[Board]] | None:
    """The board at another instant, where nobody at all is real."""
    if not installation.all_invented:
        return None
    said = stated(installation.config, int(installation.clock.now()))
    return Elsewhen(
        installation.rules, installation.key, said, installation.connectors, lambda clock: MemoryStore(clock=clock.now)
    ).at


async def run_web(installation: Installation, sockets: list[socket.socket], ready: Callable[[], None] = parent.ready) -> None:
    """One web process, until it is told to end."""
    installation.listens_on(sockets[0])
    store = installation.store()
    live = Live(store, Board(installation.rules), installation.clock)
    intake = installation.intake(store)
    try:
        await _loaded(live, installation.rules.centre)
        surface = Surface(live, installation.wordings())
        door = _door(installation, store, intake)
        server = installation.config.server
        front = front_of(installation, surface)
        budgets = Budgets(server.budget, server.budget_all, server.budget_lookups, server.workers, server.budget_contacts)
        app = create_app(surface, SearchBox(surface), front, budgets, door, server.allowed_hosts)
        if server.own_networks:
            app = Unmetered(app, [str(network) for network in server.own_networks])
        trusted = [str(network) for network in server.trusted_proxies]
        inner: Any = app
        whole: Any = ProxyHeadersMiddleware(inner, trusted_hosts=trusted) if trusted else inner
        gc.collect()
        gc.freeze()
        counting = asyncio.create_task(Counting(surface).run())
        try:
            await WebServer(whole, ready, installation.clock).serve(sockets)
        finally:
            counting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await counting
    finally:
        await live.stop()
        await intake.close()
        await store.close()


async def _loaded(live: Live, centre: str) -> None:
    """Wait for the store, and in a new one for the centre: without it there is no next step to answer with."""
    while True:
        try:
            await live.start()
        except StoreUnavailable as error:
            logger.warning("waiting for the store: %s", error)
            await asyncio.sleep(1)
        else:
            break
    for _ in range(_PATIENCE * 10):
        if centre in live.board.now.states:
            break
        await asyncio.sleep(0.1)
    live.board.open()


def _door(installation: Installation, store: SqliteStore, intake: Intake) -> Door | None:
    """For the sources that push."""
    sources = installation.config.sources
    files = {name: Path(source.token_file) for name, source in sources.items() if source.token_file}
    if not files:
        return None
    pushed: dict[str, Pushed] = {c.name: c for c in installation.connectors() if c.name in files}  # type: ignore[misc]
    tokens = Tokens.from_files(files)
    return Door(pushed, tokens, intake, store, installation.clock, secrets.token_hex(6), aside=_aside(installation, intake))


def _aside(installation: Installation, intake: Intake) -> Aside:
    """Complete batches are taken in by a process of their own (`take_absences_aside`): CPU work of seconds, once a night."""
    clock = ("--clock", str(installation.clock_file)) if installation.clock_file else ()
    command = (*_COMMAND, "_absences", "--config", str(installation.path), *clock)

    async def take(source: str, document: bytes, kind: str, dry_run: bool) -> Reply:
        holder = secrets.token_hex(8)
        words = (*command, "--holder", holder, *(["--dry-run"] if dry_run else []), "--", source, kind)
        try:
            return msgspec.json.decode(await run_aside(words, document, _BATCH_SECONDS), type=Reply)
        except (AsideFailed, msgspec.DecodeError) as error:
            logger.error("a batch of %r was not taken in: its process %s", source, error)
            await intake.give_back(source, holder)
            return Reply(refused=NOT_STORED)

    return take


async def take_absences_aside(
    installation: Installation, source: str, document: bytes, kind: str, dry_run: bool, holder: str
) -> bytes:
    """The process of a complete batch: a `Reply` as JSON."""
    [connector] = [c for c in installation.connectors() if c.name == source]
    async with installation.taking_in(holder) as intake:
        try:
            now = int(installation.clock.now())
            return msgspec.json.encode(await take_absences(cast("Pushed", connector), intake, document, kind, now, dry_run))
        finally:
            await connector.close()


# --- connector process ---


async def run_connectors(installation: Installation, holder: str = "", ready: Callable[[], None] = parent.ready) -> None:
    """The one process that reads sources, until it is cancelled. `holder`: by what name it takes the right to write."""
    pulled = [c for c in installation.connectors() if not installation.config.sources[c.name].token_file]
    async with installation.taking_in(holder) as intake:
        feeding = Feeding(intake, stated(installation.config, int(installation.clock.now())), pulled, installation.clock)
        ready()
        await feeding.run()


# --- supervisor ---


def serve(
    path: Path,
    port: int | None = None,
    workers: int | None = None,
    clock_file: Path | None = None,
    started: Callable[[str, str], None] | None = None,
) -> None:
    """`presence serve`: web processes and the connector process over one store. `started` is told the two addresses.

    Raises ConfigError and CannotListen before anything is started.
    """
    installation = Installation(path, clock_file)
    server = installation.config.server
    public = listen(server.host, server.port if port is None else port)
    operations_host, _, operations_port = server.operations.rpartition(":")
    operations = listen(operations_host, int(operations_port)) if server.operations else None
    more = ("--clock", str(clock_file)) if clock_file else ()
    programs = [
        Program(
            f"web-{n}",
            (*_COMMAND, "_web", "--config", str(path), "--fd", str(public.fileno()), *more),
            pass_fds=(public.fileno(),),
            announces=True,
        )
        for n in range(workers or server.workers)
    ]
    # All of them that follow one another bear one name: what the last one held when it died, the next one holds.
    heir = ("--holder", secrets.token_hex(8))
    programs.append(Program("connectors", (*_COMMAND, "_connectors", "--config", str(path), *more, *heir), announces=True))
    if started:
        started(address_of(public), address_of(operations) if operations else "")
    asyncio.run(_supervise(installation, programs, operations))


async def _supervise(installation: Installation, programs: list[Program], operations: socket.socket | None) -> None:
    supervisor = Supervisor(programs)
    store = installation.store()
    readiness = Readiness(store, installation.clock, installation.config.sources)
    beside = []
    if operations:
        listener = Operations(supervisor.down, readiness.ready, readiness.metrics)
        beside.append(partial(listener.serve, operations))
    try:
        await supervisor.run(beside)
    finally:
        await store.close()


# --- demo ---


def demo(port: int, started: Callable[[str, str], None], clock_file: Path | None = None, workers: int = 1) -> None:
    """`presence demo`: an invented municipality in a folder of its own that is gone afterwards. No secret, no server."""
    with tempfile.TemporaryDirectory(prefix="presence-demo-") as folder:
        path = Path(folder) / "presence.toml"
        text = resources.files("connectors.demonstration").joinpath("presence.toml").read_text("utf-8")
        here = f'[organisation]\naddress = "http://127.0.0.1:{port}"'
        path.write_text(text.replace("[organisation]", here, 1), "utf-8")
        serve(path, port, workers, clock_file, started)
