"""A folder into which files are dropped: which are whole, and where they go when they are done."""

import os
import secrets
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from connectors.stamp import Stamp, still
from presence.domain.intervals import Instant
from presence.ports import SourceInvalid, SourceUnavailable

DONE, FAILED = "done", "failed"
REPORT = ".report.txt"
_SUFFIXES = frozenset({".csv", ".txt", ".tsv", ".ics", ".json", ".jsonl", ".ndjson"})


class Waiting(NamedTuple):
    """A file that nobody has written to for a while. `written`: when it was, as far as that is believed."""

    path: Path
    written: Instant
    stamp: Stamp


def waiting(folder: Path, settle: int, now: float) -> list[Waiting]:
    """Oldest first. Files of other kinds (.tmp, .part) and hidden ones are left alone. Raises `SourceUnavailable`."""
    found = []
    try:
        for file in folder.iterdir():
            if file.suffix.lower() not in _SUFFIXES or file.name.endswith(REPORT) or file.name.startswith("."):
                continue
            about = file.lstat()
            if stat.S_ISREG(about.st_mode) and ((quiet := still(about, now)) is None or quiet >= settle):
                found.append(Waiting(file, min(int(about.st_mtime), int(now)), Stamp.of(about)))
    except OSError:
        raise SourceUnavailable("unreadable", "the folder cannot be read") from None
    return sorted(found, key=lambda each: (each.written, each.path.name))


def check(folder: Path) -> None:
    """Raises `SourceUnavailable` where done/ or failed/ is a link or a file: what is put there might land anywhere."""
    for name in (DONE, FAILED):
        try:
            if not stat.S_ISDIR((folder / name).lstat().st_mode):
                raise SourceUnavailable("not-a-directory", f"{name}/ in the folder is no directory of its own")
        except FileNotFoundError:
            continue
        except OSError:
            raise SourceUnavailable("unreadable", "the folder cannot be read") from None


def unchanged(file: Waiting) -> bool:
    """Whether the file that was found still stands there, and no other under its name. Raises OSError."""
    try:
        return Stamp.of(file.path.lstat()) == file.stamp
    except FileNotFoundError:
        return False


def content(path: Path, size: int, *, follow: bool = True) -> tuple[bytes, Stamp]:
    """The octets of a file, and of which file they are. `follow`: links too. Raises `SourceUnavailable`."""
    try:
        # Without waiting: what is no file, a pipe for instance, might never be opened otherwise.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW))
        with os.fdopen(handle, "rb") as file:
            about = os.fstat(handle)
            if not stat.S_ISREG(about.st_mode):
                raise SourceInvalid("unreadable", "what is named is no file")
            body = file.read(size + 1)
            after = os.fstat(handle)
    except FileNotFoundError:
        raise SourceInvalid("missing", "there is no such file") from None
    except (OSError, ValueError):
        raise SourceInvalid("unreadable", "the file cannot be read") from None
    if len(body) > size:
        raise SourceInvalid("too-large", "the file is larger than accepted")
    if (found := Stamp.of(about)) != Stamp.of(after):
        raise SourceUnavailable("changing", "the file was written to while it was read")
    return body, found


def move(file: Waiting, to: str, now: float, report: str) -> bool:
    """Into a folder beside it, under a name that begins with the time, the report beside it. Raises OSError.

    False where another came in its place before it could be moved: nobody has read that one, so it waits on.
    """
    folder = file.path.parent / to
    folder.mkdir(mode=0o700, exist_ok=True)
    if not stat.S_ISDIR(folder.lstat().st_mode):
        raise NotADirectoryError(to)
    begun = f"{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}"
    target = next(path for path in _names(folder, f"{begun}-{file.path.name}") if not os.path.lexists(path))
    file.path.rename(target)
    if not Stamp.of(target.lstat()).is_of(file.stamp):
        _put_back(target, file.path)
        return False
    if report:
        told(target, report)
    beside(file.path).unlink(missing_ok=True)
    return True


def _put_back(target: Path, file: Path) -> None:
    """Under its name, or beside it where a newer one waits under that by now: a link, unlike a renaming, replaces nothing."""
    for place in _names(file.parent, file.name):
        try:
            os.link(target, place, follow_symlinks=False)
        except FileExistsError:
            continue
        except OSError:  # a file system without such links
            target.rename(place.with_name(f"{secrets.token_hex(8)}-{file.name}"))
        else:
            target.unlink()
        return


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
    text = report.replace("\n", os.linesep).encode("utf-8-sig")  # with its mark, as Excel and Notepad expect it
    if _says(place, text):
        return
    fresh = place.with_name(f".{place.name}.{secrets.token_hex(8)}.tmp")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(text)
        fresh.replace(place)  # a link that stands there is replaced, not followed
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _says(place: Path, text: bytes) -> bool:
    """Whether these very octets stand there. Somebody may have saved the report anew, in whatever encoding."""
    try:
        return content(place, len(text), follow=False)[0] == text
    except SourceUnavailable:
        return False


def purge(folder: Path, keep: int, now: float) -> None:
    """Delete what was done longer ago than `keep` seconds: such files hold reasons. What failed stays until somebody looks."""
    done = folder / DONE
    if not keep or not os.path.lexists(done) or not stat.S_ISDIR(done.lstat().st_mode):
        return
    for file in done.iterdir():
        about = file.lstat()
        if stat.S_ISREG(about.st_mode) and now - about.st_ctime > keep:
            file.unlink(missing_ok=True)
