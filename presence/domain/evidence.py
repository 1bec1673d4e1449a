"""One contact's facts, and the voices that they make."""

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from msgspec.structs import replace

from presence.domain import layers
from presence.domain.availability import ASSUMED, Voice
from presence.domain.directory import Contact
from presence.domain.facts import Absence, AnyBody, Calendar, Key, Link, Override, Presence, SourceHealth
from presence.domain.hours import OpeningHours
from presence.domain.intervals import BEGINNING, FOREVER, Instant, Intervals, Layer, Status
from presence.domain.layers import NOTHING, Linked
from presence.domain.rules import Rules
from presence.domain.schedules import CalendarShifts, Shifts, Working

State = Mapping[Key, AnyBody]


class Evidence:
    """Sorts the facts once; makes the layers that are asked, in the configured order of precedence.

    `shifts` are the hours whose days a dated leave covers: the private schedule, else those in a calendar, else the published.
    """

    __slots__ = (
        "_kept",
        "_marks",
        "absences",
        "calendars",
        "contact",
        "linked",
        "overrides",
        "published",
        "reports",
        "rules",
        "schedule",
        "shifts",
        "sources",
        "told",
        "unread",
        "working",
    )

    def __init__(
        self,
        contact: Contact,
        state: State,
        rules: Rules,
        sources: Mapping[str, SourceHealth],
        published: OpeningHours | None,
        working: Working | None,
        days: OpeningHours,
    ) -> None:
        """`days`: for whoever has no hours at all."""
        self.contact, self.rules, self.sources = contact, rules, sources
        self.published, self.working = published, working
        self.schedule = working.hours if working else None
        self.unread = False  # hours that nobody can read: nothing is assumed then
        self.absences: dict[str, list[Absence]] = {}
        self.calendars: dict[str, Calendar] = {}
        self.reports: dict[str, list[Presence]] = {}
        self.overrides: list[Override] = []
        self._kept: Mapping[str, Sequence[Voice]] | None = None
        self._marks: Sequence[Linked] | None = None
        self.linked: dict[str, Instant] = {}  # until when this contact's own feed of a source counts
        for key, body in state.items():
            if isinstance(body, Presence):
                source = _source(key)
                self.reports.setdefault(source, []).append(body)
                self.linked.setdefault(source, FOREVER)
            elif isinstance(body, Calendar):
                source = _source(key)
                self.calendars[source] = body
                self.linked[source] = body.ok_until
            elif isinstance(body, Absence):
                self.absences.setdefault(_source(key), []).append(body)
            elif isinstance(body, Override):
                self.overrides.append(body)
            elif isinstance(body, Link):
                self.linked.setdefault(_source(key), FOREVER)
        told = [c.hours for c in self.calendars.values() if c.hours]
        self.told = told[0] if len(told) == 1 else Intervals.of([s for each in told for s in each.spans()]) if told else NOTHING
        otherwise = self.schedule or published or days
        self.shifts: Shifts = CalendarShifts(self.told, otherwise) if self.told and not working else otherwise

    def shifts_of(self, employment: str) -> Shifts:
        """Of one employment, where a schedule tells them apart."""
        return self.working.posts.get(employment, self.shifts) if self.working and employment else self.shifts

    def voices(self, margin: int = 0) -> list[Voice]:
        """What is asked now. `margin`: evidence counts as ended that many seconds early (see `Board`)."""
        reports = sorted(self.reports.items()) if self.reports else ()
        busy = [Voice("presence:busy", source, layers.busy_presence(given)) for source, given in reports]
        free = [
            Voice("presence:available", s, layers.available_presence(given, self.published, margin, self.rules.offline))
            for s, given in reports
        ]
        return self._in_order(
            {
                **self._steady(),
                "override": self._words([voice.layer for voice in busy], margin),
                "presence:busy": busy,
                "presence:available": free,
                ASSUMED: [Voice(ASSUMED, "", self._assumed(self._links(margin)))],
            }
        )

    def lasting(self) -> list[Voice]:
        """What forecasts are made of: without leases, and with every source taken as fresh."""
        fresh = [Linked(name, kind, FOREVER, heartbeats) for name, kind, _, heartbeats, _ in self._links(0)]
        assumed = [Voice(ASSUMED, "", self._assumed(fresh))]
        return self._in_order({**self._steady(), "override": self._words([], 0), ASSUMED: assumed})

    def window_end(self) -> Instant:
        return layers.window_end(list(self.calendars.values()))

    def _in_order(self, voices: Mapping[str, Sequence[Voice]]) -> list[Voice]:
        return [voice for place in self.rules.precedence for voice in voices.get(place, ())]

    def _steady(self) -> Mapping[str, Sequence[Voice]]:
        """The voices that only a fact can end."""
        if self._kept is None:
            self._kept = {
                "leave": [Voice("leave", ",".join(sorted(self.absences)), self._leave())] if self.absences else (),
                "hours": [Voice("hours", "", layers.Hours(self.published, self.schedule))],
                "calendar": [Voice("calendar", source, c.intervals) for source, c in sorted(self.calendars.items())],
            }
        return self._kept

    def _words(self, busy: Sequence[Layer], margin: int) -> Sequence[Voice]:
        """The overrides: "away" and "busy" together, then each "available" one, the oldest first."""
        if not self.overrides:
            return ()
        voices = [Voice("override", "", layers.overrides(self.overrides))]
        for o in sorted((o for o in self.overrides if o.status == "available"), key=lambda o: o.set_at):
            end = layers.word_end(o, self.shifts, margin)
            word = layers.AvailableOverride(o.start, end, busy, self._leave(), self._leave(to=o.set_at), self._leave(o.set_at))
            voices.append(Voice("override", "", word))
        return voices

    def _leave(self, after: Instant = BEGINNING, to: Instant = FOREVER) -> Layer:
        """All leave that the service has held since an instant between the two."""
        absences = [self._weighted(a) for given in self.absences.values() for a in given if after < a.since <= to]
        working = self.working
        if working is None:
            return layers.leave(absences, self.shifts, False, {}, self.told)
        told = self.told
        if working.since > BEGINNING:
            told = Intervals.of([*told.spans(), (working.since, FOREVER, Status.AVAILABLE)])
        posts = working.posts
        whole = layers.leave(absences, self.shifts, working.since == BEGINNING, posts, told)
        if not posts:
            return whole
        of_posts = [(hours, layers.leave_of_post(absences, self.shifts, posts, name)) for name, hours in posts.items()]
        return layers.LeaveOfPosts(whole, of_posts)

    def _weighted(self, absence: Absence) -> Absence:
        """With the share of the employment that the schedule or the directory knows, where the source gives none.

        Of employments that a schedule tells apart without a share, all are equal parts.
        """
        if not absence.employment or absence.share:
            return absence
        shares = {post.employment: post.share for post in self.contact.posts if post.employment}
        if self.working and absence.employment in self.working.posts and shares.get(absence.employment, 1.0) == 1.0:
            shares[absence.employment] = 1 / len(self.working.posts)
        if self.working:
            shares.update(self.working.shares)
        return replace(absence, share=shares.get(absence.employment, 1.0))

    def _assumed(self, linked: Sequence[Linked]) -> layers.Assumed:
        has_hours = not self.unread and (self.published is not None or self.schedule is not None)
        return layers.Assumed(has_hours, self.contact.type != "person", self.rules.leave_is_evidence, linked)

    def _links(self, margin: int) -> Sequence[Linked]:
        """The linked sources that are configured, leave by an alias of its kind included."""
        if self._marks is None:
            marks = dict(self.linked)
            for name, rule in self.rules.sources.items():
                if rule.type == "leave" and name not in marks and self._bears(rule.alias_kinds):
                    marks[name] = min((a.ok_until for a in self.absences.get(name, ())), default=FOREVER)
            self._marks = [self._link(name, own) for name, own in marks.items() if name in self.rules.sources]
        if not margin:
            return self._marks
        return [
            Linked(name, kind, layers.early(ok, margin), heartbeats, whole) for name, kind, ok, heartbeats, whole in self._marks
        ]

    def _bears(self, kinds: tuple[str, ...]) -> bool:
        begin = tuple(f"{kind}:" for kind in kinds)
        return any(alias.startswith(begin) for alias in self.contact.aliases)

    def _link(self, source: str, own: Instant) -> Linked:
        """`own`: until when this contact's own feed of the source counts."""
        rule, health = self.rules.sources[source], self.sources.get(source)
        if health is None:
            return Linked(source, rule.type, 0, rule.heartbeats)
        heartbeats = rule.heartbeats and health.heartbeats
        return Linked(source, rule.type, min(own, health.ok_until), heartbeats, health.ok_until)


def _source(key: Key) -> str:
    """The source in a key `kind/contact/source/…`."""
    source = key.split("/", 3)[2]
    return unquote(source) if "%" in source else source
