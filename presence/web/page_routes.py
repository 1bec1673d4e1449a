"""The pages' routes: the same surface as the JSON, as HTML that works without script."""

from collections.abc import Sequence
from urllib.parse import quote

from litestar import Controller, MediaType, Response, get
from litestar.openapi.datastructures import ResponseSpec

from presence.domain import audience
from presence.domain.views import PublicContact, PublicHits
from presence.web import assets, pages, reference
from presence.web.answers import PUBLIC_HEADERS, Answer, Header
from presence.web.front import contact_page
from presence.web.given import Id, Language, TheFront, TheSearchBox, Topic, Words
from presence.web.headers import DRAWING
from presence.web.responding import Asked, respond, searched, see_other
from presence.web.visit import Site, Visit, link
from presence.wording import Wording

SELF_SERVICE = "self-service"
MISSING = {
    404: ResponseSpec(None, description="Unknown, hidden or gone: always the same page, with the centre.", media_type="text/html")
}


class Pages(Controller):
    """HTML, and where its links lead."""

    tags: Sequence[str] | None = ("pages",)

    @get("/", media_type=MediaType.HTML)
    async def find(
        self,
        request: Asked,
        front: TheFront,
        search_box: TheSearchBox,
        q: Words = "",
        lang: Language = "",
    ) -> Response[bytes]:
        """Find a contact."""
        words = q.strip()
        hits: PublicHits | None = search_box.hits(words, front.surface.language(lang)) if len(words) >= 2 else None
        if hits:
            searched(request, front.surface, words, hits)
        body = pages.render_find(hits, words, front.wording(lang), front.site, front.visit(request, lang))
        return front.page(request, body)

    @get("/contacts/{contact:str}", media_type=MediaType.HTML, responses=MISSING)
    async def contact(
        self, request: Asked, front: TheFront, contact: Id, lang: Language = "", topic: Topic = ""
    ) -> Response[bytes]:
        """A contact's page."""
        return contact_page(request, front, contact, lang, topic, pages.render_contact, front.headers)

    @get("/embed/{contact:str}", media_type=MediaType.HTML, responses=MISSING)
    async def embed(
        self, request: Asked, front: TheFront, contact: Id, lang: Language = "", topic: Topic = ""
    ) -> Response[bytes]:
        """The card alone, for an iframe."""
        return contact_page(request, front, contact, lang, topic, pages.render_embed, front.embed_headers)

    @get("/units/{unit:str}", media_type=MediaType.HTML, responses=MISSING)
    async def unit(self, request: Asked, front: TheFront, unit: Id, lang: Language = "") -> Response[bytes]:
        view = front.surface.unit(unit, front.surface.language(lang))
        if view is None:
            return front.missing(request, lang)
        return front.page(request, pages.render_unit(view, front.wording(lang), front.site, front.visit(request, lang)))

    @get("/topics/{topic:str}", media_type=MediaType.HTML, responses=MISSING)
    async def topic(self, request: Asked, front: TheFront, topic: Id, lang: Language = "") -> Response[bytes]:
        view = front.surface.topic_view(topic, front.surface.language(lang))
        if view is None:
            return front.missing(request, lang)
        visit = front.visit(request, lang, topic)
        return front.page(request, pages.render_topic(view, front.wording(lang), front.site, visit))

    @get("/centre", media_type=MediaType.HTML)
    async def centre(self, request: Asked, front: TheFront, lang: Language = "") -> Response[bytes]:
        view = front.centre(lang)
        if view is None:
            return front.missing(request, lang)
        return front.page(request, pages.render_centre(view, front.wording(lang), front.site, front.visit(request, lang)))

    @get("/accessibility", media_type=MediaType.HTML)
    async def accessibility(self, request: Asked, front: TheFront, lang: Language = "") -> Response[bytes]:
        body = pages.render_statement(front.wording(lang), front.site, front.visit(request, lang))
        return front.page(request, body)

    @get("/docs", media_type=MediaType.HTML)
    async def docs(self, request: Asked, front: TheFront, lang: Language = "") -> Response[bytes]:
        """The API's routes."""
        if front.described is None:  # it takes some 40 ms, and never changes
            document = request.app.openapi_schema.to_schema()
            front.described = list(reference.routes(document)), document["openapi"]
        body = pages.render_reference(*front.described, front.wording(lang), front.site, front.visit(request, lang))
        return front.page(request, body)

    @get("/go/{contact:str}/{kind:str}", status_code=303, responses=MISSING)
    async def go(
        self, front: TheFront, request: Asked, contact: Id, kind: Id, lang: Language = "", topic: Topic = ""
    ) -> Response[bytes]:
        """303 to where this enquiry should go now. Counted by outcome, never by person.

        With a topic in place of the contact, and `self-service` as the kind, it leads to the topic's own service.
        """
        surface = front.surface
        if kind == SELF_SERVICE and (service := surface.service(contact)):
            return see_other(service)
        asked_topic = surface.topic(topic)
        leads, referral = surface.go(contact, kind, asked_topic)
        if leads is None and referral is None:
            return front.missing(request, lang)
        if leads is None:
            steps = f"/go/{contact}/{quote(kind, safe='')}/steps"
            leads = surface.live.board.rules.address + link(steps, lang=surface.language(lang) if lang else "", topic=asked_topic)
        return see_other(leads)

    @get("/go/{contact:str}/{kind:str}/steps", media_type=MediaType.HTML, responses=MISSING)
    async def steps(
        self, request: Asked, front: TheFront, contact: Id, kind: Id, lang: Language = "", topic: Topic = ""
    ) -> Response[bytes]:
        """All steps, where none can be taken right away."""

        def render(view: PublicContact, wording: Wording, site: Site, visit: Visit) -> bytes:
            enquiry = front.surface.enquiry(visit.topic)
            found = enquiry.public(view.id)
            referral = audience.referral_view(
                enquiry, enquiry.refer(found, front.surface.live.board.rules.meant(kind)), front.surface.speaker(lang)
            )
            return pages.render_go(view, referral, wording, site, visit)

        return contact_page(request, front, contact, lang, topic, render, front.headers, counted=False)

    @get(["/static/{name:str}", "/widget/v1/{name:str}"], include_in_schema=False)
    async def static(self, request: Asked, front: TheFront, name: Id) -> Response[bytes]:
        """Our own files, packed for whoever unpacks. A name with a digest may be kept for ever; the stable ones are asked for
        again."""
        asset = front.assets.get(name)
        if asset is None:
            return front.missing(request, "")
        lasting = b"public, max-age=31536000, immutable" if name == asset.hashed else b"public, max-age=300"
        packed = bool(asset.packed) and assets.takes_gzip(request.headers.get("accept-encoding", ""))
        headers: tuple[Header, ...] = (
            *PUBLIC_HEADERS,
            *(((b"content-encoding", b"gzip"),) if packed else ()),
            (b"cross-origin-resource-policy", b"cross-origin"),  # sites of others embed the widget
            (b"cache-control", lasting),
            *((DRAWING,) if asset.name.endswith(".svg") else ()),
        )
        answer = Answer(asset.packed if packed else asset.body, 0, content_type=asset.media_type.encode(), headers=headers)
        response = respond(request, front.surface, answer)
        response.headers.pop("expires", None)
        if asset.packed:
            response.headers["vary"] = "accept-encoding"  # of "not modified" as well
        return response
