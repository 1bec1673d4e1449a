"""Contacts that are no persons: function mailboxes, emergency lines, desks that one can walk up to."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal

from connectors.demonstration import numbers
from connectors.demonstration.naming import DOMAIN, plain
from connectors.demonstration.shifts import DAY
from connectors.demonstration.units import Unit, identity
from connectors.demonstration.written import ContactEntry, Contacts, Organisation, read
from presence.domain.facts import ChannelRecord, ContactRecord, DayException, Post
from presence.ports import Person

_THURSDAY = 3


def contacts(units: Mapping[str, Unit], today: date) -> Iterator[Person]:
    """As the directory tells of them on a day; exceptions to their hours are those of that week and the next."""
    entries = read("contacts", Contacts)
    for entry in entries.service_points:
        yield Person(identity=identity("contact", entry.name), record=_record("service_point", entry, units, today))
    for entry in entries.functions:
        yield Person(identity=identity("contact", entry.name), record=_record("function", entry, units, today))


def _record(
    type_: Literal["function", "service_point"], entry: ContactEntry, units: Mapping[str, Unit], today: date
) -> ContactRecord:
    address = read("organisation", Organisation).places[entry.visit or units[entry.unit].place]
    mail = (f"mail:{entry.mail}@{DOMAIN}",) if entry.mail else ()
    return ContactRecord(
        type=type_,
        name=entry.name,
        posts=(Post(unit=units[entry.unit].identity),),
        channels=tuple(_channels(entry, address)),
        office_address=address if entry.visit else "",
        keywords=entry.keywords,
        hours=entry.hours,
        exceptions=tuple(_exceptions(entry, today)),
        aliases=(f"uid:{plain(entry.name)}", *mail),
    )


def _channels(entry: ContactEntry, address: str) -> Iterator[ChannelRecord]:
    if entry.number:
        yield ChannelRecord(kind="telephone", value=numbers.switchboard(entry.number), hours=entry.phone_hours)
    if entry.mail:
        yield ChannelRecord(kind="e-mail", value=f"{entry.mail}@{DOMAIN}", reply=entry.reply)
    if entry.service:
        yield ChannelRecord(kind="e-service", value=entry.service)
    if entry.visit:
        yield ChannelRecord(kind="visit", value=address)


def _exceptions(entry: ContactEntry, today: date) -> Iterator[DayException]:
    if entry.closes_early:
        monday = today - today.weekday() * DAY
        for week in range(2):
            yield DayException(first=(monday + (7 * week + _THURSDAY) * DAY).isoformat(), open=(entry.closes_early,))
