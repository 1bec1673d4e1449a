"""Who works in the municipality, and what the directory says of each."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from connectors.demonstration import numbers
from connectors.demonstration.dice import Dice
from connectors.demonstration.naming import DOMAIN, Addresses, Name, Naming, plain
from connectors.demonstration.shifts import HEAD_OF_ROSTER, PART_TIME, roster
from connectors.demonstration.units import Unit, identity
from connectors.demonstration.written import Cast, CastEntry, Organisation, read
from presence.domain.facts import ChannelRecord, ContactRecord, Post

WITH_CALENDAR = 0.85
_PHONE_HOURS = (
    "Mo-Fr 09:00-11:30; PH off",
    "Mo-Th 10:00-11:30; PH off",
    "Mo-Fr 08:30-10:00; PH off",
    "Tu,Th 09:00-11:00,13:00-15:00; PH off",
)
_ON_CALL = ("handläggare", "inspektör", "sekreterare", "ingenjör", "arkitekt")  # titles that may keep telephone hours
_WITHOUT_PHONE = ("school", "rota")


class Member(msgspec.Struct, frozen=True):
    """A person as the whole demonstration knows them; `record` is what the directory says."""

    index: int  # 0 to 1,199
    name: Name
    unit: Unit
    title: str
    is_head: bool
    cast: CastEntry | None
    employee: str
    mail: str
    extension: str
    schedule: str
    share: float
    calendar: str  # yes, no, failing
    live: bool

    @property
    def alias(self) -> str:
        return f"mail:{self.mail}"

    @property
    def identity(self) -> str:
        return identity("person", self.employee)


def members(seed: int, units: Mapping[str, Unit]) -> list[Member]:
    """Everybody, unit by unit: its head, its cast, the others."""
    cast = read("cast", Cast).people
    naming, addresses = Naming({entry.name for entry in cast}), Addresses()
    kept = {entry.name: addresses.of(*_named(entry)[:2]) for entry in cast}
    found: list[Member] = []
    for unit in units.values():
        parts: list[CastEntry | None] = [None, *(entry for entry in cast if entry.unit == unit.path)]
        parts += [None] * (unit.people - len(parts))
        for place, entry in enumerate(parts):
            index = len(found)
            dice = Dice(seed, "person", index)
            name = _named(entry) if entry else naming.draw(dice)
            local = kept[entry.name] if entry else addresses.of(name.given, name.family)
            found.append(_member(index, name, unit, place, entry, f"{local}@{DOMAIN}", dice))
    return found


def _named(entry: CastEntry) -> Name:
    given = entry.given or entry.name.rpartition(" ")[0]
    return Name(given, entry.name.removeprefix(given).strip(), entry.nicknames, entry.languages[0])


def _member(index: int, name: Name, unit: Unit, place: int, entry: CastEntry | None, mail: str, dice: Dice) -> Member:
    is_head = place == 0
    schedule, share = _schedule(unit, place, entry, dice)
    calendar = entry.calendar if entry else "yes" if dice.chance(WITH_CALENDAR) else "no"
    return Member(
        index=index,
        name=name,
        unit=unit,
        title=entry.title if entry else unit.head if is_head else dice.weighted(unit.titles),
        is_head=is_head,
        cast=entry,
        employee=str(10_000 + 7 * index + dice.below(7)),
        mail=mail,
        extension=numbers.extension(index),
        schedule=schedule,
        share=share,
        calendar=calendar,
        live=entry.live if entry else dice.chance(unit.live),
    )


def _schedule(unit: Unit, place: int, entry: CastEntry | None, dice: Dice) -> tuple[str, float]:
    if entry:
        return entry.schedule, 0.8 if entry.schedule else 1.0
    if unit.pattern == "rota":
        return (roster(place, unit.hours, unit.roster), 0.9) if place else (HEAD_OF_ROSTER, 1.0)
    part_time = dice.chance(0.1 if place else 0.02) and not unit.own_hours
    return dice.pick(PART_TIME) if part_time else ("", 1.0)


class Directory:
    """Makes the records: numbers and deputies are shared out over all."""

    def __init__(self, seed: int, everybody: Sequence[Member], units: Mapping[str, Unit]) -> None:
        self._seed = seed
        self._units = units
        self._places = read("organisation", Organisation).places
        self._everybody = everybody
        self._by_name = {member.name.full: member for member in everybody if member.cast}
        first = sorted(Dice(seed, "numbers").shuffled(everybody), key=lambda m: (not m.cast, not m.is_head, not m.live))
        self._direct = dict(zip((m.index for m in first), numbers.direct(), strict=False))
        outdoors = [m.index for m in everybody if m.unit.pattern == "field" or (m.is_head and m.unit.pattern == "rota")]
        outdoors += [m.index for m in everybody if "inspektör" in m.title.lower() and m.unit.pattern == "office"]
        self._mobile = dict(zip(Dice(seed, "mobiles").shuffled(outdoors), numbers.mobiles(), strict=False))

    def record(self, member: Member) -> ContactRecord:
        dice = Dice(self._seed, "record", member.index)
        place = self._places[member.unit.place]
        root = member.unit.path.partition("/")[0]
        return ContactRecord(
            name=member.name.full,
            given=member.name.given,
            family=member.name.family,
            nicknames=member.name.nicknames,
            posts=tuple(self._posts(member, dice)),
            channels=tuple(self._channels(member, dice)),
            office_address=place,
            postal_address=f"Björkdalens kommun, {root}, 999 80 Björkdalen",
            room=f"{dice.pick('ABC')} {dice.between(1, 4)}{dice.between(1, 48):02d}" if member.unit.pattern == "office" else "",
            keywords=self._keywords(member, dice),
            languages=self._languages(member, dice),
            schedule=member.schedule,
            deputies=tuple(self._deputies(member, dice)),
            aliases=tuple(self._aliases(member)),
        )

    def _posts(self, member: Member, dice: Dice) -> Iterator[Post]:
        further = member.cast.posts if member.cast else ()
        parent = self._units.get(member.unit.parent)
        leads = not further and not member.cast and parent is not None and not member.schedule and dice.chance(0.01)
        share = 0.5 if further else 0.8 if leads else member.share
        yield Post(member.title, member.unit.identity, f"{member.employee}-1", share)
        for post in further:
            yield Post(post.title, self._units[post.unit].identity, f"{member.employee}-2", 0.5)
        if leads and parent:
            yield Post("Projektledare", parent.identity, f"{member.employee}-2", 0.2)

    def _channels(self, member: Member, dice: Dice) -> Iterator[ChannelRecord]:
        direct = self._direct.get(member.index)
        pattern = member.unit.pattern
        if direct or pattern not in _WITHOUT_PHONE or dice.chance(0.4):
            number = direct or numbers.through_switchboard(member.extension)
            yield ChannelRecord(kind="telephone", value=number, hours=self._phone_hours(member, dice))
        if mobile := self._mobile.get(member.index):
            yield ChannelRecord(kind="mobile", value=mobile)
        yield ChannelRecord(kind="e-mail", value=member.mail)

    @staticmethod
    def _phone_hours(member: Member, dice: Dice) -> str:
        if member.cast:
            return member.cast.hours
        keeps = member.unit.pattern == "office" and any(word in member.title.lower() for word in _ON_CALL)
        return dice.pick(_PHONE_HOURS) if keeps and not member.schedule and dice.chance(0.35) else ""

    @staticmethod
    def _keywords(member: Member, dice: Dice) -> tuple[str, ...]:
        if member.cast and member.cast.keywords:
            return member.cast.keywords
        words = member.unit.keywords
        return tuple(sorted({dice.pick(words) for _ in range(dice.below(3))})) if words else ()

    @staticmethod
    def _languages(member: Member, dice: Dice) -> tuple[str, ...]:
        if member.cast:
            return member.cast.languages
        more = ("en",) if dice.chance(0.6) else ()
        if member.name.language != "sv" and dice.chance(0.9):
            more = (*more, member.name.language)
        elif dice.chance(0.05):
            more = (*more, dice.pick(("de", "fr", "es", "fi", "no")))
        return tuple(dict.fromkeys(("sv", *more)))

    def _deputies(self, member: Member, dice: Dice) -> Iterator[str]:
        """Others of the same unit further down, so that what chains there are end; loops are for the cast."""
        if member.cast:
            if member.cast.deputy:
                yield self._by_name[member.cast.deputy].alias
            return
        if dice.chance(0.7 if member.is_head else 0.35 if member.unit.pattern == "office" else 0.1):
            other = member.index + dice.between(1, 3)
            if other < len(self._everybody) and self._everybody[other].unit is member.unit:
                yield self._everybody[other].alias

    @staticmethod
    def _aliases(member: Member) -> Iterator[str]:
        yield member.alias
        yield f"employee:{member.employee}"
        yield f"upn:{member.mail}"
        yield f"sip:{member.mail}"
        yield f"ext:{member.extension}"
        yield f"uid:{plain(member.name.given)[:3]}{plain(member.name.family)[:3]}{member.index:04d}".replace("-", "")
