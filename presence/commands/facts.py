"""Commands that read or change what is held: `sync` reads a source once, `who` answers for one audience."""

import asyncio
import getpass
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from presence.commands import terminal
from presence.commands.failing import NOT_READ
from presence.commands.options import CONFIG, JSON, Instant
from presence.domain.intervals import FOREVER

if TYPE_CHECKING:
    from presence.domain.availability import Heard
    from presence.intaking.outcome import Outcome
    from presence.ports import SourceUnavailable
    from presence.who import SourceAge, Told

_COUNTS = ("added", "changed", "removed", "unchanged", "failed", "skipped", "clamped", "outdated", "unresolved")
_FEW = 20


def _user() -> str:
    """Of this shell; in a container a user may have a number and no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "somebody"


@click.command()
@click.argument("source", default="")
@CONFIG
@click.option("--dry-run", is_flag=True, help="Show the difference; change nothing.")
@click.option(
    "--release", metavar="HOLD", default="", help="Apply what was held back under this id, after seeing its difference."
)
@click.option("--operator", default=_user, help="Who releases; the user of this shell by default.")
@click.option("--all", "whole", is_flag=True, help="List every change, not the first 20.")
@JSON
def sync(source: str, path: Path, dry_run: bool, release: str, operator: str, whole: bool, as_json: bool) -> None:
    """Read SOURCE once, or all of them, and show the difference."""
    from presence import errands

    try:
        with terminal.phase(f"releasing {release}" if release else f"reading {source or 'all sources'}"):
            outcomes = asyncio.run(errands.sync(path, source, dry_run, release, operator))
    except KeyError:
        raise click.UsageError(f"no source is called {source!r}; presence config show names them") from None
    rows = [_row(name, outcome) for name, outcome in outcomes]
    if as_json:
        terminal.give(rows)
    else:
        columns = [
            name for name in ("source", "result", *_COUNTS, "unmatched", "hold", "why") if any(row.get(name) for row in rows)
        ]
        terminal.table(columns, [[row.get(name) or "" for name in columns] for row in rows])
        for row in rows:
            changes = row.get("changes") or []
            for said in filter(None, (row.get("text"), row.get("remarks"))):
                click.echo(f"  {row['source']}: {said}")
            for change in changes if whole else changes[:_FEW]:
                click.echo(f"  {change}")
            if not whole and len(changes) > _FEW:
                click.echo(f"  … and {len(changes) - _FEW} more; --all lists them")
            if row["result"] == "held":
                click.echo(f"  {row['source']}: nothing was changed; {_holding(row['hold'], dry_run)}")
            if row.get("unknown"):
                click.echo(f"  the configuration names what no source knows: {', '.join(row['unknown'])}")
    sys.exit(_exit_code(rows))


def _holding(hold: str, dry_run: bool) -> str:
    """What to do with what is held back; a dry run holds nothing."""
    if dry_run:
        return "without --dry-run it would be held back, for an operator to release"
    return f"having looked at the difference, apply it by\n  {terminal.releasing(hold)}"


def _exit_code(rows: list[dict[str, Any]]) -> int:
    """The most pressing of what came of the sources."""
    results = {row["result"] for row in rows}
    for result, code in (("held", 4), ("unreadable", 3), ("unavailable", 75)):
        if result in results:
            return code
    return 1 if any(row.get("skipped") or row.get("failed") or row.get("unmatched") for row in rows) else 0


def _row(name: str, outcome: "Outcome | SourceUnavailable") -> dict[str, Any]:
    """What came of one source, as plain values."""
    from presence.ports import SourceInvalid, SourceUnavailable

    if isinstance(outcome, SourceUnavailable):
        well = {"pushed": "waits to be sent", "nothing-new": "nothing new"}
        is_unread = isinstance(outcome, SourceInvalid) or outcome.code in NOT_READ
        result = "unreadable" if is_unread else well.get(outcome.code, "unavailable")
        more: dict[str, Any] = {} if outcome.code in well else {"text": str(outcome)}
        return {"source": name, "result": result, "why": outcome.code, **more}
    result = "held" if outcome.hold else "older" if outcome.older else "dry run" if outcome.dry_run else "applied"
    counts = {count: getattr(outcome, count) for count in _COUNTS}
    told = {"unmatched": len(outcome.unmatched), "hold": outcome.hold, "rule": outcome.rule, "why": outcome.explanation}
    seen = outcome.dry_run or outcome.rule  # held back or released; of what is applied otherwise, counts are enough
    listed = {"changes": list(outcome.difference.lines())} if seen else {}
    more = {"remarks": outcome.remarks} if outcome.remarks else {}
    more |= {"unknown": list(outcome.unknown)} if outcome.unknown else {}
    return {"source": outcome.source, "result": result, **counts, **told, **more, **listed}


@click.command()
@click.argument("aliases", nargs=-1, required=True, metavar="ALIAS… | -")
@CONFIG
@click.option("--as", "of", type=click.Choice(["public", "self", "staff", "desk"]), default="public", show_default=True)
@click.option("--at", type=Instant(), help="ISO 8601 with an offset; now by default.")
@click.option("--lang", default="", help="A language of the organisation.")
@click.option("--topic", default="", help="The id of a topic that the visitor asks about.")
@click.option("--explain", is_flag=True, help="Which fact decided, and why.")
@JSON
def who(
    aliases: tuple[str, ...],
    path: Path,
    of: Any,
    at: datetime | None,
    lang: str,
    topic: str,
    explain: bool,
    as_json: bool,
) -> None:
    """What this audience is told of a contact, by any of its aliases (mail:…, employee:…, ext:…) or its id; "-" reads them."""
    from presence import errands
    from presence.who import as_json as plain

    if at and at.tzinfo is None:
        raise click.UsageError("--at needs an offset: 2026-11-23T08:00+01:00")
    asked = [line.strip() for line in sys.stdin if line.strip()] if aliases == ("-",) else list(aliases)
    moment = int(at.timestamp()) if at else int(datetime.now(UTC).timestamp())
    try:
        told = asyncio.run(errands.who(path, asked, of, moment, lang, topic))
        why = asyncio.run(errands.who(path, asked, "staff", moment, lang, topic)) if explain and of == "public" else told
    except errands.NoSuch as error:
        raise click.UsageError(str(error.args[0])) from None
    for answer, reason in zip(told, why, strict=True):
        known = answer.public or answer.staff
        if as_json or aliases == ("-",):
            explained = (
                {"explanation": plain(reason).get("explanation"), "sources": plain(reason).get("sources")} if explain else {}
            )
            click.echo(json.dumps(plain(answer) | (explained if known else {}), ensure_ascii=False))
        else:
            click.echo("\n".join(_lines(answer, reason if explain or answer.staff else None)))
    sys.exit(0 if all(answer.public or answer.staff for answer in told) else 1)


def _lines(told: "Told", why: "Told | None") -> Iterator[str]:
    """One contact for people to read."""
    if told.public:
        shown = told.public
        yield click.style(shown.name, bold=True) + f"  {shown.id}"
        yield f"  {shown.availability.status.value}: {shown.availability.text}"
        for step in shown.referral.steps if shown.referral else ():
            yield f"  → {step.name}: {step.text}"
    elif told.staff:
        until = f" until {told.staff.until}" if told.staff.until else ""
        yield click.style(told.staff.name, bold=True) + f"  {told.staff.id}"
        yield f"  {told.staff.status.value}{until}"
    else:
        yield f"{told.asked}: the public is shown nobody by this: nobody is known by it (an alias is mail:… or employee:…),"
        yield "  nobody may see who is, or it is a newcomer, who is seen at the next tick"
    if why and why.staff:
        ages = {each.source: each for each in why.sources}
        for heard in why.staff.explanation.heard:
            yield _voice(heard, [ages[name] for name in heard.source.split(",") if name in ages])
        changes = why.staff.explanation.valid_until
        moment = datetime.fromtimestamp(changes, ZoneInfo(told.zone)).isoformat(timespec="minutes") if changes < FOREVER else ""
        at = f" at {moment}" if moment else ""
        yield f"  may change{at and f'{at}, and'} whenever a source says so"


def _voice(heard: "Heard", sources: "list[SourceAge]") -> str:
    mark = "✓" if heard.decided else "✗" if heard.lost else " "
    age = max((each.age for each in sources if each.age is not None), default=None)
    ago = f", {age} s ago" if age is not None else ""
    is_lease = heard.place.startswith("presence:") and heard.says != "nothing"  # a report stands for as long as it says itself
    past = "" if is_lease or all(each.inside_limit for each in sources) else ", past its limit: no evidence"
    told = f" ({heard.source}{ago}{past})" if heard.source else ""
    because = f": {heard.because}" if heard.because else ""
    return f"  {mark} {heard.place:20} {heard.says}{because}{told}"
