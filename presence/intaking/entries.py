"""What a directory (or the configuration) says: contacts, units and topics, with their ids."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from presence.domain.facts import ContactRecord, Key, Post, TopicRecord, UnitRecord, key, parts
from presence.domain.intervals import Instant
from presence.intaking.ground import Ground
from presence.intaking.matching import Register, normal
from presence.intaking.plan import Plan
from presence.intaking.protection import Marking
from presence.intaking.references import References
from presence.ports import Batch, Person


class Entry(NamedTuple):
    """One person of the batch, and the contact that it describes."""

    person: Person
    own: str  # the id that the entry would have of its own
    contact: str
    key: Key
    aliases: tuple[str, ...]  # as they are written everywhere
    held: ContactRecord | None


def fill(plan: Plan, batch: Batch, ground: Ground, marking: Marking) -> None:
    """Put into the plan what the batch wants. People whose entry could not be read keep what is held of them."""
    entries = _identified(plan, batch, ground)
    plan.people = len(entries)
    plan.rows = {(entry.own, "contact") for entry in entries}
    plan.kept |= {entry.key for entry in entries if entry.person.record is None}
    _announce(plan, entries, ground)
    references = References(ground, plan.register, batch.source, batch.complete, batch.units)
    for entry in entries:
        if entry.person.record is not None:
            record = _record(entry, entry.person.record, ground.rule(batch.source).type, ground.now, marking, references)
            plan.wanted[entry.key] = record
            if record != entry.held:
                plan.register.put(entry.contact, batch.source, record)
    for unit in batch.units:
        plan.wanted[key("unit", references.unit_id(unit.identity), batch.source)] = _unit(unit.record, references)
    for topic in batch.topics:
        plan.wanted[key("topic", topic.identity, batch.source)] = _topic(topic.record, references)
    if not batch.complete and marking.says:
        _mark_the_others(plan, batch.source, ground, marking)
    plan.unresolved = references.unresolved
    if ground.rule(batch.source).type == "config":
        references.units(rule.unit for rule in ground.rules.publication.rules if rule.unit != "*")  # a misspelt one hides nobody
        plan.unknown = tuple(sorted(references.unknown))
    plan.ambiguous = dict.fromkeys(sorted(_ambiguous(plan)))


def _identified(plan: Plan, batch: Batch, ground: Ground) -> list[Entry]:
    """Which contact each person is. An entry without identity, or with that of another, is skipped."""
    people: dict[str, Person] = {}
    for person in batch.people:
        own = ground.contact_id(person.identity) if person.identity else ""
        if not own or own in people:
            plan.skipped += 1
        else:
            people[own] = person
    joined = {} if ground.founds(batch.source) else dict(_joined(people, batch.source, ground))
    source = key("", batch.source)
    return [_entry(person, own, joined.get(own, own), batch.source, source, ground) for own, person in people.items()]


def _entry(person: Person, own: str, contact: str, source: str, escaped: str, ground: Ground) -> Entry:
    aliases = tuple(dict.fromkeys(filter(None, map(normal, person.record.aliases)))) if person.record else ()
    held = ground.replica.records.get(contact, {}).get(source)
    return Entry(person, own, contact, f"contact/{contact}{escaped}", aliases, held)


def _joined(people: Mapping[str, Person], source: str, ground: Ground) -> Iterator[tuple[str, str]]:
    """Entries of a further directory that describe a contact which another source names: own id -> contact.

    Those known from before stay where they are while the other source names the contact; others join by a shared alias.
    """
    records = ground.replica.records
    known = {record[source].entry or contact: contact for contact, record in records.items() if source in record}
    taken: set[str] = set()
    strangers = []
    for own in sorted(people):
        contact = known.get(own, "")
        if contact and contact != own and any(name != source for name in records[contact]):
            taken.add(contact)
            yield own, contact
        else:
            strangers.append(own)
    for own in strangers:
        contact = _sharing(people[own], source, ground) or known.get(own, "")
        if contact and contact not in taken:
            taken.add(contact)
            yield own, contact


def _sharing(person: Person, source: str, ground: Ground) -> str:
    """The one contact with which the person shares an alias, as the other sources tell; empty where there is none, or two."""
    replica = ground.replica
    found: set[str] = set()
    for alias in map(normal, person.record.aliases if person.record else ()):
        bearers = {
            contact
            for contact in replica.bearers.get(alias, ())
            if any(name != source and alias in record.aliases for name, record in replica.records[contact].items())
        }
        if len(bearers) == 1:
            found |= bearers
    return found.pop() if len(found) == 1 else ""


def _announce(plan: Plan, entries: list[Entry], ground: Ground) -> None:
    """Tell the register who will bear which alias, before references are looked up in it."""
    for entry in entries:
        record = entry.person.record
        if record is not None and (entry.held is None or entry.held.aliases != entry.aliases):
            plan.register.put(entry.contact, plan.source, msgspec.structs.replace(record, aliases=entry.aliases))
    if plan.complete:
        there = {entry.contact for entry in entries}
        held = ground.replica.records
        for contact in [c for c, records in held.items() if plan.source in records and c not in there]:
            plan.register.put(contact, plan.source, None)


def _record(
    entry: Entry, said: ContactRecord, source_type: str, now: Instant, marking: Marking, references: References
) -> ContactRecord:
    held = entry.held
    hidden = said.hidden or marking.hides(entry.person.identity, entry.aliases)
    if held and held.hidden and not marking.says and source_type != "config":
        hidden = True  # a run that does not read the marks lifts none
    return msgspec.structs.replace(
        said,
        posts=tuple([Post(post.title, references.unit(post.unit), post.employment, post.share) for post in said.posts]),
        deputies=references.contacts(said.deputies) if said.deputies else (),
        aliases=entry.aliases,
        hidden=hidden,
        # The marks are read last of all, so whoever is in the batch was seen before that.
        first_seen=held.first_seen if held else marking.read_at or now,
        entry="" if entry.own == entry.contact else entry.own,
    )


def _unit(said: UnitRecord, references: References) -> UnitRecord:
    return msgspec.structs.replace(
        said, parent=references.unit(said.parent), service_point=references.contact(said.service_point)
    )


def _topic(said: TopicRecord, references: References) -> TopicRecord:
    return msgspec.structs.replace(said, units=references.units(said.units), contacts=references.contacts(said.contacts))


def _mark_the_others(plan: Plan, source: str, ground: Ground, marking: Marking) -> None:
    """A partial batch brought the whole list of marks: it holds for those who are not in the batch too."""
    for contact, records in ground.replica.records.items():
        record, name = records.get(source), key("contact", contact, source)
        if record is not None and name not in plan.wanted:
            hidden = marking.hides_contact(record.entry or contact, record.aliases)
            if hidden != record.hidden:
                plan.wanted[name] = record = msgspec.structs.replace(record, hidden=hidden)
                plan.register.put(contact, source, record)


def _ambiguous(plan: Plan) -> Iterator[str]:
    """Aliases of this source's contacts that another contact bears too."""
    register = plan.register
    for alias in register.shared():
        records = (register.records(contact).get(plan.source) for contact in register.bearers(alias))
        if any(record and alias in record.aliases for record in records):
            yield alias


def register_change(register: Register, name: Key, record: object) -> None:
    """Tell the register of a contact's record as it will stand under a key."""
    _, contact, source = parts(name)
    register.put(contact, source, record if isinstance(record, ContactRecord) else None)
