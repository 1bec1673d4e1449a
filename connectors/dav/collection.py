"""One calendar collection: whether anything changed since it was read, and its times if so."""

import hashlib
from typing import Literal, NamedTuple

import msgspec

from connectors.calendars import Reading
from connectors.dav import documents
from connectors.dav.client import Client
from connectors.dav.markup import CALDAV, CALENDARSERVER, DAV, Element, Response, multistatus
from presence.domain.intervals import Instant
from presence.ports import SourceInvalid, SourceUnavailable

Mode = Literal["auto", "free-busy", "events"]
_DAY = 86_400
_GONE = frozenset({404, 410})
_NO_SUCH_REPORT = frozenset({400, 403, 405, 415, 422, 501})
_LOST_TOKEN = frozenset({400, 403, 405, 409, 410, 412, 415, 422, 501, 507})  # 403 RFC 6578, 412 Xandikos, 409 others
_FREE_BUSY, _SYNC = f"{CALDAV}free-busy-query", f"{DAV}sync-collection"


class Mark(NamedTuple):
    """By what a server tells that something changed. `nothing`: it does not; then the text itself is compared."""

    by: Literal["token", "tag", "etags", "nothing"] = "nothing"
    value: str = ""


class Read(NamedTuple):
    """What was read, and the mark from before it was: noted once the texts are understood."""

    texts: list[bytes]
    free_busy: bool
    mark: Mark


class Held(msgspec.Struct):
    """What is kept of one collection, or of one answer of an outbox, between readings: times, digests; no text."""

    reading: Reading | None = None
    end: Instant = 0  # up to when it was told
    window: Instant = 0  # from when on it was read
    mark: Mark = Mark()
    digest: bytes = b""
    refused: bytes = b""  # digest of texts that cannot be read; they are not tried again
    events: bool = False  # the server does not give free-busy, as it turned out
    reports: frozenset[str] | None = None  # that the server says it knows; None: it does not say
    losses: int = 0  # tokens lost since one was last accepted
    future: int = 0  # coming events of `reading`
    version: int = 0  # grows with each reading that is understood


async def read(client: Client, place: str, held: Held, mode: Mode, start: Instant, end: Instant) -> Read | None:
    """The times in `[start, end)`; None where nothing changed since `held.reading`. Raises `SourceUnavailable`."""
    mark = None
    if held.window != start:
        held.losses = 0
    elif held.reading is not None:
        mark = await _changed(client, place, held)
        if mark is held.mark:
            return None
    if mark is None:
        mark = await _describe(client, place, held)
    if mode != "events" and not (mode == "auto" and held.events):
        text = await _free_busy(client, place, held, mode, start, end)
        if text is not None:
            return Read([text], True, mark)
    return Read(await _events(client, place, start, end), False, mark)


async def _changed(client: Client, place: str, held: Held) -> Mark | None:
    """The very mark that is held where nothing changed, else the new one; None where the server has to be asked anew."""
    if held.mark.by == "token":
        return await _synchronised(client, place, held)
    if held.mark.by == "tag":
        status, body = await client.ask("PROPFIND", place, documents.TAG, depth="0")
        _expect(status, 207)
        responses, _ = multistatus(body)
        tag = responses[0].found.first(f"{CALENDARSERVER}getctag") if responses else ""
        return held.mark if tag == held.mark.value else Mark("tag", tag) if tag else None
    if held.mark.by == "etags":
        etags = await _etags(client, place)
        return held.mark if etags == held.mark else etags
    return Mark()


async def _synchronised(client: Client, place: str, held: Held) -> Mark | None:
    status, body = await client.ask("REPORT", place, documents.changes(held.mark.value), depth="0")
    if status in _LOST_TOKEN:
        held.losses += 1
        return None
    _expect(status, 207)
    held.losses = 0
    responses, document = multistatus(body)
    mark = Mark("token", document.first(f"{DAV}sync-token") or held.mark.value)
    if not responses and mark != held.mark:
        held.mark = mark  # a newer name for the same state
    return mark if responses else held.mark


async def _describe(client: Client, place: str, held: Held) -> Mark:
    """What the collection is, what the server can do, and a mark to begin with."""
    status, body = await client.ask("PROPFIND", place, documents.DESCRIBE, depth="0")
    held.events, held.reports = False, None
    if status in (403, 405, 501):  # an account may have leave to ask for free-busy and for nothing else (RFC 4791, 6.1.1)
        return Mark()
    _expect(status, 207)
    responses, _ = multistatus(body)
    if len(responses) != 1:
        raise SourceInvalid("not-dav", "the server tells of something else than it was asked about")
    found = responses[0].found
    kinds = {kind.name for kind in _below(found, f"{DAV}resourcetype")}
    if kinds and f"{CALDAV}calendar" not in kinds:  # asked for busy times it would say that there are none
        raise SourceInvalid("no-calendar", "the address is not that of a calendar collection")
    reports = {kind.name for kind in _below(found, f"{DAV}supported-report-set", f"{DAV}supported-report", f"{DAV}report")}
    held.reports = frozenset(reports) or None
    held.events = bool(reports) and _FREE_BUSY not in reports
    if _SYNC in reports and held.losses < 2:  # a server that refuses each token it gave is asked otherwise
        token = found.first(f"{DAV}sync-token") or await _first_token(client, place)
        if token:
            return Mark("token", token)
    tag = found.first(f"{CALENDARSERVER}getctag")
    return Mark("tag", tag) if tag else await _etags(client, place)


async def _first_token(client: Client, place: str) -> str:
    """By an initial synchronisation (RFC 6578, 3.4)."""
    status, body = await client.ask("REPORT", place, documents.changes(""), depth="0")
    return multistatus(body)[1].first(f"{DAV}sync-token") if status == 207 else ""


async def _etags(client: Client, place: str) -> Mark:
    """A digest over all members; nothing, where they are not told."""
    status, body = await client.ask("PROPFIND", place, documents.ETAGS, depth="1")
    members = multistatus(body)[0] if status == 207 else []
    marks = sorted((member.href, member.found.first(f"{DAV}getetag")) for member in members)
    if not any(etag for _, etag in marks):
        return Mark()
    return Mark("etags", hashlib.blake2b(repr(marks).encode(), digest_size=16).hexdigest())


async def _free_busy(client: Client, place: str, held: Held, mode: Mode, start: Instant, end: Instant) -> bytes | None:
    """None where the server does not know the report and events may be asked for instead.

    One that says that it knows it and refuses may be out of order: events, which hold words, are not asked for on that account.
    """
    status, body = await client.ask("REPORT", place, documents.free_busy(start, end), depth="1")
    if status == 200:
        return body
    known = held.reports is not None and _FREE_BUSY in held.reports
    if status in _NO_SUCH_REPORT and not known:
        if mode == "free-busy":
            raise SourceInvalid("no-free-busy", "the server does not tell free and busy time of this calendar")
        held.events = True
        return None
    _expect(status, 200)
    return body


async def _events(client: Client, place: str, start: Instant, end: Instant) -> list[bytes]:
    """A day more on each side: what a server takes for a floating time's zone is its own affair."""
    status, body = await client.ask("REPORT", place, documents.events(start - _DAY, end + _DAY), depth="1")
    _expect(status, 207)
    responses, _ = multistatus(body)
    return [text for response in responses if (text := _data(response)) is not None]


def _data(response: Response) -> bytes | None:
    """The calendar object; None where it went away in between. Raises `SourceInvalid` where it is kept back."""
    name = f"{CALDAV}calendar-data"
    for element in response.found.all(name):
        return element.text.encode()
    if response.status in _GONE:
        return None
    raise SourceInvalid("truncated", "the server does not give all events")


def _below(element: Element, *path: str) -> list[Element]:
    """What lies directly below all elements along a path."""
    return [child for each in element.all(*path) for child in each.children]


def _expect(status: int, wanted: int) -> None:
    if status == wanted:
        return
    if status in (200, 207):
        raise SourceInvalid("not-dav", "the answer is of another form than was asked for")
    raise SourceUnavailable(f"http-{status}", "")
