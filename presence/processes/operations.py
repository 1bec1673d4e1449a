"""The operations listener: `/healthz`, `/readyz` and `/metrics`, on an address of its own, never the public one.

It answers from the parent process, so that it goes on answering when a child does not.
"""

import asyncio
import json
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

_log = logging.getLogger("presence.processes")

Readiness = Callable[[], Awaitable[tuple[bool, Mapping[str, Any]]]]
"""Whether the service is ready, and what there is to tell of it: the ages of its sources."""
Metrics = Callable[[], Awaitable[str]]
"""Text in the Prometheus exposition format."""

REQUEST_LIMIT = 8 * 1024
TIMEOUT = 5.0
"""Seconds for a request to arrive, and for its answer to be found."""

Answer = tuple[int, str, str]
_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}


class Operations:
    """Answers on a listening socket until it is cancelled."""

    def __init__(
        self, down: Callable[[], Mapping[str, str]], ready: Readiness | None = None, metrics: Metrics | None = None
    ) -> None:
        self._down = down
        self._ready = ready
        self._metrics = metrics

    async def serve(self, on: socket.socket) -> None:
        server = await asyncio.start_server(self._connected, sock=on, limit=REQUEST_LIMIT)
        try:
            await asyncio.Event().wait()
        finally:
            server.close()  # not waited for: a slow client delays no end

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(TIMEOUT):
                method, path = await self._request(reader)
            status, kind, body = await self._answer(method, path)
            data = body.encode()
            lines = [f"HTTP/1.1 {status} {_REASONS[status]}", f"Content-Type: {kind}", f"Content-Length: {len(data)}"]
            lines += ["Cache-Control: no-store", "Connection: close", "", ""]
            writer.write("\r\n".join(lines).encode() + (b"" if method == "HEAD" else data))
            async with asyncio.timeout(TIMEOUT):
                await writer.drain()
        except (OSError, TimeoutError):
            pass  # who asked is gone, or never asked
        finally:
            writer.close()

    @staticmethod
    async def _request(reader: asyncio.StreamReader) -> tuple[str, str]:
        """Method and path; empty where it is no request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return "", ""
        method, _, rest = head.partition(" ")
        return method, rest.partition(" ")[0].partition("?")[0]

    async def _answer(self, method: str, path: str) -> Answer:
        if not method or not path:
            return 400, "text/plain", "bad request\n"
        if path not in ("/healthz", "/readyz", "/metrics"):
            return 404, "text/plain", "only /healthz, /readyz and /metrics are here\n"
        if method not in ("GET", "HEAD"):
            return 405, "text/plain", "GET\n"
        try:
            async with asyncio.timeout(TIMEOUT):
                return await {"/healthz": self._healthz, "/readyz": self._readyz, "/metrics": self._measured}[path]()
        except Exception as error:  # noqa: BLE001  # the callables are anybody's; the listener goes on
            _log.exception("operations answer failed", extra={"path": path})
            return _told(False, {"error": type(error).__name__})

    async def _healthz(self) -> Answer:
        down = self._down()
        return _told(not down, {"down": dict(down)} if down else {})

    async def _readyz(self) -> Answer:
        if down := self._down():
            return _told(False, {"down": dict(down)})
        if self._ready is None:
            return _told(True, {})
        return _told(*await self._ready())

    async def _measured(self) -> Answer:
        down = self._down()
        own = f"# TYPE presence_children_down gauge\npresence_children_down {len(down)}\n"
        return 200, "text/plain; version=0.0.4; charset=utf-8", own + (await self._metrics() if self._metrics else "")


def _told(well: bool, facts: Mapping[str, Any]) -> Answer:
    body = json.dumps({"status": "ok" if well else "unavailable", **facts}, ensure_ascii=False) + "\n"
    return (200 if well else 503), "application/json", body
