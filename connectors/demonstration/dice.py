"""Chance that comes out the same in every process, on every machine and after every restart."""

from bisect import bisect_right
from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")

_SLACK = 32  # bits kept in hand, so that no outcome is favoured by more than one in 4 billion


class Weighted(Generic[T]):
    """Values and how often each is drawn."""

    def __init__(self, weights: dict[T, int]) -> None:
        self.values = tuple(weights)
        self.bounds = tuple(accumulate(weights.values()))


class Dice:
    """Draws decided by their key alone: the same key gives the same draws, in order.

    A digest instead of `random.Random`, whose seeding costs ten times as much and whose draws are no promise between versions.
    """

    __slots__ = ("_key", "_left", "_round")

    def __init__(self, *key: object) -> None:
        self._key = "/".join(map(str, key)).encode()
        self._round = 0
        self._left = 0

    def below(self, n: int) -> int:
        """0 to n - 1."""
        if self._left < n << _SLACK:
            digest = blake2b(self._key, salt=self._round.to_bytes(4, "big")).digest()
            self._left = int.from_bytes(digest, "big")
            self._round += 1
        self._left, drawn = divmod(self._left, n)
        return drawn

    def between(self, low: int, high: int) -> int:
        """Both included."""
        return low + self.below(high - low + 1)

    def chance(self, share: float) -> bool:
        """True in that share of draws."""
        return self.below(1_000_000) < share * 1_000_000

    def pick(self, values: Sequence[T]) -> T:
        return values[self.below(len(values))]

    def weighted(self, values: Weighted[T]) -> T:
        return values.values[bisect_right(values.bounds, self.below(values.bounds[-1]))]

    def shuffled(self, values: Sequence[T]) -> list[T]:
        rest = list(values)
        for last in range(len(rest) - 1, 0, -1):
            other = self.below(last + 1)
            rest[last], rest[other] = rest[other], rest[last]
        return rest
