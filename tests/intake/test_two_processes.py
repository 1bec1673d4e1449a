"""Two processes take single reports and absences into one store, and none of them loses what the other was told.

The second is deaf: it has read the store and hears nothing of what comes, as one is for a moment after each write of the first.
"""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from presence.domain.facts import Absence, Fact, Key, Presence, Queue
from presence.domain.intervals import Instant
from presence.intake import HELD_BACK, Intake
from presence.ports import Conflict, Person, Position, Store, StoreUnavailable

from .given import World, Wrapped, away, contact, leave, people

pytestmark = pytest.mark.anyio

P0 = "mail:p0@example.se"
STRANGER = "ext:4711"


class Counted(Wrapped):
    """Counts the appends. `always`: somebody else came first with each."""

    def __init__(self, store: Store, *, always: bool = False) -> None:
        super().__init__(store)
        self.count, self._always = 0, always

    async def append(self, facts: Sequence[Fact], expect: Mapping[Key, int] | None = None, fence: int | None = None) -> Position:
        self.count += 1
        if self._always:
            raise Conflict("somebody else wrote it")
        return await super().append(facts, expect, fence)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("presence.intaking.mirror._PATIENCE", 0.05)
    monkeypatch.setattr("presence.intaking.mirror._LOOK", 0.05)


@pytest.fixture
async def behind(durable: World) -> Intake:
    """The second process, which stands where the store stood before anything was sent."""
    await durable.take("ldap", people(3))
    await durable.reports(P0, "idle", seq=1)
    await durable.reports(STRANGER, "idle", seq=1)
    await waits(durable.intake, durable, 60)
    second = durable.another(store=Wrapped(durable.store, deaf=True))
    await second.holds()
    return second


def report(status: str, now: Instant, seq: int = 0, alias: str = P0) -> Person:
    return Person(alias=alias, presence={"": Presence(status, now, now + 300, seq)})  # type: ignore[arg-type]


async def says(intake: Intake, world: World, person: Person, source: str = "switchboard") -> int:
    """How many of it were outdated."""
    return (await intake.take(world.batch(source, [person], complete=False))).outdated


async def waits(intake: Intake, world: World, wait: int) -> None:
    queue = Queue(wait, world.clock.t, world.clock.t + 120)
    await intake.take(world.batch("queue", complete=False, queue=queue))


async def reported(world: World) -> list[tuple[str, int]]:
    bodies = [*(await world.facts("presence")).values(), *(await world.held()).values()]
    return [(body.status, body.seq) for body in bodies if isinstance(body, Presence) and body.status != "idle"]


@pytest.mark.parametrize("alias", [P0, STRANGER], ids=["of a contact", "of an alias that nobody bears"])
async def test_an_older_number_never_wins_over_a_newer_one_that_another_process_took(
    durable: World, behind: Intake, alias: str
) -> None:
    await says(durable.intake, durable, report("busy", durable.clock.t, 10, alias))
    assert await says(behind, durable, report("available", durable.clock.t, 9, alias)) == 1
    assert await reported(durable) == [("busy", 10)]


async def test_a_newer_number_wins_over_an_older_one_that_another_process_took(durable: World, behind: Intake) -> None:
    await says(durable.intake, durable, report("busy", durable.clock.t, 9))
    assert await says(behind, durable, report("available", durable.clock.t, 10)) == 0
    assert await reported(durable) == [("available", 10)]


async def test_an_older_number_that_comes_while_the_newer_one_is_being_written_does_not_win(durable: World) -> None:
    await durable.take("ldap", people(1))
    await asyncio.gather(durable.reports(P0, "busy", seq=10), durable.reports(P0, "available", seq=9))
    assert await reported(durable) == [("busy", 10)]


async def test_a_report_that_another_process_took_is_taken_back(durable: World, behind: Intake) -> None:
    """The second has never heard of it, and so of nothing that there would be to take back."""
    other = "mail:p1@example.se"
    await says(durable.intake, durable, report("busy", durable.clock.t, alias=other))
    await says(behind, durable, Person(alias=other, presence={"": None}))
    assert await reported(durable) == []


async def test_a_report_equal_to_what_stood_there_before_another_processs_is_written(durable: World, behind: Intake) -> None:
    await says(durable.intake, durable, report("busy", durable.clock.t, 1))
    await says(behind, durable, report("idle", durable.clock.t, 1))
    assert await reported(durable) == []


async def test_a_leave_that_another_process_took_is_withdrawn(durable: World, behind: Intake) -> None:
    (person,) = away([0])
    await says(durable.intake, durable, person, "hr")
    await says(behind, durable, Person(alias=person.alias, absences={"leave": None}), "hr")
    assert await durable.absences() == {}


async def test_a_leave_is_held_since_another_process_took_it(durable: World, behind: Intake) -> None:
    """An "I am in" that was said after it stays weaker than the leave, whichever process corrects the leave later."""
    begun = durable.clock.t
    (person,) = away([0])
    await says(durable.intake, durable, person, "hr")
    durable.clock.pass_(60)
    await says(behind, durable, Person(alias="employee:0", absences={"leave": leave("2026-12-24")}), "hr")
    found = await durable.get(Absence, "absence", contact("p0"), "hr", "leave")
    assert found
    assert (found.last, found.since) == ("2026-12-24", begun)


async def test_the_waiting_time_is_what_was_said_last(durable: World, behind: Intake) -> None:
    await waits(durable.intake, durable, 90)
    await waits(behind, durable, 60)
    found = await durable.get(Queue, "queue", "queue")
    assert found
    assert found.wait == 60


async def test_a_batch_that_waits_for_its_operator_is_not_forgotten_by_a_process_that_did_not_hear_of_it(
    durable: World, behind: Intake
) -> None:
    await durable.take("hr", away(range(3)))
    assert (await durable.take("hr")).hold
    (nobody,) = away([99])
    await says(behind, durable, nobody, "hr")  # of nobody, which is told in the source's health
    assert (await durable.health("hr")).error == HELD_BACK


async def test_hundreds_whom_nobody_knows_yet_are_taken_by_two_processes_at_once(durable: World) -> None:
    """Each of them is news of the source's health too, which all would write."""
    await durable.take("ldap", people(1))
    both = durable.intake, durable.another(store=Wrapped(durable.store, deaf=False))
    now = durable.clock.t
    await asyncio.gather(*(says(both[n % 2], durable, report("busy", now, 1, f"ext:{n}")) for n in range(300)))
    assert len(await durable.held()) == 300


async def test_a_report_costs_one_append(durable: World) -> None:
    counted = Counted(durable.store)
    intake = durable.another(store=counted)
    await durable.take("ldap", people(1))
    for status in ("busy", "available", "busy"):
        await says(intake, durable, report(status, durable.clock.t))
    assert counted.count == 3


async def test_where_others_come_first_again_and_again_the_sender_is_told_that_nothing_was_stored(durable: World) -> None:
    counted = Counted(durable.store, always=True)
    with pytest.raises(StoreUnavailable):
        await says(durable.another(store=counted), durable, report("busy", durable.clock.t))
    assert 1 < counted.count < 20
    assert await durable.facts("presence") == {}
