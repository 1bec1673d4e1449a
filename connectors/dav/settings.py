"""Settings of the connector for CalDAV."""

from typing import Annotated

import msgspec
from msgspec import Meta

from connectors.calendars import Says
from connectors.dav.collection import Mode
from connectors.dav.people import filled

Path = Annotated[str, Meta(extra={"format": "path"})]


class CalDavSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of `connectors.caldav:CalDav`. At least one of `people`, `list_file` and `calendars` says whose there are.

    An address is relative to `url`, or is mailto: and asked for at `outbox`. An alias without a kind is of the kind `alias`.
    """

    url: Annotated[str, Meta(extra={"format": "url", "hint": 'Example: url = "https://kalender.example.se/dav/".'})]
    calendar: str | list[str] = []  # where a person's calendar is, or several; {alias}, {user} and {mail} are filled in
    people: list[str] = []  # aliases whose calendars are where `calendar` says
    list_file: Path = ""  # lines of an alias and, where they lie elsewhere, the addresses of the person's calendars
    calendars: dict[str, str | list[str]] = {}  # the same here
    alias: str = "mail"
    mode: Mode = "auto"  # free-busy, and events where the server does not tell it
    outbox: str = ""  # a scheduling outbox, for people whose address is mailto:
    organizer: str = ""  # who asks there, a mailto: address
    user: str = ""
    password_file: Path = ""
    password_env: str = ""  # name of an environment variable
    token_file: Path = ""  # a bearer token instead
    insecure: bool = False  # must be true for an account over http
    zone: Annotated[str, Meta(extra={"format": "zone"})] = "Europe/Stockholm"  # of the owners, for all-day and floating times
    days: Annotated[int, Meta(ge=1, le=730)] = 60  # how far ahead is read
    tentative: bool = False  # tentatively busy makes busy
    codes: dict[str, Says] = {}  # referral codes at the start of a subject, for mode = "events" only
    allow_networks: tuple[Annotated[str, Meta(extra={"format": "network"})], ...] = ()  # others inside are refused
    ca_file: Path = ""  # certificates of the organisation's own authority, beside those of the system
    timeout: Annotated[int, Meta(ge=1, le=600, extra={"format": "duration"})] = 30  # seconds for one request
    size: Annotated[int, Meta(ge=1, le=100_000_000)] = 10_000_000  # bytes of one answer
    connections: Annotated[int, Meta(ge=1, le=100)] = 8

    def __post_init__(self) -> None:
        if not (self.people or self.list_file or self.calendars):
            raise ValueError("says nowhere whose calendars there are; it needs people, list_file or calendars.")
        if self.people and not self.templates:
            raise ValueError("calendar is missing: where the calendars of people are.")
        for template in self.templates:
            filled(template, "mail:a@b.example")
        if bool(self.outbox) != bool(self.organizer):
            raise ValueError("outbox and organizer need each other.")
        if self.organizer and not self.organizer.lower().startswith("mailto:"):
            raise ValueError('organizer should be an address such as "mailto:presence@example.se".')
        self._check_account()
        if self.codes and self.mode != "events":
            raise ValueError('codes stand in subjects, which are read with mode = "events" only.')

    def _check_account(self) -> None:
        secrets = [bool(self.password_file), bool(self.password_env)]
        if self.user and (sum(secrets) != 1 or self.token_file):
            raise ValueError("user needs one of password_file and password_env, and no token_file.")
        if not self.user and any(secrets):
            raise ValueError("user is missing.")
        account = bool(self.user or self.token_file)
        if account and not self.url.lower().startswith("https://") and not self.insecure:
            raise ValueError("url sends the account in clear text: use https, or say insecure = true on purpose.")
        if self.insecure and (not account or self.url.lower().startswith("https://")):
            raise ValueError("insecure = true is for an account over http and nothing else.")

    @property
    def templates(self) -> tuple[str, ...]:
        return (self.calendar,) if isinstance(self.calendar, str) else tuple(self.calendar)
