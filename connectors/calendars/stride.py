"""Everyday recurrence rules by arithmetic: daily, weekly and monthly, straight to the window.

`walls` answers what `recurrence.expand` answers for the rules that it knows, in a time that does not depend on how long ago a
series began or how many occurrences it has had.
"""

from datetime import date
from functools import lru_cache

from connectors.calendars.days import weekday
from connectors.calendars.rules import Rule
from connectors.calendars.values import DAY, EPOCH, day_number

_PLACES = 9999 * 12
_LATE = day_number(9999, 1, 1) * DAY
"""From here on every rule goes the long way, which knows where the years end."""


def walls(rule: Rule, start: int, lower: int, upper: int, until: int | None) -> list[int] | None:
    """Instances from max(start, lower) to upper as wall seconds, sorted; None for a rule that is not an everyday one.

    `until` is the inclusive bound of UNTIL, on the same clock.
    """
    if (
        rule.hours or rule.minutes or rule.seconds or rule.positions or rule.yeardays or rule.weeks or rule.months
    ) or rule.scale != "GREGORIAN":
        return None
    if until is not None:
        upper = min(upper, until)
    if upper >= _LATE:
        return None
    lower = max(lower, start)
    if rule.freq == "MONTHLY":
        return _monthly(rule, start, lower, upper)
    if rule.monthdays or rule.count == 0:
        return None
    if rule.freq == "WEEKLY" or (rule.freq == "DAILY" and rule.weekdays and rule.interval == 1):
        return _weekly(rule, start, lower, upper)
    if rule.freq == "DAILY" and not rule.weekdays:
        return _daily(rule, start, lower, upper)
    return None


def _daily(rule: Rule, start: int, lower: int, upper: int) -> list[int]:
    step = rule.interval * DAY
    if rule.count is not None:
        upper = min(upper, start + (rule.count - 1) * step)
    first = start - (start - lower) // step * step  # the first instance not before `lower`
    return list(range(first, upper + 1, step))


def _weekly(rule: Rule, start: int, lower: int, upper: int) -> list[int]:
    day, second = divmod(start, DAY)
    step = 7 * rule.interval
    own = (weekday(day) - rule.weekstart) % 7
    monday = day - own  # first day of the week of DTSTART
    offsets = sorted({(wanted - rule.weekstart) % 7 for _, wanted in rule.weekdays}) or [own]
    if rule.count is not None:
        left = [offset for offset in offsets if offset >= own]
        if rule.count <= len(left):
            last = monday + left[rule.count - 1]
        else:
            weeks, place = divmod(rule.count - len(left) - 1, len(offsets))
            last = monday + (weeks + 1) * step + offsets[place]
        upper = min(upper, last * DAY + second)
    week = monday + max(0, (lower // DAY - 6 - monday) // step) * step
    found: list[int] = []
    while week * DAY <= upper:
        for offset in offsets:
            at = (week + offset) * DAY + second
            if lower <= at <= upper:
                found.append(at)
        week += step
    return found


def _monthly(rule: Rule, start: int, lower: int, upper: int) -> list[int] | None:
    """One weekday by number, or one day that every month has."""
    day, second = divmod(start, DAY)
    year, month, own = _civil(day)
    if rule.count is not None or (rule.weekdays and rule.monthdays):
        return None
    ordinal, wanted = 0, 0
    if rule.weekdays:
        if len(rule.weekdays) != 1 or not 1 <= abs(rule.weekdays[0][0]) <= 4:
            return None
        ordinal, wanted = rule.weekdays[0]
    elif rule.monthdays:
        if len(rule.monthdays) != 1:
            return None
        own = rule.monthdays[0]
    if not ordinal and not 1 <= abs(own) <= 28:
        return None
    low_year, low_month, _ = _civil(max(lower, start) // DAY)
    begin = year * 12 + month - 1
    place = begin + max(0, (low_year * 12 + low_month - 1 - begin) // rule.interval) * rule.interval
    found: list[int] = []
    while place < _PLACES and _month(place) * DAY <= upper:
        first, after = _month(place), _month(place + 1)
        at = (_nth(first, after, ordinal, wanted) if ordinal else first + own - 1 if own > 0 else after + own) * DAY + second
        if lower <= at <= upper:
            found.append(at)
        place += rule.interval
    return found


def _nth(first: int, after: int, ordinal: int, wanted: int) -> int:
    """The n-th weekday of the month [first, after), from its end for a negative n; n of at most 4."""
    if ordinal > 0:
        return first + (wanted - weekday(first)) % 7 + 7 * (ordinal - 1)
    last = after - 1
    return last - (weekday(last) - wanted) % 7 + 7 * (ordinal + 1)


@lru_cache(maxsize=4096)
def _month(place: int) -> int:
    """The first day of a month that is numbered through, twelve a year."""
    return day_number(place // 12, place % 12 + 1, 1)


@lru_cache(maxsize=4096)
def _civil(day: int) -> tuple[int, int, int]:
    """Year, month and day of the month of a day number."""
    found = date.fromordinal(day + EPOCH)
    return found.year, found.month, found.day
