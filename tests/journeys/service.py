"""A real `presence serve` in a folder of its own: its processes, its clock, and what it answers."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from tests.servers import free_port, launch, stop

ZONE = ZoneInfo("Europe/Stockholm")
PATIENCE = 30.0
"""Seconds that a condition may take on a machine under load; what is fast is fast all the same."""


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)


class Service:
    """A running service. Time stands in its clock file; it runs on from wherever it was put."""

    def __init__(self, folder: Path, port: int, operations: int) -> None:
        self.folder = folder
        self.port = port
        self.operations = operations
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    # --- time ---

    @property
    def now(self) -> float:
        """What the service takes the time to be, in seconds since the epoch."""
        return time.time() + self._shift

    _shift = 0.0

    def at(self, moment: str | float) -> None:
        """Move the clock to a local time, `2026-11-23 09:30`, or to an instant."""
        to = moment if isinstance(moment, int | float) else instant(moment)
        self._shift = to - time.time()
        draft = self.folder / "clock.draft"
        draft.write_text(f"{self._shift:.3f}")
        draft.rename(self.folder / "clock")

    # --- asking ---

    def get(self, path: str, method: str = "GET", body: str = "", **headers: str) -> Answer:
        """One request over a connection of its own; redirects are not followed."""
        return ask(self.port, path, method, body, **headers)

    def contact(self, contact: str) -> Any:
        return self.get(f"/v1/contacts/{contact}").data

    def status(self, contact: str) -> str:
        return str(self.contact(contact)["availability"]["status"])

    def hits(self, words: str) -> dict[str, str]:
        """Names by id of the contacts that a search gives."""
        return {hit["id"]: hit["name"] for hit in self.get(f"/v1/contacts?q={quote(words)}").data["contacts"]}

    def find(self, name: str) -> str:
        """The id of the contact whose name has this in it, once there is one."""
        until(lambda: any(name in each for each in self.hits(name).values()), f"{name} is found")
        [found] = [contact for contact, each in self.hits(name).items() if name in each]
        return found

    def health(self) -> Answer:
        return ask(self.operations, "/healthz")

    def sources(self) -> dict[str, Any]:
        """How each source fares, by the operations listener."""
        with suppress(OSError):
            told: dict[str, Any] = ask(self.operations, "/readyz").data.get("sources", {})
            return told
        return {}

    def put(self, path: str, token: str, document: object) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return self.get(path, "PUT", json.dumps(document), **headers)

    # --- processes ---

    def children(self) -> dict[int, str]:
        """The processes that the parent runs: id -> `web` or `connectors`."""
        assert self.process is not None
        found: dict[int, str] = {}
        for pid, parent in _parents().items():
            words = _command(pid) if parent == self.process.pid else []
            found.update((pid, name) for name in ("web", "connectors") if f"_{name}" in words)
        return found

    def group(self) -> set[int]:
        """Every process of the service: the parent, its children, and theirs."""
        assert self.process is not None
        parents, found = _parents(), {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return found

    def kill(self, name: str) -> int:
        """`kill -9` of one child of that name; gives its process id."""
        pid = min(pid for pid, kind in self.children().items() if kind == name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def start(self, workers: int = 1) -> None:
        """Returns when every child has said that it works."""
        command = [sys.executable, "-m", "presence", "serve", "--config", str(self.folder / "presence.toml")]
        command += ["--port", str(self.port), "--workers", str(workers), "--clock", str(self.folder / "clock")]
        self.process = process = launch(command, self.folder / "log", lambda: True)

        def works() -> bool:
            if process.poll() is not None:
                pytest.fail(f"the service ended with {process.returncode}:\n{self.log}")
            return self.health().status == 200

        until(works, "every child works", 60)


@contextmanager
def service(folder: Path, configuration: Callable[[Service], str], at: str, workers: int = 1) -> Iterator[Service]:
    """A service with that configuration, begun at that local time. Its end is clean, or the test that used it fails."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Service(folder, free_port(), free_port())
    (folder / "presence.toml").write_text(configuration(made), "utf-8")
    made.at(at)
    made.start(workers)
    assert made.process is not None
    try:
        yield made
    finally:
        stop(made.process)
        print(made.log)  # shown with a test that fails


def instant(local: str) -> float:
    return datetime.fromisoformat(local).replace(tzinfo=ZONE).timestamp()


def ask(port: int, path: str, method: str = "GET", body: str = "", **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        connection.request(method, path, body.encode() or None, headers)
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def until(claim: Callable[[], object], what: str, seconds: float = PATIENCE, pause: float = 0.05) -> None:
    """Wait until the claim holds. A service that does not answer yet has not fulfilled it."""
    deadline = time.monotonic() + seconds
    while True:
        with suppress(OSError, http.client.HTTPException):
            if claim():
                return
        if time.monotonic() > deadline:
            pytest.fail(f"{what}: not within {seconds:.0f} s")
        time.sleep(pause)


def is_alive(pid: int) -> bool:
    """Running: neither gone nor waiting for its end to be noticed."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _command(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    return []


def _parents() -> dict[int, int]:
    """Of every process of this machine, whose child it is."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            found[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    return found
