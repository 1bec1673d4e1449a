"""Days and times as HR systems write them. What can be read in two ways is not guessed."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from connectors.leave.format import Format
from connectors.leave.refusal import Wrong
from presence.domain.intervals import FOREVER, Instant

EARLIEST, LATEST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2000, 2100))
_YEAR_FIRST = re.compile(r"(\d{4})([-/.]?)(\d\d)\2(\d\d)", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_MIDNIGHT = re.compile(r"[T ]00:00(?::00(?:[.,]0+)?)?\Z")
_LOOSE = re.compile(r"\d{1,4}[-/. ]\d{1,2}(?:[-/. ]\d{1,4})?\.?", re.ASCII)
_CLOCK = re.compile(r"([01]?\d|2[0-4])[:.]?([0-5]\d)(?:[:.][0-5]\d)?", re.ASCII)


def without_midnight(text: str) -> str:
    """A day that a database wrote with the time 00:00:00."""
    return _MIDNIGHT.sub("", text)


def is_day(text: str) -> bool:
    """Whether it is meant as a calendar day."""
    return "T" not in text and " " not in text.strip()


def day(field: str, text: str, form: Format) -> date:
    """A calendar day of any century. Raises `Wrong`."""
    text = text.strip()
    if form.date_format:
        try:
            return datetime.strptime(text, form.date_format).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            pass
    numbers: tuple[str, ...] = ()
    if found := _YEAR_FIRST.fullmatch(text):
        numbers = (found[1], found[3], found[4])
    elif found := _DAY_FIRST.fullmatch(text):
        numbers = (found[3], found[2], found[1])
    elif _LOOSE.fullmatch(text):
        raise Wrong("ambiguous-date", field)
    try:
        return date(*map(int, numbers)) if numbers else date.fromisoformat(text)
    except ValueError:
        raise Wrong("bad-date", field) from None


def first_day(text: str, form: Format) -> str:
    """The first day of a leave. Raises `Wrong`, also for a year that nobody means."""
    return _within("start", day("start", text, form))


def last_day(text: str, form: Format) -> str:
    """The last day of a leave, included; empty where it is until further notice. Raises `Wrong`."""
    if is_open(text, form):
        return ""
    found = day("end", text, form)
    if found >= date.fromisoformat(form.open_from):
        return ""
    _within("end", found)
    return _within("end", found - timedelta(days=1)) if form.end_is == "first-day-back" else found.isoformat()


def _within(field: str, found: date) -> str:
    if not 2000 <= found.year < 2100:
        raise Wrong("out-of-range", field)
    return found.isoformat()


def is_open(text: str, form: Format) -> bool:
    """Whether it is a word for "until further notice", or nothing."""
    word = text.strip().casefold()
    return not word or word in _folded(form.open_end)


@lru_cache(64)
def _folded(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word.casefold() for word in words)


def is_withdrawn(text: str, form: Format) -> bool:
    """Whether the status of a row says that it does not count."""
    return text.strip().casefold() in _folded(form.withdrawn)


def instant(field: str, text: str, form: Format, *, local: bool) -> Instant:
    """A time with its zone; with `local` also one without, in the source's zone. Raises `Wrong`."""
    found = _moment(field, text, form)
    if found.tzinfo is None and not local:
        raise Wrong("no-zone", field)
    return as_instant(field, found, form)


def as_instant(field: str, found: datetime, form: Format) -> Instant:
    """`FOREVER` for an end so far away that none is meant. Raises `Wrong`."""
    if field == "end" and found.date() >= date.fromisoformat(form.open_from):
        return FOREVER
    if not 1999 <= found.year <= 2100:
        raise Wrong("out-of-range", field)
    at = int((found if found.tzinfo else found.replace(tzinfo=ZoneInfo(form.zone))).timestamp())
    if not EARLIEST <= at < LATEST:
        raise Wrong("out-of-range", field)
    return at


def _moment(field: str, text: str, form: Format) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        written, _, clock = text.strip().replace("T", " ").rpartition(" ")
    if not written or not _CLOCK.fullmatch(clock):
        raise Wrong("bad-time", field)
    return at_clock(field, day(field, written, form), clock)


def at_clock(field: str, on: date, clock: str) -> datetime:
    """A day with a clock time of a column of its own: 08:00, 8.00 or 0800; 24:00 ends the day. Raises `Wrong`."""
    found = _CLOCK.fullmatch(clock.strip())
    if not found or (int(found[1]) == 24 and int(found[2])):
        raise Wrong("bad-time", field)
    hour, minute = int(found[1]), int(found[2])
    return end_of(on) if hour == 24 else datetime.combine(on, time(hour, minute))


def end_of(on: date) -> datetime:
    """The midnight that ends a day."""
    return datetime.combine(on, time()) + timedelta(days=1) if on < date.max else datetime.combine(on, time.max)


def midnight(on: date) -> datetime:
    """The one that a day begins with."""
    return datetime.combine(on, time())
