"""How long a live report is believed."""

import msgspec

from presence.domain.facts import Presence
from presence.domain.intervals import Instant
from presence.domain.rules import SourceRule

AHEAD = 5 * 60
"""Seconds by which the clock of a source may be ahead of ours."""


def clamped(said: Presence, before: Presence | None, rule: SourceRule, now: Instant) -> tuple[Presence | None, bool]:
    """The report as it is believed, None where it is over already; and whether its times had to be changed.

    A report is evidence from when it was made, so a lease counts from its start. The same report, renewed before it lapsed,
    goes on: it keeps its start.
    """
    start, end = said.start, said.end
    if start > now + AHEAD:
        start, end = now, now + (end - start)
    longest = {"available": rule.available_lease, "busy": rule.busy_lease}.get(said.status)
    if longest is not None:
        end = min(end, min(start, now) + longest)
    was_clamped = (start, end) != (said.start, said.end)
    if end <= now or end <= start:
        return None, was_clamped
    if before and before.status == said.status and before.start <= start <= before.end:
        start = before.start
    return msgspec.structs.replace(said, start=start, end=end), was_clamped
