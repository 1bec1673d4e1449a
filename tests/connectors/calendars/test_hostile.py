"""Inputs made to hurt: each within a second of CPU and 256 MB, and the good event of the same feed kept.

What hurts on its way here (bombs, dripping answers, redirects, addresses inside) has its tests in test_fetching.
"""

import re
import resource
import subprocess
import sys
import time

import msgspec
import pytest

from connectors.calendars import Limits, Policy, Reading, Reason, Refused, read
from connectors.calendars.worker import Answer, Request, framed

from .given import STOCKHOLM, instant
from .hostile import MADE, REFUSED

WINDOW = instant("2026-01-01"), instant("2026-03-02")
BARRED = {
    "1 every second": Reason.TOO_DENSE,
    "2 every second since 1970": Reason.TOO_DENSE,
    "2 every minute since 1970": Reason.TOO_DENSE,
    "3 a thousand million seconds": Reason.TOO_DENSE,
    "3 counted and filtered": Reason.TOO_COSTLY,
    "5 interval zero": Reason.BAD_INTERVAL,
    "7 rule and exrule": Reason.TOO_DENSE,
    "7 dense exrule": Reason.TOO_DENSE,
    "8 dense lists": Reason.TOO_DENSE,
    "10 a hundred years every day": Reason.TOO_LONG,
    "11 duration beyond all": Reason.TOO_LONG,
    "12 duration of 20 digits": Reason.BAD_END,
    "13 negative duration": Reason.END_BEFORE_START,
    "13 end before start": Reason.END_BEFORE_START,
    "15 no start": Reason.NO_START,
    "16 no uid": Reason.NO_UID,
    "16 one uid twice": Reason.SHARED_UID,
    "17 unknown zone": Reason.UNKNOWN_ZONE,
    "18 a zone of its own": Reason.UNKNOWN_ZONE,
    "19 nested": Reason.TOO_DEEP,
    "20 many dates": Reason.TOO_MANY_DATES,
}


def run(data: bytes) -> tuple[Answer, float]:
    """The answer of a fresh child with 256 MB, and the seconds of CPU that it took beyond starting."""
    request = Request([data], *WINDOW, "Europe/Stockholm", [], Policy(), Limits(), 2)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "connectors.calendars.worker", "256000000"]
    done = subprocess.run(command, input=framed(msgspec.msgpack.encode(request)), capture_output=True, timeout=30, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr[-500:]
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return msgspec.msgpack.decode(done.stdout[4:], type=Answer), spent


STARTING = 0.15
"""Seconds of CPU that a child without work takes on an idle core. One that is shared with other machines takes twice or thrice
as long for everything, so seconds are told as multiples of this, measured beside."""


def cost(data: bytes) -> tuple[Answer, float]:
    """The answer of a fresh child, and the seconds of an idle core that it cost: the least of three, where the first is many."""
    least = float("inf")
    for _ in range(3):
        start = min(run(b"")[1] for _ in range(2))
        answer, spent = run(data)
        least = min(least, (spent - start) / max(1.0, start / STARTING))
        if least <= 0.6:
            break
    return answer, least


@pytest.mark.parametrize("name", MADE)
@pytest.mark.load
def test_it_costs_less_than_a_second_and_the_good_event_stays(name: str) -> None:
    data = MADE[name]()
    if len(data) > Limits().octets:  # refused before any child sees it
        begin = time.process_time()
        with pytest.raises(Refused, match="larger than accepted"):
            read([data], *WINDOW, STOCKHOLM)
        assert time.process_time() - begin <= 0.1
        return
    answer, seconds = cost(data)
    assert seconds <= 1.0
    if name in REFUSED:
        assert answer.refused
        return
    found = answer.reading
    assert isinstance(found, Reading)
    assert "good" in {uid for uid, _, _ in found.occurrences}
    if name in BARRED:
        assert BARRED[name] in {item.reason for item in found.skipped}
        assert all(item.line > 2 for item in found.skipped)


def test_every_kind_of_input_that_is_read_here_is_among_them() -> None:
    """The 25 kinds that reach a reader."""
    assert {int(number) for name in MADE for number in re.findall(r"^(\d+) ", name)} == set(range(1, 26))


def test_every_row_that_names_a_reason_is_among_the_inputs() -> None:
    assert set(BARRED) <= set(MADE)
