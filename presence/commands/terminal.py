"""What people see: colour and progress on a terminal, plain lines elsewhere. Data goes to stdout, everything else to stderr."""

import contextlib
import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import click


def give(data: Any) -> None:
    """JSON on standard output."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


def releasing(hold: str) -> str:
    """The command that applies what was held back."""
    return f"presence sync --release {hold} --operator NAME"


@contextlib.contextmanager
def phase(name: str) -> Iterator[None]:
    """Something that takes a while: a spinner on a terminal, one line elsewhere."""
    if not sys.stderr.isatty():
        click.echo(f"{name} …", err=True)
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{name} …"):
        yield


def survive_encoding() -> None:
    """In a job with an old locale a sign that it does not have is replaced, instead of ending the job."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


class Steps:
    """Steps that follow one another: a bar on a terminal, one line a step elsewhere."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

            shown = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
            self._bar = Progress(*shown, console=Console(stderr=True), transient=True)
            self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar:
            self._bar.stop()

    def begin(self, name: str, total: int | None = None) -> None:
        """The next step; `total`: of how many things, where that is known."""
        if not self._bar:
            click.echo(f"{name} …", err=True)
            return
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(name, total=total)

    def reach(self, done: int) -> None:
        """How many of them are done. May be called from another thread."""
        if self._bar:
            self._bar.update(self._task, completed=done)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Rows under their columns; off a terminal with tabs between them."""
    if not sys.stdout.isatty():
        for row in (columns, *rows):
            click.echo("\t".join(map(str, row)))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        drawn.add_row(*(Text(str(cell)) for cell in row))
    Console().print(drawn)


def addresses(title: str, named: Mapping[str, str], last: str = "") -> None:
    """What runs, and where it can be opened."""
    width = max(map(len, named), default=0)
    lines = [click.style(title, bold=True), ""]
    lines += [f"  {name:{width}}  {click.style(address, fg='cyan')}" for name, address in named.items()]
    click.echo("\n".join([*lines, "", *([f"  {last}"] if last else [])]), err=True)
