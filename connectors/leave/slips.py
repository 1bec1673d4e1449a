"""Rows of which the cells may stand in other columns: a text held a delimiter, or ran over its line.

Such a row may begin with the rest of a text. A reason must not become somebody's name, and the row before may have lost what
withdraws it; so whose a row is, is believed only where the key looks like one.
"""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from connectors.leave.rows import Row

_NAMING = re.compile(r"[0-9@]")


class Slip(NamedTuple):
    """A refused row with too few or too many cells. `before`: the row just before it, where that was taken and is short too."""

    alias: str
    before: Row | None


class Believed(NamedTuple):
    aliases: set[str]
    """Whose row was refused."""
    beginnings: list[Row]
    """Rows that were taken, of which the end stands in the next line."""
    of_nobody: bool
    """Whether there is a row of which it is not known whose it is."""


def believed(slips: Collection[Slip], taken: Iterable[Row]) -> Believed:
    """A key is believed where it was taken elsewhere, or has the shape of one that was and holds a digit or an @."""
    known = {row.alias for row in taken} if slips else set()
    shapes = {_shape(alias) for alias in known}
    rests = [slip for slip in slips if slip.alias not in known and not _looks_like(slip.alias, shapes)]
    aliases = {slip.alias for slip in slips} - {slip.alias for slip in rests}
    return Believed(aliases, [slip.before for slip in rests if slip.before], bool(rests))


def _looks_like(alias: str, shapes: set[str]) -> bool:
    return bool(_NAMING.search(alias)) and _shape(alias) in shapes


def _shape(alias: str) -> str:
    """`a:0` of employee numbers, `a:a@a` of addresses: which kinds of characters follow each other."""
    return re.sub(r"[0-9]+", "0", re.sub(r"[^\W\d_]+(?:[.-][^\W\d_]+)*", "a", alias))
