"""Staff directories over LDAP: OpenLDAP, 389 Directory Server, Active Directory and others that page their results (RFC 2696)."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import ClassVar

from connectors.directory.reading import Reading
from connectors.directory.report import Report
from connectors.directory.settings import LdapSettings
from connectors.directory.thread import in_thread
from connectors.polling import polling
from presence.ports import Batch, SourceUnavailable

_GRACE = 2.0  # seconds past the deadline before the connection is cut from outside


class Ldap:
    """Reads a whole directory at each interval; yields complete batches only."""

    Settings: ClassVar[type[LdapSettings]] = LdapSettings

    def __init__(
        self, name: str, settings: LdapSettings, interval: float = 300.0, *, now: Callable[[], float] = time.time
    ) -> None:
        self.name = name
        self.report: Report | None = None  # of the last reading that succeeded
        self._settings = settings
        self._interval = interval
        self._now = now
        self._reading: Reading | None = None

    def listen(self) -> AsyncIterator[Batch | SourceUnavailable]:
        return polling(self.name, self.fetch, self._interval)

    async def fetch(self) -> Batch:
        """Read the whole directory once, beside the event loop. Raises `SourceUnavailable`."""
        if self._reading is not None and not self._reading.ended.is_set():
            raise SourceUnavailable("stalled", "the reading before this one has not ended yet")
        self._reading = reading = Reading(self.name, self._settings, self._now)
        try:
            async with asyncio.timeout(self._settings.deadline + _GRACE):
                batch = await in_thread(reading.run, f"directory {self.name}")
        except TimeoutError:
            raise SourceUnavailable("stalled", "the reading took longer than its deadline") from None
        finally:
            reading.abort()  # nothing to end when it has ended
        self.report = reading.report
        return batch

    async def close(self) -> None:
        """End a reading that runs."""
        if self._reading is not None:
            self._reading.abort()
