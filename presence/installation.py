"""One installation: its configuration, rules, key, clock, store and connectors, on which every process and command builds."""

import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from presence import wording
from presence.clock import ShiftedClock, SystemClock
from presence.config import Config, import_path, load
from presence.domain.facts import Fact, Stored
from presence.domain.rules import Rules
from presence.intake import Intake
from presence.keyfile import installation_key, is_filled
from presence.meaning import inheriting, rules_of
from presence.ports import Clock, Connector
from presence.processes.sockets import address_of, locally
from presence.stores.memory import MemoryStore
from presence.stores.sqlite import SqliteStore

DEMO = "connectors.demo:Demo"


class Installation:
    """What every process of one installation builds on: its configuration, rules, clock and store."""

    def __init__(self, path: Path, clock_file: Path | None = None, *, is_trial: bool = False) -> None:
        """`is_trial`: nothing is written, no key either. Raises `ConfigError` and `KeyMissing`."""
        self.path = path
        self.clock_file = clock_file
        self.config: Config = load(path, import_path)
        self.clock: Clock = ShiftedClock(clock_file) if clock_file else SystemClock()
        self.key = installation_key(Path(self.config.key_file), Path(self.config.store.path), is_trial=is_trial)
        server = self.config.server
        self.rules: Rules = self._reached_at(rules_of(self.config, self.key), f"{server.host}:{server.port}")

    def listens_on(self, opened: socket.socket) -> None:
        """Links are absolute: where the configuration names no address, they lead to where this process listens."""
        if not self.config.organisation.address:
            self.rules = self._reached_at(replace(self.rules, address=""), address_of(opened))

    def _reached_at(self, rules: Rules, address: str) -> Rules:
        return rules if rules.address else replace(rules, address=locally(address))

    def store(self) -> SqliteStore:
        return SqliteStore(Path(self.config.store.path), clock=self.clock.now)

    def intake(self, store: SqliteStore, holder: str = "") -> Intake:
        return Intake(store, self.rules, self.key, self.clock, holder)

    @contextlib.asynccontextmanager
    async def taking_in(self, holder: str = "") -> AsyncIterator[Intake]:
        """An intake over a store of its own; both are closed afterwards."""
        store = self.store()
        intake = self.intake(store, holder)
        try:
            yield intake
        finally:
            await intake.close()
            await store.close()

    @contextlib.asynccontextmanager
    async def trying(self) -> AsyncIterator[Intake]:
        """An intake over a copy of the store: each source meets what those before it would have changed, and nothing is kept."""
        facts: Sequence[Stored] = ()
        if is_filled(Path(self.config.store.path)):
            store = self.store()
            try:
                facts = (await store.snapshot()).facts
            finally:
                await store.close()
        copy = MemoryStore(clock=self.clock.now)
        await copy.append([Fact(fact.key, fact.body) for fact in facts])
        intake = Intake(copy, self.rules, self.key, self.clock, is_copy=True)
        try:
            yield intake
        finally:
            await intake.close()
            await copy.close()

    def connectors(self, clock: Clock | None = None) -> Iterator[Connector]:
        """Each configured source's connector, going by the installation's clock or by another."""
        for name, source in self.config.sources.items():
            make = import_path(source.connector)
            more: dict[str, Any] = {"statuses": dict(source.statuses)} if source.statuses else {}
            settings = inheriting(source, self.config.organisation)
            yield make(name, settings, float(source.interval), now=(clock or self.clock).now, **more)

    def wordings(self) -> Mapping[str, wording.Wording]:
        organisation = self.config.organisation
        own = (Path(organisation.catalogues),) if organisation.catalogues else ()
        return wording.load(
            organisation.languages,
            organisation.zone,
            self.config.texts,
            self.rules.kinds,
            organisation.phone_region,
            own,
            self.config.phrases,
        )

    @property
    def invented(self) -> bool:
        """Whether there is anybody of the demonstration here."""
        return any(source.connector == DEMO for source in self.config.sources.values())

    @property
    def all_invented(self) -> bool:
        """Whether nobody at all is real."""
        return self.invented and all(source.connector == DEMO for source in self.config.sources.values())
