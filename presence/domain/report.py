"""What counts tell of a period: sums from `K` on, in which no smaller one can be found by subtraction.

Each table is folded once (`presence.domain.counts.fold`), and whatever is said of it afterwards is a sum of rows that are left.
Reports of periods that overlap could be subtracted from one another: who publishes them keeps to one row of periods.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from presence.domain.counts import OTHER, Cell, K, fold
from presence.domain.facts import Count, parts

TABLES: Mapping[str, tuple[str, ...]] = {
    "lookups": ("unit", "status"),
    "hours": ("hour",),
    "referrals": ("unit", "to", "channel"),
    "topics": ("topic",),
    "topic_links": ("topic",),
    "self_service": ("topic",),
    "reached": ("unit", "answer"),
    "reached_by": ("channel",),
    "calls": ("unit", "outcome"),
    "searches": ("result",),
    "in_vain": ("words",),
}
"""By what each table tells its counts. `hours` and `topics` are of look-ups, by local hour and by topic; `topic_links` of what
`referrals` are. Tables of the same counts have no column in common: they could be subtracted from one another in it."""

COLUMNS = ("table", *dict.fromkeys(column for columns in TABLES.values() for column in columns), "count")


class Report(msgspec.Struct, frozen=True):
    """`tables`: for each of `TABLES` its cells. Empty parts of a name are of the organisation as a whole, or not known; `OTHER`
    stands for all that is too small."""

    first: date
    last: date
    tables: Mapping[str, Mapping[Cell, int]]
    k: int = K

    def sums(self, table: str, *columns: str, **of: str) -> dict[Cell, int]:
        """The counts of a table by some of its columns; `of`: only where these columns say this."""
        names = TABLES[table]
        found: Counter[Cell] = Counter()
        for cell, n in self.tables[table].items():
            said = dict(zip(names, cell, strict=True))
            if all(said[column] == value for column, value in of.items()):
                found[tuple(said[column] for column in columns)] += n
        return dict(found)

    def total(self, table: str) -> int:
        """Of a table."""
        return sum(self.tables[table].values())

    def rows(self) -> Iterator[dict[str, str | int]]:
        """Every cell of every table with the names of its parts, the largest first."""
        for table, columns in TABLES.items():
            for cell, n in sorted(self.tables[table].items(), key=lambda row: (-row[1], row[0])):
                yield {"table": table, **dict(zip(columns, cell, strict=True)), "count": n}


class Share(NamedTuple):
    """How many of all, from 0 to 1; where one side is too small to be told, the bound that follows from it."""

    least: float
    most: float

    @property
    def exact(self) -> bool:
        return self.least == self.most


def share(yes: int, no: int, hidden: int = 0) -> Share | None:
    """Of two counts; `hidden`: how many there may be besides that are told of neither side. None where nothing is known."""
    every = yes + no + hidden
    return Share(yes / every, (yes + hidden) / every) if yes or no else None


def report(counts: Iterable[Count], first: date, last: date, zone: ZoneInfo, k: int = K) -> Report:
    """Over whole days, both inclusive."""
    tables: dict[str, Counter[Cell]] = {table: Counter() for table in TABLES}
    for body in counts:
        begins = datetime.fromtimestamp(body.hour, zone)
        if first <= begins.date() <= last:
            for name, n in body.counts.items():
                for table, cell in _placed(parts(name), begins.hour):
                    tables[table][cell] += n
    return Report(first, last, {table: fold(cells, k) for table, cells in tables.items()}, k)


def _placed(name: Cell, hour: int) -> Iterator[tuple[str, Cell]]:
    """Where a count is told. What went beyond the bound of cells has lost its details, and is told as small ones are."""
    table, *rest = name
    match table, rest:
        case (("lookup" | "go" | "reached" | "topic"), [only]) if only == OTHER:
            told = {"lookup": "lookups", "go": "referrals", "reached": "reached", "topic": "topics"}[table]
            yield told, (OTHER,) * len(TABLES[told])
            if table == "lookup":
                yield "hours", (f"{hour:02}",)
        case "lookup", [status, unit]:
            yield "lookups", (unit, status)
            yield "hours", (f"{hour:02}",)
        case "go", [to, kind, unit]:
            yield "referrals", (unit, to, kind)
        case "topic", [topic, ("lookup" | "go" | "self-service") as what, *_]:
            table = {"lookup": "topics", "go": "topic_links", "self-service": "self_service"}[what]
            yield table, (topic,)
        case "reached", [kind, answer, unit]:
            yield "reached", (unit, answer)
            yield "reached_by", (kind,)
        case "calls", [unit, outcome]:
            yield "calls", (unit, outcome)
        case "search", [result]:
            yield "searches", (result,)
        case "vain", [words]:
            yield "in_vain", (words,)
