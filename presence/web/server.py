"""The web server of one process."""

import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from presence.ports import Clock
from presence.web.answers import http_date

_SETTINGS: dict[str, Any] = {
    "http": "httptools",
    "loop": "none",
    "lifespan": "off",
    "access_log": False,  # what is searched for is written nowhere
    "log_config": None,
    "server_header": False,
    "date_header": False,
    "proxy_headers": False,  # only the proxies named in the configuration are believed
    "timeout_graceful_shutdown": 3,
}


class WebServer(uvicorn.Server):
    """Tells the parent when it listens; `Date` is by the clock that `Expires` is by, as a reader compares them."""

    def __init__(self, app: Any, ready: Callable[[], None], clock: Clock) -> None:
        super().__init__(uvicorn.Config(app, **_SETTINGS))
        self._ready = ready
        self._clock = clock

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        ends = await super().on_tick(counter)
        self.server_state.default_headers = [(b"date", http_date(self._clock.now())), *self.config.encoded_headers]
        return ends
