"""What the operations listener tells: how the sources fare, and counts of outcomes. No person, no address."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from presence.domain.facts import Count, SourceHealth
from presence.ports import Clock, Store


class Readiness:
    """Reads the store each time it is asked. `sources` are those configured."""

    def __init__(self, store: Store, clock: Clock, sources: Iterable[str]) -> None:
        self._store = store
        self._clock = clock
        self._sources = tuple(sources)

    async def ready(self) -> tuple[bool, Mapping[str, Any]]:
        """Ready once some contact is known. Ages in seconds; a source that fails does not stop the answers."""
        facts = (await self._store.snapshot()).facts
        now = int(self._clock.now())
        sources = {f.key.partition("/")[2]: _age(f.body, now) for f in facts if isinstance(f.body, SourceHealth)}
        contacts = len({f.key.split("/")[1] for f in facts if f.key.startswith("contact/")})
        missing = [name for name in self._sources if name not in sources]
        return contacts > 0, {"contacts": contacts, "sources": sources, "not_yet_read": missing}

    async def metrics(self) -> str:
        """Sums over processes and hours, in the Prometheus text format; labels are outcomes."""
        sums: Counter[str] = Counter()
        for fact in (await self._store.snapshot()).facts:
            if isinstance(fact.body, Count):
                sums.update({name: n for name, n in fact.body.counts.items() if not name.startswith("calls/")})
        lines = ["# TYPE presence_requests_total counter"]
        lines += [f'presence_requests_total{{outcome="{name}"}} {n}' for name, n in sorted(sums.items())]
        return "\n".join(lines) + "\n"


def _age(health: SourceHealth, now: int) -> dict[str, Any]:
    told: dict[str, Any] = {"age": now - health.ok_at if health.ok_at else None, "inside_limit": now < health.ok_until}
    if health.failing_since:
        told |= {"failing_for": now - health.failing_since, "error": health.error}
    if health.unmatched:
        told["unmatched"] = len(health.unmatched)
    return told
