"""An HTTP proxy that keeps what is asked and answered, unpacked: what a connector has on the wire, and how often it asks."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple


class Exchange(NamedTuple):
    """One request and its answer."""

    method: str
    path: str
    asked: bytes
    status: int
    answered: bytes

    @property
    def kind(self) -> str:
        """The method, or the name of the report."""
        names = (b"sync-collection", b"free-busy-query", b"calendar-query")
        return (
            next((name.decode() for name in names if name in self.asked), self.method) if self.method == "REPORT" else self.method
        )


class Recorder(ThreadingHTTPServer):
    """Forwards to a port of this machine; asks for nothing packed, so that all can be read."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        self.to = port
        self.exchanges: list[Exchange] = []
        self.connections = 0
        super().__init__(("127.0.0.1", 0), _Forward)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/"

    def kinds(self) -> list[str]:
        """Of the requests since the last time this was asked."""
        kinds = [exchange.kind for exchange in self.exchanges]
        self.exchanges.clear()
        return kinds


class _Forward(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Recorder

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kept = {
            name: value for name, value in self.headers.items() if name.lower() not in ("accept-encoding", "connection", "host")
        }
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.to, timeout=20)
        try:
            upstream.request(self.command, self.path, body or None, kept)
            response = upstream.getresponse()
            answered = response.read()
        finally:
            upstream.close()
        self.server.exchanges.append(Exchange(self.command, self.path, body, response.status, answered))
        self.send_response_only(response.status)
        for name, value in response.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answered)))
        self.end_headers()
        self.wfile.write(answered)

    do_PROPFIND = do_REPORT = do_POST = do_GET = _forward  # noqa: N815  # names are those of http.server

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def recorder(port: int) -> Iterator[Recorder]:
    """A recorder for the length of a `with`."""
    with Recorder(port) as made:
        Thread(target=made.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield made
        finally:
            made.shutdown()
