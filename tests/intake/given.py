"""What the tests of intake start from."""

import asyncio
import hmac
import string
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from presence.domain.directory import public_id
from presence.domain.facts import (
    Absence,
    AnyBody,
    Calendar,
    ContactRecord,
    Fact,
    Held,
    Key,
    Presence,
    SourceHealth,
    UnitRecord,
    key,
    parts,
)
from presence.domain.hours import HoursSpec
from presence.domain.intervals import Instant, Intervals, Status
from presence.domain.rules import Rules, SourceRule
from presence.intake import Intake, Outcome
from presence.intaking.plan import UNREAD
from presence.ports import Batch, Group, Person, Position, Snapshot, Store, Unit

KEY = b"an installation key for tests..."
DAY, HOUR, MINUTE = 86_400, 3_600, 60
ZONE = ZoneInfo("Europe/Stockholm")

RULES = Rules(
    hours=HoursSpec("Mo-Fr 08:00-17:00"),
    sources={
        "config": SourceRule("config", 0),
        "ldap": SourceRule("directory", DAY),
        "telephony": SourceRule("directory", DAY),
        "calendars": SourceRule("calendar", 15 * MINUTE),
        "hr": SourceRule("leave", 36 * HOUR, ("employee",)),
        "switchboard": SourceRule("presence", 15 * MINUTE),
        "chat": SourceRule("presence", 15 * MINUTE, heartbeats=False),
        "protected": SourceRule("marks", DAY),
        "queue": SourceRule("queue", 15 * MINUTE),
    },
)

_Body = TypeVar("_Body", bound=AnyBody)


def at(text: str) -> Instant:
    """A local time in Sweden: "2026-11-23 09:00"."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


class Clock:
    """Turned by hand. It begins on a Monday morning."""

    def __init__(self) -> None:
        self.t: Instant = at("2026-11-23 09:00")

    def now(self) -> float:
        return float(self.t)

    def steady(self) -> float:
        return float(self.t)

    def pass_(self, seconds: int) -> None:
        self.t += seconds


def kept_as(uid: str) -> str:
    """The last part of the key of a leave that its sender names so."""
    return hmac.digest(KEY, uid.encode(), "sha256")[:8].hex()


def contact(identity: str) -> str:
    """The public id of a person of the first directory."""
    return public_id(KEY, identity)


def person(identity: str, *aliases: str, **fields: Any) -> Person:
    """An entry of a directory."""
    return Person(identity=identity, record=ContactRecord(name=fields.pop("name", identity), aliases=aliases, **fields))


def people(count: int, first: int = 0) -> list[Person]:
    """With the aliases mail:p0@example.se, employee:0 and so on."""
    return [person(f"p{i}", f"mail:p{i}@example.se", f"employee:{i}") for i in range(first, first + count)]


def leave(last: str = "2026-12-04", first: str = "2026-11-23", **fields: Any) -> Absence:
    return Absence(first=first, last=last, **fields)


def away(numbers: Iterable[int], **fields: Any) -> list[Person]:
    """Rows of the HR system: one absence each, by employee number."""
    return [Person(alias=f"employee:{i}", absences={"leave": leave(**fields)}) for i in numbers]


def busy(*hours: int, day: str = "2026-11-24") -> Calendar:
    """A calendar with a meeting in each of these hours."""
    start = at(f"{day} 00:00")
    return Calendar(Intervals.of((start + h * HOUR, start + (h + 1) * HOUR, Status.BUSY) for h in hours))


class Wrapped:
    """A store as one process sees it. `deaf`: it is told of nothing new. `before` is called at each append that writes."""

    def __init__(self, store: Store, *, deaf: bool = False, before: Callable[[], Awaitable[None]] | None = None) -> None:
        self.store, self._deaf, self._before = store, deaf, before

    async def append(self, facts: Sequence[Fact], expect: Mapping[Key, int] | None = None, fence: int | None = None) -> Position:
        if facts and self._before:
            await self._before()
        return await self.store.append(facts, expect, fence)

    async def snapshot(self) -> Snapshot:
        return await self.store.snapshot()

    async def follow(self, after: Position) -> AsyncIterator[Group]:
        if self._deaf:
            await asyncio.Event().wait()
        async for group in self.store.follow(after):
            yield group

    async def acquire(self, name: str, holder: str, seconds: float) -> int | None:
        return await self.store.acquire(name, holder, seconds)

    async def release(self, name: str, holder: str) -> None:
        await self.store.release(name, holder)

    async def close(self) -> None:
        return


class World:
    """An installation: its store, its clock, and one process that takes batches in."""

    def __init__(self, store: Store, clock: Clock, rules: Rules = RULES) -> None:
        self.store, self.clock, self.rules = store, clock, rules
        self._intakes: list[Intake] = []
        self.intake = self.another(rules)

    def another(self, rules: Rules | None = None, store: Store | None = None) -> Intake:
        """A process of its own."""
        self._intakes.append(Intake(store or self.store, rules or self.rules, KEY, self.clock))
        return self._intakes[-1]

    async def close(self) -> None:
        for intake in self._intakes:
            await intake.close()
        await self.store.close()

    def batch(self, source: str, said: Sequence[Person] = (), *, complete: bool = True, **fields: Any) -> Batch:
        return Batch(source=source, complete=complete, read_at=fields.pop("read_at", self.clock.t), people=said, **fields)

    async def take(self, source: str, said: Sequence[Person] = (), **fields: Any) -> Outcome:
        """A complete batch."""
        return await self.intake.take(self.batch(source, said, **fields))

    async def take_dry(self, source: str, said: Sequence[Person] = ()) -> Outcome:
        return await self.intake.take(self.batch(source, said), dry_run=True)

    async def push(self, source: str, *said: Person, **fields: Any) -> Outcome:
        """What a source sends of single people."""
        return await self.intake.take(self.batch(source, said, complete=False, **fields))

    async def reports(
        self, alias: str, status: Any, lease: int = 300, *, device: str = "", seq: int = 0, ahead: int = 0
    ) -> Outcome:
        """The switchboard reports."""
        start = self.clock.t + ahead
        report = Presence(status, start, start + lease, seq)
        return await self.push("switchboard", Person(alias=alias, presence={device: report}))

    async def facts(self, *kinds: str) -> dict[Key, AnyBody]:
        """All facts of the store, or those of some kinds."""
        snapshot = await self.store.snapshot()
        return {f.key: f.body for f in snapshot.facts if f.body is not None and (not kinds or parts(f.key)[0] in kinds)}

    async def store_numbers(self) -> dict[Key, int]:
        """By key, the number that changes whenever it is written."""
        return {fact.key: fact.number for fact in (await self.store.snapshot()).facts}

    async def get(self, type_: type[_Body], kind: str, *rest: str) -> _Body | None:
        if kind == "absence" and rest[-1] != UNREAD:
            rest = (*rest[:-1], kept_as(rest[-1]))
        body = (await self.facts()).get(key(kind, *rest))
        assert body is None or isinstance(body, type_)
        return body

    async def record(self, identity: str, source: str = "ldap") -> ContactRecord | None:
        return await self.get(ContactRecord, "contact", contact(identity), source)

    async def names(self) -> set[str]:
        """Of all contacts."""
        return {body.name for body in (await self.facts("contact")).values() if isinstance(body, ContactRecord)}

    async def absences(self) -> dict[str, set[str]]:
        """Uids by contact, as the sender named them."""
        named = {kept_as(uid): uid for uid in ("leave", *string.ascii_lowercase)}
        found: dict[str, set[str]] = {}
        for name in await self.facts("absence"):
            _, who, _, uid = parts(name)
            found.setdefault(who, set()).add(named.get(uid, uid))
        return found

    async def held(self) -> dict[str, AnyBody]:
        """What is held for aliases that nobody bears."""
        return {parts(name)[1]: body.body for name, body in (await self.facts("held")).items() if isinstance(body, Held)}

    async def health(self, source: str) -> SourceHealth:
        found = await self.get(SourceHealth, "source", source)
        assert found is not None
        return found

    async def position(self) -> Position:
        return (await self.store.snapshot()).position


def unit(identity: str, **fields: Any) -> Unit:
    return Unit(identity, UnitRecord(fields.pop("name", identity), **fields))
