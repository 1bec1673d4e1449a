"""The compacted table in SQL: each function works within a transaction that `sqlite_file.File` began."""

import sqlite3
from collections.abc import Mapping, Sequence

from presence.domain.facts import Key, Stored
from presence.ports import Conflict, Group, Position, Snapshot
from presence.stores import table
from presence.stores.sqlite_file import PAD
from presence.stores.table import Lease, Row

COLUMNS = "key, number, stamp, batch, body"
WRITE = f"""
    INSERT INTO fact (number, stamp, batch, key, pad, body) VALUES (?1, ?2, ?3, ?4, iif(?5 IS NULL, NULL, zeroblob({PAD})), ?5)
    ON CONFLICT (key) DO UPDATE SET
        number = excluded.number, stamp = excluded.stamp, batch = excluded.batch, pad = excluded.pad, body = excluded.body
"""  # noqa: S608 - a number of ours


def snapshot(db: sqlite3.Connection) -> Snapshot:
    epoch, number, _ = head(db)
    rows = db.execute(f"SELECT {COLUMNS} FROM fact WHERE body IS NOT NULL ORDER BY number")  # noqa: S608
    facts: list[Stored] = [fact for fact in table.stored(rows) if fact.body is not None]
    return Snapshot(table.position(epoch, number), facts)


def newer(db: sqlite3.Connection, after: Position) -> Group:
    """The next group after a position, which may be empty."""
    epoch, newest, swept = head(db)
    number = table.number_of(after, epoch, swept, newest)
    found = db.execute(
        f"SELECT {COLUMNS} FROM fact WHERE number > ? ORDER BY number LIMIT ?",  # noqa: S608
        (number, table.GROUP + 1),
    )
    rows = [Row._make(row) for row in found]
    rows = rows[: table.cut(rows)]
    group = Group(table.stored(rows))
    group.position = table.position(epoch, rows[-1].number if rows else number)
    return group


def head(db: sqlite3.Connection) -> tuple[str, int, int]:
    """The table's name, its newest number, and that of the newest swept tombstone."""
    epoch, number, swept = db.execute("SELECT epoch, number, swept FROM head").fetchone()
    return epoch, number, swept


def check(db: sqlite3.Connection, expect: Mapping[Key, int], fence: int | None, now: float) -> None:
    """Raises `Conflict` where a key was written since, or the lease is no longer held."""
    for key, number in expect.items():
        row = db.execute("SELECT number FROM fact WHERE key = ? AND body IS NOT NULL", (key,)).fetchone()
        if number != (row[0] if row else 0):
            raise Conflict(f"somebody else wrote {key!r}")
    if fence is not None:
        row = db.execute("SELECT holder, number, expires, seconds FROM lease WHERE number = ?", (fence,)).fetchone()
        if row is None or not Lease(*row).held(now):
            raise Conflict(f"lease number {fence} is no longer held")


def write(db: sqlite3.Connection, facts: Sequence[tuple[Key, bytes | None]], now: float) -> Position:
    """Append. The stamp is of `now`, which may be long before the commit: see `restamp`."""
    epoch, number, _ = head(db)
    batch = number + 1
    (newest,) = db.execute("SELECT stamp FROM head").fetchone()
    stamp = table.rounded(now, newest)
    db.executemany(WRITE, ((n, stamp, batch, key, body) for n, (key, body) in enumerate(facts, batch)))
    number += len(facts)
    db.execute("UPDATE head SET number = ?, stamp = ?", (number, stamp))
    return table.position(epoch, number)


def restamp(db: sqlite3.Connection, after: int, now: float) -> None:
    """Bring the stamps after a number up to `now`: a large append takes seconds, and readers see it only at its end."""
    number, newest = db.execute("SELECT number, stamp FROM head").fetchone()
    stamp = table.rounded(now, newest)
    if number > after and stamp > newest:
        db.execute("UPDATE fact SET stamp = ? WHERE number > ?", (stamp, after))
        db.execute("UPDATE head SET stamp = ?", (stamp,))


def sweepable(db: sqlite3.Connection, limit: int) -> int:
    """The number of the newest tombstone stamped before `limit`; 0: none."""
    row = db.execute(
        "SELECT number FROM fact INDEXED BY tombstone WHERE body IS NULL AND stamp < ? ORDER BY stamp DESC, number DESC LIMIT 1",
        (limit,),
    ).fetchone()
    return int(row[0]) if row else 0


def sweep(db: sqlite3.Connection, limit: int) -> None:
    """Forget the tombstones stamped before `limit`, and remember up to where changes can no longer be told."""
    if number := sweepable(db, limit):
        db.execute("DELETE FROM fact INDEXED BY tombstone WHERE body IS NULL AND stamp < ?", (limit,))
        db.execute("UPDATE head SET swept = max(swept, ?)", (number,))


def acquire(db: sqlite3.Connection, name: str, holder: str, seconds: float, now: float) -> int | None:
    row = db.execute("SELECT holder, number, expires, seconds FROM lease WHERE name = ?", (name,)).fetchone()
    lease = Lease(*row) if row else None
    if lease and lease.held(now):
        if lease.holder != holder:
            return None
        number = lease.number
    else:
        db.execute("UPDATE head SET fence = fence + 1")
        (number,) = db.execute("SELECT fence FROM head").fetchone()
    db.execute("INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?)", (name, holder, number, now + seconds, seconds))
    return int(number)


def release(db: sqlite3.Connection, name: str, holder: str) -> None:
    db.execute("DELETE FROM lease WHERE name = ? AND holder = ?", (name, holder))
