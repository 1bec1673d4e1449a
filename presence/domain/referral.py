"""Where to turn: an ordered list of steps, decided by the contact's state *and* by the hours of whoever is offered.

Section 4 of the design in code. A step is offered whether it is open or not, so that nothing ends without a next step; a
link that must lead somewhere at once takes the first open one (`step.take`).
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from presence.domain import directory
from presence.domain.directory import Contact
from presence.domain.enquiry import When
from presence.domain.facts import Absence, Override
from presence.domain.intervals import FOREVER, Instant, Status
from presence.domain.layers import absence_span
from presence.domain.mailboxes import Mailboxes
from presence.domain.rules import Way
from presence.domain.step import Step, To, once, take

_CHAIN = 8  # deputies of deputies that are followed


class Referral(NamedTuple):
    """`valid_until` covers all that was read on the way; `read` names the contacts among it."""

    steps: tuple[Step, ...]
    valid_until: Instant
    read: frozenset[str]
    mail_first: To | None  # who gets a mail before the contact, as it will not be read in time
    long_wait: bool = False  # the contact is the centre, and whoever calls it waits long
    own_first: bool = False  # the matter is with this contact, who cannot be reached now: a message, before anybody else


class Enquiry(Mailboxes):
    """One contact (or none: the centre alone), one instant, one topic; remembers all that it reads."""

    def refer(self, contact: Contact | None, kind: str = "") -> Referral:
        """The steps for an enquiry by this kind of channel (empty: whatever is live), in the order of section 4."""
        if contact and kind and not self._live(kind):
            steps, mail_first = self._written(contact, kind)
            if take(steps, kind) is None:  # nobody has this kind: whatever there is else
                steps = self._live_steps(contact)
        else:
            steps, mail_first = self._live_steps(contact), self._mail_first(contact) if contact else None
        if contact and mail_first:  # the text names who reads the mail, so that step must be there
            steps = once([*steps, *(s for s in self._mailboxes(contact) if s.to == mail_first)])
        own_first = bool(contact) and self._is_relationship() and not any(s.to == "contact" and s.open for s in steps)
        long_wait = contact is not None and contact.id == self.picture.rules.centre and self.long_wait()
        return Referral(tuple(steps), self.valid_until, frozenset(self.read), mail_first, long_wait, own_first)

    @property
    def is_one_stop(self) -> bool:
        """Whether the centre deals with the topic itself."""
        return self.topic is not None and self.topic.level == "one-stop"

    def _is_relationship(self) -> bool:
        return self.topic is not None and self.topic.level == "relationship"

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
        return self._end_in_something(once(steps), contact)

    def _order(self, contact: Contact | None) -> list[Way]:
        """The configured ways; the topic's level and an unknown contact move the centre or the contact forward."""
        ways: list[Way] = [w for w in self.picture.rules.ways if w != "one-stop"]
        status = self.availability(contact).status if contact else Status.UNKNOWN
        one_stop = self.is_one_stop and "one-stop" in self.picture.rules.ways
        centre_first = one_stop or (status is Status.UNKNOWN and not self._is_relationship())
        if centre_first and "centre" in ways and self._centre_open():
            ways.remove("centre")
            ways.insert(ways.index("contact") if "contact" in ways else 0, "centre")
        return ways

    def _self_service(self) -> Iterator[Step]:
        if self.topic and self.topic.link:
            yield Step("self-service", self.topic_id, open=True, link=self.topic.link)

    def _contact_step(self, to: To, contact: Contact) -> Step:
        """Open: available with a live channel that is on, or unknown with one (a call may reach somebody).

        Whoever can only be written to is written to; nobody else is led there in place of somebody to talk to.
        """
        state = self.availability(contact)
        offers = self.offers(contact)
        live = [o for o in offers if self._live(o.channel.kind)]
        reachable = state.status in (Status.AVAILABLE, Status.UNKNOWN)
        if reachable and any(o.open for o in live):
            return Step(to, contact.id, True, None, _known(max(o.until for o in live if o.open)), offers)
        if reachable and to == "contact" and not live and any(o.channel.kind == "e-mail" for o in offers):
            return Step(to, contact.id, True, offers=offers)
        return Step(to, contact.id, False, self.opens(contact, live), None, offers)

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
        for deputy in contact.deputies if self.shows(contact, "deputies") else ():
            yield deputy, False

    def _holds(self, body: Absence | Override, contact: Contact) -> bool:
        if isinstance(body, Absence):
            start, end = absence_span(body, self.picture.shifts(contact, body.employment))
        else:
            start, end = body.start, body.end
        for edge in (start, end):
            if edge > self.t:
                self._until(edge)
        return start <= self.t < end

    def _handles(self, contact: Contact) -> bool:
        """Whether the contact handles the topic, where one is named."""
        if self.topic is None:
            return True
        units = {u.id for p in self.posts(contact) for u in directory.lineage(self.picture.units, p.unit)}
        return contact.id in self.topic_contacts() or not units.isdisjoint(self.topic.units)

    def _colleagues(self, contact: Contact) -> Iterator[Step]:
        """Another public contact of the topic who is available."""
        if self.topic:
            names = (*self.topic_contacts(), *self._known_members(self.topic.units))
            yield from self._first_available(name for name in names if name != contact.id)

    def _first_available(self, names: Iterable[str]) -> Iterator[Step]:
        for name in dict.fromkeys(names):
            colleague = self.public(name)
            if colleague and self._is_asked(colleague) and self.availability(colleague).status is Status.AVAILABLE:
                step = self._contact_step("service-point" if colleague.type == "service_point" else "colleague", colleague)
                if step.open:
                    yield step
                    return

    def _is_asked(self, colleague: Contact) -> bool:
        """A service point stands for its unit, and is asked for a topic only where that names it; the centre comes by itself."""
        named = colleague.id in self.topic_contacts() and colleague.id != self.picture.rules.centre
        return colleague.type != "service_point" or named

    def _service_point(self, contact: Contact) -> Iterator[Step]:
        for post in self.posts(contact)[:1]:
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

    def centre_step(self, centre: Contact) -> Step:
        return self._contact_step("centre", centre)

    def _centre_open(self) -> bool:
        centre = self.centre()
        return centre is not None and self._contact_step("centre", centre).open

    def _end_in_something(self, steps: list[Step], contact: Contact | None) -> list[Step]:
        """With nothing live open: the earliest opening first, and a mail that is answered."""
        links = [s for s in steps if s.to == "self-service"]
        rest = [s for s in steps if s.to != "self-service"]
        if any(s.open for s in rest):
            return steps
        rest.sort(key=lambda s: (not (s.to == "contact" and self._is_relationship()), self._order_of(s.opens)))
        there = {s.id for s in rest}
        return [*links, *rest, *(s for s in self._mailboxes(contact) if s.id not in there)]

    def _order_of(self, when: When | None) -> Instant:
        """A day stands after the times that are known of it."""
        if isinstance(when, date):
            return self.picture.calendar_days().instant(when + timedelta(days=1))
        return FOREVER if when is None else when

    def refer_unit(self, unit: str) -> Referral:
        """For an enquiry to a unit: somebody who can be reached now, its service point, the centre; then its mailbox."""
        steps = [*self._first_available(self._known_members([unit])), *self._points(unit), *self._centre(None)]
        return self._led(steps, self._mailbox(unit))

    def refer_topic(self) -> Referral:
        """For an enquiry about the topic, with nobody named: its link, then by its level who handles it and the centre."""
        units = self.topic.units if self.topic else ()
        people = [*self._first_available([*self.topic_contacts(), *self._known_members(units)])]
        points = [step for unit in units for step in self._points(unit)]
        centre = list(self._centre(None))
        one_stop = self.is_one_stop and self._centre_open()
        steps = [*self._self_service(), *(centre if one_stop else []), *people, *points, *centre]
        return self._led(steps, (step for unit in units for step in self._mailbox(unit)))

    def _led(self, steps: list[Step], mailboxes: Iterable[Step]) -> Referral:
        """Where no contact is named."""
        ended = once([*self._end_in_something(once(steps), None), *mailboxes])
        return Referral(tuple(ended), self.valid_until, frozenset(self.read), None)

    def reachable(self, referral: Referral) -> bool:
        """Whether somebody of the unit or topic itself can be reached now; of a one-stop topic that is the centre."""
        if self.is_one_stop and self._centre_open():
            return True
        found = (self.public(s.id) for s in referral.steps if s.open and s.to in ("colleague", "service-point"))
        return any(c is not None and self.availability(c).status is Status.AVAILABLE for c in found)

    # --- written kinds ---

    def _written(self, contact: Contact, kind: str) -> tuple[list[Step], To | None]:
        """Post and e-services never move, where the contact has any; a mail goes first to whoever reads it in time."""
        own = self._written_step(contact)
        links = list(self._self_service())
        mailboxes = list(self._mailboxes(contact))
        if kind != "e-mail":
            return [*links, *once([own, *mailboxes])], None
        readers = list(self._readers(contact))
        centre = [s for s in readers if s.to == "centre"]
        if self.is_one_stop and self._centre_open() and centre:
            return [*links, *once([*centre, own, *mailboxes])], "centre"
        first = self._mail_first(contact)
        return [*links, *once([*readers, own, *mailboxes] if first else [own, *mailboxes])], first

    def _written_step(self, contact: Contact) -> Step:
        offers = tuple(o for o in self.offers(contact) if not self._live(o.channel.kind))
        return Step("contact", contact.id, bool(offers), offers=offers)


def _known(instant: Instant) -> Instant | None:
    return instant if instant < FOREVER else None
