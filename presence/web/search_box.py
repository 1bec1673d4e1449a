"""Search as the public meets it: whoever may be known, at most 20, and never their availability."""

import msgspec

from presence.board import Changed
from presence.domain import audience
from presence.domain.intervals import Instant
from presence.domain.views import PublicHits
from presence.search import Search
from presence.web.answers import Answer
from presence.web.surface import Surface

LIMIT = 20


class SearchBox:
    """The index of one process, brought up to date when it is asked."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._search = Search()
        self._stale: set[str] = set()
        self._shared = False  # whether units or topics may have changed
        self._picture: object = None
        surface.live.listen(self._changed)

    def hits(self, query: str, language: str) -> PublicHits:
        """Names alike are told apart by post and unit. Topics are shown first."""
        enquiry = self._surface.enquiry()
        self._refresh()
        found = self._search.find(query, enquiry.picture, lambda c: enquiry.public(c) is not None, LIMIT)
        return PublicHits(
            contacts=tuple(hit for c in found.contacts if (hit := audience.hit_view(enquiry, c))),
            units=tuple(audience.unit_hit(enquiry, u, meant=u in found.meant) for u in found.units),
            topics=tuple(audience.topic_hit(enquiry, t, language) for t in found.topics),
        )

    def answer(self, query: str, language: str) -> Answer:
        """Hits as JSON."""
        return self.written(self.hits(query, language))

    def written(self, hits: PublicHits) -> Answer:
        """As JSON. It is never empty: where nothing is found, the centre is among the contacts, and is told to stand in."""
        if not (hits.contacts or hits.units or hits.topics):
            enquiry = self._surface.enquiry()
            centre = audience.hit_view(enquiry, enquiry.picture.rules.centre)
            hits = PublicHits((msgspec.structs.replace(centre, instead=True),) if centre else (), (), ())
        return Answer(msgspec.json.encode(hits), self._tick())

    def _tick(self) -> Instant:
        return self._surface.live.board.tick

    def _changed(self, changed: Changed) -> None:
        self._stale |= changed.contacts
        self._shared |= changed.everything

    def _refresh(self) -> None:
        """Most changes are of availability: the index passes over contacts that are as they were."""
        picture = self._surface.live.board.public
        if self._picture is not picture:
            self._search.clear()
            self._search.index(picture, list(picture.states))
        elif self._stale or self._shared:
            self._search.index(picture, self._stale)
        self._picture, self._stale, self._shared = picture, set(), False
