"""What the log is told of a batch."""

import logging

from presence.intaking import health
from presence.intaking.decision import Decision


def log(found: Decision, logger: logging.Logger) -> None:
    """One line a change of state, and one where protection ends; the counts of an ordinary run are nobody's news."""
    outcome = found.outcome
    if found.lifted:
        logger.info("source %s: lifts the protection of %d", outcome.source, found.lifted)
    if told := health.change_of_state(found.before, found.after):
        is_well = not found.after.failing_since
        words = outcome.explanation if outcome.hold else f"{outcome.source}: {told}"
        logger.log(logging.INFO if is_well else logging.WARNING, "source %s", words)
