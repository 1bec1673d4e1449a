"""Calendars in the file system: whose they are, and their octets."""

import os
import stat
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from presence.ports import SourceInvalid, SourceUnavailable

_TICK = 3_000_000_000


def filed(folder: Path) -> list[tuple[str, str]]:
    """(name, path) of the .ics files of a folder. Raises OSError."""
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() == ".ics")
    return [(file.stem, str(file)) for file in files if file.name.isprintable() and not file.name.startswith(".")]


def listed(file: Path) -> list[tuple[str, str]]:
    """(name, address or path) of each line of a list; `#` begins a comment, a path is relative to the list.

    Raises OSError and UnicodeDecodeError.
    """
    lines = [line.split(None, 1) for line in file.read_text("utf-8").splitlines() if not line.lstrip().startswith("#")]
    places = [(line[0], line[1].strip()) for line in lines if len(line) == 2]
    return [(name, place if is_web(place) else str(file.parent / place)) for name, place in places]


def is_web(place: str) -> bool:
    return place.lower().startswith(("https://", "http://"))


class Mark(NamedTuple):
    """By what a file is known not to have been written since. Its mode and its links change `changed` too."""

    device: int
    inode: int
    size: int
    written: int  # nanoseconds, and so is what follows
    changed: int

    @classmethod
    def of(cls, found: os.stat_result) -> "Mark":
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    def is_settled(self, now: int) -> bool:
        """Whether whatever is written from `now` on (nanoseconds since the epoch) bears another mark.

        Clocks of file systems tick in up to two seconds: a file that was just written may be written again within the same.
        """
        return self.changed < now - _TICK


def marks(paths: Iterable[str]) -> dict[str, Mark]:
    """Of those that can be looked at."""
    found = {}
    for path in paths:
        try:
            found[path] = Mark.of(Path(path).stat())
        except (OSError, ValueError):
            continue
    return found


def content(path: Path, size: int) -> tuple[bytes, Mark | None]:
    """A file of up to `size` octets, and its mark from before it was read, once that is settled. Raises `SourceUnavailable`."""
    try:
        # Without waiting: what is no file, a pipe for instance, might never be opened otherwise.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            now, found = time.time_ns(), os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise SourceInvalid("unreadable", "what is named as a calendar is no file")
            with os.fdopen(handle, "rb", closefd=False) as file:
                expected = min(found.st_size, size) + 1  # room for the bound itself would cost more than reading
                body = file.read(expected)
                if len(body) == expected:  # it grew meanwhile
                    body += file.read(size + 1 - expected)
        finally:
            os.close(handle)
    except (OSError, ValueError):
        raise SourceUnavailable("unreadable", "a calendar file cannot be read") from None
    if len(body) > size:
        raise SourceInvalid("too-large", "a calendar file is larger than accepted")
    mark = Mark.of(found)
    return body, mark if mark.is_settled(now) else None
