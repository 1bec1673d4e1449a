"""The one rule: the layers are asked in the order of precedence, and the first opinion decides.

Nothing here reads a clock, and no state is ever kept: an answer is a function of facts and an instant. The layers that stand
behind the places of the precedence are in `layers`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from presence.domain.intervals import DOUBT, FOREVER, Doubt, Instant, Layer, Opinion, Status

ASSUMED = "assumed"
PRECEDENCE = ("override", "leave", "hours", "presence:busy", "calendar", "presence:available", ASSUMED)
"""The default order, highest first; an installation may configure another."""

_ABSENCE = (Status.AVAILABLE, Status.BUSY, Status.AWAY, Status.CLOSED)  # the later, the more absent
_REACHED = (Status.AVAILABLE, Status.UNKNOWN)  # where a forecast stops
_STEPS = 1_000  # of a forecast; a calendar with more edges than that before the person is back says nothing useful


class Voice(NamedTuple):
    """A layer in its place."""

    place: str
    source: str  # which source it comes from; empty for a rule of the organisation
    layer: Layer


class Answer(NamedTuple):
    """What holds at an instant. `valid_until`: when it must be computed again; for caches and timers, shown to nobody."""

    status: Status
    valid_until: Instant
    decided: int | None  # index of the voice that decided; None: nobody did


class Availability(NamedTuple):
    """An answer and the forecast that people see with it. `until`: None where it cannot be said or is of no use."""

    status: Status
    valid_until: Instant
    until: Instant | None


class Heard(msgspec.Struct, frozen=True, omit_defaults=True):
    """One voice in an explanation."""

    place: str
    source: str
    says: str  # a status, "doubt" or "nothing"
    changes: Instant = FOREVER  # when it may say something else
    decided: bool = False
    lost: bool = False  # it would have said otherwise, had it been asked first
    because: str = ""  # why nothing is assumed


class Explanation(msgspec.Struct, frozen=True):
    """Why an answer is what it is: a value, so that every surface tells the same."""

    status: Status
    at: Instant
    valid_until: Instant
    until: Instant | None
    heard: tuple[Heard, ...]


def resolve(voices: Sequence[Voice], t: Instant) -> Answer:
    """The first voice with an opinion decides, of several in one place the more absent; DOUBT of any withholds `assumed`."""
    valid_until = FOREVER
    doubted = False
    for i, voice in enumerate(voices):
        opinion, until = voice.layer.at(t)
        if until < valid_until:
            valid_until = until
        if opinion is None:
            continue
        if isinstance(opinion, Doubt):
            doubted = True
            continue
        if voice.place == ASSUMED:
            for later in voices[i + 1 :]:  # none, where `assumed` stands last
                said = later.layer.at(t)
                doubted |= said.opinion is DOUBT
                valid_until = min(valid_until, said.until)
            if doubted:
                continue
        if i + 1 < len(voices) and voices[i + 1].place == voice.place:
            return _of_one_place(voices, t, i, Answer(opinion, valid_until, i))
        return Answer(opinion, valid_until, i)
    return Answer(Status.UNKNOWN, valid_until, None)


def _of_one_place(voices: Sequence[Voice], t: Instant, first: int, answer: Answer) -> Answer:
    """Two calendars, two live sources: which of them is asked first is no matter of their names."""
    status, valid_until, decided = answer
    for i in range(first + 1, len(voices)):
        if voices[i].place != voices[first].place:
            break
        opinion, until = voices[i].layer.at(t)
        valid_until = min(valid_until, until)
        if isinstance(opinion, Status) and _ABSENCE.index(opinion) > _ABSENCE.index(status):
            status, decided = opinion, i
    return Answer(status, valid_until, decided)


def forecast(voices: Sequence[Voice], t: Instant, horizon: Instant = FOREVER) -> Instant | None:
    """When the contact can be reached again, or when that is no longer known; None where nothing can be said.

    `voices` are those without leases and with sources taken as fresh. It runs across away, busy and closed. `horizon` is the
    end of the expanded window: past it nothing is known, and that end is no forecast.
    """
    return _foresee(voices, t, horizon)[0]


def _foresee(voices: Sequence[Voice], t: Instant, horizon: Instant) -> tuple[Instant | None, Instant]:
    """The forecast, and until when it certainly stays the same."""
    answer = resolve(voices, t)
    if answer.status in _REACHED:
        return None, answer.valid_until
    stands = answer.valid_until
    for _ in range(_STEPS):
        now = answer.valid_until
        if now >= min(horizon, FOREVER):
            return None, FOREVER
        answer = resolve(voices, now)
        if answer.status in _REACHED:
            return now, now
    return None, stands


def availability(voices: Sequence[Voice], lasting: Sequence[Voice], t: Instant, horizon: Instant = FOREVER) -> Availability:
    """The answer at `t`, with its forecast over `lasting` (see `forecast`)."""
    return foreseen(resolve(voices, t), lambda: lasting, t, horizon)


def foreseen(answer: Answer, lasting: Callable[[], Sequence[Voice]], t: Instant, horizon: Instant = FOREVER) -> Availability:
    """An answer with its forecast; `lasting` is called only where there is anything to foresee.

    It is valid for as long as both stand: under a lease the forecast may change first.
    """
    if answer.status in _REACHED:
        return Availability(answer.status, answer.valid_until, None)
    until, stands = _foresee(lasting(), t, horizon)
    return Availability(answer.status, min(answer.valid_until, stands), until)


def explain(voices: Sequence[Voice], lasting: Sequence[Voice], t: Instant, horizon: Instant = FOREVER) -> Explanation:
    """Every voice heard: which decided, what lost against it, when each may change."""
    answer = resolve(voices, t)
    whole = availability(voices, lasting, t, horizon)
    return Explanation(answer.status, t, whole.valid_until, whole.until, tuple(_heard(voices, t, answer)))


def _heard(voices: Sequence[Voice], t: Instant, answer: Answer) -> Iterator[Heard]:
    for i, voice in enumerate(voices):
        opinion, until = voice.layer.at(t)
        beaten = answer.decided is None or i > answer.decided or voice.place == voices[answer.decided].place
        lost = isinstance(opinion, Status) and beaten and opinion != answer.status
        because = _withheld(voice, t, answer) if voice.place == ASSUMED else ""
        yield Heard(voice.place, voice.source, words(opinion), until, i == answer.decided, lost, because)


def _withheld(voice: Voice, t: Instant, answer: Answer) -> str:
    if lacking := getattr(voice.layer, "lacks", None):
        return lacking(t) or ("something above is in doubt" if answer.decided is None else "")
    return ""


def words(opinion: Opinion) -> str:
    """An opinion as an explanation names it."""
    if opinion is None:
        return "nothing"
    return opinion.value
