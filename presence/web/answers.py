"""Ready answers of the public look-up: made once, kept until something that they were made from changes.

An answer is the same bytes for everybody in a tick, so its ETag is a digest of the body and its `Expires` the next tick.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from email.utils import formatdate
from typing import Any

from presence.board import Changed
from presence.domain.intervals import Instant
from presence.web.cells import UNCOUNTED, Cell, Several

Header = tuple[bytes, bytes]
Message = dict[str, Any]

JSON = b"application/json"
PUBLIC_HEADERS: tuple[Header, ...] = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"date, etag"),
    (b"x-content-type-options", b"nosniff"),
)


NOT_KEPT: Header = (b"cache-control", b"no-store")
"""Of refusals: they are of one visitor or one moment, and a cache in front would give them to all."""
_MOST_ABSENT = 50_000


class Answer:
    """A body and all that is sent with it but `Expires`."""

    __slots__ = (
        *("_expires", "_not_modified_message", "_not_modified_wire", "_start_message", "_wire"),
        *("body", "body_message", "count", "etag", "head", "not_modified", "read", "shows", "status", "valid_until"),
    )

    def __init__(
        self,
        body: bytes,
        valid_until: Instant,
        read: Iterable[str] = (),
        status: int = 200,
        content_type: bytes = JSON,
        count: Cell | Several = UNCOUNTED,
        headers: tuple[Header, ...] = PUBLIC_HEADERS,
        shows: tuple[str, ...] = (),
    ) -> None:
        """`read`: the contacts that it was made from; `shows`: those whom it is about."""
        self.body = body
        self.valid_until = valid_until
        self.read = frozenset(read)
        self.shows = shows
        self.status = status
        self.count = count
        self.etag = b'"' + hashlib.blake2b(body, digest_size=12).hexdigest().encode() + b'"'
        self.head: list[Header] = [
            (b"content-type", content_type),
            (b"content-length", str(len(body)).encode()),
            (b"etag", self.etag),
            *headers,
        ]
        self.not_modified: list[Header] = [(b"etag", self.etag), *headers[:1]]
        self.body_message: Message = {"type": "http.response.body", "body": body}
        self._expires: Header | None = None
        self._start_message: Message = {}
        self._not_modified_message: Message = {}
        self._wire = self._not_modified_wire = b""

    def start_message(self, expires: Header) -> Message:
        """The beginning of the whole answer; made once a tick."""
        if expires is not self._expires:
            self._make(expires)
        return self._start_message

    def not_modified_message(self, expires: Header) -> Message:
        """The beginning of a 304."""
        if expires is not self._expires:
            self._make(expires)
        return self._not_modified_message

    def _make(self, expires: Header) -> None:
        self._expires = expires
        start = {"type": "http.response.start"}
        self._start_message = {**start, "status": self.status, "headers": [*self.head, expires]}
        self._not_modified_message = {**start, "status": 304, "headers": [*self.not_modified, expires]}
        self._wire = _joined([*self.head, expires]) + self.body
        self._not_modified_wire = _joined([*self.not_modified, expires])

    def wire(self, expires: Header, not_modified: bool) -> bytes:
        """All that follows the status line and the server's own headers, as bytes; made once a tick."""
        if expires is not self._expires:
            self._make(expires)
        return self._not_modified_wire if not_modified else self._wire


class Answers:
    """A cache by canonical request. `contacts` that change take along every answer that read them."""

    def __init__(self, limit: int = 400_000) -> None:
        self._answers: dict[str, Answer] = {}
        self._readers: defaultdict[str, set[str]] = defaultdict(set)
        self._absent: list[str] = []
        self._limit = limit  # a request is canonical before it is kept, so only ids x languages x topics can fill this

    def get(self, request: str, tick: Instant, make: Callable[[], Answer]) -> Answer:
        """The answer that holds at `tick`."""
        answer = self._answers.get(request)
        if answer is None or answer.valid_until <= tick:
            answer = make()
            self._keep(request, answer)
        return answer

    def forget(self, changed: Changed) -> None:
        """Drop what was made from what changed."""
        if changed.everything:
            self._answers.clear()
            self._readers.clear()
            return
        for contact in changed.contacts:
            for request in self._readers.pop(contact, ()):
                self._answers.pop(request, None)

    def _keep(self, request: str, answer: Answer) -> None:
        if len(self._answers) >= self._limit:
            self.forget(Changed(frozenset(), True))
        if answer.status != 200:
            # Anybody may ask for what is not there, without end. Kept it is, so that who is hidden costs no other time.
            self._absent.append(request)
            if len(self._absent) > _MOST_ABSENT:
                for each in self._absent:
                    self._answers.pop(each, None)
                self._absent.clear()
        self._answers[request] = answer
        for contact in answer.read:
            self._readers[contact].add(request)


def _joined(headers: Iterable[Header]) -> bytes:
    return b"".join(part for name, value in headers for part in (name, b": ", value, b"\r\n")) + b"\r\n"


def http_date(t: float) -> bytes:
    """As RFC 9110 writes it."""
    return formatdate(t, usegmt=True).encode()


def matches(if_none_match: bytes, etag: bytes) -> bool:
    """RFC 9110, 13.1.2: a list of tags or `*`; weak comparison."""
    if if_none_match == etag:
        return True
    if if_none_match.strip() == b"*":
        return True
    return any(tag.strip().removeprefix(b"W/") == etag for tag in if_none_match.split(b","))
