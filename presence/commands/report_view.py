"""The report for people: tables with bars, on a terminal."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import TypeVar

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from presence.domain.report import TABLES, Report, Share, share

_STATUSES = ("available", "busy", "away", "closed", "unknown")
_COLOURS = {"available": "green", "busy": "yellow", "away": "magenta", "closed": "blue", "unknown": "bright_black"}
_Rows = list[list[str | int]]
_BAR = 24
_MOST = 12  # rows of what may be many
_LEVELS = " ▁▂▃▄▅▆▇█"


def show(report: Report, names: Mapping[str, str], organisation: str, console: Console | None = None) -> None:
    """All tables that have anything in them."""
    console = console or Console()
    console.print()
    console.print(Text.assemble((organisation, "bold"), "  ", f"{report.first} to {report.last}"))
    console.print(Text(f"Nobody is in these figures. Counts under {report.k} are put together, or left out.", style="dim"))
    view = _View(report, names)
    sections = (
        ("Look-ups, by what they were told", view.statuses()),
        ("By hour of the day", view.hours()),
        ("By unit", view.units()),
        ("Where links to call or write led", view.referrals()),
        ("By topic", view.topics()),
        ("Did you reach somebody?", view.pairs("reached", "answer", "yes", "no")),
        ("… asked after which channel", view.channels()),
        ("Calls that the switchboard told of", view.pairs("calls", "outcome", "answered", "unanswered")),
        ("Asked for in vain", view.vain()),
    )
    for title, content in sections:
        if content is not None:
            console.print()
            console.print(Text(title, style="bold cyan"))
            console.print(Padding(content, (0, 0, 0, 2)))
    console.print()


class _View:
    def __init__(self, report: Report, names: Mapping[str, str]) -> None:
        self._report = report
        self._names = names

    def statuses(self) -> RenderableType | None:
        sums = {status: n for (status,), n in self._report.sums("lookups", "status").items()}
        rows = [s for s in (*_STATUSES, *sorted(sums.keys() - {*_STATUSES})) if s in sums]
        total = sum(sums.values())
        return _bars([(self._called(s), sums[s], _COLOURS.get(s, "bright_black")) for s in rows], total)

    def hours(self) -> RenderableType | None:
        sums = {hour: n for (hour,), n in self._report.sums("hours", "hour").items()}
        if not sums:
            return None
        most = max(sums.values())
        line, scale = Text(), Text(style="dim")
        for hour in range(24):
            n = sums.get(f"{hour:02}", 0)
            line.append(_LEVELS[-(-8 * n // most)] * 2 + " ", style="cyan")
            scale.append(f"{hour:02} ")
        busiest = max((h for h in sums if h.isdigit()), key=lambda h: sums[h], default="")
        said = f"most from {busiest} to {(int(busiest) + 1) % 24:02}: {_number(sums[busiest])}" if busiest else ""
        return Group(line, scale, Text(said, style="dim"))

    def units(self) -> RenderableType | None:
        sums = self._report.sums("lookups", "unit", "status")
        shown = [s for s in (*_STATUSES, "*") if any(status == s for _, status in sums)]
        totals = {unit: n for (unit,), n in self._report.sums("lookups", "unit").items()}
        rows: _Rows = [[self._named(u), *(sums.get((u, s), 0) for s in shown), totals[u]] for u in _largest(totals)]
        return _table(["unit", *map(self._called, shown), "all"], rows, len(totals))

    def referrals(self) -> RenderableType | None:
        sums = self._report.sums("referrals", "to", "channel")
        kinds = [kind for (kind,) in _largest(self._report.sums("referrals", "channel"))]
        totals = {to: n for (to,), n in self._report.sums("referrals", "to").items()}
        rows: _Rows = [[self._called(to), *(sums.get((to, kind), 0) for kind in kinds), totals[to]] for to in _largest(totals)]
        return _table(["led to", *map(self._called, kinds), "all"], rows, len(totals))

    def topics(self) -> RenderableType | None:
        columns = {
            heading: {topic: n for (topic,), n in self._report.sums(table, "topic").items()}
            for heading, table in (("look-ups", "topics"), ("links", "topic_links"), ("self-service", "self_service"))
        }
        every = Counter[str]()
        for sums in columns.values():
            every.update(sums)
        rows: _Rows = [
            [self._names.get(t) or {"": "(no topic)"}.get(t) or self._called(t), *(sums.get(t, 0) for sums in columns.values())]
            for t in _largest(every)
        ]
        return _table(["topic", *columns], rows, len(every))

    def channels(self) -> RenderableType | None:
        sums = {kind: n for (kind,), n in self._report.sums("reached_by", "channel").items()}
        return _table(["channel", "answers"], [[self._called(kind), sums[kind]] for kind in _largest(sums)], len(sums))

    def pairs(self, table: str, column: str, good: str, bad: str) -> RenderableType | None:
        """Shares: of all, and of each unit or channel."""
        by, k = TABLES[table][0], self._report.k
        sums, every = self._report.sums(table, by, column), self._report.sums(table, column)
        of_each = _largest({each: n for (each,), n in self._report.sums(table, by).items()})
        rows: _Rows = []
        if every:
            yes, no = every.get((good,), 0), every.get((bad,), 0)
            rows.append(["all", yes, no, _share(share(yes, no, self._report.total(table) - yes - no))])
        for each in of_each:
            yes, no = sums.get((each, good), 0), sums.get((each, bad), 0)
            if yes or no:
                rows.append([self._named(each), yes, no, _share(share(yes, no, 0 if yes and no else k - 1))])
        return _table([by, good, bad, "share"], rows, len(rows))

    def vain(self) -> RenderableType | None:
        sums = {words: n for (words,), n in self._report.sums("in_vain", "words").items()}
        rows: _Rows = [[self._called(words), sums[words]] for words in _largest(sums)]
        return _table(["words", "visitors"], rows, len(sums))

    def _named(self, unit: str) -> str:
        return self._names.get(unit) or {"": "(smaller units)"}.get(unit) or self._called(unit)

    def _called(self, word: str) -> str:
        return {"*": "(small ones)", "": "(not known)", "steps": "nobody at once: all steps"}.get(word, word)


_Named = TypeVar("_Named")


def _largest(sums: Mapping[_Named, int]) -> list[_Named]:
    return sorted(sums, key=lambda name: (-sums[name], str(name)))


def _bars(rows: Sequence[tuple[str, int, str]], total: int) -> RenderableType | None:
    if not rows:
        return None
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for justify in ("left", "right", "right", "left"):
        table.add_column(justify=justify)
    most = max(n for _, n, _ in rows)
    for name, n, colour in rows:
        bar = Text("━" * max(1, round(_BAR * n / most)), style=colour)
        table.add_row(Text(name), _number(n), f"{100 * n / total:.0f} %", bar)
    table.add_row(Text("all", style="bold"), Text(_number(total), style="bold"))
    return table


def _table(columns: Iterable[str], rows: Sequence[Sequence[str | int]], there: int) -> RenderableType | None:
    """Names first, then figures; an empty place is none, or fewer than can be told."""
    if not rows:
        return None
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for n, column in enumerate(columns):
        table.add_column(column, justify="right" if n else "left", overflow="fold")
    for row in rows[:_MOST]:
        table.add_row(*(Text(_number(cell) if isinstance(cell, int) else cell) for cell in row))
    more = there - min(len(rows), _MOST)
    return Group(table, Text(f"and {more} more: --csv", style="dim")) if len(rows) > _MOST and more else table


def _number(n: int) -> str:
    return f"{n:,}".replace(",", "\u202f") if n else "·"


def _share(found: Share | None) -> str:
    if found is None:
        return ""
    least, most = int(100 * found.least), ceil(100 * found.most)
    if found.exact:
        return f"{100 * found.least:.0f} %"
    return f"at least {least} %" if most == 100 else f"at most {most} %" if not least else f"{least} to {most} %"
