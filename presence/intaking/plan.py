"""What a batch asks for, before it is compared with what is there."""

from collections.abc import Sequence

import msgspec

from presence.domain.facts import AnyBody, Key, parts
from presence.intaking.matching import Register

UNREAD = "unread"
"""In place of the uid of a leave: a mark that one could not be read. It is no leave, and does not count as one."""


class Plan(msgspec.Struct):
    """Filled by `entries` or `statements`, and by `protection`.

    `wanted`: facts as they should be, None for what is withdrawn. `kept`: keys that stay as they are, whatever they hold.
    `read`: keys on whose facts it depends, beside those of `wanted`.
    """

    source: str
    complete: bool
    register: Register
    wanted: dict[Key, AnyBody | None] = {}
    kept: set[Key] = set()
    read: set[Key] = set()
    rows: set[tuple[str, ...]] = set()  # alias (or entry), kind, rest of the key: what the batch says, whoever it is about
    people: int = 0
    failed: int = 0  # of whom something could not be read
    unmatched: dict[str, None] = {}  # aliases, in order
    ambiguous: dict[str, None] = {}
    unresolved: int = 0  # references to units and contacts that nobody knows
    unknown: tuple[str, ...] = ()  # of the configuration only: what they were
    skipped: int = 0  # what could not be understood
    clamped: int = 0  # reports that came with a time or a lease that is not believed
    outdated: int = 0  # reports that a newer one of the same sender overtook


def noun(key: Key) -> str:
    """Of what kind of thing the fact is, for counting (`NOUNS`); empty: it is not counted."""
    found: Sequence[str] = parts(key)
    kind = found[3] if found[0] == "held" else found[0]
    return "" if kind == "absence" and found[-1] == UNREAD else NOUNS.get(kind, "")


NOUNS = {
    "contact": "people",
    "unit": "units",
    "topic": "topics",
    "absence": "absences",
    "calendar": "calendars",
    "schedule": "schedules",
    "link": "links",
}
