"""A server that speaks LDAP by script: what no real server can be made to do, a test can."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Script = Callable[[int, int], bytes]
"""The number of the search (from 0) and its message id -> the bytes to answer with; empty: close the connection."""

SUCCESS = 0
_BIND, _SEARCH, _EXTENDED, _UNBIND = 0x60, 0x63, 0x77, 0x42


def tlv(tag: int, *parts: bytes) -> bytes:
    """One BER element of definite length."""
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    return bytes((tag, 0x84)) + len(content).to_bytes(4, "big") + content


def message(number: int, operation: bytes, controls: bytes = b"") -> bytes:
    return tlv(0x30, tlv(0x02, number.to_bytes(2, "big")), operation, controls)


def person(number: int, dn: str, **attributes: str) -> bytes:
    """A SearchResultEntry."""
    lines = (tlv(0x30, tlv(0x04, name.encode()), tlv(0x31, tlv(0x04, value.encode()))) for name, value in attributes.items())
    return message(number, tlv(0x64, tlv(0x04, dn.encode()), tlv(0x30, *lines)))


def done(number: int, code: int = SUCCESS, cookie: bytes | None = b"") -> bytes:
    """A SearchResultDone, with the paged results control unless `cookie` is None."""
    controls = b""
    if cookie is not None:
        value = tlv(0x30, tlv(0x02, b"\x00"), tlv(0x04, cookie))
        controls = tlv(0xA0, tlv(0x30, tlv(0x04, b"1.2.840.113556.1.4.319"), tlv(0x04, value)))
    return message(number, _result(0x65, code), controls)


def _result(tag: int, code: int, more: bytes = b"") -> bytes:
    return tlv(tag, tlv(0x0A, bytes((code,))), tlv(0x04), tlv(0x04), more)


class ScriptedLdap:
    """Takes every bind and answers searches by script. `heard` is all that was sent to it.

    `who` is what it takes whoever has bound for (RFC 4532); None: it knows no extended operation.
    """

    def __init__(self, script: Script, who: bytes | None = None) -> None:
        self.heard = b""
        self._who = who
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ldap://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, suppress(OSError):
                    self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        searches = 0
        while request := connection.recv(65536):
            self.heard += request
            number, kind = _head(request)
            if kind == _UNBIND:
                return
            if kind == _SEARCH:
                answer = self._script(searches, number)
                searches += 1
            elif kind == _BIND:
                answer = message(number, _result(0x61, SUCCESS))
            elif self._who is None:
                answer = message(number, _result(0x78, 2))
            else:
                answer = message(number, _result(0x78, SUCCESS, tlv(0x8B, self._who)))
            if not answer:
                return
            connection.sendall(answer)


def _head(request: bytes) -> tuple[int, int]:
    """Message id and tag of the operation."""
    at = 2 + (request[1] & 0x7F if request[1] & 0x80 else 0)
    length = request[at + 1]
    return int.from_bytes(request[at + 2 : at + 2 + length], "big"), request[at + 2 + length]


@contextmanager
def scripted_ldap(script: Script, who: bytes | None = None) -> Iterator[ScriptedLdap]:
    """A scripted server for the length of a `with`."""
    made = ScriptedLdap(script, who)
    try:
        yield made
    finally:
        made.close()
