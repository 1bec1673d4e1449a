"""How much one address, and all together, may ask within a minute. Addresses are forgotten with the minute."""

from presence.web.acquaintance import Acquaintance
from presence.web.visitors import network

_MINUTE = 60


class Budgets:
    """Requests a minute of one process; 0 is no limit. An IPv6 client is its /64.

    `each`: of one address, whatever it asks. `all_together`: of all addresses, for whatever is not a look-up of a known contact:
    pages, searches, links, and ids that nobody has. `lookups`: of all addresses, for those look-ups and what comes by their path.
    The two do not touch: pages and searches, which cost a hundred times as much, can be used up while every card that somebody
    has put on a page goes on.
    """

    def __init__(self, each: int = 600, all_together: int = 0, lookups: int = 0, processes: int = 1, contacts: int = 0) -> None:
        """`processes`: among how many what all may ask is divided; `contacts`: that one address may look at in a day."""
        self.acquaintance = Acquaintance(contacts)
        self._each = each
        self._all = -(-all_together // processes)
        self._lookups = -(-lookups // processes)
        self._until = 0.0
        self._spent: dict[str, int] = {}
        self._networks: dict[str, str] = {}
        self._others = 0
        self._looked_up = 0

    def look_up(self, address: str, now: float) -> bool:
        """Count one look-up; False where the budget is used up."""
        if not now < self._until <= now + _MINUTE:
            self._begin(now)
        if ":" in address:
            address = self._network(address)
        self._looked_up += 1
        self._spent[address] = spent = self._spent.get(address, 0) + 1
        return not ((self._each and spent > self._each) or (self._lookups and self._looked_up > self._lookups))

    def spend(self, address: str, now: float) -> bool:
        """Count one request that is no look-up; False where the budget is used up."""
        self._begin(now)
        if ":" in address:
            address = self._network(address)
        self._spent[address] = spent = self._spent.get(address, 0) + 1
        return not (self._each and spent > self._each) and self.of_all(now)

    def of_all(self, now: float) -> bool:
        """Count one request against what all may ask together, as is done where a look-up turns out to be of nobody."""
        self._begin(now)
        self._others += 1
        return not (self._all and self._others > self._all)

    def meets(self, address: str, contact: str, now: float) -> bool:
        """Count one contact at whom an address looks; False where it has looked at too many others today."""
        return self.acquaintance.meets(self._network(address) if ":" in address else address, contact, now)

    def give_back(self, address: str) -> None:
        """Take the last look-up of an address back: it was none, and is counted as what it is."""
        self._spent[self._networks.get(address, address)] -= 1
        self._looked_up -= 1

    def wait(self, now: float) -> int:
        """Seconds after which there is a new budget."""
        return max(1, int(self._until - now) + 1)

    def _begin(self, now: float) -> None:
        """A new minute, where the last is over or the clock was set back."""
        if not now < self._until <= now + _MINUTE:
            self._spent.clear()
            self._networks.clear()
            self._others = self._looked_up = 0
            self._until = now + _MINUTE
            self.acquaintance.forget(now)

    def _network(self, address: str) -> str:
        found = self._networks.get(address)
        if found is None:
            found = self._networks[address] = network(address)
        return found
