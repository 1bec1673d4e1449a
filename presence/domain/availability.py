"""The one rule: the layers are asked in the order of precedence, and the first opinion decides.

Nothing here reads a clock, and no state is ever kept: an answer is a function of facts and an instant. The layers that stand
behind the places of the precedence are in `layers`.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from presence.domain.intervals import DOUBT, FOREVER, Instant, Layer, Opinion, Status

ASSUMED = "assumed"
PRECEDENCE = ("override", "leave", "hours", "presence:busy", "calendar", "presence:available", ASSUMED)
"""The default order, highest first; an installation may configure another."""

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


class Explanation(msgspec.Struct, frozen=True):
    """Why an answer is what it is: a value, so that every surface tells the same."""

    status: Status
    at: Instant
    valid_until: Instant
    until: Instant | None
    heard: tuple[Heard, ...]


def resolve(voices: Sequence[Voice], t: Instant) -> Answer:
    """The first voice with an opinion decides; DOUBT of any voice withholds `assumed`."""
    valid_until = FOREVER
    for i, voice in enumerate(voices):
        opinion, until = voice.layer.at(t)
        if until < valid_until:
            valid_until = until
        if not isinstance(opinion, Status):
            continue
        if voice.place == ASSUMED:
            doubted, change = _doubt(voices, t)
            valid_until = min(valid_until, change)
            if doubted:
                continue
        return Answer(opinion, valid_until, i)
    return Answer(Status.UNKNOWN, valid_until, None)


def _doubt(voices: Sequence[Voice], t: Instant) -> tuple[bool, Instant]:
    """Whether anybody doubts, wherever `assumed` stands in the order, and until when that holds."""
    until = FOREVER
    doubted = False
    for voice in voices:
        said = voice.layer.at(t)
        doubted |= said.opinion is DOUBT
        until = min(until, said.until)
    return doubted, until


def forecast(voices: Sequence[Voice], t: Instant, horizon: Instant = FOREVER) -> Instant | None:
    """When the contact can be reached again, or when that is no longer known; None where nothing can be said.

    `voices` are those without leases and with sources taken as fresh. It runs across away, busy and closed. `horizon` is the
    end of the expanded window: past it nothing is known, and that end is no forecast.
    """
    now = t
    for _ in range(_STEPS):
        answer = resolve(voices, now)
        if answer.status in (Status.AVAILABLE, Status.UNKNOWN):
            return now if t < now < horizon else None
        if answer.valid_until >= min(horizon, FOREVER):
            return None
        now = answer.valid_until
    return None


def availability(voices: Sequence[Voice], lasting: Sequence[Voice], t: Instant, horizon: Instant = FOREVER) -> Availability:
    """The answer at `t`, with its forecast over `lasting` (see `forecast`)."""
    answer = resolve(voices, t)
    if answer.status in (Status.AVAILABLE, Status.UNKNOWN):
        return Availability(answer.status, answer.valid_until, None)
    return Availability(answer.status, answer.valid_until, forecast(lasting, t, horizon))


def explain(voices: Sequence[Voice], lasting: Sequence[Voice], t: Instant, horizon: Instant = FOREVER) -> Explanation:
    """Every voice heard: which decided, what lost against it, when each may change."""
    answer = resolve(voices, t)
    whole = availability(voices, lasting, t, horizon)
    return Explanation(answer.status, t, answer.valid_until, whole.until, tuple(_heard(voices, t, answer)))


def _heard(voices: Sequence[Voice], t: Instant, answer: Answer) -> Iterator[Heard]:
    for i, voice in enumerate(voices):
        opinion, until = voice.layer.at(t)
        beaten = answer.decided is None or i > answer.decided
        lost = isinstance(opinion, Status) and beaten and opinion != answer.status
        yield Heard(voice.place, voice.source, words(opinion), until, i == answer.decided, lost)


def words(opinion: Opinion) -> str:
    """An opinion as an explanation names it."""
    if opinion is None:
        return "nothing"
    return opinion.value
