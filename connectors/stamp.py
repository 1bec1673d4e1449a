"""By what a file is known again, and whether somebody may still be writing it.

What is written in place is never whole until its writer has ended, and nothing in a file says when that is.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from presence.ports import SourceInvalid, SourceUnavailable

QUIET = 3.0  # seconds for which nobody has written to a file that is taken as it is
_AHEAD = 3_600  # seconds by which clocks may differ; a time beyond them says nothing
_AGAIN = 5.0  # seconds after which a file that was being written is looked at again


class Stamp(NamedTuple):
    """Another file under the same name has another one, and so has the same file once it was written to."""

    device: int
    inode: int
    size: int
    written: int  # nanoseconds, and so is what follows
    changed: int  # by the system itself, whatever a sender sets as the time of writing

    @classmethod
    def of(cls, found: os.stat_result) -> "Stamp":
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    def is_of(self, other: "Stamp") -> bool:
        """Whether both are of one file that nobody wrote to. A new name for it changes `changed`."""
        return self[:4] == other[:4]


def still(found: os.stat_result, now: float) -> float | None:
    """Seconds for which neither its octets nor its name have changed; None where neither time says anything."""
    return min((now - t for t in (found.st_mtime, found.st_ctime) if t < now + _AHEAD), default=None)


def settled(
    path: Path,
    size: int,
    what: str,
    *,
    quiet: float | None = None,
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> bytes:
    """The octets of a file that nobody has written to for `quiet` seconds (`QUIET`).

    A younger one is waited for, once, for what it lacks of them. `now` is the clock by which files are dated, not the service's,
    which may stand; where it disagrees with them nothing is believed but two looks that far apart. Raises OSError,
    `SourceInvalid` for a file above `size`, and `SourceUnavailable` for one that is being written.
    """
    found = path.stat()
    if found.st_size > size:
        raise SourceInvalid("too-large", f"{what} is larger than the limit")
    needed = QUIET if quiet is None else quiet
    if (lacking := needed - max(still(found, now()) or 0.0, 0.0)) > 0:
        sleep(lacking)
    with path.open("rb") as file:
        opened = os.fstat(file.fileno())
        body = file.read(found.st_size + 1)  # one that has grown is refused, so no more than that is needed
        after = os.fstat(file.fileno())
    if not Stamp.of(found) == Stamp.of(opened) == Stamp.of(after):
        raise SourceUnavailable("interrupted", f"{what} is being written", retry_after=_AGAIN)
    return body
