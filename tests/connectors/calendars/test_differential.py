"""The short way, the long way and the libraries give the same answer over calendars made by chance.

The full run is 10,000 calendars (`-m slow`); a sample runs always. The libraries are asked about everyday calendars only, in
which they are right; the odd ones hold the short way to the long way.
"""

import os
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.calendars.fast import apart
from connectors.calendars.model import BOUNDS, PLAIN, Reading, Says
from connectors.calendars.reading import read, read_long
from connectors.calendars.spans import clipped

from .given import STOCKHOLM, instant
from .made import Maker

WINDOWS = [("2024-03-01", "2024-05-01"), ("2025-10-01", "2025-11-30"), ("2026-06-01", "2026-06-08")]
OWNER = ["eva@example.org"]


def same_both_ways(seed: int, *, odd: bool) -> bool:
    """Whether the short way took the calendar; fails where the two ways differ."""
    data = Maker(seed, odd=odd).calendar()
    for first, last in WINDOWS:
        start, end = instant(first), instant(last)
        long = read_long([data], start, end, STOCKHOLM, owner=OWNER)
        assert read([data], start, end, STOCKHOLM, owner=OWNER) == long, data.decode()
    taken = apart(data, BOUNDS, frozenset(), PLAIN)
    return taken is not None and all(block.plain for block in taken.blocks)


def utc(at: date, default: ZoneInfo = STOCKHOLM) -> int:
    if not isinstance(at, datetime):
        at = datetime(at.year, at.month, at.day, tzinfo=default)
    return int((at if at.tzinfo else at.replace(tzinfo=default)).timestamp())


def by_libraries(data: bytes, start: int, end: int) -> dict[str, list[tuple[int, int]]]:
    """Periods by icalendar and recurring-ical-events with the plainest glue."""
    import icalendar
    import recurring_ical_events

    spans: dict[str, list[tuple[int, int]]] = {"busy": [], "tentative": []}
    around = [datetime.fromtimestamp(at, STOCKHOLM) + timedelta(days=days) for at, days in ((start, -2), (end, 2))]
    for found in recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between(*around):
        if found.get("TRANSP") == "TRANSPARENT" or found.get("STATUS") == "CANCELLED":
            continue
        begin, stop = utc(found["DTSTART"].dt), utc(found["DTEND"].dt)
        if begin < stop:
            spans["tentative" if found.get("STATUS") == "TENTATIVE" else "busy"].append((begin, stop))
    return {name: clipped(value, start, end) for name, value in spans.items()}


def agrees_with_libraries(seed: int) -> None:
    data = Maker(seed, odd=False).calendar()
    for first, last in WINDOWS:
        start, end = instant(first), instant(last)
        ours: Reading = read([data], start, end, STOCKHOLM)
        theirs = by_libraries(data, start, end)
        assert {"busy": ours.busy, "tentative": ours.tentative} == theirs, (first, data.decode())


@pytest.mark.parametrize("part", range(4))
def test_both_ways_agree_on_everyday_calendars(part: int) -> None:
    short = sum(same_both_ways(seed, odd=False) for seed in range(part * 100, part * 100 + 100))
    assert short >= 95  # what is compared is the short way


@pytest.mark.parametrize("part", range(4))
def test_both_ways_agree_on_odd_calendars(part: int) -> None:
    short = sum(same_both_ways(seed, odd=True) for seed in range(part * 100, part * 100 + 100))
    assert 20 <= short <= 90  # some go the short way, some do not


@pytest.mark.parametrize("part", range(4))
def test_everyday_calendars_are_read_as_the_libraries_do(part: int) -> None:
    for seed in range(part * 25, part * 25 + 25):
        agrees_with_libraries(seed)


COUNT = int(os.environ.get("PRESENCE_DIFFERENTIAL", "10000"))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(10))
def test_ten_thousand_calendars_are_the_same_by_every_way(part: int) -> None:
    for seed in range(1_000_000 + part * COUNT // 10, 1_000_000 + (part + 1) * COUNT // 10):
        same_both_ways(seed, odd=False)
        same_both_ways(seed, odd=True)
        agrees_with_libraries(seed)


def test_an_event_seen_before_says_the_same_to_another_owner() -> None:
    data = Maker(1, odd=False).calendar().replace(b"UID:u0", b"ATTENDEE;PARTSTAT=DECLINED:mailto:eva@example.org\r\nUID:u0")
    start, end = instant("2022-01-01"), instant("2029-01-01")
    for owner in ([], OWNER, [], ["bo@example.org"], OWNER):
        assert read([data], start, end, STOCKHOLM, owner=owner) == read_long([data], start, end, STOCKHOLM, owner=owner)
    policy = PLAIN.__class__(needs_action=Says.BUSY)
    assert read([data], start, end, STOCKHOLM, policy=policy) == read_long([data], start, end, STOCKHOLM, policy=policy)
