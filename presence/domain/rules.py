"""What an installation has decided: the part of the configuration that the core reads, as one value."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from presence.domain.availability import PRECEDENCE
from presence.domain.counts import KEEP_DAYS
from presence.domain.directory import ALIAS_KINDS, Publication
from presence.domain.facts import Key, SourceKind, parts
from presence.domain.hours import HoursSpec
from presence.domain.red_days import RedDays


class Kind(msgspec.Struct, frozen=True):
    """A kind of channel. Live kinds need somebody at the other end now; written ones do not."""

    name: str
    live: bool
    label: dict[str, str] = {}  # by language
    scheme: str = ""  # of the link made from the value: tel, mailto, sms, or empty for an address or URL


KINDS = (
    Kind("telephone", True, {"sv": "Telefon", "en": "Telephone"}, "tel"),
    Kind("mobile", True, {"sv": "Mobil", "en": "Mobile"}, "tel"),
    Kind("text-telephone", True, {"sv": "Texttelefon", "en": "Text telephone"}, "tel"),
    Kind("chat", True, {"sv": "Chatt", "en": "Chat"}),
    Kind("e-service", False, {"sv": "E-tjänst", "en": "E-service"}),
    Kind("e-mail", False, {"sv": "E-post", "en": "Email"}, "mailto"),
    Kind("visit", True, {"sv": "Besök", "en": "Visit"}),
    Kind("post", False, {"sv": "Post", "en": "Post"}),
    Kind("fax", False, {"sv": "Fax", "en": "Fax"}),
)
"""The kinds known without configuration, in the one order in which every surface shows them."""

Way = Literal["self-service", "one-stop", "contact", "deputy", "topic", "service-point", "centre"]
WAYS: tuple[Way, ...] = ("self-service", "one-stop", "contact", "deputy", "topic", "service-point", "centre")


class SourceRule(msgspec.Struct, frozen=True):
    """How far a source is trusted."""

    type: SourceKind
    limit: int  # seconds after a success for which its silence counts
    alias_kinds: tuple[str, ...] = ()  # a contact that bears one is linked to this leave source
    heartbeats: bool = True
    available_lease: int = 5 * 60  # the longest lease of "available"
    busy_lease: int = 60 * 60

    def takes(self, kind: str) -> bool:
        """Whether an alias of that kind may come from it: any other word before a colon would be nobody's key, or a note."""
        return kind in ALIAS_KINDS or kind in self.alias_kinds


class Rules(msgspec.Struct, frozen=True):
    """See the module. Times are in seconds."""

    name: str = ""
    zone: str = "Europe/Stockholm"
    languages: tuple[str, ...] = ("sv", "en")
    address: str = ""  # where the public finds this service, without a slash at the end
    hours: HoursSpec | None = None  # the organisation's, for whoever has none nearer
    red_days: RedDays = RedDays()
    centre: str = ""  # contact id of the one-stop centre
    precedence: tuple[str, ...] = PRECEDENCE
    return_days: int = 1
    tick: int = 30
    lag: int = 2
    leave_is_evidence: bool = False
    offline: int = 30 * 60  # open seconds after which an offline chat client is a sign of doubt
    kinds: tuple[Kind, ...] = KINDS
    ways: tuple[Way, ...] = WAYS
    publication: Publication = Publication()
    mark_sources: tuple[str, ...] | None = None  # None: protection is not managed here, on purpose
    sources: dict[str, SourceRule] = {}  # in order: the first configured one owns a field
    waiting_limit: int = 15 * 60
    keep_counts: int = KEEP_DAYS * 86_400

    def meant(self, name: str) -> str:
        """The kind that a link means, however it is spelt: `email` for `e-mail`, `Text-Telephone` for `text-telephone`."""
        return next((k.name for k in self.kinds if _bare(k.name) == _bare(name)), name)

    def kind(self, name: str) -> Kind:
        """A kind that nobody configured is written, and shown last: it promises nothing."""
        return next((k for k in self.kinds if k.name == name), Kind(name, False))

    def tick_at(self, now: float) -> int:
        """The tick that holds at `now`."""
        return int(now // self.tick) * self.tick

    def of_directory(self, keys: Iterable[Key]) -> bool:
        """Whether any of these facts is what a directory says of a contact or a unit."""
        directories = {name for name, rule in self.sources.items() if rule.type == "directory"}
        return any(name.startswith(("contact/", "unit/")) and parts(name)[2] in directories for name in keys)


def _bare(name: str) -> str:
    return name.replace("-", "").casefold()
