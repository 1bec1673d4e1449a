"""Structured data of schema.org in a page: who and how, never whether."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from presence.domain.views import PublicCentre, PublicChannel, PublicContact
from presence.web.visit import Site


def person(view: PublicContact, site: Site) -> Markup:
    """Of a contact."""
    titles = [post.title for post in view.posts if post.title]
    found = {
        "@context": "https://schema.org",
        "@type": "Person",
        "name": view.name,
        **({"jobTitle": titles[0]} if titles else {}),
        "worksFor": {"@type": "GovernmentOrganization", "name": site.name},
        "contactPoint": _points(view.channels),
    }
    return _block(found)


def office(view: PublicCentre, site: Site) -> Markup:
    """Of the one-stop centre."""
    address = {"address": view.office_address} if view.office_address else {}
    found = {
        "@context": "https://schema.org",
        "@type": "GovernmentOffice",
        "name": view.name,
        "parentOrganization": {"@type": "GovernmentOrganization", "name": site.name},
        **address,
        "contactPoint": _points(view.channels),
    }
    return _block(found)


def _points(channels: Sequence[PublicChannel]) -> list[dict[str, str]]:
    fields = {
        "telephone": "telephone",
        "mobile": "telephone",
        "text-telephone": "telephone",
        "e-mail": "email",
        "fax": "faxNumber",
    }
    return [
        {"@type": "ContactPoint", "contactType": c.label, fields.get(c.kind, "url"): c.value}
        for c in channels
        if c.kind in fields or c.value.startswith(("https://", "http://"))
    ]


def _block(value: Mapping[str, Any]) -> Markup:
    """A data block: no script, so no policy blocks it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return Markup('<script type="application/ld+json">{}</script>').format(Markup(text))  # noqa: S704  # escaped above
