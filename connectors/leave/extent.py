"""Parts of the working time: 0,5 · 0.250 · 50 % · 50."""

import re
from typing import Literal

from connectors.leave.refusal import Wrong

_NUMBER = re.compile(r"(\d{1,3}(?:[.,]\d{1,9})?|[.,]\d{1,9})\s*(%|procent|percent)?", re.ASCII)


def part(field: str, text: str, written: Literal["auto", "part", "percent"]) -> float:
    """More than nothing, at most all. Without a sign "auto" takes up to 1 as a part and more as a percentage. Raises `Wrong`."""
    found = _NUMBER.fullmatch(text.replace("\u00a0", " ").strip().lower())
    if not found:
        raise Wrong("bad-extent", field)
    value = float(found[1].replace(",", "."))
    if found[2] or written == "percent" or (written == "auto" and value > 1):
        value = round(value / 100, 6)
    if not 0 < value <= 1:
        raise Wrong("bad-extent", field)
    return value
