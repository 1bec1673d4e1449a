"""What the pages know of the installation and of the request: nothing about the visitor."""

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from presence.domain.intervals import Instant
from presence.domain.views import PublicCentre


class Site(msgspec.Struct, frozen=True):
    """One installation. `assets`: under which URL a static file is served, hashed or not."""

    name: str  # of the organisation
    languages: Mapping[str, str]  # language -> what it calls itself; the first is the default
    address: str = ""  # of this service, without a slash at the end
    home: str = ""  # the organisation's own site
    logo: str = ""  # name of an asset
    logo_dark: str = ""  # likewise, for dark surroundings
    themed: bool = False  # whether there is a theme.css
    assets: Mapping[str, str] = {}
    pinned: Mapping[str, tuple[str, str]] = {}  # of each file its lasting name, and its integrity (SRI)
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
    translated: frozenset[str] = frozenset()  # topics that have a name in the page's language
    scheme: str = ""  # "light" or "dark" where it was asked for, on the bench
    at: str = ""  # the local time to which the bench's clock was moved


def link(path: str, **query: str) -> str:
    """A path of this service with what is not empty of the query."""
    asked = urlencode({name: value for name, value in query.items() if value})
    return f"{path}?{asked}" if asked else path
