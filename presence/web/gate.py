"""Budgets for all that the shell does not answer itself: search, pages, cards, links. Who harvests pages gets no more than by
look-ups.
"""

from typing import Any

from presence.web.answers import http_date
from presence.web.budgets import Budgets
from presence.web.front import Front
from presence.web.headers import FILES, SOURCES, is_data
from presence.web.shell import App, Receive, Scope, Send
from presence.web.surface import Surface, asked_for


class Gate:
    """Stands between the shell and the framework. Its 429 names the centre, as a page where a page was asked for."""

    def __init__(self, app: App, surface: Surface, front: Front, budgets: Budgets) -> None:
        self._app = app
        self._surface = surface
        self._front = front
        self._budgets = budgets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["client"] and not self._is_free(scope["path"]):
            now = self._surface.live.clock.now()
            if not self._budgets.spend(scope["client"][0], now):
                await self._refuse(scope, send, self._budgets.wait(now))
                return
            if not self._meets(scope, now):
                await self._refuse(scope, send, self._budgets.acquaintance.wait(now), of_the_day=True)
                return
        await self._app(scope, receive, send)

    def _meets(self, scope: Scope, now: float) -> bool:
        """Whether the address may look at those whom it asks for. Nobody meets whom the public does not know."""
        if not self._budgets.acquaintance.limit:
            return True
        enquiry, address = self._surface.enquiry(), scope["client"][0]
        asked = (c for c in asked_for(scope["path"], scope["query_string"]) if enquiry.public(c))
        return all(self._budgets.meets(address, contact, now) for contact in asked)

    def _is_free(self, path: str) -> bool:
        """Files that are there, and the sources, who have tokens."""
        if path.startswith(FILES):
            return path.rpartition("/")[2] in self._front.assets
        return path.startswith(SOURCES)

    async def _refuse(self, scope: Scope, send: Send, wait: int, *, of_the_day: bool = False) -> None:
        self._surface.live.at_tick()
        language = self._surface.language_of(scope["query_string"])
        as_data: Any = is_data(scope["path"])
        answer = (self._surface if as_data else self._front).too_many(language, wait, of_the_day=of_the_day)
        answer.count.n += 1
        await send(answer.start_message((b"expires", http_date(self._surface.live.next_tick))))
        await send(answer.body_message)
