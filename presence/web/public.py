"""The public JSON routes: no cookie, no credentials, CORS open, strong ETag and 304, `Expires` at the next tick."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from litestar import Controller, Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from presence.domain.views import PublicCentre, PublicContact, PublicHits, PublicTopic, PublicUnit
from presence.web import pages
from presence.web.answers import Answer
from presence.web.errors import Problem, ProblemDocument
from presence.web.front import FRAGMENT, contact_page
from presence.web.given import Id, Language, TheFront, TheSearchBox, TheSurface, Topic, Words
from presence.web.responding import Asked, respond, searched
from presence.web.surface import MAX_IDS, Surface
from presence.web.vcard import vcard

_NOT_FOUND = ResponseSpec(ProblemDocument, description="Unknown, hidden or gone: always the same answer, with the centre.")


class Contacts(msgspec.Struct):
    contacts: tuple[PublicContact, ...]


class PublicApi(Controller):
    """Look-ups; the plain ones never come here, the shell answers them from the same surface."""

    path = "/v1"
    tags: Sequence[str] | None = ("public",)

    @get("/contacts", responses={200: ResponseSpec(PublicHits, description="With `q`; with `ids`, a list of contacts.")})
    async def find(
        self,
        request: Asked,
        surface: TheSurface,
        search_box: TheSearchBox,
        q: Words = "",
        ids: Annotated[str, QueryParameter(max_length=800, description="Up to 20 known ids, comma-separated.")] = "",
        lang: Language = "",
        topic: Topic = "",
    ) -> Response[bytes]:
        """At most 20 hits, without availability; or up to 20 known contacts in one answer."""
        if ids:
            wanted = list(dict.fromkeys(filter(None, ids.split(","))))
            if len(wanted) > MAX_IDS:
                raise Problem(400, "too-many-ids", field="ids", limit=MAX_IDS)
            return respond(request, surface, surface.contacts(wanted, surface.language(lang), surface.topic(topic)))
        if len(q.strip()) < 2:
            raise Problem(400, "query-too-short", field="q", limit=2)
        hits = search_box.hits(q, surface.language(lang))
        searched(request, surface, q, hits)
        return respond(request, surface, search_box.written(hits))

    @get("/contacts/{contact:str}", responses={200: ResponseSpec(PublicContact), 404: _NOT_FOUND})
    async def contact(
        self, request: Asked, surface: TheSurface, front: TheFront, contact: Id, lang: Language = "", topic: Topic = ""
    ) -> Response[bytes]:
        """A contact: whether they can be reached now, and where to turn if not.

        `{id}.vcf` gives a vCard, `{id}.html` the card as a fragment for server-side inclusion.
        """
        if contact.endswith(".html"):
            name = contact.removesuffix(".html")
            return contact_page(request, front, name, lang, topic, pages.render_fragment, FRAGMENT)
        if contact.endswith(".vcf"):
            return self._vcard(request, surface, contact.removesuffix(".vcf"), lang)
        return respond(request, surface, surface.contact(contact, surface.language(lang), surface.topic(topic)))

    def _vcard(self, request: Asked, surface: Surface, contact: str, lang: str) -> Response[bytes]:
        enquiry = surface.enquiry()
        view = surface.view(enquiry, contact, surface.language(lang))
        if view is None:
            return respond(request, surface, surface.unknown(surface.language(lang)))
        body = vcard(view, surface.live.board.rules.name)
        answer = Answer(body, surface.valid_until(enquiry), content_type=b"text/vcard; charset=utf-8")
        return respond(request, surface, answer)

    @get("/units/{unit:str}", responses={200: ResponseSpec(PublicUnit), 404: _NOT_FOUND})
    async def unit(self, request: Asked, surface: TheSurface, unit: Id, lang: Language = "") -> Response[bytes]:
        """A unit: its hours, coming exceptions, and whether somebody there can be reached now."""
        return self._value(request, surface, surface.unit(unit, surface.language(lang)), lang)

    @get("/topics/{topic:str}", responses={200: ResponseSpec(PublicTopic), 404: _NOT_FOUND})
    async def topic(self, request: Asked, surface: TheSurface, topic: Id, lang: Language = "") -> Response[bytes]:
        """What people ask about: its self-service link, whether somebody who handles it can be reached, where else to turn."""
        return self._value(request, surface, surface.topic_view(topic, surface.language(lang)), lang)

    @get("/centre", responses={200: ResponseSpec(PublicCentre), 404: _NOT_FOUND})
    async def centre(self, request: Asked, surface: TheSurface, lang: Language = "") -> Response[bytes]:
        """The one-stop centre."""
        return self._value(request, surface, surface.centre(surface.language(lang)), lang)

    def _value(
        self, request: Asked, surface: Surface, view: PublicUnit | PublicTopic | PublicCentre | None, lang: str
    ) -> Response[bytes]:
        if view is None:
            return respond(request, surface, surface.unknown(surface.language(lang)))
        return respond(request, surface, Answer(msgspec.json.encode(view), surface.live.board.tick))
