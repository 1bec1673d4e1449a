"""What `/readyz` and `/metrics` tell of the store, and what it costs to ask."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from presence.clock import SystemClock
from presence.domain.facts import ContactRecord, Count, Fact, SourceHealth, key
from presence.ports import Snapshot, StoreUnavailable
from presence.readiness import Readiness
from presence.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio
HOUR = 3600
NOW = 1_800_000_000 // HOUR * HOUR


class Store(MemoryStore):
    """Counts how often it is read as a whole."""

    read = 0
    gone = False

    async def snapshot(self) -> Snapshot:
        self.read += 1
        return await super().snapshot()

    async def append(self, *args: object, **more: object) -> str:
        if self.gone:
            raise StoreUnavailable("the disk is full")
        return await super().append(*args, **more)  # type: ignore[arg-type]


class Clock(SystemClock):
    def now(self) -> float:
        return float(NOW)


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    made = Store(clock=lambda: NOW)
    yield made
    await made.close()


@pytest.fixture
async def readiness(store: Store) -> AsyncIterator[Readiness]:
    made = Readiness(store, Clock(), ["ldap", "hr"])
    yield made
    await made.close()


def count(process: str, hour: int = NOW, **counts: int) -> Fact:
    return Fact(key("count", str(hour), process), Count(hour, {name.replace("_", "/"): n for name, n in counts.items()}))


async def told(readiness: Readiness) -> None:
    """It has followed what was written, by itself."""
    await readiness.ready()
    newest = await readiness._store.append([])  # writes nothing
    async with asyncio.timeout(20):
        while readiness._mirror._position != newest:  # noqa: ASYNC110  # asking it would have it read the store again
            await asyncio.sleep(0)


async def outcomes(readiness: Readiness) -> dict[str, int]:
    await told(readiness)
    text = await readiness.metrics()
    return {name: int(n) for name, n in re.findall(r'presence_requests_total\{outcome="(.*?)"\} (\d+)', text)}


async def test_it_is_ready_once_some_contact_is_known(store: Store, readiness: Readiness) -> None:
    assert not (await readiness.ready())[0]
    await store.append([Fact(key("contact", "c1", "ldap"), ContactRecord(name="x"))])
    await told(readiness)
    assert (await readiness.ready())[0]


async def test_a_contact_that_two_sources_name_is_one_and_is_gone_with_the_last_of_them(
    store: Store, readiness: Readiness
) -> None:
    names = [key("contact", "c1", "ldap"), key("contact", "c1", "telephony")]
    contacts = []
    for body in (ContactRecord(name="x"), None):
        for name in names:
            await store.append([Fact(name, body)])
            await told(readiness)
            contacts.append((await readiness.ready())[1]["contacts"])
    assert contacts == [1, 1, 1, 0]


async def test_each_source_tells_its_age_and_those_never_read_are_named(store: Store, readiness: Readiness) -> None:
    await store.append([Fact(key("source", "ldap"), SourceHealth("directory", ok_at=NOW - 60, ok_until=NOW + 60))])
    _, said = await readiness.ready()
    assert said["sources"] == {"ldap": {"age": 60, "inside_limit": True}}
    assert said["not_yet_read"] == ["hr"]


async def test_asking_again_does_not_read_the_store_again(store: Store, readiness: Readiness) -> None:
    await store.append([count("a", missing=1)])
    for n in range(2, 30):
        await store.append([count("a", missing=n)])
        await readiness.metrics()
        await readiness.ready()
    assert store.read == 1
    assert await outcomes(readiness) == {"missing": 29}


async def test_a_store_out_of_reach_is_not_answered_for_from_memory(store: Store, readiness: Readiness) -> None:
    await readiness.ready()
    store.gone = True
    with pytest.raises(StoreUnavailable):
        await readiness.ready()


async def test_outcomes_are_summed_over_processes_and_units(store: Store, readiness: Readiness) -> None:
    await store.append([count("a", lookup_away_u1=3, lookup_away_u2=4, go_centre_telephone_u1=2), count("b", lookup_away_u1=5)])
    assert await outcomes(readiness) == {"lookup/away": 12, "go/centre/telephone": 2}


async def test_what_is_reported_from_ten_on_is_no_metric(store: Store, readiness: Readiness) -> None:
    facts = [count("a", reached_telephone_no_u1=1, vain_words=12, topic_t_lookup=3), count("s:x", calls_x_answered=4)]
    await store.append(facts)
    assert await outcomes(readiness) == {}


async def test_sums_only_grow_whatever_is_put_together_or_forgotten(store: Store, readiness: Readiness) -> None:
    old = NOW - 30 * HOUR
    await store.append([count("a", old, missing=3), count("b", old, missing=4), count("a", missing=1)])
    before = await outcomes(readiness)
    await store.append([count("all", old, missing=7), *(Fact(key("count", str(old), process)) for process in "ab")])
    assert await outcomes(readiness) == before == {"missing": 8}
    await store.append([Fact(key("count", str(old), "all")), count("a", missing=2)])
    assert await outcomes(readiness) == {"missing": 9}
