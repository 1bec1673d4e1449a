"""The pages' routes: the same surface as the JSON, as HTML that works without script."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated
from urllib.parse import quote

from litestar import Controller, Response, get
from litestar.params import Parameter
from msgspec.structs import replace

from presence.domain import audience
from presence.domain.audience import PublicCentre, PublicContact, PublicHits
from presence.domain.referral import Enquiry
from presence.web import pages, reference
from presence.web.answers import PUBLIC_HEADERS, Answer, Header
from presence.web.assets import Asset
from presence.web.headers import HTML, page_headers
from presence.web.responding import Asked, respond
from presence.web.samples import samples
from presence.web.search_box import SearchBox
from presence.web.surface import Surface
from presence.web.visit import Site, Visit, link
from presence.wording import Wording

Language = Annotated[str, Parameter(query="lang", max_length=16)]
Topic = Annotated[str, Parameter(query="topic", max_length=64)]
Id = str
"""Whatever is no id is answered as an unknown one; the guard bounds its length."""

FRAGMENT: tuple[Header, ...] = PUBLIC_HEADERS


class Front:
    """What the routes share."""

    def __init__(self, surface: Surface, site: Site, assets: Mapping[str, Asset], embed_origins: Sequence[str]) -> None:
        self.surface = surface
        self.site = site
        self.assets = {name: a for a in assets.values() for name in (a.name, a.hashed)}
        https = site.address.startswith("https://")
        self.headers = page_headers(https)
        self.embed_headers = page_headers(https, ["*"] if "*" in embed_origins else embed_origins)
        self.counts = surface.counts

    def wording(self, language: str) -> Wording:
        return self.surface.wordings[self.surface.language(language)]

    def centre(self, language: str) -> PublicCentre | None:
        return self.surface.centre(self.surface.language(language))

    def visit(self, request: Asked, language: str, topic: str = "") -> Visit:
        live = self.surface.live
        return Visit(request.url.path, live.at_tick(), int(live.next_tick), self.centre(language), topic)

    def page(self, request: Asked, body: bytes, status: int = 200, headers: tuple[Header, ...] = ()) -> Response[bytes]:
        tick = self.surface.live.board.tick
        answer = Answer(body, tick, status=status, content_type=HTML, headers=headers or self.headers)
        return respond(request, self.surface, answer)

    def missing(self, request: Asked, language: str, status: int = 404) -> Response[bytes]:
        """The one page for unknown, hidden and gone. It must not tell where it was asked, so its links lead home."""
        return self.page(request, self.error(status, language), status)

    def error(self, status: int, language: str) -> bytes:
        """The page of an error; it names the centre."""
        centre, live = self.centre(language), self.surface.live
        visit = Visit("/", live.board.tick, int(live.next_tick), centre)
        return pages.render_error(status, self.surface.centre_referral(language), self.wording(language), self.site, visit)

    def too_many(self, language: str, wait: int) -> Answer:
        """The 429 of a page."""
        headers = (*self.headers, (b"retry-after", str(wait).encode()))
        body = self.error(429, language)
        return Answer(body, self.surface.live.board.tick, status=429, content_type=HTML, count="page/refused", headers=headers)


class Pages(Controller):
    """HTML."""

    include_in_schema = False

    @get("/")
    async def find(
        self,
        request: Asked,
        front: Front,
        search_box: SearchBox,
        q: Annotated[str, Parameter(max_length=200)] = "",
        lang: Language = "",
    ) -> Response[bytes]:
        """Find a contact."""
        words = q.strip()
        hits: PublicHits | None = search_box.hits(words, front.surface.language(lang)) if len(words) >= 2 else None
        body = pages.render_find(hits, words, front.wording(lang), front.site, front.visit(request, lang))
        return front.page(request, body)

    @get("/contacts/{contact:str}")
    async def contact(self, request: Asked, front: Front, contact: Id, lang: Language = "", topic: Topic = "") -> Response[bytes]:
        """A contact's page."""
        return contact_page(request, front, contact, lang, topic, pages.render_contact, front.headers)

    @get("/embed/{contact:str}")
    async def embed(self, request: Asked, front: Front, contact: Id, lang: Language = "", topic: Topic = "") -> Response[bytes]:
        """The card alone, for an iframe."""
        return contact_page(request, front, contact, lang, topic, pages.render_embed, front.embed_headers)

    @get("/units/{unit:str}")
    async def unit(self, request: Asked, front: Front, unit: Id, lang: Language = "") -> Response[bytes]:
        view = front.surface.unit(unit, front.surface.language(lang))
        if view is None:
            return front.missing(request, lang)
        return front.page(request, pages.render_unit(view, front.wording(lang), front.site, front.visit(request, lang)))

    @get("/topics/{topic:str}")
    async def topic(self, request: Asked, front: Front, topic: Id, lang: Language = "") -> Response[bytes]:
        view = front.surface.topic_view(topic, front.surface.language(lang))
        if view is None:
            return front.missing(request, lang)
        visit = front.visit(request, lang, topic)
        return front.page(request, pages.render_topic(view, front.wording(lang), front.site, visit))

    @get("/centre")
    async def centre(self, request: Asked, front: Front, lang: Language = "") -> Response[bytes]:
        view = front.centre(lang)
        if view is None:
            return front.missing(request, lang)
        return front.page(request, pages.render_centre(view, front.wording(lang), front.site, front.visit(request, lang)))

    @get("/accessibility")
    async def accessibility(self, request: Asked, front: Front, lang: Language = "") -> Response[bytes]:
        body = pages.render_statement(front.wording(lang), front.site, front.visit(request, lang))
        return front.page(request, body)

    @get("/docs")
    async def docs(self, request: Asked, front: Front, lang: Language = "") -> Response[bytes]:
        """The API's routes."""
        document = request.app.openapi_schema.to_schema()
        visit = front.visit(request, lang)
        listed = list(reference.routes(document))
        body = pages.render_reference(listed, document["openapi"], front.wording(lang), front.site, visit)
        return front.page(request, body)

    @get("/demo/widget")
    async def bench(
        self, request: Asked, front: Front, search_box: SearchBox, lang: Language = "", scheme: Id = ""
    ) -> Response[bytes]:
        """What to copy into another site, the live card, and every state; of the demo only."""
        surface, wording = front.surface, front.wording(lang)
        hits = search_box.hits("an", surface.language(lang)).contacts if front.site.demo else ()
        view = surface.view(surface.enquiry(), hits[0].id, surface.language(lang)) if hits else None
        if view is None:
            return front.missing(request, lang)
        visit = replace(front.visit(request, lang), scheme=scheme if scheme in ("light", "dark") else "")
        body = pages.render_bench(view, samples(wording, address=front.site.address), wording, front.site, visit)
        return front.page(request, body)

    @get("/go/{contact:str}/{kind:str}")
    async def go(
        self, front: Front, request: Asked, contact: Id, kind: Id, lang: Language = "", topic: Topic = ""
    ) -> Response[bytes]:
        """303 to where this enquiry should go now. Counted by outcome, never by person."""
        surface = front.surface
        asked_topic = surface.topic(topic)
        leads, referral = surface.go(contact, kind, asked_topic)
        if referral is None:
            return front.missing(request, lang)
        front.counts[f"go/{'direct' if leads else 'steps'}"] += 1
        if leads is None:
            steps = f"/go/{contact}/{quote(kind, safe='')}/steps"
            leads = surface.live.board.rules.address + link(steps, lang=surface.language(lang) if lang else "", topic=asked_topic)
        headers = {"location": leads, "cache-control": "no-store", "referrer-policy": "no-referrer"}
        return Response(b"", status_code=303, headers=headers, media_type="text/plain")

    @get("/go/{contact:str}/{kind:str}/steps")
    async def steps(
        self, request: Asked, front: Front, contact: Id, kind: Id, lang: Language = "", topic: Topic = ""
    ) -> Response[bytes]:
        """All steps, where none can be taken right away."""

        def render(view: PublicContact, wording: Wording, site: Site, visit: Visit) -> bytes:
            enquiry = front.surface.enquiry(visit.topic)
            found = enquiry.public(view.id)
            referral = audience.referral_view(enquiry, enquiry.refer(found, kind), front.surface.speaker(lang))
            return pages.render_go(view, referral, wording, site, visit)

        return contact_page(request, front, contact, lang, topic, render, front.headers)

    @get(["/static/{name:str}", "/widget/v1/{name:str}"])
    async def static(self, request: Asked, front: Front, name: Id) -> Response[bytes]:
        """Our own files. A name with a digest may be kept for ever; the stable ones are asked for again."""
        asset = front.assets.get(name)
        if asset is None:
            return front.missing(request, "")
        lasting = b"public, max-age=31536000, immutable" if name == asset.hashed else b"public, max-age=300"
        headers: tuple[Header, ...] = (
            *PUBLIC_HEADERS,
            (b"cross-origin-resource-policy", b"cross-origin"),  # sites of others embed the widget
            (b"cache-control", lasting),
        )
        answer = Answer(asset.body, 0, content_type=asset.media_type.encode(), headers=headers)
        response = respond(request, front.surface, answer)
        response.headers.pop("expires", None)
        return response


def contact_page(
    request: Asked,
    front: Front,
    contact: str,
    lang: str,
    topic: str,
    render: Callable[..., bytes],
    headers: tuple[Header, ...],
) -> Response[bytes]:
    topic = front.surface.topic(topic)
    enquiry: Enquiry = front.surface.enquiry(topic)
    view = front.surface.view(enquiry, contact, front.surface.language(lang))
    wording, visit = front.wording(lang), front.visit(request, lang, topic)
    if view is not None:
        return front.page(request, render(view, wording, front.site, visit), headers=headers)
    if render is pages.render_embed:
        anywhere = Visit("/", visit.tick, visit.expires, visit.centre)
        body = pages.render_embed_missing(front.surface.centre_referral(lang), wording, front.site, anywhere)
        return front.page(request, body, 404, headers)
    return front.missing(request, lang)
