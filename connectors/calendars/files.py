"""Calendars in the file system: whose they are, and their octets."""

import os
import stat
from pathlib import Path

from presence.ports import SourceInvalid, SourceUnavailable


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


def content(path: Path, size: int) -> bytes:
    """A file of up to `size` octets. Raises `SourceUnavailable`."""
    try:
        # Without waiting: what is no file, a pipe for instance, might never be opened otherwise.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            found = os.fstat(handle)
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
    return body
