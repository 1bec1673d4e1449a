"""Telling visitors apart without knowing who they are: digests under a key that lives in memory only, and not for long."""

import hashlib
import ipaddress
import secrets


def network(address: str) -> str:
    """What one visitor has to themselves: an IPv4 address, also where it is written as IPv6, or the /64 of an IPv6 address."""
    if ":" not in address:
        return address
    try:
        found = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))


class Period:
    """A key for each period, made by chance and forgotten with it: no digest can be told from a random number afterwards."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._number = -1
        self._key = b""

    def turned(self, now: float) -> bool:
        """Whether another period has begun since this was last asked; then all digests are of nobody any more."""
        number = int(now) // self._seconds
        if number == self._number:
            return False
        self._number = number
        self._key = secrets.token_bytes(32)
        return True

    def digest(self, *parts: str) -> bytes:
        """Eight bytes."""
        return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), key=self._key, digest_size=8).digest()
