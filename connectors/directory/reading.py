"""One reading of a directory over LDAP: units, people, and the marks last."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from connectors.directory import dn as names
from connectors.directory import marks
from connectors.directory.assembly import UNIT_ATTRIBUTES, Assembly
from connectors.directory.client import Client
from connectors.directory.entry import Entry
from connectors.directory.report import Report
from connectors.directory.server import Credentials, Limits
from connectors.directory.settings import LdapSettings
from presence.ports import Batch, SourceInvalid, SourceUnavailable

_UNITS = "(|(objectClass=organizationalUnit)(objectClass=organization))"
_MEMBERS = ("member", "uniqueMember")
_TRY_NEXT = ("unreachable", "stalled", "busy", "interrupted")
_MOST_GROUPS = 10_000


class Reading:
    """Runs in a thread of its own; only `abort` may be called from another."""

    def __init__(
        self, source: str, settings: LdapSettings, now: Callable[[], float], steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._source = source
        self._settings = settings
        self._now = now
        self._steady = steady
        self._client: Client | None = None
        self._aborted = threading.Event()
        self._assembly = Assembly(settings)
        self._domain_scope = settings.preset == "active_directory"
        self.ended = threading.Event()

    @property
    def report(self) -> Report:
        return self._assembly.report

    def run(self) -> Batch:
        """The whole directory. Raises `SourceUnavailable` or `SourceInvalid`."""
        try:
            read_at = int(self._now())
            self._client = self._connected(self._steady() + self._settings.deadline)
            self._people()
            marks_at = int(self._now())
            return self._assembly.batch(self._source, read_at, self._marked(), marks_at)
        finally:
            if self._client is not None:
                self._client.close()
            self.ended.set()

    def abort(self) -> None:
        """End it from outside: whatever it waits for fails."""
        self._aborted.set()
        if (client := self._client) is not None:
            client.abort()

    def _connected(self, deadline: float) -> Client:
        """The first server of those configured that answers; a wrong password is not tried on the next one."""
        settings = self._settings
        limits = Limits(
            connect=settings.connect_timeout,
            receive=settings.receive_timeout,
            deadline=settings.deadline,
            page_size=settings.page_size,
            entries=settings.max_entries,
        )
        credentials = Credentials(settings.bind_dn, password(settings))
        failure = SourceUnavailable("unreachable")
        for server in settings.servers:
            if self._aborted.is_set() or self._steady() >= deadline:
                raise SourceUnavailable("stalled", "no server answered before the deadline")
            self._client = client = Client(server, limits, deadline, self._steady)
            try:
                client.open(credentials)
            except SourceUnavailable as error:
                if error.code not in _TRY_NEXT:
                    raise
                failure = error
            else:
                return client
        raise failure

    @property
    def _open(self) -> Client:
        if self._client is None:
            raise SourceUnavailable("interrupted", "the connection is closed")
        return self._client

    def _search(self, filter_: str, attributes: Sequence[str]) -> Iterator[Entry]:
        return self._open.search(self._settings.base, filter_, attributes, self._settings.scope, self._domain_scope)

    def _people(self) -> None:
        assembly, settings = self._assembly, self._settings
        if assembly.needs_unit_entries:
            for entry in self._search(_UNITS, [*_named(settings.names("identity")), *UNIT_ATTRIBUTES]):
                assembly.unit(entry)
        for entry in self._search(settings.people_filter, settings.asked()):
            assembly.person(entry)

    def _marked(self) -> set[str] | None:
        """Who is protected; None when this source is not asked to say."""
        wanted = self._settings.marks
        if wanted is None:
            return None
        found = marks.listed(wanted.list_file) if wanted.list_file else set()
        if wanted.attribute:
            attributes = [*_named(self._settings.names("identity")), wanted.attribute]
            for entry in self._search(self._settings.mark_filter, attributes):
                if marks.bears(entry, wanted.attribute, wanted.values):
                    found.add(self._assembly.who(names.key(entry.dn)))
        if wanted.group:
            found.update(self._assembly.who(place) for place in self._group(wanted.group))
        return found

    def _group(self, group: str) -> set[str]:
        """Places of all members, those of groups in the group included."""
        found: set[str] = set()
        ahead, seen = [group], {names.key(group)}
        while ahead:
            members = self._members(ahead.pop())
            if members is None and not found and len(seen) == 1:
                raise SourceInvalid("marks", "the group of protected people is not there, or its members may not be read")
            for member in members or ():
                place = names.key(member)
                found.add(place)
                if place not in seen and not self._assembly.knows(place):
                    seen.add(place)
                    ahead.append(member)
            if len(seen) > _MOST_GROUPS:
                raise SourceInvalid("marks", "the group of protected people holds too much that is not a person")
        return found

    def _members(self, group: str) -> list[str] | None:
        """Names in a group's members, by steps where the server gives them so (member;range=0-1499); None: not there."""
        found: list[str] = []
        wanted: Sequence[str] = _MEMBERS
        while wanted:
            try:
                entries = list(self._open.search(group, "(objectClass=*)", wanted, "base", self._domain_scope))
            except SourceInvalid as error:
                if error.code == "base":
                    return None
                raise
            if not entries:
                return None
            step, wanted = marks.members(entries[0])
            found += step
        if not found and self._settings.preset != "active_directory":
            return None  # the standard's groups have members: these may not be seen
        return found


def password(settings: LdapSettings) -> str:
    """Read anew each time, so that it can be changed while the service runs, and kept nowhere."""
    if settings.anonymous:
        return ""
    if settings.password_env:
        return os.environ.get(settings.password_env, "")
    try:
        return Path(settings.password_file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise SourceInvalid("credentials", "the password file cannot be read") from None


def _named(attributes: Sequence[str]) -> list[str]:
    """Without the pseudo-attribute dn; `1.1` asks for nothing (RFC 4511 4.5.1.8)."""
    return [name for name in attributes if name != "dn"] or ["1.1"]
