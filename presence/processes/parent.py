"""What a child does for its parent: says that it is ready, and ends when the parent is gone."""

import contextlib
import os
import signal
import threading
import time

LIFE = "PRESENCE_LIFE_PIPE"
"""Holds the number of a pipe's end that reads nothing while the parent lives, and its end when it is gone."""
READY = "PRESENCE_READY_PIPE"
"""Holds the number of a pipe's end to which the child writes once it is ready."""

GRACE = 1.0
"""Seconds for an orderly end after the parent's."""


def watch() -> None:
    """End this process when its parent ends: orderly if that works within a second. Does nothing without a parent."""
    if life := os.environ.get(LIFE):
        threading.Thread(target=_wait, args=(int(life),), daemon=True, name="parent").start()


def _wait(life: int) -> None:
    with contextlib.suppress(OSError):
        while os.read(life, 64):
            pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # with all that it started
    os._exit(1)


def ready() -> None:
    """Tell the parent that work can come. Does nothing without a parent, nor a second time."""
    if pipe := os.environ.pop(READY, None):
        with contextlib.suppress(OSError):  # a parent that is gone is the watcher's matter
            os.write(int(pipe), b"ready\n")
            os.close(int(pipe))
