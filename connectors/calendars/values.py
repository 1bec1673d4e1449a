"""The iCalendar value types that are read: DATE, DATE-TIME, DURATION, PERIOD, UTC-OFFSET (RFC 5545, 3.3).

A time without a zone is an `int`: seconds since 1970-01-01T00:00:00 on that zone's wall clock ("wall seconds").
"""

import re
from datetime import date
from functools import lru_cache

import msgspec

DAY = 86_400
EPOCH = date(1970, 1, 1).toordinal()
MIN_WALL = (date.min.toordinal() - EPOCH) * DAY
MAX_WALL = (date.max.toordinal() - EPOCH + 1) * DAY


class Wall(msgspec.Struct, frozen=True, gc=False):
    """A DATE or DATE-TIME as written: wall seconds, whether it is a date, whether it ends in Z."""

    seconds: int
    is_date: bool
    is_utc: bool


class Length(msgspec.Struct, frozen=True, gc=False):
    """A duration: `wall` seconds move the wall clock (days and weeks), `exact` seconds elapse (hours, minutes, seconds)."""

    wall: int
    exact: int


_FORM = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z?))?", re.ASCII)


def day_number(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01. Raises ValueError for a day that does not exist."""
    return date(year, month, day).toordinal() - EPOCH


def wall(text: str) -> Wall:
    """Read a DATE or DATE-TIME, whichever it is. Second 60 counts as 59 (RFC 5545, 3.3.12). Raises ValueError."""
    found = _FORM.fullmatch(text.strip().upper())
    if found is None:
        raise ValueError("not a DATE or DATE-TIME")
    year, month, day, hour, minute, second, utc = found.groups()
    midnight = day_number(int(year), int(month), int(day)) * DAY
    if hour is None:
        return Wall(midnight, True, False)
    h, m, s = int(hour), int(minute), min(int(second or 0), 59) if second != "" else 0
    if h > 24 or m > 59 or int(second or 0) > 60 or (h == 24 and (m or s)):
        raise ValueError("not a time of day")
    return Wall(midnight + h * 3600 + m * 60 + s, False, utc == "Z")


_LENGTH = re.compile(r"([+-]?)P(?:(\d{1,10})W)?(?:(\d{1,10})D)?(?:T(?:(\d{1,10})H)?(?:(\d{1,10})M)?(?:(\d{1,10})S)?)?", re.ASCII)


def length(text: str) -> Length:
    """Read a DURATION; weeks and days may stand together, as several products write them. Raises ValueError."""
    return _length(text.strip().upper())


@lru_cache(maxsize=1024)
def _length(text: str) -> Length:
    found = _LENGTH.fullmatch(text)
    if found is None or not any(found.groups()[1:]):
        raise ValueError("not a DURATION")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    sign = -1 if found.group(1) == "-" else 1
    return Length(sign * (weeks * 7 + days) * DAY, sign * (hours * 3600 + minutes * 60 + seconds))


_OFFSET = re.compile(r"([+-]?)(\d\d)(?::?(\d\d)(?::?(\d\d))?)?", re.ASCII)


def offset(text: str) -> int:
    """Read a UTC-OFFSET as seconds east of UTC, also without its sign or its minutes. Raises ValueError, also beyond 18 hours."""
    found = _OFFSET.fullmatch(text.strip())
    if found is None:
        raise ValueError("not a UTC-OFFSET")
    sign, hours, minutes, seconds = found.groups()
    total = int(hours) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    if total > 18 * 3600 or int(minutes or 0) > 59:
        raise ValueError("not a UTC-OFFSET")
    return -total if sign == "-" else total
