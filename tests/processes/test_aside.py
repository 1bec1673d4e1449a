"""Work in a process of its own: what it says, and what its end means to whoever asked for it."""

import asyncio
import os
from collections.abc import Callable
from typing import Any

import pytest
import uvloop

from presence.processes.aside import AsideFailed, run_aside

DOCUMENT = b"a" * 1_000_000
LOOPS: list[Callable[[], asyncio.AbstractEventLoop]] = [uvloop.new_event_loop, asyncio.new_event_loop]

ECHO = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[:3])"
SILENT = "import sys; sys.stdin.buffer.read()"


@pytest.fixture(params=LOOPS, ids=["uvloop", "asyncio"])
def loop(request: pytest.FixtureRequest) -> Callable[[], asyncio.AbstractEventLoop]:
    made: Callable[[], asyncio.AbstractEventLoop] = request.param
    return made


def told(loop: Callable[[], asyncio.AbstractEventLoop], code: str, seconds: float = 30) -> bytes:
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(run_aside(("-c", code), DOCUMENT, seconds))


@pytest.fixture
def _python(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words are of the interpreter itself, without the launcher before them."""
    exec_ = asyncio.create_subprocess_exec

    async def plain(*words: str, **options: Any) -> asyncio.subprocess.Process:
        return await exec_(words[0], *words[3:], **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", plain)


@pytest.fixture
def _killed_at_once(monkeypatch: pytest.MonkeyPatch, _python: None) -> None:
    """It is dead, and that is known, before anything of the document is written to it."""
    exec_ = asyncio.create_subprocess_exec

    async def killed(*words: str, **options: Any) -> asyncio.subprocess.Process:
        process = await exec_(*words, **options)
        process.kill()
        await process.wait()
        await asyncio.sleep(0.05)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", killed)


@pytest.mark.usefixtures("_python")
def test_it_gives_what_the_process_says(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    assert told(loop, ECHO) == b"aaa"


@pytest.mark.usefixtures("_python")
@pytest.mark.parametrize(
    ("code", "seconds", "says"),
    [
        ("raise SystemExit(3)", 60, "ended"),
        ("import os; os.kill(os.getpid(), 9)", 60, "ended"),
        ("import time; time.sleep(600)", 1, "took more"),
    ],
)
def test_a_process_that_ends_badly_or_never_is_one_failure(
    loop: Callable[[], asyncio.AbstractEventLoop], code: str, seconds: float, says: str
) -> None:
    with pytest.raises(AsideFailed, match=says):
        told(loop, code, seconds)


@pytest.mark.usefixtures("_killed_at_once")
def test_a_process_that_is_dead_before_the_document_is_written_is_the_same_failure(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    with pytest.raises(AsideFailed, match="ended"):
        told(loop, SILENT)


def test_a_process_that_cannot_be_started_is_the_same_failure(
    loop: Callable[[], asyncio.AbstractEventLoop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", os.devnull)
    with pytest.raises(AsideFailed, match="could not be started"):
        told(loop, SILENT)
