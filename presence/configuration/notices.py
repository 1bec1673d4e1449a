"""What `presence config check` notices in settings that can be used: files that are not there, words that nothing uses.

None of it keeps the service from starting: a source whose file is missing fails by itself, and is told as failing.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import msgspec

from presence.configuration.model import Config
from presence.configuration.parsing import written
from presence.configuration.positions import Path as Keys
from presence.configuration.positions import line_of, positions
from presence.configuration.reading import Finding, Problem, suggestion

_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
_MAKE_ONE = "Make one of a token with: printf %s TOKEN | sha256sum"


def notices(config: Config, path: Path) -> list[Problem]:
    """In the order of their lines. Looks for the files that the settings name. Raises OSError for the file of the settings."""
    lines = positions(path.read_text("utf-8"))
    told = [*_sources(config), *_phrases(config)]
    return sorted(Problem(line_of(lines, keys), written(keys), message, hint) for keys, message, hint in told)


def _sources(config: Config) -> Iterator[Finding]:
    for name, source in config.sources.items():
        for below, file in _paths(source.settings):
            if refused := _unreadable(Path(file)):
                yield ("sources", name, *below), refused, "The source fails until it is there."
        if source.token_file:
            yield from _tokens(("sources", name, "token_file"), Path(source.token_file))


def _paths(settings: Any, at: Keys = ()) -> Iterator[tuple[Keys, str]]:
    """Every file and folder that a connector's own settings name, tables within them included."""
    if not isinstance(settings, msgspec.Struct):
        return
    for field in msgspec.structs.fields(settings):
        value = getattr(settings, field.name)
        metas = get_args(field.type)[1:] if get_origin(field.type) is Annotated else ()
        if isinstance(value, str) and value and any((meta.extra or {}).get("format") == "path" for meta in metas):
            yield (*at, field.encode_name), value
        yield from _paths(value, (*at, field.encode_name))


def _unreadable(file: Path) -> str:
    try:
        if file.is_dir():
            next(file.iterdir(), None)
        else:
            file.open("rb").close()
    except OSError as error:
        return f"{file} cannot be read: {error.strerror}."
    return ""


def _tokens(keys: Keys, file: Path) -> Iterator[Finding]:
    """That the file can be read has been checked by then."""
    try:
        rows = [line.split("#")[0].split() for line in file.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        rows = [[""]]
    wrong = [number for number, row in enumerate(rows, 1) if row and not _DIGEST.fullmatch(row[0])]
    if wrong:
        yield keys, f"line {wrong[0]} of {file} is no SHA-256 digest.", _MAKE_ONE
    elif not any(rows):
        yield keys, f"{file} holds no digest: nobody can send.", _MAKE_ONE


def _phrases(config: Config) -> Iterator[Finding]:
    owned = [config.centre.channels, *(unit.channels for unit in config.units.values())]
    owned += [contact.channels for contact in config.contacts.values()]
    used = {text for channels in owned for channel in channels for text in (channel.cost, channel.reply) if text}
    spoken = config.organisation.languages
    for phrase, label in config.phrases.items():
        if phrase not in used:
            yield ("phrases", phrase), "is no cost or reply time of a channel in this file.", suggestion(phrase, used)
        for language in label:
            if language and not any(each == language or each.startswith(f"{language}-") for each in spoken):
                yield ("phrases", phrase, language), "is no language of the organisation.", ""
