"""Words as they are compared: without case, marks and the letters that a keyboard may lack."""

import re
import unicodedata
from functools import lru_cache

_LETTERS = str.maketrans({"ø": "o", "æ": "a", "œ": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ß": "ss", "ı": "i", "ħ": "h"})
_SILENT = re.compile(r"['’‘`´ʼ\u200b-\u200d\ufeff]")
_WORD = re.compile(r"[^\W_]+")
_DOUBLE = re.compile(r"[^\W_]+(?:[-\u2010-\u2015][^\W_]+)+")


def plain(text: str) -> str:
    """Lower case, composed, apostrophes gone: the form in which å and a differ still."""
    return _SILENT.sub("", unicodedata.normalize("NFC", text.casefold()))


@lru_cache(65_536)
def fold(word: str) -> str:
    """A word of `plain` without marks: å, ä and a meet; so do ø, ö and o, æ and ä, đ and d, ł and l, ß and ss."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFKD", word.translate(_LETTERS))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def split(text: str) -> list[str]:
    """The words of a text, in `plain` form. A mark that counts as a letter, as U+FF9E, is none alone: it folds to nothing."""
    return [word for word in _WORD.findall(plain(text)) if fold(word)]


def joined(text: str) -> list[str]:
    """Hyphenated words written as one, in `plain` form: Ann-Sofie as annsofie."""
    words = (re.sub(r"[\W_]", "", word) for word in _DOUBLE.findall(plain(text)))
    return [word for word in words if fold(word)]
