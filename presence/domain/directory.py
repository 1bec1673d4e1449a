"""Who there is: contacts, merged from what each source says of them, in a tree of units."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, get_args

import msgspec

from presence.domain.facts import ChannelRecord, ContactRecord, DayException, Post, UnitRecord

ContactType = Literal["person", "function", "service_point"]
Visibility = Literal["shown", "staff", "unreachable"]


AliasKind = Literal["mail", "employee", "ext", "upn", "oid", "sip", "uid"]
ALIAS_KINDS: tuple[str, ...] = get_args(AliasKind)
"""Of aliases that directories give. Others are there where the configuration names them for a source."""


class Alias(NamedTuple):
    """The key by which a source knows a contact, written `kind:value` (mail:anna@example.se, employee:10023, ext:1234)."""

    kind: str
    value: str

    @classmethod
    def parse(cls, text: str) -> "Alias":
        """Kinds are lower case; mail, upn and sip values compare without case. Raises ValueError."""
        kind, colon, value = text.strip().partition(":")
        kind, value = kind.strip().lower(), value.strip()
        if not (colon and kind and value):
            raise ValueError("an alias is written kind:value")
        if kind in ("mail", "upn", "sip", "oid", "uid", "dn"):
            value = value.casefold()
        return cls(kind, value)

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


def public_id(installation_key: bytes, identity: str) -> str:
    """Stable across a rebuilt store, not guessable, not ordered: 16 characters of base32 (80 bits)."""
    digest = hmac.digest(installation_key, identity.encode(), hashlib.sha256)
    return base64.b32encode(digest[:10]).decode().lower()


class Contact(msgspec.Struct, frozen=True):
    """A person, function or service point, as all sources together describe it."""

    id: str
    type: ContactType = "person"
    name: str = ""
    given: str = ""
    family: str = ""
    nicknames: tuple[str, ...] = ()
    posts: tuple[Post, ...] = ()
    channels: tuple[ChannelRecord, ...] = ()
    office_address: str = ""
    postal_address: str = ""
    room: str = ""
    keywords: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    hours: str = ""
    schedule: str = ""
    exceptions: tuple[DayException, ...] = ()
    deputies: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    hidden: bool = False


class Unit(msgspec.Struct, frozen=True):
    """A node of the organisation."""

    id: str
    name: str
    parent: str = ""
    hours: str = ""
    exceptions: tuple[DayException, ...] = ()
    service_point: str = ""
    channels: tuple[ChannelRecord, ...] = ()
    keywords: tuple[str, ...] = ()


_UNITED = ("nicknames", "keywords", "languages", "aliases")  # fields to which every source adds
_OWNED = (
    "name",
    "given",
    "family",
    "posts",
    "office_address",
    "postal_address",
    "room",
    "hours",
    "schedule",
    "exceptions",
    "deputies",
)


def merge_contact(contact: str, records: Sequence[ContactRecord]) -> Contact:
    """The first record that has a field owns it; `records` come in the order in which the sources are configured.

    A channel kind is owned as a field is. Hidden by one source is hidden.
    """
    fields: dict[str, object] = {name: _first(records, name) for name in _OWNED}
    for name in _UNITED:
        fields[name] = tuple(dict.fromkeys(value for record in records for value in getattr(record, name)))
    owner: dict[str, int] = {}
    channels = [c for i, r in enumerate(records) for c in r.channels if owner.setdefault(c.kind, i) == i]
    type_ = next((r.type for r in records if r.type != "person"), "person")
    hidden = any(r.hidden for r in records)
    return Contact(id=contact, type=type_, channels=tuple(channels), hidden=hidden, **fields)  # type: ignore[arg-type]


def _first(records: Sequence[ContactRecord], name: str) -> object:
    values = [getattr(record, name) for record in records]
    return next((value for value in values if value), values[0] if values else "")


def merge_unit(unit: str, records: Sequence[UnitRecord]) -> Unit:
    """As `merge_contact`."""

    def first(name: str) -> object:
        return next((value for r in records if (value := getattr(r, name))), getattr(records[0], name))

    names = ("name", "parent", "hours", "exceptions", "service_point", "channels", "keywords")
    return Unit(id=unit, **{name: first(name) for name in names})  # type: ignore[arg-type]


def lineage(units: Mapping[str, Unit], unit: str) -> list[Unit]:
    """The unit and those above it, nearest first; a loop in the data ends where it would begin again."""
    line: list[Unit] = []
    seen: set[str] = set()
    while unit and unit in units and unit not in seen:
        seen.add(unit)
        line.append(units[unit])
        unit = units[unit].parent
    return line


def path(units: Mapping[str, Unit], unit: str) -> tuple[str, ...]:
    """Names from the root down."""
    return tuple(u.name for u in reversed(lineage(units, unit)))


class PublicationRule(msgspec.Struct, frozen=True):
    """What of a unit's contacts the public may see. `unit`: a name path from the root ("Stadsbyggnad/Bygglov"), or "*".

    `fields` names channel kinds and other fields; what it does not name is shown with the contact.
    """

    unit: str = "*"
    contacts: Literal["shown", "staff"] = "staff"
    fields: dict[str, Visibility] = {}


class Publication(msgspec.Struct, frozen=True):
    """The rules; without any nobody is published."""

    rules: tuple[PublicationRule, ...] = ()

    def for_contact(self, contact: Contact, units: Mapping[str, Unit]) -> PublicationRule | None:
        """The rule by which the contact is shown, or None. Of several posts, the first that is shown decides.

        The rule of the nearest unit wins, field by field; among rules of one unit the later one.
        """
        rules = (self._of_unit(units, post.unit) for post in contact.posts or (Post(),))
        return next((rule for rule in rules if rule and rule.contacts == "shown"), None)

    def posts(self, contact: Contact, units: Mapping[str, Unit]) -> tuple[Post, ...]:
        """The contact's posts in units that are published."""
        found = ((post, self._of_unit(units, post.unit)) for post in contact.posts)
        return tuple(post for post, rule in found if rule and rule.contacts == "shown")

    def _of_unit(self, units: Mapping[str, Unit], unit: str) -> PublicationRule | None:
        """The nearest unit with a rule says who is shown; each field is as the nearest that names it says."""
        names = path(units, unit)
        found: PublicationRule | None = None
        for depth in range(len(names) + 1):
            wanted = "/".join(names[:depth]) or "*"
            for rule in self.rules:
                if rule.unit.strip("/") == wanted:
                    fields = {**(found.fields if found else {}), **rule.fields}
                    found = PublicationRule(rule.unit, rule.contacts, fields)
        return found
