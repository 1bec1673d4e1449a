"""`resolve`, `valid_until` and `until` against brute force: drawings (hypothesis) and whole contacts (seeded).

`PRESENCE_STACKS` sets how many contacts the slow run tries, 100,000 by default.
"""

import os
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presence.domain.availability import PRECEDENCE, Voice, availability, resolve
from presence.domain.intervals import DOUBT, FOREVER, Status

from .drawing import LETTERS, layer
from .truth import ABSENCE, HOUR, WIDTH, A, U, stack

Drawing = list[tuple[str, str]]
COLUMNS = 12
CHUNK = 1_000
SLOW = int(os.environ.get("PRESENCE_STACKS", "100000"))

drawings = st.lists(
    st.tuples(st.sampled_from(PRECEDENCE), st.text("ABWC??...", min_size=0, max_size=COLUMNS)), min_size=0, max_size=6
)


def voices_of(drawn: Drawing) -> list[Voice]:
    return [Voice(place, "", layer(text)) for place, text in drawn]


def column(drawn: Drawing, t: int) -> Status:
    """The answer by looking at one column of the drawing."""
    said = [(place, LETTERS[text[t]] if t < len(text) else None) for place, text in drawn]
    doubted = any(opinion is DOUBT for _, opinion in said)
    for i, (place, opinion) in enumerate(said):
        if isinstance(opinion, Status) and not (place == "assumed" and doubted):
            alone = next((j for j in range(i, len(said)) if said[j][0] != place), len(said))
            return max((o for _, o in said[i:alone] if isinstance(o, Status)), key=ABSENCE.index)
    return Status.UNKNOWN


@settings(max_examples=2_000, deadline=None, database=None, derandomize=True)
@given(drawings, drawings, st.sampled_from([FOREVER, 3, 8]))
@pytest.mark.slow
def test_every_answer_is_what_the_drawing_shows(drawn: Drawing, lasting: Drawing, horizon: int) -> None:
    """Status, how long it is valid, and the forecast, in every column."""
    now, later = voices_of(drawn), voices_of(lasting)
    answers = [(column(drawn, t), forecast(drawn, lasting, t, horizon)) for t in range(COLUMNS + 2)]
    for t, expected in enumerate(answers):
        found = availability(now, later, t, horizon)
        assert (found.status, found.until) == expected
        assert found.status == resolve(now, t).status
        check_valid(found.valid_until, t, answers)


def forecast(drawn: Drawing, lasting: Drawing, t: int, horizon: int) -> int | None:
    if column(drawn, t) in (A, U) or column(lasting, t) in (A, U):
        return None
    back = next(b for b in range(t, COLUMNS + 2) if column(lasting, b) in (A, U))
    return back if back < horizon else None


def check_valid(valid_until: int, t: int, answers: list[tuple[Status, int | None]]) -> None:
    """It is later than now, and no answer before it is another."""
    assert valid_until > t
    assert all(answer == answers[t] for answer in answers[t:valid_until])


def check(seed: int, hours: int) -> None:
    """One contact, in some hours of its week."""
    rng = Random(seed)
    made = stack(rng)
    evidence = made.evidence()
    voices, lasting, end = evidence.voices(), evidence.lasting(), evidence.window_end()
    truth = made.truth()
    for hour in rng.sample(range(WIDTH + 1), hours):
        found = availability(voices, lasting, hour * HOUR + rng.randrange(HOUR), end)
        status, back = truth[hour]
        assert (found.status, found.until) == (status, None if back is None else back * HOUR), (seed, hour)
        assert found.valid_until > hour * HOUR, (seed, hour)
        valid = min(found.valid_until, (WIDTH + 1) * HOUR)
        assert all(answer == truth[hour] for answer in truth[hour : -(-valid // HOUR)]), (seed, hour)


def check_margin(seed: int) -> None:
    """The same with evidence that ends before the next tick taken as ended, at a tick of one hour."""
    made = stack(Random(seed))
    voices = made.evidence().voices(HOUR)
    for hour in range(WIDTH + 1):
        found = resolve(voices, hour * HOUR)
        assert found.status == made.status(hour, margin=1), (seed, hour)
        assert found.valid_until > hour * HOUR, (seed, hour)


@pytest.mark.slow
def test_three_thousand_contacts_are_as_section_4_says() -> None:
    for seed in range(3_000):
        check(seed, WIDTH + 1 if seed < 100 else 6)


def test_five_hundred_contacts_are_as_section_4_says_at_every_tick() -> None:
    for seed in range(500):
        check_margin(seed)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(-(-SLOW // CHUNK)))
def test_a_hundred_thousand_contacts_are_as_section_4_says(chunk: int) -> None:
    for seed in range(chunk * CHUNK, min(SLOW, (chunk + 1) * CHUNK)):
        check(1_000_000 + seed, 10)
