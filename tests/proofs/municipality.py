"""The demonstration's municipality as a service: 1,200 people, read through its own connectors into a store."""

import contextlib
import os
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from connectors.demonstration import configuration
from presence.domain.intervals import Instant
from tests.web.service import Service, serving

FULL = bool(os.environ.get("PRESENCE_FULL"))
ADDRESS = "https://kontakt.example.se"


def write(folder: Path) -> Path:
    """Its settings, under an address of its own and without a budget."""
    settings = configuration().replace("[organisation]", f'[organisation]\naddress = "{ADDRESS}"', 1)
    settings = settings.replace("[server]", "[server]\nbudget = 0\nbudget_all = 0", 1)
    (folder / "presence.toml").write_text(settings, "utf-8")
    return folder


@contextlib.asynccontextmanager
async def municipality(folder: Path, at: Instant, *, durable: bool = False) -> AsyncIterator[Service]:
    """As it is at an instant."""
    async with serving(write(folder), at, durable=durable) as service:
        await service.feed(*service.connectors)
        service.turn(at + 2 * service.rules.tick)
        yield service


async def goes_on(service: Service, to: Instant) -> None:
    """Time passes, and all sources are read again."""
    service.turn(to - 2 * service.rules.tick)
    for connector in service.connectors.values():
        await service.take(await connector.fetch())
    service.turn(to)


def public(service: Service, limit: int = 1_000) -> list[str]:
    """Ids of contacts whom the public may know of, in one order."""
    enquiry = service.surface.enquiry()
    return [c for c in sorted(service.board.public.states) if enquiry.public(c)][:limit]


class Step(NamedTuple):
    name: str
    say: str
    open: bool
    ways: int  # links that may be taken now


class Card(HTMLParser):
    """What a page, an embed or a fragment says: the status, its sentences, and the steps in their order."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.status = self.own = ""
        self.said: dict[str, str] = {}  # by part: label, detail, redirect
        self.lead = ""
        self.steps: list[Step] = []
        self._part = self._in = ""
        self._depth = 0
        self.feed(html.decode())
        self.close()

    @property
    def text(self) -> str:
        return " ".join(filter(None, (self.said.get("label", ""), self.said.get("detail", ""))))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "data-status" in given:
            self.status, self._in = given["data-status"] or "", "status"
        elif self._in == "status" and given.get("part") in ("label", "detail", "redirect"):
            self._part = given["part"] or ""
        elif "data-lead" in given:
            self._in = "lead"
        elif "data-open" in given:
            self.steps.append(Step("", "", given["data-open"] == "yes", 0))
            self._in = "step"
        elif self._in in ("step", "say") and given.get("class") == "who":
            self._in = "who"
        elif self._in in ("step", "who") and given.get("part") == "say":
            self._in = "say"
        if tag == "a" and given.get("class") == "act" and self.steps:
            self.steps[-1] = self.steps[-1]._replace(ways=self.steps[-1].ways + 1)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("p", "span", "strong"):
            self._part = ""
        if tag == "p":
            self._in = "step" if self._in in ("who", "say") else ""
        elif tag == "ol":
            self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in == "status" and self._part:
            self.said[self._part] = self.said.get(self._part, "") + data
        elif self._in == "lead":
            self.lead += data
        elif self._in == "who" and data.strip():
            self.steps[-1] = self.steps[-1]._replace(name=self.steps[-1].name + data)
        elif self._in == "say" and data.strip():
            self.steps[-1] = self.steps[-1]._replace(say=self.steps[-1].say + data)
