"""What can be set in `presence.toml`, and what holds where it is not. Durations are whole seconds."""

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, field

from presence.configuration.stated import ContactSettings, TopicSettings, UnitSettings
from presence.configuration.values import (
    Clock,
    Colour,
    Duration,
    Hours,
    Label,
    Language,
    Listen,
    Network,
    Origin,
    Path,
    Settings,
    Url,
    missing,
)
from presence.domain.facts import ChannelRecord, DayException, Report, SourceKind


class Organisation(Settings, frozen=True):
    """Who runs the service, and when it works."""

    name: Annotated[str, Meta(min_length=1), missing('Example: name = "Björkdalens kommun".')]
    zone: Annotated[str, Meta(extra={"format": "zone"})] = "Europe/Stockholm"
    country: Annotated[str, Meta(extra={"format": "country"})] = "SE"  # whose holidays are kept
    languages: tuple[Language, ...] = ("sv", "en")  # the first is the default
    address: Url = ""  # under which visitors reach the service; links begin with it; empty: where it listens
    home: Url = ""  # the organisation's own site, to which its name or logo leads; empty: the search
    logo: Path = ""  # a file: svg, png or webp, at most 100 kB; empty: the name in its place
    logo_dark: Path = ""  # for dark surroundings; empty: the same, on a light plate
    colours: dict[str, Colour] = field(default_factory=dict)  # see docs/theming.md
    catalogues: Path = ""  # a folder with LANGUAGE.po of further languages
    hours: Hours = ""
    exceptions: tuple[DayException, ...] = ()
    closed_days: tuple[Literal["public", "de_facto", "bank", "optional", "half_day"], ...] = ("public", "de_facto")
    half_days: Clock = ""  # when hours end on half-days; empty: they are not kept
    bridge_days: Clock = ""  # when hours end on a working day between a holiday and a weekend; "00:00" closes it
    phone_region: Annotated[str, Meta(pattern="^[A-Z]{2}$")] = "SE"
    area_code: Annotated[str, Meta(pattern="^[0-9]*$")] = ""  # put before local numbers
    short_numbers: tuple[str, ...] = ()  # dialled as they stand
    extension_length: Annotated[int, Meta(ge=0, le=8)] = 0  # digits of an internal number; 0: there are none
    switchboard: str = ""  # the number by which people with an extension alone are reached; empty: they have no telephone here


class Centre(Settings, frozen=True):
    """The one-stop centre: a service point, and the last step of every referral."""

    name: Annotated[str, Meta(min_length=1), missing('Example: name = "Servicecenter".')]
    channels: Annotated[tuple[ChannelRecord, ...], missing('Like [[centre.channels]] kind = "telephone", value = "…".')]
    identity: str = "servicecenter"
    hours: Hours = ""  # empty: those of the organisation
    exceptions: tuple[DayException, ...] = ()
    office_address: str = ""
    postal_address: str = ""
    waiting_limit: Duration = 900  # above it written kinds come first


class Public(Settings, frozen=True):
    """The public view."""

    tick: Duration = 30  # it changes at multiples of this
    lag: Duration = 2  # how old a fact must be at a tick to show
    return_days: Annotated[int, Meta(ge=0, le=14)] = 1  # working days ahead for which a date of return is told


class ChannelKind(Settings, frozen=True):
    """A kind of channel: answered at once (live), or later (written)."""

    live: bool
    label: Label


Step = Literal["self-service", "one-stop", "contact", "deputy", "topic", "service-point", "centre"]
Rank = Literal["override", "leave", "hours", "presence:busy", "calendar", "presence:available", "assumed"]
STEPS: tuple[Step, ...] = ("self-service", "one-stop", "contact", "deputy", "topic", "service-point", "centre")
RANKS: tuple[Rank, ...] = ("override", "leave", "hours", "presence:busy", "calendar", "presence:available", "assumed")


class Referral(Settings, frozen=True):
    """The order in which a visitor is led on."""

    order: tuple[Step, ...] = STEPS


class Precedence(Settings, frozen=True):
    """Which evidence decides, highest first."""

    order: tuple[Rank, ...] = RANKS


class Limits(Settings, frozen=True):
    """How long evidence stands."""

    busy: Duration = 60 * 60  # the longest lease of a busy report
    available: Duration = 5 * 60  # and of an available one
    presence: Duration = 15 * 60
    calendar: Duration = 15 * 60
    leave: Duration = 36 * 3600  # not counting days on which the organisation is closed
    directory: Duration = 24 * 3600
    leave_is_evidence: bool = False
    offline: Duration = 30 * 60  # open hours of it after which an offline chat client is doubt


Shown = Literal["shown", "staff", "unreachable"]  # "unreachable": hidden while the contact cannot be reached


class PublicationRule(Settings, frozen=True):
    """Who is published. Of several rules that fit, the one for the nearest unit decides, field by field."""

    unit: str = "*"  # a unit by its path of names, "Stadsbyggnad/Bygglov", with all below it; "*": everybody
    contacts: Literal["shown", "staff"] = "shown"  # to the public, or to staff only
    fields: dict[str, Shown] = field(default_factory=dict)  # by channel kind, or title, unit, room, …


PROTECTED = 'Name the sources that mark protected people, protected = ["ldap"], or say protected = "none" on purpose.'


class Publication(Settings, frozen=True):
    """What the public sees. Without a rule nobody is published."""

    protected: Annotated[tuple[str, ...], missing(PROTECTED, format="protected")]  # sources with marks; or "none"
    rules: tuple[PublicationRule, ...] = ()


class Source(Settings, frozen=True):
    """A source and its connector. All other keys of its table are the connector's own."""

    beyond: ClassVar[tuple[str, ...]] = ("options", "settings")

    connector: Annotated[str, missing('Write module:Class, such as connector = "connectors.ldap:Ldap".', format="importable")]
    kind: Annotated[
        Literal["directory", "calendar", "leave", "presence", "schedule", "marks", "queue"],
        missing('Example: kind = "directory".'),
    ]
    interval: Duration = 5 * 60  # between readings
    limit: Duration = 0  # 0: the one of its kind in [limits]
    token_file: Path = ""  # SHA-256 digests of the tokens of a pushed source, one a line
    statuses: dict[str, Report] = field(default_factory=dict)  # the source's own words -> ours
    heartbeats: bool = True
    alias_kinds: tuple[str, ...] = ()  # further kinds that it may send; of leave: who bears one is linked to it; empty: employee
    options: dict[str, Any] = field(default_factory=dict)  # the connector's own keys as they are written
    settings: Any = None  # the same, read as the connector's `Settings`; None where it was not asked for


class StoreSettings(Settings, frozen=True):
    """Where facts are kept."""

    path: Path = "presence.sqlite"  # beside this file; its folder must be writable


class Server(Settings, frozen=True):
    """Where the service listens, and whom it trusts."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8020  # 0: any that is free
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    operations: Listen = "127.0.0.1:8021"  # health and metrics; empty: nowhere
    trusted_proxies: tuple[Network, ...] = ()  # whose X-Forwarded-For is believed
    allowed_hosts: tuple[str, ...] = ()  # empty: any
    budget: Annotated[int, Meta(ge=0)] = 600  # public requests a minute from one address, to each process; 0: no limit
    budget_all: Annotated[int, Meta(ge=0)] = 12_000  # from all addresses, except look-ups of known contacts; 0: no limit
    budget_lookups: Annotated[int, Meta(ge=0)] = 0  # look-ups of known contacts from all addresses; 0: no limit
    budget_contacts: Annotated[int, Meta(ge=0, le=10_000)] = 160  # different contacts a day from one address; 0: no limit
    own_networks: tuple[Network, ...] = ()  # of the organisation's own web servers, which no budget counts
    embed_origins: tuple[Origin, ...] = ("*",)  # sites that may frame a card


class CountSettings(Settings, frozen=True):
    """Counts of outcomes by hour. No person and no address is in them; none under 10 is reported."""

    keep: Duration = 62 * 86_400  # after which an hour is forgotten


class Config(Settings, frozen=True):
    """The whole file."""

    organisation: Annotated[Organisation, missing('Begin with [organisation] and name = "…".')]
    centre: Annotated[Centre, missing('The one-stop centre is where everybody is led in the end: [centre] name = "…".')]
    publication: Annotated[Publication, missing(f"Begin with [publication]. {PROTECTED}")]
    key_file: Path = "installation.key"  # from which public ids are made; made at the first start, keep it
    public: Public = Public()
    channels: dict[str, ChannelKind] = field(default_factory=dict)  # in the order shown; the built-in ones are always there
    referral: Referral = Referral()
    precedence: Precedence = Precedence()
    limits: Limits = Limits()
    sources: dict[str, Source] = field(default_factory=dict)
    topics: dict[str, TopicSettings] = field(default_factory=dict)
    units: dict[str, UnitSettings] = field(default_factory=dict)
    contacts: dict[str, ContactSettings] = field(default_factory=dict)
    store: StoreSettings = StoreSettings()
    counts: CountSettings = CountSettings()
    server: Server = Server()
    texts: dict[str, Label] = field(default_factory=dict)  # by name in the catalogues
    phrases: dict[str, Label] = field(default_factory=dict)  # a reply time or cost as it is written above, in other languages


def limit_of(config: Config, source: Source) -> int:
    """How long, in seconds, a success of this source is evidence."""
    by_kind: dict[SourceKind, int] = {
        "directory": config.limits.directory,
        "marks": config.limits.directory,
        "calendar": config.limits.calendar,
        "leave": config.limits.leave,
        "presence": config.limits.presence,
        "schedule": config.limits.directory,
        "queue": config.limits.presence,
    }
    return source.limit or by_kind[source.kind]
