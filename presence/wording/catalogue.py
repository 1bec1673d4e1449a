"""Texts by name, from gettext catalogues: one file a language, and nothing else is needed for a further one.

Names are symbolic (`status.away.until_day`), so that no language is the model of another. What a file lacks is taken from the
language it is a variant of, then from English, then from Swedish. `format.*` alone is never borrowed: how times are written is
the locale's own.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path

from babel.messages.pofile import PoFileError, read_po

BUILT_IN = Path(__file__).resolve().parent.parent / "locales"
OWN = ("reply.mail", "reply.telephone", "reply.urgent", "notice")
"""Texts that only an organisation can write: what it promises, and what it wants said on every page."""

_LAST_RESORT = ("en", "sv")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class BadCatalogue(ValueError):
    """A language without a catalogue, or one that cannot be read."""


def read(path: Path) -> dict[str, str]:
    """The texts of one file. Empty and fuzzy ones count as missing. Raises BadCatalogue."""
    try:
        with path.open("rb") as file:
            messages = read_po(file, abort_invalid=True)
    except (OSError, PoFileError, ValueError) as error:
        raise BadCatalogue(f"{path.name} cannot be read as a catalogue: {error}") from None
    return {str(m.id): str(m.string) for m in messages if m.id and m.string and not m.fuzzy}


def languages(directories: Iterable[Path] = (BUILT_IN,)) -> dict[str, Path]:
    """Which there are, by the names of their files; a later directory wins."""
    return {path.stem: path for directory in directories for path in sorted(directory.glob("*.po"))}


def chain(language: str, own: Container[str]) -> list[str]:
    """The languages asked in turn for a text: `sv-x-plain`, `sv`, `en`."""
    return [name for name in dict.fromkeys((*variants(language), *_LAST_RESORT)) if name in own]


def variants(language: str) -> list[str]:
    """A language and those that it is a variant of: `sv-x-plain`, `sv-x`, `sv`."""
    parts = language.split("-")
    return ["-".join(parts[:n]) for n in range(len(parts), 0, -1)]


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in their places; a place without a value stays empty. Nothing in a text or value is ever evaluated."""
    return _PLACEHOLDER.sub(lambda place: values.get(place[1], ""), text)


def places(text: str) -> frozenset[str]:
    """The names of what is filled in."""
    return frozenset(_PLACEHOLDER.findall(text))


def norm(name: str) -> str:
    """A configuration may write `reply_mail` for `reply.mail`: keys with points need quotes there."""
    return name.replace("_", ".")


def problems(overrides: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """What is wrong with an organisation's own texts: the key, and a sentence about it."""
    known = read(BUILT_IN / "sv.po")
    by_norm = {norm(name): name for name in (*known, *OWN)}
    for key, label in overrides.items():
        name = by_norm.get(norm(key))
        if name is None:
            yield key, "there is no text of this name"
            continue
        for text in label.values():
            strange = places(text) - places(known.get(name, ""))
            if strange:
                yield key, f"{{{min(strange)}}} cannot be filled in here"
