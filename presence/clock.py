"""The only place where time is read."""

import contextlib
import time
from pathlib import Path


class SystemClock:
    """The machine's own."""

    def now(self) -> float:
        return time.time()

    def steady(self) -> float:
        return time.monotonic()


class ShiftedClock:
    """The machine's clock, shifted by the seconds that a file holds, so that tests and the demo can move time.

    The file is looked at again ten times a second at most. Moving it moves the steady clock along: it is no fault of the
    machine's clock, and evidence is not distrusted for it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._looked = float("-inf")
        self._shift = 0.0

    def now(self) -> float:
        return time.time() + self._read()

    def steady(self) -> float:
        return time.monotonic() + self._read()

    def _read(self) -> float:
        if (moment := time.monotonic()) - self._looked > 0.1:
            self._looked = moment
            with contextlib.suppress(OSError, ValueError):  # half-written or not there yet: as it was
                self._shift = float(self._path.read_text())
        return self._shift
