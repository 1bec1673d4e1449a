"""A ready answer as a response of the framework, the same as the shell sends it."""

from typing import Any
from urllib.parse import quote

from litestar import Request, Response

from presence.domain.views import PublicHits
from presence.web.answers import Answer, http_date, matches
from presence.web.cells import name
from presence.web.surface import Surface

_RESERVED = "%/:=&?~#+!$,;'@()*[]"
"""What a URI is made of (RFC 3986): all else is written in ASCII, since a header holds nothing else."""

Asked = Request[Any, Any, Any]


def respond(request: Asked, surface: Surface, answer: Answer) -> Response[bytes]:
    """As the shell sends it."""
    expires = {"expires": http_date(surface.live.next_tick).decode()}
    tag = request.headers.get("if-none-match", "")
    if answer.status == 200 and tag and matches(tag.encode("latin-1"), answer.etag):
        headers = {name.decode(): value.decode() for name, value in answer.not_modified}
        surface.counts.again.n += 1
        return Response(b"", status_code=304, headers=headers | expires, media_type=None)
    answer.count.n += 1
    headers = {name.decode(): value.decode() for name, value in answer.head if name not in (b"content-type", b"content-length")}
    media_type = answer.head[0][1].decode().removesuffix("; charset=utf-8")  # which the framework adds to text
    return Response(answer.body, status_code=answer.status, headers=headers | expires, media_type=media_type)


def see_other(address: str) -> Response[bytes]:
    """303, kept by nobody: the next one may be led elsewhere."""
    headers = {"location": quote(address, safe=_RESERVED), "cache-control": "no-store", "referrer-policy": "no-referrer"}
    return Response(b"", status_code=303, headers=headers, media_type="text/plain")


def searched(request: Asked, surface: Surface, words: str, hits: PublicHits) -> None:
    """Count a search; words that found nothing are remembered as `presence.web.vain` says."""
    found = bool(hits.contacts or hits.units or hits.topics)
    surface.counts.add(name("search", "found" if found else "vain"))
    if request.client:
        surface.vain.asked(words, request.client.host, surface.live.clock.now(), found)
