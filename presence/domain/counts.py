"""Counts of outcomes: how they are named, which people stand behind one, and how small ones are folded away.

A count has a name like a fact has a key: `lookup/away/{unit}`. No person and no address is in any name, and three rules
keep people from being read out of counts:

- A unit is counted by itself only where at least `K` people are behind it (`groups`); smaller ones are counted with what lies
  above them. Otherwise the look-ups of a unit of one, by status and hour, would be that one person's history.
- A count under `K` is shown to nobody. It goes into a count of what is left, which needs `K` itself (`fold`).
- Whatever a report shows is a sum of counts that are left after that, so that no small one can be had by subtraction.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from presence.domain.intervals import Instant

K = 10
HOUR = 3600
KEEP_DAYS = 62
OTHER = "*"
"""In place of a unit, topic, status or kind: all those that are too small to be shown."""

Cell = tuple[str, ...]


def hour_of(now: float) -> Instant:
    """The hour that counts are kept under: a whole one of the clock, UTC."""
    return int(now) // HOUR * HOUR


def fold(cells: Mapping[Cell, int], k: int = K) -> dict[Cell, int]:
    """The same total in cells none of which is under `k`; nothing at all where the total is.

    Small cells are put together along the first part of their names, what is small still along the second as well, and so on.
    What is left in the end takes the smallest of the others with it until it is no longer small.
    """
    left = {cell: n for cell, n in cells.items() if n > 0}
    width = max(map(len, left), default=0)
    for part in range(width):
        folded: Counter[Cell] = Counter()
        for cell, n in left.items():
            folded[cell if n >= k else (*cell[:part], OTHER, *cell[part + 1 :])] += n
        left = dict(folded)
    rest = (OTHER,) * width
    while 0 < left.get(rest, 0) < k and len(left) > 1:
        smallest = min((cell for cell in left if cell != rest), key=lambda cell: (left[cell], cell))
        left[rest] += left.pop(smallest)
    return {cell: n for cell, n in left.items() if n >= k}


def groups(people: Mapping[str, int], parents: Mapping[str, str], k: int = K) -> dict[str, str]:
    """Under which unit each unit is counted; empty: with the organisation as a whole.

    `people`: how many the public may know of in each unit itself. A unit stands by itself when at least `k` are behind it that
    no unit below it stands for already. What is left over in the end has `k` behind it as well, or nobody.
    """
    left: Counter[str] = Counter()
    for unit, n in people.items():
        left[unit if unit in parents else ""] += n
    below: dict[str, list[str]] = {unit: [unit] for unit in parents}
    found: dict[str, str] = {}
    for unit in _deepest_first(parents):
        if left[unit] >= k:
            found |= dict.fromkeys(below[unit], unit)
        else:
            parent = parents[unit] if parents[unit] in below and parents[unit] != unit else ""
            left[parent] += left[unit]
            below.setdefault(parent, []).extend(below[unit])
            left[unit] = 0
    rest = left[""]
    standing = sorted({(left[unit], unit) for unit in found.values()})
    while 0 < rest < k and standing:
        size, smallest = standing.pop(0)
        rest += size
        found = {unit: group for unit, group in found.items() if group != smallest}
    return found


def _deepest_first(parents: Mapping[str, str]) -> Iterable[str]:
    depth: dict[str, int] = {}
    for unit in parents:
        line = [unit]
        while (above := parents.get(line[-1], "")) in parents and above not in depth and above not in line:
            line.append(above)
        for each in reversed(line):
            depth[each] = depth.get(parents[each], -1) + 1
    return sorted(parents, key=lambda unit: (-depth[unit], unit))
