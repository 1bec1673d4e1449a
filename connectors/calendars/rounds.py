"""One calendar a person, read round after round: who comes first, who fails alone, and when the source as a whole does."""

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import msgspec

from connectors.calendars.model import Refused
from connectors.calendars.sandbox import Exhausted
from presence.domain.facts import Calendar
from presence.domain.intervals import Instant
from presence.ports import Batch, Person, SourceUnavailable

DAY = 86_400
_LOST = 3  # connections to one host that fail before the rest of its calendars is left for the next round
_COSTLY = 300.0  # seconds until a calendar that took too much is read again; doubles, to an hour
_TOLD = 20  # lines in the log for one round


class Kept(msgspec.Struct):
    """What is kept of one person between rounds: what was read last, and how reading fares."""

    calendar: Calendar | None = None
    future: int = 0
    skipped: int = 0
    tried: Instant = 0
    failed: str = ""  # why it could not be read the last time
    failures: int = 0  # in a row
    not_before: float = 0.0  # as the server asked, or because it costs too much


class Round(msgspec.Struct):
    """One reading of all calendars."""

    source: str
    log: logging.Logger
    now: Instant
    deadline: float  # of the loop's clock; what is not begun by then is left for the next round
    lost: Counter[str] = msgspec.field(default_factory=Counter)  # failed connections by host
    told: int = 0

    @classmethod
    def begun(cls, source: str, log: logging.Logger, now: float, seconds: float) -> "Round":
        """One that begins no further calendar after so many seconds."""
        return cls(source, log, int(now), asyncio.get_running_loop().time() + seconds)

    def expect(self, host: str) -> None:
        """Raises `SourceUnavailable` where a host was tried in vain often enough."""
        if self.lost[host] >= _LOST:
            raise SourceUnavailable("unreachable", "the server was tried in vain for others")

    def tell(self, message: str, *about: object) -> None:
        """To the log, up to a bound; words of a calendar are never among it. The message begins with the source's name."""
        self.told += 1
        if self.told <= _TOLD:
            self.log.info(message, self.source, *about)
        elif self.told == _TOLD + 1:
            self.log.info("source %s: there is more of the kind", self.source)


K = TypeVar("K", bound=Kept)
Update = Callable[[str, K, Round], Awaitable[None]]
"""Brings what is kept of an alias up to date. Raises `SourceUnavailable` and `Refused`."""


async def read(people: Mapping[str, K], update: Update[K], round_: Round, connections: int) -> Batch:
    """Every person's calendar once, up to `connections` at a time. Raises `SourceUnavailable` where all of them fail."""
    gate = asyncio.Semaphore(connections)

    async def one(alias: str) -> Person:
        async with gate:
            return await _person(alias, people[alias], update, round_)

    async with asyncio.TaskGroup() as group:  # given up, it waits until all have let go of what they hold
        in_turn = sorted(people, key=lambda alias: people[alias].tried)  # who was not reached the last time is first
        tasks = [group.create_task(one(alias)) for alias in in_turn]
    found = [task.result() for task in tasks]
    if all(person.failed for person in found):
        wait = min(kept.not_before for kept in people.values()) - round_.now
        code = Counter(person.failed for person in found).most_common(1)[0][0]
        raise SourceUnavailable(code, "no calendar could be read", wait if wait > 0 else None)
    skipped = sum(kept.skipped for kept in people.values())
    return Batch(source=round_.source, complete=True, read_at=round_.now, people=found, skipped=skipped)


async def _person(alias: str, kept: K, update: Update[K], round_: Round) -> Person:
    if round_.now < kept.not_before:
        return Person(alias=alias, failed=kept.failed)
    if asyncio.get_running_loop().time() > round_.deadline:
        return _failed(alias, kept, round_, "late")
    kept.tried = round_.now
    try:
        await update(alias, kept, round_)
    except SourceUnavailable as error:
        return _failed(alias, kept, round_, error.code, error.retry_after or 0.0)
    except Exhausted:
        return _failed(alias, kept, round_, "too-costly", min(_COSTLY * 2.0 ** min(kept.failures, 9), 3_600.0))
    except Refused:
        return _failed(alias, kept, round_, "not-a-calendar")
    except Exception as error:  # noqa: BLE001  # one person's calendar must not end the others'
        round_.log.error("source %s: a calendar failed with %s", round_.source, type(error).__name__)  # no text of it
        return _failed(alias, kept, round_, "internal")
    if kept.failed:
        round_.tell("source %s: the calendar of %s can be read again", alias)
    kept.failed, kept.failures, kept.not_before = "", 0, 0.0
    return Person(alias=alias, calendar=kept.calendar, future_events=kept.future)


def _failed(alias: str, kept: Kept, round_: Round, code: str, wait: float = 0.0) -> Person:
    if kept.failed != code:
        round_.tell("source %s: the calendar of %s cannot be read: %s", alias, code)
    kept.failed, kept.not_before = code, round_.now + min(wait, DAY)
    kept.failures += 1
    return Person(alias=alias, failed=code)


def window_start(alias: str, now: Instant) -> Instant:
    """At least a day back. It rolls once a day, at a time of the person's own, so that not all are expanded at midnight."""
    roll = int.from_bytes(hashlib.blake2b(alias.encode(), digest_size=4).digest()) % DAY
    return (now - roll) // DAY * DAY + roll - DAY
