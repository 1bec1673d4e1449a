"""When a source is read, and what happens when reading fails. Time and chance are injected; nothing sleeps."""

import asyncio
import logging
from collections.abc import Callable

import pytest

from connectors.polling import polling, wait
from presence.ports import Batch, SourceInvalid, SourceUnavailable

BATCH = Batch(source="s", complete=True, read_at=0)
Outcome = Batch | BaseException


def listened(
    outcomes: list[Outcome], interval: float = 300, drawn: float = 0.5
) -> tuple[list[Batch | SourceUnavailable], list[float]]:
    """What is yielded for what each fetch does, and the waits in between."""
    waits: list[float] = []
    ahead = iter(outcomes)

    async def fetch() -> Batch:
        outcome = next(ahead)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def run() -> list[Batch | SourceUnavailable]:
        found: list[Batch | SourceUnavailable] = []
        async for outcome in polling("s", fetch, 300, sleep=sleep, random=lambda: 0.5):
            found.append(outcome)
            if len(found) == len(outcomes):
                break
        return found

    return asyncio.run(run()), waits


def test_the_first_reading_is_at_once_and_the_next_after_the_interval() -> None:
    assert listened([BATCH, BATCH, BATCH])[1] == [300, 300]


@pytest.mark.parametrize(("drawn", "seconds"), [(0.0, 270), (0.5, 300), (1.0, 330)])
def test_the_interval_is_shaken_by_a_tenth(drawn: float, seconds: float) -> None:
    assert wait(300, 0, BATCH, drawn) == pytest.approx(seconds)


def test_a_failed_reading_yields_its_exception_and_reading_goes_on() -> None:
    error = SourceUnavailable("unreachable")
    assert listened([BATCH, error, BATCH])[0] == [BATCH, error, BATCH]


def test_waits_after_failures_are_drawn_below_a_bound_that_doubles() -> None:
    error = SourceUnavailable("unreachable")
    bounds = [wait(300, failures, error, 1.0) for failures in range(1, 12)]
    assert bounds == [5, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300]
    assert wait(300, 4, error, 0.25) == 10


def test_a_source_that_is_seldom_read_is_tried_again_within_the_hour() -> None:
    assert wait(86_400, 1000, SourceUnavailable("unreachable"), 1.0) == 3600


def test_success_ends_the_back_off() -> None:
    error = SourceUnavailable("unreachable")
    assert listened([error, error, BATCH, error, BATCH])[1] == [2.5, 5, 300, 2.5]


def test_no_wait_is_shorter_than_a_second() -> None:
    assert wait(0.01, 0, BATCH, 0.0) == wait(300, 1, SourceUnavailable("unreachable"), 0.0) == 1


def test_a_source_that_asks_for_time_gets_it_up_to_a_day() -> None:
    assert wait(300, 1, SourceUnavailable("busy", retry_after=900), 0.5) == 900
    assert wait(300, 1, SourceUnavailable("busy", retry_after=10**9), 0.5) == 86_400


def test_losing_a_source_is_told_once_and_its_return_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    error = SourceUnavailable("unreachable")
    listened([BATCH, *[error] * 50, BATCH, BATCH])
    assert [record.getMessage() for record in caplog.records] == [
        "source s lost: unreachable",
        "source s is back after 50 failed readings",
    ]


def test_a_fault_of_ours_ends_no_listening_and_its_text_is_told_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    found, _ = listened([ValueError("canary: sjuk"), BATCH])
    assert isinstance(found[0], SourceInvalid)
    assert found[0].code == "internal"
    assert found[1] == BATCH
    assert "ValueError" in caplog.text
    assert "canary" not in caplog.text + str(found[0])


def test_a_reading_past_its_deadline_is_ended_and_counts_as_stalled() -> None:
    ended: list[bool] = []

    async def hang() -> Batch:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)
        raise AssertionError

    async def run() -> Batch | SourceUnavailable:
        listening = polling("s", hang, 300, deadline=0.01)
        try:
            return await anext(listening)
        finally:
            await listening.aclose()

    found = asyncio.run(run())
    assert isinstance(found, SourceUnavailable)
    assert (found.code, ended) == ("stalled", [True])


def test_whoever_cancels_ends_the_listening() -> None:
    async def run() -> Callable[[], bool]:
        async def consume() -> None:
            async for _ in polling("s", _batch, 300):
                pass

        task = asyncio.create_task(consume())
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return task.cancelled

    assert asyncio.run(run())()


async def _batch() -> Batch:
    return BATCH
