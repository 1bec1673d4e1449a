"""Names that were written as one word, or parted at the wrong letter: vonessen, annalindqvist, idag ustafsson."""

from collections.abc import Iterator

from presence.searching.asked import Asked, Word
from presence.searching.bearers import Bearers

_MOST = 12
"""Ways to part a query that are tried."""
_SHORTEST, _LONGEST = 5, 40
_BEGUN = 3  # letters of a name, from which on it may still be being typed


def parted(asked: Asked, names: Bearers) -> list[list[Word]]:
    """The words of a query with one of them, or neighbours, parted into names that exist; the likeliest first."""
    words = asked.all_words
    spans = [(word.folded, at, at + 1) for at, word in enumerate(words)] + asked.joins
    found: list[list[Word]] = []
    for text, first, last in sorted(spans, key=lambda span: span[1] - span[2]):
        if _SHORTEST <= len(text) <= _LONGEST and text.isalpha() and (last - first > 1 or not names.named(text)):
            around = [word for word in (*words[:first], *words[last:]) if not word.optional]
            before = [word.folded for word in words[first:last]]
            found += [[*map(Word, parts), *around] for parts in _parts(text, names) if parts != before]
    return found[:_MOST]


def _parts(text: str, names: Bearers) -> Iterator[list[str]]:
    """First those of which every part is a name as it stands, then those that sound so or are not typed to the end."""
    cuts = range(2, len(text) - 1)
    heads = [n for n in cuts if names.named(text[:n])]
    for n in heads:
        if names.named(text[n:]):
            yield [text[:n], text[n:]]
    for n in heads:
        for m in range(n + 2, len(text) - 1):
            if names.named(text[n:m]) and names.named(text[m:]):
                yield [text[:n], text[n:m], text[m:]]
    for n in cuts:
        head, tail = text[:n], text[n:]
        if min(len(head), len(tail)) < _BEGUN or (names.named(head) and names.named(tail)):
            continue
        if (names.named(head) or _sounds(head, names)) and (_sounds(tail, names) or names.begun(tail)):
            yield [head, tail]


def _sounds(text: str, names: Bearers) -> bool:
    return len(text) > 3 and names.sounding(text)
