"""What a request may be at all, before anything reads it."""

from collections.abc import MutableMapping, Sequence
from typing import Any

from presence.web.errors import Problem
from presence.web.refusals import Refusals
from presence.web.shell import App, Receive, Scope, Send

_LONGEST_TARGET = 2_048
_MOST_PARAMETERS = 32


class Guard:
    """Refuses targets that are too long, hold NUL or other control characters, or are no UTF-8. HEAD is GET without a body."""

    def __init__(self, app: App, refusals: Refusals) -> None:
        self._app = app
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refusal := self._refusal(scope)):
            await self._refusals.send(scope, send, Problem(*refusal))
            return
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        path: str = scope["path"]
        query: bytes = scope["query_string"]
        if len(path) + len(query) > _LONGEST_TARGET or query.count(b"&") >= _MOST_PARAMETERS:
            return 414, "too-long"
        if not path.isprintable() or "\ufffd" in path or b"%00" in query:
            return 400, "bad-request"
        return None


def _without_body(send: Send) -> Send:
    async def head(message: MutableMapping[str, Any]) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return head


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
