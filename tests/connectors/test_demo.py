"""The demonstration as sources: what is read, what is told without being asked, and what a moved clock does."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from itertools import pairwise

import pytest

from connectors.demo import Demo, DemoSettings, Part
from presence.domain.facts import Presence
from presence.domain.intervals import Instant
from presence.ports import Batch, SourceUnavailable
from tests.connectors.demo_board import instant

TUESDAY = instant("2026-11-24 10:00")
PARTS: tuple[Part, ...] = ("directory", "calendars", "leave", "presence", "queue")


class Time:
    """A clock that only moves while somebody sleeps, and where a test moves it."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.at: dict[float, float] = {}  # a jump to, when it is reached

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        for reached in [moment for moment in self.at if moment <= self.now]:
            self.now = self.at.pop(reached)
        await asyncio.sleep(0)


def demo(part: Part, clock: Time, interval: float = 300.0) -> Demo:
    return Demo("source", DemoSettings(part=part), interval, now=clock, sleep=clock.sleep)


async def _heard(source: Demo, enough: Callable[[Batch], bool]) -> list[Batch]:
    found: list[Batch] = []
    batches: AsyncIterator[Batch | SourceUnavailable] = source.listen()
    async for batch in batches:
        assert isinstance(batch, Batch)
        found.append(batch)
        if enough(batch):
            return found
    raise AssertionError("a source never ends")


def heard(source: Demo, until: Instant) -> list[Batch]:
    """Everything it tells up to an instant."""
    return asyncio.run(_heard(source, lambda batch: batch.read_at >= until))


@pytest.mark.parametrize("part", PARTS)
def test_each_part_can_be_read_once(part: Part) -> None:
    batch = asyncio.run(demo(part, Time(TUESDAY)).fetch())
    assert (batch.source, batch.read_at) == ("source", TUESDAY)
    assert batch.complete == (part in ("directory", "calendars", "leave"))
    assert bool(batch.people) == (part != "queue")
    assert (batch.queue is not None) == (part == "queue")
    assert bool(batch.units) == (part == "directory")
    assert batch.marked is None  # the demonstration protects nobody, and its configuration says so


@pytest.mark.parametrize("part", ["directory", "calendars", "leave"])
def test_polled_parts_come_again_at_their_interval(part: Part) -> None:
    clock = Time(TUESDAY)
    times = [batch.read_at for batch in heard(demo(part, clock, 300.0), TUESDAY + 1200)]
    assert times[0] == TUESDAY
    assert all(268 <= later - earlier <= 332 for earlier, later in pairwise(times))


@pytest.mark.parametrize("moved_to", [TUESDAY + 90 * 86_400, TUESDAY - 90 * 86_400])
@pytest.mark.parametrize("part", ["calendars", "leave"])
def test_a_moved_clock_is_noticed_at_once(part: Part, moved_to: Instant) -> None:
    clock = Time(TUESDAY)
    clock.at = {TUESDAY + 10: moved_to}
    first, second = asyncio.run(_heard(demo(part, clock, 3600.0), lambda batch: batch.read_at != TUESDAY))
    assert second.read_at == moved_to
    assert second.people != first.people


def test_live_reports_begin_with_everybody_and_go_on_with_changes() -> None:
    first, *more = heard(demo("presence", Time(TUESDAY)), TUESDAY + 600)
    assert len({person.alias for person in first.people}) > 450
    assert all(not batch.complete for batch in (first, *more))
    assert max(len(batch.people) for batch in more) < 100
    assert len(more) > 100


def test_live_reports_beat_the_heart_once_a_minute_also_at_night() -> None:
    for start in (TUESDAY, instant("2026-11-24 02:00")):
        beats = [batch.read_at for batch in heard(demo("presence", Time(start)), start + 900) if batch.heartbeat]
        assert beats[0] == start
        assert all(later - earlier <= 65 for earlier, later in pairwise(beats))


def test_when_the_clock_is_moved_everybody_is_told_anew() -> None:
    night = instant("2026-11-25 02:00")
    clock = Time(TUESDAY)
    clock.at = {TUESDAY + 60: night}
    last = heard(demo("presence", clock), night)[-1]
    reports = [report for person in last.people for report in person.presence.values()]
    assert len(reports) > 450
    assert {report.status for report in reports if isinstance(report, Presence)} == {"offline"}


def test_the_queue_is_told_every_minute_and_its_lease_never_lapses_between() -> None:
    batches = heard(demo("queue", Time(TUESDAY)), TUESDAY + 1200)
    for earlier, later in pairwise(batches):
        assert earlier.queue
        assert later.read_at - earlier.read_at <= 67
        assert later.read_at + 30 < earlier.queue.end  # a tick before it would end
        assert earlier.heartbeat


def test_outside_opening_hours_the_queue_is_well_and_says_nothing() -> None:
    batch = asyncio.run(demo("queue", Time(instant("2026-11-24 22:00"))).fetch())
    assert batch.queue is None
    assert batch.heartbeat


def test_nothing_that_is_read_is_written_to_a_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for part in PARTS:
            asyncio.run(demo(part, Time(TUESDAY)).fetch())
    assert [record for record in caplog.records if record.name.startswith(("connectors", "presence"))] == []
