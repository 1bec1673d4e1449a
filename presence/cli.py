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
from presence.commands.failing import DONE, end
from presence.commands.hr import hr
from presence.commands.report import report
from presence.commands.run import absences, connectors, demo, serve, web


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version("presence"), message="%(prog)s %(version)s")
def presence() -> None:
    """Whether an official can be reached now, and otherwise where to turn."""


for _command in (demo, serve, sync, hr, who, config, calendar, report, web, connectors, absences):
    presence.add_command(_command)


def main() -> None:
    """The console script. What went wrong is a sentence for people, and for programs an exit code, with --json an object too."""
    try:
        sys.exit(presence.main(standalone_mode=False) or DONE)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:  # who read the output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)
    except Exception as error:  # noqa: BLE001  # raised again unless it has an exit code
        sys.exit(end(error, sys.argv[1:]))
