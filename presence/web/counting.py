"""Counts of outcomes by hour: no person, no address."""

import asyncio
import contextlib
import secrets
from collections import Counter

from presence.domain import counts
from presence.domain.facts import Count, Fact, key
from presence.domain.intervals import Instant
from presence.live import Live
from presence.ports import StoreUnavailable
from presence.web.surface import Surface

_EVERY = 60.0  # seconds
_AGAIN = 3600.0
_AT_ONCE = 500  # contacts that are looked at before look-ups have their turn
_MOST_HOURS = 48


class Counting:
    """Takes what a process counted, adds it to the process's hour, and stores the hour."""

    def __init__(self, surface: Surface) -> None:
        self._live = surface.live
        self._surface = surface
        self._process = secrets.token_hex(6)
        self._hours: dict[Instant, Counter[str]] = {}  # this one, and those that the store has not taken
        self._unsaved = False
        self._grouped = -_AGAIN

    async def run(self) -> None:
        """Once a minute until cancelled, and once more then."""
        try:
            while True:
                await self.group()
                await asyncio.sleep(_EVERY)
                await self.flush()
        finally:
            await self.flush()

    async def flush(self) -> None:
        """What the store cannot take now is kept for the next time."""
        now = self._live.clock.now()
        hour = counts.hour_of(now)
        taken = self._surface.counts.take()
        taken.update({key("vain", words): n for words, n in self._surface.vain.take().items()})
        if taken:
            self._hours.setdefault(hour, Counter()).update(taken)
            self._unsaved = True
        if not self._unsaved:
            return
        facts = [Fact(key("count", str(h), self._process), Count(h, dict(sums))) for h, sums in self._hours.items()]
        with contextlib.suppress(StoreUnavailable):
            await self._live.store.append(facts)
            self._hours = {h: sums for h, sums in self._hours.items() if h == hour}
            self._unsaved = False
        for late in sorted(self._hours)[:-_MOST_HOURS]:
            del self._hours[late]

    async def group(self) -> None:
        """Once an hour, find out which units have people enough behind them to be counted by themselves."""
        now = self._live.clock.steady()
        if now < self._grouped + _AGAIN:
            return
        self._grouped = now
        self._surface.groups = await groups(self._live)


async def groups(live: Live) -> dict[str, str]:
    """See `presence.domain.counts.groups`; of those whom the public may know of. Gives way to others while it counts."""
    picture, t = live.board.public, live.at_tick()
    people: Counter[str] = Counter()
    for n, contact in enumerate(list(picture.states), 1):
        if (found := picture.contact(contact)) and found.type == "person" and picture.is_public(contact, t):
            posts = picture.published_posts(found)
            people[posts[0].unit if posts else ""] += 1
        if n % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return counts.groups(people, {unit: each.parent for unit, each in picture.units.items()})
