"""The parent process, with real children: they come back, they end, and none is left behind."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from presence.processes import launch, parent, sockets
from presence.processes.child import Policy, Program
from presence.processes.supervisor import Supervisor

QUICK = Policy(first_delay=0.1, longest_delay=0.8, healthy=60, grace=1.0)


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """Where toys write their process ids and when they began."""
    return tmp_path / "note"


def toy(name: str, note: Path, *arguments: str, announces: bool = False, pass_fds: tuple[int, ...] = ()) -> Program:
    return Program(name, (sys.executable, "-m", "tests.processes.toys", name, str(note), *arguments), pass_fds, announces)


def begun(note: Path) -> list[tuple[int, float]]:
    lines = note.read_text().splitlines() if note.exists() else []
    return [(int(pid), float(at)) for pid, at in (line.split() for line in lines)]


def is_alive(pid: int) -> bool:
    """Running: neither gone nor waiting for its end to be noticed."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _started(note: Path, count: int) -> bool:
    return len(begun(note)) >= count


@contextlib.asynccontextmanager
async def supervised(*programs: Program, policy: Policy = QUICK) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(programs, policy)
    running = asyncio.create_task(supervisor.run())
    try:
        yield supervisor
    finally:
        supervisor.stop()
        await running


async def until(claim: Callable[[], object], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not claim():  # noqa: ASYNC110  # other processes set no event
            await asyncio.sleep(0.02)


@pytest.mark.anyio
async def test_a_child_that_crashes_in_a_loop_is_started_ever_more_rarely(note: Path) -> None:
    async with supervised(toy("crasher", note)) as supervisor:
        await until(lambda: len(begun(note)) >= 5)
        [child] = supervisor.children
        assert child.exit_code == 7
        assert child.restarts >= 4
    starts = [at for _, at in begun(note)]
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert [gap >= delay for gap, delay in zip(gaps, [0.1, 0.2, 0.4, 0.8], strict=False)] == [True] * 4


def test_the_back_off_doubles_up_to_its_longest() -> None:
    assert [Policy().delay(failures) for failures in (1, 2, 3, 6, 7, 1000)] == [0.5, 1.0, 2.0, 16.0, 30.0, 30.0]


@pytest.mark.anyio
async def test_after_a_healthy_while_an_end_counts_as_the_first_again(note: Path, caplog: pytest.LogCaptureFixture) -> None:
    policy = Policy(first_delay=0.1, longest_delay=600, healthy=0.3, grace=1)
    async with supervised(toy("sleeper", note), policy=policy):
        for count in range(1, 6):
            await until(partial(_started, note, count))
            await asyncio.sleep(0.35)
            os.kill(begun(note)[-1][0], signal.SIGKILL)
        await until(partial(_started, note, 6))
    assert [record.__dict__["again_in"] for record in caplog.records if record.message == "child ended"] == [0.1] * 5


@pytest.mark.anyio
async def test_a_crashed_child_comes_back_while_the_others_go_on(note: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    async with supervised(toy("sleeper", note), Program("other", toy("sleeper", other).command)):
        await until(lambda: begun(note) and begun(other))
        os.kill(begun(note)[0][0], signal.SIGSEGV)
        await until(lambda: len(begun(note)) == 2)
        assert is_alive(begun(other)[0][0])
        assert len(begun(other)) == 1


@pytest.mark.anyio
async def test_a_clean_stop_takes_less_than_five_seconds(note: Path) -> None:
    async with supervised(*(Program(f"web-{n}", toy("sleeper", note).command) for n in range(4)), policy=Policy()) as supervisor:
        await until(lambda: len(begun(note)) == 4)
        began = time.monotonic()
        supervisor.stop()
        await until(lambda: not any(is_alive(pid) for pid, _ in begun(note)), 5)
    assert time.monotonic() - began < 5


@pytest.mark.anyio
async def test_a_child_that_ignores_the_request_is_killed_after_the_grace(note: Path) -> None:
    async with supervised(toy("stubborn", note), policy=Policy(grace=1)):
        await until(lambda: begun(note))
        began = time.monotonic()
    assert 0.9 < time.monotonic() - began < Policy().grace, "after its own grace, not after what others have"
    assert not is_alive(begun(note)[0][0])


@pytest.mark.anyio
async def test_what_a_child_started_is_killed_with_it(note: Path) -> None:
    async with supervised(toy("family", note)):
        await until(lambda: len(begun(note)) == 2)
    await until(lambda: not any(is_alive(pid) for pid, _ in begun(note)))


@pytest.mark.anyio
async def test_a_second_request_does_not_wait_for_the_grace(note: Path) -> None:
    async with supervised(toy("stubborn", note), policy=Policy(grace=60)) as supervisor:
        await until(lambda: begun(note))
        began = time.monotonic()
        supervisor.stop()
        await asyncio.sleep(0.1)
        supervisor.stop()
        await until(lambda: not is_alive(begun(note)[0][0]))
    assert time.monotonic() - began < 30


@pytest.mark.anyio
async def test_a_child_told_to_end_while_it_waits_for_its_restart_does_so_at_once(note: Path) -> None:
    async with supervised(toy("crasher", note), policy=Policy(first_delay=60, grace=60)) as supervisor:
        await until(lambda: supervisor.down() == {"crasher": "waiting"})
        began = time.monotonic()
    assert time.monotonic() - began < 10, "it waited neither for the restart nor for the grace"


@pytest.mark.anyio
async def test_no_child_stays_behind_as_a_zombie(note: Path) -> None:
    async with supervised(toy("crasher", note)):
        await until(lambda: len(begun(note)) >= 3)
    assert [pid for pid, _ in begun(note) if os.path.exists(f"/proc/{pid}")] == []  # noqa: ASYNC240, PTH110


@pytest.mark.anyio
async def test_a_command_that_is_not_there_is_tried_again_like_one_that_ended() -> None:
    async with supervised(Program("gone", ("/nowhere/at-all",))) as supervisor:
        await until(lambda: supervisor.children[0].restarts >= 2)
        assert supervisor.children[0].exit_code not in (0, None)


@pytest.mark.anyio
async def test_a_child_that_announces_itself_is_down_until_it_has(note: Path) -> None:
    async with supervised(toy("slow", note, "1.5", announces=True)) as supervisor:
        await until(lambda: begun(note))
        assert supervisor.down() == {"slow": "starting"}
        await asyncio.wait_for(supervisor.well(), 20)
        assert supervisor.down() == {}


@pytest.mark.anyio
async def test_what_fails_beside_the_children_ends_them_and_is_raised(note: Path) -> None:
    async def fail() -> None:
        await until(lambda: begun(note))
        raise RuntimeError("the listener")

    with pytest.raises(RuntimeError, match="the listener"):
        await Supervisor([toy("sleeper", note)], QUICK).run([fail])
    assert not is_alive(begun(note)[0][0])


@pytest.mark.anyio
async def test_workers_share_one_listening_socket(note: Path) -> None:
    """It is bound once: connections reach whichever worker is free, one worker's end closes nothing, and the next one answers."""
    listening = sockets.listen("127.0.0.1", 0)
    program = toy("web", note, str(listening.fileno()), announces=True, pass_fds=(listening.fileno(),))
    workers = [Program(f"web-{n}", program.command, program.pass_fds, announces=True) for n in range(2)]
    async with supervised(*workers) as supervisor:
        await asyncio.wait_for(supervisor.well(), 20)
        first, second = (pid for pid, _ in begun(note))
        await _all_answer(listening, {first, second})
        os.kill(first, signal.SIGKILL)
        await until(lambda: not is_alive(first))
        answers = await _ask_together(listening, 5)
        assert (len(answers), first in answers) == (5, False)
        await until(partial(_started, note, 3))
        await _all_answer(listening, {second, begun(note)[2][0]})
    listening.close()


async def _all_answer(listening: socket.socket, workers: set[int]) -> None:
    """Each of them sooner or later, and nobody else."""
    answered = set[int]()
    async with asyncio.timeout(20):
        while not workers <= answered:
            answered.update(await _ask_together(listening, 20))
    assert answered == workers


async def _ask_together(listening: socket.socket, count: int) -> list[int]:
    async def ask() -> int:
        reader, writer = await asyncio.open_connection(*listening.getsockname()[:2])
        answer = await reader.read()
        writer.close()
        return int(answer or 0)

    return [pid for pid in await asyncio.gather(*(ask() for _ in range(count))) if pid]


def test_a_port_that_is_taken_is_said_to_be_so() -> None:
    taken = sockets.listen("127.0.0.1", 0)
    with taken, pytest.raises(sockets.CannotListen, match=r"127\.0\.0\.1:\d+ cannot be listened on: address already in use"):
        sockets.listen("127.0.0.1", taken.getsockname()[1])


@pytest.fixture
def doomed(note: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts parents in processes of their own, and cleans up after them."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*toys: str) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-m", "tests.processes.parents", str(note), *toys]))
        _wait(lambda: len(begun(note)) >= len(toys))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
    for pid, _ in begun(note):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _wait(claim: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def test_a_parent_that_is_killed_leaves_no_child(note: Path, doomed: Callable[..., subprocess.Popen[bytes]]) -> None:
    process = doomed("sleeper", "stubborn")
    children = [pid for pid, _ in begun(note)]
    assert all(is_alive(pid) for pid in children)
    process.kill()
    _wait(lambda: not any(is_alive(pid) for pid in children))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_parent_that_is_asked_to_end_does_so_cleanly(
    number: signal.Signals, note: Path, doomed: Callable[..., subprocess.Popen[bytes]]
) -> None:
    process = doomed("sleeper")
    process.send_signal(number)
    assert process.wait(20) == 0
    assert not is_alive(begun(note)[0][0])


def test_a_child_ends_with_its_parent_where_the_kernel_does_not_help(note: Path) -> None:
    """By the pipe alone: this child is started without the launcher."""
    reading, writing = os.pipe()
    environment = os.environ | {parent.LIFE: str(reading)}
    command = [sys.executable, "-m", "tests.processes.toys", "watcher", str(note)]
    with subprocess.Popen(command, env=environment, pass_fds=(reading,)) as child:
        os.close(reading)
        _wait(lambda: begun(note))
        assert child.poll() is None
        os.close(writing)
        assert child.wait(20) == -signal.SIGTERM


def test_a_child_whose_parent_ended_before_it_began_does_not_begin(note: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    command = [sys.executable, "-I", "-S", launch.__file__, str(gone.pid), "touch", str(note)]
    assert subprocess.run(command, check=False).returncode == 1
    assert not note.exists()
