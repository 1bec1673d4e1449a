"""`presence report`: what became of enquiries over a period, in sums of ten and more."""

import asyncio
import csv
import sys
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from presence.commands import terminal
from presence.commands.options import CONFIG, JSON

if TYPE_CHECKING:
    from presence.domain.report import Report
    from presence.installation import Installation

_DAY = click.DateTime(["%Y-%m-%d"])
_DAYS = 30
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for one


@click.command()
@CONFIG
@click.option("--from", "first", type=_DAY, help="The first day; 30 days before --to by default.")
@click.option("--to", "last", type=_DAY, help="The last day, inclusive; today by default.")
@click.option("--csv", "as_csv", is_flag=True, help="For a spreadsheet: every count in a line of its own.")
@JSON
def report(path: Path, first: datetime | None, last: datetime | None, as_csv: bool, as_json: bool) -> None:
    """Look-ups, where enquiries were led, whether somebody was reached, words asked in vain. No person, none under ten."""
    from presence.installation import Installation

    if as_csv and as_json:
        raise click.UsageError("--csv or --json, not both")
    installation = Installation(path)
    zone = ZoneInfo(installation.rules.zone)
    end = last.date() if last else datetime.fromtimestamp(installation.clock.now(), zone).date()
    begin = first.date() if first else end - timedelta(days=_DAYS)
    if end < begin:
        raise click.UsageError("--to should not be before --from")
    found, names = asyncio.run(_read(installation, begin, end, zone))
    if as_json:
        terminal.give({"from": begin.isoformat(), "to": end.isoformat(), "k": found.k, **_plain(found, names)})
    elif as_csv or not sys.stdout.isatty():
        _lines(found, names, "," if as_csv else "\t")
    else:
        from presence.commands.report_view import show

        show(found, names, installation.rules.name)
    if not any(found.tables.values()) and not as_json:
        click.echo("Nothing to tell: no count of this period has reached ten.", err=True)


async def _read(installation: "Installation", first: date, last: date, zone: ZoneInfo) -> tuple["Report", dict[str, str]]:
    """The report, and what units and topics are called."""
    from presence.board import Board
    from presence.domain.directory import path
    from presence.domain.facts import Count
    from presence.domain.report import report as made

    store = installation.store()
    try:
        facts = (await store.snapshot()).facts
    finally:
        await store.close()
    board = Board(installation.rules)
    now = int(installation.clock.now())
    board.load([fact for fact in facts if fact.key.startswith(("unit/", "topic/"))], now)
    units, topics = board.now.units, board.now.topics
    names = {unit: " › ".join(path(units, unit)) for unit in units} | {topic: each.name for topic, each in topics.items()}
    return made((fact.body for fact in facts if isinstance(fact.body, Count)), first, last, zone), names


def _plain(found: "Report", names: Mapping[str, str]) -> dict[str, object]:
    from presence.domain.report import TABLES

    rows = list(found.rows())
    used = {str(row[column]) for row in rows for column in ("unit", "topic") if column in row}
    tables = {
        table: [{n: v for n, v in row.items() if n != "table"} for row in rows if row["table"] == table] for table in TABLES
    }
    return {**tables, "names": {each: names[each] for each in sorted(used) if each in names}}


def _lines(found: "Report", names: Mapping[str, str], delimiter: str) -> None:
    from presence.domain.report import COLUMNS

    writer = csv.DictWriter(sys.stdout, [*COLUMNS[:-1], "name", "count"], delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    for row in found.rows():
        name = names.get(str(row.get("unit", row.get("topic", ""))), "")
        writer.writerow({column: _inert(value) for column, value in (row | {"name": name}).items()})


def _inert(value: str | int) -> str | int:
    """Names are the directory's and the switchboard's: none of them is to run in a spreadsheet."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
