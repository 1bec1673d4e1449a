"""From octets to text: the encodings and delimiters in which HR systems and Excel save."""

import codecs

from connectors.leave.refusal import Unreadable

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DELIMITERS = (";", ",", "\t", "|")


def decoded(document: bytes, encoding: str = "auto") -> tuple[str, str]:
    """(text, name of the encoding). A byte order mark decides, else UTF-8 if it is that, else cp1252. Raises `Unreadable`."""
    found = next((name for mark, name in _MARKS if document.startswith(mark)), "")
    names = [found] if found else ["utf-8", "cp1252"] if encoding == "auto" else [encoding]
    for name in names:
        try:
            text = document.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, name.removesuffix("-sig")
    raise Unreadable("encoding", "neither UTF-8, UTF-16 with its mark, nor cp1252")


def delimiter(text: str, configured: str = "auto") -> str:
    """Counted in the heading alone: values hold commas."""
    if configured != "auto":
        return configured
    heading = text.lstrip().partition("\n")[0]
    return max(DELIMITERS, key=heading.count)
