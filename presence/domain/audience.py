"""What each audience may see of a contact, a unit, a topic, the centre. The only module that makes outgoing views."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

from msgspec import UNSET, UnsetType

from presence.domain import directory
from presence.domain.directory import Contact
from presence.domain.enquiry import Offer, When
from presence.domain.hours import ComingException, OpeningHours
from presence.domain.intervals import FOREVER, Instant, Status
from presence.domain.referral import Enquiry, Referral
from presence.domain.step import Step
from presence.domain.views import (
    PublicAvailability,
    PublicCentre,
    PublicChannel,
    PublicContact,
    PublicException,
    PublicHit,
    PublicPost,
    PublicReferral,
    PublicStep,
    PublicTopic,
    PublicUnit,
    StaffContact,
    TopicHit,
    UnitHit,
    UnitRef,
)


class Speaker(Protocol):
    """Words in one language, as of one instant, in the organisation's zone. Implemented by `presence.wording`."""

    language: str

    def status(
        self, contact: Contact, status: Status, until: When | None, offers: Sequence[Offer], rings: When | None = None
    ) -> str: ...
    def step(self, step: Step, name: str, long_wait: bool) -> str: ...
    def lead(self, referral: Referral, names: Sequence[str], status: Status | None, until: When | None) -> str: ...
    def reachable(self, reachable: bool) -> str: ...
    def centre(self, step: Step, waiting: int | None) -> str: ...
    def exception(self, exception: ComingException) -> str: ...
    def hours(self, hours: OpeningHours) -> str: ...
    def own(self, phrase: str) -> str: ...
    def label(self, kind: str) -> str: ...
    def display(self, kind: str, value: str) -> str: ...
    def iso(self, when: When) -> str: ...
    def self_service(self, topic: str) -> str: ...


def contact_view(enquiry: Enquiry, contact_id: str, speaker: Speaker) -> PublicContact | None:
    """The public view at the enquiry's tick; None for whoever the public must not know of."""
    contact = enquiry.public(contact_id)
    if contact is None:
        return None
    state = enquiry.availability(contact)
    until = enquiry.told(contact, state.until)
    hours = enquiry.picture.hours(contact)
    offers = enquiry.offers(contact)
    rings = enquiry.rings(contact, offers) if state.status is Status.AVAILABLE else None
    text = speaker.status(contact, state.status, until, offers, rings)
    return PublicContact(
        id=contact.id,
        name=contact.name,
        posts=tuple(_posts(enquiry, contact)),
        channels=tuple(_channels(enquiry, contact.id, offers, speaker, enquiry.topic_id)),
        availability=PublicAvailability(state.status, text, _iso(speaker, until)),
        office_address=_shown(enquiry, contact, "office_address"),
        postal_address=_shown(enquiry, contact, "postal_address"),
        room=_shown(enquiry, contact, "room"),
        hours=speaker.hours(hours) if hours and (contact.hours or contact.type != "person") else UNSET,
        referral=_referral(enquiry, enquiry.refer(contact), speaker, state.status, until),
    )


def unit_view(enquiry: Enquiry, unit_id: str, speaker: Speaker) -> PublicUnit | None:
    """A unit that has anybody public in or below it."""
    unit = enquiry.picture.units.get(unit_id)
    if unit is None or not enquiry.has_public(unit_id):
        return None
    referral = enquiry.refer_unit(unit_id)
    reachable = enquiry.reachable(referral)
    hours = enquiry.picture.unit_hours(unit_id)
    return PublicUnit(
        id=unit.id,
        name=unit.name,
        path=directory.path(enquiry.picture.units, unit.id),
        reachable=reachable,
        text=speaker.reachable(reachable),
        referral=_referral(enquiry, referral, speaker, None, None),
        hours=speaker.hours(hours) if hours else UNSET,
        exceptions=tuple(_exceptions(hours, enquiry.t, speaker)),
    )


def topic_view(enquiry: Enquiry, speaker: Speaker) -> PublicTopic | None:
    """The enquiry's topic."""
    topic = enquiry.topic
    if topic is None:
        return None
    referral = enquiry.refer_topic()
    reachable = enquiry.reachable(referral)
    hours = enquiry.topic_hours()
    return PublicTopic(
        id=enquiry.topic_id,
        name=topic.names.get(speaker.language, topic.name),
        words=topic.words,
        reachable=reachable,
        text=speaker.reachable(reachable),
        referral=_referral(enquiry, referral, speaker, None, None),
        link=topic.link or UNSET,
        hours=speaker.hours(hours) if hours else UNSET,
        exceptions=tuple(_exceptions(hours, enquiry.t, speaker)),
    )


def hit_view(enquiry: Enquiry, contact_id: str) -> PublicHit | None:
    """As `contact_view`, for a list of hits."""
    contact = enquiry.public(contact_id)
    return PublicHit(contact.id, contact.name, tuple(_posts(enquiry, contact))) if contact else None


def unit_hit(enquiry: Enquiry, unit_id: str, *, meant: bool) -> UnitHit:
    """Of a unit that is there. `meant`: it was asked for by its name."""
    units = enquiry.picture.units
    return UnitHit(unit_id, units[unit_id].name, directory.path(units, unit_id), meant or UNSET)


def topic_hit(enquiry: Enquiry, topic_id: str, language: str) -> TopicHit:
    """Of a topic that is there."""
    topic = enquiry.picture.topics[topic_id]
    return TopicHit(topic_id, topic.names.get(language, topic.name), topic.link or UNSET)


def centre_view(enquiry: Enquiry, speaker: Speaker) -> PublicCentre | None:
    """The one-stop centre."""
    centre = enquiry.centre()
    if centre is None:
        return None
    step = enquiry.centre_step(centre)
    waiting = enquiry.waiting()
    hours = enquiry.picture.hours(centre)
    return PublicCentre(
        id=centre.id,
        name=centre.name,
        open=step.open,
        text=speaker.centre(step, waiting),
        channels=tuple(_channels(enquiry, centre.id, step.offers, speaker)),
        hours=speaker.hours(hours) if hours else UNSET,
        opens=_iso(speaker, step.opens),
        closes=_iso(speaker, step.closes),
        waiting=UNSET if waiting is None else waiting,
        office_address=centre.office_address or UNSET,
        postal_address=centre.postal_address or UNSET,
        exceptions=tuple(_exceptions(hours, enquiry.t, speaker)),
    )


def centre_referral(enquiry: Enquiry, speaker: Speaker) -> PublicReferral:
    """What every dead end holds: the centre."""
    return _referral(enquiry, enquiry.refer(None), speaker, None, None)


def referral_view(enquiry: Enquiry, referral: Referral, speaker: Speaker) -> PublicReferral:
    """All steps of a referral, where a link could not take one."""
    return _referral(enquiry, referral, speaker, None, None)


def staff_view(enquiry: Enquiry, contact: Contact, speaker: Speaker) -> StaffContact:
    """See `StaffContact`."""
    explanation = enquiry.picture.explanation(contact, enquiry.t)
    until = UNSET if explanation.until is None else speaker.iso(explanation.until)
    return StaffContact(contact.id, contact.name, explanation.status, explanation, until)


def _posts(enquiry: Enquiry, contact: Contact) -> Iterator[PublicPost]:
    """Of published units, and of those what the policy shows."""
    units = enquiry.picture.units
    titled, placed = enquiry.shows(contact, "title"), enquiry.shows(contact, "unit")
    for post in enquiry.posts(contact):
        unit = UnitRef(post.unit, directory.path(units, post.unit)) if placed and post.unit in units else UNSET
        yield PublicPost(post.title if titled else "", unit)


def _shown(enquiry: Enquiry, contact: Contact, field: str) -> str | UnsetType:
    value: str = getattr(contact, field)
    return value if value and enquiry.shows(contact, field) else UNSET


def _channels(
    enquiry: Enquiry, target: str, offers: Sequence[Offer], speaker: Speaker, topic: str = ""
) -> Iterator[PublicChannel]:
    """`topic` goes along in the links: with it a link leads where that enquiry should go, without it to the target."""
    for channel, is_open, _ in offers:
        hours = enquiry.picture.hours_of(channel.hours) if channel.hours else None
        yield PublicChannel(
            kind=channel.kind,
            label=speaker.label(channel.kind),
            value=channel.value,
            display=speaker.display(channel.kind, channel.value),
            open=is_open,
            href=_go(enquiry, target, channel.kind, topic),
            hours=speaker.hours(hours) if hours else UNSET,
            cost=speaker.own(channel.cost) or UNSET,
            reply=speaker.own(channel.reply) or UNSET,
        )


def _go(enquiry: Enquiry, target: str, kind: str, topic: str) -> str:
    return f"{enquiry.picture.rules.address}/go/{target}/{kind}{f'?topic={topic}' if topic else ''}"


def _referral(
    enquiry: Enquiry, referral: Referral, speaker: Speaker, status: Status | None, until: When | None
) -> PublicReferral:
    names = [_name(enquiry, step, speaker) for step in referral.steps]
    steps = tuple(_step(enquiry, step, name, speaker) for step, name in zip(referral.steps, names, strict=True))
    return PublicReferral(speaker.lead(referral, names, status, until), steps)


def _name(enquiry: Enquiry, step: Step, speaker: Speaker) -> str:
    if step.to == "self-service":
        return enquiry.topic.names.get(speaker.language, enquiry.topic.name) if enquiry.topic else ""
    if step.to == "mailbox" and step.id in enquiry.picture.units:
        return enquiry.picture.units[step.id].name
    contact = enquiry.picture.contact(step.id)
    return contact.name if contact else ""


def _step(enquiry: Enquiry, step: Step, name: str, speaker: Speaker) -> PublicStep:
    if step.to == "self-service":
        href = _go(enquiry, step.id, "self-service", "")
        return PublicStep(step.to, step.id, name, True, speaker.self_service(name), href=href)
    return PublicStep(
        to=step.to,
        id=step.id,
        name=name,
        open=step.open,
        text=speaker.step(step, name, step.id == enquiry.picture.rules.centre and enquiry.long_wait()),
        opens=_iso(speaker, step.opens),
        closes=_iso(speaker, step.closes),
        channels=tuple(_channels(enquiry, step.id, step.offers, speaker)),
    )


def _exceptions(hours: OpeningHours | None, t: Instant, speaker: Speaker) -> Iterator[PublicException]:
    for coming in hours.coming(t) if hours else ():
        spans = tuple(f"{a:%H:%M}-{b:%H:%M}" for a, b in coming.open)
        yield PublicException(coming.day.isoformat(), spans, speaker.exception(coming))


def _iso(speaker: Speaker, when: When | None) -> str | UnsetType:
    if when is None or (not isinstance(when, date) and when >= FOREVER):
        return UNSET
    return speaker.iso(when)
