"""Every state as an example, with invented people at a fixed moment: made by the same rules and words as the real ones."""

from datetime import datetime
from zoneinfo import ZoneInfo

from presence.board import Board
from presence.domain import audience
from presence.domain.directory import Publication, PublicationRule
from presence.domain.facts import AnyBody, ChannelRecord, ContactRecord, Override, Post, Stored, UnitRecord, key
from presence.domain.hours import HoursSpec
from presence.domain.intervals import Instant
from presence.domain.rules import Rules
from presence.domain.views import PublicContact
from presence.wording import Wording

_ZONE = "Europe/Stockholm"
_OFFICE = "Mo-Fr 08:00-17:00"
_NAMES = {
    "available": "Anna Åström",
    "busy": "Björn Öhman",
    "back": "Cecilia Ek",
    "away": "David Nordin",
    "closed": "Elin Sjö",
    "unknown": "Farid Azizi",
}


def samples(wording: Wording, centre_open: bool = True, address: str = "") -> list[PublicContact]:
    """One contact a state: available, busy with an end, away with a date, away without one, closed, unknown."""
    tick = _at(25, "10:42")
    rules = Rules(
        name="Björkdalens kommun",
        zone=_ZONE,
        address=address,
        hours=HoursSpec(_OFFICE, _ZONE),
        centre="centre",
        return_days=3,
        publication=Publication((PublicationRule("*", "shown"),)),
    )
    board = Board(rules)
    facts = {**_directory("Mo-Fr 07:30-17:00" if centre_open else "Mo-Fr 12:00-17:00"), **_words(tick)}
    board.load([Stored(k, n, tick - 60, body) for n, (k, body) in enumerate(facts.items())], tick)
    speaker = wording.at(tick)
    found = (audience.contact_view(board.enquiry(), name, speaker) for name in _NAMES)
    return [view for view in found if view]


def _directory(centre_hours: str) -> dict[str, AnyBody]:
    mailbox = ChannelRecord("e-mail", "bygglov@example.se", reply="inom två arbetsdagar")
    centre = ContactRecord(
        type="service_point",
        name="Servicecenter",
        hours=centre_hours,
        channels=(ChannelRecord("telephone", "+46980319200"), ChannelRecord("e-mail", "servicecenter@example.se")),
    )
    facts: dict[str, AnyBody] = {
        key("unit", "stadsbyggnad", "demo"): UnitRecord("Stadsbyggnad"),
        key("unit", "bygglov", "demo"): UnitRecord("Bygglov", "stadsbyggnad", channels=(mailbox,)),
        key("contact", "centre", "demo"): centre,
    }
    for number, (state, name) in enumerate(_NAMES.items()):
        mail = name.lower().translate(str.maketrans("åäöé ", "aaoe."))
        facts[key("contact", state, "demo")] = ContactRecord(
            name=name,
            posts=(Post("Bygglovshandläggare", "bygglov"),),
            hours="Mo-Fr 13:00-17:00" if state == "closed" else "",
            channels=(ChannelRecord("telephone", f"+461921{1234 + number}"), ChannelRecord("e-mail", f"{mail}@example.se")),
        )
    return facts


def _words(tick: Instant) -> dict[str, AnyBody]:
    """What each of them has said for the day."""
    said = {
        "available": Override("available", tick - 600, _at(25, "17:00"), tick - 600),
        "busy": Override("busy", tick - 600, _at(25, "14:30"), tick - 600),
        "back": Override("away", tick - 600, _at(30, "08:00"), tick - 600),
        "away": Override("away", tick - 600, _at(30, "08:00") + 300 * 86_400, tick - 600),
    }
    return {key("override", name, "1"): body for name, body in said.items()}


def _at(day: int, clock: str) -> Instant:
    return int(datetime.fromisoformat(f"2026-11-{day:02}T{clock}").replace(tzinfo=ZoneInfo(_ZONE)).timestamp())
