"""The organisation's logo: which files will do."""

import re
from pathlib import Path

LARGEST = 100_000
"""Bytes. A logo is on every page."""

_SIGNS = {
    ".png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    ".webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    ".svg": re.compile(rb"(?s)\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml.*?\?>\s*)?(?:<!--.*?-->\s*|<!DOCTYPE[^>\[]*>\s*)*<svg[\s>]"),
}
"""What such a file begins with."""

_ACTIVE = re.compile(rb"(?i)<\s*(?:[a-z]+:)?script\b|<\s*(?:[a-z]+:)?foreignobject\b|\son[a-z]+\s*=|javascript:")


def refused(path: Path) -> tuple[str, str] | None:
    """Why a file is no logo, and what to do about it; None where it is one."""
    sign = _SIGNS.get(path.suffix.lower())
    if sign is None:
        return f"{path.name} is no picture that can be used.", "Name a file that ends in .svg, .png or .webp."
    try:
        size = path.stat().st_size
        body = path.read_bytes() if size <= LARGEST else b""
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}.", ""
    if size > LARGEST:
        return f"{path.name} holds {size:,} bytes.", f"A logo is on every page: {LARGEST:,} bytes at most."
    if not sign.match(body):
        return f"{path.name} does not hold what its name says.", "Save the picture again in that format."
    if path.suffix.lower() == ".svg" and _ACTIVE.search(body):
        return f"{path.name} holds script.", "A logo needs none: export it as a plain SVG."
    return None
