"""`Sandbox`: `read` in a child process that can be ended, so that a poison feed costs its own answer and nothing else."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Collection, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

import msgspec

import connectors
from connectors.calendars.model import BOUNDS, PLAIN, Limits, Policy, Reading, Refused
from connectors.calendars.worker import LARGEST, Answer, Request, framed


class Exhausted(Refused):
    """The child was ended: it took too long or too much, or it crashed. The next reading gets a new child."""


class Sandbox:
    """One child process that reads calendars, one at a time; callers wait their turn without blocking the event loop.

    `cpu` bounds the CPU seconds and `wall` the seconds of one reading; `memory` bounds the child's address space in octets.
    The child starts with the first reading and anew after each failure.
    """

    def __init__(self, *, cpu: int = 2, wall: float = 10.0, memory: int = 512_000_000) -> None:
        self._cpu = cpu
        self._wall = wall
        self._memory = memory
        self._child: Process | None = None
        self._turn = asyncio.Lock()
        self.restarts = 0
        """How many children had to be ended or were found dead."""

    async def read(
        self,
        texts: Sequence[bytes | str],
        start: int,
        end: int,
        zone: ZoneInfo,
        *,
        owner: Collection[str] = (),
        policy: Policy = PLAIN,
        limits: Limits = BOUNDS,
    ) -> Reading:
        """As `connectors.calendars.read`. Raises Refused, and Exhausted when the child had to be ended."""
        octets = [text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass") for text in texts]
        if any(len(text) > limits.octets for text in octets) or sum(map(len, octets)) > LARGEST:
            raise Refused("not read: the feed is larger than accepted")
        request = Request(octets, start, end, zone.key, list(owner), policy, limits, self._cpu)
        body = framed(msgspec.msgpack.encode(request))
        async with self._turn:
            try:
                async with asyncio.timeout(self._wall):
                    raw = await self._exchange(body)
            except TimeoutError:
                await self._end()
                raise Exhausted("not read: it took longer than accepted") from None
            except (OSError, RuntimeError, asyncio.IncompleteReadError):  # RuntimeError: uvloop, of a pipe that has closed
                await self._end()
                raise Exhausted("not read: it took more than accepted") from None
            except BaseException:  # a cancelled caller leaves an answer nobody waits for
                await self._end()
                raise
        answer = msgspec.msgpack.decode(raw, type=Answer)
        if answer.reading is None:
            raise Refused(answer.refused or "not read")
        return answer.reading

    async def _exchange(self, body: bytes) -> bytes:
        child = await self._running()
        if child.stdin is None or child.stdout is None:
            raise OSError("the child has no pipes")
        child.stdin.write(body)
        await child.stdin.drain()
        size = int.from_bytes(await child.stdout.readexactly(4), "big")
        return await child.stdout.readexactly(size)

    async def _running(self) -> Process:
        if self._child is not None and self._child.returncode is None:
            return self._child
        if self._child is not None:
            self.restarts += 1
        home = str(Path(connectors.__file__).parent.parent)
        path = os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])
        self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "connectors.calendars.worker",
            str(self._memory),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,  # a trace could quote what was read
            env={"PYTHONPATH": path, "PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},
            start_new_session=True,
        )
        return self._child

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        self.restarts += 1
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()

    async def aclose(self) -> None:
        """End the child. The sandbox can be used again afterwards."""
        async with self._turn:
            child, self._child = self._child, None
            if child is None:
                return
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()
