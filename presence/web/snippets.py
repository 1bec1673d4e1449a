"""What an editor copies into another web site: several ways in, the same data. See docs/embedding.md."""

from collections.abc import Iterable, Iterator

from markupsafe import Markup, escape

from presence.domain.views import PublicCentre, PublicChannel, PublicContact
from presence.web.visit import Site, link
from presence.wording import Wording

_FRAME, _PLAIN = 560, 640
"""Pixels that the longest answer takes on the narrowest telephone; plain language takes more words."""
_SCRIPT, _STYLE = "presence.js", "card.css"


def snippets(view: PublicContact, wording: Wording, site: Site, centre: PublicCentre | None) -> list[tuple[str, str]]:
    """Names (as in the catalogues, `bench.…`) and texts to copy. None holds a status: a copy of one would soon be wrong.

    What goes through the template of a Sitevision script module holds no `$` and no `#`, which Velocity would read as its own;
    what goes through WordPress no line that is empty, where it would make paragraphs.
    """
    lang = "" if wording.language == site.default else wording.language
    element = _element(view, wording, site, centre if centre and centre.id != view.id else None)
    plain = "\n".join((*_styles(site), f'<script type="module" src="{site.address}/widget/v1/{_SCRIPT}"></script>', element))
    frame = Markup('<iframe src="{}" title="{}" loading="lazy" width="100%" height="{}"></iframe>').format(
        site.address + link(f"/embed/{view.id}", lang=lang),
        wording.text("widget.title", name=view.name),
        _PLAIN if "-" in wording.language else _FRAME,
    )
    found = [
        ("script", plain),
        ("block", f"<!-- wp:html -->\n{plain}\n<!-- /wp:html -->"),
        ("sitevision", plain),
        ("frame", str(frame)),
        ("fragment", f"GET {site.address}{link(f'/v1/contacts/{view.id}.html', lang=lang)}"),
        ("json", f"GET {site.address}{link(f'/v1/contacts/{view.id}', lang=lang)}"),
    ]
    if site.pinned:
        found.insert(3, ("pinned", "\n".join((*_pinned(site), element))))
    return found


def _styles(site: Site) -> list[str]:
    names = [_STYLE, *(["theme.css"] if site.themed else [])]
    return [f'<link rel="stylesheet" href="{site.address}/widget/v1/{name}">' for name in names]


def _pinned(site: Site) -> list[str]:
    """The files by their lasting names, with what a browser demands of them (SRI)."""
    names = [_STYLE, *(["theme.css"] if site.themed else []), _SCRIPT]
    lines = []
    for name in names:
        hashed, integrity = site.pinned[name]
        more = f'integrity="{integrity}" crossorigin="anonymous"'
        url = f"{site.address}/widget/v1/{hashed}"
        sheet = name.endswith(".css")
        lines.append(
            f'<link rel="stylesheet" href="{url}" {more}>' if sheet else f'<script type="module" src="{url}" {more}></script>'
        )
    return lines


def centre_line(centre: PublicCentre | None, wording: Wording) -> str:
    """Where to turn when nothing is known any more: the centre and its number, whatever the hour."""
    if centre is None:
        return ""
    phone = next((c.display for c in centre.channels if c.kind == "telephone"), "")
    return wording.text("widget.centre.phone" if phone else "widget.centre", centre=centre.name, phone=phone)


def _element(view: PublicContact, wording: Wording, site: Site, centre: PublicCentre | None) -> str:
    """A card that is of use before, and without, the script, and that says what to do when the script is cut off."""
    ways = "".join(f"\n    <li>{way}</li>" for way in _links(view.channels, wording))
    redirect = f' data-redirect="{escape(centre_line(centre, wording))}"' if centre else ""
    return (
        f'<presence-contact src="{site.address}/v1/contacts/{view.id}" lang="{wording.language}" '
        f'data-unknown="{escape(wording.text("widget.unknown"))}"{redirect}>\n'
        f'<article class="presence-card">\n  <h3 class="name">{escape(view.name)}</h3>\n'
        f'  <p data-presence role="status" aria-atomic="true"></p>\n  <ul class="ways">{ways}\n  </ul>\n'
        f"{_centre(centre, wording, site) if centre else ''}"
        "</article>\n</presence-contact>"
    )


def _centre(centre: PublicCentre, wording: Wording, site: Site) -> str:
    """Its page, and its first number."""
    lang = "" if wording.language == site.default else wording.language
    phone = next(_links([c for c in centre.channels if c.kind == "telephone"], wording), "")
    page = f'<a href="{escape(site.address + link("/centre", lang=lang))}">{escape(centre.name)}</a>'
    return f'  <p class="more">{" ".join(filter(None, (page, phone)))}</p>\n'


def _links(channels: Iterable[PublicChannel], wording: Wording) -> Iterator[str]:
    for c in channels:
        if target := wording.target(c.kind, c.value):
            yield f'<span class="kind">{escape(c.label)}</span> <a href="{escape(target)}">{escape(c.display)}</a>'
