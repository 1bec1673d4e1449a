"""A dozen contacts with everything that can be said of them, at random but the same for a seed; and what the public is shown."""

from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

import msgspec

from presence.board import Board
from presence.domain import audience
from presence.domain.directory import Publication, PublicationRule
from presence.domain.facts import (
    Absence,
    AnyBody,
    Calendar,
    ChannelRecord,
    Checked,
    ContactRecord,
    DayException,
    Hidden,
    Key,
    Link,
    Marks,
    Override,
    Post,
    Presence,
    Queue,
    SourceHealth,
    Stored,
    TopicRecord,
    UnitRecord,
    key,
)
from presence.domain.intervals import DOUBT, FOREVER, Instant, Intervals, Status
from presence.domain.picture import Picture
from presence.domain.referral import Enquiry
from presence.domain.rules import Rules, SourceRule
from presence.wording.wording import load

from .town import DEFAULTS, SOURCES, at

TICK = 30
NAMES = [f"c{i:02}" for i in range(12)]
UNITS = ("kommun", "bygg", "skola")
TOPICS = ("bygglov", "skolskjuts")
START = at("2026-11-23 09:00")

RULES = Rules(
    **{
        **DEFAULTS,
        "sources": {
            **SOURCES,
            "staff": SourceRule("directory", 86400),
            "register": SourceRule("marks", 86400),
            "queue": SourceRule("queue", 120),
        },
        "centre": "centre",
        "mark_sources": ("register",),
        "publication": Publication(
            (PublicationRule("*", "shown"), PublicationRule("kommun/skola", "shown", {"telephone": "unreachable"}))
        ),
    }
)
_WORDING = load(["sv"], RULES.zone)


def history(seed: int, length: int = 250, moving: float = 0.9) -> list[Stored]:
    """Facts as a store tells them: growing numbers, stamps from an hour before START on, keys written again, tombstones."""
    rng = Random(seed)
    bodies = [*ground(), *(_fact(rng) for _ in range(length))]
    facts = []
    stamp = START - 3600
    for number, (name, body) in enumerate(bodies, start=1):
        stamp += rng.choice((0, 0, 1, 5, 30)) if rng.random() < moving else 0
        gone = name.split("/")[0] in _REMOVED and rng.random() < 0.15
        facts.append(Stored(name, number, stamp, None if gone else body))
    return facts


_REMOVED = ("absence", "calendar", "presence", "override", "link", "hidden", "marks", "topic", "unit")


def ground(ok_until: Instant = START + 7200) -> Iterator[tuple[Key, AnyBody]]:
    """What there is before anything happens."""
    for name, rule in RULES.sources.items():
        yield key("source", name), SourceHealth(rule.type, ok_until=ok_until)
    for unit in UNITS:
        yield key("unit", unit, "directory"), UnitRecord(unit, parent="" if unit == "kommun" else "kommun")
    centre = ContactRecord("service_point", "Servicecenter", channels=_channels("centre"), hours="Mo-Fr 07:30-17:00")
    yield key("contact", "centre", "directory"), centre
    for i, name in enumerate(NAMES):
        record = ContactRecord(
            name=f"Person {i}",
            posts=(Post("Handläggare", UNITS[i % 3]),),
            channels=_channels(name),
            deputies=(NAMES[(i + 1) % 12],),
            aliases=(f"mail:{name}@example.se", f"employee:{i}"),
        )
        yield key("contact", name, "directory"), record
        yield key("checked", name), Checked(START - 3600)
        yield key("calendar", name, "calendars"), Calendar()


def _channels(name: str) -> tuple[ChannelRecord, ...]:
    return (
        ChannelRecord("telephone", "+4619211234", hours="Mo-Fr 08:00-16:00" if name < "c03" else ""),
        ChannelRecord("e-mail", f"{name}@example.se"),
    )


def _fact(rng: Random) -> tuple[Key, AnyBody]:
    name, other = rng.choice(NAMES), rng.choice(NAMES)
    start = START + rng.randrange(-120, 120) * 60
    end = start + rng.choice((45, 600, 1800, 3600, 7200))
    made: list[tuple[Key, AnyBody]] = [
        (
            key("absence", name, "hr", rng.choice("123")),
            Absence(start, end, extent=rng.choice((1.0, 0.5)), deputy=other, since=start),
        ),
        (key("absence", name, "hr", rng.choice("123")), _dated(rng, other)),
        (key("calendar", name, "calendars"), _calendar(rng, start, end)),
        (key("presence", name, "chat", "sip:a", rng.choice("12")), Presence(rng.choice(_REPORTS), start, end)),
        (key("presence", name, "switchboard", "ext:1", ""), Presence(rng.choice(_REPORTS), start, end)),
        (key("override", name, rng.choice("12")), Override(rng.choice(("available", "busy", "away")), start, end, start, other)),
        (key("link", name, "chat"), Link()),
        (key("checked", name), Checked(start)),
        (key("hidden", NAMES[0]), Hidden(start)),
        (key("contact", name, "staff"), _record(rng, name, other)),
        (key("unit", rng.choice(UNITS[1:]), "directory"), _unit(rng)),
        (key("topic", rng.choice(TOPICS), "config"), _topic(rng)),
        (key("source", rng.choice(list(RULES.sources))), SourceHealth("calendar", ok_until=START + rng.randrange(1, 9) * 900)),
        (key("queue", "queue"), Queue(rng.choice((60, 1200)), start, end)),
        (key("marks", "register"), Marks((f"mail:{NAMES[rng.randrange(3)]}@example.se",))),
    ]
    return rng.choice(made)


def _dated(rng: Random, deputy: str) -> Absence:
    day = f"2026-11-{rng.randrange(16, 30)}"
    return Absence(first=day, last=day, deputy=deputy)


_REPORTS: Any = ("available", "busy", "away", "idle", "offline")


def _calendar(rng: Random, start: Instant, end: Instant) -> Calendar:
    window = (START + rng.choice((600, 7200, 864000)), FOREVER, DOUBT)
    ok_until = rng.choice((FOREVER, FOREVER, end))
    return Calendar(Intervals.of([(start, end, rng.choice((Status.BUSY, Status.AWAY))), window]), ok_until)


def _record(rng: Random, name: str, other: str) -> ContactRecord:
    return ContactRecord(
        hidden=rng.random() < 0.1,
        posts=(Post("Chef", rng.choice(UNITS)),),
        deputies=(other,),
        aliases=(f"mail:{other}@example.se",) if rng.random() < 0.3 else (),
        hours=rng.choice(("", "Mo-Fr 09:00-12:00", "24/7")),
        schedule=rng.choice(("", "Mo 08:00-10:00")),
    )


def _unit(rng: Random) -> UnitRecord:
    exceptions = (DayException("2026-11-23", open=("10:00-12:00",)),) if rng.random() < 0.3 else ()
    return UnitRecord("bygg", "kommun", rng.choice(("", "Mo-Fr 08:00-15:00")), exceptions, rng.choice((*NAMES[:2], "")))


def _topic(rng: Random) -> TopicRecord:
    level: Any = rng.choice(("one-stop", "expert", "relationship"))
    return TopicRecord("Bygglov", units=(rng.choice(UNITS),), contacts=(rng.choice(NAMES),), level=level)


# --- what is shown ---


def views(board: Board) -> dict[str, bytes]:
    """Every public view of everything, as bytes."""
    shown: dict[str, object] = {}
    for language, wording in _WORDING.items():
        for topic in ("", *TOPICS):
            for name in (*NAMES, "centre"):
                asked = board.enquiry(topic)
                shown[f"{language} {topic} {name}"] = audience.contact_view(asked, name, wording.at(board.tick))
            asked = board.enquiry(topic)
            shown[f"{language} {topic}"] = audience.topic_view(asked, wording.at(board.tick))
        for unit in UNITS:
            shown[f"{language} {unit}"] = audience.unit_view(board.enquiry(), unit, wording.at(board.tick))
        shown[f"{language} centre"] = audience.centre_view(board.enquiry(), wording.at(board.tick))
        shown[f"{language} nobody"] = audience.centre_referral(board.enquiry(), wording.at(board.tick))
    return {name: msgspec.json.encode(view) for name, view in shown.items()}


def contact_bytes(enquiry: Enquiry, contact: str, language: str = "sv") -> bytes:
    """The public view of one contact, as bytes."""
    return msgspec.json.encode(audience.contact_view(enquiry, contact, _WORDING[language].at(enquiry.t)))


def held(picture: Picture) -> dict[str, object]:
    """All that a picture holds, for comparison; the order of a contact's facts included."""
    tables = {name: dict(getattr(picture, name)) for name in ("units", "topics", "sources", "queues", "marks")}
    indexes = {name: {k: v for k, v in getattr(picture, name).items() if v} for name in ("members", "children", "_bearers")}
    return {**tables, **indexes, "states": {name: list(state.items()) for name, state in picture.states.items()}}


def followed(facts: Iterable[Stored], tick: Instant) -> Board:
    """A board to which the facts came one by one, before this tick."""
    board = Board(RULES)
    for fact in facts:
        board.put(fact)
    board.advance(tick)
    return board


def loaded(facts: Iterable[Stored], tick: Instant) -> Board:
    """A board that read a compacted snapshot."""
    newest = {fact.key: fact for fact in sorted(facts, key=lambda f: f.number)}
    board = Board(RULES)
    board.load([f for f in newest.values() if f.body is not None], tick)
    return board
