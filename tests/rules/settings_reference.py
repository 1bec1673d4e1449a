"""docs/configuration.md, read off the settings themselves: `python -m tests.rules.settings_reference` writes it."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from connectors.hr import HrSettings
from connectors.leave import Columns
from presence.configuration import model, stated
from presence.domain import facts

PAGE = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"

HEAD = """# Settings

Every setting of `presence.toml`. `presence config example` prints a file to begin with, `presence config check` tells every
mistake at once. Durations are written "30 s", "5 min", "36 h", "1 d", or as seconds, as the defaults are here. Paths are meant
from where the file lies. This page is read off the code (`make docs`).
"""

TABLES: tuple[tuple[str, type[msgspec.Struct]], ...] = (
    ("(top)", model.Config),
    ("[organisation]", model.Organisation),
    ("[centre]", model.Centre),
    ("[public]", model.Public),
    ("[channels.NAME]", model.ChannelKind),
    ("[referral]", model.Referral),
    ("[precedence]", model.Precedence),
    ("[limits]", model.Limits),
    ("[publication]", model.Publication),
    ("[[publication.rules]]", model.PublicationRule),
    ("[sources.NAME]", model.Source),
    ("[sources.NAME] of connectors.hr:Hr", HrSettings),
    ("[sources.NAME.columns] of connectors.hr:Hr and connectors.webhook:Webhook", Columns),
    ("[topics.NAME]", stated.TopicSettings),
    ("[units.NAME]", stated.UnitSettings),
    ("[contacts.NAME]", stated.ContactSettings),
    ("[store]", model.StoreSettings),
    ("[counts]", model.CountSettings),
    ("[server]", model.Server),
    ("[[….channels]]", facts.ChannelRecord),
    ("[[….exceptions]]", facts.DayException),
)


def page() -> str:
    return HEAD + "".join(_table(title, form) for title, form in TABLES)


def _table(title: str, form: type[msgspec.Struct]) -> str:
    said = inspect.cleandoc(form.__doc__ or "")
    rows = "".join(f"| `{name}` | {default} | {what} |\n" for name, default, what in _rows(form))
    return f"\n## {title}\n\n{said}\n\n| Setting | Default | |\n|---|---|---|\n{rows}"


def _rows(form: type[msgspec.Struct]) -> Iterator[tuple[str, str, str]]:
    comments = _comments(form)
    for field in msgspec.structs.fields(form):
        if field.name not in getattr(form, "beyond", ()):
            yield field.encode_name, _default(field), comments.get(field.name, "").replace("|", "\\|")


def _default(field: Any) -> str:
    if field.required:
        return "needed"
    value: Any = field.default
    if value in ("", (), 0, msgspec.NODEFAULT) or isinstance(value, msgspec.Struct):
        return "`false`" if value is False else "–"
    return f"`{_plain(value)}`"


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _comments(form: type) -> dict[str, str]:
    """The comment at the end of a field's line says what it is, in the class or in those that it is made of."""
    found = _comments(form.__base__) if form.__base__ and "__annotations__" in form.__base__.__dict__ else {}
    source = inspect.getsource(form)
    lines = source.splitlines()
    for node in ast.parse(source).body[0].body:  # type: ignore[attr-defined]
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            line = lines[(node.end_lineno or node.lineno) - 1]
            found[node.target.id] = line.rpartition("  # ")[2].strip() if "  # " in line else ""
    return found


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
