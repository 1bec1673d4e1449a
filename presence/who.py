"""`presence who`: the answer for an audience, from the store's facts at one moment; for staff with the reason of the answer.

The reason of an *answer*, that is: which fact decided. A reason of an absence there is none.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from presence.board import Board
from presence.domain import audience
from presence.domain.directory import Alias
from presence.domain.facts import SourceHealth
from presence.domain.intervals import Instant
from presence.domain.views import PublicContact, StaffContact, View
from presence.wording import Wording

Audience = Literal["public", "self", "staff", "desk"]


class SourceAge(View, frozen=True, omit_defaults=True):
    """How old what a source said is, in seconds."""

    source: str
    age: int | None = None
    inside_limit: bool = False
    error: str = ""


class Told(View, frozen=True, omit_defaults=True):
    """One line of output. `asked` as it was given; neither view for somebody unknown (to that audience).

    `zone`: the organisation's, for whoever writes an instant of it.
    """

    asked: str
    public: PublicContact | None = None
    staff: StaffContact | None = None
    sources: tuple[SourceAge, ...] = ()
    zone: str = "UTC"


class Who:
    """Answers from one board, which holds the facts of one moment."""

    def __init__(self, board: Board, wordings: Mapping[str, Wording]) -> None:
        self._board = board
        self._wordings = wordings

    def ask(self, asked: str, of: Audience, t: Instant, language: str = "", topic: str = "") -> Told:
        """`asked` is an id or an alias. The public is answered at the board's tick, the others at `t`."""
        zone = self._board.rules.zone
        wording = self._wordings.get(language) or next(iter(self._wordings.values()))
        contact = self._contact(asked)
        if contact is None:
            return Told(asked)
        if of == "public":
            enquiry = self._board.enquiry(topic)
            public = audience.contact_view(enquiry, contact, wording.at(self._board.tick))
            return Told(asked, public=public, zone=zone)
        staff_enquiry = self._board.staff_enquiry(t, topic)
        found = self._board.now.contact(contact)
        if found is None:
            return Told(asked)
        view = audience.staff_view(staff_enquiry, found, wording.at(t))
        return Told(asked, staff=view, sources=tuple(self._ages(view, t)), zone=zone)

    def _contact(self, asked: str) -> str | None:
        if asked in self._board.now.states:
            return asked
        try:
            return self._board.now.bearer(str(Alias.parse(asked)))
        except ValueError:
            return None

    def _ages(self, view: StaffContact, t: Instant) -> Iterator[SourceAge]:
        names = dict.fromkeys(name for heard in view.explanation.heard for name in heard.source.split(",") if name)
        for name in names:
            health = self._board.now.sources.get(name)
            yield _age(name, health, t) if health else SourceAge(name)


def _age(name: str, health: SourceHealth, t: Instant) -> SourceAge:
    return SourceAge(name, t - health.ok_at if health.ok_at else None, t < health.ok_until, health.error)


def as_json(told: Told) -> dict[str, Any]:
    """For `--json`: the public view as the API gives it, or the staff view with ages."""
    view = told.public or told.staff
    if view is None:
        return {"asked": told.asked, "error": "unknown"}
    found: dict[str, Any] = msgspec.to_builtins(view)
    if told.staff:
        found["sources"] = msgspec.to_builtins(told.sources)
    return found
