"""A server that gives to each WebDAV request the answer that a test has set down, and keeps what it was asked.

It knows nothing of calendars: for what real servers do not offer (scheduling outboxes, RFC 6638), refuse, or get wrong.
"""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from tests.servers.certificates import Certificate

NAMES = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"'
REPORTS = ("sync-collection", "C:free-busy-query", "C:calendar-query")


class Asked(NamedTuple):
    kind: str  # the method; a report by its name; a PROPFIND for one mark by the name of that
    path: str
    headers: Mapping[str, str]
    body: bytes


class Reply(NamedTuple):
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}


Told = Reply | Callable[[Asked], Reply]


class ScriptedDav(ThreadingHTTPServer):
    """Whatever was not set down is a 404."""

    daemon_threads = True

    def __init__(self, tls: Certificate | None = None) -> None:
        self.replies: dict[tuple[str, str], Told] = {}
        self.asked: list[Asked] = []
        self.connections = 0
        super().__init__(("127.0.0.1", 0), _Script)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_address[1]}/dav/"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls.certificate, tls.key)
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, *_: object) -> None:
        """The client had enough."""

    def on(self, kind: str, path: str, status: int, body: bytes | str = b"", **headers: str) -> None:
        """From now on, answer like this; `path` is relative to `url`."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        self.replies[kind, f"/dav/{path}"] = Reply(status, body.encode() if isinstance(body, str) else body, given)

    def call(self, kind: str, path: str, answer: Callable[[Asked], Reply]) -> None:
        self.replies[kind, f"/dav/{path}"] = answer

    def calendar(self, path: str, text: bytes = b"", **marks: Any) -> None:
        """A collection: `text` is its free and busy times; `reports`, `token` and `tag` are what it says of itself."""
        self.on("PROPFIND", path, 207, described(path, **marks))
        self.on("free-busy-query", path, 200, text, Content_Type="text/calendar")
        self.on("sync-collection", path, 207, synchronised(marks.get("token", "")))

    def kinds(self, path: str = "") -> list[str]:
        """Of the requests since the last time this was asked, of one path or all."""
        found = [each.kind for each in self.asked if not path or each.path == f"/dav/{path}"]
        self.asked.clear()
        return found


def described(
    path: str, *, reports: tuple[str, ...] | None = REPORTS, token: str = "", tag: str = "", kind: str = "C:calendar"
) -> str:
    """The answer to a PROPFIND of a collection."""
    known = "".join(f"<supported-report><report><{name}/></report></supported-report>" for name in reports or ())
    props = f"<resourcetype><collection/>{f'<{kind}/>' if kind else ''}</resourcetype>"
    props += f"<supported-report-set>{known}</supported-report-set>" if reports is not None else ""
    props += (f"<sync-token>{token}</sync-token>" if token else "") + (f"<S:getctag>{tag}</S:getctag>" if tag else "")
    return multistatus(response(path, props))


def response(path: str, props: str, status: int = 200) -> str:
    propstat = f"<propstat><prop>{props}</prop><status>HTTP/1.1 {status} Said</status></propstat>"
    return f"<response><href>/dav/{path}</href>{propstat}</response>"


def multistatus(*responses: str, token: str = "") -> str:
    more = f"<sync-token>{token}</sync-token>" if token else ""
    return f'<?xml version="1.0" encoding="utf-8"?><multistatus {NAMES}>{"".join(responses)}{more}</multistatus>'


def synchronised(token: str, *changed: str) -> str:
    """The answer to a sync-collection."""
    return multistatus(*(response(path, '<getetag>"1"</getetag>') for path in changed), token=token)


def objects(path: str, *texts: bytes) -> str:
    """The answer to a calendar-query."""
    said = (f"<C:calendar-data>{escape(text.decode())}</C:calendar-data>" for text in texts)
    return multistatus(*(response(f"{path}{number}.ics", data) for number, data in enumerate(said)))


class _Script(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ScriptedDav

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(self._kind(body), self.path, dict(self.headers.items()), body)
        self.server.asked.append(asked)
        told = self.server.replies.get((asked.kind, self.path), Reply(404))
        reply = told if isinstance(told, Reply) else told(asked)
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in reply.headers:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def _kind(self, body: bytes) -> str:
        names: dict[str, tuple[str, ...]] = {
            "REPORT": ("sync-collection", "free-busy-query", "calendar-query"),
            "PROPFIND": () if b"resourcetype" in body else ("getctag", "getetag"),
        }
        return next((name for name in names.get(self.command, ()) if name.encode() in body), self.command)

    do_PROPFIND = do_REPORT = do_POST = do_GET = _answer  # noqa: N815  # names are those of http.server

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def scripted_dav(tls: Certificate | None = None) -> Iterator[ScriptedDav]:
    """A server for the length of a `with`."""
    with ScriptedDav(tls) as made:
        Thread(target=made.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield made
        finally:
            made.shutdown()
