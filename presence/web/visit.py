"""What the pages know of the installation and of the request: nothing about the visitor."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from presence.domain.audience import PublicCentre
from presence.domain.intervals import Instant

COLOURS = ("accent", "accent-ink", "ink", "muted", "paper", "card", "line", "available", "busy", "away", "closed", "unknown")
"""What of the design an organisation may set, each for light and, with `-dark`, for dark surroundings."""

_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


class Site(msgspec.Struct, frozen=True):
    """One installation. `assets`: under which URL a static file is served, hashed or not."""

    name: str  # of the organisation
    languages: Mapping[str, str]  # language -> what it calls itself; the first is the default
    address: str = ""  # of this service, without a slash at the end
    home: str = ""  # the organisation's own site
    logo: str = ""  # URL of an image on this host
    colours: Mapping[str, str] = {}
    assets: Mapping[str, str] = {}
    shortcomings: Mapping[str, tuple[str, ...]] = {}  # known faults of accessibility, by language
    statement_date: str = ""  # when the accessibility statement was last gone through, ISO
    demo: bool = False

    @property
    def default(self) -> str:
        return next(iter(self.languages))

    def asset(self, name: str) -> str:
        return self.assets.get(name, f"/static/{name}")


class Visit(msgspec.Struct, frozen=True):
    """One request, as far as a page depends on it. `expires`: the next tick."""

    path: str
    tick: Instant
    expires: Instant
    centre: PublicCentre | None = None
    topic: str = ""
    scheme: str = ""  # "light" or "dark" where it was asked for, on the bench


def theme(colours: Mapping[str, str]) -> bytes:
    """A stylesheet with the organisation's colours. Raises ValueError for what is none of `COLOURS` or no hex colour."""
    light: list[str] = []
    dark: list[str] = []
    for name, value in colours.items():
        base = name.removesuffix("-dark")
        if base not in COLOURS or not _COLOUR.fullmatch(value):
            raise ValueError(f"{name}: set one of {', '.join(COLOURS)} to a colour such as #14506b")
        (dark if name.endswith("-dark") else light).append(f"--presence-{base}:{value}")
    sheet = f":root{{{';'.join(light)}}}"
    if dark:
        rule = ";".join(dark)
        sheet += f"@media(prefers-color-scheme:dark){{:root:not([data-scheme=light]){{{rule}}}}}:root[data-scheme=dark]{{{rule}}}"
    return sheet.encode()


def link(path: str, **query: str) -> str:
    """A path of this service with what is not empty of the query."""
    asked = urlencode({name: value for name, value in query.items() if value})
    return f"{path}?{asked}" if asked else path
