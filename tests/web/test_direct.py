"""What the hot path writes to the server's connection itself is what the server would have written."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from presence.web.answers import Answer
from presence.web.direct import Direct

DATE = [(b"date", b"Tue, 24 Nov 2026 09:00:00 GMT")]
EXPIRES = (b"expires", b"Tue, 24 Nov 2026 09:00:30 GMT")


class Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


def cycle(transport: Transport, ended: Callable[[], None] = lambda: None, keep_alive: bool = True) -> RequestResponseCycle:
    scope: Any = {"type": "http", "method": "GET", "headers": []}
    log = logging.getLogger("server")
    return RequestResponseCycle(
        scope, transport, FlowControl(transport), log, log, False, DATE, asyncio.Event(), False, keep_alive, ended
    )


async def _both_ways(answer: Answer, not_modified: bool) -> tuple[bytes, bytes]:
    plain, direct = Transport(), Transport()
    server = cycle(plain)
    if not_modified:
        await server.send(answer.not_modified_message(EXPIRES))  # type: ignore[arg-type]
        await server.send({"type": "http.response.body", "body": b"", "more_body": False})
    else:
        await server.send(answer.start_message(EXPIRES))  # type: ignore[arg-type]
        await server.send(answer.body_message)  # type: ignore[arg-type]
    assert Direct().send(cycle(direct).send, answer, EXPIRES, not_modified)
    return plain.written, direct.written


@pytest.mark.parametrize("not_modified", [False, True])
@pytest.mark.parametrize("status", [200, 404, 429])
def test_the_bytes_on_the_wire_are_the_servers_own(status: int, not_modified: bool) -> None:
    answer = Answer('{"name":"Åsa"}'.encode(), 0, status=status)
    plain, direct = asyncio.run(_both_ways(answer, not_modified))
    assert direct == plain


def test_the_response_counts_as_ended_for_the_server() -> None:
    ended: list[bool] = []

    async def run() -> RequestResponseCycle:
        one = cycle(Transport(), lambda: ended.append(True))
        assert Direct().send(one.send, Answer(b"{}", 0), EXPIRES, False)
        return one

    one = asyncio.run(run())
    assert (one.response_started, one.response_complete, ended) == (True, True, [True])


def test_a_connection_that_is_to_close_or_another_server_gets_the_ordinary_way() -> None:
    async def run() -> list[bool]:
        answer, transport = Answer(b"{}", 0), Transport()

        async def other(_message: Any) -> None: ...

        closing = cycle(transport, keep_alive=False)
        gone = cycle(transport)
        gone.disconnected = True
        tried = [Direct().send(send, answer, EXPIRES, False) for send in (other, closing.send, gone.send)]
        assert transport.written == b""
        return tried

    assert asyncio.run(run()) == [False, False, False]
