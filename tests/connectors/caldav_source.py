"""A CalDAV source over a scripted server, for tests."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from connectors.caldav import CalDav
from connectors.dav.settings import CalDavSettings
from presence.ports import Batch
from tests.connectors.dated import ANNA, HERE, Clock
from tests.servers.scripted_dav import ScriptedDav

T = TypeVar("T")


def using(server: ScriptedDav, use: Callable[[CalDav], Awaitable[T]], clock: Clock | None = None, **settings: Any) -> T:
    """What a source gives, which is closed afterwards. Anna's calendar is at `anna/` unless the settings say otherwise."""
    given: dict[str, Any] = {"url": server.url, "allow_networks": HERE}
    if not settings.keys() & {"people", "list_file", "calendars"}:
        given["calendars"] = {ANNA: "anna/"}
    interval = settings.pop("interval", 300.0)

    async def run() -> T:
        source = CalDav("caldav", CalDavSettings(**(given | settings)), interval, now=clock or Clock())
        try:
            return await use(source)
        finally:
            await source.close()

    return asyncio.run(run())


def fetched(server: ScriptedDav, **settings: Any) -> Batch:
    return using(server, lambda source: source.fetch(), **settings)


def account(tmp_path: Path, secret: str = "hemligt") -> dict[str, Any]:
    """Settings of an account over http."""
    (tmp_path / "password").write_text(f"{secret}\n")
    return {"user": "presence", "password_file": str(tmp_path / "password"), "insecure": True}
