"""Work of seconds that comes up in a process that must answer within milliseconds: done in a process of its own."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from presence.processes import launch


class AsideFailed(Exception):
    """The process could not be started, ended badly, or took too long and was ended. What it had acknowledged stands."""


async def run_aside(command: Sequence[str], document: bytes, seconds: float) -> bytes:
    """What the command writes, given the document. It ends with the process that asked for it.

    Raises `AsideFailed`.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(Path(launch.__file__)), str(os.getpid()), *command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise AsideFailed(f"could not be started: {error}") from error
    try:
        async with asyncio.timeout(seconds):
            told, _ = await process.communicate(document)
    except TimeoutError:
        raise AsideFailed(f"took more than {seconds:.0f} s") from None
    except (OSError, RuntimeError) as error:  # its end came before the document: uvloop tells of that by a RuntimeError
        raise AsideFailed(f"ended before it had read all: {error}") from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        raise AsideFailed(f"ended with {process.returncode}")
    return told
