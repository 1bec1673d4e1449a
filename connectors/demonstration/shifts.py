"""When people work: the schedules that are given out, and the spans that come of them on a day."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from functools import lru_cache

from presence.domain.hours import HoursSpec, OpeningHours
from presence.domain.intervals import Instant, Span
from presence.domain.red_days import RedDays

ZONE = "Europe/Stockholm"
HALF_DAYS = "14:00"
OFFICE_HOURS = "Mo-Fr 08:00-17:00; PH off"
CENTRE_HOURS = "Mo-We,Fr 08:00-17:00; Th 08:00-18:00; PH off"
RED_DAYS = RedDays(half_days=HALF_DAYS)

DAY = timedelta(days=1)

PART_TIME: Sequence[tuple[str, float]] = (
    ("Mo-Th 08:00-17:00", 0.8),
    ("Tu-Fr 08:00-17:00", 0.8),
    ("Mo-We 08:00-17:00; Th 08:00-12:00", 0.7),
    ("Mo-Fr 08:00-14:30", 0.75),
    ("Mo-Fr 09:00-15:00", 0.75),
    ("Mo-We 08:00-17:00", 0.6),
    ("week 01-53/2 Mo-Fr 08:00-17:00; week 02-52/2 Mo-We 08:00-17:00", 0.8),
    ("week 01-53/2 Mo-Th 08:00-17:00; week 02-52/2 Tu-Fr 08:00-17:00", 0.8),
)
HEAD_OF_ROSTER = "Mo-Fr 08:00-16:30"
_LONG, _SHORT = "Mo-We,Sa,Su", "Th,Fr"
_NIGHTS = tuple(
    f"week 01-53/2 {a} 21:00-07:00; week 02-52/2 {b} 21:00-07:00" for a, b in (("Mo,Tu,Fr-Su", "We,Th"), ("We,Th", "Mo,Tu,Fr-Su"))
)


def _turns(times: str) -> tuple[str, ...]:
    return tuple(f"week 01-53/2 {a} {times}; week 02-52/2 {b} {times}" for a, b in ((_LONG, _SHORT), (_SHORT, _LONG)))


_DAYS, _EVENINGS = _turns("06:45-15:15"), _turns("13:45-22:00")
_DAYS_AND_EVENINGS = (*_DAYS, *_EVENINGS, *_DAYS)
_ROUND_THE_CLOCK = (*_NIGHTS, *_EVENINGS, *_DAYS)


def roster(place: int, published: str, kind: str) -> str:
    """The schedule of the place-th person in a unit that works in turns: from six on, every published hour is covered."""
    turns = _NIGHTS if kind == "night" else _ROUND_THE_CLOCK if published == "24/7" else _DAYS_AND_EVENINGS
    return turns[place % len(turns)]


@lru_cache(128)
def hours(rule: str) -> OpeningHours:
    """A rule as the demonstration evaluates it."""
    return OpeningHours(HoursSpec(rule, ZONE, RED_DAYS))


@lru_cache(16_384)
def shifts(rule: str, day: date) -> tuple[Span, ...]:
    """The spans of the rule that begin on the day."""
    evaluated = hours(rule)
    return tuple(
        Span(evaluated.instant(day, start), evaluated.instant(day if start < end else day + DAY, end))
        for start, end in evaluated.day_spans(day)
    )


@lru_cache(16_384)
def duty(published: str, schedule: str, day: date) -> Span | None:
    """From when to when somebody is at work on a day: the schedule, where there is one, inside the published hours."""
    open_ = shifts(published, day)
    if not open_:
        return None
    if not schedule:
        return Span(open_[0].start, open_[-1].end)
    own = shifts(schedule, day)
    start, end = (max(own[0].start, open_[0].start), own[-1].end) if own else (0, 0)
    end = end if published == "24/7" else min(end, open_[-1].end)
    return Span(start, end) if start < end else None


@lru_cache(1024)
def midnight(day: date) -> Instant:
    """What times of the day are counted from: 12 h before noon, so that 09:00 is 9 h on, also where the clocks change."""
    return hours(OFFICE_HOURS).instant(day, time(12)) - 12 * 3600


def day_of(t: Instant) -> date:
    """The calendar day at an instant."""
    return hours(OFFICE_HOURS).day(t)


def is_red(day: date) -> bool:
    """Saturday, Sunday or holiday."""
    return day.weekday() >= 5 or RED_DAYS.is_holiday(day)
