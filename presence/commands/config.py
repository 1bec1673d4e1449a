"""`presence config`: check the settings, show what is in force, begin with an example."""

import sys
from pathlib import Path

import click

from presence.commands import terminal
from presence.commands.options import CONFIG, JSON


@click.group()
def config() -> None:
    """The settings: check them, show what is in force, begin with an example."""


@config.command()
@CONFIG
@JSON
def check(path: Path, as_json: bool) -> None:
    """Tell every mistake at once, where it stands, and what to write instead.

    Exit codes: 0 nothing to say; 1 it can be used, but there is something to look at; 2 it cannot be used.
    """
    from presence.config import import_path, load
    from presence.configuration.notices import notices
    from presence.keyfile import installation_key

    keys = ("line", "key", "message", "hint")
    found = load(path, import_path)
    installation_key(Path(found.key_file), Path(found.store.path), is_trial=True)  # or it is missing
    counts = {name: len(getattr(found, name)) for name in ("sources", "topics", "units", "contacts")}
    noticed = notices(found, path)
    if as_json:
        rows = [{key: getattr(each, key) for key in keys} for each in noticed]
        terminal.give({"file": str(path), "problems": [], "notices": rows, **counts})
    else:
        count = len(noticed)
        look = f", {count} thing{'' if count == 1 else 's'} to look at" if count else ""
        click.echo(f"{path}: no errors{look}. " + ", ".join(f"{name}: {count}" for name, count in counts.items()))
        for each in noticed:
            click.echo(f"{path}:{each.line}  {each.key}  {each.message} {each.hint}".rstrip(), err=True)
        if not found.publication.rules:
            click.echo("Nobody is published yet: there is no [[publication.rules]].", err=True)
    sys.exit(1 if noticed else 0)


@config.command()
@CONFIG
@JSON
def show(path: Path, as_json: bool) -> None:
    """What is in force, defaults included, secrets masked."""
    from presence.config import import_path, load
    from presence.configuration import show as shown

    tree = shown.effective(load(path, import_path))
    if as_json:
        terminal.give(tree)
    else:
        click.echo(shown.toml(tree), nl=False)


@config.command()
def example() -> None:
    """A file to begin with: presence config example > presence.toml"""
    from importlib.resources import files

    click.echo(files("presence.configuration").joinpath("example.toml").read_text("utf-8"), nl=False)
