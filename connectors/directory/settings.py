"""Settings of the connector for LDAP."""

from typing import Annotated

from msgspec import Meta

from connectors.directory import dn as names
from connectors.directory.client import check_filter
from connectors.directory.mapping import Mapping, Path
from connectors.directory.server import Scope, Security, Server

Duration = Annotated[int, Meta(ge=1, extra={"format": "duration"})]
_FILTERS = {
    "inetorgperson": "(objectClass=inetOrgPerson)",
    "active_directory": "(&(objectCategory=person)(objectClass=user))",
}


class LdapSettings(Mapping, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of `connectors.ldap:Ldap`; times in whole seconds."""

    url: Annotated[str | list[str], Meta(extra={"hint": 'Example: url = "ldaps://katalog.example.se".'})]
    bind_dn: str = ""
    password_file: Path = ""
    password_env: str = ""  # name of an environment variable
    anonymous: bool = False  # read without an account, on purpose
    filter: str = ""  # of people; empty: as the preset has it
    scope: Scope = "subtree"
    tls: Security | None = None  # None: by the address, StartTLS for ldap://
    insecure: bool = False  # must be true for tls = "none"
    ca_file: Path = ""  # empty: the system's authorities
    connect_timeout: Duration = 5
    receive_timeout: Duration = 10
    deadline: Duration = 120
    page_size: Annotated[int, Meta(ge=1, le=10_000)] = 500
    max_entries: Annotated[int, Meta(ge=1)] = 1_000_000

    def __post_init__(self) -> None:
        if not self.servers:
            raise ValueError("url names no server")
        if (self.tls == "none") != self.insecure:
            raise ValueError(
                'tls = "none" sends passwords and people in clear text and needs insecure = true, which nothing else takes'
            )
        if not self.base or not names.parse(self.base):
            raise ValueError("base is missing: the distinguished name below which people are looked for")
        given = [bool(self.password_file), bool(self.password_env)]
        if self.anonymous and (self.bind_dn or any(given)):
            raise ValueError("anonymous reading takes neither bind_dn nor password")
        if not self.anonymous and (not self.bind_dn.strip() or sum(given) != 1):
            raise ValueError("bind_dn and one of password_file and password_env are needed (or anonymous = true, on purpose)")
        if "*" in self.asked() or "+" in self.asked():
            raise ValueError("attributes are named one by one, never by * or +")
        check_filter(self.people_filter)
        if self.marks is not None and self.marks.attribute:
            check_filter(self.mark_filter)

    @property
    def servers(self) -> list[Server]:
        """In the order in which they are tried. Raises `ValueError`."""
        urls = [self.url] if isinstance(self.url, str) else self.url
        return [Server.parse(url, self.tls, self.ca_file) for url in urls]

    @property
    def people_filter(self) -> str:
        return self.filter or _FILTERS[self.preset]

    @property
    def mark_filter(self) -> str:
        """People who bear the attribute that marks protected ones, whatever its value."""
        return f"(&{self.people_filter}({self.marks.attribute if self.marks else ''}=*))"
