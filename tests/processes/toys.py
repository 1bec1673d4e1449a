"""Children to supervise. Run as `python -m tests.processes.toys NAME …`; each writes its process id where it is told to."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from presence.processes import parent


def sleeper(note: str) -> None:
    """Lives until it is asked to end."""
    _note(note)
    time.sleep(600)


def crasher(note: str) -> None:
    """Ends as soon as it has begun."""
    _note(note)
    sys.exit(7)


def stubborn(note: str) -> None:
    """Does not listen to SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _note(note)
    time.sleep(600)


def family(note: str) -> None:
    """Has a child of its own, as stubborn as itself."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen([sys.executable, "-m", "tests.processes.toys", "stubborn", note])
    _note(note)
    time.sleep(600)


def slow(note: str, seconds: str) -> None:
    """Is ready only after a while, and says so."""
    _note(note)
    time.sleep(float(seconds))
    parent.ready()
    time.sleep(600)


def watcher(note: str) -> None:
    """Ends with its parent by itself: the way on systems whose kernel does not help."""
    parent.watch()
    _note(note)
    time.sleep(600)


def web(note: str, fd: str) -> None:
    """Answers on a socket that it inherited, with its process id."""
    _note(note)
    listening = socket.socket(fileno=int(fd))
    listening.setblocking(True)
    parent.ready()
    while True:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(str(os.getpid()).encode())
            time.sleep(0.02)  # long enough for another one to take the next


def _note(path: str) -> None:
    with Path(path).open("a") as file:
        file.write(f"{os.getpid()} {time.monotonic()}\n")


if __name__ == "__main__":
    {each.__name__: each for each in (sleeper, crasher, stubborn, family, slow, watcher, web)}[sys.argv[1]](*sys.argv[2:])
