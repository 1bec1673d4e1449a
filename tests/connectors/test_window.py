"""The window in which calendars are expanded rolls once a day for each person, never for all at once; nobody reads past it."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from connectors.calendars.rounds import DAY, window_start
from connectors.calendars.sandbox import Sandbox
from connectors.ics import Ics, IcsSettings
from presence.domain.facts import Calendar
from presence.domain.hours import HoursSpec
from presence.domain.intervals import Status
from tests.domain.town import Town

MIDNIGHT = datetime(2026, 11, 23, 23, tzinfo=UTC)  # in Sweden
STAFF = [f"mail:p{number}@kommun.example" for number in range(20_000)]


def test_of_twenty_thousand_people_no_second_of_a_day_has_more_than_a_few_that_roll() -> None:
    start = int(MIDNIGHT.timestamp()) - DAY // 2
    rolls = Counter((window_start(alias, start) - start) % DAY for alias in STAFF)
    assert max(rolls.values()) <= 6
    hours = Counter(second // 3600 for second in rolls.elements())
    assert set(hours) == set(range(24))
    assert max(hours.values()) < 1.2 * len(STAFF) / 24


def test_in_the_minute_after_midnight_as_many_roll_as_in_any_other() -> None:
    midnight = int(MIDNIGHT.timestamp())
    moved = [alias for alias in STAFF if window_start(alias, midnight - 1) != window_start(alias, midnight + 59)]
    assert len(moved) < 3 * len(STAFF) / 1440


@pytest.mark.parametrize("alias", STAFF[:50])
def test_a_window_begins_one_to_two_days_back_and_moves_by_whole_days(alias: str) -> None:
    first = int(MIDNIGHT.timestamp())
    starts = [window_start(alias, t) for t in range(first, first + 3 * DAY, 1_800)]
    for number, start in enumerate(starts):
        assert DAY <= first + 1_800 * number - start < 2 * DAY
    assert {b - a for a, b in pairwise(starts)} == {0, DAY}


def calendar(*lines: str) -> bytes:
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test", *lines, "END:VCALENDAR", "")).encode()


def away(start: datetime, end: datetime) -> bytes:
    times = f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{end:%Y%m%dT%H%M%SZ}"
    return calendar("BEGIN:VEVENT", "UID:1", *times, "X-MICROSOFT-CDO-BUSYSTATUS:OOF", "END:VEVENT")


def test_over_midnight_a_connector_expands_few_at_each_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred people, read every minute for an hour."""
    parsed: list[int] = []
    reading = Sandbox.read

    async def counting(self: Sandbox, texts: Any, *args: Any, **more: Any) -> Any:
        parsed.append(1)
        return await reading(self, texts, *args, **more)

    monkeypatch.setattr(Sandbox, "read", counting)
    for number in range(100):
        (tmp_path / f"p{number}@kommun.example.ics").write_bytes(calendar())
    now = [MIDNIGHT - timedelta(minutes=30)]

    async def hour() -> list[int]:
        ics = Ics("calendars", IcsSettings(folder=str(tmp_path)), now=lambda: now[0].timestamp())
        found = []
        try:
            for _ in range(61):
                before = len(parsed)
                await ics.fetch()
                found.append(len(parsed) - before)
                now[0] += timedelta(minutes=1)
        finally:
            await ics.close()
        return found

    first, *later = asyncio.run(hour())
    assert first == 100
    assert max(later) <= 3
    assert 0 < sum(later) < 15


# --- nobody reads past it ---


def read(tmp_path: Path, body: bytes, days: int) -> Calendar:
    (tmp_path / "anna@kommun.example.ics").write_bytes(body)

    async def once() -> Calendar:
        settings = IcsSettings(folder=str(tmp_path), days=days)
        ics = Ics("calendars", settings, now=MIDNIGHT.timestamp)
        try:
            (anna,) = (await ics.fetch()).people
        finally:
            await ics.close()
        assert anna.calendar
        return anna.calendar

    return asyncio.run(once())


@pytest.mark.parametrize("days", [1, 30])
@pytest.mark.parametrize(("ends", "is_told"), [(-3600, True), (-1, True), (0, False), (1, False), (86_400, False)])
def test_a_return_is_told_up_to_the_end_of_the_window_and_never_at_it(
    tmp_path: Path, days: int, ends: int, is_told: bool
) -> None:
    """An absence that the window cuts off ends there for the reader, and not for the person."""
    empty = read(tmp_path, calendar(), days)
    edge = empty.intervals.doubt_from()
    end = datetime.fromtimestamp(edge + ends, UTC)
    town = Town(hours=HoursSpec("24/7"))
    town.say(read(tmp_path, away(MIDNIGHT, end), days), "calendars")
    found = town.availability(int(MIDNIGHT.timestamp()))
    assert found.status is Status.AWAY
    assert found.until == (edge + ends if is_told else None)


def test_past_the_window_nothing_is_assumed_though_nothing_is_there(tmp_path: Path) -> None:
    town = Town(hours=HoursSpec("24/7"))
    empty = read(tmp_path, calendar(), 1)
    town.say(empty, "calendars")
    edge = empty.intervals.doubt_from()
    assert (town.status(edge - 1), town.status(edge)) == (Status.AVAILABLE, Status.UNKNOWN)
