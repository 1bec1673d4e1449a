"""A question to a picture: at one instant, for one audience, about one topic or none. It remembers all that it reads."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from presence.domain import directory
from presence.domain.availability import Availability
from presence.domain.directory import Contact
from presence.domain.facts import ChannelRecord, Post, TopicRecord
from presence.domain.hours import OpeningHours, open_together
from presence.domain.intervals import FOREVER, Instant, Status
from presence.domain.picture import Picture

When = Instant | date
"""An instant, or where no more may be said, a day."""

PHONES = ("telephone", "mobile")


class Offer(NamedTuple):
    """A channel, whether it is on by its own hours and the contact's, and until when that stands."""

    channel: ChannelRecord
    open: bool
    until: Instant


class Asking:
    """What may be read of contacts, and what the public may hear of it. `valid_until` covers all that was read so far."""

    def __init__(
        self,
        picture: Picture,
        t: Instant,
        margin: int = 0,
        topic: str = "",
        veiled: Iterable[str] = (),
        known: dict[str, Availability] | None = None,
    ) -> None:
        """`known`: availabilities found by earlier enquiries of this margin over the same facts; those that still hold are
        used, and new ones are added."""
        self.picture = picture
        self.t = t
        self.margin = margin
        self.topic: TopicRecord | None = picture.topics.get(topic)
        self.topic_id = topic if self.topic else ""
        self.valid_until = FOREVER
        self.read: set[str] = set()
        self._veiled = frozenset(veiled)
        self._known: dict[str, Availability] = {} if known is None else known

    def public(self, contact: str) -> Contact | None:
        """The contact, if the public may know of it."""
        self.read.add(contact)
        if contact in self._veiled or not self.picture.is_public(contact, self.t + max(0, self.margin - 1)):
            return None
        return self.picture.contact(contact)

    def availability(self, contact: Contact) -> Availability:
        self.read.add(contact.id)
        found = self._known.get(contact.id)
        if found is None or found.valid_until <= self.t:
            found = self.picture.availability(contact, self.t, self.margin)
            found = self._known[contact.id] = self._closed_at_night(contact, found) if self.margin else found
        self._until(found.valid_until)
        return found

    def _closed_at_night(self, contact: Contact, found: Availability) -> Availability:
        """Outside published hours whoever is not in is closed, to the public.

        Leave outranks hours and an out-of-office event does not, so that by night, and only then, the one would read away and the
        other closed: a kind of absence would show.
        """
        if found.status not in (Status.AWAY, Status.BUSY):
            return found
        hours = self.picture.hours(contact)
        if hours is None:
            return found
        is_open, until = hours.at(self.t)
        status = found.status if is_open else Status.CLOSED
        return Availability(status, min(found.valid_until, until), found.until)

    def channels(self, contact: Contact) -> tuple[ChannelRecord, ...]:
        """Those the public may see of the contact now, in the one order of kinds."""
        return visible_channels(self.picture, contact, self.availability(contact).status)

    def offers(self, contact: Contact) -> tuple[Offer, ...]:
        """In the one order of kinds; a centre whose waiting time is over the limit puts its written kinds first."""
        offers = tuple(self._offer(contact, channel) for channel in self.channels(contact))
        if contact.id == self.picture.rules.centre and self.long_wait():
            return tuple(sorted(offers, key=lambda o: self._live(o.channel.kind)))
        return offers

    def shows(self, contact: Contact, field: str) -> bool:
        """Whether the publication policy shows a field of the contact now."""
        if contact.id == self.picture.rules.centre:
            return True
        rule = self.picture.rules.publication.for_contact(contact, self.picture.units)
        return rule is not None and rule.fields.get(field, "shown") not in hidden_visibilities(self.availability(contact).status)

    def told(self, contact: Contact, until: Instant | None) -> When | None:
        """What the public may hear of a forecast: the time if it is today, a date a few working days ahead, else nothing.

        So open-ended, unknown and long absences read the same. The hours of a service point are no secret.
        """
        if until is None:
            return None
        days = self.picture.calendar_days()
        today, day = days.day(self.t), days.day(until)
        self._until(days.instant(today + timedelta(days=1)))
        if day == today or contact.type == "service_point":
            return until
        return day if day <= days.working_day_after(self.t, self.picture.rules.return_days) else None

    def centre(self) -> Contact | None:
        return self.public(self.picture.rules.centre) if self.picture.rules.centre else None

    def waiting(self) -> int | None:
        """Seconds to wait at the centre now, where a queue source says so and its lease lasts."""
        waits = []
        for queue in self.picture.queues.values():
            end = queue.end - self.margin + 1 if self.margin else queue.end
            if queue.start <= self.t < end:
                waits.append(queue.wait)
                self._until(end)
        return max(waits, default=None)

    def long_wait(self) -> bool:
        """Whether the centre's waiting time is over the limit now."""
        waiting = self.waiting()
        return waiting is not None and waiting > self.picture.rules.waiting_limit

    def has_public(self, unit: str) -> bool:
        """Whether anybody whom the public may know of is in the unit or below it."""
        return any(True for _ in self._known_members([unit]))

    def _known_members(self, units: Iterable[str]) -> Iterator[str]:
        """Those of whom the public may know that they are in one of the units, or below it: a post may be staff's alone."""
        for unit in units:
            yield from (name for name in self._members([unit]) if self._is_there(name, unit))

    def _is_there(self, name: str, unit: str) -> bool:
        """Whether the public may know that the contact is in the unit, or below it."""
        contact = self.public(name)
        units = self.picture.units
        return contact is not None and any(
            unit in (level.id for level in directory.lineage(units, post.unit)) for post in self.posts(contact)
        )

    def posts(self, contact: Contact) -> tuple[Post, ...]:
        """Those that the public may know of."""
        if contact.id == self.picture.rules.centre:
            return contact.posts
        return self.picture.published_posts(contact)

    def topic_contacts(self) -> list[str]:
        """Contacts named by the topic: by id, or by an alias that one contact bears."""
        named = self.topic.contacts if self.topic else ()
        return [b for n in named if (b := n if n in self.picture.states else self.picture.bearer(n))]

    def topic_hours(self) -> OpeningHours | None:
        """When the topic is dealt with: the hours of the first unit that handles it, else of the first contact named by it.

        A unit of which the public knows nobody is none: that it keeps hours would tell that somebody is there.
        """
        for unit in self.topic.units if self.topic else ():
            if self.has_public(unit) and (hours := self.picture.unit_hours(unit)):
                return hours
        named = (self.public(name) for name in self.topic_contacts())
        return next((hours for contact in named if contact and (hours := self.picture.hours(contact))), None)

    def _members(self, units: Iterable[str]) -> Iterator[str]:
        todo = list(units)
        seen: set[str] = set()
        while todo:
            unit = todo.pop(0)
            if unit not in seen:
                seen.add(unit)
                yield from sorted(self.picture.members.get(unit, ()))
                todo += sorted(self.picture.children.get(unit, ()))

    def _offer(self, contact: Contact, channel: ChannelRecord) -> Offer:
        """A live channel is open while its own hours and the contact's are; a written one always."""
        if not self._live(channel.kind):
            return Offer(channel, True, FOREVER)
        gates = self.gates(contact, channel)
        if gates is None:
            return Offer(channel, False, FOREVER)
        is_open, until = open_together(gates, self.t)
        self._until(until)
        return Offer(channel, is_open, until)

    def gates(self, contact: Contact, channel: ChannelRecord) -> list[OpeningHours] | None:
        """The hours that all have to be on. None where nobody can read them: then nothing is promised.

        Whoever is available outside the published hours has said so, and answers.
        """
        own = self.picture.hours_of(channel.hours) if channel.hours else None
        published = self.picture.hours(contact)
        if published is None and own is None and self.picture.hours_unread(contact):
            return None
        if published and self.availability(contact).status is Status.AVAILABLE:
            is_open, until = published.at(self.t)
            self._until(until)
            published = published if is_open else None
        return [hours for hours in (own, published) if hours]

    def opens(self, contact: Contact, live: Sequence[Offer]) -> When | None:
        """When one of these channels is on again for whoever is not reached by it now.

        By hours alone, which are no secret: what is planned for somebody who can be reached is nobody's business, and it would be
        told by a later time and by none as well. For whoever is away or busy: at the first of the hours after the return.
        """
        state = self.availability(contact)
        if state.status in (Status.AVAILABLE, Status.UNKNOWN):
            return min((offer.until for offer in live if offer.until < FOREVER), default=None)
        back = state.until
        if back is None or not live:
            return self.told(contact, back)
        found = min((self._on_from(contact, offer.channel, back) for offer in live), default=FOREVER)
        return self.told(contact, found if found < FOREVER else None)

    def _on_from(self, contact: Contact, channel: ChannelRecord, t: Instant) -> Instant:
        gates = self.gates(contact, channel)
        if gates is None:
            return FOREVER
        is_open, until = open_together(gates, t)
        return t if is_open else until

    def rings(self, contact: Contact, offers: Sequence[Offer]) -> When | None:
        """When somebody who is available can be called again, while all their telephones are off."""
        phones = [offer for offer in offers if offer.channel.kind in PHONES]
        return self.opens(contact, phones) if phones and not any(o.open for o in phones) else None

    def _live(self, kind: str) -> bool:
        return self.picture.rules.kind(kind).live

    def _until(self, instant: Instant) -> None:
        self.valid_until = min(self.valid_until, instant)


def visible_channels(picture: Picture, contact: Contact, status: Status) -> tuple[ChannelRecord, ...]:
    """What the publication policy shows of a contact in this state, in the one order of kinds."""
    order = {kind.name: i for i, kind in enumerate(picture.rules.kinds)}
    channels = sorted(contact.channels, key=lambda c: order.get(c.kind, len(order)))
    if contact.id == picture.rules.centre:
        return tuple(channels)
    rule = picture.rules.publication.for_contact(contact, picture.units)
    fields = rule.fields if rule else {}
    hidden = hidden_visibilities(status)
    return tuple(c for c in channels if fields.get(c.kind, "shown") not in hidden)


def hidden_visibilities(status: Status) -> frozenset[str]:
    """The choices of the publication policy that keep a field back while the contact is in this state."""
    reachable = status in (Status.AVAILABLE, Status.UNKNOWN)
    return frozenset({"staff"} if reachable else {"staff", "unreachable"})
