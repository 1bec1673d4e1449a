"""The batch: a JSON object a line, in and out."""

import json
import subprocess
import sys

import pytest

from connectors.calendars import batch

from .given import calendar, event


def task(**more: object) -> dict[str, object]:
    whole = {
        "id": "a",
        "ics": [calendar(event()).decode()],
        "from": "2026-01-01T00:00:00Z",
        "to": "2026-02-01T00:00:00Z",
        "zone": "UTC",
    }
    return whole | more


def answer(line: str) -> dict[str, object]:
    (found,) = batch([line])
    decoded: dict[str, object] = json.loads(found)
    return decoded


def test_a_line_is_answered_in_iso_times() -> None:
    found = answer(json.dumps(task()))
    assert found["id"] == "a"
    assert found["busy"] == [["2026-01-05T09:00:00Z", "2026-01-05T10:00:00Z"]]
    assert found["occurrences"] == [["one", "2026-01-05T09:00:00Z", "2026-01-05T10:00:00Z"]]


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        "[" * 100_000,
        '{"id": "a"}',
        json.dumps(task(ics="text")),
        json.dumps(task(zone="Mars/Olympus")),
        json.dumps(task(zone="../../etc/passwd")),
        json.dumps({**task(), "from": "yesterday"}),
        json.dumps({**task(), "from": "2026-01-01T00:00:00"}),
        json.dumps(task(ics=["<html>"])),
        json.dumps(task(ics=["\ud800"])),
    ],
)
def test_a_bad_line_answers_an_error_and_costs_no_other(line: str) -> None:
    first, second = batch([line, json.dumps(task())])
    assert json.loads(first)["error"]
    assert json.loads(second)["busy"]


def test_a_report_names_uid_line_and_reason() -> None:
    found = answer(json.dumps(task(ics=[calendar(event("RRULE:FREQ=DAILY;INTERVAL=0")).decode()])))
    assert found["skipped"] == [{"uid": "one", "line": 3, "reason": "INTERVAL must be 1 or more"}]
    assert found["unbounded"] is True


def test_times_beyond_the_calendar_are_written_as_its_end() -> None:
    data = calendar(event(start="DTSTART;VALUE=DATE:99991231", end="")).decode()
    found = answer(json.dumps(task(ics=[data], **{"from": "9999-12-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"})))
    assert found["busy"] == [["9999-12-31T00:00:00Z", "9999-12-31T23:59:59Z"]]


def test_it_runs_as_a_module() -> None:
    lines = json.dumps(task()) + "\n\n" + json.dumps(task(id=7)) + "\n"
    done = subprocess.run(
        [sys.executable, "-m", "connectors.calendars"], input=lines, capture_output=True, text=True, timeout=30, check=True
    )
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a", 7]
