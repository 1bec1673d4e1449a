"""Whether, never why, at the core: kinds of absence with equal extents give equal public bytes.

Each kind comes in the shape in which its source sends it. Leave and overrides are asked before the hours, calendars, schedules
and leases after them; so outside open hours the first read as away, the others as closed, and each is compared with its like.
"""

import json
from functools import cache
from itertools import compress
from random import Random

import pytest

from presence.board import Board
from presence.domain.facts import Absence, AnyBody, Calendar, ContactRecord, Override, Presence, Stored, key
from presence.domain.hours import HoursSpec, OpeningHours
from presence.domain.intervals import DOUBT, FOREVER, Instant, Intervals, Status

from .town import OFFICE, at
from .world import RULES, TICK, contact_bytes, ground

WHO = "c05"
BEGIN = at("2026-11-24 00:00")  # a Tuesday, and the day after
HOURS_48 = range(BEGIN, BEGIN + 48 * 3600, TICK)
A, B = at("2026-11-24 10:00"), at("2026-11-24 12:30")
MID, LATE = at("2026-11-24 11:00"), at("2026-11-24 11:30")
DAY, NEXT = at("2026-11-24 00:00"), at("2026-11-25 00:00")
FAR = at("2027-03-01 00:00")
MORNING = at("2026-11-24 08:00")

OFFICE_HOURS = OpeningHours(HoursSpec(OFFICE))

Facts = list[tuple[AnyBody, tuple[str, ...]]]


def board(facts: Facts) -> Board:
    """What is said of one contact, on ground that is the same for all."""
    made = [*ground(FOREVER), *((key(body.kind, WHO, *rest), body) for body, rest in facts)]
    board = Board(RULES)
    board.load([Stored(name, i, BEGIN - 86400, body) for i, (name, body) in enumerate(made, 1)], BEGIN - TICK)
    return board


def shown(facts: Facts, ticks: list[Instant]) -> list[bytes]:
    moving = board(facts)
    pages = []
    for tick in ticks:
        moving.advance(tick)
        pages.append(contact_bytes(moving.enquiry(), WHO))
    return pages


def ticks_around(*edges: Instant, others: int = 500) -> list[Instant]:
    """Every edge, the tick before and after it, and random ticks of 48 hours."""
    random = Random(4711).sample(HOURS_48, others)
    near = {edge // TICK * TICK + n * TICK for edge in edges for n in (-1, 0, 1, 2)}
    return sorted({*random, *near} & set(HOURS_48))


def calendar(*spans: tuple[Instant, Instant], status: Status = Status.AWAY, window: Instant = FOREVER) -> Facts:
    return [(Calendar(Intervals.of([*((a, b, status) for a, b in spans), (window, FOREVER, DOUBT)])), ("calendars",))]


def schedule(rule: str) -> Facts:
    return [(ContactRecord(schedule=rule), ("staff",))]


def leave(*absences: Absence, source: str = "hr") -> Facts:
    return [(absence, (source, str(i))) for i, absence in enumerate(absences)]


MAY_CHANGE = ("availability", "referral", "channels")  # a direct number may be hidden while she is away

HALF = {"extent": 0.5}
BY_THE_HOUR: dict[str, Facts] = {
    "leave with instants": leave(Absence(A, B)),
    "automatic reply": leave(Absence(A, B), source="replies"),
    "leave that was corrected": leave(Absence(A, MID), Absence(MID, B)),
    "overlapping leaves": leave(Absence(A, LATE), Absence(MID, B)),
    "two half leaves": leave(Absence(A, B, **HALF), Absence(A, B, **HALF)),  # type: ignore[arg-type]
    "half leaves of two sources": leave(Absence(A, B, **HALF)) + leave(Absence(A, B, **HALF), source="replies"),  # type: ignore[arg-type]
    "two employments": leave(Absence(A, B, employment="a", share=0.6), Absence(A, B, employment="b", share=0.4)),
    "override": [(Override("away", A, B, A), ("1",))],
    "overrides of two people": [(Override("away", A, LATE, A), ("1",)), (Override("away", MID, B, A), ("2",))],
    "out of office in the calendar": calendar((A, B)),
    "out of office in two events": calendar((A, MID), (MID, B)),
    "private schedule": schedule("Mo,We-Fr 08:00-16:30; Tu 08:00-10:00,12:30-16:30"),
    "schedule and leave together": schedule("Mo,We-Fr 08:00-16:30; Tu 08:00-11:00,12:30-16:30") + leave(Absence(A, MID)),
}


@pytest.mark.slow
def test_twelve_kinds_of_absence_within_a_day_give_the_same_bytes() -> None:
    ticks = ticks_around(A, MID, LATE, B, MORNING)
    pages = {kind: shown(facts, ticks) for kind, facts in BY_THE_HOUR.items()}
    assert len(pages) >= 12
    first = pages["leave with instants"]
    assert [kind for kind, bytes_ in pages.items() if bytes_ != first] == []
    assert {json.loads(page)["availability"]["status"] for page in first} == {"available", "away", "closed"}


BEFORE_HOURS: dict[str, Facts] = {
    "dated leave": leave(Absence(first="2026-11-24", last="2026-11-24")),
    "all-day leave": leave(Absence(DAY, NEXT)),
    "automatic reply": leave(Absence(DAY, NEXT), source="replies"),
    "dated half leaves": leave(*(Absence(first="2026-11-24", last=d, **HALF) for d in ("2026-11-24",) * 2)),  # type: ignore[arg-type]
    "override": [(Override("away", DAY, NEXT, DAY), ("1",))],
}
AFTER_HOURS: dict[str, Facts] = {
    "all-day event": calendar((DAY, NEXT)),
    "private schedule": schedule("Mo,We-Fr 08:00-16:30"),
}


WHOLE_DAY = ticks_around(DAY, NEXT, MORNING)


@cache
def whole_day(kind: str) -> tuple[bytes, ...]:
    return tuple(shown((BEFORE_HOURS | AFTER_HOURS)[kind], WHOLE_DAY))


@pytest.mark.parametrize("kinds", [BEFORE_HOURS, AFTER_HOURS])
def test_kinds_of_absence_of_a_whole_day_give_the_same_bytes(kinds: dict[str, Facts]) -> None:
    assert len({whole_day(kind) for kind in kinds}) == 1


def test_absences_of_a_whole_day_give_the_same_bytes_in_all_open_hours() -> None:
    open_hours = [_open(t) for t in WHOLE_DAY]
    assert sum(open_hours) > 150
    assert len({tuple(compress(whole_day(kind), open_hours)) for kind in BEFORE_HOURS | AFTER_HOURS}) == 1


def _open(t: Instant) -> bool:
    return OFFICE_HOURS.at(t)[0]


WITHOUT_END: dict[str, Facts] = {
    "leave until further notice": leave(Absence(first="2026-11-24")),
    "leave until March": leave(Absence(first="2026-11-24", last="2027-02-28")),
    "automatic reply until March": leave(Absence(DAY, FAR), source="replies"),
    "leave of two employments": leave(*(Absence(first="2026-11-24", employment=e, share=0.5) for e in "ab")),
    "override until March": [(Override("away", DAY, FAR, DAY), ("1",))],
    "out of office until March": calendar((DAY, FAR)),
    "out of office past the window": calendar((DAY, FAR), window=at("2027-01-22 00:00")),
    "schedule without days": schedule("Mo 08:00-16:30"),
    "a live report that is renewed": [(Presence("away", DAY, NEXT + 86400), ("switchboard", "ext:1", ""))],
}


def test_open_ended_and_unknown_and_far_ends_read_the_same() -> None:
    """Open hours of two days: beyond the days that may be told, and where nobody knows, nothing is told."""
    ticks = [t for t in ticks_around(MORNING) if _open(t)]
    pages = {kind: shown(facts, ticks) for kind, facts in WITHOUT_END.items()}
    first = pages["leave until further notice"]
    assert [kind for kind, bytes_ in pages.items() if bytes_ != first] == []
    assert not any(b'"until"' in page for page in first)


def test_kinds_of_busy_give_the_same_bytes() -> None:
    ticks = ticks_around(A, B)
    kinds = calendar((A, B), status=Status.BUSY), [(Override("busy", A, B, A), ("1",))]
    assert len({tuple(shown(facts, ticks)) for facts in kinds}) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("end", [B, B + 1, B + 17, B + TICK - 1])
@pytest.mark.parametrize("status", ["busy", "away"])
def test_a_lease_shows_from_the_same_tick_to_the_same_tick_as_planned_time(status: str, end: Instant) -> None:
    """Wherever between two ticks it ends. A lease tells no time of return, so statuses are compared."""
    spoken = Status(status)
    kinds: list[Facts] = [[(Presence(status, A, end), ("chat", "sip:a", ""))], calendar((A, end), status=spoken)]  # type: ignore[arg-type]
    told = [[json.loads(page)["availability"]["status"] for page in shown(f, ticks_around(A, end, others=50))] for f in kinds]
    assert told[0] == told[1]


def test_an_absence_changes_nothing_of_a_page_but_what_it_may() -> None:
    """No field comes or goes with a kind."""
    (present,) = (json.loads(page) for page in shown([], [A]))
    for kind, facts in (BY_THE_HOUR | WITHOUT_END).items():
        (absent,) = (json.loads(page) for page in shown(facts, [A]))
        assert set(absent["availability"]) <= {"status", "text", "until"}, kind
        for field in present.keys() | absent.keys():
            assert field in MAY_CHANGE or present[field] == absent[field], kind
