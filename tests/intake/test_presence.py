"""Live reports are leases, and none is believed longer than its kind may be."""

import asyncio

import pytest

from presence.domain.facts import Presence, Queue
from presence.ports import Person

from .given import DAY, HOUR, MINUTE, World, contact, people

pytestmark = pytest.mark.anyio

P0 = "mail:p0@example.se"


async def stored(world: World, device: str = "") -> Presence | None:
    return await world.get(Presence, "presence", contact("p0"), "switchboard", P0, device)


@pytest.fixture(autouse=True)
async def _people(world: World) -> None:
    await world.take("ldap", people(2))


@pytest.mark.parametrize(
    ("status", "asked", "given"),
    [
        ("available", 5 * MINUTE, 5 * MINUTE),
        ("available", 6 * MINUTE, 5 * MINUTE),
        ("available", 8 * HOUR, 5 * MINUTE),
        ("busy", HOUR, HOUR),
        ("busy", 8 * HOUR, HOUR),
        ("away", 8 * HOUR, 8 * HOUR),
        ("offline", 8 * HOUR, 8 * HOUR),
    ],
)
async def test_a_lease_is_never_longer_than_its_status_allows(world: World, status: str, asked: int, given: int) -> None:
    outcome = await world.reports(P0, status, asked)
    assert await stored(world) == Presence(status, world.clock.t, world.clock.t + given)  # type: ignore[arg-type]
    assert outcome.clamped == (asked != given)


async def test_a_report_from_the_future_is_taken_as_of_now_and_counted(world: World) -> None:
    outcome = await world.reports(P0, "busy", 600, ahead=DAY)
    assert await stored(world) == Presence("busy", world.clock.t, world.clock.t + 600)
    assert outcome.clamped == 1


async def test_a_clock_that_is_a_little_ahead_makes_nobody_available_for_longer(world: World) -> None:
    await world.reports(P0, "available", 600, ahead=4 * MINUTE)
    found = await stored(world)
    assert found
    assert found.end == world.clock.t + 5 * MINUTE


async def test_a_report_that_arrives_after_its_lease_is_nothing(world: World) -> None:
    await world.reports(P0, "busy", 60, ahead=-120)
    assert await stored(world) is None


async def test_the_same_report_renewed_keeps_its_start(world: World) -> None:
    """Offline becomes a sign of doubt after a while, so that while must not begin anew with each report."""
    begun = world.clock.t
    for _ in range(10):
        await world.reports(P0, "offline", 600)
        world.clock.pass_(300)
    found = await stored(world)
    assert found
    assert (found.start, found.end) == (begun, world.clock.t + 300)


async def test_after_a_pause_it_starts_anew(world: World) -> None:
    await world.reports(P0, "offline", 60)
    world.clock.pass_(120)
    await world.reports(P0, "offline", 60)
    found = await stored(world)
    assert found
    assert found.start == world.clock.t


async def test_each_device_has_its_own(world: World) -> None:
    await world.reports(P0, "busy", device="desk")
    await world.reports(P0, "available", device="mobile")
    assert len(await world.facts("presence")) == 2


async def test_a_withdrawn_report_is_gone(world: World) -> None:
    await world.reports(P0, "busy")
    await world.push("switchboard", Person(alias=P0, presence={"": None}))
    assert await stored(world) is None


async def test_whoever_was_ever_reported_is_linked_to_the_source(world: World) -> None:
    await world.reports(P0, "busy")
    assert set(await world.facts("link")) == {f"link/{contact('p0')}/switchboard"}


async def test_an_older_number_of_the_sender_never_wins(world: World) -> None:
    await world.reports(P0, "available", seq=7)
    outcome = await world.reports(P0, "busy", seq=6)
    found = await stored(world)
    assert found
    assert (found.status, outcome.outdated) == ("available", 1)


async def test_numbers_count_for_each_device_alone(world: World) -> None:
    await world.reports(P0, "available", seq=7, device="desk")
    await world.reports(P0, "busy", seq=6, device="mobile")
    assert len(await world.facts("presence")) == 2


async def test_a_report_without_a_number_is_the_newest(world: World) -> None:
    await world.reports(P0, "available", seq=7)
    await world.reports(P0, "busy")
    found = await stored(world)
    assert found
    assert found.status == "busy"


async def test_two_reports_at_once_end_as_the_later_one_says(world: World) -> None:
    for _ in range(20):
        await asyncio.gather(world.reports(P0, "busy"), world.reports(P0, "available"))
        found = await stored(world)
        assert found
        assert found.status == "available"


async def test_a_report_on_a_stranger_is_theirs_when_they_appear(world: World) -> None:
    await world.reports("mail:p2@example.se", "busy")
    assert await world.facts("presence") == {}
    await world.take("ldap", people(3))
    assert {name.split("/")[0] for name in await world.facts() if contact("p2") in name} == {"contact", "presence", "link"}


async def test_the_waiting_time_at_the_centre_is_a_lease_too(world: World) -> None:
    queue = Queue(720, world.clock.t, world.clock.t + 120)
    await world.push("queue", queue=queue)
    assert await world.get(Queue, "queue", "queue") == queue
    world.clock.pass_(121)
    await world.intake.housekeeping()
    assert await world.get(Queue, "queue", "queue") is None


async def test_what_somebody_calls_a_device_is_kept_nowhere(world: World) -> None:
    """The reports of two are told apart all the same."""
    await world.reports(P0, "busy", device="Annas sjukhustelefon")
    await world.reports(P0, "available", device="växeln")
    names = [fact.key for fact in (await world.store.snapshot()).facts if fact.key.startswith("presence/")]
    assert len(names) == 2
    assert not [name for name in names if "sjukhus" in name or "växeln" in name]
