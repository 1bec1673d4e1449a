"""Names of columns, and whether two are one: spaces, case and punctuation at the end differ from export to export."""

import re
import unicodedata
from functools import lru_cache

_SPACE = re.compile(r"[\s_\u00a0]+")


@lru_cache(1024)
def plain(heading: str) -> str:
    """As headings are compared."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", heading).replace("\ufeff", "")).strip(" .:*").casefold()


def same(a: str, b: str) -> bool:
    return plain(a) == plain(b)
