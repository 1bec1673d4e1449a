"""What every step of an intake stands on."""

from functools import lru_cache
from typing import NamedTuple

from presence.domain.directory import public_id
from presence.domain.hours import HoursSpec, OpeningHours
from presence.domain.intervals import Instant
from presence.domain.rules import Rules, SourceRule
from presence.intaking.replica import Replica

STATES_IDENTITY = ("directory", "config")
"""Types of source that say who there is; all others speak of contacts by alias."""


_public_id = lru_cache(1 << 17)(public_id)  # the same people come again every few minutes


class Ground(NamedTuple):
    """The installation, what it holds, and the instant of the intake."""

    rules: Rules
    key: bytes
    replica: Replica
    hours: OpeningHours  # the organisation's, or where it has none every day: for questions about days
    now: Instant

    def rule(self, source: str) -> SourceRule:
        return self.rules.sources[source]

    def contact_id(self, identity: str) -> str:
        return _public_id(self.key, identity)

    def unit_id(self, identity: str) -> str:
        return _public_id(self.key, f"unit:{identity}")

    def founds(self, source: str) -> bool:
        """Whether the source gives contacts their identity: the configuration, and the first directory in it."""
        first = next((name for name, rule in self.rules.sources.items() if rule.type == "directory"), "")
        return source == first or self.rule(source).type == "config"


def calendar_days(rules: Rules) -> OpeningHours:
    """The organisation's hours, or every day."""
    return OpeningHours(rules.hours or HoursSpec("24/7", rules.zone, rules.red_days))
