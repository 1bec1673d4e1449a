"""The sandbox: a poison feed costs its own answer, the event loop never waits, the next feed is read."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import uvloop

from connectors.calendars import Limits, Policy, Refused, Says
from connectors.calendars.sandbox import Exhausted, Sandbox
from connectors.calendars.worker import allow

from .given import STOCKHOLM, calendar, event, instant, shown

START, END = instant("2026-01-01"), instant("2027-01-01")
GOOD = calendar(event())
ENDLESS = Limits(occurrences=10**9, event_work=10**12, feed_work=10**12)
POISON = calendar(event("RRULE:FREQ=SECONDLY"))


def go(work: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(30):
            await work()

    asyncio.run(bounded())


@asynccontextmanager
async def sandbox(cpu: int = 2, wall: float = 10.0, memory: int = 256_000_000) -> AsyncIterator[Sandbox]:
    async with Sandbox(cpu=cpu, wall=wall, memory=memory) as box:
        yield box


def test_it_answers_as_read_does() -> None:
    async def work() -> None:
        async with sandbox() as box:
            found = await box.read([GOOD], START, END, STOCKHOLM)
            assert shown(found.busy) == ["01-05 09:00/10:00"]
            declined = calendar(event("ATTENDEE;PARTSTAT=DECLINED:mailto:eva@example.se"))
            assert not (await box.read([declined], START, END, STOCKHOLM, owner=["eva@example.se"])).busy
            policy = Policy(codes={"LUN:": Says.UNAVAILABLE})
            assert (await box.read([calendar(event("SUMMARY:LUN: 13"))], START, END, STOCKHOLM, policy=policy)).unavailable
            assert box.restarts == 0

    go(work)


@pytest.mark.parametrize("data", [b"<html>", GOOD[:-9], b"BEGIN:VCALENDAR" + b"x" * 5_000_001])
def test_a_refused_feed_is_refused_with_its_reason(data: bytes) -> None:
    async def work() -> None:
        async with sandbox() as box:
            with pytest.raises(Refused, match="not"):
                await box.read([data], START, END, STOCKHOLM)
            assert (await box.read([GOOD], START, END, STOCKHOLM)).busy

    go(work)


@pytest.mark.parametrize(("cpu", "wall", "memory"), [(1, 20.0, 4_000_000_000), (20, 0.7, 4_000_000_000), (20, 20.0, 150_000_000)])
def test_a_poison_feed_is_ended_by_cpu_wall_or_memory_and_the_next_is_read(cpu: int, wall: float, memory: int) -> None:
    async def work() -> None:
        async with sandbox(cpu, wall, memory) as box:
            with pytest.raises(Exhausted):
                await box.read([POISON], START, END, STOCKHOLM, limits=ENDLESS)
            box._wall = 10.0
            assert (await box.read([GOOD], START, END, STOCKHOLM)).busy
            assert box.restarts == 1

    go(work)


def test_the_seconds_of_cpu_count_from_each_reading_on() -> None:
    """However long the child has lived: counted from its start they would run out of step on a busy machine."""
    try:
        allow(50)
        while signal.getitimer(signal.ITIMER_PROF)[0] > 49.8:
            sum(range(10_000))
        allow(50)
        assert signal.getitimer(signal.ITIMER_PROF)[0] > 49.9
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def test_a_child_that_was_killed_is_replaced() -> None:
    async def work() -> None:
        async with sandbox() as box:
            await box.read([GOOD], START, END, STOCKHOLM)
            assert box._child is not None
            os.kill(box._child.pid, signal.SIGKILL)
            for _ in range(2):
                try:
                    found = await box.read([GOOD], START, END, STOCKHOLM)
                except Exhausted:
                    continue
                assert found.busy
                return
            pytest.fail("two answers lost by one kill")

    go(work)


@pytest.mark.parametrize("loop", [uvloop.new_event_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
def test_a_child_that_takes_nothing_more_costs_one_answer(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """uvloop refuses to write to a pipe of which it knows that it has closed, before it knows that the child has ended."""

    async def work() -> None:
        async with asyncio.timeout(30), sandbox() as box:
            assert (await box.read([GOOD], START, END, STOCKHOLM)).busy
            assert box._child is not None
            assert box._child.stdin is not None
            os.kill(box._child.pid, signal.SIGSTOP)  # else it would end, and be replaced before anything is written
            box._child.stdin.transport.abort()
            await asyncio.sleep(0.05)
            with pytest.raises(Exhausted):
                await box.read([GOOD], START, END, STOCKHOLM)
            assert (await box.read([GOOD], START, END, STOCKHOLM)).busy

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(work())


def test_the_event_loop_goes_on_while_a_feed_is_read() -> None:
    async def work() -> None:
        async with sandbox(cpu=20) as box:
            await box.read([GOOD], START, END, STOCKHOLM)  # its child has started
            box._wall = 2.0
            begun = time.monotonic()
            reading = asyncio.create_task(box.read([POISON], START, END, STOCKHOLM, limits=ENDLESS))
            longest, last = 0.0, begun
            while not reading.done():
                await asyncio.sleep(0.005)
                longest, last = max(longest, time.monotonic() - last), time.monotonic()
            with pytest.raises(Exhausted):
                await reading
            assert longest < (last - begun) / 2

    go(work)


def test_a_caller_who_gives_up_does_not_leave_its_answer_to_the_next() -> None:
    async def work() -> None:
        async with sandbox(cpu=20) as box:
            reading = asyncio.create_task(box.read([POISON], START, END, STOCKHOLM, limits=ENDLESS))
            await asyncio.sleep(0.4)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            found = await box.read([GOOD], START, END, STOCKHOLM)
            assert shown(found.busy) == ["01-05 09:00/10:00"]

    go(work)


def test_callers_take_turns() -> None:
    async def work() -> None:
        async with sandbox() as box:
            feeds = [calendar(event(uid=f"u{i}")) for i in range(20)]
            found = await asyncio.gather(*(box.read([feed], START, END, STOCKHOLM) for feed in feeds))
            assert [reading.occurrences[0][0] for reading in found] == [f"u{i}" for i in range(20)]

    go(work)
