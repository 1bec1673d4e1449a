"""Busy times of many people by one request to a scheduling outbox (RFC 6638, 5)."""

from collections.abc import Mapping, Sequence

from connectors.dav import documents
from connectors.dav.client import Client
from connectors.dav.markup import CALDAV, DAV, Element, parse
from presence.domain.intervals import Instant
from presence.ports import SourceInvalid, SourceUnavailable

ATTENDEES = 50
"""People of one request."""
_FORM = 'text/calendar; charset="utf-8"; component=VFREEBUSY; method=REQUEST'

Told = bytes | SourceUnavailable
"""A text that holds a VFREEBUSY, or why there is none."""


async def ask(
    client: Client, outbox: str, organizer: str, people: Sequence[str], start: Instant, end: Instant, now: Instant
) -> Mapping[str, Told]:
    """What is told of each of up to `ATTENDEES` people (mailto: addresses in small letters), or why it is not.

    A recipient whose status is no success is not known to be free (RFC 6638, 3.2.10 and 10.1). Raises nothing.
    """
    body = documents.request(organizer, people, start, end, now, f"presence-{start}-{end}")
    try:
        status, answer = await client.ask("POST", outbox, body, form=_FORM)
        if status != 200:
            raise SourceUnavailable(f"http-{status}", "")
        told = dict(map(_told, parse(answer, f"{CALDAV}schedule-response").all(f"{CALDAV}response")))
    except SourceUnavailable as error:
        return dict.fromkeys(people, error)
    silent = SourceInvalid("recipient-refused", "the server says nothing of this person")
    return {person: told.get(person, silent) for person in people}


def _told(response: Element) -> tuple[str, Told]:
    person = response.first(f"{CALDAV}recipient", f"{DAV}href").lower()
    text = next((data.text.encode() for data in response.all(f"{CALDAV}calendar-data")), b"")
    if not response.first(f"{CALDAV}request-status").startswith("2.") or not text.strip():
        return person, SourceInvalid("recipient-refused", "the server does not tell this person's times")
    return person, text
