"""How much one address, and all together, may ask within a minute. Addresses are forgotten with the minute."""

import ipaddress
from collections import Counter

_MINUTE = 60


class Budgets:
    """`each` and `all_together` are requests a minute; 0 is no limit. An IPv6 client is its /64."""

    def __init__(self, each: int = 600, all_together: int = 0) -> None:
        self._each = each
        self._all = all_together
        self._until = 0.0
        self._spent: Counter[str] = Counter()
        self._total = 0

    def spend(self, address: str, now: float) -> bool:
        """Count one request; False where the budget is used up."""
        if not now < self._until <= now + _MINUTE:  # over, or the clock was set back
            self._spent.clear()
            self._total = 0
            self._until = now + _MINUTE
        if ":" in address:
            address = _network(address)
        self._total += 1
        self._spent[address] = spent = self._spent[address] + 1
        return not ((self._each and spent > self._each) or (self._all and self._total > self._all))

    def give_back(self, address: str) -> None:
        """Take the last request of an address back: another counts it."""
        self._spent[_network(address) if ":" in address else address] -= 1
        self._total -= 1

    def wait(self, now: float) -> int:
        """Seconds after which there is a new budget."""
        return max(1, int(self._until - now) + 1)


def _network(address: str) -> str:
    try:
        return str(ipaddress.ip_network((address, 64), strict=False))
    except ValueError:
        return address
