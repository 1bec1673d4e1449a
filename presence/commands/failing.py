"""What a failing command tells: a sentence for people on stderr; one JSON object for programs, where they asked for JSON."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import click

from presence.commands import terminal

DONE, REJECTED, USAGE, UNREADABLE, HELD, RUNNING, LATER = 0, 1, 2, 3, 4, 5, 75
NOT_READ = frozenset({"unreadable", "missing"})
"""Codes of a source that is a file which is not there or may not be read: no later try mends that."""


class Failed(click.ClickException):
    """A command's own end. `code` is stable, `more` what its JSON tells beside it."""

    def __init__(self, code: str, detail: str, exit_code: int, more: dict[str, Any] | None = None) -> None:
        super().__init__(detail)
        self.code, self.more = code, more or {}
        self.exit_code = exit_code  # type: ignore[misc]  # click's own way

    def show(self, file: Any = None) -> None:
        click.echo(f"presence: {self.message}", file=file, err=file is None)


class _Failure(NamedTuple):
    """`prose`: as people read it, where that is more than the detail."""

    code: str
    detail: str
    exit: int
    more: Mapping[str, Any] = MappingProxyType({})
    prose: str = ""


def end(error: Exception, arguments: list[str]) -> int:
    """Tell what went wrong; the exit code. Raises the error again where it has none."""
    failure = _of_click(error) if isinstance(error, click.ClickException) else _of(error)
    if "--json" in arguments[: arguments.index("--") if "--" in arguments else None]:
        found = failure or _Failure("unexpected", type(error).__name__, 1)
        terminal.give({"error": found.code, "detail": found.detail, "exit": found.exit, **found.more})
    if failure is None:
        raise error
    if isinstance(error, click.ClickException):
        error.show()
    else:
        click.echo(failure.prose or f"presence: {failure.detail}", err=True)
    return failure.exit


def _of_click(error: click.ClickException) -> _Failure:
    if isinstance(error, Failed):
        return _Failure(error.code, error.message, error.exit_code, error.more)
    return _Failure("usage", error.format_message(), error.exit_code)


def _of(error: Exception) -> _Failure | None:
    """Of what a command may raise; None for what it should not."""
    from presence.config import ConfigError
    from presence.intaking import outcome
    from presence.keyfile import KeyMissing
    from presence.ports import SourceInvalid, SourceUnavailable, StoreUnavailable
    from presence.processes.sockets import CannotListen

    if isinstance(error, ConfigError):
        return _settings(error)
    if isinstance(error, SourceUnavailable):
        is_read = not isinstance(error, SourceInvalid) and error.code not in NOT_READ
        return _Failure(error.code, str(error), LATER if is_read else UNREADABLE)
    if isinstance(error, StoreUnavailable):
        return _store(error)
    kinds: list[tuple[type[Exception], str, int]] = [
        (KeyMissing, "key-missing", USAGE),
        (CannotListen, "cannot-listen", USAGE),
        (outcome.AlreadyRunning, "already-running", RUNNING),
        (outcome.UnknownHold, "unknown-hold", USAGE),
        (outcome.UnknownSource, "unknown-source", USAGE),
        (outcome.ReleaseRefused, "release-refused", USAGE),
        (outcome.HoldOutdated, "hold-outdated", HELD),
    ]
    return next((_Failure(code, str(error), exit_code) for kind, code, exit_code in kinds if isinstance(error, kind)), None)


def _settings(error: Any) -> _Failure:
    """With every problem, as `config check --json` has told them always."""
    keys = ("line", "key", "message", "hint")
    problems = [{key: getattr(each, key) for key in keys} for each in error.problems]
    count = len(problems)
    detail = f"{error.name}: {problems[0]['message']}" if count == 1 else f"{error.name}: {count} errors"
    return _Failure("settings", detail, USAGE, {"file": error.name, "problems": problems}, str(error))


def _store(error: Exception) -> _Failure:
    """A file that is damaged stays so, however often it is tried."""
    import sqlite3

    code = getattr(error.__cause__, "sqlite_errorcode", None)
    if code is None or code & 0xFF not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return _Failure("store-unavailable", str(error), LATER)
    what = str(error).partition(";")[0]
    todo = "restore it from a backup, or move it away (with its -wal and -shm) and run presence sync, which fills a new one"
    return _Failure("store-broken", f"{what}; {todo}", UNREADABLE)
