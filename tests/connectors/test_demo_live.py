"""The demonstration's live reports and its queue: lively, cheap, and never held longer than they are believed."""

from itertools import pairwise

import pytest

from connectors.demonstration import World, world
from connectors.demonstration.live import GRACE, TURN
from connectors.demonstration.waiting import waiting
from tests.connectors.demo_board import instant

MONDAY = instant("2026-11-23 00:00")
TUESDAY = instant("2026-11-24 10:00")
HOUR, DAY = 3600, 86_400


@pytest.fixture(scope="module")
def municipality() -> World:
    return world(1)


def test_an_hour_of_live_reports_is_lively_and_cheap(municipality: World) -> None:
    """Somebody changes about every two seconds; renewals are few, and spread."""
    live = municipality.live()
    said = {(p.alias, d): r for p in live.start(TUESDAY) for d, r in p.presence.items()}
    changes, largest, batches, reports = 0, 0, 0, 0
    for t in range(TUESDAY + 2, TUESDAY + HOUR, 2):
        people = live.step(t)
        largest, batches, reports = max(largest, len(people)), batches + bool(people), reports + len(people)
        for person in people:
            for device, report in person.presence.items():
                before = said.get((person.alias, device))
                changes += (before and before.status) != (report and report.status)
                said[person.alias, device] = report
    assert 1.2 < HOUR / changes < 2.5
    assert largest < 100
    assert batches < HOUR / 2
    assert reports / HOUR < 3


def test_no_report_is_held_longer_than_is_believed(municipality: World) -> None:
    for person in municipality.live().snapshot(TUESDAY):
        for report in person.presence.values():
            assert report
            assert report.start < report.end
            if report.status in ("available", "busy"):
                assert report.end - TUESDAY <= TURN + GRACE <= 300


def test_leases_are_renewed_before_they_lapse_and_calls_last_one_to_nine_minutes(municipality: World) -> None:
    live = municipality.live()
    held = {(p.alias, d): r for p in live.start(TUESDAY) for d, r in p.presence.items()}
    calls: dict[tuple[str, str], int] = {}
    lengths = []
    for t in range(TUESDAY + 2, TUESDAY + HOUR, 2):
        for person in live.step(t):
            for device, report in person.presence.items():
                name = person.alias, device
                before = held.get(name)
                if before and before.status in ("available", "busy"):
                    assert t <= before.end  # told again, or something else, in time
                if device == "phone" and report and name not in calls:
                    calls[name] = t
                elif device == "phone" and report is None and name in calls:
                    lengths.append(t - calls.pop(name))
                held[name] = report
        assert all(report is None or report.end > t for report in held.values())
    assert len(lengths) > 200
    assert max(lengths) <= 9 * 60 + 2
    assert sum(length >= 58 for length in lengths) / len(lengths) > 0.9  # a call that ran when we began is cut


def test_a_feed_that_goes_on_tells_what_one_that_starts_anew_tells(municipality: World) -> None:
    """So that a restart changes nobody's status."""
    live = municipality.live()
    held = {(p.alias, d): r for p in live.start(TUESDAY) for d, r in p.presence.items()}
    end = TUESDAY + 1800
    for t in range(TUESDAY + 2, end + 1, 2):
        held |= {(p.alias, d): r for p in live.step(t) for d, r in p.presence.items()}
    going_on = {name: report.status for name, report in held.items() if report}
    anew = {(p.alias, d): r.status for p in municipality.live().start(end) for d, r in p.presence.items() if r}
    assert going_on == anew


def test_at_night_every_client_is_offline(municipality: World) -> None:
    reports = [r for p in municipality.live().snapshot(instant("2026-11-25 02:00")) for r in p.presence.values()]
    assert {report.status for report in reports if report} == {"offline"}
    assert len(reports) == municipality.figures(TUESDAY).live


def test_the_waiting_time_changes_while_the_centre_is_open_and_is_silent_otherwise() -> None:
    waits = [found.wait for minute in range(60) if (found := waiting(1, TUESDAY + 60 * minute))]
    assert len(waits) == 60
    assert sum(a != b for a, b in pairwise(waits)) > 20
    assert all(0 < wait < 3600 for wait in waits)
    assert waiting(1, instant("2026-11-24 19:00")) is None
    assert waiting(1, instant("2026-11-26 17:30")) is not None  # Thursdays to six
    assert waiting(1, instant("2026-12-24 10:00")) is None


def test_now_and_then_the_wait_is_longer_than_the_limit() -> None:
    working_hours = [MONDAY + day * DAY + hour * HOUR for day in range(60) for hour in range(8, 17)]
    found = [queue.wait for t in working_hours if (queue := waiting(1, t))]
    assert 0 < sum(wait > 900 for wait in found) < 0.1 * len(found)
