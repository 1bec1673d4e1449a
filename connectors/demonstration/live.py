"""Live reports: leases on what telephones and chat clients say, renewed while it lasts.

A lease ends a minute after the reporter's next turn, and turns come every four minutes, spread over all reporters. So no
report of "available" is held longer than five minutes, and renewals come as some twenty every ten seconds, not as hundreds at
once.
"""

from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from connectors.demonstration.staff import Member
from connectors.demonstration.workday import DEVICES, Device, Spell, Workdays
from presence.domain.facts import Presence
from presence.domain.intervals import Instant
from presence.ports import Person

TURN = 240  # seconds between two reports of the same
GROUP = 10  # turns are multiples of this, so that several come at once
GRACE = 60  # by which a lease outlasts the next turn
_JUMP = 900  # seconds without a step, after which everything is told anew


class _Due(NamedTuple):
    """When a device is to be looked at again."""

    at: Instant
    reporter: int  # place among the live members
    device: Device
    said: str | None


class Live:
    """Reports of all live members: what to tell at an instant, given what was told before."""

    def __init__(self, everybody: Iterable[Member], workdays: Workdays) -> None:
        self.members = [member for member in everybody if member.live]
        self._workdays = workdays
        self._due: list[_Due] = []
        self._told = 0

    def snapshot(self, t: Instant) -> list[Person]:
        """What everybody reports at `t`. Idle telephones report nothing."""
        return _persons(
            (member, device, report)
            for place, member in enumerate(self.members)
            for device in DEVICES
            if (report := _report(place, self._workdays.spell(member, device, t), t))
        )

    def start(self, t: Instant) -> list[Person]:
        """The snapshot, from which `step` goes on."""
        self._due = []
        for place, member in enumerate(self.members):
            for device in DEVICES:
                spell = self._workdays.spell(member, device, t)
                self._due.append(_Due(_next(place, spell, t), place, device, spell.status))
        heapify(self._due)
        self._told = t
        return self.snapshot(t)

    def step(self, t: Instant) -> list[Person]:
        """What has changed or must be renewed since the last step; everything, where time has jumped."""
        if not self._told <= t < self._told + _JUMP:
            return self.start(t)
        self._told = t
        reports: list[tuple[Member, Device, Presence | None]] = []
        while self._due and self._due[0].at <= t:
            due = heappop(self._due)
            member = self.members[due.reporter]
            spell = self._workdays.spell(member, due.device, t)
            report = _report(due.reporter, spell, t)
            if report or due.said:  # None, where something was told before: the call is over
                reports.append((member, due.device, report))
            heappush(self._due, _Due(_next(due.reporter, spell, t), due.reporter, due.device, spell.status))
        return _persons(reports)

    def next_due(self) -> Instant:
        """When the next step has something to tell."""
        return self._due[0].at if self._due else self._told + GROUP


def _turn(reporter: int, t: Instant) -> Instant:
    """The reporter's next turn after `t`."""
    phase = reporter * GROUP % TURN
    return t + TURN - (t - phase) % TURN


def _renewed(spell: Spell) -> bool:
    return spell.status in ("available", "busy")


def _next(reporter: int, spell: Spell, t: Instant) -> Instant:
    return min(spell.end, _turn(reporter, t)) if _renewed(spell) else spell.end


def _report(reporter: int, spell: Spell, t: Instant) -> Presence | None:
    """The lease told at `t`. What says nothing by itself needs no renewal: its lease is the spell."""
    if spell.status is None:
        return None
    if _renewed(spell):
        return Presence(status=spell.status, start=t, end=_turn(reporter, t) + GRACE)
    return Presence(status=spell.status, start=spell.start, end=spell.end + GRACE)


def _persons(reports: Iterable[tuple[Member, Device, Presence | None]]) -> list[Person]:
    """Chat clients are known by address, telephones by extension."""
    return [
        Person(alias=f"sip:{member.mail}" if device == "client" else f"ext:{member.extension}", presence={device: presence})
        for member, device, presence in reports
    ]
