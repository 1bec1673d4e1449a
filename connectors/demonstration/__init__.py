"""Björkdalens kommun, a municipality that does not exist: 1,200 people in 85 units, alive on any day.

`connectors.demo:Demo` serves it as sources. Here is what surrounds them: the settings of a whole installation, and figures.
"""

from connectors.demonstration.world import Figures, World, world
from connectors.demonstration.written import text

__all__ = ["Figures", "World", "configuration", "world"]


def configuration() -> str:
    """The text of the demonstration's presence.toml, complete."""
    return text("presence.toml")
