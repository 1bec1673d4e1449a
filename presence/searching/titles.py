"""Other words for what people do, and what the directory calls it: a curated list, as data."""

from collections import defaultdict
from importlib.resources import files

import msgspec

from presence.searching.folding import fold, plain
from presence.searching.stems import bare, stem


def _read() -> dict[str, frozenset[str]]:
    """Stem to the stems of the words that mean the same."""
    text = files("presence.searching").joinpath("titles.toml").read_bytes()
    table: defaultdict[str, set[str]] = defaultdict(set)
    for row in msgspec.toml.decode(text, type=dict[str, list[str]])["rows"]:
        roots = {stem(fold(plain(word))) for word in row.split()}
        for root in roots:
            table[root] |= roots - {root}
    return {root: frozenset(others) for root, others in table.items()}


_TABLE = _read()


def other_words(word: str) -> frozenset[str]:
    """Stems of titles that mean the same as a folded word."""
    roots = map(stem, (word, *bare(word)))
    return next((_TABLE[root] for root in roots if root in _TABLE), frozenset())
