"""Recurrence rules as written (RFC 5545, 3.3.10; RFC 7529): text in, a checked `Rule` out."""

import re
from functools import lru_cache

import msgspec

from connectors.calendars.model import Reason, Unreadable
from connectors.calendars.values import Wall, wall

FREQUENCIES = ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
SKIPS = ("OMIT", "BACKWARD", "FORWARD")


class Rule(msgspec.Struct, frozen=True):
    """A rule. Lists are sorted and without doubles; an empty one means that the part is absent."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: Wall | None = None
    seconds: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()
    """(ordinal or 0, weekday with Monday 0)."""
    monthdays: tuple[int, ...] = ()
    yeardays: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    months: tuple[tuple[int, bool], ...] = ()
    """(number, whether it is the leap month that follows it)."""
    positions: tuple[int, ...] = ()
    weekstart: int = 0
    scale: str = "GREGORIAN"
    skip: str = "OMIT"


_NUMBERS: dict[str, tuple[str, int, int]] = {
    "BYSECOND": ("seconds", 0, 60),
    "BYMINUTE": ("minutes", 0, 59),
    "BYHOUR": ("hours", 0, 23),
    "BYMONTHDAY": ("monthdays", -31, 31),
    "BYYEARDAY": ("yeardays", -385, 385),
    "BYWEEKNO": ("weeks", -55, 55),
    "BYSETPOS": ("positions", -366, 366),
}
_WEEKDAY = re.compile(r"([+-]?\d{1,3})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_MONTH = re.compile(r"(\d{1,2})(L?)", re.ASCII)


def parse(text: str) -> Rule:
    """Read a RRULE value. Raises Unreadable."""
    if len(text) > 20_000:
        raise Unreadable(Reason.BAD_RULE)
    return _parse(text) if len(text) <= 200 else _parse.__wrapped__(text)


@lru_cache(maxsize=4096)
def _parse(text: str) -> Rule:
    fields: dict[str, object] = {}
    try:
        for part in text.strip().upper().split(";"):
            if part.strip():
                name, _, value = part.partition("=")
                _part(name.strip(), value.strip(), fields)
    except ValueError:
        raise Unreadable(Reason.BAD_RULE) from None
    if "freq" not in fields:
        raise Unreadable(Reason.BAD_RULE)
    return Rule(**fields)  # type: ignore[arg-type]


def _part(name: str, value: str, fields: dict[str, object]) -> None:
    if not value.strip(", "):
        return  # "BYDAY=", "UNTIL=": several products write a part that they left empty
    if name in _NUMBERS:
        field, low, high = _NUMBERS[name]
        fields[field] = _numbers(value, low, high)
    elif name == "BYDAY":
        fields["weekdays"] = _weekdays(value)
    elif name == "BYMONTH":
        fields["months"] = _months(value)
    elif name == "FREQ":
        if value not in FREQUENCIES:
            raise ValueError("unknown frequency")
        fields["freq"] = value
    elif name == "INTERVAL":
        if _count(value) < 1:
            raise Unreadable(Reason.BAD_INTERVAL)
        fields["interval"] = _count(value)
    elif name == "COUNT":
        if value != "-1":  # some libraries' mark for "without"
            fields["count"] = _count(value)
    elif name == "UNTIL":
        fields["until"] = wall(value)
    elif name == "WKST":
        fields["weekstart"] = WEEKDAYS[value] if value in WEEKDAYS else _fail()
    elif name == "RSCALE":
        fields["scale"] = value
    elif name == "SKIP":
        fields["skip"] = value if value in SKIPS else _fail()
    elif not name.startswith("X-"):
        _fail()


def _fail() -> int:
    raise ValueError("not a rule part")


def _count(value: str) -> int:
    if not value.isascii() or not value.lstrip("+").isdigit() or len(value) > 15:
        raise ValueError("not a count")
    return int(value)


def _items(value: str) -> list[str]:
    items = [item.strip() for item in value.split(",") if item.strip()]
    if not items:
        raise ValueError("an empty list")
    return items


def _numbers(value: str, low: int, high: int) -> tuple[int, ...]:
    found = set()
    for item in _items(value):
        if not re.fullmatch(r"[+-]?\d{1,3}", item, re.ASCII):
            raise ValueError("not a number")
        number = int(item)
        if not low <= number <= high or (number == 0 and low < 0):
            raise ValueError("out of range")
        found.add(59 if number == 60 and high == 60 else number)
    return tuple(sorted(found))


def _weekdays(value: str) -> tuple[tuple[int, int], ...]:
    found = set()
    for item in _items(value):
        match = _WEEKDAY.fullmatch(item)
        if match is None:
            raise ValueError("not a weekday")
        ordinal = match.group(1)
        if ordinal is None:
            found.add((0, WEEKDAYS[match.group(2)]))
        elif int(ordinal):  # "0MO" names no day at all (decision 0104)
            found.add((int(ordinal), WEEKDAYS[match.group(2)]))
    if not found:
        raise ValueError("no weekday")
    return tuple(sorted(found))


def _months(value: str) -> tuple[tuple[int, bool], ...]:
    found = set()
    for item in _items(value):
        match = _MONTH.fullmatch(item)
        if match is None or not 1 <= int(match.group(1)) <= 13:
            raise ValueError("not a month")
        found.add((int(match.group(1)), bool(match.group(2))))
    return tuple(sorted(found))
