"""The command line. Nothing slow is imported before a command is chosen.

Exit codes: 0 done; 1 done with rejected rows or failing checks; 2 usage or configuration; 3 unreadable input; 4 held back;
5 already running; 75 try again later.
"""

import os
import sys
from importlib.metadata import version

import click

from presence.commands.calendar import calendar
from presence.commands.config import config
from presence.commands.facts import sync, who
from presence.commands.hr import hr
from presence.commands.report import report
from presence.commands.run import absences, connectors, demo, serve, web

DONE, REJECTED, USAGE, UNREADABLE, HELD, RUNNING, LATER = 0, 1, 2, 3, 4, 5, 75


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version("presence"), message="%(prog)s %(version)s")
def presence() -> None:
    """Whether an official can be reached now, and otherwise where to turn."""


for _command in (demo, serve, sync, hr, who, config, calendar, report, web, connectors, absences):
    presence.add_command(_command)


def main() -> None:
    """The console script. What went wrong is one line for people, and an exit code for programs."""
    try:
        sys.exit(presence.main(standalone_mode=False) or DONE)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:  # who read the output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)
    except Exception as error:  # raised again unless it has an exit code
        code = _code_of(error)
        if code is None:
            raise
        click.echo(f"presence: {error}" if code != USAGE else str(error), err=True)
        sys.exit(code)


def _code_of(error: Exception) -> int | None:
    """The exit code of what a command may raise; None for what it should not."""
    from presence.config import ConfigError
    from presence.intaking import outcome
    from presence.ports import SourceInvalid, SourceUnavailable, StoreUnavailable
    from presence.processes.sockets import CannotListen

    codes: list[tuple[type[Exception], int]] = [
        (ConfigError, USAGE),
        (CannotListen, USAGE),
        (SourceInvalid, UNREADABLE),
        (SourceUnavailable, LATER),
        (outcome.AlreadyRunning, RUNNING),
        (outcome.UnknownHold, USAGE),
        (outcome.ReleaseRefused, USAGE),
        (outcome.HoldOutdated, HELD),
        (StoreUnavailable, LATER),
    ]
    return next((code for kind, code in codes if isinstance(error, kind)), None)
