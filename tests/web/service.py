"""The service in one process, as `presence.app` puts it together, with a clock that is turned by hand.

Requests go to the real ASGI application, so a test asks what a visitor would ask, at the instant that it names.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import httpx
from litestar import Litestar

from presence.app import front_of
from presence.board import Board, Changed
from presence.domain.directory import public_id
from presence.domain.facts import Count, Fact, Stored, key
from presence.domain.intervals import Instant
from presence.installation import Installation
from presence.intake import Intake, Outcome
from presence.live import Live
from presence.meaning import stated
from presence.ports import Batch, Connector, Store
from presence.stores.memory import MemoryStore
from presence.stores.sqlite import SqliteStore
from presence.web.budgets import Budgets
from presence.web.search_box import SearchBox
from presence.web.shell import App
from presence.web.site import create_app, create_litestar
from presence.web.sources import Door
from presence.web.surface import Surface
from presence.web.tokens import Tokens

KEY = b"an installation key for tests..."
VISITOR = "192.0.2.7"
_PATIENCE = 20.0  # seconds until a store that tells nothing is given up


class Clock:
    """Shows what it was set to; wall and steady time move together."""

    def __init__(self, t: float) -> None:
        self.t = t

    def now(self) -> float:
        return float(self.t)

    def steady(self) -> float:
        return float(self.t)


class Answer(NamedTuple):
    """All that a client receives."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        found = [value.decode() for each, value in self.headers if each == name.encode()]
        assert len(found) < 2, f"{name} is sent twice"
        return found[0] if found else None

    def json(self) -> Any:
        return json.loads(self.body)


class _Board(Board):
    """Knows which marker it has seen, so that a test can wait until all before it has arrived."""

    def __init__(self, *rules: Any) -> None:
        super().__init__(*rules)
        self.markers: dict[str, int] = {}

    def put(self, fact: Stored) -> Changed:
        changed = super().put(fact)
        if isinstance(fact.body, Count):
            self.markers[fact.key] = fact.body.hour
        return changed


class Service:
    """One web process with its board. Made by `serving`."""

    def __init__(self, installation: Installation, store: Store, clock: Clock) -> None:
        self.installation, self.store, self.clock = installation, store, clock
        self.rules = installation.rules
        self.intake = Intake(store, self.rules, KEY, clock)
        self.board = _Board(self.rules)
        self.live = Live(store, self.board, clock)
        self.surface = Surface(self.live, installation.wordings())
        self.connectors: dict[str, Connector] = {c.name: c for c in installation.connectors()}
        server = installation.config.server
        self.front = front = front_of(installation, self.surface)
        door = self._door()
        self._parts = (self.surface, SearchBox(self.surface), front)
        budgets = Budgets(server.budget, server.budget_all, server.budget_lookups, contacts=server.budget_contacts)
        self.app: App = create_app(*self._parts, budgets, door, server.allowed_hosts)
        self._marker = 0

    @cached_property
    def litestar(self) -> Litestar:
        """All routes, without the shell in front of them."""
        return create_litestar(*self._parts, self._door())

    def _door(self) -> Door | None:
        sources = self.installation.config.sources
        files = {name: Path(s.token_file) for name, s in sources.items() if s.token_file}
        pushed: Any = {name: self.connectors[name] for name in files}
        return Door(pushed, Tokens.from_files(files), self.intake, self.store, self.clock, "test") if files else None

    async def close(self) -> None:
        await self.live.stop()
        await self.intake.close()
        for connector in self.connectors.values():
            await connector.close()
        await self.store.close()

    # --- time and facts ---

    def turn(self, to: Instant) -> None:
        """Set the clock."""
        self.clock.t = to

    async def feed(self, *sources: str) -> None:
        """What the configuration states, then what each of these sources holds now."""
        await self.take(stated(self.installation.config, int(self.clock.now())))
        for name in sources:
            await self.take(await self.connectors[name].fetch())

    async def take(self, batch: Batch) -> Outcome:
        outcome = await self.intake.take(batch)
        await self.settle()
        return outcome

    async def say(self, facts: Iterable[Fact]) -> None:
        """Put facts into the store that no route takes yet."""
        await self.store.append(list(facts))
        await self.settle()

    async def settle(self) -> None:
        """Return when the board has seen all that is in the store."""
        self._marker += 1
        name = key("count", f"marker-{id(self)}", "0")
        await self.store.append([Fact(name, Count(self._marker))])
        async with asyncio.timeout(_PATIENCE):
            while self.board.markers.get(name, 0) < self._marker:  # noqa: ASYNC110  # the board does not wait for tests
                await asyncio.sleep(0 if isinstance(self.store, MemoryStore) else 0.005)

    # --- requests ---

    async def get(self, target: str, client: str = VISITOR, **headers: str) -> Answer:
        return await ask(self.app, "GET", target, headers=headers, client=client)

    async def put(self, target: str, document: object, kind: str = "application/json", token: str = "", **more: str) -> Answer:
        """A source sends; `document` is JSON unless it is bytes or text. The board has seen it when this returns."""
        body = document.encode() if isinstance(document, str) else document
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"content-type": kind, "authorization": f"Bearer {token}", **more}
        answer = await ask(self.app, "PUT", target, body, headers)
        await self.settle()
        return answer

    def client(self) -> httpx.AsyncClient:
        """For what a client library does with the answers."""
        app: Any = self.app
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://kontakt.example.se")


async def ask(
    app: Any, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None, client: str = VISITOR
) -> Answer:
    """One request to an ASGI application, without a client library between: what is compared are the bytes."""
    path, _, query = target.partition("?")
    given = [(name.replace("_", "-").lower().encode("latin-1"), v.encode("latin-1")) for name, v in (headers or {}).items()]
    if not any(name == b"host" for name, _ in given):
        given.append((b"host", b"kontakt.example.se"))
    if body:
        given.append((b"content-length", str(len(body)).encode()))
    return await deliver(app, method, path.encode(), query.encode(), given, [body], client)


async def deliver(
    app: Any,
    method: str,
    path: bytes,
    query: bytes,
    headers: Sequence[tuple[bytes, bytes]],
    parts: Sequence[bytes] = (b"",),
    client: str = VISITOR,
) -> Answer:
    """As the web server would hand it on: the path decoded as UTF-8 where it is that."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": unquote(path.decode("latin-1")),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": list(headers),
        "client": (client, 40_000),
        "server": ("kontakt.example.se", 443),
        "state": {},
    }
    waiting = [{"type": "http.request", "body": p, "more_body": n < len(parts)} for n, p in enumerate(parts, 1)]
    sent: list[Any] = []

    async def receive() -> Any:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    starts = [m for m in sent if m["type"] == "http.response.start"]
    assert len(starts) == 1, "one answer to one request"
    whole = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    return Answer(starts[0]["status"], tuple((bytes(n), bytes(v)) for n, v in starts[0]["headers"]), whole)


@contextlib.asynccontextmanager
async def serving(folder: Path, at: Instant, *, durable: bool = False) -> AsyncIterator[Service]:
    """A service over the `presence.toml` in a folder, with nothing in it yet; `durable`: over SQLite."""
    key_file = folder / "installation.key"
    key_file.touch(0o600)
    key_file.write_bytes(KEY)
    clock = Clock(at)
    installation = Installation(folder / "presence.toml")
    installation.clock = clock
    store: Store = MemoryStore(clock=clock.now)
    if durable:
        store = SqliteStore(Path(installation.config.store.path), clock=clock.now, poll=0.01)
    service = Service(installation, store, clock)
    await service.live.start()
    try:
        yield service
    finally:
        await service.close()


def contact_id(identity: str) -> str:
    return public_id(KEY, identity)


def unit_id(identity: str) -> str:
    return public_id(KEY, f"unit:{identity}")
