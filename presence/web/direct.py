"""The last step of the hot path: a ready answer written to uvicorn's connection in one piece.

uvicorn checks and joins the headers of every response anew, which costs as much as the whole look-up. A ready answer's bytes are
the same for everybody in a tick, so they are joined once. Only for the one protocol class that is known here, only while its
connection is in plain working order; in every other case the answer goes the ordinary way, and says the same bytes
(tests/web/test_direct.py holds the two together).
"""

from collections.abc import Sequence
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from presence.web.answers import Answer, Header


class Direct:
    """Remembers the server's own headers (`Date`), which change once a second."""

    def __init__(self) -> None:
        self._defaults: Sequence[Header] | None = None
        self._joined = b""

    def send(self, send: Any, answer: Answer, expires: Header, not_modified: bool) -> bool:
        """Whether the answer has been written; False: nothing was."""
        cycle = getattr(send, "__self__", None)
        if type(cycle) is not RequestResponseCycle:
            return False
        if (
            cycle.response_started
            or cycle.disconnected
            or cycle.flow.write_paused
            or not cycle.keep_alive
            or cycle.waiting_for_100_continue
            or cycle.access_log
        ):
            return False
        if cycle.default_headers is not self._defaults:
            self._defaults = cycle.default_headers
            self._joined = join(self._defaults)
        status = 304 if not_modified else answer.status
        cycle.response_started = True
        cycle.transport.write(b"".join((STATUS_LINE[status], self._joined, answer.wire(expires, not_modified))))
        cycle.response_complete = True
        cycle.message_event.set()
        cycle.on_response()
        return True


def join(headers: Sequence[Header]) -> bytes:
    """As they stand on the wire."""
    return b"".join(part for name, value in headers for part in (name, b": ", value, b"\r\n"))
