"""Options that several commands share."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

CONFIG = click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("presence.toml"),
    envvar="PRESENCE_CONFIG",
    show_default=True,
    show_envvar=True,
    help="The settings.",
)
CLOCK = click.option(
    "--clock", type=click.Path(path_type=Path, dir_okay=False), hidden=True, help="A file that shifts the clock."
)
JSON = click.option("--json", "as_json", is_flag=True, help="For programs: JSON on standard output.")


class Instant(click.ParamType[Any]):
    """ISO 8601; without an offset in the zone of `--zone`."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time; write 2026-11-23T08:00 or 2026-11-23", param, ctx)


class Zone(click.ParamType[Any]):
    """A name of the IANA time zone database."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ZoneInfo:
        try:
            return value if isinstance(value, ZoneInfo) else ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            self.fail(f"{value!r} is no time zone; write one like Europe/Stockholm", param, ctx)
