"""All facts that a process holds, indexed so that any question is answered without leaving it.

A contact's facts are replaced, never changed in place, so two pictures may share them: the board keeps one of this instant
for staff, and one of the tick for the public.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeVar

from presence.domain import availability, directory
from presence.domain.availability import Availability, Explanation, Voice
from presence.domain.directory import Contact, Unit
from presence.domain.evidence import Evidence, State
from presence.domain.facts import (
    AnyBody,
    Checked,
    ContactRecord,
    DayException,
    Hidden,
    Key,
    Marks,
    Post,
    Queue,
    SourceHealth,
    TopicRecord,
    UnitRecord,
    parts,
)
from presence.domain.hours import HoursSpec, OpeningHours
from presence.domain.intervals import FOREVER, Instant, Status
from presence.domain.rules import Rules
from presence.domain.schedules import HoursCache, Schedules, Shifts

_Record = TypeVar("_Record")
_Value = TypeVar("_Value")
_OF_CONTACT = frozenset({"contact", "absence", "calendar", "schedule", "presence", "override", "link", "checked", "hidden"})
_SHARED = frozenset({"unit", "topic", "source", "queue", "marks"})


class Picture:
    """Facts as of one moment. `apply` is the only way in."""

    def __init__(self, rules: Rules, hours: HoursCache | None = None) -> None:
        self.rules = rules
        self._hours = hours or HoursCache()
        self._schedules = Schedules(rules, self._hours)
        self._every_day = OpeningHours(HoursSpec("24/7", rules.zone))
        self.states: dict[str, State] = {}
        self.units: dict[str, Unit] = {}
        self.topics: dict[str, TopicRecord] = {}
        self.sources: dict[str, SourceHealth] = {}
        self.queues: dict[str, Queue] = {}
        self.marks: dict[str, frozenset[str]] = {}
        self.members: defaultdict[str, set[str]] = defaultdict(set)  # unit -> contacts with a post in it
        self.functions: defaultdict[str, set[str]] = defaultdict(set)  # those of them that are functions
        self.children: defaultdict[str, set[str]] = defaultdict(set)  # unit -> units below it
        self._bearers: defaultdict[str, set[str]] = defaultdict(set)  # alias -> contacts
        self._unit_records: dict[str, dict[str, UnitRecord]] = {}
        self._topic_records: dict[str, dict[str, TopicRecord]] = {}
        self._merged: dict[str, Contact] = {}

    # --- in ---

    def apply(self, key: Key, body: AnyBody | None) -> None:
        """Take one fact; None removes it. Kinds that no answer depends on are passed over."""
        kind, subject, *rest = parts(key)
        if kind in _OF_CONTACT:
            self._apply_to_contact(subject, key, body)
        elif kind in _SHARED:
            self._apply_shared(kind, subject, rest[0] if rest else "", body)

    def _apply_to_contact(self, contact: str, key: Key, body: AnyBody | None) -> None:
        before = self.states.get(contact, {})
        after = {k: b for k, b in before.items() if k != key}
        if body is not None:
            after[key] = body
            after = dict(sorted(after.items()))  # so that nothing depends on the order in which facts came
        is_record = key.startswith("contact/")
        if is_record:
            self._index(contact, add=False)
            self._merged.pop(contact, None)
        if after:
            self.states[contact] = after
        else:
            self.states.pop(contact, None)
        if is_record:
            self._index(contact, add=True)

    def _index(self, contact: str, add: bool) -> None:
        merged = self.contact(contact)
        if not merged:
            return
        rows = [(self._bearers, alias) for alias in merged.aliases] + [(self.members, p.unit) for p in merged.posts if p.unit]
        if merged.type == "function":
            rows += [(self.functions, p.unit) for p in merged.posts if p.unit]
        for table, value in rows:
            if add:
                table[value].add(contact)
            else:
                table[value].discard(contact)
                if not table[value]:
                    del table[value]

    def _apply_shared(self, kind: str, subject: str, source: str, body: AnyBody | None) -> None:
        if kind == "unit":
            self._apply_unit(subject, source, body if isinstance(body, UnitRecord) else None)
        elif kind == "topic":
            records = _with(self._topic_records, subject, source, body if isinstance(body, TopicRecord) else None)
            _put(self.topics, subject, self._in_order(records)[0] if records else None)
        elif kind == "source":
            _put(self.sources, subject, body if isinstance(body, SourceHealth) else None)
        elif kind == "queue":
            _put(self.queues, subject, body if isinstance(body, Queue) else None)
        elif kind == "marks":
            _put(self.marks, subject, frozenset(body.aliases) if isinstance(body, Marks) else None)

    def _apply_unit(self, unit: str, source: str, body: UnitRecord | None) -> None:
        if unit in self.units:
            self.children[self.units[unit].parent].discard(unit)
        records = _with(self._unit_records, unit, source, body)
        _put(self.units, unit, directory.merge_unit(unit, self._in_order(records)) if records else None)
        if unit in self.units:
            self.children[self.units[unit].parent].add(unit)

    def _in_order(self, records: Mapping[str, _Record]) -> list[_Record]:
        """By the order in which the sources are configured; unknown ones last, by name."""
        order = {name: i for i, name in enumerate(self.rules.sources)}
        return [records[name] for name in sorted(records, key=lambda n: (order.get(n, len(order)), n))]

    # --- who ---

    def contact(self, contact: str) -> Contact | None:
        """Merged from its records; None where no source names it (any more)."""
        if contact not in self._merged:
            state = self.states.get(contact, {})
            records = {parts(k)[2]: b for k, b in state.items() if isinstance(b, ContactRecord)}
            if not records:
                return None
            self._merged[contact] = directory.merge_contact(contact, self._in_order(records))
        return self._merged[contact]

    def contacts(self) -> Iterator[Contact]:
        """All that a source names."""
        for contact in self.states:
            if merged := self.contact(contact):
                yield merged

    def bearers(self, alias: str) -> frozenset[str]:
        """The contacts that bear an alias. With more than one, nobody may be given what was meant for the other."""
        return frozenset(self._bearers.get(alias, ()))

    def bearer(self, alias: str) -> str | None:
        """The one contact that bears the alias."""
        bearers = self._bearers.get(alias, ())
        return next(iter(bearers)) if len(bearers) == 1 else None

    def hides(self, contact: str) -> bool:
        """Whether some source protects the contact now."""
        merged = self.contact(contact)
        return merged is not None and (merged.hidden or any(not m.isdisjoint(merged.aliases) for m in self.marks.values()))

    def is_public(self, contact: str, t: Instant) -> bool:
        """Published by the organisation, checked against every mark source, and not protected (section 4)."""
        merged = self.contact(contact)
        if not merged or self.hides(contact):
            return False
        if contact != self.rules.centre and not self.rules.publication.for_contact(merged, self.units):
            return False
        if self.rules.mark_sources is None or contact == self.rules.centre:
            return True
        kinds = {type(body) for body in self.states[contact].values()}
        return Checked in kinds and not (Hidden in kinds and t >= self.marks_until())

    def marks_until(self) -> Instant:
        """Until when every mark source is inside its limit."""
        names = self.rules.mark_sources or ()
        return min((self.sources[n].ok_until if n in self.sources else 0 for n in names), default=FOREVER)

    def published_posts(self, contact: Contact) -> tuple[Post, ...]:
        """Posts that the public may know of."""
        return self.rules.publication.posts(contact, self.units)

    # --- when ---

    def hours(self, contact: Contact) -> OpeningHours | None:
        """Published hours of the nearest level that has any: contact, unit, organisation. None also for a text that can not be
        read (see `hours_unread`).

        Exceptions of the levels passed on the way count too; of two for one day the nearer.
        """
        spec = self._hours_spec(contact)
        return self._hours.get(spec) if spec else None

    def hours_unread(self, contact: Contact) -> bool:
        """Whether there are hours in a directory, published or private, that nobody can read."""
        spec = self._hours_spec(contact)
        private = self._spec(contact.schedule, ()) if contact.schedule else None
        return any(each is not None and self._hours.get(each) is None for each in (spec, private))

    def _hours_spec(self, contact: Contact) -> HoursSpec | None:
        if contact.hours:
            return self._spec(contact.hours, contact.exceptions)
        exceptions = contact.exceptions
        for unit in directory.lineage(self.units, contact.posts[0].unit if contact.posts else ""):
            exceptions = unit.exceptions + exceptions
            if unit.hours:
                return self._spec(unit.hours, exceptions)
        return self._organisation_spec(exceptions)

    def unit_hours(self, unit: str) -> OpeningHours | None:
        exceptions: tuple[DayException, ...] = ()
        for level in directory.lineage(self.units, unit):
            exceptions = level.exceptions + exceptions
            if level.hours:
                return self._hours.get(self._spec(level.hours, exceptions))
        return self.organisation_hours(exceptions)

    def organisation_hours(self, exceptions: tuple[DayException, ...] = ()) -> OpeningHours | None:
        spec = self._organisation_spec(exceptions)
        return self._hours.get(spec) if spec else None

    def _organisation_spec(self, exceptions: tuple[DayException, ...]) -> HoursSpec | None:
        spec = self.rules.hours
        return self._spec(spec.rule, spec.exceptions + exceptions) if spec and exceptions else spec

    def calendar_days(self) -> OpeningHours:
        """The organisation's hours, or where it has none every day, for questions about days."""
        return self.organisation_hours() or self._every_day

    def hours_of(self, rule: str) -> OpeningHours | None:
        """Of a channel."""
        return self._hours.get(self._spec(rule, ()))

    def _spec(self, rule: str, exceptions: tuple[DayException, ...]) -> HoursSpec:
        return HoursSpec(rule, self.rules.zone, self.rules.red_days, exceptions)

    def voices(self, contact: Contact, margin: int = 0, lasting: bool = False) -> list[Voice]:
        """The layers that are asked for the contact, in the order of precedence (see `Evidence`)."""
        evidence = self._evidence(contact)
        return evidence.lasting() if lasting else evidence.voices(margin)

    def availability(self, contact: Contact, t: Instant, margin: int = 0) -> Availability:
        """What holds at `t`, and the forecast."""
        evidence = self._evidence(contact)
        answer = availability.resolve(evidence.voices(margin), t)
        return availability.foreseen(answer, evidence.lasting, t, evidence.window_end())

    def foreseen(self, contact: Contact, t: Instant) -> Status:
        """What planned time alone says of a later instant, with every source taken as fresh."""
        return availability.resolve(self._evidence(contact).lasting(), t).status

    def shifts(self, contact: Contact, employment: str = "") -> Shifts:
        """The hours whose days a dated leave covers: the private schedule, else the published hours."""
        return self._evidence(contact).shifts_of(employment)

    def explanation(self, contact: Contact, t: Instant, margin: int = 0) -> Explanation:
        """Why."""
        evidence = self._evidence(contact)
        return availability.explain(evidence.voices(margin), evidence.lasting(), t, evidence.window_end())

    def _evidence(self, contact: Contact) -> Evidence:
        published = self.hours(contact)
        state = self.states[contact.id]
        working = self._schedules.of(state, contact.schedule, published or self.calendar_days())
        evidence = Evidence(contact, state, self.rules, self.sources, published, working, self.calendar_days())
        evidence.unread = self.hours_unread(contact) or (working is not None and working.unread)
        return evidence


def _put(table: dict[str, _Value], name: str, value: _Value | None) -> None:
    if value is None:
        table.pop(name, None)
    else:
        table[name] = value


def _with(table: dict[str, dict[str, _Value]], name: str, source: str, value: _Value | None) -> dict[str, _Value]:
    """Set one source's record of `name`; what is left of them."""
    records = table.setdefault(name, {})
    _put(records, source, value)
    if not records:
        del table[name]
    return records
