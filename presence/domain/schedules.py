"""Working hours of a person: the patterns of every origin, day by day, together and by employment.

Origins stand in the order of the sources. On each day the first of them that speaks for that day decides, whole; before the
first of all begins, the published hours are the working hours, as for anybody without a schedule.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

from presence.domain.facts import AnyBody, ContactRecord, Key, Pattern, Schedule, parts
from presence.domain.hours import HoursSpec, OpeningHours
from presence.domain.intervals import BEGINNING, FOREVER, Instant, Intervals, Span, Status
from presence.domain.rules import Rules

_DAY = timedelta(days=1)
_LONGEST = 86_400  # what lasts longer is no shift, and belongs to the days that it covers


class Shifts(Protocol):
    """What a dated leave and a person's own word go by."""

    def shift_at(self, t: Instant) -> Span | None:
        """See `OpeningHours.shift_at`."""
        ...

    def day_start(self, day: date) -> Instant:
        """See `OpeningHours.day_start`."""
        ...


Origin = tuple[str, tuple[Pattern, ...]]
"""From which day on (empty: ever) it speaks, and what it says."""


class Stretch(NamedTuple):
    """Hours on the days from `first` to `last`."""

    first: date
    last: date
    hours: OpeningHours


class WorkingHours(OpeningHours):
    """The shifts of several hours together; a shift belongs to the day on which it begins."""

    def __init__(self, stretches: Sequence[Stretch], zone: str) -> None:
        super().__init__(HoursSpec("off", zone))
        self._stretches = stretches

    def shifts_of(self, day: date) -> list[tuple[datetime, datetime]]:
        return sorted({s for first, last, hours in self._stretches if first <= day <= last for s in hours.shifts_of(day)})


class Working(NamedTuple):
    """`posts`: hours by employment, where a schedule tells them apart; those under "" are of the person as a whole.

    `since`: from when on a schedule says when she works. `unread`: there is one that nobody can read.
    """

    hours: OpeningHours
    posts: Mapping[str, OpeningHours] = {}
    shares: Mapping[str, float] = {}
    since: Instant = BEGINNING
    unread: bool = False


class HoursCache:
    """Equal hours are evaluated once a process."""

    def __init__(self) -> None:
        self._known: dict[HoursSpec, OpeningHours | None] = {}
        self.working: dict[tuple[tuple[Origin, ...], HoursSpec], Working] = {}

    def get(self, spec: HoursSpec) -> OpeningHours | None:
        """None for a text that is not in the grammar. Directories hold such; nothing may then be assumed of the hours."""
        if spec not in self._known:
            try:
                self._known[spec] = OpeningHours(spec)
            except ValueError:
                self._known[spec] = None
        return self._known[spec]


class CalendarShifts(NamedTuple):
    """Shifts that a calendar tells (VAVAILABILITY), and `otherwise` where it is silent."""

    told: Intervals
    otherwise: OpeningHours

    def shift_at(self, t: Instant) -> Span | None:
        """See `OpeningHours.shift_at`."""
        opinion, _ = self.told.at(t)
        if opinion is None:
            return self.otherwise.shift_at(t)
        if opinion is not Status.AVAILABLE:
            return None
        found = next(Span(start, end) for start, end, _ in self.told.spans() if start <= t < end)
        return found if found.end - found.start <= _LONGEST else None

    def day_start(self, day: date) -> Instant:
        """See `OpeningHours.day_start`."""
        midnight = self.otherwise.instant(day)
        if self.told.at(midnight).opinion is None:
            return self.otherwise.day_start(day)
        shift = self.shift_at(midnight)
        return shift.end if shift and shift.start < midnight else midnight


class Schedules:
    """Evaluates what is said of a person's working hours."""

    def __init__(self, rules: Rules, cache: HoursCache) -> None:
        self._rules, self._cache = rules, cache
        self._order = {name: i for i, name in enumerate(rules.sources)}

    def of(self, state: Mapping[Key, AnyBody], schedule: str, otherwise: OpeningHours) -> Working | None:
        """None where nobody says anything. `schedule`: what the directories say, merged; `otherwise`: see the module."""
        if not any(key.startswith("schedule/") for key in state):
            return self._working(((("", (Pattern(schedule),))),), otherwise) if schedule else None
        found = [s for s in map(self._said, state.items()) if s is not None]
        origins = tuple(origin for _, _, origin in sorted(found))
        unread = any(isinstance(body, Schedule) and body.unread for body in state.values())
        if not origins:
            return Working(otherwise, since=FOREVER, unread=unread)
        working = self._working(origins, otherwise)
        return working._replace(unread=True) if unread else working

    def _said(self, fact: tuple[Key, AnyBody]) -> tuple[int, str, Origin] | None:
        key, body = fact
        origin: Origin
        if isinstance(body, Schedule) and not body.unread:
            origin = body.first, body.patterns
        elif isinstance(body, ContactRecord) and body.schedule:
            origin = "", (Pattern(body.schedule),)
        else:
            return None
        source = parts(key)[2]
        return self._order.get(source, len(self._order)), source, origin

    def _working(self, origins: tuple[Origin, ...], otherwise: OpeningHours) -> Working:
        known, key = self._cache.working, (origins, otherwise.spec)
        if key not in known:
            known[key] = self._evaluated(origins, otherwise)
        return known[key]

    def _evaluated(self, origins: tuple[Origin, ...], otherwise: OpeningHours) -> Working:
        stretches: list[tuple[Pattern, Stretch]] = []
        unread = False
        last = date.max
        for begins, patterns in origins:
            try:
                first = date.fromisoformat(begins) if begins else date.min
                if first > last:
                    continue
                stretches += self._stretches(patterns, first, last)
            except ValueError:
                unread = True
                continue
            if first == date.min:
                return self._together(stretches, unread)
            last = first - _DAY
        if not stretches and unread:
            return Working(otherwise, since=FOREVER, unread=True)
        return self._together(stretches, unread, Stretch(date.min, last, otherwise))

    def _stretches(self, patterns: Iterable[Pattern], first: date, last: date) -> list[tuple[Pattern, Stretch]]:
        """Raises ValueError for what cannot be read."""
        found = []
        for pattern in patterns:
            begin = max(first, date.fromisoformat(pattern.first)) if pattern.first else first
            end = min(last, date.fromisoformat(pattern.last)) if pattern.last else last
            hours = self._cache.get(HoursSpec(pattern.rule, self._rules.zone, self._rules.red_days))
            if hours is None:
                raise ValueError("not opening hours")
            found.append((pattern, Stretch(begin, end, hours)))
        return found

    def _together(self, found: Sequence[tuple[Pattern, Stretch]], unread: bool, before: Stretch | None = None) -> Working:
        zone = self._rules.zone
        all_of_it = [stretch for _, stretch in found]
        if before is None and len(all_of_it) == 1 and all_of_it[0][:2] == (date.min, date.max):
            hours = all_of_it[0].hours
        else:
            hours = WorkingHours([*all_of_it, *([before] if before else ())], zone)
        posts: dict[str, list[Stretch]] = {}
        if any(pattern.employment for pattern, _ in found):
            for pattern, stretch in found:
                posts.setdefault(pattern.employment, []).append(stretch)
        shares = {p.employment: p.share for p, _ in found if p.employment and p.share}
        since = hours.instant(before.last + _DAY) if before else BEGINNING
        return Working(hours, {name: WorkingHours(own, zone) for name, own in posts.items()}, shares, since, unread)
