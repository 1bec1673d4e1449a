"""Swedish personal identity numbers and coordination numbers, known by their shape, date and check digit."""

import re
from datetime import date
from unicodedata import normalize

_WRITTEN = re.compile(r"\D*(?:(?:18|19|20)\d{6}[-+ ]?|\d{6}[-+ ])\d{4}\D*", re.ASCII)
"""As only such a number is written: with its century, or its sign."""
_SIGNS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"[^\d]*(?:\d\d)?(\d\d)(\d\d)(\d\d)(\d{4})[^\d]*", re.ASCII)
HIDDEN = "(hidden)"


def is_personal(text: str) -> bool:
    """10 or 12 digits, with any signs between them and any letters around; of a coordination number the day is 60 more.

    Written as one, it is one whatever its check digit: a slip of the keyboard leaves it as telling as it was.
    """
    plain = normalize("NFKC", text)
    found = _NUMBER.fullmatch(_SIGNS.sub("", plain))
    if not found:
        return False
    year, month, day = (int(part) for part in found.groups()[:3])
    if not _is_date(year, month, day % 60 if day > 60 else day):
        return False
    return bool(_WRITTEN.fullmatch(plain)) or _checks("".join(found.groups()))


def masked(alias: str) -> str:
    """An alias as it may be shown."""
    kind, _, value = alias.partition(":")
    return f"{kind}:{HIDDEN}" if is_personal(value) else alias


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(2000 + year, month, day)  # a leap year in one century is one in the other, but for 1900
    except ValueError:
        return False
    return True


def _checks(digits: str) -> bool:
    """Luhn (ISO/IEC 7812-1, annex B) over ten digits."""
    doubled = (int(d) * (2 - i % 2) for i, d in enumerate(digits))
    return sum(n // 10 + n % 10 for n in doubled) % 10 == 0
