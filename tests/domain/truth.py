"""Section 4 a second time, without layers: what is said of a contact in each hour of a short, invented week.

Slow and literal on purpose. It shares with the core only the facts, and asks each of them, for each hour, whether it covers it.
Days have eight hours here, so that much happens in few of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from random import Random

from presence.domain.availability import PRECEDENCE, Availability, availability
from presence.domain.directory import Contact
from presence.domain.evidence import Evidence
from presence.domain.facts import Absence, AnyBody, Calendar, Link, Override, Presence, SourceHealth, key
from presence.domain.intervals import DOUBT, FOREVER, Instant, Intervals, Opinion, Span, Status
from presence.domain.rules import Rules, SourceRule
from presence.domain.schedules import Working

HOUR = 3600
DAY = 8
WIDTH = 4 * DAY  # hours in which facts lie; their consequences reach up to two days further
END = WIDTH + 2 * DAY
OFFLINE = 3  # hours
WORD = 8

A, B, W, C, U = Status.AVAILABLE, Status.BUSY, Status.AWAY, Status.CLOSED, Status.UNKNOWN
ABSENCE = (A, B, W, C)


@dataclass
class Hours:
    """Shifts in hours, instead of a weekly rule; what the core asks of `OpeningHours`."""

    shifts: list[tuple[int, int]]

    def open(self, hour: int) -> bool:
        return any(a <= hour < b for a, b in self.shifts)

    def at(self, t: Instant) -> tuple[bool, Instant]:
        hour = t // HOUR
        change = next((h for h in range(hour, END) if self.open(h) != self.open(hour)), None)
        return self.open(hour), FOREVER if change is None else change * HOUR

    def shift_at(self, t: Instant) -> Span | None:
        return next((Span(a * HOUR, b * HOUR) for a, b in self.shifts if a <= t // HOUR < b), None)

    def day_start(self, day: date) -> Instant:
        midnight = (day.toordinal() - 1) * DAY * HOUR
        shift = self.shift_at(midnight)
        return shift.end if shift and shift.start < midnight else midnight

    def open_seconds(self, start: Instant, end: Instant, enough: int) -> Instant:
        for hour in range(start // HOUR, min(end // HOUR, END)):
            enough -= self.open(hour) * HOUR
            if enough == 0:
                return (hour + 1) * HOUR
        return end

    def working_day(self, hour: int) -> int:
        """The number of the day to which an hour belongs: that on which its shift began."""
        shift = next((a for a, b in self.shifts if a <= hour < b), hour)
        return min(shift, hour) // DAY


def when(hour: int | None) -> Instant:
    return FOREVER if hour is None else hour * HOUR


@dataclass
class Stack:
    """The facts of one contact. Times are hours; None is for ever."""

    published: Hours | None
    schedule: Hours | None
    order: tuple[str, ...] = PRECEDENCE
    person: bool = True
    leave_is_evidence: bool = False
    leave_linked: bool = False
    heartbeats: dict[str, bool] = field(default_factory=dict)
    ok_until: dict[str, int | None] = field(default_factory=dict)  # by source
    absences: list[tuple[str, Absence]] = field(default_factory=list)
    calendars: dict[str, tuple[list[tuple[int, int, str]], int | None, int | None]] = field(default_factory=dict)
    reports: list[tuple[str, Presence]] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    # --- as the core sees it ---

    def evidence(self) -> Evidence:
        kinds = {"hr": "leave", "cal": "calendar", "cal2": "calendar", "chat": "presence", "switch": "presence"}
        sources = {
            name: SourceRule(kind, 0, ("employee",), self.heartbeats.get(name, True))  # type: ignore[arg-type]
            for name, kind in kinds.items()
        }
        health = {n: SourceHealth(sources[n].type, ok_until=when(h)) for n, h in self.ok_until.items()}
        rules = Rules(precedence=self.order, sources=sources, leave_is_evidence=self.leave_is_evidence, offline=OFFLINE * HOUR)
        aliases = ("employee:1",) if self.leave_linked else ()
        contact = Contact("anna", "person" if self.person else "function", aliases=aliases)
        working = Working(self.schedule) if self.schedule else None  # type: ignore[arg-type]
        state = dict(self._facts())
        return Evidence(contact, state, rules, health, self.published, working, Hours([]))  # type: ignore[arg-type]

    def _facts(self) -> Iterator[tuple[str, AnyBody]]:
        for i, (source, absence) in enumerate(self.absences):
            yield key("absence", "anna", source, str(i)), absence
        for source, (spans, window_end, own) in self.calendars.items():
            letters: dict[str, Opinion] = {"B": B, "W": W, "?": DOUBT}
            known: list[tuple[Instant, Instant, Opinion]] = [(a * HOUR, b * HOUR, letters[x]) for a, b, x in spans]
            intervals = Intervals.of([*known, (when(window_end), FOREVER, DOUBT)])
            yield key("calendar", "anna", source), Calendar(intervals, when(own))
        for i, (source, report) in enumerate(self.reports):
            yield key("presence", "anna", source, "sip:x", str(i)), report
        for i, override in enumerate(self.overrides):
            yield key("override", "anna", str(i)), override
        for source in self.links:
            yield key("link", "anna", source), Link()

    def answer(self, t: Instant, margin: int = 0) -> Availability:
        evidence = self.evidence()
        return availability(evidence.voices(margin), evidence.lasting(), t, evidence.window_end())

    # --- as section 4 says ---

    def status(self, hour: int, lasting: bool = False, margin: int = 0) -> Status:
        doubted = self._doubted(hour, lasting, margin)
        for place in self.order:
            said = [s for s in self._said(place, hour, lasting, margin) if s is not None]
            if said and not (place == "assumed" and doubted):
                return max(said, key=ABSENCE.index)
        return U

    def truth(self) -> list[tuple[Status, int | None]]:
        """For each hour the status, and the first hour from which she is available or unknown, as far as can be seen: without
        leases, with fresh sources, up to the end of the expanded window."""
        now = [self.status(hour) for hour in range(WIDTH + 1)]
        lasting = [self.status(hour, lasting=True) for hour in range(END)]
        end = self._window_end()
        told = []
        for hour, status in enumerate(now):
            back = next((h for h in range(hour, END) if lasting[h] in (A, U)), END)
            told.append((status, back if status not in (A, U) and hour < back < end else None))
        return told

    def _window_end(self) -> int:
        ends = [END]
        for source, (_, window_end, _) in self.calendars.items():
            if window_end is not None:
                columns = [self._calendar(source, h) == "?" for h in range(END)]
                ends.append(next(h for h in range(END) if all(columns[h:])))
        return min(ends)

    def _said(self, place: str, hour: int, lasting: bool, margin: int) -> list[Status | None]:
        if place == "override":
            given = [B if o.status == "busy" else W for o in self.overrides if o.status != "available" and covers(o, hour)]
            return [*given, *([A] if any(self._word(o, hour, lasting, margin) for o in self.overrides) else [])]
        if place == "leave":
            return [W] if self._leave(hour) == "W" else []
        if place == "hours":
            if self.published and not self.published.open(hour):
                return [C]
            return [W] if self.schedule and not self.schedule.open(hour) else []
        if place == "presence:busy":
            return [] if lasting else [B if r.status == "busy" else W for r in self._busy(hour)]
        if place == "calendar":
            return [{"B": B, "W": W}.get(self._calendar(source, hour)) for source in self.calendars]
        if place == "presence:available":
            return [] if lasting else [A for s in ("chat", "switch") if self._there(s, hour, margin)]
        return [A] if self._assumed(hour, lasting, margin) else []

    def _doubted(self, hour: int, lasting: bool, margin: int) -> bool:
        doubts = {
            "leave": self._leave(hour) == "?",
            "calendar": any(self._calendar(source, hour) == "?" for source in self.calendars),
            "presence:available": not lasting and any(self._offline(s, hour, margin) for s in ("chat", "switch")),
        }
        return any(doubts[place] for place in doubts if place in self.order)

    def _leave(self, hour: int, held: Instant = FOREVER, after: Instant = -1) -> str:
        off: dict[str, float] = {}
        share: dict[str, float] = {}
        whole = 0.0
        for _, a in self.absences:
            if not after < a.since <= held or not self._is_off(a, hour):
                continue
            if a.employment:
                off[a.employment] = off.get(a.employment, 0) + a.extent
                share[a.employment] = max(share.get(a.employment, 0), a.share)
            else:
                whole += a.extent
        covered = whole + sum(min(1, off[e]) * share[e] for e in off)
        if covered > 0.9999:
            return "W"
        one_of_several = any(share[e] < 1 for e in off)  # the schedule here is of all of them
        return "?" if covered > 0 and (one_of_several or not self.schedule) else "."

    def _is_off(self, absence: Absence, hour: int) -> bool:
        if not absence.dated:
            return absence.start <= hour * HOUR < absence.end
        hours = self.schedule or self.published or Hours([])
        day = hours.working_day(hour)
        first, last = (date.fromisoformat(d).toordinal() - 1 if d else 99 for d in (absence.first, absence.last))
        return first <= day <= last

    def _word(self, o: Override, hour: int, lasting: bool, margin: int) -> bool:
        if o.status != "available":
            return False
        hours = self.schedule or self.published or Hours([])
        begin = o.start // HOUR
        shift_end = next((b for a, b in hours.shifts if a <= begin < b), begin + WORD)
        if not begin <= hour < min(o.end // HOUR, shift_end) or min(o.end // HOUR, shift_end) < hour + margin:
            return False
        if not lasting and self._busy(hour):
            return False
        held, new = self._leave(hour, o.set_at), self._leave(hour, after=o.set_at)
        return self._leave(hour) != "W" or (held == "W" and new != "W")

    def _busy(self, hour: int) -> list[Presence]:
        return [r for _, r in self.reports if r.status in ("busy", "away") and covers(r, hour)]

    def _there(self, source: str, hour: int, margin: int) -> bool:
        here = [r for s, r in self.reports if s == source and r.status == "available" and covers(r, hour)]
        return any(r.end == FOREVER or r.end // HOUR >= hour + margin for r in here)

    def _offline(self, source: str, hour: int, margin: int) -> bool:
        if self._there(source, hour, margin):
            return False
        for s, r in self.reports:
            if s == source and r.status == "offline" and covers(r, hour):
                past = range(r.start // HOUR, hour)
                if len(past) >= OFFLINE and sum(self.published.open(h) if self.published else 1 for h in past) >= OFFLINE:
                    return True
        return False

    def _calendar(self, source: str, hour: int) -> str:
        spans, window_end, _ = self.calendars[source]
        said = {x for a, b, x in spans if a <= hour < b}
        if window_end is not None and hour >= window_end:
            said.add("?")
        return next((x for x in "WB?" if x in said), ".")

    def _assumed(self, hour: int, lasting: bool, margin: int) -> bool:
        if not (self.published or self.schedule):
            return False
        linked = set(self.calendars) | {s for s, _ in self.reports} | set(self.links) | ({"hr"} if self.leave_linked else set())
        if not lasting and not all(self._fresh(source, hour, margin) for source in linked):
            return False
        live = {s for s in linked & {"chat", "switch"} if self.heartbeats.get(s, True)}
        by_leave = self.leave_is_evidence and "hr" in linked
        return bool(linked & {"cal", "cal2"} or live or by_leave) or not self.person

    def _fresh(self, source: str, hour: int, margin: int) -> bool:
        ends = [self.ok_until.get(source, 0)]
        if source in self.calendars:
            ends.append(self.calendars[source][2])
        if source == "hr":
            ends += [None if a.ok_until == FOREVER else a.ok_until // HOUR for s, a in self.absences if s == "hr"]
        return all(end is None or (hour < end and end >= hour + margin) for end in ends)


def covers(body: Override | Presence, hour: int) -> bool:
    return body.start <= hour * HOUR < body.end


# --- at random ---


def stack(rng: Random) -> Stack:
    """Facts that meet often, and that sometimes contradict one another."""

    def span() -> tuple[int, int]:
        start = rng.randrange(WIDTH)
        return start, min(WIDTH, start + rng.choice((1, 2, 3, 5, 8, 13)))

    def end() -> int | None:
        return None if rng.random() < 0.6 else rng.randrange(WIDTH)

    def shifts() -> Hours:
        begin, length = rng.randrange(DAY), rng.randrange(2, DAY)
        return Hours([(d * DAY + begin, d * DAY + begin + length) for d in range(-1, WIDTH // DAY) if rng.random() < 0.85])

    made = Stack(
        published=shifts() if rng.random() < 0.7 else None,
        schedule=shifts() if rng.random() < 0.3 else None,
        person=rng.random() < 0.85,
        leave_is_evidence=rng.random() < 0.2,
        leave_linked=rng.random() < 0.4,
        heartbeats={"chat": rng.random() < 0.8},
        ok_until={source: end() for source in ("hr", "cal", "cal2", "chat", "switch") if rng.random() < 0.95},
    )
    if rng.random() < 0.15:
        made.order = tuple(rng.sample(PRECEDENCE, rng.choice((6, 7, 7))))
    for _ in range(rng.choice((0, 0, 1, 2, 3))):
        made.absences.append((rng.choice(("hr", "oof")), _absence(rng, span(), when(end()))))
    for source in ("cal", "cal2"):
        if rng.random() < 0.5:
            spans = [(*span(), rng.choice("BBBW?")) for _ in range(rng.randrange(5))]
            made.calendars[source] = spans, rng.choice((None, rng.randrange(WIDTH))), end()
    for _ in range(rng.choice((0, 0, 1, 2, 3))):
        status = rng.choice(("available", "available", "busy", "busy", "away", "idle", "offline"))
        start, stop = span()
        made.reports.append((rng.choice(("chat", "switch")), Presence(status, start * HOUR, stop * HOUR)))  # type: ignore[arg-type]
    for _ in range(rng.choice((0, 0, 1, 2))):
        start, stop = span()
        set_at = rng.randrange(start + 1) * HOUR
        status = rng.choice(("available", "available", "busy", "away"))
        made.overrides.append(Override(status, start * HOUR, stop * HOUR, set_at))  # type: ignore[arg-type]
    if rng.random() < 0.4:
        made.links.append(rng.choice(("chat", "switch", "cal")))
    return made


def _absence(rng: Random, span: tuple[int, int], ok_until: Instant) -> Absence:
    extent = rng.choice((1.0, 1.0, 0.5, 0.5, 0.25))
    employment, share = rng.choice((("", 1.0), ("", 1.0), ("a", 0.6), ("b", 0.4)))
    since = rng.randrange(WIDTH) * HOUR
    rest = {"extent": extent, "employment": employment, "share": share, "since": since, "ok_until": ok_until}
    if rng.random() < 0.5:
        end = FOREVER if rng.random() < 0.2 else span[1] * HOUR
        return Absence(span[0] * HOUR, end, **rest)  # type: ignore[arg-type]
    first = span[0] // DAY + 1
    last = "" if rng.random() < 0.2 else date.fromordinal(first + rng.randrange(2)).isoformat()
    return Absence(first=date.fromordinal(first).isoformat(), last=last, **rest)  # type: ignore[arg-type]
