"""What becomes of a complete batch that was sent: a receipt, or why it was refused. The same in a process of its own."""

import asyncio

import msgspec

from presence.domain.directory import ALIAS_KINDS, Alias
from presence.domain.intervals import Instant
from presence.intake import AlreadyRunning, Intake, Outcome
from presence.ports import Pushed, StoreUnavailable


class Receipt(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of a complete batch: counts, and where it was held back the id and the rule. Nobody is named."""

    added: int
    changed: int
    removed: int
    unchanged: int
    unmatched: int
    dry_run: bool = False
    hold: str = ""
    rule: str = ""
    explanation: str = ""

    @classmethod
    def of(cls, outcome: Outcome) -> "Receipt":
        o = outcome
        counts = (o.added, o.changed, o.removed, o.unchanged, len(o.unmatched))
        return cls(*counts, o.dry_run, o.hold, o.rule, o.explanation)


class Refused(msgspec.Struct, frozen=True, omit_defaults=True):
    """Nothing was taken. `retry_after`: seconds, where it is worth while."""

    status: int
    code: str
    detail: str
    retry_after: int = 0


KINDS_THERE_ARE = (
    f"there are {', '.join(ALIAS_KINDS)}, and what the source's alias_kinds name; of leave those are the kinds by which people "
    "are linked to it, so name there employee too, or whichever links them now"
)
NOT_STORED = Refused(503, "unavailable", "nothing was stored; send it again", 5)
RUNNING = Refused(409, "already-running", "another run of this source is going on", 30)


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """As it comes from a process of its own: one of the two."""

    receipt: Receipt | None = None
    refused: Refused | None = None


async def take_absences(pushed: Pushed, intake: Intake, document: bytes, kind: str, now: Instant, dry_run: bool) -> Reply:
    """Read all leave that a source knows of, and take it in."""
    try:
        batch = await asyncio.to_thread(pushed.absences, document, kind, now)
        if not all(intake.rule(batch.source).takes(Alias.parse(person.alias).kind) for person in batch.people):
            return Reply(refused=Refused(400, "bad-alias", KINDS_THERE_ARE))
        return Reply(Receipt.of(await intake.take(batch, dry_run=dry_run)))
    except ValueError as error:
        return Reply(refused=Refused(400, "bad-document", str(error)))
    except AlreadyRunning:
        return Reply(refused=RUNNING)
    except StoreUnavailable:
        return Reply(refused=NOT_STORED)
