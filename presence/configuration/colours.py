"""The organisation's own colours: what may be set, what stands where nothing is, and whether it can be read.

A name is one of `LIGHT`, or with `-dark` the same for dark surroundings. Contrast is that of WCAG 2.2.
"""

import math
from collections.abc import Iterator, Mapping

from presence.configuration.positions import Path

TEXT, SHAPE = 7.0, 3.0
"""What text must have (WCAG 1.4.6), and what the edge and the icon of a state must (1.4.11)."""

LIGHT = {
    "accent": "#0f4c5c",  # links and buttons
    "accent-ink": "#ffffff",  # what is written on buttons
    "ink": "#17211f",  # text
    "muted": "#45524f",  # labels and notes
    "paper": "#f3f5f3",  # the ground of a page
    "card": "#ffffff",  # the ground of header, footer, cards and fields
    "line": "#b9c3bf",  # between rows; decoration
    "available": "#0a5a2f",
    "busy": "#8a3300",
    "away": "#56368a",
    "closed": "#3c4c62",
    "unknown": "#4d4d4d",
}
DARK = {
    "accent": "#8fd0de",
    "accent-ink": "#0c1a1d",
    "ink": "#edf1ef",
    "muted": "#b9c4c0",
    "paper": "#131a18",
    "card": "#1d2523",
    "line": "#55625e",
    "available": "#7fdba6",
    "busy": "#ffb587",
    "away": "#cfb8f4",
    "closed": "#bac7d9",
    "unknown": "#cdcdcd",
}
"""The built-in look; the style sheets hold the same."""

STATES = ("available", "busy", "away", "closed", "unknown")
_GROUNDS = ("card", "paper")
_PAIRS = (
    *((name, ground, TEXT) for name in ("ink", "muted", "accent") for ground in _GROUNDS),
    ("accent-ink", "accent", TEXT),
    *((name, ground, SHAPE) for name in STATES for ground in _GROUNDS),
)


def names() -> tuple[str, ...]:
    """All that may be set."""
    return (*LIGHT, *(f"{name}-dark" for name in DARK))


def in_force(colours: Mapping[str, str], dark: bool) -> dict[str, str]:
    """The colours of one scheme by plain name, built-in ones where none is set. `colours` are written #rrggbb."""
    ending = "-dark" if dark else ""
    return {name: colours.get(name + ending, built_in) for name, built_in in (DARK if dark else LIGHT).items()}


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white), of two colours written #rrggbb."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def unreadable(colours: Mapping[str, str]) -> Iterator[tuple[Path, str, str]]:
    """Each pair with a colour of the organisation's own that has too little contrast: where, the figure, and what would do."""
    for dark in (False, True):
        ending = "-dark" if dark else ""
        scheme = in_force(colours, dark)
        for name, ground, limit in _PAIRS:
            own = next((n for n in (name + ending, ground + ending) if n in colours), "")
            found = contrast(scheme[name], scheme[ground])
            if own and found < limit:
                figure = math.floor(found * 10) / 10
                pair = f"{name}{ending} on {ground}{ending}"
                grounds = [scheme[g] for n, g, _ in _PAIRS if n == name]
                message = f"{pair} has a contrast of {figure:.1f}:1; at least {limit:.0f}:1 is needed."
                yield (own,), message, _instead(scheme[name], grounds, limit, name + ending)


def _instead(colour: str, grounds: list[str], limit: float, name: str) -> str:
    """The nearest colour of the same hue that can be read, if there is one."""
    for step in range(1, 101):
        for end in (0, 255):
            near = "#" + "".join(f"{round(part + (end - part) * step / 100):02x}" for part in _parts(colour))
            if all(contrast(near, ground) >= limit for ground in grounds):
                return f'{name} = "{near}" would do.'
    return "No shade of it would do on these grounds."


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in _parts(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
