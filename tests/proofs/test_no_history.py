"""No history is kept: a day after an absence or a meeting is over nothing of it is in any byte on the disk."""

import asyncio
import struct
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from presence.domain.facts import Absence, Calendar, Fact, Override, Pattern, Presence, Schedule, key
from presence.domain.intervals import DOUBT, FOREVER, Intervals, Opinion, Status
from presence.domain.rules import Rules, SourceRule
from presence.ports import Person
from presence.stores.sqlite import SqliteStore
from tests.intake.given import DAY, HOUR, MINUTE, RULES, Clock, World, at, contact, kept_as, people

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

WHO = "employee:0"
MORE = {"rota": SourceRule("schedule", DAY)}
START, END = at("2026-11-24 10:00"), at("2026-11-24 11:37")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Over a file, with thirty people, on a Monday morning."""
    clock = Clock()
    store = SqliteStore(tmp_path / "presence.sqlite", clock=clock.now, poll=0.01, tidy_every=0.05)
    world = World(store, clock, Rules(hours=RULES.hours, sources={**RULES.sources, **MORE}))
    await world.take("ldap", people(30))
    yield world
    await world.close()


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def live(world: World, until: int) -> None:
    """Time passes, with housekeeping as the service has it, and nobody reads anything."""
    while world.clock.t < until:
        world.clock.t = min(until, world.clock.t + 10 * MINUTE)
        await world.intake.housekeeping()


async def gone(folder: Path, *words: bytes) -> bool:
    """Whether the store erases all of these, now that they are deleted."""
    deadline = time.monotonic() + 10
    while any(word in on_disk(folder) for word in words):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True


def named(uid: str) -> bytes:
    """As the key of a leave holds what its sender calls it."""
    return kept_as(uid).encode()


def instant(t: int) -> bytes:
    """As edges of intervals are kept."""
    return struct.pack("=q", t)


def packed(t: int) -> bytes:
    """As MessagePack has it (uint 32)."""
    return struct.pack(">BI", 0xCE, t)


ABSENCES = {
    "by instants": (Absence(START, END), END),
    "a day": (Absence(first="2026-11-24", last="2026-11-24"), at("2026-11-25 00:00")),
    "some days, a part of them": (Absence(first="2026-11-23", last="2026-11-26", extent=0.5), at("2026-11-27 00:00")),
}


@pytest.mark.parametrize("kind", ABSENCES)
@pytest.mark.parametrize("alias", [WHO, "employee:unknown"])
async def test_an_absence_is_gone_within_a_day_of_its_end(world: World, tmp_path: Path, kind: str, alias: str) -> None:
    """With its key, which would tell that there was one; also where nobody is known who had it."""
    absence, end = ABSENCES[kind]
    await world.take("hr", [Person(alias=alias, absences={"KANARIE": absence})])
    assert named("KANARIE") in on_disk(tmp_path)
    await live(world, end - HOUR)
    assert named("KANARIE") in on_disk(tmp_path)
    await live(world, end + DAY)
    assert await gone(tmp_path, named("KANARIE"), packed(START), b"2026-11-24", b"2026-11-26")


async def test_meetings_that_are_over_are_gone_within_a_day(world: World, tmp_path: Path) -> None:
    spans: list[tuple[int, int, Opinion]] = [
        (START, END, Status.BUSY),
        (START + 3 * DAY, END + 3 * DAY, Status.AWAY),
        (END + 20 * DAY, FOREVER, DOUBT),
    ]
    hours: list[tuple[int, int, Opinion]] = [(START - 60, END + 60, Status.AVAILABLE), (END + 60, END + 30 * DAY, Status.AWAY)]
    said = Calendar(Intervals.of(spans), hours=Intervals.of(hours))
    await world.take("calendars", [Person(alias="mail:p0@example.se", calendar=said)])
    assert instant(START) in on_disk(tmp_path)
    await live(world, END + DAY)
    assert await gone(tmp_path, instant(START), instant(END), instant(START - 60))
    assert instant(START + 3 * DAY) in on_disk(tmp_path)


async def test_a_calendar_that_is_read_again_does_not_bring_back_what_is_over(world: World, tmp_path: Path) -> None:
    """What is expanded begins a day or two back."""
    world.clock.t = END + 30 * HOUR
    for more in (2 * DAY, 3 * DAY):
        spans = [(START, END, Status.BUSY), (END + more, END + more + 60, Status.BUSY)]
        await world.take("calendars", [Person(alias="mail:p0@example.se", calendar=Calendar(Intervals.of(spans)))])
        assert instant(END + more) in on_disk(tmp_path)
        assert instant(START) not in on_disk(tmp_path)
        world.clock.pass_(60)


async def test_what_ends_while_a_batch_is_held_back_is_not_kept_for_it(world: World, tmp_path: Path) -> None:
    """A batch may wait two weeks for its operator."""
    rows = [Person(alias=f"employee:{n}", absences={"1": Absence(first="2026-12-01")}) for n in range(3)]
    await world.take("hr", rows)
    world.clock.pass_(60)
    more = [Person(alias=f"employee:{n}", absences={"KANARIE": Absence(START - DAY, END)}) for n in range(3, 25)]
    outcome = await world.take("hr", [*rows, *more, Person(alias="employee:29", absences={"SPARV": Absence(first="2026-11-23")})])
    assert outcome.rule == "away"
    assert named("KANARIE") in on_disk(tmp_path)
    await live(world, END + DAY)
    assert await gone(tmp_path, named("KANARIE"), packed(START - DAY))
    assert named("SPARV") in on_disk(tmp_path)
    [hold] = await world.intake.holds()
    outcome = await world.intake.release(hold.id, "Karin")
    assert outcome.added == hold.added
    assert named("SPARV") in on_disk(tmp_path)


async def test_words_reports_and_working_hours_that_are_over_are_gone_within_a_day(world: World, tmp_path: Path) -> None:
    await world.store.append([Fact(key("override", contact("p0"), "KANARIE"), Override("away", START, END, START))])
    await world.push("switchboard", Person(alias=WHO, presence={"": Presence("busy", world.clock.t, world.clock.t + 1801)}))
    lapsed = packed(world.clock.t + 1801)
    ended = Schedule((Pattern("Mo 08:00-12:00", last="2026-11-24"), Pattern("Tu 08:00-12:00")))
    await world.take("rota", [Person(alias=WHO, schedule=ended)])
    assert lapsed in on_disk(tmp_path)
    await live(world, at("2026-11-25 23:00"))
    assert await gone(tmp_path, named("KANARIE"), lapsed, b"2026-11-24")
