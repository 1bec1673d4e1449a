"""Wall time to epoch seconds by a table of clock changes, for many times in one zone."""

from bisect import bisect_right
from functools import lru_cache

from connectors.calendars.values import DAY
from connectors.calendars.zones import Zone

_STEP = 4 * DAY
"""No zone changes its clock and changes it back within this time."""


class Clock:
    """One zone around [low, high) in epoch seconds; exact outside it too, only slower."""

    __slots__ = ("_high", "_low", "_offsets", "_walls", "zone")

    def __init__(self, zone: Zone, low: int, high: int) -> None:
        self.zone = zone
        self._low, self._high = low - 3 * DAY, high + 3 * DAY
        self._walls: list[int] = []
        self._offsets = [self._east(self._low)]
        at = self._low
        while at < self._high:
            later = min(at + _STEP, self._high)
            if self._east(later) != self._offsets[-1]:
                later = self._change(at, later)
            at = later

    def _east(self, instant: int) -> int:
        return self.zone.to_wall(instant) - instant

    def _change(self, early: int, late: int) -> int:
        """Enter the change between two instants into the table; gives its instant."""
        before = self._offsets[-1]
        while late - early > 1:
            middle = (early + late) // 2
            if self._east(middle) == before:
                early = middle
            else:
                late = middle
        after = self._east(late)
        self._walls.append(late + max(before, after))  # skipped and repeated times count by the old offset
        self._offsets.append(after)
        return late

    def to_utc(self, wall: int) -> int:
        """Epoch seconds of wall seconds in this zone."""
        if self._low + DAY < wall < self._high - DAY:
            return wall - self._offsets[bisect_right(self._walls, wall)]
        return self.zone.to_utc(wall)


@lru_cache(maxsize=256)
def clock(zone: Zone, low: int, high: int) -> Clock:
    """The clock of a zone around a window, remembered."""
    return Clock(zone, low, high)
