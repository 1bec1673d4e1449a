"""Mutated calendars: never a crash, never more than a second, the good event beside them always kept, both ways the same.

A sample runs always; `make proof-calendars` is the full run. Seeds make each failure repeatable.
"""

import os
import random
import re
import resource
import time
from collections import Counter

import pytest

from connectors.calendars import Limits, Reading, Refused
from connectors.calendars.reading import read, read_long

from .given import STOCKHOLM, calendar, instant
from .made import Maker

START, END = instant("2025-10-01"), instant("2025-11-30")
GOOD = b"BEGIN:VEVENT\r\nUID:good\r\nDTSTART:20251103T090000Z\r\nDTEND:20251103T100000Z\r\nEND:VEVENT\r\n"
RICH = calendar("""BEGIN:VTIMEZONE
TZID:Eget
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
UID:a
DTSTART;TZID=Eget:20251001T090000
DURATION:PT1H
RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260101T000000Z
EXDATE;TZID=Eget:20251006T090000
RDATE;VALUE=PERIOD:20251007T090000Z/PT2H
STATUS:CONFIRMED
END:VEVENT
BEGIN:VEVENT
UID:a
RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Eget:20251103T090000
DTSTART;TZID=Eget:20251103T100000
END:VEVENT
BEGIN:VEVENT
UID:b
DTSTART;VALUE=DATE:20251020
RRULE:RSCALE=HEBREW;FREQ=MONTHLY;SKIP=BACKWARD;COUNT=9
END:VEVENT
BEGIN:VEVENT
UID:c
DTSTART:20251001T090001
RRULE:FREQ=MINUTELY;INTERVAL=61;BYMINUTE=5,25;COUNT=50;BYSETPOS=1
END:VEVENT
BEGIN:VFREEBUSY
UID:f
FREEBUSY;FBTYPE=BUSY-TENTATIVE:20251020T080000Z/PT30M,20251021T080000Z/20251021T090000Z
END:VFREEBUSY
BEGIN:VAVAILABILITY
UID:v
DTSTART:20251001T000000Z
PRIORITY:2
BEGIN:AVAILABLE
UID:x
DTSTART:20251001T080000Z
DTEND:20251001T160000Z
RRULE:FREQ=DAILY
END:AVAILABLE
END:VAVAILABILITY""")
_LINES = """
    BEGIN:VEVENT END:VEVENT BEGIN:VALARM END:VCALENDAR RRULE:FREQ=SECONDLY RECURRENCE-ID:20251103T090000Z EXDATE:20251103T090000Z
    DURATION:P9999D
"""
_PIECES = """
    : ; = , " 99999999 - 0 Z T P / FREQ=YEARLY ;BYDAY=-53SU ;INTERVAL=999999999999999 ;COUNT=999999999 ;BYSECOND=1,2,3 ;TZID=Eget
    ;VALUE=DATE 00010101T000000Z 99991231T235959Z
"""
WORDS = [
    *(line.encode() + b"\r\n" for line in _LINES.split()),
    *(piece.encode() for piece in _PIECES.split()),
    *(b"\r\n ", b"\n", b"\r", b"\xff", b"\xc3", b"x" * 300),
]


def mutated(rng: random.Random, data: bytes) -> bytes:
    """A few changes by chance: octets, words, lines doubled, lost, swapped, cut."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(7)
        if kind == 0:
            data = data[:at] + bytes([rng.randrange(1, 256)]) + data[at + 1 :]
        elif kind == 1:
            data = data[:at] + rng.choice(WORDS) + data[at:]
        elif kind == 2:
            data = data[:at] + data[at + rng.randrange(1, 40) :]
        else:
            lines = data.splitlines(keepends=True) or [b""]
            one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
            if kind == 3:
                del lines[one]
            elif kind == 4:
                lines.insert(other, lines[one])
            elif kind == 5:
                lines[one], lines[other] = lines[other], lines[one]
            else:
                head, colon, _ = lines[one].partition(b":")
                lines[one] = head + colon + lines[other].partition(b":")[2]
            data = b"".join(lines)
    return data


_CALENDAR = re.compile(rb"^(BEGIN|END)\b[^:\n]*:\s*VCALENDAR", re.IGNORECASE | re.MULTILINE)


class Costs:
    """What the calendars of one run cost."""

    def __init__(self) -> None:
        self.worst = 0.0
        """Seconds of CPU of the dearest reading."""
        self.answers: Counter[str] = Counter()

    def __str__(self) -> str:
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        kinds = ", ".join(f"{count:,} {answer}" for answer, count in self.answers.items())
        return f"{kinds}; at most {self.worst:.3f} s of CPU each; {megabytes:.0f} MB at most"


def check(seed: int, costs: Costs) -> None:
    rng = random.Random(seed)
    source = RICH if rng.random() < 0.5 else Maker(rng.randrange(500), odd=True).calendar()
    inner = source[source.index(b"\n") + 1 : source.rindex(b"END:VCALENDAR")]
    data = b"BEGIN:VCALENDAR\r\n" + mutated(rng, inner) + b"\r\n" + GOOD + b"END:VCALENDAR\r\n"
    answers: list[Reading | str] = []
    for way in (read, read_long):
        begin = time.process_time()
        try:
            answers.append(way([data], START, END, STOCKHOLM, owner=["eva@example.org"]))
        except Refused as fault:
            answers.append(fault.reason)
        costs.worst = max(costs.worst, time.process_time() - begin)
    assert costs.worst < 1.0, seed
    assert answers[0] == answers[1], seed
    if isinstance(answers[0], Reading):
        assert "good" in {uid for uid, _, _ in answers[0].occurrences}, seed
        costs.answers["read, the good event kept"] += 1
    else:  # only what makes the feed another: several calendars in it, or one that ends before its end
        assert len(_CALENDAR.findall(data)) > 2, seed
        costs.answers["refused"] += 1


@pytest.mark.parametrize("part", range(2))
def test_a_mutated_calendar_costs_itself_only(part: int) -> None:
    costs = Costs()
    for seed in range(part * 400, part * 400 + 400):
        check(seed, costs)


@pytest.mark.fuzz
@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(10))
def test_many_mutated_calendars_cost_themselves_only(part: int) -> None:
    count = int(os.environ.get("PRESENCE_FUZZ", "20000"))
    costs = Costs()
    for seed in range(10_000_000 + part * count // 10, 10_000_000 + (part + 1) * count // 10):
        check(seed, costs)
    print(f"\npart {part}: {costs}")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 256_000


@pytest.mark.parametrize("seed", range(60))
def test_octets_by_chance_are_refused(seed: int) -> None:
    rng = random.Random(seed)
    with pytest.raises(Refused):
        read([rng.randbytes(rng.randrange(5000))], START, END, STOCKHOLM, limits=Limits())
