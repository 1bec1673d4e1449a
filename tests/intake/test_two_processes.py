"""Two processes take single reports and absences into one store, and none of them loses what the other was told.

The second is deaf: it has read the store and hears nothing of what comes, as one is for a moment after each write of the first.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import pytest

from presence.domain.facts import Absence, Fact, Key, Presence, Queue
from presence.domain.intervals import Instant
from presence.intake import HELD_BACK, Intake
from presence.ports import Conflict, Person, Position, Store, StoreUnavailable

from .given import World, Wrapped, away, contact, leave, people, person

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


NEW = "employee:99"


def newcomer(*aliases: str) -> list[Person]:
    """The staff, with one more."""
    return [*people(3), person("new", "mail:new@example.se", *(aliases or (NEW,)))]


def of_newcomer(absence: Absence | None, alias: str = NEW) -> Person:
    return Person(alias=alias, absences={"leave": absence})


def interrupted(world: World, *saying: Callable[[], Awaitable[object]]) -> Intake:
    """A process before whose first appends somebody else says something: one word before each."""
    words = list(saying)

    async def one_more() -> None:
        if words:
            await words.pop(0)()

    return world.another(store=Wrapped(world.store, before=one_more))


@pytest.mark.parametrize("last", ["", "2026-12-24"], ids=["withdrawn", "prolonged"])
async def test_what_is_pushed_while_a_directory_run_first_names_the_person_is_not_undone(durable: World, last: str) -> None:
    await durable.take("ldap", people(3))
    await durable.push("hr", of_newcomer(leave()))
    pushing = interrupted(durable, lambda: durable.push("hr", of_newcomer(leave(last) if last else None)))
    await pushing.take(durable.batch("ldap", newcomer()))
    found = await durable.facts("absence", "held")
    assert [body.last for body in found.values() if isinstance(body, Absence)] == ([last] if last else [])
    assert len(found) == bool(last)


async def test_what_is_first_pushed_while_a_directory_run_first_names_the_person_is_with_the_person(durable: World) -> None:
    await durable.take("ldap", people(3))
    await interrupted(durable, lambda: durable.push("hr", of_newcomer(leave()))).take(durable.batch("ldap", newcomer()))
    assert await durable.held() == {}
    assert await durable.absences() == {contact("new"): {"leave"}}


async def test_a_directory_run_comes_to_its_end_where_reports_never_cease(durable: World) -> None:
    """And the last of them is with the person."""
    await durable.take("ldap", people(3))
    seqs = iter(range(1, 100))

    async def reports() -> None:
        await says(durable.intake, durable, report("busy", durable.clock.t, next(seqs), NEW))

    await reports()
    busy = interrupted(durable, *[reports] * 8)
    await busy.take(durable.batch("ldap", newcomer()))
    assert await durable.record("new")
    await durable.intake.housekeeping()
    assert await durable.held() == {}
    assert await reported(durable) == [("busy", next(seqs) - 1)]


async def test_what_is_pushed_while_a_held_batch_is_released_is_not_undone(durable: World) -> None:
    await durable.take("ldap", people(60))
    await durable.push("hr", of_newcomer(leave()))
    hold = (await durable.take("ldap", [person("new", NEW)])).hold
    assert hold
    withdrawing = interrupted(durable, lambda: durable.push("hr", of_newcomer(None)))
    await withdrawing.release(hold, "Ann")
    assert await durable.record("new")
    assert await durable.facts("absence", "held") == {}


async def test_housekeeping_leaves_what_is_pushed_while_it_writes_an_earlier_part(
    durable: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has heard of it by the time of the later part, and still decided before."""
    monkeypatch.setattr("presence.intaking.housekeeping._CHUNK", 1)
    await durable.take("ldap", people(2))
    await durable.push("hr", *away([0, 1], last="2026-11-24"))
    durable.clock.pass_(5 * 86_400)
    later = max((0, 1), key=lambda number: contact(f"p{number}"))
    await interrupted(durable, lambda: durable.push("hr", *away([later]))).housekeeping()
    assert [name.split("/")[1] for name in await durable.facts("absence")] == [contact(f"p{later}")]


async def test_what_is_pushed_while_it_turns_out_who_somebody_is_stays_with_the_person(durable: World) -> None:
    """Before the append, of a contact that is one no more after it."""
    await durable.take("ldap", people(3))
    await durable.take("telephony", [person("t9", "ext:9", "mail:old@example.se")])
    pushing = interrupted(durable, lambda: says(durable.intake, durable, report("busy", durable.clock.t, 1, "ext:9")))
    await pushing.take(durable.batch("telephony", [person("t9", "ext:9", "mail:p0@example.se")]))
    names = [name for name in await durable.facts("presence") if name.split("/")[1] == contact("p0")]
    assert len(names) == 1


@pytest.mark.parametrize("complete", [False, True], ids=["pushed", "in a complete batch"])
async def test_leave_goes_to_who_bears_the_alias_now_though_the_process_has_not_heard_of_it(
    durable: World, complete: bool
) -> None:
    await durable.take("ldap", [*people(3), person("a", NEW), person("b", "mail:b@example.se")])
    behind = durable.another(store=Wrapped(durable.store, deaf=True))
    await behind.holds()
    durable.clock.pass_(60)
    moving = durable.batch("ldap", [*people(3), person("a", "mail:a@example.se"), person("b", NEW)])
    if complete:
        behind = interrupted(durable, lambda: durable.intake.take(moving))
    else:
        await durable.intake.take(moving)
    await behind.take(durable.batch("hr", [of_newcomer(leave())], complete=complete))
    assert await durable.absences() == {contact("b"): {"leave"}}


@pytest.mark.parametrize("complete", [False, True], ids=["a person", "a complete run"])
async def test_leave_of_somebody_whom_a_directory_has_named_without_the_process_hearing_of_it_is_with_the_person(
    durable: World, behind: Intake, complete: bool
) -> None:
    """In the same second, too: of the source's health nothing else is news."""
    said = newcomer() if complete else newcomer()[3:]
    await durable.intake.take(durable.batch("ldap", said, complete=complete))
    await says(behind, durable, of_newcomer(leave()), "hr")
    assert await durable.absences() == {contact("new"): {"leave"}}
