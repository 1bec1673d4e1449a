"""What came of a file of leave, for people and for programs: counts, dates and employee numbers. No names, no reasons."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connectors.leave.personal import masked
from connectors.leave.report import COLUMNS, line
from presence.commands import terminal
from presence.domain.facts import Absence, AnyBody, Held
from presence.domain.intervals import FOREVER
from presence.intaking import difference
from presence.intaking.difference import Change
from presence.intaking.plan import noun
from presence.ports import SourceUnavailable

if TYPE_CHECKING:
    from rich.console import Console

    from presence.syncing import Filing

_FEW = 10
_COLOURS = {"+": "green", "~": "yellow", "-": "red", "·": "dim"}


def exit_code(found: "Filing") -> int:
    if found.outcome.hold or found.outcome.older:
        return 4
    return 1 if any(each.code != "note" for each in found.reading.rejected) or _nobody_matched(found) else 0


def _nobody_matched(found: "Filing") -> bool:
    """Then the key is most likely another than the directory has."""
    return bool(found.outcome.people) and len(found.outcome.unmatched) == found.outcome.people


def result(found: "Filing") -> str:
    outcome = found.outcome
    return "held" if outcome.hold else "older" if outcome.older else "dry run" if outcome.dry_run else "applied"


def unread(name: str, error: SourceUnavailable) -> dict[str, Any]:
    return {"file": name, "result": "unreadable", "why": error.code, "text": str(error)}


def plain(name: str, found: "Filing") -> dict[str, Any]:
    """As plain values."""
    outcome, reading = found.outcome, found.reading
    counts = {count: getattr(outcome, count) for count in ("added", "changed", "removed", "unchanged", "written")}
    return {
        "file": name,
        "source": found.source,
        "result": result(found),
        "as_of": _as_of(found).astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "rows": reading.rows,
        **counts,
        "ended": len(outcome.difference.ended),
        "withdrawn": reading.withdrawn,
        "repeated": reading.repeated,
        "takes_away": not reading.batch.keeps,
        "unmatched": [masked(alias) for alias in outcome.unmatched],
        "rejected": [{name: getattr(each, name) for name in COLUMNS} for each in reading.rejected],
        "changes": [" ".join((sign, told)) for sign, told in _changes(found)],
        "hold": outcome.hold,
        "rule": outcome.rule,
        "why": outcome.explanation,
        "encoding": reading.encoding,
        "delimiter": reading.delimiter,
        "never_read": list(reading.unread),
    }


def _as_of(found: "Filing") -> datetime:
    """When the file was written, in the zone of this machine."""
    return datetime.fromtimestamp(found.reading.batch.read_at, UTC).astimezone()


def _changes(found: "Filing") -> Iterator[tuple[str, str]]:
    """(sign, words) of each change, what takes most away first; "·" for what was over anyway."""
    told = found.outcome.difference
    signed = [("·" if c.key in told.ended else str(c.sign), _words(c)) for c in told.changes if noun(c.key)]
    yield from sorted(signed, key=lambda pair: ("-~+·".index(pair[0]), pair[1]))


def _words(change: Change) -> str:
    """Whose, and when, and what is different; a personal identity number is not shown."""
    _, _, who, *when = difference.line(change._replace(before=None) if change.after else change).split(" ")
    before, after = _absence(change.before), _absence(change.after)
    changed = [f"({', '.join(_changed(before, after))})"] if before and after else []
    return " ".join((masked(who), *when, *changed))


def _absence(body: AnyBody | None) -> Absence | None:
    body = body.body if isinstance(body, Held) else body
    return body if isinstance(body, Absence) else None


def _changed(before: Absence, after: Absence) -> Iterator[str]:
    """What it was before."""
    if (before.first, before.start) != (after.first, after.start):
        yield f"began {before.first or 'at another time'}"
    if (before.last, before.end) != (after.last, after.end):
        yield f"was until {before.last or 'further notice'}" if before.dated else "ended at another time"
    if before.extent != after.extent:
        yield f"was extent {before.extent:g}"
    if (before.share, before.employment) != (after.share, after.employment):
        yield "was of another employment or share"
    if before.ok_until != after.ok_until:
        yield "its row was rejected: kept" if after.ok_until < FOREVER else "its row can be read again"


def show(console: "Console", name: str, found: "Filing", whole: bool, report: str = "") -> None:
    outcome, reading = found.outcome, found.reading
    cut = {"\t": "tab", "": ""}.get(reading.delimiter, f'"{reading.delimiter}"')
    how = ", ".join(filter(None, (reading.encoding, cut)))
    _line(console, "read", " · ".join(filter(None, (name, how, f"{_n(reading.rows)} rows", f"source {found.source}"))))
    _line(console, "as of", f"{_as_of(found):%Y-%m-%d %H:%M}, when it was written")
    if reading.unread:
        _line(console, "dropped", "columns never read: " + ", ".join(reading.unread))
    if outcome.unmatched:
        _line(console, "waiting", f"{_n(len(outcome.unmatched))} not in the directory yet: {_some(outcome.unmatched)}")
    if _nobody_matched(found):
        _line(console, "nobody", "of the file is in the directory: is the key the one that the directory has?", "bold red")
    aside = {"withdrawn": reading.withdrawn, "repeated": reading.repeated}
    if any(aside.values()):
        _line(console, "passed", ", ".join(f"{_n(count)} {word}" for word, count in aside.items() if count))
    _plan(console, found)
    if reading.batch.keeps:
        _line(console, "kept", "nothing is taken away: of a rejected row it is not known whose it is", "bold yellow")
    _listed(console, [(sign, told) for sign, told in _changes(found)], whole)
    if reading.rejected:
        _line(console, "rejected", "", "red")
        rows = reading.rejected if whole else reading.rejected[:_FEW]
        width = len(str(max(each.line for each in rows)))
        for each in rows:
            _print(console, f"   ! {line(each, width)}", "red")
        _more(console, len(reading.rejected) - len(rows))
    if report:
        _line(console, "report", report)
    _ending(console, found)


def _plan(console: "Console", found: "Filing") -> None:
    outcome = found.outcome
    parts = [
        ("+", f"{_n(outcome.added)} new"),
        ("~", f"{_n(outcome.changed)} changed"),
        ("-", f"{_n(outcome.removed)} removed"),
        ("·", f"{_n(len(outcome.difference.ended))} ended"),
    ]
    from rich.text import Text

    text = Text(f" {'plan':9} ", style="bold")
    for sign, words in parts:
        text.append(f"{sign.replace('-', '−')} {words}   ", style=f"not bold {_COLOURS[sign]}")
    text.append(f"= {_n(outcome.unchanged)} unchanged", style="not bold")
    if found.reading.rejected:
        text.append(f"   ! {_n(len(found.reading.rejected))} rejected", style="not bold red")
    console.print(text)


def _listed(console: "Console", changes: list[tuple[str, str]], whole: bool) -> None:
    shown = changes if whole else changes[:_FEW]
    for sign, told in shown:
        _print(console, f"   {sign.replace('-', '−')} {told}", _COLOURS[sign])
    _more(console, len(changes) - len(shown))


def _more(console: "Console", count: int) -> None:
    if count > 0:
        _print(console, f"   … {_n(count)} more (--all)", "dim")


def _ending(console: "Console", found: "Filing") -> None:
    outcome = found.outcome
    if outcome.hold:
        _line(console, "HELD BACK", outcome.explanation.partition("; held back")[0], "bold red")
        will = "would be " if outcome.dry_run else "is "
        _print(
            console,
            f"           Nothing was changed. It {will}held as {outcome.hold}; having looked at the difference, apply it by",
        )
        _print(console, f"           {terminal.releasing(outcome.hold)}", "bold")
    elif outcome.older:
        _line(console, "OLDER", "written before the file that was taken last: nothing was changed", "bold red")
    elif outcome.dry_run:
        _line(console, "DRY RUN", "nothing was changed; run without --dry-run to apply", "bold yellow")
    elif outcome.added + outcome.changed + outcome.removed + len(outcome.difference.ended) == 0:
        _line(console, "done", "nothing to do" if not outcome.written else "no leave changed", "bold green")
    else:
        _line(console, "done", f"{_n(outcome.written)} facts written", "bold green")


def _line(console: "Console", word: str, text: str, style: str = "bold") -> None:
    from rich.text import Text

    console.print(Text.assemble((f" {word:9} ", style), text))


def _print(console: "Console", text: str, style: str = "") -> None:
    from rich.text import Text

    console.print(Text(text, style=style))


def _some(aliases: tuple[str, ...]) -> str:
    told = ", ".join(masked(alias) for alias in aliases[:3])
    return told + (" …" if len(aliases) > 3 else "")


def _n(count: int) -> str:
    """With thin spaces, as figures are written in Sweden."""
    return f"{count:,}".replace(",", "\u202f")
