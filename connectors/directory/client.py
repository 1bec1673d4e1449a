"""The one module that touches ldap3: connect, verify, bind, and read a whole search or nothing.

ldap3 opens, secures and binds the connection and encodes requests, with defaults of ours: certificate and host name are
verified, nothing waits without an end, no referral is followed, no schema is read. What comes back is read by `wire`.

An answer that is not whole is no answer: each page's result code is looked at, since a server that cuts a search short
(sizeLimitExceeded, timeLimitExceeded) hands over what it has beforehand and ldap3 reports success.
"""

import contextlib
import math
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPExceptionError
from ldap3.operation.search import search_operation
from ldap3.protocol.controls import build_control

from connectors.directory import results, wire
from connectors.directory.entry import Entry
from connectors.directory.server import Credentials, Limits, Scope, Server
from presence.ports import SourceInvalid, SourceUnavailable

_SCOPES = {"base": ldap3.BASE, "one": ldap3.LEVEL, "subtree": ldap3.SUBTREE}
_WHO_AM_I = "1.3.6.1.4.1.4203.1.11.3"  # RFC 4532
_DOMAIN_SCOPE = "1.2.840.113556.1.4.1339"  # [MS-ADTS] 3.1.1.3.4.1.4: no references to other partitions


class _VerifiedTls(ldap3.Tls):  # type: ignore[misc]  # ldap3 has no types
    """TLS 1.2 or newer, verified by the standard library; ldap3's own verifies nothing unless told to."""

    def __init__(self, host: str, ca_file: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self.failed = False
        self._host = host
        self._context = ssl.create_default_context(cafile=ca_file or None)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:  # noqa: ARG002  # ldap3's signature
        try:
            connection.socket = self._context.wrap_socket(connection.socket, server_hostname=self._host)
        except (ssl.SSLError, ValueError):
            self.failed = True
            raise


class Client:
    """One connection, for one reading, used by one thread; only `abort` may be called from another."""

    def __init__(self, server: Server, limits: Limits, deadline: float, steady: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._limits = limits
        self._deadline = deadline  # on the clock `steady`
        self._steady = steady
        self._connection: Any = None
        self._wire: wire.Wire | None = None
        self._aborted = threading.Event()

    def open(self, credentials: Credentials) -> None:
        """Connect, secure and bind. Raises `SourceUnavailable` or `SourceInvalid`; then nothing is left open."""
        credentials.check()
        try:
            self._connect(credentials)
            self._bind(anonymous=not credentials.user)
        except BaseException:
            self.close()
            raise
        reader = wire.Wire(self._connection.socket, self._deadline, self._limits.receive, self._limits.message, self._steady)
        self._wire = reader

    def search(
        self, base: str, filter_: str, attributes: Sequence[str], scope: Scope = "subtree", domain_scope: bool = False
    ) -> Iterator[Entry]:
        """All entries found, page by page (RFC 2696). Ends normally only when the server has said that this was all.

        `attributes` are asked for and no others. Raises `SourceUnavailable` or `SourceInvalid` after entries were given, so
        whoever reads them uses none before the end.
        """
        cookie, found, first, repeated = b"", 0, "", False
        while True:
            number = self._send(base, filter_, attributes, scope, cookie, domain_scope)
            previous, count = first, 0
            end: wire.Done | None = None
            while end is None:
                message = self._next(number)
                if message.kind == wire.SEARCH_ENTRY:
                    entry = wire.entry(message)
                    if not count:
                        first = entry.dn
                        # Some servers give one cookie for all pages; the same page again with it would go on for ever.
                        if repeated and first == previous:
                            raise SourceInvalid("truncated", "the server gives the same page over and over")
                    count += 1
                    yield entry
                elif message.kind == wire.SEARCH_DONE:
                    end = wire.done(message)
                elif message.kind == wire.SEARCH_REFERENCE:
                    raise SourceInvalid("referral", "part of the directory is on another server; give a base that is not")
                else:  # intermediate responses come only to those who ask for them
                    raise wire.Malformed
            results.check_search(end.code)
            found += count
            if found > self._limits.entries:
                raise SourceInvalid("too-large", "the directory gave more entries than the limit")
            if end.cookie is None and scope != "base":
                raise SourceInvalid("truncated", "the server does not page its results: whether they are all cannot be told")
            if not end.cookie:
                return
            repeated = end.cookie == cookie
            if repeated and not count:
                raise SourceInvalid("truncated", "the server gives empty pages over and over")
            cookie = end.cookie

    def close(self) -> None:
        """End the connection; never raises and never waits."""
        connection, self._connection, self._wire = self._connection, None, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.strategy.close()

    def abort(self) -> None:
        """End whatever the other thread waits for."""
        self._aborted.set()
        connection = self._connection
        held = getattr(connection, "socket", None)
        if held is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(held, socket.SHUT_RDWR)

    def _connect(self, credentials: Credentials) -> None:
        tls = None if self._server.security == "none" else _tls(self._server)
        place = ldap3.Server(
            self._server.host,
            port=self._server.port,
            use_ssl=self._server.security == "ldaps",
            tls=tls,
            get_info=ldap3.NONE,
            connect_timeout=self._limits.connect,
        )
        self._connection = ldap3.Connection(
            place,
            user=credentials.user or None,
            password=credentials.password or None,
            authentication=ldap3.SIMPLE if credentials.user else ldap3.ANONYMOUS,
            client_strategy=ldap3.SYNC,
            auto_bind=ldap3.AUTO_BIND_NONE,
            auto_referrals=False,
            auto_range=False,
            check_names=False,
            raise_exceptions=False,
            receive_timeout=max(1, math.ceil(self._limits.receive)),
        )
        try:
            self._connection.open(read_server_info=False)
            if self._server.security == "starttls":
                self._connection.start_tls(read_server_info=False)
        except Exception as error:  # noqa: BLE001  # ldap3 lets through whatever went wrong below it
            self._raise_unopened(error, failed_tls=tls is not None and tls.failed)

    def _raise_unopened(self, error: Exception, failed_tls: bool) -> None:
        if self._aborted.is_set():
            raise SourceUnavailable("stalled", "the server did not answer in time") from None
        if failed_tls:
            raise SourceInvalid(
                "tls", "the server's certificate was refused: unknown authority, other host name, or expired"
            ) from None
        if not isinstance(error, LDAPExceptionError | OSError):
            raise wire.Malformed from None
        if self._server.security == "starttls" and self._connection.socket is not None and self._connection.result:
            raise SourceInvalid("tls", "the server refuses StartTLS") from None
        raise SourceUnavailable("unreachable", "no connection to the server") from None

    def _bind(self, anonymous: bool) -> None:
        """Bind, and see to it that the server took us for somebody."""
        try:
            self._connection.bind(read_server_info=False)
            code = int(self._connection.result["result"])
            if code == results.SUCCESS and not anonymous:
                self._connection.extended(_WHO_AM_I)
                who = self._connection.result
                if who.get("result") == results.SUCCESS and not (who.get("responseValue") or b"").strip():
                    raise SourceInvalid("credentials", "the server took the bind for an anonymous one")
        except SourceUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  # as above
            if self._aborted.is_set() or "timed out" in str(error):
                raise SourceUnavailable("stalled", "the server did not answer the bind in time") from None
            if isinstance(error, LDAPExceptionError | OSError):
                raise SourceUnavailable("interrupted", "the connection broke during the bind") from None
            raise wire.Malformed from None
        results.check_bind(code)

    def _send(self, base: str, filter_: str, attributes: Sequence[str], scope: Scope, cookie: bytes, domain_scope: bool) -> int:
        if self._connection is None or "*" in attributes or not attributes:
            raise SourceInvalid("internal", "a search needs an open connection and named attributes")
        left = max(1, math.ceil(self._deadline - self._steady()))
        controls = (
            []
            if scope == "base"
            else [build_control(wire.PAGED_RESULTS.decode(), True, wire.paged(self._limits.page_size, cookie), False)]
        )
        if domain_scope:
            controls.append(build_control(_DOMAIN_SCOPE, False, None))
        try:
            request = search_operation(
                base, filter_, _SCOPES[scope], ldap3.DEREF_NEVER, list(attributes), 0, left, False, True, True, None, None, False
            )
        except Exception:  # noqa: BLE001  # ldap3 raises many kinds of errors for a filter that is none
            raise SourceInvalid("filter", "the filter or base is not one that LDAP knows") from None
        try:
            number = int(self._connection.strategy.send("searchRequest", request, controls))
        except (LDAPExceptionError, OSError):
            raise SourceUnavailable("interrupted", "the connection broke") from None
        self._connection.strategy._outstanding.pop(number, None)  # the answer is read by `wire`
        return number

    def _next(self, number: int) -> wire.Message:
        if self._wire is None:
            raise SourceUnavailable("interrupted", "the connection is closed")
        try:
            message = self._wire.next()
        except SourceUnavailable:
            if self._aborted.is_set():
                raise SourceUnavailable("stalled", "the reading took longer than its deadline") from None
            raise
        if message.id == 0 and message.kind == wire.EXTENDED:  # notice of disconnection (RFC 4511 4.4.1)
            raise SourceUnavailable("interrupted", "the server ended the connection")
        if message.id != number:
            raise wire.Malformed
        return message


def check_filter(text: str) -> None:
    """Raises `ValueError` for text that is no LDAP filter (RFC 4515)."""
    try:
        search_operation("", text, ldap3.BASE, ldap3.DEREF_NEVER, ["1.1"], 0, 0, False, True, True, None, None, False)
    except Exception:  # noqa: BLE001  # ldap3 raises many kinds of errors for a filter that is none
        raise ValueError("the filter is no LDAP filter (RFC 4515)") from None


def _tls(server: Server) -> _VerifiedTls:
    try:
        return _VerifiedTls(server.host, server.ca_file)
    except (OSError, ssl.SSLError):
        raise SourceInvalid("tls", "the file of certificate authorities cannot be read") from None
