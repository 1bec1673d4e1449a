"""Time drawn as text: one column is one unit of time, a letter is what is said of it.

`A`vailable, `B`usy, a`W`ay, `C`losed, `U`nknown; `?` is doubt and `.` is silence.
"""

from collections.abc import Callable, Sequence

from presence.domain.availability import PRECEDENCE, Voice, resolve
from presence.domain.intervals import DOUBT, Instant, Intervals, Opinion, Status

LETTERS: dict[str, Opinion] = {
    "A": Status.AVAILABLE,
    "B": Status.BUSY,
    "W": Status.AWAY,
    "C": Status.CLOSED,
    "U": Status.UNKNOWN,
    "?": DOUBT,
    ".": None,
}
_LETTER_OF = {opinion: letter for letter, opinion in LETTERS.items()}


def layer(drawing: str, start: Instant = 0, unit: int = 1) -> Intervals:
    """A layer that says what is drawn, and is silent before and after."""
    columns = enumerate(drawing)
    return Intervals.of((start + i * unit, start + (i + 1) * unit, LETTERS[letter]) for i, letter in columns)


def voices(order: Sequence[str] = PRECEDENCE, **drawings: str) -> list[Voice]:
    """The layers in their places: `voices(leave="..WW", presence_busy=".B..")`."""
    by_place = {name.replace("presence_", "presence:"): drawing for name, drawing in drawings.items()}
    assert set(by_place) <= set(order)
    return [Voice(place, "", layer(by_place[place])) for place in order if place in by_place]


def drawn(stack: Sequence[Voice], width: int) -> str:
    """What `resolve` answers in each column."""
    return "".join(_LETTER_OF[resolve(stack, t).status] for t in range(width))


def draw(status_at: Callable[[Instant], Status], start: Instant, end: Instant, unit: int) -> str:
    """Any function of time, one letter for the beginning of each unit."""
    return "".join(_LETTER_OF[status_at(t)] for t in range(start, end, unit))
