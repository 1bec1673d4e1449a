"""One child: started, watched, ended."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from presence.processes import launch, parent

_log = logging.getLogger("presence.processes")

State = Literal["starting", "up", "waiting", "stopping", "stopped"]
"""`waiting`: it ended, and is started again when its back-off is over."""


class Program(msgspec.Struct, frozen=True):
    """What a child runs."""

    name: str
    command: tuple[str, ...]
    pass_fds: tuple[int, ...] = ()  # sockets that it inherits, under the same numbers
    announces: bool = False  # it says itself when it is ready (`parent.ready`); otherwise it is once it runs
    environment: Mapping[str, str] = msgspec.field(default_factory=dict)  # beside the parent's


class Policy(msgspec.Struct, frozen=True):
    """How patient the supervisor is, in seconds."""

    first_delay: float = 0.5  # before the first restart; doubled with each further one
    longest_delay: float = 30.0
    healthy: float = 60.0  # running for so long makes the next end a first one again
    grace: float = 4.0  # between SIGTERM and SIGKILL

    def delay(self, failures: int) -> float:
        """Before the restart that follows the given number of failures in a row, 1 for the first."""
        return min(self.longest_delay, self.first_delay * 2.0 ** min(failures - 1, 30))


class Child:
    """A program, over all the processes that ran it."""

    def __init__(self, program: Program, policy: Policy, changed: Callable[[], None] = lambda: None) -> None:
        self.program = program
        self.policy = policy
        self._changed = changed
        self._state: State = "starting"
        self.process: asyncio.subprocess.Process | None = None
        self.restarts = 0
        self.exit_code: int | None = None  # of the last process that ended; negative: the signal that ended it
        self._failures = 0
        self._stopping = asyncio.Event()

    @property
    def state(self) -> State:
        return self._state

    def _is_now(self, state: State) -> None:
        self._state = state
        self._changed()

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    async def run(self) -> None:
        """Keep it running until `stop`. A clean end without being asked is an end like any other."""
        while not self._stopping.is_set():
            begun = asyncio.get_running_loop().time()
            await self._live()
            if self._stopping.is_set():
                break
            ran = asyncio.get_running_loop().time() - begun
            self._failures = 1 if ran >= self.policy.healthy else self._failures + 1
            delay = self.policy.delay(self._failures)
            self._is_now("waiting")
            self.restarts += 1
            told = {"child": self.program.name, "code": self.exit_code, "ran": round(ran, 3), "again_in": delay}
            _log.warning("child ended", extra=told)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)
        self._is_now("stopped")

    def stop(self) -> None:
        """Ask it to end, once; it is made to after the grace."""
        if not self._stopping.is_set():
            self._stopping.set()
            if self.process:
                self._is_now("stopping")
            self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, with all that it started."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self.process and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                if number == signal.SIGKILL:
                    os.killpg(self.process.pid, number)
                else:
                    self.process.send_signal(number)

    async def _live(self) -> None:
        """One process, from start to end."""
        self._is_now("starting")
        life, held = os.pipe()
        heard, told = os.pipe()
        try:
            try:
                self.process = await self._start(life, told)
            except OSError as error:
                self.exit_code = 127
                _log.error("child cannot be started", extra={"child": self.program.name, "error": str(error)})
                return
            finally:
                os.close(life)
                os.close(told)
            _log.info("child started", extra={"child": self.program.name, "pid": self.process.pid})
            if self._stopping.is_set():  # it was told to while it was being started
                self._signal(signal.SIGTERM)
            listening = asyncio.create_task(self._announced(heard))
            self.exit_code = await self.process.wait()
            listening.cancel()
            await self._sweep(self.process.pid)
        finally:
            self.process = None
            os.close(held)
            os.close(heard)

    async def _start(self, life: int, told: int) -> asyncio.subprocess.Process:
        own = {parent.LIFE: str(life), parent.READY: str(told)}
        command = (sys.executable, "-I", "-S", str(Path(launch.__file__)), str(os.getpid()), *self.program.command)
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            env={**os.environ, **self.program.environment, **own},
            pass_fds=(*self.program.pass_fds, life, told),
            start_new_session=True,  # a Ctrl-C at the terminal is the parent's to pass on
        )

    async def _announced(self, heard: int) -> None:
        if self.program.announces:
            reader = asyncio.StreamReader()
            pipe = os.fdopen(os.dup(heard), "rb", 0)
            transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
            try:
                if not await reader.readline():
                    return
            finally:
                transport.close()
        if self._state == "starting":
            self._is_now("up")

    async def _sweep(self, pid: int) -> None:
        """What a child left behind of its own children does not outlive it. In a container they may have become ours."""
        with contextlib.suppress(ProcessLookupError, PermissionError, ChildProcessError):
            os.killpg(pid, signal.SIGKILL)
            for _ in range(50):
                if os.waitpid(-pid, os.WNOHANG)[0] == 0:  # noqa: ASYNC222  # it does not wait
                    await asyncio.sleep(0.02)
