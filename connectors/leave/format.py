"""How a source writes its leave down: columns, dates, parts of the working time, words. Shared by files and what is sent."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from connectors.leave.headings import same

OPEN_END = ("tv", "t.v", "t.v.", "tills vidare", "tillsvidare", "until further notice", "-")
WITHDRAWN = (
    *("makulerad", "makulerat", "annullerad", "återkallad", "återtagen", "borttagen", "struken", "avslagen", "avslag"),
    *("cancelled", "canceled", "withdrawn", "rejected", "denied", "deleted", "revoked"),
)


class Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The heading under which each field stands; for iCalendar `person` may name a property. None at all: our own names.

    What is not named here is dropped where a line is split into cells.
    """

    person: str = ""  # an employee number, address or alias
    start: str = ""  # the first day, or a time
    end: str = ""  # the last day, or a time
    extent: str = ""  # of that employment's working time: 0,5 or 50 %
    employment: str = ""  # the employment's number
    share: str = ""  # the employment's part of all working time
    uid: str = ""  # HR's own name for the leave; a digest of it is kept
    status: str = ""  # compared with `withdrawn`, and forgotten
    start_time: str = ""  # a clock time beside the date in `start`
    end_time: str = ""  # and in `end`; 24:00 ends the day


OWN = Columns(*(name for name in Columns.__struct_fields__ if not name.endswith("_time") and name != "status"))
"""Our own names, as the source routes have them."""


class Format(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How leave is written. Raises ValueError where two settings contradict each other."""

    columns: Columns = Columns()  # which heading is which field; `presence hr map FILE` proposes them
    never_read: tuple[str, ...] = ()  # headings that must not be named in `columns`: reasons, personal identity numbers, pay
    alias: Annotated[str, Meta(pattern="^[a-z]+$")] = "employee"  # the kind of a person that is written without one
    encoding: Literal["auto", "utf-8", "utf-16", "cp1252"] = "auto"  # auto: its mark, else UTF-8, else cp1252
    delimiter: Literal["auto", ";", ",", "\t", "|"] = "auto"  # auto: by which the heading has all configured names
    date_format: str = ""  # of dates that could be read in two ways: "%d/%m/%Y"
    end_is: Literal["last-day", "first-day-back"] = "last-day"  # what a date in `end` means
    open_end: tuple[str, ...] = OPEN_END  # words in `end` for "until further notice"; an empty cell means it anyway
    open_from: str = "2099-01-01"  # an end on or after this day is none: 9999-12-31
    extent: Literal["auto", "part", "percent"] = "auto"  # auto: over 1, or with a percent sign, it is a percentage
    withdrawn: tuple[str, ...] = WITHDRAWN  # words in `status` of rows that do not count
    allow_personal_identity_numbers: bool = False  # as keys of persons; on purpose only
    zone: Annotated[str, Meta(extra={"format": "zone"})] = "Europe/Stockholm"  # of days, and of times that name none

    def __post_init__(self) -> None:
        named = [name for name in msgspec.structs.astuple(self.columns) if name]
        if named and not (self.columns.person and self.columns.start):
            raise ValueError("columns: person and start are needed.")
        for name in self.never_read:
            if any(same(name, each) for each in named):
                raise ValueError(f'never_read: "{name}" is named in columns as well.')
        if len({name.casefold() for name in named}) < len(named):
            raise ValueError("columns: two fields have one heading.")
        try:
            date.fromisoformat(self.open_from)
        except ValueError:
            raise ValueError('open_from is no date; write "2099-01-01".') from None
        if self.date_format and not _is_date_format(self.date_format):
            raise ValueError('date_format needs a day, a month and a year: "%d/%m/%Y".')

    @property
    def mapped(self) -> Columns:
        """The headings that are looked for."""
        return self.columns if self.columns.person else OWN

    @property
    def is_own(self) -> bool:
        """Whether the fields bear our own names: then a column that is none of them is refused."""
        return not self.columns.person


def _is_date_format(text: str) -> bool:
    """Whether a day comes back from it as it was written."""
    probe = datetime(2026, 11, 24)  # noqa: DTZ001  # a day
    try:
        return datetime.strptime(probe.strftime(text), text) == probe  # noqa: DTZ007
    except ValueError:
        return False
