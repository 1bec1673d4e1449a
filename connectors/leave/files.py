"""A folder into which files are dropped: which are whole, and where they go when they are done."""

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from presence.domain.intervals import Instant
from presence.ports import SourceInvalid, SourceUnavailable

DONE, FAILED = "done", "failed"
REPORT = ".report.txt"
_AHEAD = 3_600  # seconds by which clocks may differ; a time beyond them says nothing
_SUFFIXES = frozenset({".csv", ".txt", ".tsv", ".ics", ".json", ".jsonl", ".ndjson"})


class Waiting(NamedTuple):
    """A file that nobody has written to for a while. `written`: when it was, as far as that is believed."""

    path: Path
    size: int
    written: Instant


def waiting(folder: Path, settle: int, now: float) -> list[Waiting]:
    """Oldest first. Files of other kinds (.tmp, .part) and hidden ones are left alone. Raises `SourceUnavailable`."""
    found = []
    try:
        for file in folder.iterdir():
            if file.suffix.lower() not in _SUFFIXES or file.name.endswith(REPORT) or file.name.startswith("."):
                continue
            about = file.lstat()
            # Whatever a sender sets as the time of writing, the system itself notes when octets or name changed last.
            still = min((now - t for t in (about.st_mtime, about.st_ctime) if t < now + _AHEAD), default=settle)
            if stat.S_ISREG(about.st_mode) and still >= settle:
                found.append(Waiting(file, about.st_size, min(int(about.st_mtime), int(now))))
    except OSError:
        raise SourceUnavailable("unreadable", "the folder cannot be read") from None
    return sorted(found, key=lambda each: (each.written, each.path.name))


def content(path: Path, size: int) -> tuple[bytes, float]:
    """The octets of a file, and when it was written. Raises `SourceUnavailable`."""
    try:
        # Without waiting: what is no file, a pipe for instance, might never be opened otherwise.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            about = os.fstat(handle)
            if not stat.S_ISREG(about.st_mode):
                raise SourceInvalid("unreadable", "what is named is no file")
            body = file.read(size + 1)
            after = os.fstat(handle)
    except (OSError, ValueError):
        raise SourceInvalid("unreadable", "the file cannot be read") from None
    if len(body) > size:
        raise SourceInvalid("too-large", "the file is larger than accepted")
    if (after.st_size, after.st_mtime_ns) != (about.st_size, about.st_mtime_ns):
        raise SourceUnavailable("changing", "the file was written to while it was read")
    return body, about.st_mtime


def move(file: Path, to: str, now: float, report: str) -> Path:
    """Into a folder beside it, under a name that begins with the time, the report beside it. Raises OSError."""
    folder = file.parent / to
    folder.mkdir(mode=0o700, exist_ok=True)
    stamp = f"{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}"
    target = next(path for path in _names(folder, f"{stamp}-{file.name}") if not path.exists())
    file.rename(target)
    if report:
        told(target, report)
    beside(file).unlink(missing_ok=True)
    return target


def _names(folder: Path, name: str) -> Iterator[Path]:
    yield folder / name
    number = 2
    while True:
        yield folder / f"{number}-{name}"
        number += 1


def beside(file: Path) -> Path:
    """Where the report of a file stands."""
    return file.with_name(file.name + REPORT)


def told(file: Path, report: str) -> None:
    """Write the report beside a file, unless it stands there already. Raises OSError."""
    place = beside(file)
    text = report.replace("\n", os.linesep)
    if not place.exists() or place.read_text("utf-8-sig") != text:
        place.write_text(text, "utf-8-sig")  # with its mark, as Excel and Notepad expect it


def purge(folder: Path, keep: int, now: float) -> None:
    """Delete what was done longer ago than `keep` seconds: such files hold reasons. What failed stays until somebody looks."""
    done = folder / DONE
    if not keep or not done.is_dir():
        return
    for file in done.iterdir():
        if file.is_file() and now - file.lstat().st_ctime > keep:
            file.unlink(missing_ok=True)
