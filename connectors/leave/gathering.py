"""Rows gathered by person. Their order does not matter, and a row that stands there twice counts once."""

import hashlib
from collections.abc import Sequence

from connectors.leave.rows import Row
from presence.domain.facts import Absence


def named(uid: str) -> str:
    """The sender's own name for a leave, which may tell its reason (VAB-2026-118), as a digest: it is never stored as it came."""
    return _digest(uid)


def gathered(rows: Sequence[Row]) -> dict[str, dict[str, Absence | None]]:
    """Absences by alias and uid.

    A withdrawn row is none, and takes out no other: the same days may be leave again, for another reason or by a decision made
    anew, and a wrong away costs less than a wrong available. Several rows of one name (periods of one case, two extents from
    one day on) are told apart by their order in time.
    """
    live = {(row.alias, row.uid, _sort(row.absence)): row for row in rows if not row.is_withdrawn}
    found: dict[str, dict[str, Absence | None]] = {}
    counts: dict[tuple[str, str], int] = {}
    for _, row in sorted(live.items()):
        name = named(row.uid) if row.uid else _uid(row)
        nth = counts[row.alias, name] = counts.get((row.alias, name), -1) + 1
        found.setdefault(row.alias, {})[_digest(f"{name}\x1f{nth}") if nth else name] = row.absence
    return found


def contradiction(rows: Sequence[Row]) -> int:
    """The line of the first row that says otherwise of a leave that one before it named; 0 where there is none."""
    held: dict[tuple[str, str], Absence] = {}
    for row in rows:
        name = named(row.uid) if row.uid else _uid(row)
        if held.setdefault((row.alias, name), row.absence) != row.absence:
            return row.line
    return 0


def _uid(row: Row) -> str:
    """The same leave has the same name in the next file, though its end or extent may be corrected."""
    said = row.absence
    return _digest(f"{row.alias}\x1f{said.first or said.start}\x1f{said.employment}")


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _sort(said: Absence) -> tuple[object, ...]:
    return said.first, said.start, said.last, said.end, said.employment, said.extent, said.share
