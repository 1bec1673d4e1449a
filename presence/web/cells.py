"""Where outcomes are counted while they happen. A ready answer holds its cell, so that counting it is one addition."""

from collections import Counter
from collections.abc import Iterable

from presence.domain.counts import OTHER
from presence.domain.facts import key

_MOST = 20_000


class Cell:
    """A count, and the names under which it is kept."""

    __slots__ = ("n", "names")

    def __init__(self, names: tuple[str, ...] = ()) -> None:
        self.n = 0
        self.names = names


class Several:
    """Counts what happens to it in each of several cells."""

    __slots__ = ("_cells",)

    def __init__(self, cells: "Iterable[Cell | Several]") -> None:
        self._cells = tuple(cells)

    @property
    def n(self) -> int:
        """Nothing of its own, so that what it is set to is what is added."""
        return 0

    @n.setter
    def n(self, added: int) -> None:
        for cell in self._cells:
            cell.n += added


UNCOUNTED = Cell()


class Counts:
    """The cells of one process. Visitors can not make them more than so many: what goes beyond is counted without its details."""

    def __init__(self, most: int = _MOST) -> None:
        self._cells: dict[tuple[str, ...], Cell] = {}
        self._most = most
        self.again = self.cell(name("again"))  # who asked still had what there is

    def cell(self, *names: str) -> Cell:
        """Where something that goes by these names is counted, each made with `name`."""
        found = self._cells.get(names)
        if found is None:
            if len(self._cells) >= self._most:
                names = tuple(dict.fromkeys(f"{each.partition('/')[0]}/{OTHER}" for each in names))
            found = self._cells.setdefault(names, Cell(names))
        return found

    def add(self, *names: str) -> None:
        """Count it once."""
        self.cell(*names).n += 1

    def take(self) -> Counter[str]:
        """What was counted since this was last asked, by name."""
        taken: Counter[str] = Counter()
        for cell in self._cells.values():
            if cell.n:
                for each in cell.names:
                    taken[each] += cell.n
                cell.n = 0
        return taken


def name(table: str, *parts: str) -> str:
    """`name("lookup", status, unit)`: parts may hold anything."""
    return key(table, *parts)
