"""How the value of a channel is shown, as opposed to dialled or followed."""

from collections.abc import Container
from urllib.parse import urlsplit

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat


def number(value: str, region: str = "SE", short: Container[str] = ()) -> tuple[str, str]:
    """A telephone number as people of the region write it ("0980-31 92 50"), and its extension; what is no full number stays
    as it is."""
    if value in short:
        return value, ""
    try:
        parsed = phonenumbers.parse(value, region)
    except NumberParseException:
        return value, ""
    if not phonenumbers.is_possible_number(parsed):
        return value, ""
    home = parsed.country_code == phonenumbers.country_code_for_region(region)
    extension, parsed.extension = parsed.extension or "", None
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL), extension


def address(value: str) -> str:
    """A web address without what nobody reads aloud; anything else stays as it is."""
    if not value.startswith(("http://", "https://")):
        return value
    parts = urlsplit(value)
    return f"{parts.hostname or ''}{parts.path}".rstrip("/") or value


def target(value: str, scheme: str) -> str:
    """What a link to the value itself holds: `tel:`, `mailto:`, a web address, or nothing where it cannot be followed."""
    if value.startswith(("http://", "https://")):
        return value
    return f"{scheme}:{value.replace(' ', '')}" if scheme else ""
