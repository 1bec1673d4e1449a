"""A stage for the widget: the pages and answers of a service, and another site that embeds it, on two real origins."""

import json
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

import msgspec
import uvicorn

from presence.web import assets

Scope = dict[str, Any]
OUR_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; require-trusted-types-for 'script'"
)


class Stage:
    """Everything the browser can ask for. `answers` and `pages` may be changed while it watches."""

    def __init__(self) -> None:
        self.origin = ""
        self.site = ""
        self._servers: list[uvicorn.Server] = []
        self._files = {name: file for file in assets.load().values() for name in (file.name, file.hashed)}
        self.clear()

    def clear(self) -> None:
        """As new."""
        self.pages: dict[str, tuple[bytes, str]] = {}  # path -> HTML, policy
        self.scripts: dict[str, bytes] = {}  # path -> a script or style sheet, before our own files
        self.contacts: dict[str, dict[str, Any]] = {}
        self.others: dict[str, dict[str, Any]] = {}  # path below /v1/ -> document
        self.hits: Callable[[str], dict[str, Any]] = lambda _words: {"contacts": [], "units": [], "topics": []}
        self.missing: dict[str, Any] = {}
        self.fail: int = 0
        self.problem: dict[str, Any] = {}  # what is said of it
        self.now = 0.0  # the service's clock, where it is to differ from the machine's
        self.lifetime = 30
        self.asked: list[tuple[float, str, str]] = []  # time, method, target
        self.seen_304 = 0

    def start(self) -> "Stage":
        """Two servers on free ports: the service's and the other site's."""
        for name in ("origin", "site"):
            server = uvicorn.Server(
                uvicorn.Config(self._app, port=0, log_level="warning", lifespan="off", interface="asgi3", date_header=False)
            )
            threading.Thread(target=server.run, daemon=True).start()
            while not server.started:
                time.sleep(0.01)
            port = server.servers[0].sockets[0].getsockname()[1]
            setattr(self, name, f"http://127.0.0.1:{port}" if name == "origin" else f"http://localhost:{port}")
            self._servers.append(server)
        return self

    def stop(self) -> None:
        for server in self._servers:
            server.should_exit = True

    def requests(self) -> list[tuple[float, str, str]]:
        """Those for answers."""
        return [row for row in self.asked if row[2].startswith("/v1/")]

    async def _app(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        path, query = scope["path"], scope["query_string"].decode()
        target = f"{path}?{query}" if query else path
        self.asked.append((time.time(), scope["method"], target))
        status, body, headers = self._answer(path, parse_qs(query))
        tag = f'"{sha256(body).hexdigest()[:12]}"'
        if path.startswith("/v1/") and status == 200:
            headers["etag"] = tag
            now = self.now or time.time()
            headers["date"] = formatdate(now, usegmt=True)
            headers["expires"] = formatdate(now + self.lifetime, usegmt=True)
            if dict(scope["headers"]).get(b"if-none-match") == tag.encode():
                self.seen_304 += 1
                status, body = 304, b""
        listed = [(k.encode(), v.encode()) for k, v in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": listed})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, bytes, dict[str, str]]:
        if path.startswith("/v1/"):
            cors = {
                "access-control-allow-origin": "*",
                "access-control-expose-headers": "date, etag",
                "content-type": "application/json",
            }
            if self.fail:
                return self.fail, json.dumps(self.problem).encode(), cors
            status, document = self._document(path.removeprefix("/v1/"), query)
            return status, json.dumps(document).encode(), cors
        name = path.rsplit("/", 1)[-1]
        if path in self.scripts:
            kind = {"css": "text/css", "svg": "image/svg+xml"}.get(path.rsplit(".", 1)[1], "text/javascript")
            return 200, self.scripts[path], {"content-type": kind, "access-control-allow-origin": "*"}
        if path.startswith(("/static/", "/widget/v1/")) and name in self._files:
            file = self._files[name]
            headers = {
                "content-type": file.media_type,
                "access-control-allow-origin": "*",
                "cross-origin-resource-policy": "cross-origin",
            }
            return 200, file.body, headers
        if path in self.pages:
            html, policy = self.pages[path]
            return 200, html, {"content-type": "text/html; charset=utf-8", "content-security-policy": policy}
        return 404, b"", {"content-type": "text/plain"}

    def _document(self, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        if path == "contacts" and "q" in query:
            return 200, self.hits(query["q"][0])
        if path == "contacts":
            wanted = query.get("ids", [""])[0].split(",")
            found = {"contacts": [self.contacts[i] for i in wanted if i in self.contacts]}
            return 200, found if len(found["contacts"]) == len(wanted) else {**found, **self.missing}
        if path in self.others:
            return 200, self.others[path]
        return 404, {"title": "Den här kontakten finns inte", "status": 404, **self.missing}


def document(view: msgspec.Struct) -> dict[str, Any]:
    """A view as the service sends it."""
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(view))
    return decoded
