"""At how many different contacts one address looks within a day: enough to end a harvest, and no list of who looked at whom."""

from presence.web.visitors import Period

DAY = 86_400
_ROOM = 16  # bits a contact; so one in sixteen is met for nothing when the limit is near
_OCTETS = 64_000_000  # of all addresses; then all begin anew


class _Met:
    __slots__ = ("bits", "count", "salt")

    def __init__(self, octets: int, salt: bytes) -> None:
        self.bits = bytearray(octets)
        self.count = 0
        self.salt = salt


class Acquaintance:
    """Of one process. `limit`: different contacts in a day of UTC; 0 is no limit.

    Of an address there is a digest, under a key that is forgotten with the day, and of contacts a sketch of its own, under the
    same. Whoever was met already may be looked at as often as the other budgets allow: an open page goes on.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._octets = (1 << max(3, (limit * _ROOM - 1).bit_length())) >> 3
        self._day = Period(DAY)
        self._met: dict[bytes, _Met] = {}
        self._near: dict[str, _Met] = {}  # by the address itself, for a minute

    def meets(self, network: str, contact: str, now: float) -> bool:
        """Whether the address may look at the contact; counts it, if it is new."""
        if not self.limit:
            return True
        met = self._near.get(network) or self._of(network, now)
        place = hash((met.salt, contact)) % (self._octets << 3)
        octet, bit = place >> 3, 1 << (place & 7)
        if met.bits[octet] & bit:
            return True
        if met.count >= self.limit:
            return False
        met.bits[octet] |= bit
        met.count += 1
        return True

    def forget(self, now: float) -> None:
        """The addresses themselves; and with a new day everything."""
        self._near.clear()
        if self._day.turned(now) or len(self._met) * self._octets > _OCTETS:
            self._met.clear()

    def wait(self, now: float) -> int:
        """Seconds until the next day."""
        return DAY - int(now) % DAY

    def _of(self, network: str, now: float) -> _Met:
        if not self._near:
            self.forget(now)
        name = self._day.digest(network)
        met = self._met.get(name)
        if met is None:
            met = self._met[name] = _Met(self._octets, name)
        self._near[network] = met
        return met
