"""Settings as TOML again, defaults included and secrets masked."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from presence.configuration.model import Config
from presence.configuration.reading import is_secret

MASK = "(hidden)"


def effective(config: Config) -> dict[str, Any]:
    """All settings as plain values, a connector's own beside those of its source, secrets masked."""
    tree = msgspec.to_builtins(config)
    for name, source in config.sources.items():
        table = tree["sources"][name]
        del table["options"], table["settings"]
        own = source.options if source.settings is None else msgspec.to_builtins(source.settings)
        table.update(json.loads(json.dumps(own, default=str)))
    tree["publication"]["protected"] = list(config.publication.protected) or "none"
    return {name: _masked(value, name) for name, value in tree.items()}


def _masked(value: Any, key: str = "") -> Any:
    if isinstance(value, Mapping):
        return {name: _masked(item, name) for name, item in value.items()}
    if key and is_secret(key):
        return MASK if value else value
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return _without_password(value) if isinstance(value, str) else value


def _without_password(text: str) -> str:
    """An address may carry a user's password: `https://user:password@host`."""
    return re.sub(r"(://[^/:@\s]*:)[^/@\s]+@", rf"\1{MASK}@", text)


def toml(tree: Mapping[str, Any]) -> str:
    """A tree of plain values as TOML."""
    return "\n".join(_table(tree, ())).strip() + "\n"


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    inline = len(path) >= 2 or path == ("texts",)  # small tables read better on one line
    tables = {name: value for name, value in table.items() if isinstance(value, Mapping) and value and not inline}
    rows = {name: value for name, value in table.items() if _is_rows(value)}
    plain = {name: value for name, value in table.items() if name not in tables and name not in rows}
    if path and (plain or not (tables or rows)):
        yield f"\n[{'.'.join(map(_key, path))}]"
    for name, value in plain.items():
        if value is not None:
            yield f"{_key(name)} = {_value(value)}"
    for name, items in rows.items():
        for item in items:
            yield f"\n[[{'.'.join(map(_key, (*path, name)))}]]"
            for field, value in item.items():
                yield f"{_key(field)} = {_value(value)}"
    for name, value in tables.items():
        yield from _table(value, (*path, name))


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        if set(value) == {""}:  # one text for all languages
            return _value(value[""])
        return "{ " + ", ".join(f"{_key(name)} = {_value(item)}" for name, item in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
