"""Commands that run: the demo, the service, and the processes that it consists of."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Coroutine
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from presence.commands.options import CLOCK, CONFIG


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8020, show_default=True, help="0: any that is free.")
def demo(port: int) -> None:
    """An invented municipality, alive: no settings, no server, no secret. All is gone when it stops."""
    from presence import app
    from presence.commands import terminal
    from presence.processes import logs

    def started(public: str, operations: str) -> None:
        named = {
            "Find a contact": f"http://{public}/",
            "Embedding": f"http://{public}/demo/widget",
            "API": f"http://{public}/docs",
        }
        named |= {"Health": f"http://{operations}/healthz"} if operations else {}
        title = f"presence {version('presence')} · demo: everybody is invented, nothing leaves this machine"
        terminal.addresses(title, named, "Ctrl+C stops it, and all is gone.")

    logs.setup("supervisor")
    app.demo(port, started=started)


@click.command()
@CONFIG
@click.option("--port", type=click.IntRange(0, 65535), help="Instead of the one in the settings.")
@click.option("--workers", type=click.IntRange(1, 64), help="Web processes, instead of those in the settings.")
@CLOCK
def serve(path: Path, port: int | None, workers: int | None, clock: Path | None) -> None:
    """The service: web processes and a process for the connectors, kept running."""
    from presence import app
    from presence.commands import terminal
    from presence.processes import logs

    def started(public: str, operations: str) -> None:
        if not sys.stderr.isatty():
            logging.getLogger("presence").info("listening", extra={"address": public, "operations": operations})
            return
        named = {"Public": f"http://{public}/"} | ({"Operations": f"http://{operations}/healthz"} if operations else {})
        terminal.addresses(f"presence {version('presence')}", named)

    logs.setup("supervisor")
    app.serve(path, port, workers, clock, started)


@click.command("_web", hidden=True)
@CONFIG
@click.option("--fd", type=int, required=True)
@CLOCK
def web(path: Path, fd: int, clock: Path | None) -> None:
    """One web process, on a socket that it inherits."""
    from presence import app
    from presence.installation import Installation
    from presence.processes import logs, parent

    logs.setup("web")
    parent.watch()
    _run(app.run_web(Installation(path, clock), [socket.socket(fileno=fd)]))


@click.command("_connectors", hidden=True)
@CONFIG
@click.option("--holder", default="")
@CLOCK
def connectors(path: Path, holder: str, clock: Path | None) -> None:
    """The process that reads the sources."""
    from presence import app
    from presence.installation import Installation
    from presence.processes import logs, parent

    logs.setup("connectors")
    parent.watch()
    _run(app.run_connectors(Installation(path, clock), holder))


@click.command("_absences", hidden=True)
@CONFIG
@click.argument("source")
@click.argument("kind")
@click.option("--dry-run", is_flag=True)
@click.option("--holder", default="")
@CLOCK
def absences(path: Path, source: str, kind: str, dry_run: bool, holder: str, clock: Path | None) -> None:
    """All leave of a source, on standard input; what became of it on standard output."""
    from presence import app
    from presence.installation import Installation
    from presence.processes import logs

    logs.setup("absences")
    document = sys.stdin.buffer.read()
    installation = Installation(path, clock)
    sys.stdout.buffer.write(asyncio.run(app.take_absences_aside(installation, source, document, kind, dry_run, holder)))


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Until it ends, or SIGTERM asks it to: then it is cancelled, and what it holds is given back."""

    async def until_asked() -> None:
        task = asyncio.ensure_future(work)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    with contextlib.suppress(KeyboardInterrupt):
        if sys.platform == "win32":
            asyncio.run(until_asked())
        else:
            import uvloop

            uvloop.run(until_asked())
