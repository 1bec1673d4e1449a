"""Real servers for tests. A missing one skips on a laptop, loudly, and fails where CI is set: no suite goes green by skipping."""

import itertools
import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import pytest

_PLACES = ("/usr/sbin", "/usr/local/sbin", "/usr/lib/openldap", "/usr/libexec")
READY = 60.0  # seconds


def need(binary: str) -> str:
    """The path of a program. Without it the test is skipped, or fails when the environment says CI."""
    path = shutil.which(binary) or shutil.which(binary, path=os.pathsep.join(_PLACES))
    return path or unproven(f"{binary} is not installed")


def unproven(reason: str) -> NoReturn:
    """Skip the test, loudly, or fail it when the environment says CI."""
    reason = f"{reason}: what is proven against the real server is NOT proven in this run"
    if os.environ.get("CI", "").lower() not in ("", "0", "false"):
        pytest.fail(reason)
    pytest.skip(reason)


def _own_ports() -> Iterator[int]:
    """For ever around the ports of this process, from anywhere among them. They lie below those that systems take for outgoing
    connections, and workers that run side by side have none in common.
    """
    worker, workers = os.environ.get("PYTEST_XDIST_WORKER", "gw0"), os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")
    own = range(12_000 + int(worker.removeprefix("gw")), 32_000, int(workers))
    start = random.SystemRandom().randrange(len(own))  # another run of the tests may be under way
    return itertools.cycle([*own[start:], *own[:start]])


_ports = _own_ports()


def free_port() -> int:
    """A port that nobody has, and that nobody is given while a server starts that is to have it; each time another one."""
    for port in itertools.islice(_ports, 1_000):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("", port))
            return port
    pytest.fail("no port is free")


def launch(command: list[str], log: Path, ready: Callable[[], bool]) -> "subprocess.Popen[bytes]":
    """Start a server that stays in the foreground, and wait until it answers. Its output goes to a file, never to a pipe."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    until = time.monotonic() + READY
    while not ready():
        if process.poll() is not None or time.monotonic() > until:
            stop(process)
            pytest.fail(f"{command[0]} did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.01)
    return process


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a server that was launched, kindly and then not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def run(*command: str, stdin: bytes = b"") -> None:
    """Run a program to its end; its output is shown when it fails."""
    done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(command)}:\n{done.stdout.decode(errors='replace')[-2000:]}")
