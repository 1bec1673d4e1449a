"""The pages, as bytes. They are made of the public views and of nothing else, so no page can show more than the JSON does."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from presence.domain.intervals import Status
from presence.domain.views import (
    PublicCentre,
    PublicChannel,
    PublicContact,
    PublicHits,
    PublicReferral,
    PublicStep,
    PublicTopic,
    PublicUnit,
)
from presence.web import snippets, structured
from presence.web.reference import Route
from presence.web.visit import Site, Visit, link
from presence.wording import OWN, Wording

SHAPES = {
    Status.AVAILABLE: "M5 12.5l4.5 4.5L19 7.5",
    Status.BUSY: "M5 12h14",
    Status.AWAY: "M9 6l-5 5 5 5M4 11h10a5 5 0 0 1 0 10h-3",
    Status.CLOSED: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
    Status.UNKNOWN: "M8.5 8.5a3.5 3.5 0 1 1 4.9 3.2c-.9.4-1.4 1-1.4 2.1M12 18.4v.1",
}
"""One shape a state, drawn in the colour of the text: nothing depends on telling colours apart."""

_NOWHERE = PublicReferral("")
_POSTAL_CODE = re.compile(r"(?<![\d-])(?<!\d )([1-9]\d\d) (\d\d)(?! ?\d)")  # and no end of a telephone number
_TITLES = {404: "missing", 429: "busy", 500: "down", 502: "down", 503: "down"}

_templates = Environment(
    loader=PackageLoader("presence.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def render_find(hits: PublicHits | None, query: str, wording: Wording, site: Site, visit: Visit) -> bytes:
    """The front page; with `hits`, what was found for `query`. `hits` None with a query: it was too short."""
    total = len(hits.contacts) + len(hits.units) + len(hits.topics) if hits else 0
    return _page("find.html", wording, site, visit, hits=hits, query=query, total=total, short=bool(query) and hits is None)


def render_contact(view: PublicContact, wording: Wording, site: Site, visit: Visit) -> bytes:
    """A contact: whether they can be reached, where to turn, how to reach them."""
    return _page("contact.html", wording, site, visit, view=view, json_ld=structured.person(view, site))


def render_unit(view: PublicUnit, wording: Wording, site: Site, visit: Visit) -> bytes:
    return _page("unit.html", wording, site, visit, view=view)


def render_topic(view: PublicTopic, wording: Wording, site: Site, visit: Visit) -> bytes:
    return _page("topic.html", wording, site, visit, view=view)


def render_centre(view: PublicCentre, wording: Wording, site: Site, visit: Visit) -> bytes:
    return _page("centre.html", wording, site, visit, view=view, json_ld=structured.office(view, site))


def render_go(view: PublicContact, referral: PublicReferral, wording: Wording, site: Site, visit: Visit) -> bytes:
    """Where `/go` leads when nothing open has the kind of channel asked for: all steps."""
    return _page("go.html", wording, site, visit, view=view, referral=referral)


def render_error(kind: str | int, referral: PublicReferral, wording: Wording, site: Site, visit: Visit) -> bytes:
    """An error that is no dead end: of a status, or of a name in the catalogues. It says nothing of what was asked for."""
    name = kind if isinstance(kind, str) else _TITLES.get(kind, "bad")
    title, text = wording.text(f"error.{name}.title"), wording.text(f"error.{name}")
    return _page("error.html", wording, site, visit, title=title, text=text, referral=referral)


def render_statement(wording: Wording, site: Site, visit: Visit) -> bytes:
    """The accessibility statement that the law asks for."""
    found = site.shortcomings.get(wording.language, ())
    borrowed = Markup("") if found else _own(wording, site)
    found = found or site.shortcomings.get(site.default, ())
    return _page("statement.html", wording, site, visit, shortcomings=found, shortcomings_lang=borrowed)


def render_reference(routes: Sequence[Route], version: str, wording: Wording, site: Site, visit: Visit) -> bytes:
    """The API's routes, for developers; in English whatever the page's language."""
    return _page("reference.html", wording, site, visit, routes=routes, version=version)


def render_fragment(view: PublicContact, wording: Wording, site: Site, visit: Visit) -> bytes:
    """A card for other servers to include. It says until when it may be shown; the script clears it after that."""
    return _page("card.html", wording, site, visit, view=view, heading="h3")


def render_embed(view: PublicContact, wording: Wording, site: Site, visit: Visit) -> bytes:
    """The card as a page of its own, for a frame."""
    return _page("embed.html", wording, site, visit, view=view, heading="h1", title=view.name)


def render_thanks(view: PublicContact, wording: Wording, site: Site, visit: Visit) -> bytes:
    """After an answer to whether somebody was reached."""
    return _page("thanks.html", wording, site, visit, view=view)


def render_thanks_embed(view: PublicContact, wording: Wording, site: Site, visit: Visit) -> bytes:
    """The same in a frame."""
    return _page("embed.html", wording, site, visit, view=view, thanks=True, title=view.name)


def render_embed_missing(referral: PublicReferral, wording: Wording, site: Site, visit: Visit) -> bytes:
    """The frame of nobody: the centre. The same for unknown, hidden and gone."""
    title, text = wording.text("error.missing.title"), wording.text("error.missing")
    return _page("embed.html", wording, site, visit, view=None, title=title, text=text, referral=referral)


class BenchClock(NamedTuple):
    """The clock of the bench. Times are local, as the field of a form holds them."""

    time: str
    moved: bool = False
    presets: Sequence[tuple[str, str]] = ()  # in words, and as a time; none: the clock cannot be moved
    people: Sequence[tuple[str, str]] = ()  # id and name
    chosen: str = ""


def render_bench(
    view: PublicContact,
    samples: Sequence[PublicContact],
    wording: Wording,
    site: Site,
    visit: Visit,
    clock: BenchClock,
) -> bytes:
    """How to embed a card: what to copy, the live card, every state."""
    more = {
        "samples": samples,
        "snippets": snippets.snippets(view, wording, site, visit.centre),
        "clock": clock,
        "still": clock.moved,
    }
    return _page("bench.html", wording, site, visit, view=view, heading="h3", **more)


def _page(name: str, wording: Wording, site: Site, visit: Visit, **more: Any) -> bytes:
    lang = "" if wording.language == site.default else wording.language
    before, _, after = wording.text("page.as_of", time="\0").partition("\0")
    as_of = {
        "before": before,
        "after": after,
        "clock": wording.clock(visit.tick),
        "iso": wording.moments.iso(visit.tick),
        "full": wording.text("page.as_of.full", moment=wording.dated(visit.tick)),
        "pattern": wording.text("page.as_of.full", moment=wording.text("moment.date", date="{date}", time="{time}")),
        **wording.moments.forms,
    }
    kinds = wording.kinds.values()
    context: dict[str, Any] = {
        "w": wording,
        "site": site,
        "visit": visit,
        "lang": lang,
        "own": _own(wording, site),
        "url": lambda path: link(path, lang=lang),
        "link": link,
        "as_of": as_of,
        "expires": wording.moments.iso(visit.expires),
        "shapes": SHAPES,
        "sentences": sentences,
        "breakable": breakable,
        "whole_codes": whole_codes,
        "around": lambda name, place, inner: escape(wording.text(name, **{place: "\0"})).replace("\0", inner),
        "main_way": lambda steps, own_id: main_way(steps, own_id, wording),
        "centre_line": snippets.centre_line(visit.centre, wording),
        "kinds": {
            "schemes": " ".join(f"{kind.name}:{kind.scheme}" for kind in kinds if kind.scheme),
            "live": " ".join(kind.name for kind in kinds if kind.live),
        },
        "linked": lambda text, steps: linked(text, steps, wording),
        "replies_of": lambda w: [text for own in OWN if own != "notice" and (text := w.text(own))],
        "hide_centre": False,
        "thanks": False,
        "still": False,
        "query": "",
    }
    return _templates.get_template(name).render(context | more).encode()


def sentences(text: str) -> tuple[str, str]:
    """The first sentence, which says the state, and the rest."""
    first, stop, rest = text.partition(". ")
    return (f"{first}.", rest) if stop else (text, "")


def linked(text: str, steps: Sequence[PublicStep], wording: Wording) -> Markup:
    """The text with each number and address of the steps that stands in it as a link."""
    marked = escape(text)
    for channel in _shown_once(steps):
        target = wording.target(channel.kind, channel.value)
        shown = escape(channel.display)
        if target and shown in marked:
            before, _, after = marked.partition(shown)
            marked = before + Markup('<a href="{}">{}</a>').format(target, breakable(channel.display)) + after
    return marked


def main_way(steps: Sequence[PublicStep], own_id: str, wording: Wording) -> tuple[PublicStep | None, PublicChannel | None]:
    """The one thing to do first: a way to reach whoever is open, else the first that can be written to. See static/steps.js."""
    offered = [s for s in steps if (s.open or s.id != own_id) and s.to != "self-service"]
    ways = [(s, c) for s in offered for c in s.channels if c.open and wording.target(c.kind, c.value)]
    live = {kind.name for kind in wording.kinds.values() if kind.live}
    written = [way for way in ways if way[1].kind not in live]
    mails = [way for way in written if way[1].kind == "e-mail"]  # to which the sentence above them leads, too
    return next(iter([way for way in ways if way[0].open] or mails or written), (None, None))


def whole_codes(text: str) -> str:
    """An address whose postal code does not break at the end of a line."""
    return _POSTAL_CODE.sub("\\1\u00a0\\2", text)


def breakable(text: str) -> Markup:
    """Something that may run the other way than the text around it; where it has to break, an address does so at its joints."""
    parts = re.split(r"(?<=@)" if "@" in text else r"(?=[./]\S)", whole_codes(text))
    return Markup("<bdi>{}</bdi>").format(Markup("<wbr>").join(parts))


def _shown_once(steps: Sequence[PublicStep]) -> Iterator[PublicChannel]:
    seen: set[str] = set()
    for channel in (c for s in steps for c in s.channels):
        if channel.display not in seen:
            seen.add(channel.display)
            yield channel


def _own(wording: Wording, site: Site) -> Markup:
    """Titles, units and replies are written in the organisation's language; elsewhere a screen reader has to be told."""
    same = wording.language.partition("-")[0] == site.default.partition("-")[0]
    return Markup("") if same else Markup(' lang="{}"').format(site.default)
