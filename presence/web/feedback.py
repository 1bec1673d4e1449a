"""The routes of "did you reach somebody?": a form of two buttons, and thanks for the answer."""

from collections.abc import Sequence

from litestar import Controller, MediaType, Response, get, post
from litestar.openapi.datastructures import ResponseSpec

from presence.web import documents, pages
from presence.web.cells import name
from presence.web.errors import Problem
from presence.web.front import Front, contact_page
from presence.web.given import Id, Language, TheFront
from presence.web.page_routes import MISSING
from presence.web.reached import LIMIT, read
from presence.web.responding import Asked, see_other
from presence.web.visit import link

_FORM = "application/x-www-form-urlencoded"
_ANSWERED = {
    **MISSING,
    204: ResponseSpec(None, description="Counted or not, to a script. Nobody is told which."),
    400: ResponseSpec(None, description="No answer of the form."),
}


class Feedback(Controller):
    """Counts by unit, kind of channel and hour. No cookie, nothing stored at the visitor's, nothing of who answers."""

    tags: Sequence[str] | None = ("pages",)

    @post("/contacts/{contact:str}/reached", status_code=303, responses=_ANSWERED, operation_class=documents.Reached)
    async def answer(self, request: Asked, front: TheFront, contact: Id, lang: Language = "") -> Response[bytes]:
        """`answer=yes` or `no`, and the `kind` of channel that was tried. 303 to the thanks, or 204 to a script."""
        return await _answered(request, front, contact, lang, "contacts")

    @get("/contacts/{contact:str}/reached", media_type=MediaType.HTML, responses=MISSING)
    async def thanks(self, request: Asked, front: TheFront, contact: Id, lang: Language = "") -> Response[bytes]:
        """Thanks, the same whether the answer counted or not."""
        return _thanks(request, front, contact, lang, "contacts")

    @post("/embed/{contact:str}/reached", status_code=303, responses=_ANSWERED, operation_class=documents.Reached)
    async def answer_in_frame(self, request: Asked, front: TheFront, contact: Id, lang: Language = "") -> Response[bytes]:
        """The same, from within a frame."""
        return await _answered(request, front, contact, lang, "embed")

    @get("/embed/{contact:str}/reached", media_type=MediaType.HTML, responses=MISSING)
    async def thanks_in_frame(self, request: Asked, front: TheFront, contact: Id, lang: Language = "") -> Response[bytes]:
        """The same, in a frame."""
        return _thanks(request, front, contact, lang, "embed")


async def _answered(request: Asked, front: Front, contact: str, lang: str, place: str) -> Response[bytes]:
    """Raises `Problem`. Of nobody: the one 404."""
    given = read(await _body(request), {kind.name for kind in front.surface.live.board.rules.kinds})
    if given is None:
        raise Problem(400, "bad-document")
    surface = front.surface
    enquiry = surface.enquiry()
    found = enquiry.public(contact)
    if found is None:
        return _thanks(request, front, contact, lang, place)
    client = request.client
    if client and surface.reached.take(found.id, client.host, surface.live.clock.now()):
        kind, answer = given
        surface.counts.add(name("reached", kind, answer, surface.group(enquiry, found)))
    if request.headers.get("sec-fetch-mode", "navigate") != "navigate":
        return Response(b"", status_code=204, headers={"cache-control": "no-store"})
    thanks = link(f"/{place}/{found.id}/reached", lang=surface.language(lang) if lang else "")
    return see_other(thanks)


def _thanks(request: Asked, front: Front, contact: str, lang: str, place: str) -> Response[bytes]:
    if place == "embed":
        return contact_page(request, front, contact, lang, "", pages.render_thanks_embed, front.embed_headers, counted=False)
    return contact_page(request, front, contact, lang, "", pages.render_thanks, front.headers, counted=False)


async def _body(request: Asked) -> bytes:
    """The form, of the one type it has, up to the limit whatever length was announced."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise Problem(415, "unsupported-media-type")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LIMIT:
            raise Problem(413, "too-large", limit=LIMIT)
    return body
