"""What must be answered, straight from what is true: each thing is asked anew, quarter of an hour by quarter of an hour.

Nothing of the service is used here: no edges, no layers, no grammar, no library of holidays or of recurrence.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.domain.slow_hours import HOLIDAYS
from tests.proofs.year.staff import DAY, Human, Leave, Spans, Week, clock, days

ZONE = ZoneInfo("Europe/Stockholm")
QUARTER = 900
Shift = tuple[int, int, date]
PUBLISHED: dict[str, tuple[Week, bool]] = {
    "": (Week(days("01234", clock("08:00-17:00"))), True),
    "always": (Week(days("0123456", [(0, 1440)])), False),
    "long": (Week(days("01234", clock("07:00-19:00"))), True),
    "weekend": (Week(days("0123456", clock("09:00-15:00"))), False),
}
"""And whether they are closed on holidays."""


class Known(NamedTuple):
    """What has been told by an instant: the day of the last reading, and that reading's instant on each day."""

    today: date
    read_at: dict[date, int]


@lru_cache(100_000)
def instant(day: date, minutes: int) -> int:
    """Local, by the wall."""
    return int((datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)).replace(tzinfo=ZONE).timestamp())


@lru_cache(100_000)
def local_day(t: int) -> date:
    return datetime.fromtimestamp(t, ZONE).date()


class Oracle:
    """Of one person."""

    def __init__(self, human: Human) -> None:
        self.human = human
        self.begins = human.file_begins if human.file else None
        employments = {week.employment for week in human.file}
        self.employments = sorted(employments) if employments - {""} else []
        self._shifts: dict[tuple[str, date], list[Shift]] = {}  # remembered, since the same days are asked about again and again
        self._planned: dict[tuple[date, date], list[tuple[int, int, str]]] = {}

    def running(self, whose: str, t: int) -> list[Shift]:
        """The shifts that run at an instant. `whose`: published, duty, calendar, or an employment."""
        today = local_day(t)
        return [s for day in (today - DAY, today) for s in self._of(whose, day) if s[0] <= t < s[1]]

    def _of(self, whose: str, day: date) -> list[Shift]:
        if (whose, day) not in self._shifts:
            known = {"published": self.published, "duty": self.duty, "calendar": self.calendar_duty}
            spans = known[whose](day) if whose in known else self.of_employment(whose, day)
            self._shifts[whose, day] = [(instant(day, a), instant(day, b), day) for a, b in spans]
        return self._shifts[whose, day]

    # --- hours ---

    def published(self, day: date) -> Spans:
        week, keeps_holidays = PUBLISHED[self.human.published]
        return [] if keeps_holidays and day in HOLIDAYS else week.on(day)

    def duty(self, day: date) -> Spans:
        """The shifts that begin on a day, by the file, else the directory, else the published hours."""
        human = self.human
        if self.begins is not None and day >= self.begins:
            return sorted(span for week in human.file for span in week.on(day))
        return human.directory.on(day) if human.directory else self.published(day)

    def of_employment(self, employment: str, day: date) -> Spans:
        return [span for week in self.human.file if week.employment == employment for span in week.on(day)]

    def calendar_tells(self, t: int) -> bool:
        until = self.human.available_until
        return bool(self.human.availability) and (until is None or t < instant(until, 0))

    def calendar_duty(self, day: date) -> Spans:
        return [span for week in self.human.availability for span in week.on(day)]

    def tells_when(self, t: int) -> bool:
        """Whether some schedule says when this person works."""
        speaks = self.begins is not None and (self.begins == date.min or t >= instant(self.begins, 0))
        return speaks or self.human.directory is not None or self.calendar_tells(t)

    def shift(self, t: int, employment: str = "") -> Shift | None:
        """The one that runs; of several the one that began last."""
        by_calendar = self.begins is None and self.human.directory is None and self.calendar_tells(t)
        whose = employment if employment in self.employments else "calendar" if by_calendar else "duty"
        return max(self.running(whose, t), default=None)

    # --- leave ---

    def covers(self, leave: Leave, t: int) -> bool:
        if not leave.first:
            return leave.start <= t < leave.end
        today = local_day(t)
        if today < leave.first or (leave.last and today > leave.last + DAY):
            return False
        at_midnight = self.shift(instant(today, 0), leave.employment)
        if at_midnight and at_midnight[0] < instant(today, 0) and t < at_midnight[1]:
            today = at_midnight[2]
        return leave.first <= today and (not leave.last or today <= leave.last)

    def leave(self, t: int, known: Known, held_at: int | None = None) -> str:
        """away, doubt or nothing. `held_at`: by leave only that was known then."""
        told = (x for x in self.human.leaves if x.known <= known.today)
        here = [x for x in told if (held_at is None or known.read_at[x.known] <= held_at) and self.covers(x, t)]
        if not here:
            return ""
        general = sum(x.extent for x in here if not x.employment)
        by_post: dict[str, float] = {}
        for x in here:
            if x.employment:
                by_post[x.employment] = by_post.get(x.employment, 0.0) + x.extent
        covered = general + sum(min(1.0, part) * self._share(name, here) for name, part in by_post.items())
        if covered > 0.9999:
            return "away"
        if self.employments:
            at = [e for e in self.employments if self.running(e, t)]
            if at and all(general + by_post.get(e, 0.0) > 0.9999 for e in at):
                return "away"
        if any(name not in self.employments and (self.employments or self._share(name, here) < 1) for name in by_post):
            return "doubt"
        return "" if self.tells_when(t) else "doubt"

    def _share(self, employment: str, here: list[Leave]) -> float:
        said = max(x.share for x in here if x.employment == employment)
        written = max((week.share for week in self.human.file if week.employment == employment), default=0.0)
        equal = 1 / len(self.employments) if employment in self.employments else 1.0
        return said or written or equal

    # --- calendar ---

    def calendar(self, t: int, known: Known) -> str:
        if not self.human.calendar:
            return ""
        said = {says for begin, end, says in self.planned(local_day(t), known.today) if begin <= t < end}
        if said:
            return "away" if "away" in said else "busy"
        return "away" if self.calendar_tells(t) and not self.running("calendar", t) else ""

    def planned(self, near: date, known: date) -> list[tuple[int, int, str]]:
        """What stands in the calendar about a day, as far as it was there on another."""
        if (near, known) not in self._planned:
            if len(self._planned) > 100:
                self._planned.clear()
            events = [e for e in self.human.events if e.known <= known and e.says != "nothing"]
            found = [(instant(day, a), instant(day, b), e.says) for e in events for day, a, b in e.occurrences(near)]
            self._planned[near, known] = found
        return self._planned[near, known]

    # --- all of it ---

    def words(self, t: int, known: Known) -> set[str]:
        found = set()
        for word in self.human.words:
            if word.known > known.today or not word.start <= t < word.end:
                continue
            if word.status != "available":
                found.add(word.status)
                continue
            shift = self.shift(word.start)
            if t >= (shift[1] if shift else word.start + 8 * 3600):
                continue
            if self.leave(t, known) != "away" or self.leave(t, known, word.start) == "away":
                found.add("available")
        return found

    def status(self, t: int, known: Known) -> str:
        said = self.words(t, known)
        if said:
            return next(s for s in ("away", "busy", "available") if s in said)
        leave = self.leave(t, known)
        if leave == "away":
            return "away"
        if not self.running("published", t):
            return "closed"
        if not self.running("duty", t):
            return "away"
        return self.calendar(t, known) or ("available" if self.human.calendar and leave != "doubt" else "unknown")

    def until(self, t: int, known: Known, limit: int) -> int | None:
        """The first quarter of an hour from which this person can be reached or nothing is known; None: not before the limit."""
        if self.status(t, known) in ("available", "unknown"):
            return None
        quarters = range(t - t % QUARTER + QUARTER, limit, QUARTER)
        return next((q for q in quarters if self.status(q, known) in ("available", "unknown")), None)
