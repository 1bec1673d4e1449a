"""What the public may ask, answered in one way for every route: page, widget, embed, fragment and JSON say the same."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote

import msgspec

from presence.domain import audience
from presence.domain.audience import Speaker
from presence.domain.counts import OTHER
from presence.domain.directory import Contact
from presence.domain.intervals import Instant
from presence.domain.referral import Enquiry, Referral
from presence.domain.step import take
from presence.domain.views import PublicCentre, PublicContact, PublicReferral, PublicTopic, PublicUnit
from presence.live import Live
from presence.searching.folding import fold, split
from presence.web.answers import NOT_KEPT, PUBLIC_HEADERS, Answer, Answers
from presence.web.cells import Cell, Counts, Several, name
from presence.web.reached import Counted
from presence.web.vain import Vain
from presence.wording import Wording

_View = TypeVar("_View")

MAX_IDS = 20
_ID = frozenset("abcdefghijklmnopqrstuvwxyz234567")
_PROBLEM = b"application/problem+json"

_encode = msgspec.json.Encoder().encode


class Surface:
    """All public answers of one process, at the tick."""

    def __init__(self, live: Live, wordings: Mapping[str, Wording]) -> None:
        self.live = live
        self.wordings = wordings
        self.answers = Answers()
        self.counts = Counts()  # outcomes, since they were last taken
        self.groups: Mapping[str, str] = {}  # unit -> unit under which it is counted; others with the organisation
        self.vain = Vain(names_somebody=self._names_somebody_unseen)
        self.reached = Counted()
        self._missing = self.counts.cell(name("missing"))
        self._default = next(iter(wordings))
        self._tick: Instant = 0
        self._views: dict[str, Any] = {}
        live.listen(self.answers.forget)
        live.listen(lambda _changed: self._views.clear())

    # --- asking ---

    def enquiry(self, topic: str = "") -> Enquiry:
        """At the tick that holds now."""
        self.live.at_tick()
        return self.live.board.enquiry(topic)

    def speaker(self, language: str) -> Speaker:
        """Words as of the tick; an unknown language is the organisation's first."""
        return self.wordings[self.language(language)].at(self.live.at_tick())

    def language(self, asked: str | None) -> str:
        return asked if asked and asked in self.wordings else self._default

    def language_of(self, query: bytes) -> str:
        return self.language(dict(_pairs(query)).get("lang"))

    def topic(self, asked: str | None) -> str:
        """The topic's id, or nothing where there is no such topic."""
        return asked if asked and asked in self.live.board.public.topics else ""

    def _names_somebody_unseen(self, words: str) -> bool:
        """Whether a word is in the name of a contact who is protected. Looked up once for a word that many asked for."""
        asked = set(words.split())
        picture = self.live.board.now
        unseen = (picture.contact(contact) for contact in picture.states if picture.hides(contact))
        return any(not asked.isdisjoint(fold(part) for part in split(contact.name)) for contact in unseen if contact)

    # --- the hot path ---

    def look_up(self, rest: str, query: bytes, but: Collection[str] = ()) -> Answer | None:
        """`rest` is what follows `/v1/contacts/`; `but`: whom to leave out. None for whatever is not a plain look-up."""
        asked = dict(_pairs(query))
        if not asked.keys() <= {"lang", "topic", "ids"}:
            return None
        language, topic = self.language(asked.get("lang")), self.topic(asked.get("topic"))
        if rest:
            return self.contact(rest, language, topic) if "." not in rest and "ids" not in asked else None
        ids = list(dict.fromkeys(filter(None, asked.get("ids", "").split(","))))
        return self.contacts(ids, language, topic, but) if 0 < len(ids) <= MAX_IDS else None

    def contact(self, contact: str, language: str, topic: str = "") -> Answer:
        """One contact as JSON; the same 404 for unknown, hidden and gone."""
        if not known_form(contact):
            return self.unknown(language)
        answer = self.answers.get(
            f"{contact}?{language}&{topic}", self.live.at_tick(), lambda: self._contact(contact, language, topic)
        )
        return answer if answer.status == 200 else self.unknown(language)

    def contacts(self, ids: list[str], language: str, topic: str = "", but: Collection[str] = ()) -> Answer:
        """Several in one answer. Whoever is unknown, or not to be shown, is left out, and the centre named in their stead."""
        found = [a for i in ids if i not in but and (a := self.contact(i, language, topic)).status == 200]
        body = b'{"contacts":[' + b",".join(a.body for a in found) + b"]"
        body += b"}" if found and len(found) == len(ids) else b',"referral":' + _encode(self.centre_referral(language)) + b"}"
        valid_until = min((a.valid_until for a in found), default=self.live.board.tick)
        read = frozenset[str]().union(*(a.read for a in found))
        cells = (*(a.count for a in found), *[self._missing] * (len(ids) - len(found)))
        shows = tuple(contact for a in found for contact in a.shows)
        return Answer(body, valid_until, read, count=Several(cells), shows=shows)

    def unknown(self, language: str) -> Answer:
        """The 404 that every unknown, hidden and gone contact shares. It names the centre."""
        return self.answers.get(f"404?{language}", self.live.at_tick(), lambda: self._unknown(language))

    def too_many(self, language: str, wait: int, *, of_the_day: bool = False) -> Answer:
        """The 429: honest about when to come back, and it too names the centre."""
        body = self.problem(429, "too-many-contacts" if of_the_day else "too-many-requests", language)
        headers = (*PUBLIC_HEADERS, (b"retry-after", str(wait).encode()), NOT_KEPT)
        refused = self.counts.cell(name("refused", "data"))
        return Answer(body, self.live.board.tick, status=429, content_type=_PROBLEM, count=refused, headers=headers)

    def problem(self, status: int, code: str, language: str, **more: Any) -> bytes:
        """RFC 9457, with a referral so that it is no dead end. Never what was asked for."""
        enquiry = self.enquiry()
        referral = audience.centre_referral(enquiry, self.speaker(language))
        title = self.wordings[self.language(language)].text(f"problem.{code}")
        return _encode({"type": "about:blank", "title": title, "status": status, "code": code, **more, "referral": referral})

    def _contact(self, contact: str, language: str, topic: str) -> Answer:
        enquiry = self.enquiry(topic)
        view = self.view(enquiry, contact, language)
        if view is None:
            # Kept like any other answer, so that a hidden contact costs the same time as an unknown one.
            return Answer(b"", self.valid_until(enquiry), enquiry.read, status=404)
        count = self.looked_up(view, enquiry.topic_id)
        return Answer(_encode(view), self.valid_until(enquiry), enquiry.read, count=count, shows=(contact,))

    def _unknown(self, language: str) -> Answer:
        enquiry = self.enquiry()
        referral = audience.centre_referral(enquiry, self.speaker(language))
        title = self.wordings[self.language(language)].text("problem.unknown-contact")
        document = {"type": "about:blank", "title": title, "status": 404, "code": "unknown-contact", "referral": referral}
        return Answer(_encode(document), self.valid_until(enquiry), enquiry.read, 404, content_type=_PROBLEM, count=self._missing)

    # --- values for pages and the rest ---

    def unit(self, unit: str, language: str) -> PublicUnit | None:
        """Worked out once a tick: a large unit has many people to look at."""
        return self._once(f"unit/{unit}?{language}", lambda: audience.unit_view(self.enquiry(), unit, self.speaker(language)))

    def topic_view(self, topic: str, language: str) -> PublicTopic | None:
        """As `unit`."""
        return self._once(f"topic/{topic}?{language}", lambda: audience.topic_view(self.enquiry(topic), self.speaker(language)))

    def centre(self, language: str) -> PublicCentre | None:
        """As `unit`; every page shows it."""
        return self._once(f"centre?{language}", lambda: audience.centre_view(self.enquiry(), self.speaker(language)))

    def _once(self, question: str, find: Callable[[], _View | None]) -> _View | None:
        """What is found is remembered until the tick or the facts change; that there is nothing is not, as anybody may ask."""
        tick = self.live.at_tick()
        if tick != self._tick:
            self._tick = tick
            self._views.clear()
        if question not in self._views:
            found = find()
            if found is None:
                return None
            self._views[question] = found
        view: _View = self._views[question]
        return view

    def view(self, enquiry: Enquiry, contact: str, language: str) -> PublicContact | None:
        return audience.contact_view(enquiry, contact, self.speaker(language))

    def centre_referral(self, language: str) -> PublicReferral:
        return audience.centre_referral(self.enquiry(), self.speaker(language))

    def go(self, contact: str, kind: str, topic: str = "") -> tuple[str | None, Referral | None]:
        """Where a link leads now: a target, or None for the page of all steps; neither, nor a referral, for nobody known.

        A unit stands for its function mailbox, which is a step that others are led to.
        """
        enquiry = self.enquiry(topic)
        found = enquiry.public(contact)
        kind = self.live.board.rules.meant(kind)
        if found is None:
            return self._mailbox(enquiry, contact, kind), None
        referral = enquiry.refer(found, kind)
        taken = take(referral.steps, kind)
        self._led(enquiry, found, kind, taken[0].to if taken else "steps")
        if taken is None:
            return None, referral
        return target(self.live.board.rules.kind(taken[1].kind).scheme, taken[1].value), referral

    def _mailbox(self, enquiry: Enquiry, unit: str, kind: str) -> str | None:
        held = enquiry.picture.units.get(unit)
        if held is None or kind != "e-mail" or not enquiry.has_public(unit):
            return None
        address = next((channel.value for channel in held.channels if channel.kind == kind), "")
        if not address:
            return None
        self.counts.add(name("go", "mailbox", kind, self.groups.get(unit, "")))
        return target(self.live.board.rules.kind(kind).scheme, address)

    # --- what is counted ---

    def looked_up(self, view: PublicContact, topic: str) -> Cell | Several:
        """Where a look-up of this contact is counted: by status and unit, and by topic without the status, for there a count
        may be of one person."""
        unit = next((post.unit.id for post in view.posts[:1] if post.unit), "")
        by_status = name("lookup", view.availability.status.value, self.groups.get(unit, ""))
        if not topic:
            return self.counts.cell(by_status, name("topic", "", "lookup"))
        # Apart, so that there are as many cells as units and topics, and not as units times topics.
        return Several((self.counts.cell(by_status), self.counts.cell(name("topic", topic, "lookup"))))

    def _led(self, enquiry: Enquiry, contact: Contact, kind: str, to: str) -> None:
        """A link was followed, and led there."""
        known = kind if any(kind == each.name for each in self.live.board.rules.kinds) else OTHER
        self.counts.add(name("go", to, known, self.group(enquiry, contact)), name("topic", enquiry.topic_id, "go", known))

    def group(self, enquiry: Enquiry, contact: Contact) -> str:
        """Under which unit what concerns a contact is counted."""
        return self.groups.get(next((post.unit for post in enquiry.posts(contact)[:1]), ""), "")

    def service(self, topic: str) -> str:
        """A link to the self-service of a topic was followed: where it leads; empty where there is none."""
        found = self.enquiry(topic).topic
        if found is None or not found.link:
            return ""
        self.counts.add(name("self-service"), name("topic", topic, "self-service"))
        return found.link

    def valid_until(self, enquiry: Enquiry) -> Instant:
        """An answer says "today" and "tomorrow", so none outlives its day; and it may rest on marks of protection."""
        days = enquiry.picture.calendar_days()
        midnight = days.instant(days.day(enquiry.t) + timedelta(days=1))
        marks = enquiry.picture.marks_until()
        return min(enquiry.valid_until, midnight, marks if marks > enquiry.t else midnight)


def target(scheme: str, value: str) -> str | None:
    """A URI for a channel's value; None for what is no link (an address)."""
    written = quote(value, safe="%/:=&?~#+!$,;'@()*[]")  # a header holds ASCII
    if scheme:
        return f"{scheme}:{written}"
    return written if value.startswith(("https://", "http://")) else None


def known_form(contact: str) -> bool:
    """Whether it could be an id at all: what could not need not be kept in any cache."""
    return len(contact) == 16 and _ID.issuperset(contact)


def asked_for(path: str, query: bytes) -> Iterator[str]:
    """What could be ids of contacts in a request, however they are encoded."""
    named = [part.partition(".")[0] for part in path.split("/")]
    listed = dict(_pairs(query)).get("ids", "").split(",")
    return filter(known_form, dict.fromkeys([*named, *listed]))


def _pairs(query: bytes) -> list[tuple[str, str]]:
    if not query:
        return []
    try:
        return parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=8)
    except (ValueError, UnicodeDecodeError):
        return [("?", "")]
