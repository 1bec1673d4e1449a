"""Telephone numbers that nobody has: the ranges that the Swedish regulator PTS keeps for books, films and the like.

They hold 300 fixed and 95 mobile numbers. Contacts, heads, the cast and as many others as they last for get one of their own;
everybody else is reached through the switchboard with an internal extension (RFC 3966 writes it ;ext=).
"""

SWITCHBOARD_RANGE = "+469803192"  # 0980-319 200 to 299; two digits follow


def switchboard(tail: int) -> str:
    """A number in the range of the switchboard, E.164. 0 is the centre, 1 the switchboard, 2 the text telephone."""
    return f"{SWITCHBOARD_RANGE}{tail:02d}"


def direct() -> list[str]:
    """Fixed numbers for persons, each once."""
    own = [switchboard(tail) for tail in range(46, 100)]
    others = [("+468465004", 100), ("+463139006", 50), ("+464062804", 50)]
    return own + [f"{prefix}{tail:02d}" for prefix, count in others for tail in range(count)]


def mobiles() -> list[str]:
    """070-174 06 05 to 99."""
    return [f"+467017406{tail:02d}" for tail in range(5, 100)]


def through_switchboard(extension: str) -> str:
    return f"{switchboard(1)};ext={extension}"


def extension(number: int) -> str:
    """The internal number of the number-th person: four digits, no two alike below 6,000, in no order."""
    return str(2000 + number * 2741 % 6000)
