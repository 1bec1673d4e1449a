"""Tokens of sources: only their digests are kept, and each opens one source."""

import hashlib
import hmac
import logging
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path

logger = logging.getLogger(__name__)

_SILENCE = 600.0
"""Seconds for which the same refusal of the same source is not told again."""


class Cause(Enum):
    """Why a request of a source was refused at the door."""

    MISSING = "without a token"
    WRONG = "with a token that does not open it"


class Tokens:
    """`digests`: by source, SHA-256 in hexadecimal. Two of one source let a token be changed without a gap."""

    def __init__(self, digests: Mapping[str, Sequence[str]]) -> None:
        self._digests = {source: [d.lower().encode() for d in given] for source, given in digests.items()}
        self._told: dict[tuple[str, Cause], float] = {}

    @classmethod
    def from_files(cls, files: Mapping[str, Path]) -> "Tokens":
        """One digest a line; `#` begins a comment. Raises OSError."""
        digests = {}
        for source, path in files.items():
            lines = (line.split("#")[0].split()[:1] for line in path.read_text("utf-8", "replace").splitlines())
            digests[source] = [line[0] for line in lines if line]
        return cls(digests)

    def opens(self, source: str, token: str) -> bool:
        """In the same time whether the source exists or not."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest().encode()
        known = self._digests.get(source) or [b"0" * 64]
        same = [hmac.compare_digest(digest, each) for each in known]  # all of them, whichever it is
        return any(same) and source in self._digests

    def refused(self, source: str, cause: Cause, now: float) -> None:
        """Leave a trace, so that a sender with an old token is noticed; none of what was sent. `now`: of a steady clock."""
        name = source if source in self._digests else ""
        if now - self._told.get((name, cause), -_SILENCE) < _SILENCE:
            return
        self._told[name, cause] = now
        whose = f"source {name!r}" if name else "a source that is none"
        logger.warning("requests for %s come %s and are refused; told every 10 minutes at most", whose, cause.value)
