"""The operations listener: what is down is named, and nothing a client or a callable does stops it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from presence.processes import operations, sockets
from presence.processes.operations import Operations


@contextlib.asynccontextmanager
async def listening(answers: Operations) -> AsyncIterator[int]:
    on = sockets.listen("127.0.0.1", 0)
    serving = asyncio.create_task(answers.serve(on))
    try:
        yield on.getsockname()[1]
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        on.close()


async def ask(port: int, request: str) -> tuple[int, str, str]:
    """Status, headers and body of a raw request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode())
    with contextlib.suppress(ConnectionError):
        writer.write_eof()
    answer = (await reader.read()).decode()
    writer.close()
    head, _, body = answer.partition("\r\n\r\n")
    return int(head.split()[1]), head, body


async def get(port: int, path: str) -> tuple[int, Any]:
    status, head, body = await ask(port, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return status, json.loads(body) if "application/json" in head else body


def well() -> Mapping[str, str]:
    return {}


@pytest.mark.anyio
async def test_health_is_well_while_every_child_is_up() -> None:
    async with listening(Operations(well)) as port:
        assert await get(port, "/healthz") == (200, {"status": "ok"})


@pytest.mark.anyio
async def test_health_names_the_children_that_are_down() -> None:
    async with listening(Operations(lambda: {"web-2": "waiting"})) as port:
        assert await get(port, "/healthz") == (503, {"status": "unavailable", "down": {"web-2": "waiting"}})


@pytest.mark.anyio
async def test_readiness_tells_what_it_was_given() -> None:
    async def ready() -> tuple[bool, Mapping[str, Any]]:
        return False, {"sources": {"ldap": 93600}}

    async with listening(Operations(well, ready)) as port:
        assert await get(port, "/readyz") == (503, {"status": "unavailable", "sources": {"ldap": 93600}})


@pytest.mark.anyio
async def test_nothing_is_ready_while_a_child_is_down() -> None:
    async def ready() -> tuple[bool, Mapping[str, Any]]:
        return True, {}

    async with listening(Operations(lambda: {"connectors": "starting"}, ready)) as port:
        assert (await get(port, "/readyz"))[0] == 503


@pytest.mark.anyio
async def test_metrics_are_those_of_the_children_and_those_handed_in() -> None:
    async def metrics() -> str:
        return "presence_answers_total 7\n"

    async with listening(Operations(lambda: {"web-1": "waiting"}, metrics=metrics)) as port:
        status, text = await get(port, "/metrics")
    assert status == 200
    assert {"presence_children_down 1", "presence_answers_total 7"} <= set(text.splitlines())


@pytest.mark.anyio
async def test_a_callable_that_fails_is_not_ready_and_health_goes_on() -> None:
    async def ready() -> tuple[bool, Mapping[str, Any]]:
        raise OSError("the store")

    async with listening(Operations(well, ready)) as port:
        assert await get(port, "/readyz") == (503, {"status": "unavailable", "error": "OSError"})
        assert (await get(port, "/healthz"))[0] == 200


@pytest.mark.anyio
async def test_a_callable_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "TIMEOUT", 0.2)

    async def ready() -> tuple[bool, Mapping[str, Any]]:
        await asyncio.Event().wait()
        raise AssertionError

    async with listening(Operations(well, ready)) as port:
        assert await get(port, "/readyz") == (503, {"status": "unavailable", "error": "TimeoutError"})


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("GET / HTTP/1.1\r\n\r\n", 404),
        ("POST /healthz HTTP/1.1\r\n\r\n", 405),
        ("\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nX: " + "x" * 10_000, 400),
        ("HEAD /healthz?verbose HTTP/1.1\r\n\r\n", 200),
    ],
)
@pytest.mark.anyio
async def test_a_request_that_is_none_of_ours_is_refused(request_: str, status: int) -> None:
    async with listening(Operations(well)) as port:
        assert (await ask(port, request_))[0] == status


@pytest.mark.anyio
async def test_a_client_that_never_asks_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "TIMEOUT", 0.2)
    async with listening(Operations(well)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await asyncio.wait_for(reader.read(), 20) == b""
        writer.close()
