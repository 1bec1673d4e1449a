"""From the text of `presence.toml` to a `Config`, or to everything that is wrong with it."""

import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from presence import wording
from presence.configuration import checks, pictures
from presence.configuration.formats import formats
from presence.configuration.importing import Resolver
from presence.configuration.model import Config, Source
from presence.configuration.positions import Path as Keys
from presence.configuration.positions import line_of, positions
from presence.configuration.reading import Invalid, Problem, Reader, blank
from presence.domain.rules import KINDS

CHANNEL_KINDS = {kind.name: {"live": kind.live, "label": dict(kind.label)} for kind in KINDS}
"""Built in, as they would be written."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")

_HINTS = {
    "Invalid value": 'Text stands in quotes: name = "Servicecenter".',
    "Cannot": "A key or a table is there twice.",
}


class ConfigError(Exception):
    """The settings cannot be used. `problems` are all there are, in the order of their lines."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        super().__init__(name)
        self.name = name
        self.problems = problems

    def __str__(self) -> str:
        rows = [(f"{self.name}:{each.line}" if each.line else self.name, each) for each in self.problems]
        place = max(len(where) for where, _ in rows) + 2
        key = max((len(each.key) + 2 for each in self.problems if each.key), default=0)
        lines = []
        for where, each in rows:
            first, *more = f"{each.message} {each.hint}".rstrip().split("\n")
            lines.append(f"{where:{place}}{each.key:{key}}{first}".rstrip())
            lines += [f"{'':{place + key}}{line}" for line in more]
        count = len(self.problems)
        return "\n".join([*lines, f"{count} error{'' if count == 1 else 's'}."])


def load(path: Path, resolve: Resolver | None = None) -> Config:
    """Read a file. Raises `ConfigError`, also for files that it names and that cannot be used."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigError(str(path), [Problem(line, "", "is not UTF-8.", "Save the file as UTF-8.")]) from None
    except OSError as error:
        raise ConfigError(str(path), [Problem(0, "", f"cannot be read: {error.strerror}.")]) from None
    parsing = _Parsing(text, path, resolve)
    config = parsing.config()
    _files(config, parsing)
    return parsing.finished(config, str(path))


def parse(text: str, name: str, resolve: Resolver | None = None) -> Config:
    """Read the text of a file of that name; relative paths in it are relative to its folder. No file is touched.

    With `resolve`, connectors are looked up and their own settings read (`Source.settings`). Raises `ConfigError`.
    """
    parsing = _Parsing(text, Path(name), resolve)
    return parsing.finished(parsing.config(), name)


class _Parsing:
    def __init__(self, text: str, path: Path, resolve: Resolver | None) -> None:
        self.text = text
        self.resolve = resolve
        self.lines: dict[Keys, int] = {}
        self.found: dict[Keys, tuple[str, str]] = {}
        self.reader = Reader(formats(path.absolute().parent), checks.TABLES, self.found)
        self.report = self.reader.report

    def finished(self, config: Config, name: str) -> Config:
        if self.found:
            problems = [Problem(line_of(self.lines, path), written(path), *told) for path, told in self.found.items()]
            raise ConfigError(name, sorted(problems, key=lambda each: each.line))
        return config

    def config(self) -> Config:
        """As good as it could be read."""
        try:
            raw = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            self._not_toml(str(error))
            found: Config = blank(Config)  # stands in; never handed out
            return found
        self.lines = positions(self.text)
        if isinstance(kinds := raw.get("channels", {}), dict):
            raw["channels"] = CHANNEL_KINDS | {name: _over(CHANNEL_KINDS.get(name, {}), kind) for name, kind in kinds.items()}
        config = self.reader.struct(Config, raw, ())
        if self.resolve:
            config = msgspec.structs.replace(
                config, sources={name: self._source(name, source, self.resolve) for name, source in config.sources.items()}
            )
        for path, message, hint in checks.across(config):
            if not any(path[:length] in self.found for length in range(1, len(path) + 1)):
                self.report(path, message, hint)
        return config

    def _not_toml(self, message: str) -> None:
        place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
        line = int(place[1]) if place and place[1] else self.text.count("\n") + 1
        said = message[: place.start()] if place else message
        hints = {"Invalid value": 'Text stands in quotes: name = "Servicecenter".', "Cannot": "A key or table is there twice."}
        hint = next(
            (text for begin, text in hints.items() if said.startswith(begin)), "The rest can be read once this is mended."
        )
        self.lines = {(): line}
        self.report((), f"is not TOML: {said}.", hint)

    def _source(self, name: str, source: Source, resolve: Resolver) -> Source:
        """With the connector's own settings, read as its `Settings`."""
        path: Keys = ("sources", name)
        if not source.connector:
            return source
        try:
            settings = getattr(resolve(source.connector), "Settings", None)
        except Invalid as error:
            self.report((*path, "connector"), error.message, error.hint)
            return source
        if settings is None:
            for key in source.options:
                self.report((*path, key), "unknown setting.", "This connector has none of its own.")
            return source
        ours = [field for field in Source.__struct_fields__ if field not in Source.beyond]
        return msgspec.structs.replace(source, settings=self.reader.struct(settings, source.options, path, beside=ours))


def _over(built_in: dict[str, Any], given: Any) -> Any:
    return built_in | given if isinstance(given, dict) else given


def written(path: Keys) -> str:
    """As it would be written in the file, with the positions in arrays counted from 1."""
    parts = []
    for part in path:
        if isinstance(part, int):
            parts.append(f"[{part + 1}]")
        else:
            name = part if _BARE.fullmatch(part) else f'"{part}"'
            parts.append(f".{name}" if parts else name)
    return "".join(parts)


def _files(config: Config, parsing: _Parsing) -> None:
    """Files that are named must be of use. The installation key may be absent still: it is made on the first start."""
    key = Path(config.key_file)
    if key.exists():
        if key.stat().st_size < 32:
            parsing.report(("key_file",), f"{key} is too short.", "It holds 32 random bytes; restore it from a backup.")
        elif stat.S_IMODE(key.stat().st_mode) & 0o077:
            parsing.report(("key_file",), f"{key} can be read by others.", f"Run chmod 600 {key}")
    for name, source in config.sources.items():
        if source.token_file and not os.access(source.token_file, os.R_OK):
            parsing.report(("sources", name, "token_file"), f"{source.token_file} cannot be read.")
    for name in ("logo", "logo_dark"):
        logo = getattr(config.organisation, name)
        if logo and (refused := pictures.refused(Path(logo))):
            parsing.report(("organisation", name), *refused)
    _languages(config, parsing)
    folder = Path(config.store.path).parent
    if config.store.path and not (folder.is_dir() and os.access(folder, os.W_OK)):
        parsing.report(("store", "path"), f"{folder} is no folder that can be written to.")


def _languages(config: Config, parsing: _Parsing) -> None:
    """Each language needs its catalogue, a built-in one or a file of the organisation's own."""
    own = config.organisation.catalogues
    if own and not Path(own).is_dir():
        parsing.report(("organisation", "catalogues"), f"{own} is no folder.")
    known = wording.languages((wording.BUILT_IN, Path(own)) if own else (wording.BUILT_IN,))
    for number, language in enumerate(config.organisation.languages):
        where = ("organisation", "languages", number)
        if language not in known:
            hint = f"There are: {', '.join(sorted(known))}. A further one is a file {language}.po in the folder of catalogues."
            parsing.report(where, f"there is no catalogue of {language}.", hint)
            continue
        try:
            wording.load([language], config.organisation.zone, directories=(Path(own),) if own else ())
        except wording.BadCatalogue as error:
            parsing.report(where, f"{error}.")
