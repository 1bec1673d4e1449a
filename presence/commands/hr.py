"""`presence hr`: leave from files. `sync` takes one in, `map` proposes which of its columns is what."""

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from presence.commands import terminal
from presence.commands.failing import UNREADABLE, Failed
from presence.commands.options import CONFIG, JSON

if TYPE_CHECKING:
    from connectors.leave.proposal import Proposal
    from presence.ports import FileReading
    from presence.syncing import Filing


@click.group()
def hr() -> None:
    """Leave from files that an HR system exports: whether and until when, never why."""


@hr.command()
@click.argument("file", type=click.Path(path_type=Path))
@CONFIG
@click.option("--source", default="", help="Which source the file is of, where several read files.")
@click.option("--dry-run", is_flag=True, help="Show the difference; change nothing.")
@click.option("--all", "whole", is_flag=True, help="Show every change and every rejected row.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Write rejected rows here: .csv, .json or text.")
@JSON
def sync(file: Path, path: Path, source: str, dry_run: bool, whole: bool, report: Path | None, as_json: bool) -> None:
    """Take in FILE, all leave that HR knows of, as CSV, JSON lines or .ics.

    Exit codes: 0 done; 1 done, some rows rejected; 2 usage or configuration; 3 the file cannot be read; 4 held back, or
    older than what was taken last; 5 another run is going on; 75 try again later.
    """
    from presence.commands import filing
    from presence.ports import Rejected, SourceInvalid

    try:
        found = _run(file, path, source, dry_run)
    except SourceInvalid as error:
        _write(report, [Rejected(0, "", error.code, str(error))])
        told = f"{file.name}: {error} ({error.code})"
        raise Failed(error.code, told, UNREADABLE, filing.unread(file.name, error)) from None
    _write(report, found.reading.rejected)
    if as_json:
        terminal.give(filing.plain(file.name, found))
    else:
        terminal.survive_encoding()
        from rich.console import Console

        filing.show(Console(soft_wrap=True, highlight=False), file.name, found, whole, report.name if report else "")
    sys.exit(filing.exit_code(found))


def _run(file: Path, path: Path, source: str, dry_run: bool) -> "Filing":
    from presence import errands

    with terminal.Steps() as steps:

        def compare(reading: "FileReading") -> None:
            steps.begin(f"{'comparing' if dry_run else 'applying'} {reading.rows} rows")

        steps.begin(f"reading {file.name}", _lines(file))
        try:
            return asyncio.run(errands.hr_sync(path, file, source, dry_run, steps.reach, compare))
        except KeyError as error:
            several = error.args[0]
            if several:
                raise click.UsageError(f"several sources read files; name one with --source: {several}") from None
            named = f" called {source!r}" if source else ""
            hint = 'connector = "connectors.hr:Hr" makes one, and presence hr map FILE writes it'
            raise click.UsageError(f"no source{named} reads files: {hint}") from None


def _lines(file: Path) -> int | None:
    """How many there are, for the bar."""
    try:
        if not file.is_file():
            return None
        with file.open("rb") as stream:
            return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))
    except OSError:
        return None


def _write(report: Path | None, rejected: "Any") -> None:
    if report is None:
        return
    from connectors.leave import report as forms

    form = {".json": forms.as_json, ".csv": forms.as_csv}.get(report.suffix.lower(), forms.as_text)
    encoding = "utf-8" if report.suffix.lower() == ".json" else "utf-8-sig"  # the mark is for Excel
    try:
        report.write_text(form(rejected), encoding, newline="")
    except OSError as error:
        raise click.UsageError(f"{report.name} cannot be written: {error.strerror}") from None


@hr.command("map")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--source", default="hr", show_default=True, help="What the source is to be called.")
@JSON
def map_(file: Path, source: str, as_json: bool) -> None:
    """Propose which column of FILE is what, as settings to paste.

    Headings are shown, and no cell. What looks like a reason is put under never_read; of it is only seen whether it holds days.
    """
    from connectors.leave import Unreadable
    from connectors.leave.proposal import propose

    try:
        found = propose(file.read_bytes())
    except OSError as error:
        code = "missing" if isinstance(error, FileNotFoundError) else "unreadable"
        raise Failed(code, f"{file.name} cannot be read: {error.strerror}", UNREADABLE) from None
    except Unreadable as error:
        raise Failed(error.code, f"{file.name}: {error} ({error.code})", UNREADABLE) from None
    if as_json:
        terminal.give(found._asdict())
    else:
        click.echo(_settings(file.name, source, found), nl=False)
    sys.exit(1 if not {"person", "start"} <= found.columns.keys() else 0)


def _settings(name: str, source: str, found: "Proposal") -> str:
    """As TOML."""
    cut = "tab" if found.delimiter == "\t" else f'"{found.delimiter}"'
    columns = ", ".join(f"{field} = {_text(heading)}" for field, heading in found.columns.items())
    how = ", ".join(filter(None, (found.encoding, cut if found.delimiter else "JSON")))
    lines = [f"# {_shown(name)}: {how}, {found.rows} rows. Look at it before you use it."]
    lines += [f"# {sentence}." for sentence in found.unsure]
    lines += [f"[sources.{source}]", 'connector = "connectors.hr:Hr"', 'kind = "leave"']
    lines += ['# folder = "hr"   # files dropped here are taken', f'alias = "{found.alias}"']
    lines += [f"alias_kinds = [{_text(found.alias)}]"] if found.alias != "employee" else []
    lines += [f'date_format = "{found.date_format}"'] if found.date_format else []
    lines += ["columns = { " + columns + " }"]
    lines += ["never_read = [" + ", ".join(map(_text, found.never_read)) + "]"]
    return "\n".join(lines) + "\n"


def _text(heading: str) -> str:
    return json.dumps(_shown(heading), ensure_ascii=False)


def _shown(text: str) -> str:
    """Without what would move the cursor of a terminal."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)
