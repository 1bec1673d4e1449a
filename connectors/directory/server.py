"""Where a directory is, who reads it, and how long that may take."""

from typing import Literal
from urllib.parse import urlsplit

import msgspec

from presence.ports import SourceInvalid

Security = Literal["ldaps", "starttls", "none"]
Scope = Literal["base", "one", "subtree"]


class Limits(msgspec.Struct, frozen=True):
    """Seconds and counts beyond which a reading is given up."""

    connect: float = 5.0
    receive: float = 10.0
    deadline: float = 120.0
    page_size: int = 500
    entries: int = 1_000_000
    message: int = 16 * 1024 * 1024  # bytes of one entry


class Server(msgspec.Struct, frozen=True):
    """Where a directory is and how it proves itself. `ca_file` empty: the system's authorities."""

    host: str
    port: int
    security: Security
    ca_file: str = ""

    @classmethod
    def parse(cls, url: str, security: Security | None, ca_file: str) -> "Server":
        """Read an ldap:// or ldaps:// address. Raises `ValueError`."""
        parts = urlsplit(url)
        if parts.scheme not in ("ldap", "ldaps") or not parts.hostname or parts.path.strip("/") or parts.query or parts.username:
            raise ValueError("write the address of a directory as ldaps://host or ldap://host:port")
        if parts.scheme == "ldaps" and security not in (None, "ldaps"):
            raise ValueError(f'ldaps:// cannot be used with tls = "{security}"')
        if parts.scheme == "ldap" and security == "ldaps":
            raise ValueError('tls = "ldaps" needs an address that begins with ldaps://')
        secured: Security = security or ("ldaps" if parts.scheme == "ldaps" else "starttls")
        return cls(parts.hostname, parts.port or (636 if secured == "ldaps" else 389), secured, ca_file)


class Credentials(msgspec.Struct, frozen=True):
    """Who reads. Both empty: anonymously, on purpose. Its text never shows the password."""

    user: str
    password: str

    def __repr__(self) -> str:
        return "Credentials(...)"

    __str__ = __repr__

    def check(self) -> None:
        """Raises `SourceInvalid` before anything is sent: a bind with an empty password succeeds, as nobody (RFC 4513 5.1.2)."""
        if not self.user and not self.password:
            return
        if not self.user.strip() or not self.password.strip():
            raise SourceInvalid("credentials", "user or password is empty")
        if not self.password.isprintable() or not self.user.isprintable():
            raise SourceInvalid("credentials", "user or password holds control characters")
