"""The board on the office wall: facts in, answers out. No I/O and no clock.

It keeps two pictures. One is of now, for staff. The other is of the tick, for the public: at tick T it shows the facts that the
store stamped before T - lag, as they stand at T, with evidence that ends before the next tick taken as ended. So a change can
not be timed, and all processes say the same. Hiding alone does not wait.
"""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from presence.domain.availability import Availability, Explanation
from presence.domain.facts import (
    Absence,
    AnyBody,
    Calendar,
    Checked,
    ContactRecord,
    Hidden,
    Key,
    Link,
    Presence,
    Queue,
    SourceHealth,
    Stored,
    key,
    parts,
)
from presence.domain.intervals import FOREVER, Instant
from presence.domain.picture import Picture
from presence.domain.referral import Enquiry
from presence.domain.rules import Rules
from presence.domain.schedules import HoursCache

_REMEMBERED = 24 * 3600  # seconds; a store's changes are never replayed from further back


class Changed(NamedTuple):
    """What a step changed in the public picture. `everything`: something that any answer may depend on."""

    contacts: frozenset[str]
    everything: bool

    def __bool__(self) -> bool:
        return self.everything or bool(self.contacts)


class Board:
    """All contacts of one installation."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        hours = HoursCache()
        self.now = Picture(rules, hours)
        self.public = Picture(rules, hours)
        self.tick: Instant = 0
        self._pending: list[Stored] = []
        self._veiled: set[str] = set()
        self._known: dict[str, Availability] = {}  # of the public picture, while it stands
        # By key, the number of the newest fact in each picture, so that it does not matter in which order facts come, or
        # how often. The keys of tombstones are forgotten after a while.
        self._newest: dict[Key, int] = {}
        self._shown: dict[Key, int] = {}
        self._gone: deque[Stored] = deque()

    # --- in ---

    def load(self, facts: Iterable[Stored], tick: Instant) -> None:
        """A whole snapshot in place of all that was held, both pictures alike.

        A snapshot holds the newest fact of each key and not the one before it. What is too young for the public therefore counts
        at once: to leave it out would take a leave that was only corrected for none, and say "available". So a process that
        begins, or begins anew, may for two ticks be ahead of the others; never behind what a source said last.

        A store found empty was lost, not emptied: the directory stays until it is read again, and whatever rests on a when ends.
        So was one in which nothing but what was pushed since is found.
        """
        facts = sorted((_not_of_the_future(f, tick + self.rules.tick) for f in facts), key=lambda f: f.number)
        self._known.clear()
        if self._is_lost(facts):
            self._end_layers()
        else:
            hours = HoursCache()
            self.now, self.public = Picture(self.rules, hours), Picture(self.rules, hours)
            for remembered in (self._pending, self._newest, self._shown, self._gone, self._veiled):
                remembered.clear()
        self.tick = tick
        for fact in facts:
            self._take(fact)
            self._show(fact)
        self._pending.clear()

    def _is_lost(self, facts: list[Stored]) -> bool:
        of_directory = self.rules.of_directory
        if not of_directory(name for state in self.now.states.values() for name in state):
            return bool(self.now.states) and not facts
        return not of_directory(fact.key for fact in facts if fact.body)

    def _end_layers(self) -> None:
        """The numbers of a new table begin anew, so what is remembered of the old one is forgotten with it.

        What waited for the tick goes into the public picture first: it may hide somebody.
        """
        for fact in sorted(self._pending, key=lambda f: f.number):
            self.public.apply(fact.key, fact.body)
        for remembered in (self._pending, self._newest, self._shown, self._gone):
            remembered.clear()
        for picture in (self.now, self.public):
            for state in list(picture.states.values()):
                for name, body in state.items():
                    if isinstance(body, Calendar):  # that there is one must not be forgotten: its silence would count
                        picture.apply(name, Calendar(ok_until=0))
                    elif not isinstance(body, ContactRecord | Checked | Hidden | Link):
                        picture.apply(name, None)
            picture.queues.clear()
            for source, health in list(picture.sources.items()):
                picture.sources[source] = msgspec.structs.replace(health, ok_until=0)

    def open(self) -> None:
        """Before the first answer: where nobody could be shown yet, all that is known is; no change can be timed by it."""
        if not self.public.states:
            self._known.clear()
            for fact in self._pending:
                self.public.apply(fact.key, fact.body)

    def put(self, fact: Stored) -> Changed:
        """Take a fact; one that is older than what is held changes nothing now. What it changes for the public at once is
        only that somebody is hidden."""
        hidden_before = self._hidden_by(fact)
        self._take(fact)
        hidden = frozenset(c for c in self._touched(fact) if self.now.hides(c)) - hidden_before
        self._veiled |= hidden
        return Changed(hidden, False)

    def advance(self, tick: Instant) -> Changed:
        """The public picture moves on to a later tick."""
        if tick <= self.tick:
            return Changed(frozenset(), False)
        self.tick = tick
        before = dict(self.public.sources)
        promoted = self._promote()
        contacts: set[str] = set()
        everything = False
        for fact in promoted:
            kind, subject = parts(fact.key)[:2]
            if kind == "source":
                after = fact.body if isinstance(fact.body, SourceHealth) else None
                everything |= _matters(before.get(subject), after, tick + self.rules.tick)
            elif kind in ("unit", "topic", "queue", "marks", "contact", "checked", "hidden"):
                everything = True  # who is in a unit, handles a topic or may be known concerns the answers of others too
            if kind not in ("source", "unit", "topic", "queue", "marks"):
                contacts.add(subject)
        for contact in contacts:
            self._known.pop(contact, None)
        if everything:
            self._known.clear()
        contacts |= self._veil()
        return Changed(frozenset(contacts), everything)

    def distrust(self, now: Instant) -> None:
        """The wall clock stepped: all leases and limits held count as ended until they are renewed."""
        self._known.clear()
        for picture in (self.now, self.public):
            held: list[tuple[Key, AnyBody]] = [row for state in picture.states.values() for row in state.items()]
            held += [(key("source", name), health) for name, health in picture.sources.items()]
            held += [(key("queue", name), queue) for name, queue in picture.queues.items()]
            for name, body in held:
                if (ended := _ended(body, now)) is not body:
                    picture.apply(name, ended)
        self._pending = [
            msgspec.structs.replace(f, body=f.body and _ended(f.body, now), stamp=min(f.stamp, now)) for f in self._pending
        ]

    def _take(self, fact: Stored) -> None:
        if fact.number >= self._newest.get(fact.key, 0):
            self._newest[fact.key] = fact.number
            self.now.apply(fact.key, fact.body)
        self._pending.append(fact)
        if fact.body is None:
            self._gone.append(fact)

    def _promote(self) -> list[Stored]:
        limit = self.tick - self.rules.lag
        due = sorted((f for f in self._pending if f.stamp <= limit), key=lambda f: f.number)
        due = [f for f in due if f.number >= self._shown.get(f.key, 0)]
        self._pending = [f for f in self._pending if f.stamp > limit]
        for fact in due:
            self._show(fact)
        self._forget(self.tick - _REMEMBERED)
        return due

    def _show(self, fact: Stored) -> None:
        self._shown[fact.key] = fact.number
        self.public.apply(fact.key, fact.body)

    def _forget(self, before: Instant) -> None:
        """The numbers of facts that were removed long ago: nobody sends what was before them any more."""
        while self._gone and self._gone[0].stamp < before:
            gone = self._gone.popleft()
            for numbers in (self._newest, self._shown):
                if numbers.get(gone.key) == gone.number:
                    del numbers[gone.key]

    def _touched(self, fact: Stored) -> set[str]:
        """Contacts that a fact can hide."""
        kind, subject = parts(fact.key)[:2]
        if kind in ("contact", "hidden"):
            return {subject}
        if kind == "marks":
            return {c for a in self.now.marks.get(subject, ()) for c in self.now.bearers(a)}
        return set()

    def _hidden_by(self, fact: Stored) -> frozenset[str]:
        return frozenset(c for c in self._touched(fact) if self.now.hides(c))

    def _veil(self) -> set[str]:
        """Whoever is hidden now is so for the public, whatever the tick; returns those for whom that changed."""
        pending = {c for f in self._pending for c in self._touched(f)}
        veiled = {c for c in pending if self.now.hides(c)}
        changed = self._veiled ^ veiled
        self._veiled = veiled
        return changed

    # --- out ---

    def enquiry(self, topic: str = "") -> Enquiry:
        """A question of the public, at the tick."""
        return Enquiry(self.public, self.tick, self.rules.tick, topic, self._veiled, self._known)

    def staff_enquiry(self, t: Instant, topic: str = "") -> Enquiry:
        """A question of staff, at this instant."""
        return Enquiry(self.now, t, 0, topic)

    def at(self, contact: str, t: Instant) -> Availability | None:
        """What holds at `t`; None for nobody."""
        found = self.now.contact(contact)
        return self.now.availability(found, t) if found else None

    def explain(self, contact: str, t: Instant) -> Explanation | None:
        found = self.now.contact(contact)
        return self.now.explanation(found, t) if found else None

    def next(self, watched: Iterable[str], t: Instant) -> Instant:
        """The nearest instant at which an answer about one of the watched contacts must be computed again."""
        found = (self.at(contact, t) for contact in watched)
        return min((a.valid_until for a in found if a), default=FOREVER)


def _not_of_the_future(fact: Stored, now: Instant) -> Stored:
    """A stamp that lies ahead was made by a clock that ran ahead; it would keep the fact from the public until then."""
    return msgspec.structs.replace(fact, stamp=now) if fact.stamp > now else fact


def _matters(before: SourceHealth | None, after: SourceHealth | None, tick: Instant) -> bool:
    """Whether answers change: evidence had ended (or never been) and is back, or ends earlier than was known.

    That evidence lasts longer changes no answer that holds.
    """
    return before is None or after is None or before.ok_until <= tick or after.ok_until < before.ok_until


def _ended(body: AnyBody, now: Instant) -> AnyBody:
    """The same, with nothing in it that would still hold until an instant of a clock that is no longer believed.

    A lease that has ended still says that its contact is linked to the source.
    """
    if isinstance(body, Presence | Queue) and body.end > now:
        return msgspec.structs.replace(body, end=body.start)
    if isinstance(body, SourceHealth) or (isinstance(body, Calendar | Absence) and now < body.ok_until < FOREVER):
        return msgspec.structs.replace(body, ok_until=0)
    return body
