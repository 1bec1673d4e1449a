"""Real CalDAV servers, Radicale and Xandikos, each a process on a free port with its files in a folder."""

import contextlib
import importlib.util
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.servers import free_port, launch, stop, unproven

USER, PASSWORD = "presence", "calendar-canary-51c0"
_RADICALE = """\
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}/collections
[rights]
type = authenticated
[logging]
level = warning
"""


class CalendarServer:
    """One product, which can be restarted. `template` is where the calendar of a user lies, relative to `url`."""

    def __init__(self, product: str, folder: Path) -> None:
        if importlib.util.find_spec(product) is None:
            unproven(f"{product} is not installed")
        self.product = product
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.template = f"{USER}/{{user}}/" if product == "radicale" else f"{USER}/calendars/{{user}}/"
        self._process: subprocess.Popen[bytes] | None = None
        self._client = httpx.Client(base_url=self.url, auth=(USER, PASSWORD), timeout=20, trust_env=False)

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", self.product, *self._arguments()]
        self._process = launch(command, self.folder / "server.log", self._answers)

    def stop(self) -> None:
        if self._process is not None:
            stop(self._process)

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        self._client.close()
        self.stop()

    def path(self, user: str) -> str:
        return "/" + self.template.replace("{user}", user)

    def make(self, user: str) -> None:
        """An empty calendar, in place of one that is there."""
        self._client.delete(self.path(user))
        self._done("MKCALENDAR", self.path(user))

    def put(self, user: str, name: str, text: bytes) -> None:
        self._done("PUT", f"{self.path(user)}{name}.ics", text)

    def delete(self, user: str, name: str = "") -> None:
        """One object, or all of the calendar."""
        self._done("DELETE", self.path(user) + (f"{name}.ics" if name else ""))

    def _done(self, method: str, path: str, body: bytes = b"") -> None:
        answer = self._client.request(method, path, content=body, headers={"Content-Type": "text/calendar"} if body else {})
        assert answer.is_success, (self.product, method, path, answer.status_code)

    def _arguments(self) -> list[str]:
        if self.product == "xandikos":
            listen = ["-l", "127.0.0.1", "-p", str(self.port)]
            return [
                "serve",
                "-d",
                str(self.folder / "collections"),
                *listen,
                "--defaults",
                "--current-user-principal",
                "/presence/",
            ]
        (self.folder / "users").write_text(f"{USER}:{PASSWORD}\n")
        (self.folder / "radicale.ini").write_text(_RADICALE.format(port=self.port, folder=self.folder))
        return ["-C", str(self.folder / "radicale.ini")]

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


@contextmanager
def calendar_server(product: str, folder: Path) -> Iterator[CalendarServer]:
    """A running server for the length of a `with`."""
    server = CalendarServer(product, folder)
    try:
        server.start()
        yield server
    finally:
        server.close()
