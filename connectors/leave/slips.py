"""Whose a refused row is. Its cells may stand in other columns: a text held a delimiter, or ran over its line; or it is no row at
all but a note at the foot of the file.

Such a row may begin with words of a text. A reason must not become somebody's name, and the row before may have lost what
withdraws it; so whose a row is, is believed only where the key looks like one.
"""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from connectors.leave.rows import Row
from presence.domain.directory import ALIAS_KINDS

_NAMING = re.compile(r"[0-9@]")
_BLANK = re.compile(r"\s")
_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")


class Slip(NamedTuple):
    """A refused row. `is_whole`: it has all its cells, and a day among them. `before`: the row just before it, where that was
    taken and is short too. `is_note`: one text alone below a row with all its cells, and no key of any kind."""

    alias: str
    is_whole: bool = False
    before: Row | None = None
    is_note: bool = False


class Believed(NamedTuple):
    aliases: set[str]
    """Whose row was refused."""
    beginnings: list[Row]
    """Rows that were taken, of which the end stands in the next line."""
    of_nobody: bool
    """Whether there is a row of which it is not known whose it is."""


def believed(slips: Collection[Slip], taken: Iterable[str], kind: str) -> Believed:
    """A key is believed where it was taken elsewhere, or has the shape of one that was and holds a digit or an @; of a whole row
    also where it does one of the two, or bears a kind beside `kind`, which those have that bear none."""
    known = set(taken) if slips else set()
    shapes = {_shape(alias) for alias in known}
    slips = [slip for slip in slips if not slip.is_note or _shape(slip.alias) in shapes]  # a note is nobody's
    kinds = {*ALIAS_KINDS, kind, *(_kind(alias) for alias in known)}

    def is_key(slip: Slip) -> bool:
        alias = slip.alias
        if alias in known:
            return True
        if _kind(alias) not in kinds or _BLANK.search(alias):
            return False
        naming, like = bool(_NAMING.search(alias)), _shape(alias) in shapes
        return (naming or like or _kind(alias) != kind) if slip.is_whole else (naming and like)

    rests = [slip for slip in slips if not is_key(slip)]
    aliases = {slip.alias for slip in slips} - {slip.alias for slip in rests}
    return Believed(aliases, [slip.before for slip in rests if slip.before], bool(rests))


def _kind(alias: str) -> str:
    return alias.partition(":")[0]


def _shape(alias: str) -> str:
    """`employee:0` of numbers, `mail:@` of addresses, else which kinds of characters follow each other."""
    kind, _, value = alias.partition(":")
    if _ADDRESS.fullmatch(value):
        return f"{kind}:@"
    return f"{kind}:" + re.sub(r"[0-9]+", "0", re.sub(r"[^\W\d_]+(?:[.-][^\W\d_]+)*", "a", value))
