"""What an editor copies into another web site: four ways in, the same data."""

from markupsafe import Markup, escape

from presence.domain.audience import PublicContact
from presence.web.visit import Site, link
from presence.wording import Wording


def snippets(view: PublicContact, wording: Wording, site: Site) -> list[tuple[str, str]]:
    """Names (as in the catalogues, `bench.…`) and texts to copy. None holds a status: a copy of one would soon be wrong."""
    lang = "" if wording.language == site.default else wording.language
    element = _element(view, wording, site)
    script = f'<script type="module" src="{site.address}/widget/v1/presence.js"></script>'
    style = f'<link rel="stylesheet" href="{site.address}/widget/v1/card.css">'
    frame = Markup('<iframe src="{}" title="{}" loading="lazy" width="100%" height="260"></iframe>').format(
        site.address + link(f"/embed/{view.id}", lang=lang), wording.text("widget.title", name=view.name)
    )
    return [
        ("script", f"{style}\n{script}\n{element}"),
        ("block", f"<!-- wp:html -->\n{style}\n{script}\n{element}\n<!-- /wp:html -->"),
        ("frame", str(frame)),
        ("fragment", f"GET {site.address}{link(f'/v1/contacts/{view.id}.html', lang=lang)}"),
        ("json", f"GET {site.address}{link(f'/v1/contacts/{view.id}', lang=lang)}"),
    ]


def _element(view: PublicContact, wording: Wording, site: Site) -> str:
    """A card that is of use before, and without, the script."""
    ways = "".join(
        f'\n    <li><span class="kind">{escape(c.label)}</span> <a href="{escape(target)}">{escape(c.display)}</a></li>'
        for c in view.channels
        if (target := wording.target(c.kind, c.value))
    )
    return (
        f'<presence-contact src="{site.address}/v1/contacts/{view.id}" lang="{wording.language}">\n'
        f'<article class="presence-card">\n  <h3 class="name">{escape(view.name)}</h3>\n'
        f'  <p data-presence role="status" aria-atomic="true"></p>\n  <ul class="ways">{ways}\n  </ul>\n'
        "</article>\n</presence-contact>"
    )
