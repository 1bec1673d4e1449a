"""Asks one CalDAV server, as one account, over few connections that are kept open."""

import base64
from collections.abc import Callable
from typing import NamedTuple

import httpx

from connectors.fetching import Fetcher, address_of, headers_of
from presence.ports import SourceInvalid, SourceUnavailable

XML = 'application/xml; charset="utf-8"'
_SAME_METHOD = frozenset({301, 302, 307, 308})
_REFUSED = 900.0  # seconds that an account is left alone that was refused, so that it is not locked
_TRIES = 3  # refusals, with no success in the same round, before the rest is not asked
OURS_TO_JUDGE = frozenset({200, 207, 400, 403, 404, 405, 409, 410, 412, 415, 422, 501, 507})


class Answer(NamedTuple):
    status: int
    body: bytes


def basic(user: str, password: str) -> str:
    """The value of Authorization that RFC 7617 has."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Client(Fetcher):
    """`server`: nothing is asked, and no credential sent, anywhere else. `authorize` gives the value of Authorization, or ""."""

    server: httpx.URL
    authorize: Callable[[], str]
    refused = 0  # how often the account was, while `accepted` is not so
    accepted = False  # the account was, in this round

    def at(self, server: str, authorize: Callable[[], str]) -> "Client":
        """This client, bound to a server."""
        self.server, self.authorize = address_of(server.rstrip("/") + "/"), authorize
        return self

    def address(self, place: str) -> httpx.URL:
        """An address on the server, from one that may be relative to it. Raises `SourceUnavailable`."""
        return self._own(address_of(place, self.server), "address-refused")

    def begin(self) -> None:
        """Begin a round."""
        self.refused, self.accepted = 0, False

    async def ask(self, method: str, place: str, body: bytes, *, depth: str = "", form: str = XML) -> Answer:
        """One request and its whole answer, with a status of `OURS_TO_JUDGE`. Raises `SourceUnavailable` for any other."""
        if self.refused >= _TRIES and not self.accepted:
            raise SourceInvalid("credentials", "the server refuses the account", _REFUSED)
        headers = {"Content-Type": form, "Accept-Encoding": "gzip", "User-Agent": "presence"}
        headers |= {name: value for name, value in (("Depth", depth), ("Authorization", self.authorize())) if value}
        async with self._bounded():
            url = self.address(place)
            for _ in range(self._limits.redirects + 1):
                async with self._asked(method, url, headers, body) as response:
                    given = headers_of(response)
                    answer = Answer(response.status, await self._body(response, given))
                if answer.status not in _SAME_METHOD or "location" not in given:
                    return self._judged(answer, given)
                url = self._own(address_of(given["location"], url), "redirect-refused")
        raise SourceUnavailable("too-many-redirects", "the address leads on and on")

    def _own(self, url: httpx.URL, code: str) -> httpx.URL:
        if _origin(url) != _origin(self.server) or url.userinfo:
            raise SourceInvalid(code, "the address lies elsewhere than the server that is configured")
        return url

    def _judged(self, answer: Answer, given: dict[str, str]) -> Answer:
        if answer.status == 401:
            self.refused += 1
            raise SourceInvalid("credentials", "the server refuses the account", _REFUSED)
        if answer.status not in OURS_TO_JUDGE:
            raise SourceUnavailable(f"http-{answer.status}", "", self._retry_after(given.get("retry-after", "")))
        self.accepted = True
        return answer


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host.lower(), url.port
