"""libical, the library in C, over the same calendars: `python -m tests.bench.libical PASSES` prints a JSON object.

A process of its own, since it is called by its address: {"milliseconds", "same"}, or {"absent"} where the system's
package (Debian: libical3) is not there. It is asked what it can do by itself: parse, and walk the occurrences of each
event in the window. It joins no changed occurrence with its series and takes whole days for days of UTC, so `same` counts the
calendars of which it finds every occurrence of less than a day that we find.
"""

import ctypes
import json
import sys
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_long, c_void_p
from typing import Any

from tests.bench import calendars


class Time(Structure):
    """struct icaltimetype"""

    _fields_ = (
        *((name, c_int) for name in ("year", "month", "day", "hour", "minute", "second", "is_date", "is_daylight")),
        ("zone", c_void_p),
    )


class Span(Structure):
    """struct icaltime_span"""

    _fields_ = (("start", c_long), ("end", c_long), ("is_busy", c_int))


_SEEN = CFUNCTYPE(None, c_void_p, POINTER(Span), c_void_p)


class Libical:
    """The few functions that are needed. Raises OSError where the library is absent."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libical.so.3")
        self._parse = self._function("icalparser_parse_string", c_void_p, c_char_p)
        self._free = self._function("icalcomponent_free", None, c_void_p)
        self._first = self._function("icalcomponent_get_first_component", c_void_p, c_void_p, c_int)
        self._next = self._function("icalcomponent_get_next_component", c_void_p, c_void_p, c_int)
        self._each = self._function("icalcomponent_foreach_recurrence", None, c_void_p, Time, Time, _SEEN, c_void_p)
        self._event = self._function("icalcomponent_string_to_kind", c_int, c_char_p)(b"VEVENT")
        utc = self._function("icaltimezone_get_utc_timezone", c_void_p)()
        at = self._function("icaltime_from_timet_with_zone", Time, c_long, c_int, c_void_p)
        self._window = [at(int(edge.timestamp()), 0, utc) for edge in calendars.WINDOW]

    def _function(self, name: str, gives: Any, *takes: Any) -> Any:
        found = self._library[name]
        found.restype, found.argtypes = gives, takes
        return found

    def occurrences(self, data: bytes) -> list[tuple[int, int]]:
        """Of every event on its own, in the window."""
        found: list[tuple[int, int]] = []
        seen = _SEEN(lambda _event, span, _more: found.append((span.contents.start, span.contents.end)))
        root = self._parse(data)
        event = self._first(root, self._event)
        while event:
            self._each(event, *self._window, seen, None)
            event = self._next(root, self._event)
        self._free(root)
        return found


def _shorter(occurrences: list[tuple[int, int]]) -> set[tuple[int, int]]:
    return {(start, end) for start, end in occurrences if end - start < 86_399}


def main(passes: int) -> None:
    try:
        libical = Libical()
    except (OSError, AttributeError):
        print(json.dumps({"absent": "libical.so.3"}))
        return
    made = [calendars.calendar(seed) for seed in range(calendars.CALENDARS)]
    same = sum(_shorter(calendars.ours(data)) <= _shorter(libical.occurrences(data)) for data in made)
    print(json.dumps({"milliseconds": calendars.measure(libical.occurrences, made, passes), "same": same}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 7)
