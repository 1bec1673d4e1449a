"""What people are called, and what they are called in the directory."""

from collections import defaultdict
from importlib.resources import files

import msgspec

from presence.searching.folding import fold, plain
from presence.searching.soundkey import soundkey


def _read() -> dict[str, frozenset[str]]:
    """Sound key to the sound keys that may stand for it: from nickname to name and back, not from one nickname to another."""
    text = files("presence.searching").joinpath("nicknames.toml").read_bytes()
    table: defaultdict[str, set[str]] = defaultdict(set)
    for name, called in msgspec.toml.decode(text, type=dict[str, str]).items():
        for nickname in called.split():
            table[_key(nickname)].add(_key(name))
            table[_key(name)].add(_key(nickname))
    return {key: frozenset(others - {key}) for key, others in table.items()}


def _key(name: str) -> str:
    word = fold(plain(name).replace("-", ""))
    return soundkey(word) or word


_TABLE = _read()


def counterparts(word: str) -> frozenset[str]:
    """Sound keys of the names that a folded word may be short for, or be called by."""
    return _TABLE.get(soundkey(word) or word, frozenset())
