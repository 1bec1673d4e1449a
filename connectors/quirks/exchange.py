"""Defects of Microsoft Exchange and Outlook calendars."""

from connectors.calendars.model import Unreadable
from connectors.calendars.scan import Feed
from connectors.calendars.zones import Zones, by_name


def lost_tzid(feed: Feed, zones: Zones) -> None:
    """Exchange Server 2010-2016 behind relays that drop parameters: a VTIMEZONE, but no property that names it.

    Such a file defines one zone that is not a known one ("Customized Time Zone 1"), while all its times are without TZID.
    They are meant in that zone. A file whose zone has a name that any reader knows needs no such guess: its floating times stay
    the owner's.
    """
    name = zones.lone()
    if name is None or feed.zoned or by_name(name) is not None:
        return
    try:
        zones.floating = zones.get(name)
    except Unreadable:
        return
