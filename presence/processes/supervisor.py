"""The parent process: keeps every child running, and ends them all when it is told to end itself."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from presence.processes.child import Child, Policy, Program, State

_log = logging.getLogger("presence.processes")


class Supervisor:
    """Runs programs side by side. To be made and run inside one event loop."""

    def __init__(self, programs: Sequence[Program], policy: Policy | None = None) -> None:
        self.policy = policy or Policy()
        self.children = [Child(program, self.policy, self._changed) for program in programs]
        self._well = asyncio.Event()
        self._end = asyncio.Event()
        self._at_once = asyncio.Event()
        self._error: Exception | None = None

    def stop(self) -> None:
        """End: orderly when said once, at once when said again."""
        if self._end.is_set():
            self._at_once.set()
        self._end.set()

    def down(self) -> dict[str, State]:
        """Children that do not work, and how they are: empty is well."""
        return {child.program.name: child.state for child in self.children if child.state != "up"}

    async def well(self) -> None:
        """Wait until every child works."""
        await self._well.wait()

    async def run(self, beside: Sequence[Callable[[], Awaitable[None]]] = ()) -> None:
        """Until `stop`, SIGTERM or SIGINT. `beside` runs with it and is cancelled at the end; should one fail, all end.

        Returns when no child is left: at most the policy's grace after it was told, and what killing takes. Raises what one
        of `beside` raised.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        self._changed()
        lives = [asyncio.create_task(self._guarded(child.run)) for child in self.children]
        others = [asyncio.create_task(self._guarded(each)) for each in beside]
        try:
            await self._end.wait()
        finally:
            for other in others:
                other.cancel()
            await self._finish(lives)
            await asyncio.gather(*others, return_exceptions=True)
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
        if self._error:
            raise self._error

    async def _guarded(self, each: Callable[[], Awaitable[None]]) -> None:
        try:
            await each()
        except Exception as error:  # noqa: BLE001  # whatever it is, it ends all and is raised by `run`
            self._error = self._error or error
            self._end.set()

    async def _finish(self, lives: Sequence[asyncio.Task[None]]) -> None:
        self._end.set()
        for child in self.children:
            child.stop()
        hurry = asyncio.create_task(self._at_once.wait())
        everybody = asyncio.gather(*lives)
        waited: list[asyncio.Future[Any]] = [everybody, hurry]
        await asyncio.wait(waited, timeout=self.policy.grace, return_when=asyncio.FIRST_COMPLETED)
        hurry.cancel()
        for child in self.children:
            if child.pid:
                _log.warning("child killed", extra={"child": child.program.name})
                child.kill()
        await everybody

    def _changed(self) -> None:
        if self.down():
            self._well.clear()
        else:
            self._well.set()
