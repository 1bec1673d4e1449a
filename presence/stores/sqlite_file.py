"""One connection to a store's file: opening it, transactions, what can go wrong with it, and leaving nothing behind in it.

Bodies and what the file remembers. `secure_delete` overwrites what is deleted, but not the copies that SQLite leaves in the
free space of a page when it moves rows to another (measured: 34 of 57,000 overwritten bodies were still found). Only the
first part of a row is ever moved; what does not fit stays in overflow pages of its own, which are erased whole when the row
goes (file format, section 1.6). So each body is preceded by `PAD` zero bytes: none of it is in the part that moves. Measured
then: none found. With the smallest page that still holds our keys well this costs about a kilobyte a fact. Keys may stay.
"""

import errno
import os
import random
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from presence.ports import StoreUnavailable

SCHEMA_VERSION = 1
APPLICATION_ID = 0x50524553  # "PRES"
PAGE = 1_024
PAD = PAGE - 35
"""The most of a row that SQLite keeps in the page that moves: `U - 35` in the file format, section 1.6."""

SCHEMA = f"""
CREATE TABLE fact (
    number INTEGER PRIMARY KEY, -- grows with every appended fact, so readers go on from any number
    stamp INTEGER NOT NULL,
    batch INTEGER NOT NULL,     -- the number of the first fact of the same append
    key TEXT NOT NULL UNIQUE,
    pad BLOB,                   -- zeros that keep the body out of the part of the row that is ever moved
    body BLOB                   -- NULL: a tombstone
);
CREATE INDEX tombstone ON fact (stamp) WHERE body IS NULL;
CREATE TABLE lease (
    name TEXT PRIMARY KEY, holder TEXT NOT NULL, number INTEGER NOT NULL, expires REAL NOT NULL, seconds REAL NOT NULL
);
CREATE TABLE head (                     -- one row
    epoch TEXT NOT NULL, number INTEGER NOT NULL, stamp INTEGER NOT NULL, swept INTEGER NOT NULL, fence INTEGER NOT NULL
);
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
"""

WORDS = {
    sqlite3.SQLITE_BUSY: "another process has kept it locked for too long",
    sqlite3.SQLITE_LOCKED: "another process has kept it locked for too long",
    sqlite3.SQLITE_FULL: "the disk is full, or the file has reached its quota",
    sqlite3.SQLITE_READONLY: "it may not be written by this user",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: does the directory exist, and may this user write in it?",
    sqlite3.SQLITE_PERM: "it may not be opened by this user",
    sqlite3.SQLITE_NOTADB: "it is not a database",
    sqlite3.SQLITE_CORRUPT: "it is damaged; move it away, and it is built anew from the sources",
    sqlite3.SQLITE_IOERR: "the disk failed, or is full",
}


_CREATING = threading.Lock()
_NOWHERE = (0, 0)


class File:
    """A connection that opens itself when it is needed, and anew after any fault. Used by one thread at a time.

    Every method raises `StoreUnavailable`, with the path and what to do, for whatever is wrong with the file.
    """

    def __init__(self, path: Path, *, patience: float, quota: int | None = None) -> None:
        """`patience`: seconds to wait for other processes; `quota`: bytes that the file may not exceed."""
        self.path = path
        self.opened = 0
        """How often it was opened: numbers such as `data_version` are comparable only while this is the same."""
        self._patience = patience
        self._quota = quota
        self._db: sqlite3.Connection | None = None
        self._inode = _NOWHERE

    @contextmanager
    def using(self) -> Iterator[sqlite3.Connection]:
        """The connection, outside any transaction."""
        try:
            yield self._connection()
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise StoreUnavailable(self._explain(error)) from error

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One consistent state of the file."""
        with self.using() as db:
            db.execute("BEGIN")
            try:
                yield db
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")

    @contextmanager
    def writing(self, deadline: float | None = None) -> Iterator[sqlite3.Connection]:
        """A transaction: all or nothing, and on the disk when the block is left. `deadline` is of `time.monotonic`."""
        with self.using() as db:
            self._begin(db, time.monotonic() + self._patience if deadline is None else deadline)
            try:
                yield db
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")

    def _begin(self, db: sqlite3.Connection, deadline: float) -> None:
        # SQLite's own waiting sleeps up to 0.1 s at a time, and a busy neighbour then always comes first.
        with self._waiting(db, 0):
            self._begin_by(db, deadline)

    @staticmethod
    def _begin_by(db: sqlite3.Connection, deadline: float) -> None:
        while True:
            try:
                db.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                    raise
                time.sleep(random.uniform(0.000_3, 0.003))  # noqa: S311 - not a secret
            else:
                return

    def checkpoint(self) -> bool:
        """Move the log into the file and empty it, so that what it superseded is gone from the disk.

        Readers go on meanwhile. False: one still reads an old state, or somebody writes; try again soon.
        """
        try:
            if not self.path.with_name(self.path.name + "-wal").stat().st_size:
                return True
        except FileNotFoundError:
            return True
        with self.using() as db:
            with self._waiting(db, 0.05):  # writers wait as long as this does
                busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy

    @contextmanager
    def _waiting(self, db: sqlite3.Connection, seconds: float) -> Iterator[None]:
        """Let SQLite itself wait for others for so long."""
        db.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
        try:
            yield
        finally:
            db.execute(f"PRAGMA busy_timeout = {int(self._patience * 1000)}")

    def close(self) -> None:
        """May be called at any time; the next use opens it again."""
        db, self._db = self._db, None
        if db is not None:
            db.close()

    def _connection(self) -> sqlite3.Connection:
        if self._db is not None:
            if self._inode == self._inode_now() != _NOWHERE:
                return self._db
            self.close()  # somebody deleted or replaced the file: what we have open is a ghost
        self._create()
        db = sqlite3.connect(self.path, timeout=self._patience, isolation_level=None, check_same_thread=False)
        try:
            self._prepare(db)
        except BaseException:
            db.close()
            raise
        self._inode = self._inode_now()
        self._db = db
        self.opened += 1
        return db

    def _inode_now(self) -> tuple[int, int]:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return _NOWHERE
        return status.st_dev, status.st_ino

    def _create(self) -> None:
        """Before SQLite would, with a mode of the umask; its log and its index take the mode of the file.

        A file that is there is never opened here: closing *any* descriptor of a file gives up all locks that the process holds
        on it (POSIX), its other connections' too, and the next process that ended would take the log away from under them.
        """
        with _CREATING:  # nor may another thread have connected between the two
            try:
                os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            except FileExistsError:
                if not os.access(self.path, os.R_OK | os.W_OK, effective_ids=os.access in os.supports_effective_ids):
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES)) from None
                mode = self.path.stat().st_mode
                if mode & 0o007:
                    self.path.chmod(mode & 0o770)

    def _prepare(self, db: sqlite3.Connection) -> None:
        db.execute(f"PRAGMA page_size = {PAGE}")
        self._check_whose(db)
        deadline = time.monotonic() + self._patience
        self._switch_to_wal(db, deadline)
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA secure_delete = ON")
        db.execute("PRAGMA cache_size = -16000")
        db.execute("PRAGMA temp_store = MEMORY")
        db.execute(f"PRAGMA wal_autocheckpoint = {4_096_000 // PAGE}")
        if self._quota is not None:
            db.execute(f"PRAGMA max_page_count = {max(1, self._quota // PAGE)}")
        if self._check_whose(db):
            self._begin(db, deadline)
            if self._check_whose(db):  # nobody else was first
                for statement in SCHEMA.split(";\n"):
                    db.execute(statement)
                db.execute("INSERT INTO head VALUES (?, 0, 0, 0, 0)", (secrets.token_hex(4),))
            db.execute("COMMIT")

    def _check_whose(self, db: sqlite3.Connection) -> bool:
        """Whether the file is still empty. Raises `StoreUnavailable` where it is not ours, or of a newer version."""
        application, version, tables = self._marks(db)
        if application == APPLICATION_ID:
            if version > SCHEMA_VERSION:
                raise StoreUnavailable(
                    f"{self.path}: written by a newer version of presence (schema {version}; this one knows {SCHEMA_VERSION})"
                )
            return False
        if application or version or tables:
            raise StoreUnavailable(f"{self.path}: it is another program's database")
        return True

    @staticmethod
    def _marks(db: sqlite3.Connection) -> tuple[int, int, int]:
        """Application, version, and the number of tables and indexes, all of one state of the file.

        Read one by one, a file that another process makes meanwhile would have tables and not yet a mark.
        """
        alone = not db.in_transaction
        if alone:
            db.execute("BEGIN")
        try:
            (application,) = db.execute("PRAGMA application_id").fetchone()
            (version,) = db.execute("PRAGMA user_version").fetchone()
            (tables,) = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        finally:
            if alone and db.in_transaction:
                db.execute("ROLLBACK")
        return application, version, tables

    def _switch_to_wal(self, db: sqlite3.Connection, deadline: float) -> None:
        while True:  # SQLite does not wait here when two processes open a new file at once
            try:
                (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                    raise
                time.sleep(0.005)
                continue
            if mode != "wal":
                raise StoreUnavailable(f"{self.path}: the file system cannot share a log between processes: use a local disk")
            return

    def _explain(self, error: Exception) -> str:
        if isinstance(error, OSError):
            return f"{self.path}: {error.strerror or error}"
        code = getattr(error, "sqlite_errorcode", None)
        return f"{self.path}: {WORDS.get(code & 0xFF, str(error)) if code is not None else error}"
