"""What the store keeps: facts, never states.

A fact is a key and a body. The last writer of a key wins; a body of None is a tombstone. The answer to a visitor is a pure
function of facts and time, so nothing is ever "restored".

Keys are `kind/subject/…`: the subject (a contact, a unit, a source, …) is the second part, so that all facts of one contact
live together. Parts are escaped, so any alias may be a part. No body has a field in which a reason could be put.
"""

from typing import ClassVar, Literal
from urllib.parse import quote, unquote

import msgspec

from presence.domain.intervals import FOREVER, Instant, Intervals

Key = str


def key(kind: str, *parts: str) -> Key:
    """`key("presence", contact, source, alias, device)`."""
    return "/".join((kind, *(quote(part, safe=":@+ ") for part in parts)))


def parts(key: Key) -> tuple[str, ...]:
    """The inverse of `key`: kind first."""
    return tuple(unquote(part) for part in key.split("/"))


def subject(key: Key) -> str:
    """Whom the fact is about: what decides its shard."""
    return unquote(key.split("/", 2)[1])


class Body(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="is"):
    """Base of all bodies. `kind` is the first part of the key under which such a body is kept."""

    kind: ClassVar[str]


class Post(msgspec.Struct, frozen=True, omit_defaults=True):
    """An employment as the directory shows it."""

    title: str = ""
    unit: str = ""  # unit id
    employment: str = ""  # the employment's number at HR, where it is known
    share: float = 1.0  # of all the working time of its bearer


class ChannelRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """A way to reach somebody."""

    kind: str  # from the configuration: telephone, mobile, e-mail, visit, post, fax, e-service, chat, text-telephone, …
    value: str  # E.164 number, address, URL
    hours: str = ""  # OSM opening_hours; gates this channel only
    cost: str = ""
    reply: str = ""  # how long an answer takes, in words of the organisation


class ContactRecord(Body, frozen=True, omit_defaults=True, tag="contact"):
    """What one source says of a contact. Kept under contact/{contact}/{source}; sources are merged on reading."""

    kind: ClassVar[str] = "contact"
    type: Literal["person", "function", "service_point"] = "person"
    name: str = ""
    given: str = ""
    family: str = ""
    nicknames: tuple[str, ...] = ()
    posts: tuple[Post, ...] = ()
    channels: tuple[ChannelRecord, ...] = ()
    office_address: str = ""
    postal_address: str = ""
    room: str = ""
    keywords: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    hours: str = ""  # published OSM opening_hours: outside them the contact is closed
    exceptions: tuple["DayException", ...] = ()  # to `hours`
    schedule: str = ""  # private working hours: outside them the contact is away, as on any leave
    deputies: tuple[str, ...] = ()  # contact ids, in order
    aliases: tuple[str, ...] = ()  # "kind:value", see directory.Alias
    hidden: bool = False  # protected: answers as an unknown id everywhere
    first_seen: Instant = 0  # when this source first named the contact
    entry: str = ""  # by which the source's entry is known again where another source gave the contact its id; never shown


class UnitRecord(Body, frozen=True, omit_defaults=True, tag="unit"):
    """A node of the organisation. Kept under unit/{unit}/{source}."""

    kind: ClassVar[str] = "unit"
    name: str
    parent: str = ""  # unit id
    hours: str = ""
    exceptions: tuple["DayException", ...] = ()
    service_point: str = ""  # contact id
    channels: tuple[ChannelRecord, ...] = ()  # the unit's own, such as its function mailbox
    keywords: tuple[str, ...] = ()


class DayException(msgspec.Struct, frozen=True, omit_defaults=True):
    """Other hours on certain days than the weekly rule gives. `open` are "HH:MM-HH:MM" spans; none means closed."""

    first: str  # ISO date
    last: str = ""  # ISO date, inclusive; empty: one day
    open: tuple[str, ...] = ()


Level = Literal["self-service", "one-stop", "expert", "relationship"]


class TopicRecord(Body, frozen=True, omit_defaults=True, tag="topic"):
    """What people ask about. Kept under topic/{topic}/{source}."""

    kind: ClassVar[str] = "topic"
    name: str
    names: dict[str, str] = {}  # in other languages
    words: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    level: Level = "expert"
    link: str = ""  # self-service


class Absence(Body, frozen=True, omit_defaults=True, tag="absence"):
    """A leave, without its reason. Kept under absence/{contact}/{source}/{uid}.

    Either instants (`start`, `end`), or calendar days (`first`, `last`, ISO dates, inclusive), which cover the shifts that
    begin on them. No end: until further notice.
    """

    kind: ClassVar[str] = "absence"
    start: Instant = 0
    end: Instant = FOREVER
    first: str = ""
    last: str = ""
    extent: float = 1.0  # of that employment's working time
    employment: str = ""  # empty: of all working time
    share: float = 0.0  # the employment's share of all working time; 0: what the directory says, else the whole
    deputy: str = ""  # contact id named for this absence
    since: Instant = 0  # when the service first held it; kept over corrections
    ok_until: Instant = FOREVER  # this person's own mark, where the feed behind it fails

    @property
    def dated(self) -> bool:
        return bool(self.first)


class Calendar(Body, frozen=True, omit_defaults=True, tag="calendar"):
    """Planned time. Kept under calendar/{contact}/{source}; an empty one says that the person is linked to a calendar.

    From the end of the expanded window on the intervals say DOUBT, so that silence beyond it is never taken for free time.
    """

    kind: ClassVar[str] = "calendar"
    intervals: Intervals = Intervals()
    ok_until: Instant = FOREVER  # this person's own mark, written when the feed fails and when it is back
    eventful: bool = False  # the feed had at least five coming events when it was last read
    emptied: bool = False  # it was then read with none; that is believed when it is read a second time
    hours: Intervals = Intervals()  # working hours in it (VAVAILABILITY): AVAILABLE at work, AWAY off; off is in `intervals` too
    window: Instant = 0  # the end of the expanded window, where there is doubt before it already


class Pattern(msgspec.Struct, frozen=True, omit_defaults=True):
    """Working hours on some days. Of several patterns that hold on a day the shifts add up: two sites, two posts."""

    rule: str  # OSM opening_hours
    first: str = ""  # ISO date; empty: since ever
    last: str = ""  # ISO date, inclusive; empty: until further notice
    employment: str = ""  # the employment's number; empty: of the person as a whole
    share: float = 0.0  # the employment's share of all working time; 0: not said


class Schedule(Body, frozen=True, omit_defaults=True, tag="schedule"):
    """A person's working hours, as one source has them. Kept under schedule/{contact}/{source}. No pattern: never at work."""

    kind: ClassVar[str] = "schedule"
    patterns: tuple[Pattern, ...] = ()
    first: str = ""  # ISO date from which the source speaks for this person; before it it says nothing
    unread: bool = False  # there are hours that could not be read, and none from before: nothing is assumed


Report = Literal["available", "busy", "away", "idle", "offline"]


class Presence(Body, frozen=True, omit_defaults=True, tag="presence"):
    """A live report: a lease. Kept under presence/{contact}/{source}/{alias}/{device}.

    `away` is an absence told by a switchboard and counts as one; `idle` says nothing; `offline` is DOUBT after a while.
    """

    kind: ClassVar[str] = "presence"
    status: Report
    start: Instant
    end: Instant
    seq: int = 0  # of the sender, where it numbers its reports: an older one never wins


class Override(Body, frozen=True, omit_defaults=True, tag="override"):
    """A person's or a CSR's own word, always with an end. Kept under override/{contact}/{uid}."""

    kind: ClassVar[str] = "override"
    status: Literal["available", "busy", "away"]
    start: Instant
    end: Instant
    set_at: Instant
    deputy: str = ""


class Link(Body, frozen=True, omit_defaults=True, tag="link"):
    """The contact is linked to a live source, though it may have nothing to report. Kept under link/{contact}/{source}."""

    kind: ClassVar[str] = "link"


class Checked(Body, frozen=True, omit_defaults=True, tag="checked"):
    """Every mark source was read after the contact was first seen. Kept under checked/{contact}."""

    kind: ClassVar[str] = "checked"
    at: Instant = 0


class Hidden(Body, frozen=True, omit_defaults=True, tag="hidden"):
    """The contact was hidden once. Kept under hidden/{contact}; it never leaves while the contact exists."""

    kind: ClassVar[str] = "hidden"
    at: Instant = 0


class Former(Body, frozen=True, omit_defaults=True, tag="former"):
    """Aliases that the contact bore until a while ago, and when each was given up. Kept under former/{contact}, never shown.

    A calendar that is keyed by an address from before a marriage still finds its owner.
    """

    kind: ClassVar[str] = "former"
    aliases: tuple[tuple[str, Instant], ...] = ()


class Marks(Body, frozen=True, omit_defaults=True, tag="marks"):
    """Aliases that a mark source protects. Kept under marks/{source}; they hide whoever bears one, now or later."""

    kind: ClassVar[str] = "marks"
    aliases: tuple[str, ...] = ()


SourceKind = Literal["directory", "calendar", "leave", "presence", "schedule", "marks", "queue", "config"]


class SourceHealth(Body, frozen=True, omit_defaults=True, tag="source"):
    """How a source fares. Kept under source/{source}."""

    kind: ClassVar[str] = "source"
    type: SourceKind
    ok_at: Instant = 0  # last success; 0: none yet
    ok_until: Instant = 0  # past it the source's silence is no evidence
    marks_at: Instant = 0  # when its protection marks were last read whole
    failing_since: Instant = 0  # 0: well
    error: str = ""  # a stable code of ours, never the source's words
    heartbeats: bool = True  # a presence source that cannot send any is no evidence
    unmatched: tuple[str, ...] = ()  # digests would not help an operator: aliases that no contact bears, at most 1,000
    skipped: int = 0  # entries or events that could not be read
    read_at: Instant = 0  # when the reading began that was last applied whole; an older one is not applied any more
    unmatched_count: int = 0  # of all unmatched aliases
    ambiguous: tuple[str, ...] = ()  # those of them that several contacts bear, so that nobody is given what is said of them


class Queue(Body, frozen=True, omit_defaults=True, tag="queue"):
    """The centre's waiting time, leased. Kept under queue/{source}."""

    kind: ClassVar[str] = "queue"
    wait: int  # seconds
    start: Instant
    end: Instant


class Held(Body, frozen=True, omit_defaults=True, tag="held"):
    """Something said of an alias that no contact bears yet. Kept under held/{alias}/{source}/{rest of the key}."""

    kind: ClassVar[str] = "held"
    body: "Absence | Calendar | Presence | Link | Schedule"
    key_rest: tuple[str, ...] = ()


class HoldBack(Body, frozen=True, omit_defaults=True, tag="holdback"):
    """A complete batch that was not applied. Kept under holdback/{id}; released by a named operator, never by its sender."""

    kind: ClassVar[str] = "holdback"
    source: str
    at: Instant
    rule: str  # which rule held it, a stable code
    held: int = 0  # what the source holds
    added: int = 0
    changed: int = 0
    removed: int = 0
    facts: tuple[tuple[Key, bytes | None], ...] = ()  # the whole difference, encoded
    numbers: tuple[int, ...] = ()  # of what stood under each of these keys in the store; 0: nothing
    read_at: Instant = 0
    marks_at: Instant = 0
    explanation: str = ""  # the rule and its figures in one line


class Removals(Body, frozen=True, omit_defaults=True, tag="removals"):
    """How many a source's complete batches removed, by hour, for the 24-hour rule. Kept under removals/{source}."""

    kind: ClassVar[str] = "removals"
    hours: tuple[tuple[Instant, int], ...] = ()


class Count(Body, frozen=True, omit_defaults=True, tag="count"):
    """Counts of one process in one hour, by name. Kept under count/{hour}/{process}. No person, no address."""

    kind: ClassVar[str] = "count"
    hour: Instant
    counts: dict[str, int] = {}


AnyBody = (
    ContactRecord
    | UnitRecord
    | TopicRecord
    | Absence
    | Calendar
    | Schedule
    | Presence
    | Override
    | Link
    | Checked
    | Hidden
    | Former
    | Marks
    | SourceHealth
    | Queue
    | Held
    | HoldBack
    | Removals
    | Count
)


class Fact(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A key and its body; None is a tombstone."""

    key: Key
    body: AnyBody | None = None


class Stored(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A fact as the store keeps it: `number` grows with every append, `stamp` is the store's own time of it, rounded up."""

    key: Key
    number: int
    stamp: Instant
    body: AnyBody | None = None


_encoder = msgspec.msgpack.Encoder(order="deterministic")
_decoder: msgspec.msgpack.Decoder[AnyBody] = msgspec.msgpack.Decoder(AnyBody)


def encode(body: AnyBody) -> bytes:
    """MessagePack with sorted, omitted defaults: equal bodies give equal bytes."""
    return _encoder.encode(body)


def decode(data: bytes) -> AnyBody:
    """The inverse of `encode`; unknown fields are ignored, so an older process reads a newer store."""
    return _decoder.decode(data)
