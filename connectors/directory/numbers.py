"""Telephone numbers as people write them in directories, as E.164 and internal extensions."""

import re
from functools import lru_cache

import msgspec
import phonenumbers

_OPTIONAL_ZERO = re.compile(r"\(0\)")
_NOT_DIGITS = re.compile(r"[^0-9]")
_EXTENSION = re.compile(r";ext=|\b(?:anknytning|ankn|ext|x)\b\.?", re.IGNORECASE)
_LABEL = re.compile(r"^(?:tel|sip|telefon|phone|tfn)\b[.:]?\s*", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_SEVERAL = re.compile(r"[,/]")


_SHORT = 4
"""Digits of an extension, where nobody says."""


class Number(msgspec.Struct, frozen=True):
    """`e164` as it is dialled from anywhere, empty for a purely internal number; `extension` within the organisation.

    `asked`: the extension that the switchboard at `e164` is asked for; empty where the number leads there by itself.
    """

    e164: str = ""
    extension: str = ""
    asked: str = ""

    @property
    def dialled(self) -> str:
        """As RFC 3966 has it in a tel: address, without its scheme; empty for what nobody outside can dial."""
        return f"{self.e164};ext={self.asked}" if self.e164 and self.asked else self.e164


class Plan(msgspec.Struct, frozen=True):
    """How the organisation's numbers are written short."""

    region: str = "SE"  # ISO 3166 region of numbers written without a country code
    area_code: str = ""  # of numbers written without one, with its trunk prefix: "0980"
    extension_length: int = 0  # digits of an internal extension; they end the full number. 0: no extensions
    switchboard: str = ""  # by which an extension that is all there is can be reached


@lru_cache(maxsize=131_072)  # parsing is the costliest part of a reading, and the numbers are the same every time
def parse(text: str, plan: Plan) -> Number | None:
    """The number in a text, the first where several stand; None when there is none that could be dialled."""
    written = _LABEL.sub("", _OPTIONAL_ZERO.sub("", text.strip())).partition(";phone-context")[0]
    written = _EXTENSION.sub(" ext ", written)
    if _LETTERS.search(written.replace(" ext ", "")):
        return None  # words: letters on the keys are not how numbers are written here
    whole = _one(written, plan)
    if whole is None and (parts := _SEVERAL.split(written))[1:]:
        return _one(parts[0].strip(), plan)
    return whole


def _one(written: str, plan: Plan) -> Number | None:
    digits = _NOT_DIGITS.sub("", written)
    short = plan.extension_length
    if short and len(digits) == short and not written.startswith("+"):
        board = _one(plan.switchboard, msgspec.structs.replace(plan, switchboard="")) if plan.switchboard else None
        return Number(board.e164, digits, digits) if board else Number(extension=digits)
    if plan.area_code and written[:1] not in ("+", "0"):
        written = plan.area_code + written
    try:
        found = phonenumbers.parse(written, plan.region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(found):
        return None
    e164 = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
    own = found.extension if short and found.extension and len(found.extension) == short else ""
    written_out = found.extension or ""
    is_own_end = len(written_out) == (short or _SHORT) and e164.endswith(written_out)
    asked = "" if is_own_end else written_out  # a direct number may have its own end written behind it
    return Number(e164, own or (e164[-short:] if short else ""), asked)
