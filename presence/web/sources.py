"""Routes by which sources push: a token with the scope of one source, idempotent, unknown fields refused."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote_to_bytes

import msgspec
from litestar import Controller, Request, Response, delete, post, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, PathParameter, QueryParameter

from presence.domain.directory import Alias
from presence.domain.facts import Count, Fact, key
from presence.domain.intervals import Instant
from presence.domain.rules import SourceRule
from presence.intake import AlreadyRunning, Intake, Outcome
from presence.ports import Batch, Clock, Pushed, Store, StoreUnavailable
from presence.web import documents
from presence.web.errors import Problem
from presence.web.receipts import KINDS_THERE_ARE, NOT_STORED, RUNNING, Refused, Reply, take_absences
from presence.web.tokens import Cause, Tokens

Asked = Request[Any, Any, Any]
SMALL = 256_000
"""Bytes of one document."""
LARGE = 20_000_000
"""Bytes of a complete batch."""

_Part = Annotated[str, PathParameter(max_length=256)]
_Rest = Annotated[str, PathParameter(max_length=257)]
"""With the slash before it."""
_LEAVE_OF_SOMEBODY = re.compile(rb"/v1/sources/[^/]+/people/[^/]+/absences/(.+)", re.DOTALL)


Aside = Callable[[str, bytes, str, bool], Awaitable[Reply]]
"""(source, document, media type, dry run)."""


class Door(msgspec.Struct, frozen=True):
    """What the routes need: who may enter, and what happens to what they bring."""

    pushed: Mapping[str, Pushed]
    tokens: Tokens
    intake: Intake
    store: Store
    clock: Clock
    process: str
    rules: Mapping[str, SourceRule] = {}  # of the sources: none may send what is another kind's to say
    aside: Aside | None = None  # takes in a complete batch, of which ten thousand rows would hold up look-ups for half a second


TheDoor = NamedDependency[Door]


class Calls(msgspec.Struct, forbid_unknown_fields=True):
    """Totals of one hour; no numbers, no persons."""

    hour: Annotated[str, msgspec.Meta(max_length=40)]
    unit: Annotated[str, msgspec.Meta(max_length=64)]
    answered: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    unanswered: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class Heartbeat(msgspec.Struct, forbid_unknown_fields=True):
    """Nothing: that it comes is all that it says."""


class SourceRoutes(Controller):
    path = "/v1/sources/{source:str}"
    tags: Sequence[str] | None = ("sources",)

    @put("/people/{alias:str}/presence", status_code=204, operation_class=documents.PresenceReport)
    async def put_presence(self, request: Asked, door: TheDoor, source: _Part, alias: _Part) -> None:
        """A live report, a lease: `{"status": "busy", "lease": 300}`. Sent again before it lapses, or taken back by DELETE."""
        pushed, now = self._enter(request, door, source, "presence")
        body, _ = await _body(request), _type(request, ("application/json",))
        await self._take(door, _made(lambda: pushed.presence(_alias(alias, door, source), body, now)))

    @delete("/people/{alias:str}/presence", status_code=204)
    async def delete_presence(
        self,
        request: Asked,
        door: TheDoor,
        source: _Part,
        alias: _Part,
        device: Annotated[str, QueryParameter(max_length=128)] = "",
    ) -> None:
        """Take a report back."""
        pushed, now = self._enter(request, door, source, "presence")
        await self._take(door, _made(lambda: pushed.no_presence(_alias(alias, door, source), device, now)))

    @put("/people/{alias:str}/absences/{uid:path}", status_code=204, operation_class=documents.Leave)
    async def put_absence(
        self,
        request: Asked,
        door: TheDoor,
        source: _Part,
        alias: _Part,
        uid: _Rest,  # noqa: ARG002  # see `_uid`
    ) -> None:
        """A leave, without its reason: JSON, or one event as text/calendar."""
        pushed, now = self._enter(request, door, source, "leave")
        body, kind = await _body(request), _type(request, ("application/json", "text/calendar"))
        await self._take(door, _made(lambda: pushed.absence(_alias(alias, door, source), _uid(request), body, kind, now)))

    @delete("/people/{alias:str}/absences/{uid:path}", status_code=204)
    async def delete_absence(
        self,
        request: Asked,
        door: TheDoor,
        source: _Part,
        alias: _Part,
        uid: _Rest,  # noqa: ARG002  # see `_uid`
    ) -> None:
        """The leave is withdrawn."""
        pushed, now = self._enter(request, door, source, "leave")
        await self._take(door, _made(lambda: pushed.no_absence(_alias(alias, door, source), _uid(request), now)))

    @put("/absences", request_max_body_size=LARGE, operation_class=documents.AllLeave)
    async def put_absences(
        self, request: Asked, door: TheDoor, source: _Part, dry_run: FromQuery[bool] = False
    ) -> Response[bytes]:
        """All leave that the source knows of, as JSON lines or CSV. What is not in it is withdrawn; 202 when it is held back."""
        pushed, now = self._enter(request, door, source, "leave")
        kind = _type(request, ("application/x-ndjson", "application/json", "text/csv"))
        body = await _body(request, LARGE)
        if door.aside:
            reply = await door.aside(source, body, kind, dry_run)
        else:
            reply = await take_absences(pushed, door.intake, body, kind, now, dry_run)
        if reply.receipt is None:
            raise _refusal(reply.refused or NOT_STORED)
        status = 202 if reply.receipt.hold and not dry_run else 200
        return Response(msgspec.json.encode(reply.receipt), status_code=status, media_type="application/json")

    @put("/heartbeat", status_code=204)
    async def put_heartbeat(self, request: Asked, door: TheDoor, source: _Part) -> None:
        """The source is well, though it has nothing to say."""
        self._enter(request, door, source)
        if source in door.rules and not door.rules[source].heartbeats:
            raise Problem(403, "forbidden", "this source is configured to send no heartbeats (heartbeats = false)")
        if body := (await _body(request)).strip():
            _nothing(body)
        await _stored(door.intake.heartbeat(source))

    @put("/queue", status_code=204, operation_class=documents.Waiting)
    async def put_queue(self, request: Asked, door: TheDoor, source: _Part) -> None:
        """The centre's waiting time in seconds, leased: `{"wait": 720, "lease": 120}`."""
        pushed, now = self._enter(request, door, source, "queue")
        body, _ = await _body(request), _type(request, ("application/json",))
        await self._take(door, _made(lambda: pushed.queue(body, now)))

    @post("/calls", status_code=204, operation_class=documents.CallTotals)
    async def post_calls(self, request: Asked, door: TheDoor, source: _Part) -> None:
        """Answered and unanswered calls by unit and hour, as totals. The last word on an hour counts."""
        self._enter(request, door, source)
        body, _ = await _body(request), _type(request, ("application/json",))
        facts = []
        for row in msgspec.json.decode(body, type=list[Calls]):
            hour = _hour(row.hour)
            counts = {key("calls", row.unit, "answered"): row.answered, key("calls", row.unit, "unanswered"): row.unanswered}
            facts.append(Fact(key("count", str(hour), f"{source}:{row.unit}"), Count(hour, counts)))
        await _stored(door.store.append(facts))

    def _enter(self, request: Asked, door: Door, source: str, kind: str = "") -> tuple[Pushed, Instant]:
        """The same refusal for a wrong token and for a source that is none; `kind`: of the sources that may send this.

        Raises `Problem`.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        now = door.clock.now()
        if scheme.lower() != "bearer" or not token:
            door.tokens.refused(source, Cause.MISSING, door.clock.steady())
            raise Problem(401, "unauthorized", _HOW_TO_ENTER, headers={"www-authenticate": "Bearer"})
        if not door.tokens.opens(source, token.strip()) or source not in door.pushed:
            door.tokens.refused(source, Cause.WRONG, door.clock.steady())
            raise Problem(403, "forbidden", _NO_ENTRY)
        if kind and source in door.rules and door.rules[source].type != kind:
            raise Problem(403, "forbidden", f"only a source of the kind {kind!r} sends this")
        return door.pushed[source], int(now)

    async def _take(self, door: Door, batch: Batch) -> Outcome:
        try:
            return await _stored(door.intake.take(batch))
        except AlreadyRunning:
            raise _refusal(RUNNING) from None


_HOW_TO_ENTER = "send the token of the source as Authorization: Bearer"
_NO_ENTRY = "the token opens no source of this name: it is wrong, is no longer taken, or there is no such source that sends"

_Made = TypeVar("_Made")


def _made(make: Callable[[], _Made]) -> _Made:
    """The batch, or a 400 with the connector's own sentence."""
    try:
        return make()
    except ValueError as error:
        raise Problem(400, "bad-document", str(error)) from None


async def _stored(writing: Awaitable[_Made]) -> _Made:
    try:
        return await writing
    except StoreUnavailable:
        raise _refusal(NOT_STORED) from None


def _refusal(refused: Refused) -> Problem:
    headers = {"retry-after": str(refused.retry_after)} if refused.retry_after else {}
    return Problem(refused.status, refused.code, refused.detail, headers)


async def _body(request: Asked, limit: int = SMALL) -> bytes:
    """Read up to the limit, whatever length was announced."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise Problem(413, "too-large", limit=limit)
        parts.append(part)
    return b"".join(parts)


def _type(request: Asked, accepted: Sequence[str]) -> str:
    """The media type, where it is one of those taken here; a charset other than UTF-8 is none of them."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if kind not in accepted or charset not in ("", "utf-8"):
        raise Problem(415, "unsupported-media-type", "send one of " + ", ".join(accepted))
    return kind


def _alias(text: str, door: Door, source: str) -> str:
    try:
        alias = Alias.parse(text)
    except ValueError as error:
        raise Problem(400, "bad-alias", str(error)) from None
    if door.rules and not door.rules[source].takes(alias.kind):
        raise Problem(400, "bad-alias", KINDS_THERE_ARE)
    return str(alias)


def _uid(request: Asked) -> str:
    """The sender's own name for a leave as it was sent: a slash in it is its own, encoded or not."""
    found = _LEAVE_OF_SOMEBODY.search(request.scope["raw_path"])
    if not found:
        raise Problem(404, "not-found")
    return unquote_to_bytes(found[1]).decode("utf-8", "surrogateescape")


def _nothing(body: bytes) -> None:
    try:
        msgspec.json.decode(body, type=Heartbeat)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Problem(400, "bad-document", "a heartbeat has no fields; send no body, or {}") from None


def _hour(text: str) -> Instant:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Problem(400, "bad-document", "hour: not a time; write 2026-11-24T08:00:00+01:00") from None
    if moment.tzinfo is None or not 2000 <= moment.year < 2100:
        raise Problem(400, "bad-document", "hour: a time needs its zone, within 2000 to 2099")
    return int(moment.timestamp()) // 3600 * 3600
