"""The hot path: an ASGI callable in front of Litestar.

It answers public look-ups of contacts (`/v1/contacts/{id}` and `/v1/contacts?ids=`, each with `lang=`) from ready answers, and
hands everything else on. Litestar's router and response cost more than the whole look-up (docs/benchmarks.md); so does each
header a little, in the web server, which is why only those are sent that do something.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from presence.live import Live
from presence.web.answers import Answer, Header, http_date, matches
from presence.web.budgets import Budgets
from presence.web.direct import Direct
from presence.web.surface import Surface

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_PREFIX = "/v1/contacts/"
_SEVERAL = "/v1/contacts"
_MOST_READY = 200_000
_EMPTY = {"type": "http.response.body", "body": b""}


class Shell:
    """See the module."""

    def __init__(self, app: App, live: Live, surface: Surface, budgets: Budgets) -> None:
        self._app = app
        self._live = live
        self._now = live.clock.now
        self._surface = surface
        self._budgets = budgets
        self._ready: dict[tuple[str, bytes], Answer] = {}
        self._refusals: dict[tuple[str, bool], Answer] = {}
        self._seen: defaultdict[str, set[Answer]] = defaultdict(set)  # who was shown what within this tick: counted already
        self._seen_in_all = 0
        self._direct = Direct()
        self._expires: Header = (b"expires", b"0")
        self._tick = 0
        self._again = surface.counts.again
        live.listen(lambda _changed: self._ready.clear())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" and scope["method"] == "GET" else ""
        if not (path.startswith(_PREFIX) or path == _SEVERAL):
            await self._app(scope, receive, send)
            return
        now = self._now()
        if now >= self._live.next_tick or self._tick != self._live.board.tick:
            self._turn()
        client = scope["client"]
        answer: Answer | None
        if client and not self._budgets.look_up(client[0], now):
            answer = self._refusal(scope["query_string"], now)
        else:
            answer = self._ready.get((path, scope["query_string"]))
            if answer is None:
                answer = self._look_up(path, scope["query_string"])
                if answer is None:
                    if client:
                        self._budgets.give_back(client[0])  # counted where it is answered
                    await self._app(scope, receive, send)
                    return
                if answer.status == 404 and client and not self._budgets.of_all(now):
                    answer = self._refusal(scope["query_string"], now)
            if client and answer.shows and answer not in self._seen[client[0]]:
                answer = self._met(client[0], answer, scope["query_string"], now)
        not_modified = False
        for name, value in scope["headers"]:
            if name == b"if-none-match":
                not_modified = answer.status == 200 and matches(value, answer.etag)
                break
        (self._again if not_modified else answer.count).n += 1
        if self._direct.send(send, answer, self._expires, not_modified):
            return
        if not_modified:
            await send(answer.not_modified_message(self._expires))
            await send(_EMPTY)
        else:
            await send(answer.start_message(self._expires))
            await send(answer.body_message)

    def _turn(self) -> None:
        """To the tick that holds now."""
        self._tick = self._live.at_tick()
        self._expires = (b"expires", http_date(self._live.next_tick))
        self._ready.clear()
        self._seen.clear()
        self._seen_in_all = 0
        self._refusals.clear()

    def _met(self, address: str, answer: Answer, query: bytes, now: float) -> Answer:
        """The answer without those at whom the address may not look today; a refusal, where nobody is left."""
        strangers = [contact for contact in answer.shows if not self._budgets.meets(address, contact, now)]
        if not strangers:
            if len(answer.shows) == 1 and self._seen_in_all < _MOST_READY:
                self._seen[address].add(answer)
                self._seen_in_all += 1
            return answer
        rest = self._surface.look_up("", query, strangers) if len(strangers) < len(answer.shows) else None
        return rest or self._refusal(query, now, of_the_day=True)

    def _refusal(self, query: bytes, now: float, *, of_the_day: bool = False) -> Answer:
        """One a tick and language: refusing must cost less than answering."""
        asked = self._surface.language_of(query), of_the_day
        if asked not in self._refusals:
            wait = self._budgets.acquaintance.wait(now) if of_the_day else self._budgets.wait(now)
            self._refusals[asked] = self._surface.too_many(asked[0], wait, of_the_day=of_the_day)
        return self._refusals[asked]

    def _look_up(self, path: str, query: bytes) -> Answer | None:
        """The answer, or None for a request that is not of the plain form; those go the long way."""
        if len(path) > 80 or len(query) > 600:
            return None
        answer = self._surface.look_up(path[len(_PREFIX) :], query)
        is_one = path.startswith(_PREFIX)  # joined answers are many, large, and quickly joined again
        if answer is not None and is_one and answer.status == 200 and len(self._ready) < _MOST_READY:
            self._ready[path, query] = answer
        return answer
