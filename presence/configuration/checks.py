"""What must hold between settings: within one table (`TABLES`), and across the whole file (`across`)."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from presence.configuration import colours, formats, model
from presence.configuration.positions import Path
from presence.configuration.reading import Check, Finding, Invalid, suggestion
from presence.configuration.stated import TopicSettings
from presence.domain.facts import ChannelRecord, DayException

FIELDS = ("title", "unit", "office_address", "postal_address", "room", "keywords", "languages", "deputies")
"""Fields that a publication rule may name, beside kinds of channels."""

_YEARS = range(2000, 2201)
_SPAN = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)")
_NUMBER = re.compile(r"\+?[0-9][0-9 ()/-]*")


def exception(value: DayException) -> Iterator[Finding]:
    days: list[date] = []
    for name in ("first", "last"):
        text = getattr(value, name)
        try:
            if text or name == "first":
                days.append(date.fromisoformat(text))
                if days[-1].year not in _YEARS:
                    yield (name,), f'"{text}" is not within {_YEARS[0]} to {_YEARS[-1]}.', "Write the year that is meant."
        except ValueError:
            yield (name,), f'"{text}" is no date.', 'Write "2026-12-23".'
    if len(days) == 2 and days[1] < days[0]:
        yield ("last",), "is before first.", ""
    for number, span in enumerate(value.open):
        if not _SPAN.fullmatch(span):
            yield ("open", number), f'"{span}" is no span of time.', 'Write "08:00-12:00"; [] is closed.'


def channel(value: ChannelRecord) -> Iterator[Finding]:
    try:
        formats.hours(value.hours)
    except Invalid as error:
        yield ("hours",), error.message, error.hint
    number = value.kind in ("telephone", "mobile", "text-telephone", "fax")
    if not value.value:
        yield ("value",), "is empty.", ""
    elif number and not _NUMBER.fullmatch(value.value):
        yield ("value",), f'"{value.value}" is no number to dial.', 'Example: "0980-31 92 00".'
    elif value.kind == "e-mail" and not re.fullmatch(r"[^@\s]+@[^@\s]+", value.value):
        yield ("value",), f'"{value.value}" is no e-mail address.', 'Example: "kontakt@example.se".'
    elif value.kind == "e-service":
        try:
            formats.url(value.value)
        except Invalid as error:
            yield ("value",), error.message, error.hint


def centre(value: model.Centre) -> Iterator[Finding]:
    if not value.channels:
        yield ("channels",), "is empty.", "Somebody answers: name at least one way to reach the centre."


def public(value: model.Public) -> Iterator[Finding]:
    if not 1 <= value.tick <= 300:
        yield ("tick",), "should be from 1 s to 5 min.", ""
    if value.lag >= max(value.tick, 1):
        yield ("lag",), "should be shorter than the tick.", ""


def referral(value: model.Referral) -> Iterator[Finding]:
    yield from _once(value.order)
    if "centre" not in value.order:
        yield ("order",), '"centre" is missing.', "Every answer ends in a next step; the centre is the last one."


def precedence(value: model.Precedence) -> Iterator[Finding]:
    yield from _once(value.order)
    if missing := [rank for rank in model.RANKS if rank not in value.order]:
        names = ", ".join(f'"{rank}"' for rank in missing)
        yield ("order",), f"{names} missing.", "Evidence that is left out would never decide: name all seven."
    elif value.order[-1] != "assumed":
        yield ("order",), '"assumed" is not the last.', "What stands below it would never decide."


def limits(value: model.Limits) -> Iterator[Finding]:
    for name in ("busy", "available", "presence", "calendar", "leave", "directory"):
        if getattr(value, name) <= 0:
            yield (name,), "should be longer than nothing.", ""


def topic(value: TopicSettings) -> Iterator[Finding]:
    if value.level == "self-service" and not value.link:
        yield ("link",), "is missing.", "A self-service topic leads to a web address."


def organisation(value: model.Organisation) -> Iterator[Finding]:
    if not value.languages:
        yield ("languages",), "names no language.", 'Example: ["sv", "en"].'
    yield from ((("languages", *path[1:]), message, hint) for path, message, hint in _once(value.languages))
    if value.switchboard and not _NUMBER.fullmatch(value.switchboard):
        yield ("switchboard",), f'"{value.switchboard}" is no number to dial.', 'Example: "0980-31 92 01".'
    known = colours.names()
    for name in value.colours:
        if name not in known:
            yield ("colours", name), "is no colour of the pages.", suggestion(name, known)
    yield from ((("colours", *path), message, hint) for path, message, hint in colours.unreadable(value.colours))


TABLES: Mapping[type, Check] = {
    DayException: exception,
    ChannelRecord: channel,
    model.Centre: centre,
    model.Public: public,
    model.Referral: referral,
    model.Precedence: precedence,
    model.Limits: limits,
    TopicSettings: topic,
    model.Organisation: organisation,
}


def across(config: model.Config) -> Iterator[Finding]:
    """Names that must be known elsewhere in the file."""
    yield from _channels(config)
    yield from _publication(config)
    yield from _names(config)
    yield from _units(config)
    server = config.server
    if server.operations and server.port and server.operations == f"{server.host}:{server.port}":
        yield ("server", "operations"), "is the public address.", "Health and metrics listen on an address of their own."


def _channels(config: model.Config) -> Iterator[Finding]:
    owners: list[tuple[Path, Sequence[ChannelRecord]]] = [(("centre",), config.centre.channels)]
    owners += [(("units", name), unit.channels) for name, unit in config.units.items()]
    owners += [(("contacts", name), contact.channels) for name, contact in config.contacts.items()]
    for path, channels in owners:
        for number, each in enumerate(channels):
            if each.kind and each.kind not in config.channels:
                where = (*path, "channels", number, "kind")
                yield where, f'"{each.kind}" is no kind of channel.', suggestion(each.kind, config.channels)


def _publication(config: model.Config) -> Iterator[Finding]:
    for number, name in enumerate(config.publication.protected):
        where: Path = ("publication", "protected", number)
        source = config.sources.get(name)
        if source is None:
            yield where, f'"{name}" is no source.', suggestion(name, config.sources)
        elif source.kind not in ("directory", "marks"):
            yield where, f'"{name}" is a source of kind "{source.kind}".', 'Only "directory" and "marks" mark people.'
        elif source.kind == "directory" and getattr(source.settings, "marks", source) is None:
            hint = f'Say who is protected with [sources.{name}.marks], or protected = "none" on purpose.'
            yield where, f'"{name}" says of nobody that they are protected: it has no marks.', hint
    known = [*config.channels, *FIELDS]
    for number, rule in enumerate(config.publication.rules):
        for name in rule.fields:
            if name not in known:
                where = ("publication", "rules", number, "fields", name)
                yield where, f'"{name}" is neither a kind of channel nor a field.', suggestion(name, known)
    for unit, count in Counter(rule.unit for rule in config.publication.rules).items():
        if count > 1:
            last = max(n for n, rule in enumerate(config.publication.rules) if rule.unit == unit)
            yield ("publication", "rules", last, "unit"), f'"{unit}" has {count} rules.', "Put its fields into one."


def _names(config: model.Config) -> Iterator[Finding]:
    for table in ("sources", "topics", "units", "contacts", "channels"):
        for name in getattr(config, table):
            try:
                formats.slug(name)
            except Invalid as error:
                yield (table, name), error.message, error.hint
    if "config" in config.sources:
        yield ("sources", "config"), '"config" is what this file itself is called.', "Choose another name."
    if config.centre.identity in config.contacts:
        yield ("centre", "identity"), f'"{config.centre.identity}" is a name under [contacts] too.', "Choose another."
    for name, contact in config.contacts.items():
        for number, deputy in enumerate(contact.deputies):
            if ":" not in deputy and deputy not in config.contacts:
                where = ("contacts", name, "deputies", number)
                yield where, f'"{deputy}" is neither an alias nor a name under [contacts].', suggestion(deputy, config.contacts)
    for name, topic_ in config.topics.items():
        for number, named in enumerate(topic_.contacts):
            if ":" not in named and named not in config.contacts:
                where = ("topics", name, "contacts", number)
                yield where, f'"{named}" is neither an alias nor a name under [contacts].', suggestion(named, config.contacts)


def _units(config: model.Config) -> Iterator[Finding]:
    for name, unit in config.units.items():
        point = unit.service_point
        if point and ":" not in point and point not in (*config.contacts, config.centre.identity):
            where = ("units", name, "service_point")
            yield where, f'"{point}" is neither an alias nor a name under [contacts].', suggestion(point, config.contacts)
        seen, at = {name}, unit.parent
        while at in config.units and at not in seen:
            seen.add(at)
            at = config.units[at].parent
        if at == name:
            yield ("units", name, "parent"), "leads back to the unit itself.", ""


def _once(names: Sequence[str]) -> Iterator[Finding]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield ("order", number), f'"{name}" is named twice.', ""
