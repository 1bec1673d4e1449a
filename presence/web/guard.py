"""What a request may be at all, before anything reads it."""

from collections.abc import MutableMapping, Sequence
from typing import Any

from presence.web.answers import Header
from presence.web.errors import Problem
from presence.web.headers import SOURCES, is_open, with_head
from presence.web.refusals import Refusals
from presence.web.shell import App, Receive, Scope, Send

_LONGEST_TARGET = 2_048
_MOST_PARAMETERS = 32
_PREFLIGHT: tuple[Header, ...] = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"accept, accept-language, cache-control, if-modified-since, if-none-match, pragma"),
    (b"access-control-max-age", b"86400"),
)
"""What a browser asks before a page of another site sends such headers. None of them is secret, and one is of use."""


class Guard:
    """Refuses targets that are too long. What is no text in a path is in no name there is. HEAD is GET without a body."""

    def __init__(self, app: App, refusals: Refusals) -> None:
        self._app = app
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refusal := self._refusal(scope)):
            await self._refusals.send(scope, send, Problem(*refusal))
            return
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        elif scope["type"] == "http" and scope["method"] == "OPTIONS":
            send = _telling_methods(send, is_open(scope["path"]))
        if scope["type"] == "http" and not scope["path"].isprintable():
            scope = {**scope, "path": "".join(c if c.isprintable() else "\ufffd" for c in scope["path"])}
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        path: str = scope["path"]
        query: bytes = scope["query_string"]
        if len(path) + len(query) > _LONGEST_TARGET or query.count(b"&") >= _MOST_PARAMETERS:
            return 414, "too-long"
        if path.startswith(SOURCES) and (not path.isprintable() or "\ufffd" in path or b"%00" in query):
            return 400, "bad-request"
        return None


def _without_body(send: Send) -> Send:
    async def head(message: MutableMapping[str, Any]) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return head


def _telling_methods(send: Send, is_open: bool) -> Send:
    """The framework answers OPTIONS by `Allow`; to that comes what it knows nothing of."""

    async def options(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start" and message["status"] == 204:
            found = {name.lower(): value for name, value in message["headers"]}
            allowed = with_head(found[b"allow"].decode())
            more = _PREFLIGHT if is_open and "GET" in allowed else ()
            message = {**message, "headers": [*(found | {b"allow": allowed.encode()}).items(), *more]}
        await send(message)

    return options


class Hosts:
    """Refuses requests for another host than ours, or for none or several."""

    def __init__(self, app: App, allowed: Sequence[str], refusals: Refusals) -> None:
        self._app = app
        self._refusals = refusals
        self._allowed = frozenset(host.lower().encode() for host in allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hosts = [value for name, value in scope.get("headers", ()) if name == b"host"]
        if scope["type"] == "http" and (len(hosts) != 1 or hosts[0].partition(b":")[0].lower() not in self._allowed):
            await self._refusals.send(scope, send, Problem(400, "bad-host"))
            return
        await self._app(scope, receive, send)
