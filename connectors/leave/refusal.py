"""Why a row, or a document as a whole, is not taken: codes and sentences of ours. No word of what was sent is in any of them."""

from typing import Final

SENTENCES: Final = {
    "missing": "is missing",
    "bad-date": "not a date; write 2026-11-24",
    "bad-time": "not a date or a time; write 2026-11-24T08:00:00+01:00",
    "no-zone": "a time needs its zone; write 2026-11-24T08:00:00+01:00",
    "ambiguous-date": "can be read in two ways; write 2026-11-24 or set date_format",
    "out-of-range": "not within 2000 to 2099",
    "end-before-start": "lies before the start",
    "bad-extent": "not a part of the working time; write 0,5 or 50 %",
    "bad-person": "an alias is written kind:value",
    "note": "a text below the rows, which is nobody's; leave it out of the file if you can",
    "personal-identity-number": "is a personal identity number: not taken as a key",
    "bad-text": "holds control characters, or is too long",
    "too-many-cells": "has more cells than the heading",
    "too-few-cells": "has fewer cells than the heading",
    "contradiction": "says otherwise of a leave that was named before; give each a uid of its own",
    "no-person": "names nobody",
    "bad-event": "the event cannot be read",
}
"""Of a row, by code."""


class Wrong(ValueError):
    """A row that is not taken. `field` is one of ours, or empty where the row as a whole is meant."""

    def __init__(self, code: str, field: str = "") -> None:
        self.code, self.field = code, field
        super().__init__(f"{field}: {SENTENCES[code]}" if field else SENTENCES[code])


class Unreadable(ValueError):
    """A document of which nothing is taken. `code` is stable, the message a sentence of ours."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)
