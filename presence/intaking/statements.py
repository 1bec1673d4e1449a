"""What all sources but directories say: absences, calendars and reports, of whoever bears an alias."""

import hmac
from typing import NamedTuple

import msgspec

from presence.domain.facts import (
    Absence,
    AnyBody,
    Calendar,
    Held,
    Key,
    Link,
    Override,
    Presence,
    Schedule,
    SourceHealth,
    key,
    parts,
)
from presence.domain.intervals import FOREVER
from presence.domain.layers import absence_span
from presence.intaking import ending, leases
from presence.intaking.calendars import both
from presence.intaking.ground import Ground
from presence.intaking.health import evidence_until
from presence.intaking.matching import normal
from presence.intaking.plan import UNREAD, Plan
from presence.intaking.references import References
from presence.intaking.schedules import together
from presence.ports import Batch, Person

EVENTFUL = 5
"""Coming events from which on a calendar that is suddenly empty is not believed at once."""
_LAYERS = frozenset({"absence", "calendar", "schedule", "presence", "link"})


class Place(NamedTuple):
    """Where facts about a person are kept: with the contact, or for the alias that nobody bears yet."""

    contact: str
    alias: str
    source: str

    def key(self, kind: str, *rest: str) -> Key:
        if self.contact:
            return key(kind, self.contact, self.source, *rest)
        return key("held", self.alias, self.source, kind, *rest)


def _keyed(installation_key: bytes, name: str) -> str:
    return hmac.digest(installation_key, name.encode("utf-8", "surrogatepass"), "sha256")[:8].hex()


class Statements:
    """Fills a plan from one batch."""

    def __init__(self, plan: Plan, batch: Batch, ground: Ground) -> None:
        self._plan, self._batch, self._ground = plan, batch, ground
        self._rule = ground.rule(batch.source)
        self._references = References(ground, plan.register, batch.source, batch.complete)
        health = ground.replica.body(key("source", batch.source))
        self._ok_at = health.ok_at if isinstance(health, SourceHealth) else 0
        self._unread: dict[Place, None] = {}  # of whom a leave could not be read

    def fill(self) -> None:
        for person in self._batch.people:
            self._person(person)
        for place in self._unread:
            self._mark_unread(place)
        if self._batch.keeps:
            self._plan.kept |= self._ground.replica.of_source.get(self._plan.source, set())
        if self._batch.queue is not None:
            queue = self._batch.queue
            self._plan.wanted[key("queue", self._plan.source)] = queue if queue.end > self._ground.now else None
        self._plan.unresolved = self._references.unresolved

    def _person(self, person: Person) -> None:
        place = self._place(person)
        if place is None:
            self._plan.skipped += 1
            return
        self._plan.people += 1
        if not place.contact:
            self._plan.unmatched[place.alias] = None
            if self._plan.register.is_ambiguous(place.alias):
                self._plan.ambiguous[place.alias] = None
        if person.failed:
            self._plan.failed += 1
            self._failed(place)
            return
        if person.calendar is not None:
            self._calendar(place, person.calendar, person.future_events)
        if person.schedule is not None:
            self._schedule(place, person.schedule)
        for uid, absence in person.absences.items():
            self._absence(place, uid, absence)
        for device, report in person.presence.items():
            self._report(place, device, report)
        if self._rule.type == "presence":
            self._plan.rows.add((place.alias, "link"))
            if place.contact:
                self._want(place, Link(), "link")

    def _place(self, person: Person) -> Place | None:
        """None for somebody who is not named by anything that is an alias."""
        alias = normal(person.alias)
        if alias:
            contact = self._plan.register.match(alias)
            records = self._plan.register.records(contact)
            self._plan.read |= {key("contact", contact, source) for source, record in records.items() if alias in record.aliases}
            return Place(contact, alias, self._plan.source)
        contact = self._ground.contact_id(person.identity) if person.identity else ""
        return Place(contact, "", self._plan.source) if self._plan.register.exists(contact) else None

    def _held(self, place: Place, kind: str, *rest: str) -> AnyBody | None:
        """What is there, with the contact or from before it was known."""
        replica = self._ground.replica
        name = place.key(kind, *rest)
        self._plan.read.add(name)
        found = replica.body(name)
        if found is None and place.contact and place.alias:
            name = key("held", place.alias, place.source, kind, *rest)
            self._plan.read.add(name)
            found = replica.body(name)
        return found.body if isinstance(found, Held) else found

    def _want(self, place: Place, body: Absence | Calendar | Schedule | Presence | Link | None, kind: str, *rest: str) -> None:
        self._plan.wanted[place.key(kind, *rest)] = body if body is None or place.contact else Held(body)
        if body is not None:
            self._plan.rows.add((place.alias, kind, *rest))

    def _absence(self, place: Place, said_uid: str, said: Absence | None) -> None:
        # A sender's name for a leave may tell its reason, and is short enough to be guessed from a digest without a key.
        uid = _keyed(self._ground.key, said_uid)
        before = self._held(place, "absence", said_uid)  # kept under another name
        if before is not None:
            self._plan.rows.add((place.alias, "absence", said_uid))  # so that it moves, and is not removed
            self._plan.wanted[place.key("absence", said_uid)] = None
        if said is None:
            self._want(place, None, "absence", uid)
            return
        said = ending.without_far_end(said)
        if not ending.valid(said):
            self._plan.skipped += 1
        elif ending.end(said, self._ground.hours) > self._ground.now:
            held = self._held(place, "absence", uid) or before
            since = held.since if isinstance(held, Absence) and self._was_held(place, said, held) else self._ground.now
            deputy = self._references.contact(said.deputy)
            self._want(place, msgspec.structs.replace(said, since=since, deputy=deputy), "absence", uid)
        elif not self._plan.complete:
            self._want(place, None, "absence", uid)  # a correction: it is over

    def _was_held(self, place: Place, said: Absence, held: Absence) -> bool:
        """Whether a correction covers nothing that a word "I am in" of before is about and that was not held then.

        Beyond the end of such a word a leave may grow as it likes.
        """
        (start, end), (old_start, old_end) = (absence_span(a, self._ground.hours) for a in (said, held))
        bodies = map(self._ground.replica.body, self._ground.replica.of_contact.get(place.contact, ()))
        ends = [body.end for body in bodies if isinstance(body, Override) and body.status == "available"]
        return old_start <= start < old_end and all(min(end, word) <= old_end for word in ends)

    def _calendar(self, place: Place, said: Calendar, future_events: int) -> None:
        held = self._held(place, "calendar")
        now = self._ground.now
        wanted = msgspec.structs.replace(ending.without_history(said, now), eventful=future_events >= EVENTFUL, emptied=False)
        if isinstance(held, Calendar):
            if future_events == 0 and held.eventful and not held.emptied:
                wanted = msgspec.structs.replace(held, emptied=True, ok_until=said.ok_until)
            elif ending.equal_from(held.intervals, said.intervals, now) and ending.equal_from(held.hours, said.hours, now):
                wanted = msgspec.structs.replace(wanted, intervals=held.intervals, hours=held.hours)
        other = self._wanted(place.key("calendar"))
        self._want(place, both(other, wanted) if isinstance(other, Calendar) else wanted, "calendar")

    def _schedule(self, place: Place, said: Schedule) -> None:
        """The same person may stand there under several aliases: one for each employment."""
        other = self._wanted(place.key("schedule"))
        self._want(place, together(other, said) if isinstance(other, Schedule) else said, "schedule")

    def _wanted(self, name: Key) -> AnyBody | None:
        found = self._plan.wanted.get(name)
        return found.body if isinstance(found, Held) else found

    def _report(self, place: Place, device: str, said: Presence | None) -> None:
        # Of a device no more is needed than which is which, and people name theirs as they like.
        rest = ("presence", place.alias, _keyed(self._ground.key, device) if device else "")
        held = self._held(place, *rest)
        before = held if isinstance(held, Presence) else None
        if said is None:
            self._want(place, None, *rest)
        elif before and said.seq and said.seq < before.seq:
            self._plan.outdated += 1
            self._plan.kept.add(place.key(*rest))
        else:
            wanted, was_clamped = leases.clamped(said, before, self._rule, self._ground.now)
            self._plan.clamped += was_clamped
            self._want(place, wanted, *rest)

    def _failed(self, place: Place) -> None:
        """What is held stays, marked with the limit of the last success; a feed that was never read is marked at once."""
        ok_until = evidence_until(self._rule, self._ok_at, self._ground.hours) if self._ok_at else self._ground.now
        has_calendar = has_schedule = False
        for name in self._keys_at(place):
            self._plan.kept.add(name)
            body = self._ground.replica.body(name)
            inner = body.body if isinstance(body, Held) else body
            if isinstance(inner, Calendar | Absence):
                has_calendar |= isinstance(inner, Calendar)
                if inner.ok_until == FOREVER:
                    inner = msgspec.structs.replace(inner, ok_until=ok_until)
                if isinstance(inner, Calendar):  # another of the person's may be read well: it must not wipe what this one held
                    other = self._wanted(name)
                    inner = both(other, inner) if isinstance(other, Calendar) else inner
                self._plan.wanted[name] = Held(inner) if isinstance(body, Held) else inner
            elif isinstance(inner, Schedule):
                has_schedule = True
                self._schedule(place, inner)
        if self._rule.type == "leave":
            self._unread[place] = None
        if self._rule.type == "calendar" and not has_calendar:
            self._want(place, Calendar(ok_until=self._ground.now), "calendar")
        if self._rule.type == "schedule" and not has_schedule:
            self._schedule(place, Schedule(unread=True))

    def _mark_unread(self, place: Place) -> None:
        """Where no leave of somebody carries the mark, one of no extent does: it makes nobody away, and nothing is assumed."""
        bodies = (self._wanted(name) for name in self._keys_at(place))
        if not any(isinstance(body, Absence) and body.ok_until < FOREVER for body in bodies):
            marked = Absence(extent=0, ok_until=self._ground.now)
            self._plan.wanted[place.key("absence", UNREAD)] = marked if place.contact else Held(marked)

    def _keys_at(self, place: Place) -> list[Key]:
        replica = self._ground.replica
        names = [*replica.of_contact.get(place.contact, ()), *replica.held.get(place.alias, ())]
        found = [(name, parts(name)) for name in names]
        return [name for name, p in found if p[2:3] == (place.source,) and (p[0] in _LAYERS or p[0] == "held")]
