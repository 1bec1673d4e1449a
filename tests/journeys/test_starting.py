"""How a process begins after one that ended badly."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from presence import errands, feeding
from presence.domain.facts import ContactRecord
from presence.domain.rules import Rules, SourceRule
from presence.feeding import Feeding
from presence.installation import Installation
from presence.intake import Intake
from presence.meaning import inheriting
from presence.ports import Batch, Person, SourceUnavailable, Store
from presence.processes.sockets import listen, locally
from presence.stores.memory import MemoryStore
from presence.stores.sqlite import SqliteStore


class Clock:
    """Runs a hundred times as fast as ours."""

    def now(self) -> float:
        return 1_795_420_800 + 100 * (time.monotonic() % 1_000_000)

    def steady(self) -> float:
        return self.now()


async def names(store: Store) -> Sequence[str]:
    return [fact.body.name for fact in (await store.snapshot()).facts if isinstance(fact.body, ContactRecord)]


def test_what_the_configuration_says_is_taken_though_the_process_before_died_while_it_took_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right to write lives on for a minute after its holder; without the centre nobody would be led anywhere."""
    monkeypatch.setattr(feeding, "_STATED_RETRY", 0.05)

    async def run() -> None:
        clock = Clock()
        store = SqliteStore(tmp_path / "presence.sqlite", clock=clock.now)
        intake = Intake(store, Rules(sources={"config": SourceRule("config", 0)}), b"an installation key for tests...", clock)
        assert await store.acquire("intake/config", "a process that died", 60) is not None
        centre = Person(identity="servicecenter", record=ContactRecord(type="service_point", name="Servicecenter"))
        stated = Batch(source="config", complete=True, read_at=int(clock.now()), people=(centre,))
        running = asyncio.create_task(Feeding(intake, stated, [], clock).run())
        try:
            async with asyncio.timeout(20):
                while await names(store) != ["Servicecenter"]:
                    assert not running.done()
                    await asyncio.sleep(0.05)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await intake.close()
            await store.close()

    asyncio.run(run())


def test_a_reading_waits_for_the_right_of_a_process_that_died_and_is_not_thrown_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next reading may be an hour away, and in a new store nobody would be there until then."""
    monkeypatch.setattr(feeding, "_CLAIM_RETRY", 0.05)

    class People:
        name = "people"

        async def listen(self) -> AsyncIterator[Batch]:
            record = ContactRecord(name="Anna")
            yield Batch("people", complete=True, read_at=int(clock.now()), people=(Person(identity="anna", record=record),))

        async def close(self) -> None: ...

    clock = Clock()

    async def run() -> None:
        store = SqliteStore(tmp_path / "presence.sqlite", clock=clock.now)
        intake = Intake(store, Rules(sources={"people": SourceRule("directory", 60)}), b"an installation key for tests...", clock)
        assert await store.acquire("intake/people", "a process that died", 60) is not None
        async with asyncio.timeout(20):
            await Feeding(intake, Batch("config", True, int(clock.now())), [], clock)._feed(People())  # type: ignore[arg-type]
        assert await names(store) == ["Anna"]
        await intake.close()
        await store.close()

    asyncio.run(run())


def test_a_sync_waits_for_a_service_that_states_the_configuration_at_that_moment(tmp_path: Path) -> None:
    path = tmp_path / "presence.toml"
    path.write_text(SETTINGS, "utf-8")

    async def run() -> None:
        async with Installation(path).taking_in() as service:
            stating = service.writing("config")
            await stating.__aenter__()
            syncing = asyncio.create_task(errands.sync(path))
            await asyncio.sleep(0.5)
            assert not syncing.done()
            await stating.__aexit__(None, None, None)
            async with asyncio.timeout(20):
                await syncing
            assert await service.holds() == []

    asyncio.run(run())


def test_the_log_says_once_and_in_a_sentence_why_a_source_cannot_be_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Gone:
        """A source whose file is gone."""

        name = "people"

        async def listen(self) -> AsyncIterator[SourceUnavailable]:
            for _ in range(3):
                yield SourceUnavailable("unreadable", "the file cannot be read")

        async def close(self) -> None: ...

    async def run() -> None:
        clock = Clock()
        store = MemoryStore(clock=clock.now)
        intake = Intake(store, Rules(sources={"people": SourceRule("directory", 60)}), b"an installation key for tests...", clock)
        await Feeding(intake, Batch("config", True, int(clock.now())), [], clock)._feed(Gone())  # type: ignore[arg-type]
        await intake.close()

    asyncio.run(run())
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "source people: failing: unreadable",
        "source people: the file cannot be read",
    ]


SETTINGS = """
[organisation]
name = "Björkdalens kommun"
[publication]
protected = "none"
[centre]
name = "Servicecenter"
channels = [{ kind = "telephone", value = "019-21 10 00" }]
"""


@pytest.mark.parametrize(
    ("configured", "leads_to"),
    [("", "http://127.0.0.1:{port}"), ('address = "https://kontakt.example.se"', "https://kontakt.example.se")],
)
def test_links_are_absolute_though_no_address_is_configured(tmp_path: Path, configured: str, leads_to: str) -> None:
    """They lead to where the process listens, whatever port it was given."""
    path = tmp_path / "presence.toml"
    path.write_text(SETTINGS.replace("[organisation]", f"[organisation]\n{configured}"), "utf-8")
    installation = Installation(path)
    with listen("127.0.0.1", 0) as opened:
        installation.listens_on(opened)
        assert installation.rules.address == leads_to.format(port=opened.getsockname()[1])


def test_an_address_that_stands_for_all_of_a_machine_is_no_link() -> None:
    assert [locally(a) for a in ("0.0.0.0:8020", "[::]:8020", "[::1]:8020", "10.0.0.5:80")] == [
        "http://localhost:8020",
        "http://localhost:8020",
        "http://[::1]:8020",
        "http://10.0.0.5:80",
    ]


def test_how_numbers_are_written_is_the_organisations_where_a_source_does_not_say(tmp_path: Path) -> None:
    path = tmp_path / "presence.toml"
    source = '\n[sources.{}]\nconnector = "connectors.ldif:Ldif"\nkind = "directory"\npath = "people.ldif"\n{}\n'
    own = source.format("other", 'area_code = "08"')
    numbers = '[organisation]\narea_code = "019"\nextension_length = 4'
    path.write_text(SETTINGS.replace("[organisation]", numbers) + source.format("people", "") + own, "utf-8")
    installation = Installation(path)
    plans = {name: inheriting(each, installation.config.organisation).plan for name, each in installation.config.sources.items()}
    assert {name: (plan.area_code, plan.extension_length) for name, plan in plans.items()} == {
        "people": ("019", 4),
        "other": ("08", 4),
    }
