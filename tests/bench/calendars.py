"""The calendar of the performance notes: 113 kB, 200 events over three years, for the libraries and for us side by side.

`python -m tests.bench.calendars` prints milliseconds a calendar and the ratio, and what a round over ten thousand of them costs.
"""

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")
CALENDARS = 20
WINDOW = (datetime(2026, 2, 15, tzinfo=UTC), datetime(2026, 4, 16, tzinfo=UTC))
"""60 days over the change to summer time."""

_ZONE = """BEGIN:VTIMEZONE
TZID:Europe/Stockholm
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""
_NAMES = ("Åsa Öberg", "Måns Ekström", "Ylva Sjöström", "Örjan Fält", "Pär Ängström", "Märta Ström")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def _folded(line: str) -> str:
    """Folded at 75 octets (RFC 5545, 3.1), which may split a letter's octets."""
    raw = line.encode()
    pieces = [raw[:75], *(b" " + raw[i : i + 74] for i in range(75, len(raw), 74))]
    return b"\r\n".join(pieces).decode("latin-1")


def _event(rng: random.Random, uid: str, start: datetime, minutes: int, extra: list[str]) -> list[str]:
    names = rng.sample(_NAMES, 3)
    lines = [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20251101T080000Z",
        f"DTSTART;TZID=Europe/Stockholm:{start:%Y%m%dT%H%M%S}",
        f"DTEND;TZID=Europe/Stockholm:{start + timedelta(minutes=minutes):%Y%m%dT%H%M%S}",
        f"SUMMARY:Avstämning om detaljplanen för kvarteret Ängen och Öster {rng.randrange(1000)}",
        f"LOCATION:Stadshuset\\, rum {rng.randrange(400)}",
        "DESCRIPTION:Vi går igenom läget i ärendet\\, inkomna yttranden och nästa steg.",
        *(f"ATTENDEE;CN={name};PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:mailto:{i}@example.se" for i, name in enumerate(names[:1])),
        "ORGANIZER;CN=Anna Åström:mailto:anna@example.se",
        "TRANSP:OPAQUE",
        "SEQUENCE:0",
        *extra,
        "END:VEVENT",
    ]
    return [_folded(line) for line in lines]


def _whole_days(rng: random.Random, uid: str, day: date) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20251101T080000Z",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=rng.randrange(1, 10)):%Y%m%d}",
        "SUMMARY:Ledig",
        "TRANSP:OPAQUE",
        "END:VEVENT",
    ]
    return [_folded(line) for line in lines]


def _series(rng: random.Random, uid: str, start: datetime) -> list[list[str]]:
    """A recurring event whose DTSTART is its first occurrence, with four days left out and two moved."""
    kind = rng.randrange(4)
    if kind == 2:
        start -= timedelta(days=max(0, start.weekday() - 4))
    days = {
        0: [start + timedelta(weeks=i) for i in range(40)],
        1: [start + timedelta(weeks=2 * i) for i in range(40)],
        2: [d for i in range(60) if (d := start + timedelta(days=i)).weekday() < 5],
        3: [start],
    }[kind]
    rule = {
        0: f"FREQ=WEEKLY;BYDAY={_WEEKDAYS[start.weekday()]}",
        1: f"FREQ=WEEKLY;INTERVAL=2;BYDAY={_WEEKDAYS[start.weekday()]}",
        2: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        3: f"FREQ=MONTHLY;BYDAY={(start.day - 1) // 7 % 4 + 1}{_WEEKDAYS[start.weekday()]}",
    }[kind]
    if kind == 3 and start.day > 28:
        start -= timedelta(weeks=1)
        rule = f"FREQ=MONTHLY;BYDAY=4{_WEEKDAYS[start.weekday()]}"
        days = [start]
    bound = rng.randrange(3)
    if bound == 1 and kind != 3:
        rule += f";COUNT={rng.randrange(20, 150)}"
    elif bound == 2:
        rule += f";UNTIL={start + timedelta(days=rng.randrange(100, 900)):%Y%m%dT%H%M%SZ}"
    picked = rng.sample(days[1:], 6) if len(days) > 6 else []
    extra = [f"RRULE:{rule}", *(f"EXDATE;TZID=Europe/Stockholm:{d:%Y%m%dT%H%M%S}" for d in picked[:4])]
    events = [_event(rng, uid, start, 60, extra)]
    for original in picked[4:]:
        moved = original + timedelta(hours=rng.choice((-1, 1, 2)))
        events.append(_event(rng, uid, moved, 45, [f"RECURRENCE-ID;TZID=Europe/Stockholm:{original:%Y%m%dT%H%M%S}"]))
    return events


def calendar(seed: int, events: int = 200, series: int = 30) -> bytes:
    """One calendar, the same for the same seed: `series` of its `events` recur."""
    rng = random.Random(seed)
    begin = datetime(2024, 6, 3)  # noqa: DTZ001  (wall time of the zone named beside it)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Bench//SV", "METHOD:PUBLISH", *_ZONE.strip().split("\n")]
    for i in range(events - 2 * series):  # each series brings two moved occurrences
        start = begin + timedelta(days=rng.randrange(1095), hours=rng.randrange(7, 17), minutes=rng.choice((0, 15, 30)))
        uid = f"{seed}-{i}-{rng.getrandbits(64):016x}@bench.example"
        if i < series:
            for event in _series(rng, uid, start):
                lines += event
        elif rng.random() < 0.1:
            lines += _whole_days(rng, uid, start.date())
        else:
            lines += _event(rng, uid, start, rng.choice((30, 60, 90)), [])
    return ("\r\n".join([*lines, "END:VCALENDAR"]) + "\r\n").encode("latin-1")


def libraries(data: bytes) -> list[tuple[int, int]]:
    """Occurrences in the window by icalendar and recurring-ical-events."""
    import icalendar
    import recurring_ical_events

    found = recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between(*WINDOW)
    return [(_instant(event["DTSTART"].dt), _instant(event["DTEND"].dt)) for event in found]


def _instant(at: date) -> int:
    if not isinstance(at, datetime):
        at = datetime(at.year, at.month, at.day, tzinfo=STOCKHOLM)
    return int(at.timestamp())


def ours(data: bytes) -> list[tuple[int, int]]:
    """The same by our reader, nothing remembered from before."""
    from connectors.calendars import read
    from connectors.calendars.fast import MEMORY

    MEMORY.clear()
    found = read([data], _instant(WINDOW[0]), _instant(WINDOW[1]), STOCKHOLM)
    return [(start, end) for _, start, end in found.occurrences]


def remembered(data: bytes) -> list[tuple[int, int]]:
    """The same when each event was seen before."""
    from connectors.calendars import read

    found = read([data], _instant(WINDOW[0]), _instant(WINDOW[1]), STOCKHOLM)
    return [(start, end) for _, start, end in found.occurrences]


def measure(work: Callable[[bytes], object], calendars: list[bytes], passes: int) -> float:
    """Median milliseconds of CPU a calendar."""
    times = []
    for _ in range(passes):
        begin = time.process_time()
        for data in calendars:
            work(data)
        times.append((time.process_time() - begin) * 1000 / len(calendars))
    return statistics.median(times)


def by_libical(passes: int) -> dict[str, float]:
    """Milliseconds of libical over the same calendars, by a process of its own; empty where it is not installed."""
    command = [sys.executable, "-m", "tests.bench.libical", str(passes)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said: dict[str, float] = json.loads(done.stdout) if done.returncode == 0 else {}
    return {} if "absent" in said else said


def main() -> None:
    from tests.bench import rounds

    calendars = [calendar(seed) for seed in range(CALENDARS)]
    print(f"{statistics.mean(map(len, calendars)) / 1000:.0f} kB a calendar")
    differ = sum(sorted(ours(data)) != sorted(libraries(data)) for data in calendars)
    print(f"{len(calendars) - differ} of {len(calendars)} calendars with the same occurrences")
    theirs = measure(libraries, calendars, 3)
    for name, work in (("ours, first time", ours), ("ours, events seen before", remembered)):
        own = measure(work, calendars, 7)
        print(f"{name}: {own:.2f} ms; icalendar + recurring-ical-events: {theirs:.1f} ms; {theirs / own:.0f} times")
    if in_c := by_libical(7):
        took = in_c["milliseconds"]
        print(f"libical (in C; it joins no changed occurrence with its series): {took:.2f} ms; {theirs / took:.0f} times")
        print(f"{in_c['same']:.0f} of {len(calendars)} in which libical finds every shorter occurrence that we find")
    else:
        print("libical: not installed here (Debian: libical3)")
    rounds.main()


if __name__ == "__main__":
    main()
