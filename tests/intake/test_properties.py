"""Whatever sources say, in whatever order: never more is removed than the guard allows, and nothing is written twice."""

import asyncio
from collections.abc import Awaitable, Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presence.domain.facts import Absence
from presence.domain.intervals import Intervals, Status
from presence.intake import Outcome
from presence.ports import Person
from presence.stores.memory import MemoryStore

from .given import DAY, HOUR, Clock, World, busy, leave, people, person

EXAMPLES = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

cuts = st.one_of(st.integers(0, 25), st.integers(0, 120))
runs = st.lists(st.tuples(st.integers(0, 30 * HOUR), st.integers(0, 119), cuts, st.integers(0, 6)), min_size=1, max_size=14)
"""Each run: seconds since the one before, the first person left out, how many are, how many strangers come."""


def run(play: Callable[[World], Awaitable[None]]) -> None:
    async def playing() -> None:
        clock = Clock()
        world = World(MemoryStore(clock=clock.now), clock)
        try:
            await play(world)
        finally:
            await world.close()

    asyncio.run(playing())


@EXAMPLES
@given(runs)
def test_a_directory_never_loses_more_than_the_guard_allows(steps: list[tuple[int, int, int, int]]) -> None:
    async def play(world: World) -> None:
        await world.take("ldap", people(120))
        removals: list[tuple[int, int]] = []
        for seconds, first, count, strangers in steps:
            world.clock.pass_(seconds)
            before = await world.names()
            left = [p for i, p in enumerate(people(120)) if not first <= i < first + count]
            outcome = await world.take("ldap", left + people(strangers, first=1_000 + first))
            after = await world.names()
            gone = len(before - after)
            if outcome.hold:
                assert before == after
                continue
            removals.append((world.clock.t, gone))
            recent = sum(n for t, n in removals if t > world.clock.t - DAY)
            assert gone <= 20 or gone * 100 <= 5 * len(before)
            assert gone == 0 or 2 * (len(before) - gone) >= len(before)
            assert gone == 0 or recent <= 20 or recent * 100 <= 10 * (len(before) + recent)

    run(play)


rows = st.dictionaries(
    st.integers(0, 12).map(lambda i: f"employee:{i}"),
    st.dictionaries(
        st.sampled_from("abc"),
        st.builds(
            Absence,
            first=st.sampled_from(["2026-11-20", "2026-11-23", "2026-12-01"]),
            last=st.sampled_from(["", "2026-11-22", "2026-12-01", "2026-12-24"]),
            extent=st.sampled_from([0.5, 1.0]),
        ),
        max_size=3,
    ),
    max_size=13,
)
calendars = st.dictionaries(
    st.integers(0, 12).map(lambda i: f"mail:p{i}@example.se"),
    st.one_of(st.none(), st.lists(st.integers(0, 23), max_size=6)),
    max_size=13,
)


@EXAMPLES
@given(st.lists(st.one_of(rows, calendars, st.integers(0, 12)), max_size=10), st.data())
def test_the_same_batch_twice_writes_nothing(batches: list[object], data: st.DataObject) -> None:
    """Directories, leave (some of it senseless or over) and calendars (some of them failing), in any order.

    A calendar that is suddenly empty is the exception: it is believed the second time.
    """

    async def play(world: World) -> None:
        await world.take("ldap", people(6))
        for said in batches:
            world.clock.pass_(data.draw(st.integers(0, 2 * HOUR)))
            first = await _take(world, said)
            facts = await world.facts()
            again = await _take(world, said)
            doubted = any(getattr(getattr(body, "body", body), "emptied", False) for body in facts.values())
            assert doubted or (again.written, await world.facts()) == (0, facts), first

    run(play)


async def _take(world: World, said: object) -> Outcome:
    if isinstance(said, int):
        return await world.take("ldap", people(said))
    assert isinstance(said, dict)
    if all(name.startswith("employee:") for name in said):
        return await world.take("hr", [Person(alias=alias, absences=absences) for alias, absences in said.items()])
    feeds = []
    for alias, hours in said.items():
        feeds.append(
            Person(alias=alias, failed="timeout")
            if hours is None
            else Person(alias=alias, calendar=busy(*hours), future_events=len(hours))
        )
    return await world.take("calendars", feeds)


@EXAMPLES
@given(st.permutations(range(6)))
def test_sources_may_come_in_any_order(order: list[int]) -> None:
    """Once every source has been read twice, the same is held whatever came first."""

    async def play(world: World) -> None:
        batches = [
            ("ldap", people(4)),
            ("telephony", [person("t-1", "mail:p1@example.se", "ext:1"), person("t-9", "ext:9")]),
            ("hr", [Person(alias="employee:2", absences={"a": leave()}), Person(alias="employee:9", absences={"a": leave()})]),
            ("calendars", [Person(alias="mail:p1@example.se", calendar=busy(9), future_events=1)]),
            ("switchboard", [Person(alias="ext:1"), Person(alias="ext:9")]),
            ("config", [person("c", "mail:c@example.se", deputies=("mail:p3@example.se", "ext:9"))]),
        ]
        for i in (*order, *order):
            assert not (await world.take(*batches[i])).hold
        held = {name: body for name, body in (await world.facts()).items() if not name.startswith(("source/", "removals/"))}
        expected.append(held)
        assert held == expected[0]

    run(play)


expected: list[object] = []


spans = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 8), st.sampled_from([Status.BUSY, Status.AWAY])), max_size=6)


@settings(max_examples=300)
@given(spans, spans, st.integers(-1, 50))
def test_two_calendars_are_equal_from_an_instant_exactly_when_they_say_the_same_ever_after(
    a: list[tuple[int, int, Status]], b: list[tuple[int, int, Status]], t: int
) -> None:
    from presence.intaking.ending import equal_from

    first, second = (Intervals.of((s, s + n, status) for s, n, status in given) for given in (a, b))
    assert equal_from(first, second, t) == all(first.at(u).opinion == second.at(u).opinion for u in range(t, 60))
