"""Becomes a command that does not outlive its parent. Run by its path, with the parent's process id and the command.

The kernel kills the command when the thread that started it ends (Linux). Asked for here, between fork and exec, since nothing
but exec is safe in a forked child of a process with threads.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(parent):  # it ended before it could be watched
            sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606  # the command was chosen by the parent


if __name__ == "__main__":
    main()
