"""What a configuration means to the core: its rules, and what it states of contacts, units and topics."""

from collections.abc import Iterable, Iterator
from typing import Any

import phonenumbers
from msgspec.structs import replace

from presence.config import Config, limit_of
from presence.configuration.model import Organisation, Source
from presence.configuration.stated import ContactSettings, TopicSettings, UnitSettings
from presence.domain.directory import Publication, PublicationRule, public_id
from presence.domain.facts import ChannelRecord, ContactRecord, Post, TopicRecord, UnitRecord
from presence.domain.hours import HoursSpec
from presence.domain.intervals import Instant
from presence.domain.red_days import RedDays
from presence.domain.rules import KINDS, Kind, Rules, SourceRule
from presence.ports import Batch, Person, Topic, Unit

STATED = "config"
"""The name of the source that stands for the configuration itself."""

_LEAVE_ALIASES = ("employee",)  # by which HR systems know people, where the source does not say otherwise


def rules_of(config: Config, key: bytes) -> Rules:
    """The part of the configuration on which answers depend."""
    organisation = config.organisation
    red_days = RedDays(organisation.country, organisation.closed_days, organisation.half_days, organisation.bridge_days)
    hours = HoursSpec(organisation.hours, organisation.zone, red_days, organisation.exceptions) if organisation.hours else None
    protected = None if config.publication.protected in ((), ("none",)) else config.publication.protected
    rules = tuple(PublicationRule(r.unit, r.contacts, dict(r.fields)) for r in config.publication.rules)
    return Rules(
        name=organisation.name,
        zone=organisation.zone,
        languages=organisation.languages,
        address=organisation.address.rstrip("/"),
        hours=hours,
        red_days=red_days,
        centre=public_id(key, config.centre.identity),
        precedence=config.precedence.order,
        return_days=config.public.return_days,
        tick=config.public.tick,
        lag=config.public.lag,
        leave_is_evidence=config.limits.leave_is_evidence,
        offline=config.limits.offline,
        kinds=tuple(_kinds(config)),
        ways=config.referral.order,
        publication=Publication(rules),
        mark_sources=protected,
        sources={STATED: SourceRule("config", 0), **dict(_sources(config))},
        waiting_limit=config.centre.waiting_limit,
        keep_counts=config.counts.keep,
    )


def _kinds(config: Config) -> Iterator[Kind]:
    """Configured kinds first, in their order; then the built-in ones that the configuration does not name."""
    built_in = {kind.name: kind for kind in KINDS}
    if not config.channels:
        yield from KINDS
        return
    for name, kind in config.channels.items():
        scheme = built_in[name].scheme if name in built_in else ""
        yield Kind(name, kind.live, dict(kind.label), scheme)
    yield from (kind for kind in KINDS if kind.name not in config.channels)


def _sources(config: Config) -> Iterator[tuple[str, SourceRule]]:
    for name, source in config.sources.items():
        aliases = tuple(source.alias_kinds) or (_LEAVE_ALIASES if source.kind == "leave" else ())
        limits = config.limits
        yield name, SourceRule(source.kind, limit_of(config, source), aliases, source.heartbeats, limits.available, limits.busy)


_INHERITED = {
    "region": "phone_region",
    "area_code": "area_code",
    "extension_length": "extension_length",
    "switchboard": "switchboard",
}


def inheriting(source: Source, organisation: Organisation) -> Any:
    """A source's settings. How numbers are written is the organisation's, where the source does not say otherwise."""
    fields = getattr(source.settings, "__struct_fields__", ())
    said = {mine: getattr(organisation, its) for mine, its in _INHERITED.items() if mine in fields and mine not in source.options}
    return replace(source.settings, **said) if said else source.settings


def stated(config: Config, now: Instant) -> Batch:
    """What the configuration itself says, as the batch of a source of its own."""
    return Batch(
        source=STATED,
        complete=True,
        read_at=now,
        people=(Person(identity=config.centre.identity, record=_centre(config)), *_people(config)),
        units=tuple(Unit(name, _unit(config, unit)) for name, unit in config.units.items()),
        topics=tuple(Topic(name, _topic(config, topic)) for name, topic in config.topics.items()),
    )


def _centre(config: Config) -> ContactRecord:
    centre = config.centre
    return ContactRecord(
        type="service_point",
        name=centre.name,
        channels=_channels(config, centre.channels),
        hours=centre.hours or config.organisation.hours,
        exceptions=centre.exceptions or (() if centre.hours else config.organisation.exceptions),
        office_address=centre.office_address,
        postal_address=centre.postal_address,
    )


def _people(config: Config) -> Iterator[Person]:
    for name, contact in config.contacts.items():
        yield Person(identity=name, record=_contact(config, contact))


def _contact(config: Config, contact: ContactSettings) -> ContactRecord:
    return ContactRecord(
        type=contact.type,
        name=contact.name,
        posts=(Post(contact.title, contact.unit),) if contact.unit or contact.title else (),
        channels=_channels(config, contact.channels),
        office_address=contact.office_address,
        postal_address=contact.postal_address,
        keywords=contact.keywords,
        hours=contact.hours,
        schedule=contact.schedule,
        deputies=contact.deputies,
        aliases=contact.aliases,
        hidden=contact.hidden,
    )


def _channels(config: Config, channels: Iterable[ChannelRecord]) -> tuple[ChannelRecord, ...]:
    """Numbers as data, in E.164; one that is none (a short number) stays as it is written."""
    dialled = {kind.name for kind in _kinds(config) if kind.scheme == "tel"} | {"fax"}
    return tuple(replace(c, value=_number(config, c.value)) if c.kind in dialled else c for c in channels)


def _number(config: Config, text: str) -> str:
    organisation = config.organisation
    if text in organisation.short_numbers:
        return text
    local = text if text.startswith(("+", "0")) else organisation.area_code + text
    try:
        number = phonenumbers.parse(local, organisation.phone_region)
    except phonenumbers.NumberParseException:
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _unit(config: Config, unit: UnitSettings) -> UnitRecord:
    return UnitRecord(
        name=unit.name,
        parent=unit.parent,
        hours=unit.hours,
        exceptions=unit.exceptions,
        service_point=unit.service_point,
        channels=_channels(config, unit.channels),
        keywords=unit.keywords,
    )


def _topic(config: Config, topic: TopicSettings) -> TopicRecord:
    default = config.organisation.languages[0]
    name = topic.name.get(default) or topic.name.get("") or next(iter(topic.name.values()))
    names = {language: text for language, text in topic.name.items() if language and text != name}
    return TopicRecord(
        name=name,
        names=names,
        words=topic.words,
        units=topic.units,
        contacts=topic.contacts,
        level=topic.level,
        link=topic.link,
    )
