"""Getting a file over http(s) from an address that an administrator wrote down, and nothing else from anywhere else.

Guards against what httpx alone does not stop: addresses that resolve into the own network (each connection goes to the very
address that was judged, so a name that resolves otherwise the second time gains nothing), redirects to such addresses,
answers without end in time or size, and compressed bombs.
"""

import asyncio
import ipaddress
import socket
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx
import msgspec

from presence.ports import SourceInvalid, SourceUnavailable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # Python calls it global, whatever address is within
_6TO4 = ipaddress.ip_network("2002::/16")


class FetchLimits(msgspec.Struct, frozen=True):
    """Seconds and bytes; `size` bounds the wire and what is inflated from it."""

    connect: float = 5.0
    idle: float = 10.0
    total: float = 30.0
    size: int = 5_000_000
    redirects: int = 3


LIMITS = FetchLimits()


class Fetched(msgspec.Struct, frozen=True):
    """`body` is None where the server says that nothing changed."""

    body: bytes | None
    etag: str = ""
    modified: str = ""


class Guard(httpcore.AsyncNetworkBackend):
    """Connects to addresses of the open internet, and to networks that are allowed by name."""

    def __init__(self, allowed: Iterable[Network]) -> None:
        self._allowed = tuple(allowed)
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError("the name does not resolve") from error
        addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
        if not addresses or not all(self._may(a) for a in addresses):
            raise SourceUnavailable("address-refused", "the address lies in a network that is not allowed")
        return await self._inner.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    def _may(self, text: str) -> bool:
        address = ipaddress.ip_address(text.partition("%")[0])
        if any(address in network for network in self._allowed):
            return True
        within = isinstance(address, ipaddress.IPv6Address) and (address in _NAT64 or address in _6TO4)
        return address.is_global and not address.is_multicast and not within


class Fetcher:
    """Many files over few connections."""

    def __init__(self, allowed: Sequence[str] = (), limits: FetchLimits = LIMITS, connections: int = 8) -> None:
        self._limits = limits
        transport = httpx.AsyncHTTPTransport(trust_env=False)
        # httpx has no argument for where connections come from; its transport is a thin wrapper around this pool.
        transport._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=connections,
            network_backend=Guard(ipaddress.ip_network(network, strict=False) for network in allowed),
        )
        self._client = httpx.AsyncClient(
            transport=transport,
            timeout=httpx.Timeout(limits.idle, connect=limits.connect, pool=limits.total),
            trust_env=False,
            follow_redirects=False,
        )

    async def get(self, url: str, etag: str = "", modified: str = "", headers: Mapping[str, str] | None = None) -> Fetched:
        """A conditional GET. `headers` (credentials) go to the first address only. Raises `SourceUnavailable`."""
        asked = {"Accept-Encoding": "gzip, identity;q=0.5"}
        if etag:
            asked["If-None-Match"] = etag
        if modified:
            asked["If-Modified-Since"] = modified
        try:
            async with asyncio.timeout(self._limits.total):
                return await self._follow(url, {**asked, **(headers or {})}, asked)
        except TimeoutError:
            raise SourceUnavailable("stalled", "the answer took too long") from None
        except httpx.TimeoutException:
            raise SourceUnavailable("stalled", "the server did not answer in time") from None
        except (httpx.TransportError, httpx.InvalidURL, ValueError):
            raise SourceUnavailable("unreachable", "the server could not be reached, or broke off") from None

    async def close(self) -> None:
        await self._client.aclose()

    async def _follow(self, url: str, first: Mapping[str, str], later: Mapping[str, str]) -> Fetched:
        headers = first
        for _ in range(self._limits.redirects + 1):
            if urlsplit(url).scheme not in ("http", "https"):
                raise SourceUnavailable("address-refused", "only http and https addresses are read")
            async with self._client.stream("GET", url, headers=headers) as response:
                if response.has_redirect_location:
                    url, headers = urljoin(url, response.headers["location"]), later
                    continue
                return await self._take(response)
        raise SourceUnavailable("too-many-redirects", "the address leads on and on")

    async def _take(self, response: httpx.Response) -> Fetched:
        if response.status_code == 304:
            return Fetched(None)
        if response.status_code != 200:
            raise SourceUnavailable(f"http-{response.status_code}", "", _retry_after(response))
        body = await self._body(response)
        return Fetched(body, response.headers.get("etag", ""), response.headers.get("last-modified", ""))

    async def _body(self, response: httpx.Response) -> bytes:
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip", ""):
            raise SourceInvalid("encoding-refused", "the answer is packed in a way that was not asked for")
        inflate = zlib.decompressobj(16 + zlib.MAX_WBITS) if encoding == "gzip" else None
        wire = 0
        parts: list[bytes] = []
        size = 0
        async for chunk in response.aiter_raw():
            wire += len(chunk)
            try:
                part = inflate.decompress(chunk, self._limits.size - size + 1) if inflate else chunk
            except zlib.error:
                raise SourceInvalid("encoding-refused", "the answer is not packed as it says") from None
            size += len(part)
            if max(wire, size) > self._limits.size:
                raise SourceInvalid("too-large", f"the answer is larger than {self._limits.size} bytes")
            parts.append(part)
        if inflate and not inflate.eof:
            raise SourceInvalid("truncated", "the answer ends too early")
        return b"".join(parts)


def _retry_after(response: httpx.Response) -> float | None:
    text = response.headers.get("retry-after", "")
    return float(text) if text.isdigit() else None
