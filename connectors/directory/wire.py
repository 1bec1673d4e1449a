"""Search results off the wire (RFC 4511): one pass over the bytes, every length checked, every wait bounded.

Decoding entries is nearly all of the work of reading a directory, and a general decoder spends more than ten times as long on it.
Nothing but what a search can answer is known here.
"""

import socket
import time
from collections.abc import Callable, Iterator

import msgspec

from connectors.directory.entry import Entry
from presence.ports import SourceInvalid, SourceUnavailable

SEARCH_ENTRY, SEARCH_DONE, SEARCH_REFERENCE, EXTENDED = 0x64, 0x65, 0x73, 0x78
PAGED_RESULTS = b"1.2.840.113556.1.4.319"
_SEQUENCE, _SET, _INTEGER, _OCTETS, _ENUMERATED, _CONTROLS = 0x30, 0x31, 0x02, 0x04, 0x0A, 0xA0
_CHUNK = 256 * 1024


class Malformed(SourceInvalid):
    """Bytes that are no LDAP message."""

    def __init__(self) -> None:
        super().__init__("protocol", "the server sent something that is no LDAP message")


class Message(msgspec.Struct, frozen=True):
    """One LDAPMessage: `kind` is the tag of its operation, `body` the content of that, `controls` the content of [0]."""

    id: int
    kind: int
    body: bytes
    controls: bytes = b""


class Done(msgspec.Struct, frozen=True):
    """How a search ended. `cookie` is that of the paged results control; None: the server sent no such control."""

    code: int
    cookie: bytes | None


class Wire:
    """Reads messages from a connected socket until `deadline`, on the clock `steady` (seconds)."""

    def __init__(
        self,
        connected: socket.socket,
        deadline: float,
        patience: float,
        largest: int,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._socket = connected
        self._deadline = deadline
        self._patience = patience  # seconds without a byte
        self._largest = largest  # bytes of one message
        self._steady = steady
        self._buffer = b""
        self._at = 0

    def next(self) -> Message:
        """The next message. Raises `SourceUnavailable` when none comes in time, `SourceInvalid` when it is none."""
        while True:
            if message := self._complete():
                return message
            data = self._receive()
            self._buffer = self._buffer[self._at :] + data if self._at < len(self._buffer) else data
            self._at = 0

    def _receive(self) -> bytes:
        left = self._deadline - self._steady()
        if left <= 0:
            raise SourceUnavailable("stalled", "the reading took longer than its deadline")
        try:
            self._socket.settimeout(min(self._patience, left))
            data = self._socket.recv(_CHUNK)
        except TimeoutError:
            raise SourceUnavailable("stalled", "the server stopped sending") from None
        except (OSError, ValueError):
            raise SourceUnavailable("interrupted", "the connection broke") from None
        if not data:
            raise SourceUnavailable("interrupted", "the server closed the connection")
        return data

    def _complete(self) -> Message | None:
        """A message, if the buffer holds the whole of one."""
        data, at = self._buffer, self._at
        if len(data) - at < 6:
            return None
        if data[at] != _SEQUENCE:
            raise Malformed
        if data[at + 1] > 0x84 or data[at + 1] == 0x80:  # longer than 4 GB, or of indefinite length (RFC 4511 5.1)
            raise Malformed
        start, length = _length(data, at + 1, len(data))
        if length > self._largest:
            raise SourceInvalid("too-large", "the server sent an entry larger than the limit")
        if len(data) - start < length:
            self._grow(start + length - len(data))
            return None
        self._at = start + length
        return _message(data, start, self._at)

    def _grow(self, missing: int) -> None:
        """Fetch what is missing of a long message at once, so that the buffer is not copied for each chunk."""
        parts = [self._buffer]
        while missing > _CHUNK:
            parts.append(self._receive())
            missing -= len(parts[-1])
        self._buffer = b"".join(parts)


def entry(message: Message) -> Entry:
    """A SearchResultEntry. Raises `Malformed`."""
    body = message.body
    start, length = _expect(body, 0, len(body), _OCTETS)
    at = start + length
    dn = body[start:at]
    start, length = _expect(body, at, len(body), _SEQUENCE)
    at, end = start, start + length
    if end != len(body):
        raise Malformed
    attributes: dict[str, list[bytes]] = {}
    tagged = False
    while at < end:
        start, length = _expect(body, at, end, _SEQUENCE)
        stop = start + length
        start, length = _expect(body, start, stop, _OCTETS)
        at = start + length
        description = body[start:at]
        tagged = tagged or b";" in description
        start, length = _expect(body, at, stop, _SET)
        if start + length != stop:
            raise Malformed
        at = start
        values: list[bytes] = []
        while at < stop:
            start, length = _expect(body, at, stop, _OCTETS)
            at = start + length
            values.append(body[start:at])
        try:
            attributes[description.decode("ascii").lower()] = values
        except UnicodeDecodeError:
            raise Malformed from None
    try:
        return Entry(dn.decode(), attributes, tagged)
    except UnicodeDecodeError:
        raise Malformed from None


def done(message: Message) -> Done:
    """A SearchResultDone with its controls. Raises `Malformed`."""
    start, length = _expect(message.body, 0, len(message.body), _ENUMERATED)
    if not 1 <= length <= 4:
        raise Malformed
    code = int.from_bytes(message.body[start : start + length], "big")
    return Done(code=code, cookie=next(_cookies(message.controls), None))


def paged(size: int, cookie: bytes) -> bytes:
    """The value of the paged results control (RFC 2696)."""
    number = size.to_bytes(size.bit_length() // 8 + 1, "big")
    content = _tlv(_INTEGER, number) + _tlv(_OCTETS, cookie)
    return _tlv(_SEQUENCE, content)


def _cookies(controls: bytes) -> Iterator[bytes]:
    """The cookies of all paged results controls."""
    at = 0
    while at < len(controls):
        start, length = _expect(controls, at, len(controls), _SEQUENCE)
        at = stop = start + length
        start, length = _expect(controls, start, stop, _OCTETS)
        kind, inner = controls[start : start + length], start + length
        if inner < stop and controls[inner] == 0x01:  # criticality
            start, length = _expect(controls, inner, stop, 0x01)
            inner = start + length
        if kind == PAGED_RESULTS:
            start, length = _expect(controls, inner, stop, _OCTETS)
            value = controls[start : start + length]
            start, length = _expect(value, 0, len(value), _SEQUENCE)
            end = start + length
            start, length = _expect(value, start, end, _INTEGER)
            start, length = _expect(value, start + length, end, _OCTETS)
            yield value[start : start + length]


def _message(data: bytes, at: int, end: int) -> Message:
    start, length = _expect(data, at, end, _INTEGER)
    number = int.from_bytes(data[start : start + length], "big")
    at = start + length
    if at >= end:
        raise Malformed
    kind = data[at]
    start, length = _expect(data, at, end, kind)
    stop = start + length
    body, controls = data[start:stop], b""
    if stop < end:
        start, length = _expect(data, stop, end, _CONTROLS)
        controls = data[start : start + length]
        if start + length != end:
            raise Malformed
    return Message(id=number, kind=kind, body=body, controls=controls)


def _expect(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Start and length of the content of the element at `at`, which must have the tag and end by `end`."""
    if at + 2 > end or data[at] != tag:
        raise Malformed
    length = data[at + 1]
    if length < 0x80:
        start = at + 2
    else:
        start, length = _length(data, at + 1, end)
    if start + length > end:
        raise Malformed
    return start, length


def _length(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Where the content starts, and its length, from the length octets at `at`."""
    first = data[at]
    if first < 0x80:
        return at + 1, first
    count = first & 0x7F
    if not 1 <= count <= 4 or at + 1 + count > end:
        raise Malformed
    return at + 1 + count, int.from_bytes(data[at + 1 : at + 1 + count], "big")


def _tlv(tag: int, content: bytes) -> bytes:
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content
