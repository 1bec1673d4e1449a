"""From a fetch to a connector's `listen`: when to read, and what to do when reading fails.

Intervals are shaken by a tenth, so that many services do not ask at one instant. After a failure the wait is drawn from zero
to a bound that doubles (full jitter), and is never shorter than the source asked for.
"""

import asyncio
import logging
import random as randomness
from collections.abc import AsyncGenerator, Awaitable, Callable

from presence.ports import Batch, SourceInvalid, SourceUnavailable

_log = logging.getLogger(__name__)

JITTER = 0.1
FIRST_BACKOFF = 5.0  # seconds; the bound of the first wait after a failure
LEAST = 1.0  # no wait is shorter
LONGEST_BACKOFF = 3600.0
LONGEST_ASKED = 86_400.0  # a source that asks for more than a day of silence is not obeyed beyond it


async def polling(
    name: str,
    fetch: Callable[[], Awaitable[Batch]],
    interval: float,
    *,
    deadline: float | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    random: Callable[[], float] = randomness.random,
) -> AsyncGenerator[Batch | SourceUnavailable, None]:
    """Read at once, then every `interval` seconds, for ever; the caller ends it by closing the iterator.

    Yields each batch, and the exception object of each reading that failed, so that the reader can mark the source. A reading
    longer than `deadline` seconds is cancelled and counts as stalled. Any other exception than `SourceUnavailable` is a fault
    of ours: it is told in the log by its type and place, never by its text, which may hold what the source sent.
    `random` gives numbers from 0 up to 1.
    """
    failures = 0
    while True:
        outcome = await _once(name, fetch, deadline)
        if isinstance(outcome, SourceUnavailable):
            failures += 1
            if failures == 1:
                _log.warning("source %s lost: %s", name, outcome.code)
        else:
            if failures:
                _log.info("source %s is back after %d failed readings", name, failures)
            failures = 0
        yield outcome
        await sleep(wait(interval, failures, outcome, random()))


def wait(interval: float, failures: int, outcome: Batch | SourceUnavailable, drawn: float) -> float:
    """Seconds until the next reading; `drawn` is from 0 up to 1."""
    if not isinstance(outcome, SourceUnavailable):
        return max(LEAST, interval * (1 - JITTER + 2 * JITTER * drawn))
    bound = min(FIRST_BACKOFF * 2.0 ** min(failures - 1, 30), max(interval, 300.0), LONGEST_BACKOFF)
    asked = min(outcome.retry_after or 0.0, LONGEST_ASKED)
    return max(LEAST, asked, bound * drawn)


async def _once(name: str, fetch: Callable[[], Awaitable[Batch]], deadline: float | None) -> Batch | SourceUnavailable:
    try:
        async with asyncio.timeout(deadline):
            return await fetch()
    except SourceUnavailable as error:
        return error
    except TimeoutError:
        return SourceUnavailable("stalled", "the reading took longer than its deadline")
    except Exception as error:  # noqa: BLE001  # one connector's fault must not end the others
        place = error.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "?"
        _log.error("source %s: %s at %s", name, type(error).__name__, where)  # no text of the source
        return SourceInvalid("internal", "the connector failed; see the log")
