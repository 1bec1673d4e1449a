"""The demonstration's municipality, served as an installation would serve it, and asked by searching alone."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from presence.web.search_box import SearchBox
from presence.web.surface import Surface
from tests.search.queries import Answer
from tests.web.service import contact_id, serving

AT = 1_792_400_400
KINDS = ("contacts", "units", "topics")
Hits = dict[str, list[dict[str, Any]]]


@cache
def answers(queries: tuple[str, ...]) -> dict[str, Hits]:
    """What `GET /v1/contacts?q=` says to each."""
    return asyncio.run(_asked(queries))


async def _asked(queries: tuple[str, ...]) -> dict[str, Hits]:
    async with _town() as surface:
        box = SearchBox(surface)
        return {query: msgspec.json.decode(box.answer(query, "sv").body) for query in queries}


@asynccontextmanager
async def _town() -> AsyncIterator[Surface]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with as_file(files("connectors.demonstration").joinpath("presence.toml")) as file:
            shutil.copy(file, folder / "presence.toml")
        async with serving(folder, AT) as service:
            await service.feed("directory")
            service.turn(AT + 60)
            yield service.surface


def is_right(answer: Answer, hits: Hits) -> bool:
    """Within the first three of its kind."""
    if answer.contact:
        return contact_id(answer.contact) in [hit["id"] for hit in hits["contacts"][:3]]
    if answer.topic:
        return answer.topic in [hit["id"] for hit in hits["topics"][:3]]
    return answer.unit in ["/".join(hit["path"]) for hit in hits["units"][:3]]


class Bearer(NamedTuple):
    """Somebody whom the public may find, as the directory names them."""

    id: str
    given: str
    family: str
    mail: str  # empty where the address is not always shown


@cache
def bearers() -> tuple[Bearer, ...]:
    """All people whom the demonstration publishes."""
    return asyncio.run(_bearers())


async def _bearers() -> tuple[Bearer, ...]:
    async with _town() as surface:
        enquiry = surface.enquiry()
        found = [contact for c in enquiry.picture.states if (contact := enquiry.public(c)) and contact.type == "person"]
        return tuple(
            Bearer(c.id, c.given, c.family, next((x.value for x in c.channels if x.kind == "e-mail"), "")) for c in found
        )
