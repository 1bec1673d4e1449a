"""Names of time zones that products write although they are neither IANA names nor the English Windows names."""

import re

ALIASES: dict[str, str] = {
    # Exchange and Outlook 2003-2016 on Swedish, Norwegian, Danish, Finnish, German, French or Dutch Windows: localised names.
    "västeuropa, normaltid": "Europe/Berlin",
    "västeuropa, standardtid": "Europe/Berlin",
    "centraleuropa, normaltid": "Europe/Budapest",
    "centraleuropeisk, normaltid": "Europe/Warsaw",
    "romansk, normaltid": "Europe/Paris",
    "fle normaltid": "Europe/Helsinki",
    "gmt normaltid": "Europe/London",
    "greenwich, normaltid": "Atlantic/Reykjavik",
    "vest-europa (normaltid)": "Europe/Berlin",
    "vesteuropa (normaltid)": "Europe/Berlin",
    "romance (normaltid)": "Europe/Paris",
    "romansk tid (normaltid)": "Europe/Paris",
    "länsi-euroopan normaaliaika": "Europe/Berlin",
    "fle-normaaliaika": "Europe/Helsinki",
    "mitteleuropäische zeit": "Europe/Berlin",
    "westeuropäische normalzeit": "Europe/Berlin",
    "w. europa normalzeit": "Europe/Berlin",
    "mitteleuropäische normalzeit": "Europe/Berlin",
    "europe de l'ouest": "Europe/Berlin",
    "romance": "Europe/Paris",
    "west-europa (standaardtijd)": "Europe/Berlin",
    "w. europe": "Europe/Berlin",
    "w. europe daylight time": "Europe/Berlin",
    "romance daylight time": "Europe/Paris",
    "central european time": "Europe/Berlin",
    "central europe daylight time": "Europe/Budapest",
    "gmt daylight time": "Europe/London",
    "fle daylight time": "Europe/Helsinki",
    "eastern daylight time": "America/New_York",
    "pacific daylight time": "America/Los_Angeles",
    # Lotus Notes / Domino 6-9: one-word names.
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
    "western/central europe": "Europe/Berlin",
    "western europe": "Europe/London",
    "central europe": "Europe/Berlin",
    # Mozilla Calendar 0.x and DDay.iCal wrote a dash where the tz database has a slash.
    "us-eastern": "America/New_York",
    "us-central": "America/Chicago",
    "us-mountain": "America/Denver",
    "us-pacific": "America/Los_Angeles",
}

FORMER_WINDOWS: dict[str, str] = {
    # Windows 2000 to 10 before their updates: names that were given up for others.
    "Malay Peninsula Standard Time": "Asia/Kuala_Lumpur",
    "Mid-Atlantic Standard Time": "Atlantic/South_Georgia",
    "Kamchatka Standard Time": "Asia/Kamchatka",
}

_CITIES: dict[str, str] = {
    # Outlook on the web and Exchange Online: the display name, "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna".
    "stockholm": "Europe/Stockholm",
    "amsterdam": "Europe/Amsterdam",
    "copenhagen": "Europe/Copenhagen",
    "köpenhamn": "Europe/Copenhagen",
    "paris": "Europe/Paris",
    "budapest": "Europe/Budapest",
    "warsaw": "Europe/Warsaw",
    "warszawa": "Europe/Warsaw",
    "helsinki": "Europe/Helsinki",
    "helsingfors": "Europe/Helsinki",
    "athens": "Europe/Athens",
    "istanbul": "Europe/Istanbul",
    "london": "Europe/London",
    "dublin": "Europe/London",
    "reykjavik": "Atlantic/Reykjavik",
    "moscow": "Europe/Moscow",
    "moskva": "Europe/Moscow",
    "eastern time (us & canada)": "America/New_York",
    "central time (us & canada)": "America/Chicago",
    "mountain time (us & canada)": "America/Denver",
    "pacific time (us & canada)": "America/Los_Angeles",
    "atlantic time (canada)": "America/Halifax",
    "brasilia": "America/Sao_Paulo",
    "buenos aires": "America/Argentina/Buenos_Aires",
    "chennai": "Asia/Kolkata",
    "beijing": "Asia/Shanghai",
    "tokyo": "Asia/Tokyo",
    "sydney": "Australia/Sydney",
    "auckland": "Pacific/Auckland",
    "coordinated universal time": "Etc/UTC",
}


def says_nothing(name: str) -> bool:
    """Exchange Server 2010 to Online: "Customized Time Zone" is nobody's, and a file that names it often does not define it.

    Such a file defines the mailbox's own zone beside UTC, which is what Outlook shows the event in.
    """
    return name.strip().strip('"').lower() == "customized time zone"


def display(words: str) -> str | None:
    """The zone of a display name's list of cities: the first city in it that is known. Google and Lotus part them by slashes."""
    lowered = words.lower()
    if lowered in _CITIES:
        return _CITIES[lowered]
    for city in re.split(r"[,/;]", lowered):
        found = _CITIES.get(city.strip())
        if found:
            return found
    return None
