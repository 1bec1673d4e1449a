"""What all page routes share: headers, the centre of every page, errors that are no dead end."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from litestar import Response

from presence.board import Board
from presence.domain.intervals import Instant
from presence.domain.referral import Enquiry
from presence.domain.views import PublicCentre
from presence.web import pages
from presence.web.answers import NOT_KEPT, PUBLIC_HEADERS, Answer, Header
from presence.web.assets import Asset
from presence.web.cells import UNCOUNTED, Cell, Several, name
from presence.web.headers import HTML, page_headers
from presence.web.reference import Route
from presence.web.responding import Asked, respond
from presence.web.surface import Surface
from presence.web.visit import Site, Visit
from presence.wording import Wording

FRAGMENT: tuple[Header, ...] = PUBLIC_HEADERS


class Front:
    """What the routes share."""

    def __init__(
        self,
        surface: Surface,
        site: Site,
        assets: Mapping[str, Asset],
        embed_origins: Sequence[str],
        elsewhen: Callable[[Instant], Awaitable[Board]] | None = None,
    ) -> None:
        """`elsewhen`: the board at another instant, which there is of the demonstration alone."""
        self.surface = surface
        self.site = site
        self.elsewhen = elsewhen
        self.assets = {name: a for a in assets.values() for name in (a.name, a.hashed)}
        https = site.address.startswith("https://")
        self.headers = page_headers(https)
        self.described: tuple[Sequence[Route], str] | None = None  # the API's routes, once they were asked for
        self._errors: dict[tuple[str | int, str], bytes] = {}
        self._errors_at: Instant = 0
        surface.live.listen(lambda _changed: self._errors.clear())
        self.embed_headers = page_headers(https, ["*"] if "*" in embed_origins else embed_origins)

    def wording(self, language: str) -> Wording:
        return self.surface.wordings[self.surface.language(language)]

    def centre(self, language: str) -> PublicCentre | None:
        return self.surface.centre(self.surface.language(language))

    def visit(self, request: Asked, language: str, topic: str = "") -> Visit:
        live, spoken = self.surface.live, self.surface.language(language)
        centre = self.centre(language)
        translated = frozenset(name for name, each in live.board.public.topics.items() if spoken in each.names)
        return Visit(request.url.path, live.at_tick(), int(live.next_tick), centre, topic, translated)

    def page(
        self,
        request: Asked,
        body: bytes,
        status: int = 200,
        headers: tuple[Header, ...] = (),
        count: Cell | Several = UNCOUNTED,
    ) -> Response[bytes]:
        tick = self.surface.live.board.tick
        answer = Answer(body, tick, status=status, content_type=HTML, count=count, headers=headers or self.headers)
        return respond(request, self.surface, answer)

    def missing(self, request: Asked, language: str, status: int = 404) -> Response[bytes]:
        """The one page for unknown, hidden and gone. It must not tell where it was asked, so its links lead home."""
        return self.page(request, self.error(status, language), status)

    def error(self, kind: str | int, language: str) -> bytes:
        """The page of an error; it names the centre. Made once a tick: refusing must cost less than answering."""
        live, named = self.surface.live, (kind, self.surface.language(language))
        if self._errors_at != live.at_tick():
            self._errors_at = live.board.tick
            self._errors.clear()
        if named not in self._errors:
            visit = Visit("/", live.board.tick, int(live.next_tick), self.centre(language))
            referral = self.surface.centre_referral(language)
            self._errors[named] = pages.render_error(kind, referral, self.wording(language), self.site, visit)
        return self._errors[named]

    def too_many(self, language: str, wait: int, *, of_the_day: bool = False) -> Answer:
        """The 429 of a page."""
        headers = (*self.headers, (b"retry-after", str(wait).encode()), NOT_KEPT)
        body = self.error("enough" if of_the_day else 429, language)
        refused = self.surface.counts.cell(name("refused", "page"))
        return Answer(body, self.surface.live.board.tick, status=429, content_type=HTML, count=refused, headers=headers)


def contact_page(
    request: Asked,
    front: Front,
    contact: str,
    lang: str,
    topic: str,
    render: Callable[..., bytes],
    headers: tuple[Header, ...],
    counted: bool = True,
) -> Response[bytes]:
    """A page, frame or fragment of a contact, or of nobody. `render` makes it of the public view."""
    topic = front.surface.topic(topic)
    enquiry: Enquiry = front.surface.enquiry(topic)
    view = front.surface.view(enquiry, contact, front.surface.language(lang))
    wording, visit = front.wording(lang), front.visit(request, lang, topic)
    if view is not None:
        count = front.surface.looked_up(view, topic) if counted else UNCOUNTED
        return front.page(request, render(view, wording, front.site, visit), headers=headers, count=count)
    if render in (pages.render_embed, pages.render_thanks_embed):
        anywhere = Visit("/", visit.tick, visit.expires, visit.centre)
        body = pages.render_embed_missing(front.surface.centre_referral(lang), wording, front.site, anywhere)
        return front.page(request, body, 404, headers)
    if render is pages.render_fragment:  # whoever includes it has a page already, and no use for another
        return respond(request, front.surface, front.surface.unknown(front.surface.language(lang)))
    return front.missing(request, lang)
