"""From a tree of plain values to typed settings, with every mistake found on the way.

msgspec's own `convert` stops at the first mistake and does not name the key of a table. Here each field is read by itself, a
wrong one is noted and its default stands in for it, so that the checks across fields still see the rest.

A field's type may carry `Meta(extra={"format": name})`: its value is then read by that format (see `formats`), and
`Meta(extra={"hint": text})`: what to write where the key is missing. Connectors do the same in their own `Settings`, without
importing anything from here.
"""

import contextlib
import datetime as dt
import difflib
import re
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from presence.configuration.positions import Path

S = TypeVar("S", bound=msgspec.Struct)


class Problem(msgspec.Struct, frozen=True, order=True):
    """One mistake: where it stands, the key as it is written, what is wrong, and what to write instead."""

    line: int
    key: str
    message: str
    hint: str = ""


class Invalid(Exception):
    """A value that a format does not take."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


Format = Callable[[Any], Any]
"""A value as it is written -> a value as it is used. Raises `Invalid`."""
Finding = tuple[Path, str, str]
"""Where (below the value looked at), what is wrong, and a hint."""
Check = Callable[[Any], Iterator[Finding]]
"""Looks over a struct once its fields have been read."""

_FAILED: Any = object()
_WORDS: dict[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "a table",
    tuple: "an array",
    list: "an array",
    frozenset: "an array",
}
_SECRET = re.compile(r"passw|secret|token|private|credential|(^|_)key$", re.IGNORECASE)


class Reader:
    """Reads plain values as types. Mistakes go to `found`; what is returned is as good as could be read."""

    def __init__(self, formats: Mapping[str, Format], checks: Mapping[type, Check], found: dict[Path, tuple[str, str]]) -> None:
        self.formats = formats
        self.checks = checks
        self.found = found

    def report(self, path: Path, message: str, hint: str = "") -> None:
        """Only the first finding of a key: it says most."""
        self.found.setdefault(path, (message, hint))

    def struct(self, type_: type[S], raw: object, path: Path, beside: Iterable[str] = ()) -> S:
        """A table as a struct. `beside` are names that stand in the same table and belong to somebody else.

        A class variable `beyond` names fields that no key sets; the first of them takes all keys that the struct does not know.
        """
        if not isinstance(raw, dict):
            self.report(path, f"should be a table, not {_said(raw, path)}.", "")
            return self._blank(type_)
        fields = {field.encode_name: field for field in msgspec.structs.fields(type_)}
        beyond: tuple[str, ...] = getattr(type_, "beyond", ())
        values: dict[str, Any] = {}
        for key, value in raw.items():
            if key in fields and key not in beyond:
                read = self.value(fields[key].type, value, (*path, key))
                if read is not _FAILED:
                    values[fields[key].name] = read
            elif beyond:
                values.setdefault(beyond[0], {})[key] = value
            elif key not in beside:
                self.report((*path, key), "unknown setting.", suggestion(key, [*fields, *beside]))
        blanks = any(field.required and field.name not in values for field in fields.values())
        for field in fields.values():
            if field.name not in values:
                self._absent(field, values, raw, (*path, field.encode_name))
        return self._built(type_, values, path, blanks)

    def _absent(self, field: Any, values: dict[str, Any], raw: dict[str, Any], path: Path) -> None:
        if field.required:
            if field.encode_name not in raw:
                self.report(path, "is missing.", _extra(field.type).get("hint", ""))
            values[field.name] = blank(field.type)
        elif _is_struct(field.type):
            values[field.name] = self.struct(field.type, {}, path)  # its own defaults may be paths
        elif _extra(field.type).get("format") == "path" and field.default:
            values[field.name] = self.formats["path"](field.default)

    def _built(self, type_: type[S], values: dict[str, Any], path: Path, blanks: bool) -> S:
        try:
            built = type_(**values)
        except Exception as error:  # noqa: BLE001  # a struct may check itself, as it likes; blanks need not please it
            if not blanks:
                self.report(path, str(error), "")
            return self._blank(type_)
        if check := self.checks.get(type_):
            for below, message, hint in check(built):
                self.report((*path, *below), message, hint)
        return built

    @staticmethod
    def _blank(type_: type[S]) -> S:
        found: S | None = None
        with contextlib.suppress(Exception):
            found = blank(type_)
        return found  # type: ignore[return-value]  # not handed out: something was reported

    def value(self, type_: Any, raw: Any, path: Path) -> Any:
        """A value of any type that settings use, or a mark that it could not be read; then that has been reported."""
        plain = get_args(type_)[0] if get_origin(type_) is Annotated else type_
        if name := _extra(type_).get("format"):
            try:
                return self._leaf(type_, plain, self.formats[name](raw), path)
            except Invalid as error:
                self.report(path, error.message, error.hint)
                return _FAILED
        origin, arguments = get_origin(plain), get_args(plain)
        if origin in (Union, types.UnionType):
            structs = [member for member in arguments if _is_struct(member)]
            plain = structs[0] if structs and isinstance(raw, dict) else plain
        if _is_struct(plain):
            return self.struct(plain, raw, path)
        if origin is dict and isinstance(raw, dict):
            read = {key: self.value(arguments[1], value, (*path, key)) for key, value in raw.items()}
            return {key: value for key, value in read.items() if value is not _FAILED}
        if origin in (tuple, list, frozenset, set) and isinstance(raw, list):
            items = [self.value(arguments[0], item, (*path, number)) for number, item in enumerate(raw)]
            return origin(item for item in items if item is not _FAILED)
        if origin is Literal:
            return self._choice(arguments, raw, path)
        return self._leaf(type_, plain, raw, path)

    def _choice(self, choices: tuple[Any, ...], raw: Any, path: Path) -> Any:
        if raw in choices:
            return raw
        self.report(path, f"{_said(raw, path)} is not one of the choices.", suggestion(str(raw), map(str, choices)))
        return _FAILED

    def _leaf(self, type_: Any, plain: Any, raw: Any, path: Path) -> Any:
        if plain is str and isinstance(raw, dt.date | dt.time) and not isinstance(raw, dt.datetime):
            raw = raw.isoformat() if isinstance(raw, dt.date) else raw.isoformat("minutes")
        try:
            return msgspec.convert(raw, type_)
        except msgspec.ValidationError as error:
            kind = get_origin(plain) or plain
            if kind in _WORDS and not _is_kind(raw, kind):
                message = f"should be {_WORDS[kind]}, not {_said(raw, path)}."
            else:
                message = _limits(type_) or str(error)
            self.report(path, message, "")
            return _FAILED


def blank(type_: Any) -> Any:
    """Something of the type, to go on with where nothing could be read."""
    plain = get_args(type_)[0] if get_origin(type_) is Annotated else type_
    if _is_struct(plain):
        return plain(**{field.name: blank(field.type) for field in msgspec.structs.fields(plain) if field.required})
    if get_origin(plain) is Literal:
        return get_args(plain)[0]
    origin = get_origin(plain) or plain
    return origin() if origin in (str, int, float, bool, tuple, list, dict, set, frozenset) else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """`Did you mean page_size?`, or else what there is to choose from."""
    names = sorted(set(known))
    folded = {name.casefold().replace("_", "").replace("-", ""): name for name in names}
    near = difflib.get_close_matches(word.casefold().replace("_", "").replace("-", ""), folded, 1, 0.55)
    if near:
        return f"Did you mean {folded[near[0]]}?"
    return f"Known here: {', '.join(names)}." if 0 < len(names) <= 16 else ""


def _extra(type_: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for meta in get_args(type_)[1:] if get_origin(type_) is Annotated else ():
        if isinstance(meta, msgspec.Meta) and meta.extra:
            found.update(meta.extra)
    return found


def _is_struct(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, msgspec.Struct)


def _is_kind(raw: object, kind: Any) -> bool:
    if isinstance(raw, bool) or kind is bool:
        return kind is bool and isinstance(raw, bool)
    return isinstance(raw, (int, float) if kind is float else kind)


def _limits(type_: Any) -> str:
    for meta in get_args(type_)[1:] if get_origin(type_) is Annotated else ():
        low, high = getattr(meta, "ge", None), getattr(meta, "le", None)
        if low is not None and high is not None:
            return f"should be from {low} to {high}."
        if low is not None or high is not None:
            return f"should be at least {low}." if high is None else f"should be at most {high}."
        if getattr(meta, "min_length", None):
            return "should not be empty."
    return ""


def is_secret(key: str) -> bool:
    """A key whose value is never printed: passwords, tokens and the like, unless it names a file that holds one."""
    return bool(_SECRET.search(key)) and not key.endswith(("_file", "_files"))


def _said(raw: object, path: Path = ()) -> str:
    if path and isinstance(path[-1], str) and is_secret(path[-1]):
        return "what is written there"
    if isinstance(raw, bool):
        return str(raw).lower()
    for kind, words in ((str, f'"{raw}"'), (dict, "a table"), (list, "an array")):
        if isinstance(raw, kind):
            return words
    return str(raw)
