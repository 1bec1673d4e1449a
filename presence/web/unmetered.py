"""Networks that no budget counts: the organisation's own web servers, which ask for every visitor of theirs."""

import ipaddress
from collections.abc import Sequence

from presence.web.shell import App, Receive, Scope, Send

_KEPT = 1_000  # addresses of which it is remembered


class Unmetered:
    """Takes the address off a request from one of the networks: who has none has no budget either."""

    def __init__(self, app: App, networks: Sequence[str]) -> None:
        self._app = app
        self._networks = [ipaddress.ip_network(each) for each in networks]
        self._known: dict[str, bool] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["client"] and self._is_own(scope["client"][0]):
            scope["client"] = None
        await self._app(scope, receive, send)

    def _is_own(self, address: str) -> bool:
        found = self._known.get(address)
        if found is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            found = self._known[address] = self._lies_in(address)
        return found

    def _lies_in(self, address: str) -> bool:
        try:
            where = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        where = getattr(where, "ipv4_mapped", None) or where
        return any(where in network for network in self._networks)
