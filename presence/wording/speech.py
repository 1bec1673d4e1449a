"""The sentences: what is said of a status, a step, a referral, the centre, as of one instant."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from math import ceil
from typing import Protocol

from presence.domain.directory import Contact
from presence.domain.enquiry import PHONES, Offer, When
from presence.domain.hours import ComingException, OpeningHours
from presence.domain.intervals import FOREVER, Instant, Status
from presence.domain.referral import Referral
from presence.domain.rules import Kind
from presence.domain.step import Step
from presence.wording.moments import Moments

_PLACES = ("service-point", "centre")
_WRITES = ("e-mail", "chat")
_NO_HELPER = ("self-service", "contact", "mailbox")


class Words(Protocol):
    """What a speech is made of."""

    language: str
    kinds: Mapping[str, Kind]
    moments: Moments

    def text(self, name: str, /, **values: str) -> str: ...
    def find(self, name: str, /) -> str: ...
    def own(self, phrase: str) -> str: ...
    def label(self, kind: str) -> str: ...
    def display(self, kind: str, value: str) -> str: ...


class Speech:
    """A wording as of `now`: the instant from which "today" is meant. See `presence.domain.audience.Speaker`."""

    def __init__(self, words: Words, now: Instant) -> None:
        self.language = words.language
        self._words = words
        self._now = now
        self._text: Callable[..., str] = words.text
        self.own = words.own
        self.label = words.label
        self.display = words.display
        self.iso = words.moments.iso

    # --- status ---

    def status(
        self, contact: Contact, status: Status, until: When | None, offers: Sequence[Offer], rings: When | None = None
    ) -> str:
        """The first sentence says the state, what follows says when or how.

        `until` is what the public may be told of a return, `rings` of when a telephone that is off is on again.
        """
        staffed = status is not Status.AVAILABLE or bool(_live(offers, self._words.kinds))  # a mailbox alone is not "open"
        place = ".place" if contact.type != "person" and staffed else ""
        said = self._words.find(f"status.{status}{place}") or self._text(f"status.{status}")
        if status is Status.AVAILABLE:
            more = self._available(offers, rings, bool(place))
        elif status is Status.UNKNOWN:
            more = self._ways("status.unknown.open", _open(offers))
        else:
            more = self._back(status, place, until)
        return f"{said} {more}".rstrip()

    def _available(self, offers: Sequence[Offer], rings: When | None, place: bool) -> str:
        live = [o for o in _live(offers, self._words.kinds) if o.open]
        if place and live:
            closes = max(o.until for o in live)
            return "" if closes >= FOREVER else self._text("status.available.place_until", time=self._end(closes))
        phones = [o for o in offers if o.channel.kind in PHONES]
        open_ = [o for o in phones if o.open]
        if phones and not open_:
            if rings is None:
                return self._text("status.available.no_phone")
            return self._text("status.available.no_phone_until", moment=self._when(rings))
        if open_ and all(o.channel.hours for o in open_):
            ends = max(o.until for o in open_)
            return "" if ends >= FOREVER else self._text("status.available.phone_until", time=self._end(ends))
        return ""

    def _back(self, status: Status, place: str, until: When | None) -> str:
        if until is None:
            return self._words.find(f"status.{status}.open")
        if place and status is Status.CLOSED:
            return self._text("status.closed.place_until", moment=self._when(until))
        return self._until(f"status.{status}", until)

    def _ways(self, name: str, offers: Sequence[Offer]) -> str:
        """A sentence on calling and writing, of what there is to call and to write to."""
        kinds = {offer.channel.kind for offer in offers}
        calls, writes = not kinds.isdisjoint(PHONES), not kinds.isdisjoint(_WRITES)
        if calls and writes:
            return self._text(name)
        return self._text(f"{name}.call" if calls else f"{name}.write") if calls or writes else ""

    def _until(self, name: str, until: When) -> str:
        if isinstance(until, date):
            return self._text(f"{name}.until_day", day=self._day(until))
        return self._text(f"{name}.until_time", time=self._end(until), moment=self._moment(until))

    def _when(self, when: When) -> str:
        return self._day(when) if isinstance(when, date) else self._moment(when)

    # --- referral ---

    def lead(self, referral: Referral, names: Sequence[str], status: Status | None, until: When | None) -> str:
        """What to do now, in a sentence or two. `names` are those of the steps; `status` None: nobody was named."""
        steps = list(zip(referral.steps, names, strict=True))
        said = [self._text("lead.self_service")] if any(s.to == "self-service" for s, _ in steps) else []
        own = next((s for s, _ in steps if s.to == "contact" and s.open), None)
        helper = next(((s, n) for s, n in steps if s.to not in _NO_HELPER and self._answers(s)), None)
        if status is Status.AVAILABLE and own:
            how = "" if referral.long_wait else self._ways("lead.contact", _open(own.offers))
            said += [how or self._text("step.long_wait" if referral.long_wait else "step.colleague.open")]
            # Whoever can only be written to does not answer those who want to talk.
            return " ".join(said if self._answers(own) or not helper else [*said, self._helps(*helper, named=True)])
        mail = self._mail(referral, until)
        own_mail = next((m for s, _ in steps if s.to == "contact" and (m := self._mail_of(s))), "")
        message = [self._text("lead.write", mail=own_mail)] if referral.own_first and own_mail and not mail else []
        said += message
        # On the page of a topic or a unit nobody was named: "the same matters" as whose?
        named = status is not None or any(s.to == "contact" for s, _ in steps)
        said += [self._helps(*helper, named)] if helper else self._later(steps, write=len(mail) < 2 and not message)
        return " ".join([*said, *mail]) or (self._text("lead.none") if status is None else "")

    def _answers(self, step: Step) -> bool:
        return step.open and any(o.open for o in _live(step.offers, self._words.kinds))

    def _helps(self, step: Step, name: str, named: bool) -> str:
        phone = next((self._shown(o) for o in step.offers if o.open and o.channel.kind in PHONES), "")
        with_phone = ".phone" if phone else ""
        if step.to in _PLACES:
            if step.closes is None:
                return self._text(f"lead.helps{with_phone}", name=name, phone=phone)
            name_of = "lead.helps.phone_until" if phone else "lead.helps.until"
            return self._text(name_of, name=name, phone=phone, time=self._end(step.closes))
        how = step.to if named else "helps"
        return self._text(f"lead.{how}{with_phone}", name=name, phone=phone)

    def _later(self, steps: Sequence[tuple[Step, str]], write: bool) -> Iterator[str]:
        """Nobody answers now: who opens next, and where a mail is read."""
        for step, name in steps:
            if step.to in _PLACES and step.opens is not None and not step.open:
                yield self._text("lead.opens", name=name, moment=self._when(step.opens))
                break
        mails = [self._mail_of(step) for to in ("mailbox", *_PLACES) for step, _ in steps if step.to == to]
        if write and (mail := next(filter(None, mails), "")):
            yield self._text("lead.write", mail=mail)

    def _mail(self, referral: Referral, until: When | None) -> list[str]:
        """What becomes of a mail to somebody who will be away for a while, where such a mail can be sent at all."""
        own = next((s for s in referral.steps if s.to == "contact"), None)
        if referral.mail_first is None or own is None or not self._mail_of(own):
            return []
        said = self._text("lead.mail")
        if isinstance(until, date):
            said = self._text("lead.mail.until_day", date=self._words.moments.date_of(until, self._now))
        first = (self._mail_of(s) for s in referral.steps if s.to == referral.mail_first)
        mail = next(filter(None, first), "")
        return [said, self._text("lead.mail.instead", mail=mail)] if mail else [said]

    def _mail_of(self, step: Step) -> str:
        return next((o.channel.value for o in step.offers if o.channel.kind == "e-mail"), "")

    def step(self, step: Step, name: str, long_wait: bool) -> str:
        """A step's own sentence, read under its name."""
        del name  # the sentences of the catalogues leave it to the heading
        said = self._place(step) if step.to in _PLACES else self._somebody(step)
        return f"{said} {self._text('step.long_wait')}" if long_wait and step.open else said

    def _somebody(self, step: Step) -> str:
        if step.open and step.to == "contact":
            return self._ways("step.contact.open", _open(step.offers)) or self._text("step.colleague.open")
        if step.open:
            return self._text(f"step.{step.to}.open")
        if not step.offers:
            return self._text("step.contact.none")
        return self._until("step.contact", step.opens) if step.opens is not None else self._text("step.contact.closed")

    def _place(self, step: Step) -> str:
        if step.open and not self._answers(step):
            return self._text("step.mailbox.open")
        if step.open:
            if step.closes is None:
                return self._text("step.place.open")
            return self._text("step.place.until", time=self._end(step.closes))
        if step.opens is None:
            return self._text("step.place.closed")
        return self._text("step.place.opens", moment=self._when(step.opens))

    def self_service(self, topic: str) -> str:
        return self._text("step.self_service", name=topic)

    def reachable(self, reachable: bool) -> str:
        return self._text("reachable.yes" if reachable else "reachable.no")

    # --- the centre ---

    def centre(self, step: Step, waiting: int | None) -> str:
        """Open or not, what changes next, and how long one waits (seconds)."""
        if not step.open:
            if step.opens is None:
                return self._text("centre.closed")
            return self._text("centre.closed.opens", moment=self._when(step.opens))
        said = self._text("centre.open")
        if step.closes is not None:
            said = self._text("centre.open.until", time=self._end(step.closes))
        if waiting is None:
            return said
        short = waiting <= 90
        wait = self._text("centre.waiting.short" if short else "centre.waiting", minutes=str(ceil(waiting / 60)))
        return f"{said} {wait}"

    # --- time ---

    def exception(self, exception: ComingException) -> str:
        return self._words.moments.exception(exception, self._now)

    def hours(self, hours: OpeningHours) -> str:
        return self._words.moments.hours(hours, self._now)

    def _end(self, instant: Instant) -> str:
        return self._words.moments.end(instant, self._now)

    def _moment(self, instant: Instant) -> str:
        return self._words.moments.moment(instant, self._now)

    def _day(self, day: date) -> str:
        return self._words.moments.day(day, self._now)

    def _shown(self, offer: Offer) -> str:
        return self.display(offer.channel.kind, offer.channel.value)


def _live(offers: Sequence[Offer], kinds: Mapping[str, Kind]) -> list[Offer]:
    return [o for o in offers if o.channel.kind in kinds and kinds[o.channel.kind].live]


def _open(offers: Sequence[Offer]) -> list[Offer]:
    return [offer for offer in offers if offer.open]
