"""From an entry to a person: the record, and the aliases by which other sources know them."""

import re
from collections.abc import Sequence

from connectors.directory import dn as names
from connectors.directory import entry as values
from connectors.directory.entry import Entry
from connectors.directory.mapping import Attributes, Mapping
from connectors.directory.numbers import Number, Plan, parse
from connectors.directory.report import Report
from presence.domain.directory import AliasKind
from presence.domain.facts import ChannelRecord, ContactRecord, Post

_ACCOUNT_DISABLED = 2  # bit of userAccountControl [MS-ADTS] 2.2.16
_MAIL = re.compile(r"[^\s@<>()\[\],;:\\\"?&%]+@[^\s@<>()\[\],;:\\\"?&%]+\Z")
_LIST = re.compile(r"[;,]")
_POSTAL_ESCAPE = re.compile(r"\\(24|5[cC])")
_NUMBERS: tuple[tuple[str, str], ...] = (
    ("telephone", "telephone"),
    ("mobile", "mobile"),
    ("text_telephone", "text-telephone"),
    ("fax", "fax"),
)


class People:
    """Reads people out of entries by the mapping; counts what it could not use in `report`."""

    def __init__(self, mapping: Mapping, report: Report) -> None:
        self.report = report
        self._plan = mapping.plan
        self._direct = mapping.direct
        self._language = mapping.language.lower()
        self._disabled = mapping.preset == "active_directory"
        self._names = {field: tuple(name.lower() for name in mapping.names(field)) for field in Attributes.__struct_fields__}

    def switched_off(self, entry: Entry) -> bool:
        """Whether this is an account of Active Directory that is disabled or deleted."""
        if not self._disabled:
            return False
        if entry.attributes.get("isdeleted", [b""])[0].upper() == b"TRUE":
            return True
        try:
            return bool(int(entry.attributes.get("useraccountcontrol", [b"0"])[0]) & _ACCOUNT_DISABLED)
        except (ValueError, IndexError):
            return True  # an account whose state cannot be read is not published

    def identity(self, entry: Entry) -> str | None:
        """Who this is, for ever; None when the entry does not tell."""
        for name in self._names["identity"]:
            if name == "dn":
                return names.key(entry.dn) or None
            for value in entry.raw(name):
                if found := values.identity(name, value):
                    return found
        return None

    def record(self, entry: Entry, place: str, units: Sequence[str]) -> ContactRecord | None:
        """What the entry, which stands at `place`, says of the person, who belongs to `units`; None when it gives no name."""
        given, family = self._text(entry, "given"), self._text(entry, "family")
        name = self._text(entry, "name") or f"{given} {family}".strip()
        if not name:
            return None
        channels, extensions = self._channels(entry)
        return ContactRecord(
            name=name,
            given=given,
            family=family,
            nicknames=self._texts(entry, "nicknames"),
            posts=self._posts(entry, units),
            channels=channels,
            office_address=self._address(entry, "office_address"),
            postal_address=self._address(entry, "postal_address"),
            room=self._text(entry, "room"),
            keywords=self._list(entry, "keywords"),
            languages=self._list(entry, "languages"),
            hours=self._text(entry, "hours"),
            schedule=self._text(entry, "schedule"),
            deputies=self._deputies(entry),
            aliases=(*self._aliases(entry, extensions), f"dn:{place}"),
        )

    def _texts(self, entry: Entry, field: str) -> tuple[str, ...]:
        found = entry.first(self._names[field], self._language)
        if not found:
            return ()
        texts, refused = values.texts(found)
        self.report.refused_values += refused
        return texts

    def _text(self, entry: Entry, field: str) -> str:
        texts = self._texts(entry, field)
        return texts[0] if texts else ""

    def _list(self, entry: Entry, field: str) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(word for text in self._texts(entry, field) for part in _LIST.split(text) if (word := part.strip()))
        )

    def _address(self, entry: Entry, field: str) -> str:
        """A postal address has its lines parted by `$` (RFC 4517 3.3.28)."""
        lines = (line.strip() for line in self._text(entry, field).split("$"))
        unescaped = (_POSTAL_ESCAPE.sub(lambda match: "$" if match.group(1) == "24" else "\\", line) for line in lines)
        return ", ".join(line for line in unescaped if line)

    def _posts(self, entry: Entry, units: Sequence[str]) -> tuple[Post, ...]:
        """One post a unit; with several titles and one unit, one a title. Values have no order, so nothing else can be paired."""
        titles, employment = self._texts(entry, "title"), self._text(entry, "employment")
        if len(units) <= 1:
            unit = units[0] if units else ""
            posts = tuple(Post(title=title, unit=unit, employment=employment) for title in titles or ("",))
            return posts if titles or unit else ()
        return tuple(Post(title=", ".join(titles), unit=unit, employment=employment) for unit in units)

    def _channels(self, entry: Entry) -> tuple[tuple[ChannelRecord, ...], tuple[str, ...]]:
        found: dict[tuple[str, str], None] = {}
        extensions: dict[str, None] = {}
        for field, kind in _NUMBERS:
            for text in self._texts(entry, field):
                number = self._number(text, self._plan if field == "telephone" else self._direct)
                if number and number.e164:
                    found[kind, number.dialled if field == "telephone" else number.e164] = None
                if number and number.extension and field == "telephone":
                    extensions[number.extension] = None
        for text in self._texts(entry, "mail"):
            if _MAIL.match(text):
                found["e-mail", text] = None
            else:
                self.report.refused_values += 1
        for text in self._texts(entry, "extension"):
            number = self._number(text, self._direct)
            if number and number.extension:
                extensions[number.extension] = None
        return tuple(ChannelRecord(kind=kind, value=value) for kind, value in found), tuple(extensions)

    def _number(self, text: str, plan: Plan) -> Number | None:
        number = parse(text, plan)
        self.report.refused_numbers += number is None
        return number

    def _deputies(self, entry: Entry) -> tuple[str, ...]:
        return tuple(alias for text in self._texts(entry, "deputy") if (alias := reference(text)))

    def _aliases(self, entry: Entry, extensions: Sequence[str]) -> tuple[str, ...]:
        found: dict[str, None] = {}

        def add(kind: AliasKind, text: str) -> None:
            if text := text.strip():
                found[f"{kind}:{text}"] = None

        for text in self._texts(entry, "mail"):
            if _MAIL.match(text):
                add("mail", text.casefold())
        for text in self._texts(entry, "proxies"):
            scheme, _, address = text.casefold().partition(":")
            if scheme == "smtp" and _MAIL.match(address):
                add("mail", address)
            elif scheme == "sip":
                add("sip", address)
        for text in self._texts(entry, "employee"):
            add("employee", text)
        for text in self._texts(entry, "upn"):
            add("upn", text.casefold())
        for text in self._texts(entry, "oid"):
            add("oid", text.casefold().removeprefix("user_"))
        for text in self._texts(entry, "sip"):
            add("sip", text.casefold().removeprefix("sip:"))
        for extension in extensions:
            add("ext", extension)
        for text in self._texts(entry, "uid"):
            add("uid", text.casefold())
        return tuple(found)


def reference(text: str) -> str:
    """How one entry names another, as an alias: by distinguished name, address or employee number; else empty."""
    if "=" in text:
        try:
            return f"dn:{names.key(text)}"
        except ValueError:
            return ""
    if _MAIL.match(text):
        return f"mail:{text.casefold()}"
    return f"employee:{text}" if text.isalnum() else ""
