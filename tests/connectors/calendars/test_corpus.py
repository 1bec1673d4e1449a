"""Other projects' calendars and their own expected answers, where PRESENCE_CORPUS names the folder that holds them."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from connectors.calendars import Reading, Refused

from .given import STOCKHOLM, instant

CORPUS = Path(os.environ.get("PRESENCE_CORPUS", "")) / "calendars"
pytestmark = pytest.mark.skipif(
    not os.environ.get("PRESENCE_CORPUS") or not CORPUS.is_dir(),
    reason="PRESENCE_CORPUS does not name the folder of other projects' calendars",
)

DISPUTED = {
    "caldavtester-fb__024",
    "ccs-pycalendar__001",
    "ical-expander__006",
    "icaljs-recur__097",
    "icalnet__045",
}
"""Cases in which another project expects something else: docs/calendars.md, "Where standards and peers disagree"."""


def test_every_case_but_the_disputed_ones_is_answered_as_its_project_expects() -> None:
    command = [sys.executable, str(CORPUS.parent / "score"), "--list", "--", sys.executable, "-m", "connectors.calendars"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=True)
    failed = set(re.findall(r"^([a-z-]+__\d+)", done.stdout, re.MULTILINE))
    assert failed <= DISPUTED, done.stdout[-3000:]
    assert re.search(r"^\d+ of \d{3} ", done.stdout, re.MULTILINE)


def usable(data: bytes) -> bool:
    """Whether a closed file holds an event with a start that can be read and a rule, if any, that names a frequency."""
    if not re.search(rb"END:(?:VCALENDAR|VEVENT)\s*$", data.strip(), re.IGNORECASE) or data.upper().count(b"BEGIN:VCALENDAR") > 1:
        return False
    events = re.findall(rb"BEGIN:VEVENT.*?END:VEVENT", data, re.DOTALL)
    return any(
        re.search(rb"\nDTSTART[^\n]*:(?:19|20)\d\d[01]\d[0-3]\d(?:T\d{6}Z?)?\s", event.replace(b"\r", b"\n")) for event in events
    )


def test_every_file_is_answered_and_gives_its_usable_events() -> None:
    from connectors.calendars import read

    given = holding = 0
    slowest = 0.0
    for path in sorted(CORPUS.glob("*/*.ics")):
        data = path.read_bytes()
        begin = time.process_time()
        try:
            found = read([data], instant("1900-01-01"), instant("2100-01-01"), STOCKHOLM)
        except Refused:
            found = Reading()
        slowest = max(slowest, time.process_time() - begin)
        if usable(data):
            holding += 1
            given += bool(found.occurrences)
    assert holding > 150
    assert given / holding >= 0.97, f"{given} of {holding}"
    assert slowest < 1.0
