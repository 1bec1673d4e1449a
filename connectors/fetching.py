"""Getting a file over http(s) from an address that an administrator wrote down, and nothing else from anywhere else.

Guards against addresses that resolve into the own network (each connection goes to the very address that was judged, so a
name that resolves otherwise the second time gains nothing), redirects to such addresses, answers without end in time or size,
compressed bombs, and credentials or cookies that travel on. No proxy is used: behind one nobody could tell where it leads.
"""

import asyncio
import base64
import contextlib
import ipaddress
import logging
import socket
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpcore
import httpx
import msgspec

from presence.ports import SourceInvalid, SourceUnavailable

logging.getLogger("httpcore").setLevel(logging.INFO)  # below, it writes addresses and headers down: secrets, and file names

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_UNICAST6 = ipaddress.ip_network("2000::/3")  # all that is routed; Python calls much else global
_6TO4 = ipaddress.ip_network("2002::/16"), ipaddress.ip_network("192.88.99.0/24")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MARK = 1_024  # the longest ETag or date that is kept


class FetchLimits(msgspec.Struct, frozen=True):
    """Seconds and bytes; `size` bounds the wire and what is inflated from it."""

    connect: float = 5.0
    idle: float = 10.0
    total: float = 30.0
    size: int = 5_000_000
    redirects: int = 3


LIMITS = FetchLimits()


class Fetched(msgspec.Struct, frozen=True):
    """`body` is None where the server says that nothing changed. `etag` and `modified` are given back the next time."""

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
        """To the first address that answers. One that must not be asked refuses them all."""
        try:
            async with asyncio.timeout(timeout):
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, TimeoutError) as error:
            raise httpcore.ConnectError("the name does not resolve") from error
        addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
        if not addresses or not all(self._may(address) for address in addresses):
            raise SourceUnavailable("address-refused", "the address lies in a network that is not allowed")
        for address in addresses[:-1]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._inner.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    def _may(self, text: str) -> bool:
        address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(text.partition("%")[0])
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        if any(address in network for network in self._allowed):
            return True
        if address.version == 6 and address not in _UNICAST6:
            return False
        return address.is_global and not address.is_multicast and not any(address in network for network in _6TO4)


class Fetcher:
    """Many files over few connections. `allowed`: networks beyond the open internet; `ca_file`: certificates of an own authority.

    Raises OSError or ValueError where one of them is not of use.
    """

    def __init__(
        self,
        allowed: Sequence[str] = (),
        limits: FetchLimits = LIMITS,
        connections: int = 8,
        *,
        ca_file: str = "",
        now: Callable[[], float] = time.time,
    ) -> None:
        self._limits = limits
        self._now = now
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_trust(ca_file),
            max_connections=connections,
            keepalive_expiry=limits.idle,
            network_backend=Guard(ipaddress.ip_network(network, strict=False) for network in allowed),
        )

    async def get(self, url: str, etag: str = "", modified: str = "", headers: Mapping[str, str] | None = None) -> Fetched:
        """A conditional GET. `headers`, and a name and password in the address, go to that address only, over no redirect.

        Raises `SourceUnavailable`; its code is `unreachable` only where no connection came about.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": modified}
        async with self._bounded():
            return await self._follow(url, {name: value for name, value in conditions.items() if value}, headers or {})

    async def close(self) -> None:
        await self._pool.aclose()

    @contextlib.asynccontextmanager
    async def _bounded(self) -> AsyncIterator[None]:
        """What goes wrong on the way within, as `SourceUnavailable`; it takes no longer than accepted."""
        try:
            async with asyncio.timeout(self._limits.total):
                yield
        except httpcore.ConnectTimeout:
            raise SourceUnavailable("unreachable", "the server did not answer in time") from None
        except httpcore.ConnectError as error:
            if isinstance(error.__cause__ or error.__context__, ssl.SSLError):
                raise SourceUnavailable("certificate-refused", "the server's certificate cannot be trusted") from None
            raise SourceUnavailable("unreachable", "the server could not be reached") from None
        except (TimeoutError, httpcore.TimeoutException):
            raise SourceUnavailable("stalled", "the answer took too long") from None
        except (httpcore.NetworkError, httpcore.ProtocolError):
            raise SourceUnavailable("broken-off", "the server broke off, or does not speak HTTP") from None

    @contextlib.asynccontextmanager
    async def _asked(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], body: bytes | None = None
    ) -> AsyncIterator[httpcore.Response]:
        """One request, and the head of its answer."""
        async with self._pool.stream(
            method.encode(),
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=[(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()],
            content=body,
            extensions={"timeout": {"connect": self._limits.connect, "read": self._limits.idle, "write": self._limits.idle}},
        ) as response:
            yield response

    async def _follow(self, address: str, conditions: Mapping[str, str], credentials: Mapping[str, str]) -> Fetched:
        url = address_of(address)
        own = {**basic_of(url), **credentials}
        for _ in range(self._limits.redirects + 1):
            headers = {"Accept": "text/calendar, */*;q=0.1", "Accept-Encoding": "gzip", "User-Agent": "presence"}
            async with self._asked("GET", url, {**headers, **conditions, **own}) as response:
                given = headers_of(response)
                if response.status not in _REDIRECTS or "location" not in given:
                    return await self._take(response, given)
            url, own = address_of(given["location"], url), {}
        raise SourceUnavailable("too-many-redirects", "the address leads on and on")

    async def _take(self, response: httpcore.Response, given: Mapping[str, str]) -> Fetched:
        if response.status == 304:
            return Fetched(None)
        if response.status != 200:
            raise SourceUnavailable(f"http-{response.status}", "", self._retry_after(given.get("retry-after", "")))
        body = await self._body(response, given)
        etag, modified = given.get("etag", ""), given.get("last-modified", "")
        return Fetched(body, etag if len(etag) <= _MARK else "", modified if len(modified) <= _MARK else "")

    async def _body(self, response: httpcore.Response, given: Mapping[str, str]) -> bytes:
        encoding = given.get("content-encoding", "").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise SourceInvalid("encoding-refused", "the answer is packed in a way that was not asked for")
        inflate = zlib.decompressobj(16 + zlib.MAX_WBITS) if "gzip" in encoding else None
        wire, size = 0, 0
        parts: list[bytes] = []
        async for chunk in response.aiter_stream():
            wire += len(chunk)
            try:
                part = inflate.decompress(chunk, max(1, self._limits.size - size + 1)) if inflate else chunk
            except zlib.error:
                raise SourceInvalid("encoding-refused", "the answer is not packed as it says") from None
            size += len(part)
            if max(wire, size) > self._limits.size:
                raise SourceInvalid("too-large", f"the answer is larger than {self._limits.size} bytes")
            if inflate and inflate.unused_data:
                raise SourceInvalid("encoding-refused", "something follows what was packed")
            parts.append(part)
        if inflate and not inflate.eof:
            raise SourceInvalid("truncated", "the answer ends too early")
        return b"".join(parts)

    def _retry_after(self, text: str) -> float | None:
        """Seconds, from seconds or a date (RFC 9110, 10.2.3)."""
        if text.isascii() and text.isdecimal():
            return float(text[:9])
        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - self._now())
        except (ValueError, TypeError, OverflowError):
            return None


@cache
def _trust(ca_file: str) -> ssl.SSLContext:
    """The bundled authorities and those of the system, where an organisation's own may be; and that of a file."""
    trust = httpx.create_ssl_context()
    trust.load_default_certs()
    if ca_file:
        trust.load_verify_locations(ca_file)
    return trust


def address_of(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """An address that may be asked; with `base`, where a redirect from there leads. Raises `SourceUnavailable`."""
    try:
        url = base.join(text) if base else httpx.URL(text.strip())
    except (httpx.InvalidURL, ValueError):
        raise SourceUnavailable("address-refused", "the address is none") from None
    if url.scheme not in ("http", "https") or not url.raw_host:
        raise SourceUnavailable("address-refused", "only http and https addresses are read")
    if base and base.scheme == "https" and url.scheme == "http":
        raise SourceUnavailable("address-refused", "the address leads from https to clear text")
    return url


def basic_of(url: httpx.URL) -> dict[str, str]:
    """Name and password in the address, as RFC 7617 has them."""
    if not url.userinfo:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(f"{url.username}:{url.password}".encode()).decode()}


def headers_of(response: httpcore.Response) -> dict[str, str]:
    """Names in small letters; what is given twice is joined, as for a list."""
    found: dict[str, str] = {}
    for raw, value in response.headers:
        name = raw.decode("latin-1").lower()
        found[name] = f"{found[name]}, {value.decode('latin-1')}" if name in found else value.decode("latin-1")
    return found
