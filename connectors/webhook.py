"""Sources that send: presence reports, leave and the centre's queue, as the source routes take them (docs/sources.md).

The documents have no field for a reason, and unknown fields are refused: it cannot enter by mistake either.
"""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from connectors.leave import Format, events, read_strictly
from connectors.leave.documents import ONE_LINE, Leave, Word, absence_of, decoded
from connectors.leave.gathering import named
from connectors.leave.rows import person
from presence.domain.facts import Absence, Presence, Queue, Report
from presence.domain.intervals import FOREVER, Instant
from presence.ports import Batch, Person, SourceUnavailable

_DAY = 86_400
_PLAIN: dict[str, Report] = {"available": "available", "busy": "busy", "idle": "idle", "offline": "offline", "away": "idle"}
"""A chat client's "away" is no absence unless the source is configured to say so."""


class WebhookSettings(Format, frozen=True, forbid_unknown_fields=True):
    """How leave is written that is sent as a complete batch; without `columns` in our own names, and then strictly.

    `statuses` (of the source itself) maps its words to ours; what is not mapped must be one of ours.
    """

    replies: bool = False  # automatic replies: one without an end is always on, a receipt and no leave


class _Report(msgspec.Struct, forbid_unknown_fields=True):
    status: Word
    lease: Annotated[int, Meta(ge=1, le=_DAY)]  # seconds
    device: Annotated[str, Meta(max_length=128, pattern=ONE_LINE)] = ""
    seq: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0


class _Wait(msgspec.Struct, forbid_unknown_fields=True):
    wait: Annotated[int, Meta(ge=0, le=_DAY)]
    lease: Annotated[int, Meta(ge=1, le=3_600)]


class Webhook:
    """One pushing source (`presence.ports.Pushed`). As a connector it has nothing to listen to."""

    Settings: ClassVar[type[WebhookSettings]] = WebhookSettings

    def __init__(
        self,
        name: str,
        settings: WebhookSettings,
        interval: float = 0,  # noqa: ARG002  # every connector is given one, and a clock
        *,
        statuses: Mapping[str, Report] | None = None,
        now: Callable[[], float] = time.time,  # noqa: ARG002
    ) -> None:
        self.name = name
        self._format = settings
        self._statuses: dict[str, Report] = {**_PLAIN, **(statuses or {})}

    async def listen(self) -> AsyncIterator[Batch | SourceUnavailable]:
        return
        yield  # an iterator that ends at once

    async def fetch(self) -> Batch:
        raise SourceUnavailable("pushed", "this source sends; it is not asked")

    async def close(self) -> None:
        return

    def presence(self, alias: str, document: bytes, now: Instant) -> Batch:
        report = decoded(document, _Report)
        status = self._statuses.get(report.status)
        if status is None:
            raise ValueError("status: not a status that this source is configured to send")
        fact = Presence(status, now, now + report.lease, seq=report.seq)
        return self._of(now, Person(alias=person(alias, self._format), presence={report.device: fact}))

    def no_presence(self, alias: str, device: str, now: Instant) -> Batch:
        return self._of(now, Person(alias=person(alias, self._format), presence={device: None}))

    def absence(self, alias: str, uid: str, document: bytes, content_type: str, now: Instant) -> Batch:
        if content_type == "text/calendar":
            found = events.one(document, now, self._format)
        else:
            found = absence_of(decoded(document, Leave), self._format)
        said = None if self._is_receipt(found) else found
        return self._of(now, Person(alias=person(alias, self._format), absences={named(uid): said}))

    def no_absence(self, alias: str, uid: str, now: Instant) -> Batch:
        return self._of(now, Person(alias=person(alias, self._format), absences={named(uid): None}))

    def absences(self, document: bytes, content_type: str, now: Instant) -> Batch:
        kind = content_type if content_type == "text/csv" else "application/json"
        batch = read_strictly(self.name, document, kind, self._format, now)
        return msgspec.structs.replace(batch, people=tuple(map(self._without_receipts, batch.people)))

    def _without_receipts(self, person: Person) -> Person:
        kept = {uid: said for uid, said in person.absences.items() if not self._is_receipt(said)}
        return msgspec.structs.replace(person, absences=kept)

    def _is_receipt(self, said: Absence | None) -> bool:
        return self._format.replies and said is not None and (not said.last if said.dated else said.end == FOREVER)

    def queue(self, document: bytes, now: Instant) -> Batch:
        wait = decoded(document, _Wait)
        return Batch(source=self.name, complete=False, read_at=now, queue=Queue(wait.wait, now, now + wait.lease))

    def _of(self, now: Instant, person: Person) -> Batch:
        return Batch(source=self.name, complete=False, read_at=now, people=(person,))
