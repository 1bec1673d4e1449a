"""Where to turn: an ordered list of steps, decided by the contact's state *and* by the hours of whoever is offered.

Section 4 of the design in code. A step is offered whether it is open or not, so that nothing ends without a next step; a
link that must lead somewhere at once takes the first open one (`take`).
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Literal, NamedTuple

from presence.domain import directory
from presence.domain.availability import Availability
from presence.domain.directory import Contact
from presence.domain.facts import Absence, ChannelRecord, Override, TopicRecord
from presence.domain.intervals import FOREVER, Instant, Status
from presence.domain.layers import absence_span
from presence.domain.picture import Picture
from presence.domain.rules import Way

To = Literal["self-service", "contact", "deputy", "colleague", "mailbox", "service-point", "centre"]

_CHAIN = 8  # deputies of deputies that are followed


When = Instant | date
"""An instant, or where no more may be said, a day."""


class Offer(NamedTuple):
    """A channel, whether its hours are on, and until when that stands."""

    channel: ChannelRecord
    open: bool
    until: Instant


class Step(NamedTuple):
    """One thing the visitor can do. `opens` and `closes`: the next change, where one is foreseen and may be told."""

    to: To
    id: str  # contact; unit for a mailbox; topic for self-service
    open: bool
    opens: When | None = None
    closes: Instant | None = None
    offers: tuple[Offer, ...] = ()
    link: str = ""


class Referral(NamedTuple):
    """`valid_until` covers all that was read on the way; `read` names the contacts among it."""

    steps: tuple[Step, ...]
    valid_until: Instant
    read: frozenset[str]
    mail_first: To | None  # who gets a mail before the contact, as it will not be read in time


class Enquiry:
    """One contact (or none: the centre alone), one instant, one topic; remembers all that it reads."""

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

    # --- what is read ---

    def public(self, contact: str) -> Contact | None:
        """The contact, if the public may know of it."""
        self.read.add(contact)
        if contact in self._veiled or not self.picture.is_public(contact, self.t):
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
        return tuple(self._offer(contact, channel) for channel in self.channels(contact))

    def _offer(self, contact: Contact, channel: ChannelRecord) -> Offer:
        """A live channel is open by its own hours, else by the contact's; a written one always."""
        if not self._live(channel.kind):
            return Offer(channel, True, FOREVER)
        own = self.picture.hours_of(channel.hours) if channel.hours else None
        hours = own or self.picture.hours(contact)
        if hours is None:
            return Offer(channel, True, FOREVER)
        is_open, until = hours.at(self.t)
        self._until(until)
        return Offer(channel, is_open, until)

    def _until(self, instant: Instant) -> None:
        self.valid_until = min(self.valid_until, instant)

    # --- what is offered ---

    def refer(self, contact: Contact | None, kind: str = "") -> Referral:
        """The steps for an enquiry by this kind of channel (empty: whatever is live), in the order of section 4."""
        if contact and kind and not self._live(kind):
            steps, mail_first = self._written(contact, kind)
            if take(steps, kind) is None:  # nobody has this kind: whatever there is else
                steps = self._live_steps(contact)
        else:
            steps, mail_first = self._live_steps(contact), self._mail_first(contact) if contact else None
        if contact and mail_first:  # the text names who reads the mail, so that step must be there
            steps = _once([*steps, *(s for s in self._mailboxes(contact) if s.to == mail_first)])
        return Referral(tuple(steps), self.valid_until, frozenset(self.read), mail_first)

    def _live(self, kind: str) -> bool:
        return self.picture.rules.kind(kind).live

    def _live_steps(self, contact: Contact | None) -> list[Step]:
        offered: dict[str, list[Step]] = {
            "self-service": list(self._self_service()),
            "contact": [self._contact_step("contact", contact)] if contact else [],
            "deputy": [],
            "topic": [],
            "service-point": [],
            "centre": list(self._centre(contact)),
        }
        if contact and contact.id != self.picture.rules.centre:
            offered["deputy"] = list(self._deputies(contact))
            offered["topic"] = list(self._colleagues(contact))
            offered["service-point"] = list(self._service_point(contact))
        steps = [step for way in self._order(contact) for step in offered[way]]
        return self._with_long_queue(self._end_in_something(_once(steps), contact))

    def _order(self, contact: Contact | None) -> list[Way]:
        """The configured ways; the topic's level and an unknown contact move the centre or the contact forward."""
        ways: list[Way] = [w for w in self.picture.rules.ways if w != "one-stop"]
        status = self.availability(contact).status if contact else Status.UNKNOWN
        one_stop = self.topic is not None and self.topic.level == "one-stop" and "one-stop" in self.picture.rules.ways
        relationship = self.topic is not None and self.topic.level == "relationship"
        centre_first = one_stop or (status is Status.UNKNOWN and not relationship)
        if centre_first and "centre" in ways and self._centre_open():
            ways.remove("centre")
            ways.insert(ways.index("contact") if "contact" in ways else 0, "centre")
        return ways

    def _self_service(self) -> Iterator[Step]:
        if self.topic and self.topic.link:
            yield Step("self-service", self.topic_id, open=True, link=self.topic.link)

    def _contact_step(self, to: To, contact: Contact) -> Step:
        """Open: available with a live channel that is on, or unknown with one (a call may reach somebody)."""
        state = self.availability(contact)
        offers = self.offers(contact)
        live = [o for o in offers if self._live(o.channel.kind)]
        reachable = state.status in (Status.AVAILABLE, Status.UNKNOWN)
        if reachable and any(o.open for o in live):
            return Step(to, contact.id, True, None, _known(max(o.until for o in live if o.open)), offers)
        if reachable:
            opens: When | None = min((o.until for o in live if o.until < FOREVER), default=None)
        else:
            opens = self.told(contact, state.until)
        return Step(to, contact.id, False, opens, None, offers)

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

    def _deputies(self, contact: Contact) -> Iterator[Step]:
        """The first available deputy along the chain, loops passed over."""
        seen, queue = {contact.id}, list(self._deputies_of(contact))
        while queue and len(seen) <= _CHAIN:
            name, for_this_absence = queue.pop(0)
            if name in seen:
                continue
            seen.add(name)
            deputy = self.public(name)
            if deputy is None:
                continue
            if for_this_absence or self._handles(deputy):
                step = self._contact_step("deputy", deputy)
                if self.availability(deputy).status is Status.AVAILABLE and step.open:
                    yield step
                    return
            queue += list(self._deputies_of(deputy))

    def _deputies_of(self, contact: Contact) -> Iterator[tuple[str, bool]]:
        """Those named for the absence that holds now, then the standing ones."""
        for body in self.picture.states[contact.id].values():
            if isinstance(body, Absence | Override) and body.deputy and self._holds(body, contact):
                yield body.deputy, True
        for deputy in contact.deputies:
            yield deputy, False

    def _holds(self, body: Absence | Override, contact: Contact) -> bool:
        hours = self.picture.shifts(contact)
        start, end = absence_span(body, hours) if isinstance(body, Absence) else (body.start, body.end)
        for edge in (start, end):
            if edge > self.t:
                self._until(edge)
        return start <= self.t < end

    def _handles(self, contact: Contact) -> bool:
        """Whether the contact handles the topic, where one is named."""
        if self.topic is None:
            return True
        units = {u.id for p in contact.posts for u in directory.lineage(self.picture.units, p.unit)}
        return contact.id in self._topic_contacts() or not units.isdisjoint(self.topic.units)

    def _topic_contacts(self) -> list[str]:
        """Contacts named by the topic: by id, or by an alias that one contact bears."""
        named = self.topic.contacts if self.topic else ()
        return [b for n in named if (b := n if n in self.picture.states else self.picture.bearer(n))]

    def _colleagues(self, contact: Contact) -> Iterator[Step]:
        """Another public contact of the topic who is available."""
        if self.topic:
            names = [*self._topic_contacts(), *self._members(self.topic.units)]
            yield from self._first_available(name for name in names if name != contact.id)

    def _first_available(self, names: Iterable[str]) -> Iterator[Step]:
        for name in dict.fromkeys(names):
            colleague = self.public(name)
            if colleague and colleague.type != "service_point" and self.availability(colleague).status is Status.AVAILABLE:
                step = self._contact_step("colleague", colleague)
                if step.open:
                    yield step
                    return

    def _members(self, units: Iterable[str]) -> Iterator[str]:
        todo = list(units)
        seen: set[str] = set()
        while todo:
            unit = todo.pop(0)
            if unit not in seen:
                seen.add(unit)
                yield from sorted(self.picture.members.get(unit, ()))
                todo += sorted(self.picture.children.get(unit, ()))

    def _service_point(self, contact: Contact) -> Iterator[Step]:
        for post in contact.posts[:1]:
            yield from (step for step in self._points(post.unit) if step.id != contact.id)

    def _points(self, unit: str) -> Iterator[Step]:
        """The service point of the nearest unit that has one."""
        for level in directory.lineage(self.picture.units, unit):
            if level.service_point and level.service_point != self.picture.rules.centre:
                point = self.public(level.service_point)
                if point:
                    yield self._contact_step("service-point", point)
                    return

    def _centre(self, contact: Contact | None) -> Iterator[Step]:
        centre = self.centre()
        if centre and (contact is None or contact.id != centre.id):
            yield self._contact_step("centre", centre)

    def has_public(self, unit: str) -> bool:
        """Whether anybody whom the public may know of is in the unit or below it."""
        return any(self.public(name) for name in self._members([unit]))

    def shows(self, contact: Contact, field: str) -> bool:
        """Whether the publication policy shows a field of the contact now."""
        if contact.id == self.picture.rules.centre:
            return True
        rule = self.picture.rules.publication.for_contact(contact, self.picture.units)
        return rule is not None and rule.fields.get(field, "shown") not in hidden_visibilities(self.availability(contact).status)

    def centre_step(self, centre: Contact) -> Step:
        return self._contact_step("centre", centre)

    def centre(self) -> Contact | None:
        return self.public(self.picture.rules.centre) if self.picture.rules.centre else None

    def _centre_open(self) -> bool:
        centre = self.centre()
        return centre is not None and self._contact_step("centre", centre).open

    def _end_in_something(self, steps: list[Step], contact: Contact | None) -> list[Step]:
        """With nothing live open: the earliest opening first, and a mail that is answered."""
        links = [s for s in steps if s.to == "self-service"]
        rest = [s for s in steps if s.to != "self-service"]
        if any(s.open for s in rest):
            return steps
        rest.sort(key=lambda s: self._order_of(s.opens))
        there = {s.id for s in rest}
        return [*links, *rest, *(s for s in self._mailboxes(contact) if s.id not in there)]

    def _order_of(self, when: When | None) -> Instant:
        if isinstance(when, date):
            return self.picture.calendar_days().instant(when)
        return FOREVER if when is None else when

    def long_wait(self) -> bool:
        """Whether the centre's waiting time is over the limit now."""
        waiting = self.waiting()
        return waiting is not None and waiting > self.picture.rules.waiting_limit

    def _with_long_queue(self, steps: list[Step]) -> list[Step]:
        """A centre whose waiting time is over the limit puts its written kinds first."""
        if not self.long_wait():
            return steps
        return [
            s._replace(offers=tuple(sorted(s.offers, key=lambda o: self._live(o.channel.kind)))) if s.to == "centre" else s
            for s in steps
        ]

    def waiting(self) -> int | None:
        """Seconds to wait at the centre now, where a queue source says so and its lease lasts."""
        waits = []
        for queue in self.picture.queues.values():
            end = queue.end - self.margin + 1 if self.margin else queue.end
            if queue.start <= self.t < end:
                waits.append(queue.wait)
                self._until(end)
        return max(waits, default=None)

    def refer_unit(self, unit: str) -> Referral:
        """For an enquiry to a unit: somebody who can be reached now, its service point, the centre."""
        steps = [*self._first_available(self._members([unit])), *self._points(unit), *self._centre(None)]
        return Referral(tuple(self._end_in_something(_once(steps), None)), self.valid_until, frozenset(self.read), None)

    def refer_topic(self) -> Referral:
        """For an enquiry about the topic, with nobody named: its link, then by its level who handles it and the centre."""
        units = self.topic.units if self.topic else ()
        people = [*self._first_available([*self._topic_contacts(), *self._members(units)])]
        points = [step for unit in units for step in self._points(unit)]
        centre = list(self._centre(None))
        one_stop = self.topic is not None and self.topic.level == "one-stop" and self._centre_open()
        steps = [*self._self_service(), *(centre if one_stop else []), *people, *points, *centre]
        return Referral(tuple(self._end_in_something(_once(steps), None)), self.valid_until, frozenset(self.read), None)

    def reachable(self, referral: Referral) -> bool:
        """Whether somebody of the unit or topic itself can be reached now."""
        return any(s.open and s.to in ("colleague", "service-point") for s in referral.steps)

    # --- written kinds ---

    def _written(self, contact: Contact, kind: str) -> tuple[list[Step], To | None]:
        """Post and e-services never move, where the contact has any; a mail goes first to whoever reads it in time."""
        own = self._written_step(contact)
        links = list(self._self_service())
        mailboxes = list(self._mailboxes(contact))
        if kind != "e-mail":
            return [*links, *_once([own, *mailboxes])], None
        centre = [s for s in mailboxes if s.to == "centre"]
        if self.topic and self.topic.level == "one-stop" and self._centre_open() and centre:
            return [*links, *_once([*centre, own, *mailboxes])], "centre"
        first = self._mail_first(contact)
        return [*links, *_once([*mailboxes, own] if first else [own, *mailboxes])], first

    def _written_step(self, contact: Contact) -> Step:
        offers = tuple(o for o in self.offers(contact) if not self._live(o.channel.kind))
        return Step("contact", contact.id, bool(offers), offers=offers)

    def _mail_first(self, contact: Contact) -> To | None:
        """Who gets the mail, where the contact will be away for more than one working day yet."""
        if not self._away_for_long(contact):
            return None
        return next((s.to for s in self._mailboxes(contact)), None)

    def _away_for_long(self, contact: Contact) -> bool:
        """Whether, once it is open again, the contact is away, and stays so for more than one working day from now."""
        state = self.availability(contact)
        if not self._is_away(contact, state.status):
            return False
        days = self.picture.calendar_days()
        tomorrow = days.instant(days.day(self.t) + timedelta(days=1))
        self._until(tomorrow)
        return state.until is None or days.day(state.until) > days.working_day_after(self.t, 1)

    def _is_away(self, contact: Contact, status: Status) -> bool:
        if status is not Status.CLOSED:
            return status is Status.AWAY
        hours = self.picture.hours(contact)
        opens = hours.opens(self.t) if hours else None
        return opens is not None and self.picture.foreseen(contact, opens) is Status.AWAY

    def _mailboxes(self, contact: Contact | None) -> Iterator[Step]:
        """The function mailbox of the nearest unit that has one, then the centre's."""
        for post in contact.posts[:1] if contact else ():
            for unit in directory.lineage(self.picture.units, post.unit):
                mail = tuple(Offer(c, True, FOREVER) for c in unit.channels if c.kind == "e-mail")
                if mail:
                    yield Step("mailbox", unit.id, open=True, offers=mail)
                    break
        centre = self.centre()
        if centre and (contact is None or centre.id != contact.id):
            written = tuple(o for o in self.offers(centre) if not self._live(o.channel.kind))
            if written:
                yield Step("centre", centre.id, open=True, offers=written)


def take(steps: Iterable[Step], kind: str) -> tuple[Step, ChannelRecord] | None:
    """The first open step that has a channel of the kind. Links of self-service are offered, never taken."""
    alike = {"mobile": ("mobile", "telephone"), "telephone": ("telephone", "mobile")}.get(kind, (kind,))
    for step in steps:
        if step.open and step.to != "self-service":
            for name in alike:
                for offer in step.offers:
                    if offer.channel.kind == name and offer.open:
                        return step, offer.channel
    return None


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


def _once(steps: Iterable[Step]) -> list[Step]:
    """The same contact is offered once, in its best place."""
    seen: dict[tuple[str, bool], Step] = {}
    for step in steps:
        seen.setdefault((step.id, step.to == "self-service"), step)
    return list(seen.values())


def _known(instant: Instant) -> Instant | None:
    return instant if instant < FOREVER else None
