"""The organisation's own look: its colours as a style sheet, its logo, and what the pages know of it. Nothing of it is inline."""

from collections.abc import Mapping
from pathlib import Path

from presence.configuration import colours as settings
from presence.configuration.model import Organisation
from presence.web import assets
from presence.web.assets import Asset
from presence.web.visit import Site


def dressed(organisation: Organisation) -> dict[str, Asset]:
    """Our own static files and the organisation's, by name: `theme.css`, `logo` and `logo-dark` where they are set."""
    found = assets.load()
    if organisation.colours:
        found["theme.css"] = assets.asset("theme.css", theme(organisation.colours))
    for name, path in (("logo", organisation.logo), ("logo-dark", organisation.logo_dark)):
        if path:
            file = Path(path)
            found[name] = assets.asset(name + file.suffix.lower(), file.read_bytes())
    return found


def site(organisation: Organisation, files: Mapping[str, Asset], languages: Mapping[str, str], address: str, demo: bool) -> Site:
    """What the pages know of the installation. `languages`: what each calls itself; `address`: of this service."""
    return Site(
        organisation.name,
        languages,
        address,
        organisation.home,
        logo="logo" if "logo" in files else "",
        logo_dark="logo-dark" if "logo-dark" in files else "",
        themed="theme.css" in files,
        assets={name: f"/static/{file.hashed}" for name, file in files.items()},
        pinned={name: (file.hashed, file.integrity) for name, file in files.items()},
        demo=demo,
    )


def theme(colours: Mapping[str, str]) -> bytes:
    """Custom properties for light and for dark surroundings, of colours that the configuration has taken.

    The word of a state is text: where its colour is enough for a shape and too little for text, the word is written in ink.
    """
    light, dark = (_properties(colours, scheme) for scheme in (False, True))
    sheet = f":root{{{light}}}" if light else ""
    if dark:
        sheet += f"@media(prefers-color-scheme:dark){{:root:not([data-scheme=light]){{{dark}}}}}:root[data-scheme=dark]{{{dark}}}"
    return sheet.encode()


def _properties(colours: Mapping[str, str], dark: bool) -> str:
    ending = "-dark" if dark else ""
    scheme = settings.in_force(colours, dark)
    own = {name: scheme[name] for name in scheme if name + ending in colours}
    for state in settings.STATES:
        least = min(settings.contrast(scheme[state], scheme[ground]) for ground in ("card", "paper"))
        if least < settings.TEXT:
            own[f"{state}-word"] = "var(--presence-ink)"  # of whichever scheme holds
    return ";".join(f"--presence-{name}:{value}" for name, value in own.items())
