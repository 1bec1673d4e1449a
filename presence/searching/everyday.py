"""What people say for the services of a municipality whose names they do not know: a curated list, as data."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import msgspec

from presence.searching.folding import fold, split
from presence.searching.stems import FILLERS, headless, stem


class _Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: tuple[str, ...]
    said: tuple[str, ...]


Phrase = frozenset[str]
"""The stems of a text."""


def phrase(text: str) -> Phrase:
    words = [word for word in split(text) if word not in FILLERS] or split(text)
    return frozenset(stem(headless(fold(word))) for word in words)


@cache
def _services() -> dict[Phrase, frozenset[str]]:
    text = files("presence.searching").joinpath("everyday.toml").read_bytes()
    said: defaultdict[Phrase, set[str]] = defaultdict(set)
    for service in msgspec.toml.decode(text, type=dict[str, _Service]).values():
        for name in service.names:
            said[phrase(name)].update(service.said)
    return {name: frozenset(words) for name, words in said.items()}


def said_for(names: Iterable[str]) -> list[str]:
    """What people say who mean something that is called so; nothing where no service is."""
    services = _services()
    return sorted({word for name in names for word in services.get(phrase(name), ())})
