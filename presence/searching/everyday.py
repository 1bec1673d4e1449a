"""What people say for the services of a municipality whose names they do not know: a curated list, as data."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

import msgspec

from presence.searching.folding import fold, split
from presence.searching.stems import FILLERS, WEAK, headless, stem


class _Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: tuple[str, ...]
    said: tuple[str, ...]
    alone: tuple[str, ...] = ()  # names that mean it only where they are all of a name: val, not val av skola
    instead: tuple[str, ...] = ()  # names of those who answer where nobody bears one of `names`, or may be known to


Phrase = frozenset[str]
"""The stems of a text."""

_EXACTLY, _WITHIN, _KEYWORD, _INSTEAD = 1.0, 0.95, 0.85, 0.78  # how surely the service is meant


def phrase(text: str) -> Phrase:
    words = [word for word in split(text) if word not in FILLERS] or split(text)
    return frozenset(stem(headless(fold(word))) for word in words)


@cache
def _services() -> tuple[_Service, ...]:
    text = files("presence.searching").joinpath("everyday.toml").read_bytes()
    return tuple(msgspec.toml.decode(text, type=dict[str, _Service]).values())


class _Name(NamedTuple):
    name: Phrase
    within: bool  # whether it counts within a longer one: "återvinning" in "Avfall och återvinning"
    sure: float
    said: frozenset[str]


@cache
def _names() -> dict[str, list[_Name]]:
    """By one of their stems."""
    names: defaultdict[str, list[_Name]] = defaultdict(list)
    for service in _services():
        said = frozenset((*service.said, *service.names))
        for called, sure in ((service.names, _EXACTLY), (service.alone, _EXACTLY), (service.instead, _INSTEAD)):
            for text in called:
                within = called is not service.alone and not WEAK.issuperset(split(text))
                names[min(phrase(text))].append(_Name(phrase(text), within, sure, said))
    return dict(names)


def said_for(names: Iterable[str], keywords: Iterable[str] = ()) -> dict[str, float]:
    """What people say who mean something that is called so, and how surely; nothing where no service is."""
    said: defaultdict[str, float] = defaultdict(float)
    for texts, sure in ((names, _EXACTLY), (keywords, _KEYWORD)):
        for text in texts:
            called = phrase(text)
            for each in (each for root in called for each in _names().get(root, ())):
                near = 1.0 if each.name == called else _WITHIN if sure == _EXACTLY and each.within and each.name < called else 0.0
                for words in each.said if near else ():
                    said[words] = max(said[words], sure * near * each.sure)
    return dict(said)


@lru_cache
def _ways(channels: tuple[str, ...]) -> frozenset[Phrase]:
    said = [words for words, sure in said_for(channels).items() if sure == _EXACTLY]
    return frozenset(map(phrase, (*channels, *said)))


def is_way(text: str, channels: tuple[str, ...]) -> bool:
    """Whether one of these channels is asked for, by its name or as people say, and nothing else."""
    return phrase(text) in _ways(channels)


class _Known(NamedTuple):
    words: frozenset[str]
    of_others: frozenset[str]


def _read_known() -> _Known:
    """Words of the list, and their stems."""
    words, elsewhere, alone = set(FILLERS | WEAK), set[str](), set[str]()
    for service in _services():
        for text in (*service.names, *service.said):
            (words if service.names else elsewhere).update(split(text))
            alone.update(split(text) if not service.names and split(text) == [text] else ())
    words, elsewhere = ({*of, *(stem(word) for word in of if len(stem(word)) > 3)} for of in (words, elsewhere))
    return _Known(frozenset(words | elsewhere), frozenset(elsewhere - words | alone))


_KNOWN = _read_known()


def known(word: str) -> bool:
    """Whether people say the word, in `plain` form, of some service, here or elsewhere: then it is no slip of another."""
    return word in _KNOWN.words or (len(stem(word)) > 3 and stem(word) in _KNOWN.words)


def beginning(word: str) -> str:
    """The longest word of five letters and more, of those that people say, with which a compound begins; empty: none."""
    return next((word[:n] for n in range(len(word) - 2, 4, -1) if word[:n] in _KNOWN.words), "")


def of_others(word: str) -> bool:
    """Whether it is said of what no municipality does: then nothing is meant that only shares a part with it."""
    others = _KNOWN.of_others
    return word in others or (stem(word) in others and word not in _KNOWN.words)
