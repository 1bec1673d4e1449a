"""Topics, units and contacts that the configuration itself states."""

from typing import Annotated, Literal

from presence.configuration.values import Alias, Hours, Settings, Url, missing
from presence.domain.facts import ChannelRecord, DayException, Level


class TopicSettings(Settings, frozen=True):
    """What people ask about."""

    name: Annotated[dict[str, str], missing('Example: name = "Bygglov".', format="label")]
    words: tuple[str, ...] = ()  # what people say for it: found exact, inflected and in compounds; see docs/search.md
    units: tuple[str, ...] = ()  # by path of names, or by name under [units]
    contacts: tuple[str, ...] = ()  # by alias, or by name under [contacts]
    level: Level = "expert"
    link: Url = ""


class UnitSettings(Settings, frozen=True):
    """A unit that the configuration states, or what it adds to the unit of a directory that has the same path of names."""

    name: Annotated[str, missing('Example: name = "Bygglov".')]
    parent: str = ""  # by path of names, or by name under [units]
    hours: Hours = ""
    exceptions: tuple[DayException, ...] = ()
    service_point: str = ""  # by alias, or by name under [contacts]
    channels: tuple[ChannelRecord, ...] = ()
    keywords: tuple[str, ...] = ()  # by which the search finds the unit beside its name


class ContactSettings(Settings, frozen=True):
    """A contact that the configuration states; its identity is its name in [contacts]."""

    name: Annotated[str, missing('Example: name = "Bygglovsbrevlådan".')]
    type: Literal["person", "function", "service_point"] = "function"
    unit: str = ""  # by path of names, or by name under [units]
    title: str = ""
    hours: Hours = ""
    schedule: Hours = ""
    channels: tuple[ChannelRecord, ...] = ()
    office_address: str = ""
    postal_address: str = ""
    aliases: tuple[Alias, ...] = ()
    deputies: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()  # by which the search finds the contact, where the policy shows them
    hidden: bool = False
