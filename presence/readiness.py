"""What the operations listener tells: how the sources fare, and counts of outcomes. No person, no address."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from presence.domain.counts import HOUR
from presence.domain.facts import Count, Key, SourceHealth, Stored, parts
from presence.intaking.housekeeping import MERGED
from presence.intaking.mirror import Mirror
from presence.ports import Clock, Store

_RECENT = 3 * HOUR
_PLAIN = ("missing", "again", "self-service")
_DETAILED = {"lookup": 2, "refused": 2, "search": 2, "go": 3}
"""How many parts of a count's name are told; the unit never is, as those counts may be small."""


class Readiness:
    """Follows the store from when it is first asked, and keeps no more of it than it tells. `sources`: those configured."""

    def __init__(self, store: Store, clock: Clock, sources: Iterable[str]) -> None:
        self._store = store
        self._clock = clock
        self._sources = tuple(sources)
        self._mirror = Mirror(store, Gauges())

    async def ready(self) -> tuple[bool, Mapping[str, Any]]:
        """Ready once some contact is known. Ages in seconds; a source that fails does not stop the answers.

        Raises `StoreUnavailable` where the store is out of reach.
        """
        gauges = await self._gauges()
        now = int(self._clock.now())
        sources = {name: _age(health, now) for name, health in sorted(gauges.sources.items())}
        missing = [name for name in self._sources if name not in sources]
        return gauges.contacts > 0, {"contacts": gauges.contacts, "sources": sources, "not_yet_read": missing}

    async def metrics(self) -> str:
        """Sums over processes, in the Prometheus text format; they only grow while this process runs. As `ready`."""
        gauges = await self._gauges()
        now = int(self._clock.now())
        lines = ["# TYPE presence_contacts gauge", f"presence_contacts {gauges.contacts}"]
        lines += ["# TYPE presence_source_inside_limit gauge"]
        lines += [f'presence_source_inside_limit{{source="{_label(n)}"}} {int(now < h.ok_until)}' for n, h in gauges.by_name()]
        lines += ["# TYPE presence_source_age_seconds gauge"]
        lines += [f'presence_source_age_seconds{{source="{_label(n)}"}} {now - h.ok_at}' for n, h in gauges.by_name() if h.ok_at]
        lines += ["# TYPE presence_requests_total counter"]
        lines += [f'presence_requests_total{{outcome="{_label(name)}"}} {n}' for name, n in sorted(gauges.outcomes.items())]
        return "\n".join(lines) + "\n"

    async def close(self) -> None:
        """Follow no longer."""
        await self._mirror.close()

    async def _gauges(self) -> "Gauges":
        await self._store.append([])  # writes nothing; what is remembered of a store that is gone is not what holds
        return await self._mirror.ready()


class Gauges:
    """What is kept of the facts: how sources fare, how many contacts there are, and sums of outcomes."""

    def __init__(self) -> None:
        self.sources: dict[str, SourceHealth] = {}
        self.outcomes: Counter[str] = Counter()
        self._named: dict[int, tuple[str, ...]] = {}  # digest of a contact -> sources that name it
        self._tuples: dict[tuple[str, ...], tuple[str, ...]] = {}  # most contacts are named by the same sources
        self._last: dict[Key, Count] = {}  # of recent hours: what was added to the sums already
        self._newest = 0
        self._begun = False

    @property
    def contacts(self) -> int:
        return len(self._named)

    def by_name(self) -> Iterator[tuple[str, SourceHealth]]:
        yield from sorted(self.sources.items())

    def load(self, facts: Iterable[Stored]) -> None:
        """A snapshot, in place of all that was here; the sums go on from where they are."""
        self.sources.clear()
        self._named.clear()
        for fact in facts:
            if not isinstance(fact.body, Count):
                self.apply(fact)
            elif not self._begun or fact.key in self._last or fact.body.hour > self._newest - _RECENT:
                self._add(fact.key, fact.body)
        self._begun = True

    def apply(self, fact: Stored) -> None:
        kind, subject, *rest = parts(fact.key)
        if kind == "source":
            if isinstance(fact.body, SourceHealth):
                self.sources[subject] = fact.body
            else:
                self.sources.pop(subject, None)
        elif kind == "contact":
            self._name(hash(subject), rest[0], fact.body is not None)
        elif isinstance(fact.body, Count) and rest[0] != MERGED:
            self._add(fact.key, fact.body)

    def _name(self, contact: int, source: str, there: bool) -> None:
        others = tuple(name for name in self._named.get(contact, ()) if name != source)
        named = (*others, source) if there else others
        if named:
            self._named[contact] = self._tuples.setdefault(named, named)
        else:
            self._named.pop(contact, None)

    def _add(self, name: Key, body: Count) -> None:
        before = self._last.get(name)
        for each, n in body.counts.items():
            outcome = _outcome(each)
            if outcome and (more := n - (before.counts.get(each, 0) if before else 0)) > 0:
                self.outcomes[outcome] += more
        self._last[name] = body
        if body.hour > self._newest:
            self._newest = body.hour
            self._last = {n: b for n, b in self._last.items() if b.hour > self._newest - _RECENT}


def _outcome(name: str) -> str:
    """The name without its details; empty for what is only reported, from ten on."""
    table, *rest = parts(name)
    if table in _PLAIN:
        return table
    return "/".join((table, *rest)[: _DETAILED[table]]) if table in _DETAILED else ""


def _label(text: str) -> str:
    """As the exposition format wants it."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _age(health: SourceHealth, now: int) -> dict[str, Any]:
    told: dict[str, Any] = {"age": now - health.ok_at if health.ok_at else None, "inside_limit": now < health.ok_until}
    if health.failing_since:
        told |= {"failing_for": now - health.failing_since, "error": health.error}
    if health.unmatched:
        told["unmatched"] = len(health.unmatched)
    return told
