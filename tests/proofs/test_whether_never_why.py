"""Whether, never why, at the service: absences of equal extent give the same status line, headers and bytes on every route.

Each kind is a service of its own to which its source said it, in its own shape, and nothing else. A sample of the ticks is
compared in the ordinary run; PRESENCE_FULL=1 compares all.
"""

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import pytest

from presence.domain.hours import HoursSpec, OpeningHours
from presence.domain.intervals import Instant
from tests.proofs import absences
from tests.proofs.absences import Kinds
from tests.web.service import Answer, Service, serving
from tests.web.town import ANNA, BO, BUILDING, CENTRE, PEOPLE, TOKENS, at, empty_calendars, write_people, write_town

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(3_600)]

FULL = bool(os.environ.get("PRESENCE_FULL"))
OTHERS = 500 if FULL else 3
ROUTES = 100 if FULL else 6  # of all but the look-up, at each tick
TICK = 30
FIRST, LAST = at("2026-11-24 00:00"), at("2026-11-26 00:00")
OFFICE = OpeningHours(HoursSpec("Mo-Fr 08:00-17:00"))
KINDS_OF_CHANNELS = ("telephone", "mobile", "e-mail", "chat", "visit", "post", "nothing")


def routes() -> list[str]:
    """Every public route on which Anna's state could show."""
    own = [f"/v1/contacts/{ANNA}{form}" for form in ("", ".vcf", ".html")] + [f"/contacts/{ANNA}", f"/embed/{ANNA}"]
    others = [f"/v1/contacts/{BO}", f"/v1/contacts/{CENTRE}", "/v1/centre", "/centre"]
    around = [f"/v1/units/{BUILDING}", f"/units/{BUILDING}", "/v1/topics/bygglov", "/topics/bygglov"]
    search = ["/v1/contacts?q=anna", "/?q=anna", f"/v1/contacts?ids={ANNA},{BO}", f"/v1/contacts?ids={ANNA}&topic=bygglov"]
    in_english = [f"/v1/contacts/{ANNA}?lang=en&topic=bygglov", f"/contacts/{ANNA}?lang=en"]
    go = [f"/go/{ANNA}/{kind}" for kind in KINDS_OF_CHANNELS]
    steps = [f"/go/{ANNA}/telephone/steps", f"/go/{ANNA}/e-mail/steps", f"/go/{ANNA}/e-mail?topic=bygglov"]
    return [*own, *others, *around, *search, *in_english, *go, *steps]


def ticks(*edges: str, only_open: bool = False) -> list[Instant]:
    """Each edge, the tick before and the ticks after it, and some at random out of 48 hours."""
    near = {at(edge) // TICK * TICK + n * TICK for edge in edges for n in (-1, 0, 1)}
    some = Random(4711).sample(range(FIRST, LAST, TICK), OTHERS)
    found = sorted({t for t in (*near, *some) if FIRST <= t < LAST})
    return [t for t in found if OFFICE.at(t)[0]] if only_open else found


async def prepared(stack: AsyncExitStack, folder: Path, kinds: Kinds, said_at: str) -> dict[str, Service]:
    """For each kind a service whose sources are well, and have said it by then."""
    reading = folder / "reading"
    reading.mkdir()
    calendars = await absences.planned(reading, kinds)
    services = {}
    for number, (kind, said) in enumerate(kinds.items()):
        place = write_town(folder / str(number))
        service = await stack.enter_async_context(serving(place, at(said_at)))
        calendar = calendars[kind] if any(isinstance(each, absences.Planned) for each in said) else None
        await well(service)
        await absences.arrange(service, said, calendar)
        services[kind] = service
    return services


async def well(service: Service) -> None:
    """Everything is read once, and every source that sends has said that it is well."""
    write_people(service.installation.path.parent, PEOPLE)
    await service.feed("people")
    await service.take(empty_calendars(int(service.clock.t)))
    for source in TOKENS:
        answer = await service.put(f"/v1/sources/{source}/heartbeat", b"", token=TOKENS[source])
        assert answer.status == 204


class Compared:
    """What came of a comparison."""

    def __init__(self) -> None:
        self.differences: list[str] = []
        self.statuses: Counter[str] = Counter()
        self.untils: set[str | None] = set()
        self.answers = 0

    def take(self, t: Instant, route: str, answers: dict[str, Answer]) -> None:
        (_, one), *others = answers.items()
        self.answers += len(answers)
        self.differences += [f"{kind} at {t} on {route}" for kind, answer in others if answer != one]
        if route == f"/v1/contacts/{ANNA}":
            told = one.json()["availability"]
            self.statuses[told["status"]] += 1
            self.untils.add(told.get("until"))


async def compare(folder: Path, kinds: Kinds, at_ticks: Sequence[Instant], said_at: str = "2026-11-23 18:00") -> Compared:
    """Every route in every kind at every tick, at some moment before the next."""
    compared, random = Compared(), Random(1)
    async with AsyncExitStack() as stack:
        services = await prepared(stack, folder, kinds, said_at)
        look_up, *more = routes()
        for t in at_ticks:
            for service in services.values():
                service.turn(t + random.randrange(TICK))
            for route in (look_up, *random.sample(more, min(ROUTES, len(more)))):
                compared.take(t, route, {kind: await service.get(route) for kind, service in services.items()})
    assert compared.answers > 0
    return compared


def shown(compared: Compared, *statuses: str) -> bool:
    """That the kinds were seen at work at all."""
    return set(compared.statuses) == set(statuses)


@pytest.mark.slow
async def test_sixteen_kinds_of_absence_within_a_day_are_the_same_on_every_route(tmp_path: Path) -> None:
    edges = ("2026-11-24 10:00", "2026-11-24 12:30", "2026-11-24 11:00", "2026-11-24 08:00", "2026-11-24 17:00")
    compared = await compare(tmp_path, absences.WITHIN_A_DAY, ticks(*edges))
    assert len(absences.WITHIN_A_DAY) >= 12
    assert compared.differences[:5] == []
    assert shown(compared, "available", "away", "closed")
    assert "2026-11-24T12:30:00+01:00" in compared.untils


async def test_kinds_of_absence_of_a_day_are_the_same_on_every_route_by_day_and_by_night(tmp_path: Path) -> None:
    edges = ("2026-11-24 00:00", "2026-11-24 08:00", "2026-11-24 17:00", "2026-11-25 00:00", "2026-11-25 08:00")
    compared = await compare(tmp_path, absences.WHOLE_DAY, ticks(*edges))
    assert compared.differences[:5] == []
    assert shown(compared, "away", "closed", "available")


@pytest.mark.slow
async def test_open_ended_unknown_and_far_ends_are_the_same_on_every_route(tmp_path: Path) -> None:
    compared = await compare(tmp_path, absences.WITHOUT_END, ticks("2026-11-24 08:00", "2026-11-24 17:00", "2026-11-25 08:00"))
    assert compared.differences[:5] == []
    assert shown(compared, "away", "closed")
    assert compared.untils == {None}


async def test_live_reports_of_absence_read_as_an_open_end_in_open_hours(tmp_path: Path) -> None:
    """They are leases: no forecast is made from one, so after hours the next opening is told."""
    kinds = {"leave, open end": absences.WITHOUT_END["leave, open end"], **absences.REPORTED_AWAY}
    at_ticks = [t for t in ticks("2026-11-24 12:00", "2026-11-24 16:59", only_open=True) if t < at("2026-11-24 17:00")]
    compared = await compare(tmp_path, kinds, at_ticks, "2026-11-24 07:59")
    assert compared.differences[:5] == []
    assert shown(compared, "away")


async def test_kinds_of_being_busy_are_the_same_on_every_route(tmp_path: Path) -> None:
    compared = await compare(tmp_path, absences.BUSY, ticks("2026-11-24 10:00", "2026-11-24 12:30"))
    assert compared.differences[:5] == []
    assert {"busy", "available"} <= set(compared.statuses)


async def test_kinds_of_live_reports_are_the_same_on_every_route(tmp_path: Path) -> None:
    """Reported at 10:00:07 for half an hour: each shows from the same tick to the same tick."""
    edges = sorted({at(f"2026-11-24 {edge}") + n * TICK for edge in ("10:00", "10:30") for n in (0, 1, 2)})
    more = Random(7).sample(range(edges[0], edges[-1], TICK), len(edges) * (5 if FULL else 1))
    at_ticks = [t for t in sorted({*edges, *more}) if t >= at("2026-11-24 10:01")]
    compared = await compare(tmp_path, absences.ON_THE_PHONE, at_ticks, "2026-11-24 10:00:07")
    assert compared.differences[:5] == []
    assert shown(compared, "busy", "available")
