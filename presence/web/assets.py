"""Static files as they are sent: squeezed, under a stable name and under one that changes with the content."""

import base64
import gzip
import hashlib
import re
from importlib.resources import files
from typing import NamedTuple

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "png": "image/png",
    "svg": "image/svg+xml",
    "webp": "image/webp",
}
_PACKED = ("css", "js", "svg")
"""Texts; pictures are packed as they are."""


class Asset(NamedTuple):
    """`hashed`: a name that may be cached for ever; `integrity`: what a page may demand of it (SRI); `packed`: by gzip, once for
    all, or empty."""

    name: str
    body: bytes
    media_type: str
    hashed: str
    integrity: str
    packed: bytes = b""


def load() -> dict[str, Asset]:
    """All of our own, by name."""
    folder = files("presence.web") / "static"
    texts = {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.is_file()}
    return {name: asset(name, squeeze(text, name)) for name, text in texts.items()}


def asset(name: str, body: bytes) -> Asset:
    """One file, such as the theme that is made at start-up, or a logo."""
    stem, _, kind = name.rpartition(".")
    digest = hashlib.sha384(body).digest()
    packed = gzip.compress(body, 9, mtime=0) if kind in _PACKED else b""
    integrity = f"sha384-{base64.b64encode(digest).decode()}"
    return Asset(name, body, _TYPES[kind], f"{stem}.{digest[:6].hex()}.{kind}", integrity, packed)


def takes_gzip(accepted: str) -> bool:
    """What a browser says that it can unpack (`Accept-Encoding`); with a weight of nothing it says that it cannot."""
    return re.search(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", accepted.lower()) is not None


def squeeze(text: str, name: str) -> bytes:
    """Without indentation and comments: a third off the wire, no tool needed.

    A comment at the end of a line has a space on both sides of its slashes, which nothing else in our files has.
    """
    if name.endswith(".css"):
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    lines = (re.sub(r"\s// .*", "", line).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")).encode()
