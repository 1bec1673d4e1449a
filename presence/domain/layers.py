"""The layers behind the places of the precedence: what each kind of fact says about an instant."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from presence.domain.facts import Absence, Calendar, Override, Presence, SourceKind
from presence.domain.hours import OpeningHours
from presence.domain.intervals import DOUBT, FOREVER, Instant, Intervals, Layer, Opinion, Said, Status
from presence.domain.schedules import Shifts

NOTHING = Intervals()
WHOLE = 1 - 1e-6  # shares written with two decimals add up to a little less than one
_OFFLINE = 30 * 60  # open seconds after which an offline chat client is a sign of doubt, where nothing else is configured
_SPOKEN = {"busy": Status.BUSY, "away": Status.AWAY}
_WORD = 8 * 3600  # how long "I am in" holds outside hours


class Linked(NamedTuple):
    """A source that a contact is linked to, and until when its silence counts; `whole_until`: that of the source as a whole."""

    source: str
    type: SourceKind
    ok_until: Instant
    heartbeats: bool = True
    whole_until: Instant = 0


class Hours(NamedTuple):
    """Outside published hours: closed. A private schedule inside them gives away, as any leave does."""

    published: OpeningHours | None
    schedule: OpeningHours | None

    def at(self, t: Instant) -> Said:
        until = FOREVER
        if self.published:
            is_open, until = self.published.at(t)
            if not is_open:
                return Said(Status.CLOSED, until)
        if self.schedule:
            works, change = self.schedule.at(t)
            until = min(until, change)
            if not works:
                return Said(Status.AWAY, until)
        return Said(None, until)


class AvailableOverride(NamedTuple):
    """The word "I am in": silent while a live source says busy, and against leave that was not held when it was set.

    `end`: see `word_end`.
    """

    start: Instant
    end: Instant
    busy: Sequence[Layer]
    leave: Layer  # all leave
    held_leave: Layer  # the leave held when the override was set
    new_leave: Layer  # the leave that came later

    def at(self, t: Instant) -> Said:
        if not self.start <= t < self.end:
            return Said(None, self.start if t < min(self.start, self.end) else FOREVER)
        until = self.end
        silent = False
        for layer in self.busy:
            opinion, change = layer.at(t)
            until = min(until, change)
            silent |= isinstance(opinion, Status)
        (all_of_it, a), (held, b), (new, c) = self.leave.at(t), self.held_leave.at(t), self.new_leave.at(t)
        silent |= all_of_it is Status.AWAY and (held is not Status.AWAY or new is Status.AWAY)
        return Said(None if silent else Status.AVAILABLE, min(until, a, b, c))


class Assumed(NamedTuple):
    """Available by want of anything against it: only with hours, evidence, and every linked source inside its limit."""

    has_hours: bool
    hours_are_evidence: bool  # service points and functions
    leave_is_evidence: bool
    linked: Sequence[Linked]

    def at(self, t: Instant) -> Said:
        if not self.has_hours:
            return Said(None, FOREVER)
        evidence = self.hours_are_evidence
        until = FOREVER
        for source in self.linked:
            if t >= source.ok_until:
                return Said(None, FOREVER)  # renewed by a fact only, never by time
            until = min(until, source.ok_until)
            evidence |= source.type == "calendar" or (source.type == "presence" and source.heartbeats)
            evidence |= source.type == "leave" and self.leave_is_evidence
        return Said(Status.AVAILABLE if evidence else None, until)

    def lacks(self, t: Instant) -> str:
        """For an explanation: why nothing is assumed; empty where something is."""
        if not self.has_hours:
            return "no hours at any level, or none that could be read"
        silent = [each for each in self.linked if t >= each.ok_until]
        past = [each.source for each in silent if t >= each.whole_until]
        own = [each.source for each in silent if t < each.whole_until]
        told = [f"past its limit: {', '.join(past)}"] if past else []
        told += [f"could not be read for this contact: {', '.join(own)}"] if own else []
        if told:
            return "; ".join(told)
        return "" if self.at(t).opinion else "no calendar and no live presence is linked"


def word_end(override: Override, hours: Shifts, margin: int = 0) -> Instant:
    """When an "available" override ends: as it says, at the latest with the shift in which it begins, outside hours after 8 h.

    `margin`: as for a lease (see `Board`).
    """
    shift = hours.shift_at(override.start)
    return early(min(override.end, shift.end if shift else override.start + _WORD), margin)


def overrides(given: Sequence[Override]) -> Intervals:
    """The "away" and "busy" overrides; they win over an "available" one."""
    return Intervals.of([(o.start, o.end, _SPOKEN[o.status]) for o in given if o.status in _SPOKEN])


def leave(
    absences: Sequence[Absence],
    hours: Shifts,
    has_schedule: bool,
    posts: Mapping[str, Shifts] = {},
    told: Intervals = NOTHING,
) -> Intervals:
    """AWAY where all working time is covered; DOUBT where a part is and no personal schedule says which.

    Extents add up over overlapping absences of one employment and, weighted by its share, over employments. `hours` give the
    shifts that dated absences cover, `posts` those of single employments, where a schedule tells them apart: leave of another
    employment is DOUBT. `told`: where something says when she works though `has_schedule` is not.
    """
    segments: list[tuple[Instant, Instant, Opinion]] = []
    for start, end, here in _segments(absences, hours, posts):
        covered = _covered(here)
        if covered >= WHOLE:
            segments.append((start, end, Status.AWAY))
        elif covered > 0 and any(_is_of_unknown_hours(a, posts) for a in here):
            segments.append((start, end, DOUBT))
        elif covered > 0 and not has_schedule:
            segments += [(a, b, DOUBT) for a, b in _gaps(start, end, told)]
    return Intervals.of(segments)


def _is_of_unknown_hours(absence: Absence, posts: Mapping[str, Shifts]) -> bool:
    """Of one employment among several, whose hours no schedule tells. A part of the only one is not: the schedule says when."""
    return bool(absence.employment) and absence.employment not in posts and (bool(posts) or (absence.share or 1.0) < WHOLE)


def leave_of_post(absences: Sequence[Absence], hours: Shifts, posts: Mapping[str, Shifts], employment: str) -> Intervals:
    """AWAY where all time of one employment is covered, by leave of it and by leave of all working time."""
    own = [a for a in absences if a.employment in ("", employment)]
    covered = ((start, end, sum(a.extent for a in here) >= WHOLE) for start, end, here in _segments(own, hours, posts))
    return Intervals.of([(start, end, Status.AWAY) for start, end, whole in covered if whole])


def _segments(
    absences: Sequence[Absence], hours: Shifts, posts: Mapping[str, Shifts]
) -> Iterator[tuple[Instant, Instant, list[Absence]]]:
    """Spans over which the same absences hold."""
    spans = [(*absence_span(a, posts.get(a.employment, hours) if a.employment else hours), a) for a in absences]
    edges = sorted({edge for start, end, _ in spans for edge in (start, end)})
    for start, end in pairwise(edges):
        yield start, end, [a for s, e, a in spans if s <= start < e]


class LeaveOfPosts(NamedTuple):
    """Leave where a schedule tells employments apart: away as well while every post that is worked at is on leave."""

    whole: Intervals
    posts: Sequence[tuple[OpeningHours, Intervals]]  # the hours of each, and the leave of it

    def at(self, t: Instant) -> Said:
        said = self.whole.at(t)
        if said.opinion is Status.AWAY:
            return said
        until, works, off = said.until, False, True
        for hours, leave_of_it in self.posts:
            is_open, change = hours.at(t)
            until = min(until, change)
            if is_open:
                opinion, change = leave_of_it.at(t)
                until = min(until, change)
                works, off = True, off and opinion is Status.AWAY
        return Said(Status.AWAY if works and off else said.opinion, until)


def absence_span(absence: Absence, hours: Shifts) -> tuple[Instant, Instant]:
    """As instants; a dated one covers the shifts that begin on its days."""
    if not absence.dated:
        return absence.start, absence.end
    start = hours.day_start(date.fromisoformat(absence.first))
    if not absence.last or (last := date.fromisoformat(absence.last)) == date.max:  # 9999-12-31: until further notice, at HR
        return start, FOREVER
    return start, hours.day_start(last + timedelta(days=1))


def _covered(absences: Sequence[Absence]) -> float:
    """The part of all working time that is covered, 0 to 1."""
    of_all = sum(a.extent for a in absences if not a.employment)
    employments: dict[str, tuple[float, float]] = {}
    for a in absences:
        if a.employment:
            extent, share = employments.get(a.employment, (0.0, 0.0))
            employments[a.employment] = min(1.0, extent + a.extent), max(share, a.share or 1.0)
    return min(1.0, of_all + sum(extent * share for extent, share in employments.values()))


def busy_presence(reports: Sequence[Presence]) -> Intervals:
    """Live reports that beat a free calendar. They last to their end: ended early, they would show somebody as free too soon."""
    return Intervals.of([(r.start, r.end, _SPOKEN[r.status]) for r in reports if r.status in _SPOKEN])


def available_presence(
    reports: Sequence[Presence], hours: OpeningHours | None, margin: int = 0, offline: int = _OFFLINE
) -> Intervals:
    """Live reports that do not beat a meeting, and the doubt of a client that was offline for `offline` open seconds.

    `margin`: seconds by which a lease is taken to end early (see `Board`).
    """
    spans: list[tuple[Instant, Instant, Status]] = []
    doubts = []
    for r in reports:
        if r.status == "available":
            spans.append((r.start, early(r.end, margin), Status.AVAILABLE))
        elif r.status == "offline":
            doubtful = hours.open_seconds(r.start, min(r.end, r.start + 30 * 86400), offline) if hours else r.start + offline
            doubts.append((doubtful, r.end))
    known = Intervals.of(spans)
    if not doubts:
        return known
    return Intervals.of([*known.spans(), *((s, e, DOUBT) for a, b in doubts for s, e in _gaps(a, b, known))])


def _gaps(start: Instant, end: Instant, known: Intervals) -> list[tuple[Instant, Instant]]:
    """The parts of [start, end) in which `known` says nothing: one device that is there outweighs another's doubt."""
    gaps = []
    for s, e, _ in known.spans():
        if s > start:
            gaps.append((start, min(s, end)))
        start = max(start, e)
    return [(a, b) for a, b in [*gaps, (start, end)] if a < b]


def early(end: Instant, margin: int) -> Instant:
    """The end of evidence that must last until the next tick, `margin` seconds on, to count at this one."""
    return end - margin + 1 if margin and end < FOREVER else end


def window_end(calendars: Sequence[Calendar]) -> Instant:
    """From when on some calendar is not expanded: nothing is forecast past it."""
    return min((c.window or c.intervals.doubt_from() for c in calendars), default=FOREVER)
