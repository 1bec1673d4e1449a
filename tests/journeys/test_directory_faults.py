"""A directory that fails in every way a network and a server can fail: nobody disappears, and nobody else waits.

1,000 people and a sample of faults; with PRESENCE_FULL=1 20,000 people and twenty faults.
"""

import asyncio
import logging
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from connectors.directory.settings import LdapSettings
from connectors.ldap import Ldap
from presence.domain.facts import ContactRecord, SourceHealth
from presence.domain.rules import Rules, SourceRule
from presence.intake import Intake, Outcome, ReleaseRefused
from presence.ports import SourceUnavailable
from presence.stores.sqlite import SqliteStore
from tests.journeys import municipality
from tests.journeys.service import Service, service, until
from tests.servers.origin import origin
from tests.servers.proxy import Proxy, proxy
from tests.servers.slapd import PEOPLE, READER, SUFFIX, Slapd, entry, office_dn, people, person, slapd

FULL = bool(os.environ.get("PRESENCE_FULL"))
STAFF = 20_000 if FULL else 1_000
SEED = 20261122
NAME = "Vanja Ekström"
EMPTY = f"ou=Tom,{SUFFIX}"
KEY = b"an installation key for tests..."

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800 if FULL else 300)]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """Whoever reads without an account is cut short after three fifths of all, between two pages."""
    limits = f"size.soft=1000 size.hard=1000 size.prtotal=unlimited\nlimits anonymous size.soft=500 size.prtotal={STAFF * 3 // 5}"
    ldif = people(STAFF).replace(person(0), person(0, displayName=NAME)) + entry(
        EMPTY, objectClass="organizationalUnit", ou="Tom"
    )
    with slapd(tmp_path_factory.mktemp("directory") / "slapd", ldif, limits=limits) as started:
        yield started


class Clock:
    """Runs at its own pace: a second each time it is asked."""

    def __init__(self) -> None:
        self.t = 1_795_420_800

    def now(self) -> float:
        self.t += 1
        return float(self.t)

    def steady(self) -> float:
        return float(self.t)


class Office:
    """What an installation does with its directory: a store on disk, an intake, and connectors to read with."""

    def __init__(self, server: Slapd, store: SqliteStore, clock: Clock) -> None:
        self.server, self.store, self._clock = server, store, clock
        rules = Rules(sources={"config": SourceRule("config", 0), "ldap": SourceRule("directory", 86_400)})
        self.intake = Intake(store, rules, KEY, clock)

    async def read(self, **settings: Any) -> Outcome | SourceUnavailable:
        """One reading, and what the intake makes of it."""
        said: dict[str, Any] = {
            "url": self.server.url,
            "ca_file": str(self.server.tls.authority),
            "base": PEOPLE,
            "bind_dn": READER,
            "password_file": self.server.password_file,
            "area_code": "019",
        }
        ldap = Ldap("ldap", LdapSettings(**(said | settings)), now=self._clock.now)
        try:
            batch = await ldap.fetch()
        except SourceUnavailable as error:
            await self.intake.failed("ldap", error)
            return error
        finally:
            await ldap.close()
        return await self.intake.take(batch)

    async def contacts(self) -> dict[str, int]:
        """Every contact's facts, with the number that changes whenever one is written."""
        facts = (await self.store.snapshot()).facts
        return {fact.key: fact.number for fact in facts if isinstance(fact.body, ContactRecord)}

    async def health(self) -> SourceHealth:
        bodies = [fact.body for fact in (await self.store.snapshot()).facts if fact.key == "source/ldap"]
        assert isinstance(bodies[0], SourceHealth)
        return bodies[0]


@asynccontextmanager
async def office(server: Slapd, folder: Path) -> AsyncIterator[Office]:
    clock = Clock()
    made = Office(server, SqliteStore(folder / "presence.sqlite", clock=clock.now), clock)
    try:
        yield made
    finally:
        await made.intake.close()
        await made.store.close()


def faults(size: int) -> list[tuple[str, dict[str, Any]]]:
    """Cut and stalled after so many bytes of the answer, truncated between pages, emptied in three ways; in random order."""
    drawn = random.Random(SEED)
    rounds = 5 if FULL else 1
    found: list[tuple[str, dict[str, Any]]] = []
    for number in range(rounds):
        found += [(kind, {"after": drawn.randrange(size)}) for kind in ("cut", "stall")]
        found += [("truncated", {"page_size": drawn.randrange(50, 500)})]
        emptied = [{"base": EMPTY}, {"filter": "(uid=nobody)"}, {"base": office_dn(drawn.randrange(8))}]
        found += [("emptied", each) for each in (emptied[number % 3 : number % 3 + 1] if FULL else emptied)]
    drawn.shuffle(found)
    return found


async def spoilt(office: Office, kind: str, how: dict[str, Any]) -> Outcome | SourceUnavailable:
    if kind == "truncated":
        return await office.read(anonymous=True, bind_dn="", password_file="", **how)
    if kind == "emptied":
        return await office.read(**how)
    with proxy(office.server.port, "cut" if kind == "cut" else "stall", how["after"]) as between:
        return await office.read(url=f"ldap://localhost:{between.port}", receive_timeout=1)


def size_of_an_answer(server: Slapd) -> int:
    """In bytes, all of it."""

    async def read(between: Proxy) -> None:
        settings = LdapSettings(
            url=f"ldap://localhost:{between.port}", ca_file=str(server.tls.authority), base=PEOPLE, bind_dn=READER,
            password_file=server.password_file,
        )  # fmt: skip
        await Ldap("ldap", settings).fetch()

    with proxy(server.port) as whole:
        asyncio.run(read(whole))
        return whole.passed


def test_no_spoilt_reading_removes_anybody_and_each_is_explained_in_one_line(
    directory: Slapd, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Between two faults the directory is read well, so that each is news, and is told."""
    caplog.set_level(logging.INFO, "presence.intake")
    drawn = faults(size_of_an_answer(directory))
    told: Counter[str] = Counter()

    async def run() -> None:
        async with office(directory, tmp_path) as here:
            first = await here.read()
            assert isinstance(first, Outcome)
            assert first.added >= STAFF
            before = await here.contacts()
            assert len(before) == STAFF
            for kind, how in drawn:
                caplog.clear()
                result = await spoilt(here, kind, how)
                code = result.code if isinstance(result, SourceUnavailable) else f"held-back: {result.rule}"
                assert isinstance(result, SourceUnavailable) or result.hold, (kind, how, result)
                assert await here.contacts() == before, (kind, how)
                lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
                assert len(lines) == 1, (kind, how, lines)
                assert "\n" not in lines[0]
                assert (await here.health()).failing_since, (kind, how)
                told[f"{kind} -> {code}"] += 1
                again = await here.read()
                assert isinstance(again, Outcome)
                assert (again.added, again.changed, again.removed) == (0, 0, 0), (kind, how)
                assert not (await here.health()).failing_since

    asyncio.run(run())
    assert sum(told.values()) == len(drawn) == (20 if FULL else 6)
    print(dict(told))


def test_180_of_500_gone_are_held_back_until_a_named_operator_releases_them(tmp_path: Path) -> None:
    leaves = range(0, 360, 2)
    with slapd(tmp_path / "slapd", people(500)) as server:

        async def run() -> None:
            async with office(server, tmp_path) as here:
                await here.read()
                before = await here.contacts()
                server.modify("".join(f"dn: uid=u{n:05},{office_dn(n)}\nchangetype: delete\n\n" for n in leaves))
                held = await here.read()
                assert isinstance(held, Outcome)
                assert (held.hold != "", held.removed, held.written > 0) == (True, 180, True)
                assert "180 of 500 people" in held.explanation
                assert "\n" not in held.explanation
                assert await here.contacts() == before
                for sender in ("ldap", "LDAP", "", "token:ldap"):
                    with pytest.raises(ReleaseRefused):
                        await here.intake.release(held.hold, sender)
                assert await here.contacts() == before
                released = await here.intake.release(held.hold, "Kim Operatör")
                assert released.removed == 180
                left = await here.contacts()
                assert len(left) == 320
                assert left.items() <= before.items()
                after = await here.read()
                assert isinstance(after, Outcome)
                assert (after.hold, after.removed) == ("", 0)

        asyncio.run(run())


@pytest.mark.load
def test_a_stalled_directory_delays_neither_another_source_nor_a_look_up(directory: Slapd, tmp_path: Path) -> None:
    """The service reads the directory through a proxy; it stalls within a reading, and a meeting is put into a calendar."""
    with proxy(directory.port) as between, origin(tmp_path / "calendars") as web:
        web.put("u00000.ics", municipality.calendar())

        def configuration(running: Service) -> str:
            patient = municipality.directory(directory, between.port, receive_timeout=60, deadline=120)
            return municipality.configuration(running, patient, municipality.calendars(web, "u00000"))

        with service(tmp_path / "service", configuration, "2026-11-24 10:00") as running:
            contact = running.find(NAME)
            until(lambda: running.status(contact) == "available", "all sources were read")
            between.fault, between.after = "stall", 20_000
            stalled = running.now
            web.put("u00000.ics", municipality.calendar(("2026-11-24T09:00", "2026-11-24T12:00")))
            took: list[float] = []

            def busy() -> bool:
                began = time.monotonic()
                status = running.status(contact)
                took.append(time.monotonic() - began)
                return status == "busy" and len(took) > 100 and running.now > stalled + 5  # its interval is 2 s

            until(busy, "the meeting is seen", 20, pause=0.01)
            assert between.passed >= 20_000
            assert running.sources()["directory"]["age"] >= 4, "the directory was read meanwhile: it has not stalled"
    print(f"{len(took)} look-ups: median {median(took) * 1000:.1f} ms, slowest {max(took) * 1000:.0f} ms")
    assert median(took) < 0.2
    assert max(took) < 1.0
