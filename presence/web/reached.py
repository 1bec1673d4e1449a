"""Did you reach somebody? One tap, which counts: no cookie, no id of whoever answers, and no address swings it."""

from collections.abc import Container
from urllib.parse import parse_qsl

from presence.domain.counts import HOUR
from presence.web.visitors import Period, network

LIMIT = 128
"""Bytes of an answer."""
EACH_DAY = 3
"""Answers of one address that count within a day, for whatever contacts: of ten that a report needs it has no third."""
_MOST = 100_000


class Given(tuple[str, str]):
    """Which kind of channel was tried, empty where that is not known, and "yes" or "no"."""

    __slots__ = ()


class Counted:
    """Which answers of this day count: the first of an address for a contact, and of each address only a few."""

    def __init__(self, each_day: int = EACH_DAY, most: int = _MOST) -> None:
        self._each_day = each_day
        self._most = most
        self._day = Period(24 * HOUR)
        self._given: set[bytes] = set()
        self._of_address: dict[bytes, int] = {}

    def take(self, contact: str, address: str, now: float) -> bool:
        """Whether this one counts. The visitor is told the same either way."""
        if self._day.turned(now):
            self._given.clear()
            self._of_address.clear()
        visitor = network(address)
        given = self._day.digest("answer", contact, visitor)
        who = self._day.digest("address", visitor)
        so_far = self._of_address.get(who, 0)
        if given in self._given or so_far >= self._each_day or len(self._given) >= self._most:
            return False
        self._given.add(given)
        self._of_address[who] = so_far + 1
        return True


def read(body: bytes, kinds: Container[str]) -> Given | None:
    """What a form says; None for what is no answer. Nothing but the two fields may be in it, each once."""
    try:
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=2)
    except (ValueError, UnicodeDecodeError):
        return None
    said = dict(fields)
    if len(said) != len(fields) or not said.keys() <= {"answer", "kind"}:
        return None
    kind, answer = said.get("kind", ""), said.get("answer", "")
    if answer not in ("yes", "no") or (kind and kind not in kinds):
        return None
    return Given((kind, answer))
