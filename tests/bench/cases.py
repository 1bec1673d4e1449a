"""The servers that the HTTP benchmark compares, one a process: `python -m tests.bench.cases NAME FD`.

All serve the same 20,000 invented contacts and answer the same bytes.
"""

import os
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import uvicorn
import uvloop
from litestar import Litestar, Response, get
from redis.asyncio import Redis

from presence import wording
from presence.board import Board
from presence.clock import SystemClock
from presence.domain.directory import Publication, PublicationRule, public_id
from presence.domain.facts import Calendar, ChannelRecord, ContactRecord, Fact, Post, SourceHealth, UnitRecord, key
from presence.domain.hours import HoursSpec
from presence.domain.rules import Rules, SourceRule
from presence.domain.views import PublicContact
from presence.live import Live
from presence.stores.memory import MemoryStore
from presence.web.budgets import Budgets
from presence.web.shell import Shell
from presence.web.surface import Surface

CONTACTS = 20_000
App = Callable[..., Awaitable[None]]
RULES = Rules(
    address="https://kontakt.example.se",
    hours=HoursSpec("24/7"),
    centre=public_id(b"k", "centre"),
    publication=Publication((PublicationRule("*", "shown"),)),
    sources={"ldap": SourceRule("directory", 86_400), "calendar": SourceRule("calendar", 900)},
)


def contact_id(number: int) -> str:
    return public_id(b"k", f"person {number}")


def facts() -> list[Fact]:
    """Contacts with a post, three channels and a calendar each, and the centre."""
    found = [
        Fact(key("unit", "u1", "ldap"), UnitRecord(name="Bygglov")),
        Fact(
            key("contact", RULES.centre, "ldap"),
            ContactRecord(
                type="service_point", name="Servicecenter", channels=(ChannelRecord("telephone", "+4631390600"),), hours="24/7"
            ),
        ),
        Fact(key("source", "calendar"), SourceHealth("calendar", ok_at=1, ok_until=2**40)),
    ]
    for n in range(CONTACTS):
        channels = (ChannelRecord("telephone", f"+46313906{n:05d}"), ChannelRecord("e-mail", f"anna.berg{n}@example.se"))
        record = ContactRecord(name=f"Anna Berg {n}", posts=(Post("Handläggare", "u1"),), channels=channels)
        found += [
            Fact(key("contact", contact_id(n), "ldap"), record),
            Fact(key("calendar", contact_id(n), "calendar"), Calendar()),
        ]
    return found


async def surface() -> Surface:
    clock = SystemClock()
    store = MemoryStore(clock=lambda: clock.now() - 60)
    await store.append(facts())
    live = Live(store, Board(RULES), clock)
    await live.start()
    return Surface(live, wording.load(RULES.languages, RULES.zone))


async def shell() -> App:
    served = await surface()
    for n in range(CONTACTS):
        served.contact(contact_id(n), "sv")

    async def nothing(*_: Any) -> None:
        raise RuntimeError("only look-ups are measured")

    return Shell(nothing, served.live, served, Budgets(each=10**9, contacts=100_000))


async def bare() -> App:
    served = await surface()
    body = served.contact(contact_id(1), "sv").body
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    rest = {"type": "http.response.body", "body": body}

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send(start)
        await send(rest)

    return app


async def litestar() -> App:
    """A look-up as the framework's documentation would have it: a path parameter and a struct."""
    served = await surface()
    decode = msgspec.json.Decoder(PublicContact).decode
    known = {contact_id(n): decode(served.contact(contact_id(n), "sv").body) for n in range(CONTACTS)}

    @get("/v1/contacts/{contact:str}")
    async def one(contact: str) -> PublicContact:
        return known[contact]

    return Litestar([one], openapi_config=None, logging_config=None)


async def litestar_redis() -> App:
    """The same with the contact in Redis: one GET a request."""
    served = await surface()
    redis = Redis(port=int(os.environ["REDIS_PORT"]))
    for n in range(CONTACTS):
        await redis.set(contact_id(n), served.contact(contact_id(n), "sv").body)

    @get("/v1/contacts/{contact:str}")
    async def one(contact: str) -> Response[bytes]:
        found = await redis.get(contact)
        return Response(found if isinstance(found, bytes) else b"", media_type="application/json")

    return Litestar([one], openapi_config=None, logging_config=None)


CASES = {"bare": bare, "lookup": shell, "litestar": litestar, "litestar-redis": litestar_redis}


async def main(name: str, fd: int) -> None:
    app: Any = await CASES[name]()
    config = uvicorn.Config(app, http="httptools", lifespan="off", access_log=False, log_config=None, server_header=False)
    await uvicorn.Server(config).serve([socket.socket(fileno=fd)])


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
