"""Whose calendars there are, and where each lies."""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from presence.domain.directory import Alias

_FIELD = re.compile(r"\{([^{}]*)\}")
MAILTO = "mailto:"


def places(
    templates: Sequence[str], people: Sequence[str], list_file: str, calendars: Mapping[str, str | Sequence[str]], kind: str
) -> dict[str, tuple[str, ...]]:
    """Alias -> addresses; where two name one person the later counts. What names nobody is passed over.

    An address is relative to the server, absolute, or mailto:. One that a template cannot give is none at all: the person is in
    the answer without it. Raises OSError and UnicodeDecodeError.
    """
    named: list[tuple[str, Sequence[str]]] = [(name, ()) for name in people]
    if list_file:
        named += _listed(Path(list_file))
    named += [(name, [said] if isinstance(said, str) else said) for name, said in calendars.items()]
    found: dict[str, list[str]] = {}
    for name, said in named:
        with contextlib.suppress(ValueError):
            alias = str(Alias.parse(name if ":" in name else f"{kind}:{name}"))
            found[alias] = [*said] or _from_templates(templates, alias)
    return {alias: tuple(dict.fromkeys(map(_place, said))) for alias, said in found.items()}


def filled(template: str, alias: str) -> str:
    """An address from a template: {alias} is the alias without its kind, {user} its part before an @, {mail} it, a mail address.

    Raises ValueError where a field is not one of these, or the alias has no such part.
    """
    value = alias.partition(":")[2]
    parts = {"alias": value, "user": value.partition("@")[0], "mail": value if "@" in value else ""}

    def part(field: re.Match[str]) -> str:
        if field[1] not in parts:
            raise ValueError(f"{{{field[1]}}} cannot be filled in; there are {{alias}}, {{user}} and {{mail}}.")
        said = parts[field[1]]
        if said.strip(".") == "":  # no part at all, or a step up the path
            raise ValueError("the alias has no such part.")
        return quote(said, safe="@")

    return _FIELD.sub(part, template)


def _from_templates(templates: Sequence[str], alias: str) -> list[str]:
    try:
        return [filled(template, alias) for template in templates]
    except ValueError:
        return []


def _listed(file: Path) -> Iterator[tuple[str, Sequence[str]]]:
    """Lines of an alias and, parted by space, addresses; `#` begins a comment line."""
    for line in file.read_text("utf-8").splitlines():
        words = line.split()
        if words and not words[0].startswith("#"):
            yield words[0], words[1:]


def _place(said: str) -> str:
    """mailto: in small letters and ASCII, as it is compared and sent; others as they are."""
    if not said.lower().startswith(MAILTO):
        return said
    return MAILTO + quote(said[len(MAILTO) :].strip().lower(), safe="@%+")
