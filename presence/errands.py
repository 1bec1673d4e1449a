"""What a command does once on an installation, and is done: read sources, take in a file of leave, ask who somebody is."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

from presence.board import Board
from presence.domain.intervals import Instant
from presence.installation import Installation
from presence.intake import AlreadyRunning, Intake, Outcome, UnknownHold
from presence.keyfile import is_filled
from presence.meaning import STATED, stated
from presence.ports import Filed, FileReading, SourceUnavailable
from presence.syncing import Filing, file_in, sync_one
from presence.who import Audience, Told, Who

_STATED_TRIES, _STATED_RETRY = 20, 0.25  # seconds


async def sync(
    path: Path, source: str = "", dry_run: bool = False, release: str = "", operator: str = ""
) -> list[tuple[str, Outcome | SourceUnavailable]]:
    """`presence sync`: read sources once, or release a held batch, or with `dry_run` look at what is held.

    Raises `KeyError` for a source that is not configured, and `UnknownHold`.
    """
    installation = Installation(path, is_trial=dry_run and not release)
    if release and dry_run:
        async with installation.taking_in() as intake:
            return [(release, await _held(intake, release))]
    if release:
        async with installation.taking_in() as intake:
            return [(release, await intake.release(release, operator))]
    async with installation.trying() if dry_run else installation.taking_in() as intake:
        await _state(intake, installation, dry_run)
        connectors = {c.name: c for c in installation.connectors()}
        chosen = [connectors[source]] if source else list(connectors.values())
        found = [(c.name, came) for c in chosen for came in await sync_one(intake, c, dry_run)]
        # What it names may be known by now.
        said = await _state(intake, installation, dry_run)
        told = any(isinstance(came, Outcome) and came.unknown for _, came in found)
        return found if told or not said.unknown else [(STATED, said), *found]


async def _state(intake: Intake, installation: Installation, dry_run: bool) -> Outcome:
    """What the configuration says. A service that runs states the same once a minute, which takes it a moment."""
    for _ in range(_STATED_TRIES):
        with contextlib.suppress(AlreadyRunning):
            return await intake.take(stated(installation.config, int(installation.clock.now())), dry_run=dry_run)
        await asyncio.sleep(_STATED_RETRY)
    return await intake.take(stated(installation.config, int(installation.clock.now())), dry_run=dry_run)


async def _held(intake: Intake, id_: str) -> Outcome:
    """What its release would do."""
    hold = next((each for each in await intake.holds() if each.id == id_), None)
    if hold is None:
        raise UnknownHold(f"nothing is held back as {id_!r}")
    told = hold.difference
    return Outcome(
        hold.source,
        told.added,
        told.changed,
        told.removed,
        rule=hold.rule,
        explanation=hold.explanation,
        dry_run=True,
        difference=told,
    )


class NoSuch(LookupError):
    """What was asked for by name is not there; the message says what is."""


async def hr_sync(
    path: Path,
    file: Path,
    source: str = "",
    dry_run: bool = False,
    told: Callable[[int], None] | None = None,
    read: Callable[[FileReading], None] | None = None,
) -> Filing:
    """`presence hr sync`. Raises `KeyError` where the source that is meant is none, or not known among several."""
    installation = Installation(path, is_trial=dry_run)
    connectors = [c for c in installation.connectors() if hasattr(c, "read_file") and source in ("", c.name)]
    if len(connectors) != 1:
        raise KeyError(", ".join(c.name for c in connectors))
    is_new = not is_filled(Path(installation.config.store.path))
    async with installation.trying() if dry_run and is_new else installation.taking_in() as intake:
        return await file_in(intake, cast("Filed", connectors[0]), str(file), dry_run, told, read)


async def who(
    path: Path, asked: Iterable[str], of: Audience, at: Instant | None = None, language: str = "", topic: str = ""
) -> list[Told]:
    """`presence who`, at the tick that holds now (or at `at`). Raises `NoSuch` for a language or a topic."""
    installation = Installation(path)
    spoken = installation.config.organisation.languages
    if language and language not in spoken:
        raise NoSuch(f"{language!r} is no language of the organisation, which has {', '.join(spoken)}")
    store = installation.store()
    try:
        snapshot = await store.snapshot()
    finally:
        await store.close()
    now = int(installation.clock.now()) if at is None else at
    board = Board(installation.rules)
    board.load(snapshot.facts, installation.rules.tick_at(now))
    if topic and topic not in board.now.topics:
        raise NoSuch(f"no topic has the id {topic!r}; GET /v1/contacts?q=words tells the ids of topics")
    answers = Who(board, installation.wordings())
    return [answers.ask(each, of, now, language, topic) for each in asked]
