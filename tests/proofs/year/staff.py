"""What is true of each person of an invented staff, at random but the same for a seed. Local times are minutes after midnight."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
DAY = timedelta(days=1)
Spans = list[tuple[int, int]]
"""A span that ends on the next day ends after 24 * 60."""


def clock(text: str) -> Spans:
    """`clock("08:00-12:00 13:00-16:30")`; what ends before it begins ends on the next day."""
    found = []
    for span in text.split():
        begin, end = (int(part[:2]) * 60 + int(part[3:]) for part in span.split("-"))
        found.append((begin, end if end > begin else end + 1440))
    return found


@dataclass(frozen=True)
class Week:
    """Shifts by weekday (0: Monday) in some weeks: all, those of an odd or even ISO number, every second from a Monday on."""

    days: dict[int, Spans]
    weeks: str | date = "all"
    first: date | None = None
    last: date | None = None
    employment: str = ""
    share: float = 0.0

    def on(self, day: date) -> Spans:
        """The shifts that begin on a day."""
        if (self.first and day < self.first) or (self.last and day > self.last):
            return []
        if isinstance(self.weeks, date):
            if (day - self.weeks).days // 7 % 2:
                return []
        elif self.weeks != "all" and day.isocalendar().week % 2 != (self.weeks == "odd"):
            return []
        return self.days.get(day.weekday(), [])


@dataclass(frozen=True)
class Event:
    """What stands in a calendar. `says`: busy, away, or nothing. `every`: days between occurrences, 0: once."""

    uid: str
    day: date
    begin: int
    end: int
    says: str
    form: str  # how it says so
    every: int = 0
    until: date | None = None
    without: tuple[date, ...] = ()
    moved: tuple[date, int] | None = None  # this occurrence begins so many minutes later
    whole_days: int = 0
    known: date = FIRST  # from this day on it is in the file

    def occurrences(self, near: date) -> list[tuple[date, int, int]]:
        """Those that begin within two days of a day, or at any day where it is a few whole days: (day, from, to)."""
        if self.whole_days:
            return [(self.day, 0, self.whole_days * 1440)]
        found = []
        for day in (near - 2 * DAY, near - DAY, near, near + DAY):
            gone = (day - self.day).days
            occurs = gone == 0 or (self.every and gone > 0 and gone % self.every == 0 and (not self.until or day <= self.until))
            if occurs and day not in self.without:
                late = self.moved[1] if self.moved and self.moved[0] == day else 0
                found.append((day, self.begin + late, self.end + late))
        return found


@dataclass(frozen=True)
class Leave:
    """A row of HR: days (both included, no last: until further notice), or instants."""

    known: date
    first: date | None = None
    last: date | None = None
    start: int = 0
    end: int = 0
    extent: float = 1.0
    employment: str = ""
    share: float = 0.0


@dataclass(frozen=True)
class Word:
    """Somebody's own word: available, busy or away. Set on the day `known`, at `start`."""

    known: date
    status: str
    start: int
    end: int


@dataclass
class Human:
    number: int
    published: str = ""
    directory: Week | None = None
    file: list[Week] = field(default_factory=list)
    calendar: bool = True
    availability: list[Week] = field(default_factory=list)
    available_until: date | None = None  # from then on the calendar tells no hours
    events: list[Event] = field(default_factory=list)
    leaves: list[Leave] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)

    def in_rule(self, n: int) -> bool:
        """Whether the days of a row of the file stand within its rule, not in columns."""
        return bool(n and self.number % 2 and self.file[n].first and self.file[n].last)

    @property
    def file_begins(self) -> date:
        """From when on the file speaks."""
        return min(date.min if self.in_rule(n) else week.first or date.min for n, week in enumerate(self.file))

    @property
    def identity(self) -> str:
        return f"3f8c7a52-0001-4000-8000-{self.number:012}"

    @property
    def mail(self) -> str:
        return f"p{self.number}@example.se"

    @property
    def employee(self) -> str:
        return f"e{self.number}"


OFFICE = clock("08:00-16:30")
MORNING, AFTERNOON = clock("08:00-12:00"), clock("13:00-16:30")
NIGHT = clock("21:00-07:00")
TERMS = ((date(2026, 1, 12), date(2026, 6, 12)), (date(2026, 8, 17), date(2026, 12, 18)))


def days(names: str, spans: Spans) -> dict[int, Spans]:
    """`days("0123", OFFICE)`."""
    return {int(name): spans for name in names}


def _plain(rng: Random) -> Week:
    shifts = rng.choice((OFFICE, MORNING, AFTERNOON, clock("07:30-11:30 12:15-16:00"), clock("10:00-19:00")))
    return Week(days(rng.choice(("01234", "0123", "012", "024", "13", "01234", "123456")), shifts))


def _schedule(rng: Random, human: Human) -> list[Week]:
    """Patterns of one kind, each kind as often as the others."""
    kind = rng.randrange(9)
    if kind == 0:
        return [_plain(rng)]
    if kind == 1:  # alternate weeks, short and long
        return [Week(days("01234", OFFICE), "odd"), Week(days("02", MORNING), "even")]
    if kind == 2:
        return [Week(days("0123456", rng.choice((OFFICE, AFTERNOON))), rng.choice(("odd", "even")))]
    if kind == 3:  # a term-time post
        return [Week(days("01234", clock("08:00-14:00")), "all", a, b) for a, b in TERMS]
    if kind == 4:  # half time, now mornings and later afternoons
        change = date(2026, rng.randrange(2, 12), rng.randrange(1, 29))
        return [Week(days("01234", MORNING), last=change), Week(days("01234", AFTERNOON), first=change + DAY)]
    if kind == 5:  # two sites, on Wednesdays both
        return [Week({**days("01", OFFICE), 2: MORNING}), Week({2: AFTERNOON, 3: OFFICE})]
    if kind == 6:  # two employments, the second with nights for some
        human.published = human.published or rng.choice(("", "always"))
        second = NIGHT if human.published == "always" else AFTERNOON
        share = rng.choice((0.0, 0.6))
        return [
            Week(days("0123", MORNING), employment=f"{human.employee}-a", share=share),
            Week(days(rng.choice(("0123", "124")), second), employment=f"{human.employee}-b", share=round(1 - share, 1) % 1),
        ]
    if kind == 7:  # nights, over both changes of clocks
        human.published = "always"
        return [Week(days(rng.choice(("456", "0123456", "0246")), NIGHT), rng.choice(("all", "odd")))]
    begin = FIRST + rng.randrange(30, 330) * DAY  # a schedule that begins later
    return [Week(days("012", OFFICE), first=begin), Week(days("3", MORNING), first=begin + 20 * DAY)]


def _calendar_hours(rng: Random, human: Human) -> list[Week]:
    anchor = date(2025, 11, 3) + 7 * rng.randrange(2) * DAY
    if rng.random() < 0.3:
        human.published = "always"
        return [Week(days("0246", NIGHT))]
    if rng.random() < 0.5:
        return [Week(days("01234", OFFICE), anchor), Week(days("13", MORNING), anchor + 7 * DAY)]
    return [_plain(rng)]


def person(number: int, seed: int) -> Human:
    """One of the staff."""
    rng = Random(f"{seed} {number}")
    human = Human(number, rng.choice(("", "", "always", "long", "weekend")), calendar=rng.random() < 0.9)
    origin = rng.randrange(6)
    if origin in (1, 3):
        human.directory = _plain(rng) if rng.random() < 0.7 else Week(days("01234", OFFICE), rng.choice(("odd", "even")))
    if origin in (2, 3, 4):
        human.file = _schedule(rng, human)
        if any(week.employment for week in human.file):
            human.directory = None
    if human.calendar and origin in (4, 5):
        human.availability = _calendar_hours(rng, human)
        human.available_until = FIRST + rng.randrange(60, 300) * DAY if rng.random() < 0.2 else None
    if human.calendar:
        human.events = [_event(rng, n) for n in range(rng.randrange(4, 16))]
    human.leaves = [_leave(rng, human) for _ in range(rng.randrange(6))]
    human.words = [_word(rng) for _ in range(rng.randrange(5))]
    return human


def _any(rng: Random) -> date:
    return FIRST + rng.randrange(365) * DAY


SAYS = {
    "busy": ("plain", "plain", "private", "busystatus", "unread-summary"),
    "away": ("oof",),
    "nothing": ("transparent", "cancelled", "tentative", "free", "elsewhere"),
}


def _event(rng: Random, n: int) -> Event:
    says = rng.choice(("busy", "busy", "busy", "away", "nothing"))
    form = rng.choice(SAYS[says])
    known = rng.choice((FIRST, FIRST, _any(rng)))
    day = _any(rng)
    if rng.random() < 0.2:
        return Event(str(n), day, 0, 0, says, form, whole_days=rng.choice((1, 1, 2, 9)), known=known)
    begin = rng.randrange(6 * 4, 20 * 4) * 15
    end = begin + rng.choice((15, 30, 60, 90, 180, 480))
    if rng.random() < 0.6:
        return Event(str(n), day, begin, end, says, form, known=known)
    every = rng.choice((7, 7, 14, 1, 3))
    until = rng.choice((None, day + rng.randrange(20, 300) * DAY))
    picked = [day + k * every * DAY for k in rng.sample(range(1, 12), 3)]
    without, late = tuple(picked[:2]), (picked[2], rng.choice((-60, 45, 120)))
    moved = late if rng.random() < 0.5 and (not until or late[0] <= until) else None
    return Event(str(n), day, begin, end, says, form, every, until, without, moved, known=known)


def _leave(rng: Random, human: Human) -> Leave:
    extent = rng.choice((1.0, 1.0, 1.0, 0.5, 0.5, 0.25))
    own = [week.employment for week in human.file if week.employment]
    employment, share = rng.choice((("", 0.0), ("", 0.0), *((e, 0.0) for e in own), *((e, 0.0) for e in own)))[:2]
    if not employment and rng.random() < 0.15:
        employment, share = f"{human.employee}-c", 0.4
    first = _any(rng)
    known = max(FIRST, first - rng.choice((0, 1, 10, 40, -3)) * DAY)
    if rng.random() < 0.3:
        start = int_utc(first, rng.randrange(5 * 4, 15 * 4) * 15)
        return Leave(known, None, None, start, start + rng.choice((1, 3, 8, 30, 100)) * 3600, extent, employment, share)
    last = None if rng.random() < 0.06 else first + rng.choice((0, 0, 1, 4, 20, 60)) * DAY
    return Leave(known, first, last, 0, 0, extent, employment, share)


def _word(rng: Random) -> Word:
    day = _any(rng)
    start = int_utc(day, rng.randrange(4 * 4, 20 * 4) * 15)
    status = rng.choice(("available", "available", "busy", "away"))
    return Word(day, status, start, start + rng.choice((1, 2, 5, 12, 30)) * 3600)


def int_utc(day: date, minutes: int) -> int:
    """A time of UTC."""
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * 86_400 + minutes * 60


def staff(count: int, seed: int, first: int = 1) -> list[Human]:
    return [person(number, seed) for number in range(first, first + count)]
