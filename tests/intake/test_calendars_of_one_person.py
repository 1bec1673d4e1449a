"""A person with two addresses has two calendars in one source."""

import pytest

from presence.domain.facts import Calendar, SourceHealth
from presence.domain.intervals import FOREVER, Intervals, Status
from presence.intaking.calendars import both
from presence.intaking.health import sane
from presence.ports import Person

from .given import MINUTE, World, contact, person
from .given import busy as meeting


def busy(start: int, end: int, ok_until: int = FOREVER) -> Calendar:
    return Calendar(Intervals.of([(start, end, Status.BUSY)]), ok_until)


def test_busy_in_either_is_busy_and_the_evidence_is_as_old_as_the_older() -> None:
    one = both(busy(0, 10, ok_until=500), busy(20, 30))
    assert [one.intervals.at(t).opinion for t in (5, 15, 25)] == [Status.BUSY, None, Status.BUSY]
    assert one.ok_until == 500


def test_what_a_clock_that_ran_ahead_left_behind_is_not_believed() -> None:
    held = SourceHealth("calendar", ok_at=10_000, ok_until=10_900, read_at=10_000)
    assert sane(held, 10_000) is held
    after = sane(held, 5_000)
    assert (after.ok_at, after.read_at, after.ok_until) == (0, 0, 5_000)


@pytest.mark.anyio
async def test_a_second_calendar_of_the_person_never_wipes_what_a_dead_feed_held(world: World) -> None:
    first, second = "mail:p0@example.se", "mail:p0@work.example.se"
    await world.take("ldap", [person("p0", first, second)])
    await world.take("calendars", [Person(alias=first, calendar=meeting(9)), Person(alias=second, calendar=meeting())])
    for order in (1, -1, 1, -1):
        world.clock.pass_(5 * MINUTE)
        dead = [Person(alias=first, failed="stalled"), Person(alias=second, calendar=meeting())]
        await world.take("calendars", dead[::order])
        found = await world.get(Calendar, "calendar", contact("p0"), "calendars")
        assert found is not None
        assert found.intervals == meeting(9).intervals
        assert found.ok_until < FOREVER
