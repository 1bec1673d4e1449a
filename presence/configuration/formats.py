"""How single values are written: durations, opening hours, zones, addresses. Each format reads one, or says what to write."""

import datetime as dt
import re
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from presence.configuration.reading import Format, Invalid, suggestion
from presence.domain.hours import BadHours, HoursSpec, OpeningHours
from presence.domain.red_days import RedDays

_UNITS = {"s": 1, "sec": 1, "min": 60, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([a-zA-Z]+)")
_DAYS = {
    "Mo": "måndagar måndag mån monday mon må",
    "Tu": "tisdagar tisdag tis tuesday tues tue ti",
    "We": "onsdagar onsdag ons wednesday wed on",
    "Th": "torsdagar torsdag tors tor thursday thurs thu to",
    "Fr": "fredagar fredag fre friday fri",
    "Sa": "lördagar lördag lör saturday sat lö",
    "Su": "söndagar söndag sön sunday sun sö",
}
_DAY_OF = {word: day for day, words in _DAYS.items() for word in words.split()}
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_IMPORT = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")


def duration(raw: Any) -> int:
    """Whole seconds, from a number of seconds or "30 s", "5 min", "36 h", "1 d", also several of them ("1 h 30 min")."""
    example = 'Write "30 s", "5 min", "36 h" or "1 d".'
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise Invalid("should be a duration.", example)
    if isinstance(raw, str):
        parts = _DURATION.findall(raw)
        if not parts or _DURATION.sub("", raw).strip() or any(unit.lower() not in _UNITS for _, unit in parts):
            raise Invalid(f'"{raw}" is no duration.', example)
    seconds = float(raw) if not isinstance(raw, str) else sum(float(number) * _UNITS[unit.lower()] for number, unit in parts)
    if not 0 <= seconds <= 10 * 366 * 86400:
        raise Invalid("should be a duration of none to ten years.", example)
    return round(seconds)


def hours(raw: Any) -> str:
    """OSM opening_hours; empty: none at this level."""
    text = _text(raw)
    if not text:
        return ""
    try:
        OpeningHours(HoursSpec(text))
    except BadHours as error:
        better = _better_hours(text)
        known = 0 < error.column <= len(text.partition("PH")[0])  # beyond it columns are those of a part
        caret = f"\n{text}\n{' ' * (error.column - 1)}^" if known else ""
        hint = f'Write "{better}".' if better else 'Example: "Mo-Fr 08:00-17:00; PH off".'
        raise Invalid(f'"{text}" is not opening hours.', hint + caret) from None
    return text


def _better_hours(text: str) -> str:
    """What was probably meant, if that can be read."""

    def day(match: re.Match[str]) -> str:
        return _DAY_OF.get(match.group().casefold(), match.group())

    def times(match: re.Match[str]) -> str:
        return "-".join(f"{int(hour):02}:{minute or '00'}" for hour, minute in (match.group(1, 2), match.group(3, 4)))

    better = re.sub(r"\bkl\.?\s*|\b(och|and)\b", lambda m: "," if m.group().strip() in ("och", "and") else "", text)
    better = re.sub(r"\s*[–—]\s*|\s+(?:till|to)\s+", "-", better)
    better = re.sub(r"[^\W\d_]+", day, better)
    better = re.sub(r"(?<![\d:])(\d{1,2})(?:[.:](\d\d))?\s*-\s*(\d{1,2})(?:[.:](\d\d))?(?![\d:])", times, better)
    better = re.sub(r"(?<=[a-z])\s*(,|-)\s*(?=[A-Z])", r"\1", better)
    try:
        OpeningHours(HoursSpec(better))
    except (BadHours, ValueError):
        return ""
    return better


def zone(raw: Any) -> str:
    """A name of the IANA time zone database."""
    text = _text(raw)
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise Invalid(f'"{text}" is no time zone.', suggestion(text, _zones()) or 'Example: "Europe/Stockholm".') from None
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def country(raw: Any) -> str:
    """A country whose holidays are known, by its ISO 3166 code; empty: none."""
    text = _text(raw)
    try:
        if text and not re.fullmatch("[A-Z]{2}", text):
            raise NotImplementedError
        RedDays(text).is_holiday(dt.date(2026, 1, 1))
    except NotImplementedError:
        raise Invalid(f'"{text}" is no country whose holidays are known.', 'A code of two capitals, such as "SE".') from None
    return text


def clock(raw: Any) -> str:
    """A time of day, "14:00"; empty: none."""
    text = raw.isoformat("minutes") if isinstance(raw, dt.time) else _text(raw)
    if text and not _CLOCK.fullmatch(text):
        raise Invalid(f'"{text}" is no time of day.', 'Write "14:00".')
    return text


def language(raw: Any) -> str:
    """A language by its tag (BCP 47): "sv", or "sv-x-plain" for plain Swedish."""
    text = _text(raw)
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*", text):
        raise Invalid(f'"{text}" is no language.', 'A code in small letters, such as "sv".')
    return text


def colour(raw: Any) -> str:
    """#rgb or #rrggbb, given as #rrggbb."""
    text = _text(raw).lower()
    if not re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", text):
        raise Invalid(f'"{text}" is no colour.', 'Write it as "#14506b".')
    return text if len(text) == 7 else "#" + "".join(digit * 2 for digit in text[1:])


def label(raw: Any) -> dict[str, str]:
    """A text by language; one text for all stands under the empty name."""
    if isinstance(raw, str):
        return {"": raw}
    if isinstance(raw, dict) and raw and all(isinstance(text, str) for text in raw.values()):
        return {language(key): text for key, text in raw.items()}
    raise Invalid("should be a text, or texts by language.", 'Example: { sv = "Bygglov", en = "Building permits" }.')


def url(raw: Any) -> str:
    """An http or https address in ASCII, as it stands in a header (IRIs become URIs, RFC 3987 3.1), without a slash at its end;
    empty: none."""
    text = _text(raw)
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode()
        good = parts.scheme in ("http", "https") and host != "" and parts.port != 0
    except (ValueError, UnicodeError):
        good = False
    if not good or re.search(r"[\s\x00-\x1f\x7f]", text):
        raise Invalid(f'"{text}" is no web address.', 'Example: "https://kontakt.example.se".')
    if not text.isascii():
        netloc = host if parts.port is None else f"{host}:{parts.port}"
        text = quote(parts._replace(netloc=netloc).geturl(), safe="%/:=&?~#+!$,;'@()*[]")
    return text.rstrip("/")


def origin(raw: Any) -> str:
    """A scheme and a host, without a path, or "*" for all."""
    text = _text(raw)
    if text != "*" and (not url(text) or urlsplit(url(text)).path):
        raise Invalid(f'"{text}" is no origin.', 'Write "https://www.example.se", or "*" for all.')
    return text if text == "*" else url(text)


def listen(raw: Any) -> str:
    """Where to listen, "host:port"; empty: nowhere."""
    text = _text(raw)
    host, _, port = text.rpartition(":")
    if text and not (host and port.isdigit() and int(port) < 65536):
        raise Invalid(f'"{text}" is no address to listen on.', 'Write host:port, such as "127.0.0.1:8021".')
    return text


def network(raw: Any) -> str:
    """An IP address or a network."""
    text = _text(raw)
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        raise Invalid(f'"{text}" is no address or network.', 'Example: "10.0.0.0/8".') from None


def importable(raw: Any) -> str:
    """An import path, `package.module:Class`."""
    text = _text(raw)
    if not _IMPORT.fullmatch(text):
        raise Invalid(f'"{text}" is no import path.', 'Write module:Class, such as "connectors.ldap:Ldap".')
    return text


def slug(raw: Any) -> str:
    """A short name that may stand in an address."""
    text = _text(raw)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", text):
        raise Invalid(f'"{text}" is no short name.', "Use small letters a-z, digits, - and _.")
    return text


def alias(raw: Any) -> str:
    """`kind:value`."""
    text = _text(raw)
    if not re.fullmatch(r"[a-z]+:\S.*", text):
        raise Invalid(f'"{text}" is no alias.', 'Write kind:value, such as "mail:anna@example.se".')
    return text


def protected(raw: Any) -> tuple[str, ...]:
    """Names of sources; "none" said on purpose gives no names."""
    if raw == "none":
        return ()
    if isinstance(raw, list) and raw and all(isinstance(name, str) for name in raw):
        return tuple(raw)
    raise Invalid("names no source.", 'Write ["ldap"], or "none" on purpose.')


def secret(raw: Any) -> str:
    """A value that is never printed."""
    if not isinstance(raw, str):
        raise Invalid("should be text.")
    return raw


def _text(raw: Any) -> str:
    if isinstance(raw, str):
        return raw.strip()
    raise Invalid("should be text.")


def formats(folder: Path) -> dict[str, Format]:
    """All formats by name. Relative paths are relative to `folder`."""

    def path(raw: Any) -> str:
        text = _text(raw)
        return str(folder / Path(text).expanduser()) if text else ""

    readers = (duration, hours, zone, country, clock, language, label, url, origin, listen)
    more = (network, importable, slug, alias, protected, secret, colour, path)
    return {reader.__name__: reader for reader in (*readers, *more)}
