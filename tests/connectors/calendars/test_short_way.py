"""What the short way takes, what it leaves to the long way, and that its arithmetic is the expansion's."""

import random
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from connectors.calendars import recurrence, stride
from connectors.calendars.clock import Clock
from connectors.calendars.fast import MEMORY, Memory, apart
from connectors.calendars.model import BOUNDS, PLAIN, Budget, Limits, Refused, Says
from connectors.calendars.plain import Plain, plain
from connectors.calendars.reading import read, read_long
from connectors.calendars.rules import Rule, parse
from connectors.calendars.short import simple
from connectors.calendars.values import DAY, EPOCH, Length
from connectors.calendars.zones import named

from .given import STOCKHOLM, UTC, calendar, event, instant

START, END = instant("2026-01-01"), instant("2026-03-02")
LATE = instant("2026-01-05 09:00")


def record(
    *lines: str, start: str = "DTSTART:20260105T090000Z", end: str = "DTEND:20260105T100000Z", uid: str = "one"
) -> Plain | None:
    octets = event(*lines, start=start, end=end, uid=uid).removesuffix("END:VEVENT").encode()
    both = {plain(octets, "", frozenset(), PLAIN), plain(octets.replace(b"\n", b"\r\n"), "", frozenset(), PLAIN)}
    assert len(both) == 1
    return both.pop()


def test_a_plain_event_becomes_a_record_of_times_and_nothing_else() -> None:
    found = record("RRULE:FREQ=DAILY", "EXDATE:20260106T090000Z,20260107T090000Z", "EXDATE:20260108T090000Z", "SUMMARY:Läkare")
    assert found == Plain(
        "one", "\x00utc", LATE, Length(3600, 0), Says.BUSY, "FREQ=DAILY", (LATE + DAY, LATE + 2 * DAY, LATE + 3 * DAY), None
    )


@pytest.mark.parametrize(
    ("start", "end", "zone", "seconds"),
    [
        (
            "DTSTART;TZID=Europe/Stockholm:20260105T090000",
            "DTEND;TZID=Europe/Stockholm:20260105T235959",
            "Europe/Stockholm",
            53999,
        ),
        ("DTSTART;VALUE=DATE-TIME;TZID=Europe/Stockholm:20260105T090000", "DURATION:PT15M", "Europe/Stockholm", 900),
        ("DTSTART;TZID=W. Europe Standard Time:20260105T090000", "DURATION:PT0S", "W. Europe Standard Time", 0),
        ("DTSTART:20260105T090000", "DTEND:20270106T090000", "\x00floating", 366 * DAY),
        ("DTSTART:20260105T090000", "", "\x00floating", 0),
        ("DTSTART;VALUE=DATE:20260105", "", "\x00date", DAY),
        ("DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260107", "\x00date", 2 * DAY),
        ("DTSTART;VALUE=DATE:20260105", "DURATION:P1W", "\x00date", 7 * DAY),
    ],
)
def test_plain_forms_of_time_are_taken(start: str, end: str, zone: str, seconds: int) -> None:
    found = record(start=start, end=end)
    assert found is not None
    assert (found.zone, found.lasts.wall + found.lasts.exact) == (zone, seconds)
    assert found.start == LATE // DAY * DAY + (0 if zone == "\x00date" else 9 * 3600)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("DTSTART:20260105T090000Z", "DTEND:20260105T100000"),
        ("DTSTART;TZID=Europe/Stockholm:20260105T090000", "DTEND;TZID=Europe/Paris:20260105T100000"),
        ("DTSTART;TZID=Europe/Stockholm:20260105T090000Z", ""),
        ("DTSTART;TZID=Mars/Olympus:20260105T090000", ""),
        ("DTSTART;TZID=Eastern:20260105T090000", ""),
        ('DTSTART;TZID="Europe/Stockholm":20260105T090000', ""),
        ("DTSTART;X=1:20260105T090000", ""),
        ("DTSTART:20260105", ""),
        ("DTSTART;VALUE=DATE:20260105T090000", ""),
        ("DTSTART;VALUE=DATE:2026010", ""),
        ("DTSTART;VALUE=DATE:202601055", ""),
        ("DTSTART:20260230T090000Z", ""),
        ("DTSTART:20260105T240000Z", ""),
        ("DTSTART:20260105T096000Z", ""),
        ("DTSTART:20260105X090000Z", ""),
        ("DTSTART:20260105T090000ZZ", ""),
        ("DTSTART:20260105T0900", ""),
        ("DTSTART:20260105T090000z", ""),
        ("DTSTART: 20260105T090000Z", ""),
        ("DTSTART:2026010\u00b2T090000Z", ""),
        ("DTSTART:20260105T09\n 0000Z", ""),
        ("DTSTART\n :20260105T090000Z", ""),
        ("DTSTART:20260105T090000Z\nDTSTART:20260105T090000Z", ""),
        ("DTSTARTÄ:20260105T090000Z", ""),
        ("", "DTEND:20260105T100000Z"),
        ("DTSTART:20260105T090000Z", "DTEND:20260105T085959Z"),
        ("DTSTART:20260105T090000Z", "DTEND:20270106T090001Z"),
        ("DTSTART:20260105T090000Z", "DURATION;X=1:PT1H"),
        ("DTSTART:20260105T090000Z", "DURATION:PT1H "),
        ("DTSTART:20260105T090000Z", "DURATION:"),
        ("DTSTART:20260105T090000Z", "DURATION:-PT1H"),
        ("DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260105"),
        ("DTSTART;VALUE=DATE:20260105", "DURATION:PT24H"),
    ],
)
def test_other_forms_of_time_are_left_to_the_long_way(start: str, end: str) -> None:
    assert record(start=start, end=end) is None


@pytest.mark.parametrize(
    "line",
    [
        "RDATE:20260107T090000Z",
        "EXRULE:FREQ=DAILY",
        "RRULE:",
        "RRULE;X=1:FREQ=DAILY",
        "RRULE:FREQ=NEVER",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "RRULE:FREQ=DAILY\n ;COUNT=2",
        "RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY",
        "RRULE x",
        "EXDATE:20260107T090000",
        "EXDATE;VALUE=DATE:20260107",
        "EXDATE:20260107T090000Z,",
        "EXDATE:20260107T090000Z\n ,20260108T090000Z",
        "RECURRENCE-ID:20260107T090000",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20260107T090000Z",
        "RECURRENCE-ID:20260107T090000Z\nRRULE:FREQ=DAILY",
        "STATUS: TENTATIVE",
        "STATUS;X=1:TENTATIVE",
        "TRANSP:TRANS\n PARENT",
        "X-MICROSOFT-CDO-BUSYSTATUS;X=1:OOF",
        "X-MICROSOFT-MSNCALENDAR-BUSYSTATUS:1",
        "BEGIN:VALARM\nBEGIN:X\nEND:X\nEND:VALARM",
        "BEGIN:VALARM",
        "END:VALARM",
    ],
)
def test_what_is_not_plain_is_left_to_the_long_way(line: str) -> None:
    assert record(line) is None


@pytest.mark.parametrize("uid", ["", "two words", "å", "x" * 256])
def test_an_odd_uid_is_left_to_the_long_way(uid: str) -> None:
    assert record(uid=uid) is None


def test_an_alarm_is_stepped_over_and_its_lines_are_not_the_event_s() -> None:
    assert record("BEGIN:VALARM\nTRIGGER:-PT5M\nDURATION:PT9H\nUID:alarm\nEND:VALARM") == record()
    found = record("SUMMARY:BEGIN:VALARM\nDURATION:PT9H\nX:END:VALARM", end="")
    assert found is not None
    assert found.lasts == Length(0, 9 * 3600)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("X-MICROSOFT-CDO-BUSYSTATUS:OOF", Says.UNAVAILABLE),
        ("X-MICROSOFT-MSNCALENDAR-BUSYSTATUS:FREE", Says.NOTHING),
        ("TRANSP:transparent", Says.NOTHING),
        ("STATUS:TENTATIVE", Says.TENTATIVE),
        ("STATUS:CANCELLED", Says.NOTHING),
        ("STATUS:", Says.BUSY),
    ],
)
def test_a_record_says_what_the_table_says(line: str, says: Says) -> None:
    found = record(line)
    assert found is not None
    assert found.says is says


ODD_FEEDS = {
    "an event that is not closed": calendar(event(), event(uid="two").removesuffix("END:VEVENT") + event(uid="three")),
    "an end with more behind": calendar(event().replace("END:VEVENT", "END:VEVENTS"), event(uid="two")),
    "a beginning with more behind": calendar(event().replace("BEGIN:VEVENT", "BEGIN:VEVENTS"), event(uid="two")),
    "a beginning with a space behind": calendar(event().replace("BEGIN:VEVENT", "BEGIN:VEVENT "), event(uid="two")),
    "a fold after an end": calendar(event() + "\n x", event(uid="two")),
    "a calendar that ends within an event": calendar(event("END:VCALENDAR", "RRULE:FREQ=FOO"), event(uid="two")),
    "a garbled beginning": calendar(event().replace("BEGIN:VEVENT", "BEGIN:XEVENT"), event(uid="two")),
    "a garbled beginning between": calendar(event(), event(uid="x").replace("BEGIN:V", "BEGIN:X"), event(uid="two")),
    "a garbled beginning without end": calendar(
        event(), "BEGIN:XEVENT\nUID:x", event(uid="two"), event(uid="x").replace("BEGIN:V", "BEGIN:X")
    ),
    "a task between": calendar(event(), event(uid="t").replace("VEVENT", "VTODO"), event(uid="two")),
    "small letters": calendar(event("rrule:FREQ=DAILY"), event(uid="two")),
    "small letters at the end": calendar(event("rRULE:FREQ=DAILY").replace("END:", "end:"), event(uid="two")),
    "a zone nobody names": calendar(
        "BEGIN:VTIMEZONE\nTZID:Eget\nBEGIN:STANDARD\nDTSTART:20000101T000000\nTZOFFSETFROM:+0900\nTZOFFSETTO:+0900\nEND:STANDARD\nEND:VTIMEZONE",
        event("SUMMARY:TZID=x", start="DTSTART:20260105T090000", end="DURATION:PT1H"),
    ),
    "no event": calendar(),
    "a fold within a name": calendar(event("RRU\n LE:FREQ=DAILY;COUNT=3"), event(uid="two")),
    "a fold within a name in small letters": calendar(event("rru\n le:FREQ=DAILY;COUNT=3"), event(uid="two")),
    "a fold within a name that nobody wants": calendar(event("SUMM\n ARY:x"), event(uid="two")),
    "a fold within the beginning of an event": calendar(event().replace("BEGIN:VEV", "BEGIN:VEV\n "), event(uid="two")),
    "a fold within the word that begins an event": calendar(event().replace("BEGIN:", "BEG\n IN:"), event(uid="two")),
    "a fold within the end of an event": calendar(event().replace("END:VEV", "END:VEV\n "), event(uid="two")),
    "an empty line within a fold": calendar(event("RRULE:FREQ=DAILY\n\n ;COUNT=3"), event(uid="two")),
    "a lone return": calendar(event("SUMMARY:x\rRRULE:FREQ=DAILY;COUNT=3"), event(uid="two")),
    "a lone return that hides an end": calendar(event("SUMMARY:x\rEND:VEVENT"), event(uid="two")),
    "a lone return between two events": calendar(event() + "\r" + event(uid="two"), event(uid="three")),
    "a lone return before the first event": calendar("X-NAME:x\r" + event(), event(uid="two")),
    "a lone return behind the word that begins an event": calendar(
        event().replace("VEVENT\nUID", "VEVENT\rUID"), event(uid="two")
    ),
    "a lone return behind the end of an alarm": calendar(event("BEGIN:VALARM\nEND:VALARM\rX:y"), event(uid="two")),
    "a line that begins with a lone return": calendar(event("\rTRANSP:TRANSPARENT", "\rX:y\n z"), event(uid="two")),
    "a lone return in a time": calendar(event(start="DTSTART:20260105T090000Z\rX"), event(uid="two")),
    "a lone return in a word": calendar(event("STATUS:CANCELLED\rX", "TRANSP:\rTRANSPARENT"), event(uid="two")),
    "returns before every line's end": calendar(event("RRULE:FREQ=DAILY;COUNT=3")).replace(b"\r\n", b"\r\r\n"),
    "returns alone": calendar(event("RRULE:FREQ=DAILY;COUNT=3")).replace(b"\r\n", b"\r"),
    "a lone return among line feeds": calendar(event("SUMMARY:x\x00"))
    .replace(b"\r\n", b"\n")
    .replace(b"\0", b"\rSTATUS:CANCELLED"),
    "free and busy times beside events": calendar(event(), "BEGIN:VFREEBUSY\nFREEBUSY:20260107T090000Z/PT1H\nEND:VFREEBUSY"),
    "free and busy times between events": calendar(
        event(), "BEGIN:VFREEBUSY\nFREEBUSY:20260107T090000Z/PT1H\nEND:VFREEBUSY", event(uid="two")
    ),
    "an event without a calendar": b"\n" + event().encode() + b"\n",
    "two events without a calendar": b"\n" + event().encode() + b"\n" + event(uid="two").encode() + b"\n",
    "one uid, plain and not": calendar(
        event("RRULE:FREQ=DAILY"), event("RECURRENCE-ID:20260106T090000Z", "RDATE:20260120T090000Z")
    ),
    "two masters": calendar(
        event("RRULE:FREQ=DAILY;COUNT=3"), event("RRULE:FREQ=DAILY;COUNT=2", start="DTSTART:20260120T090000Z", end="")
    ),
    "two changes of one": calendar(
        event("RECURRENCE-ID:20260106T090000Z"), event("RECURRENCE-ID:20260106T090000Z", "SEQUENCE:2", end="")
    ),
    "a change in another zone": calendar(
        event("RRULE:FREQ=DAILY;COUNT=3"),
        event(
            "RECURRENCE-ID;TZID=Europe/Stockholm:20260106T100000", start="DTSTART;TZID=Europe/Stockholm:20260106T200000", end=""
        ),
    ),
    "a change of the day": calendar(
        event("RRULE:FREQ=DAILY;COUNT=3"), event("RECURRENCE-ID:20260106T000000Z", end="DURATION:PT5H")
    ),
    "a change of nothing": calendar(
        event("RRULE:FREQ=DAILY;COUNT=3"), event("RECURRENCE-ID:20260116T000000Z", end="DURATION:PT5H")
    ),
    "a change at the first instant": calendar(
        event("RECURRENCE-ID:19700101T000000Z"), event("RRULE:FREQ=DAILY", start="DTSTART:19700101T000000Z")
    ),
    "an exclusion of a single event": calendar(event("EXDATE:20260105T090000Z"), event(uid="two")),
    "by hours, whole days": calendar(event("RRULE:FREQ=DAILY;BYHOUR=9;BYSETPOS=1", start="DTSTART;VALUE=DATE:20260105", end="")),
    "an interval beyond all years": calendar(event("RRULE:FREQ=MONTHLY;INTERVAL=999999999999999"), event(uid="two")),
    "until on a date, in its last second": calendar(
        event("RRULE:FREQ=DAILY;UNTIL=20260107", start="DTSTART:20260105T235959Z", end="")
    ),
    "too dense": calendar(event("RRULE:FREQ=SECONDLY"), event(uid="two")),
    "too dense until": calendar(event("RRULE:FREQ=SECONDLY;UNTIL=20260201T000000Z"), event(uid="two")),
    "too dense and free": calendar(event("RRULE:FREQ=SECONDLY", "TRANSP:TRANSPARENT"), event(uid="two")),
    "too dense and later": calendar(event("RRULE:FREQ=SECONDLY", start="DTSTART:20260302T000000Z"), event(uid="two")),
    "too dense and over": calendar(
        event("RRULE:FREQ=SECONDLY;UNTIL=20251201T000000Z", start="DTSTART:20251101T000000Z"), event(uid="two")
    ),
    "another calendar system": calendar(event("RRULE:RSCALE=MAYA;FREQ=DAILY"), event(uid="two")),
    "cut": calendar(event())[:-20],
    "twice": calendar(event()) + calendar(event()),
    "until in local time": calendar(event("RRULE:FREQ=DAILY;UNTIL=20260107T085959")),
    "until on a date": calendar(
        event("RRULE:FREQ=DAILY;UNTIL=20260107", start="DTSTART;TZID=Europe/Stockholm:20260105T233000", end="")
    ),
    "whole days until a time": calendar(
        event("RRULE:FREQ=DAILY;UNTIL=20260106T230000Z", start="DTSTART;VALUE=DATE:20260105", end="")
    ),
    "at the edges": calendar(
        event(uid="a", start="DTSTART:20251231T230000Z", end="DTEND:20260101T000000Z"),
        event(uid="b", start="DTSTART:20251231T230000Z", end="DTEND:20260101T000001Z"),
        event(uid="c", start="DTSTART:20260302T000000Z", end="DURATION:PT1H"),
        event(uid="d", start="DTSTART:20260301T235959Z", end="DURATION:PT1H"),
        event(uid="e", start="DTSTART:20260101T000000Z", end=""),
        event(uid="f", start="DTSTART:20260302T000000Z", end=""),
        event(uid="g", start="DTSTART:20250110T000000Z", end="DURATION:P360D"),
    ),
    "beyond all years": calendar(event("RRULE:FREQ=YEARLY", start="DTSTART;VALUE=DATE:00010101", end=""), event(uid="two")),
    "the last day of all": calendar(event("RRULE:FREQ=MONTHLY", start="DTSTART;VALUE=DATE:99991231", end=""), event(uid="two")),
}


@pytest.mark.parametrize("name", ODD_FEEDS)
@pytest.mark.parametrize("zone", [UTC, STOCKHOLM], ids=["utc", "stockholm"])
def test_an_odd_feed_is_read_the_same_both_ways(name: str, zone: ZoneInfo) -> None:
    answers = []
    for way in (read, read_long):
        try:
            answers.append(repr(way([ODD_FEEDS[name]], START, END, zone)))
        except Refused as fault:
            answers.append(fault.reason)
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("limits", "taken"),
    [(Limits(), True), (Limits(components=3), False), (Limits(components=4), True), (Limits(octets=10), None)],
)
def test_a_feed_beyond_its_bounds_is_not_taken(limits: Limits, taken: bool | None) -> None:
    data = calendar(*(event(uid=f"meeting-{i}") for i in range(3)))
    if taken is None:
        with pytest.raises(Refused):
            apart(data, limits, frozenset(), PLAIN)
    else:
        assert (apart(data, limits, frozenset(), PLAIN) is not None) == taken


def test_the_owner_s_answer_is_found_over_folds() -> None:
    lines = event("ATTENDEE;CN=Ek;PARTSTAT=DEC\n LINED;RSVP=TRUE:mailto:ev\n a@example.se").removesuffix("END:VEVENT").encode()
    for octets in (lines, lines.replace(b"\n", b"\r\n")):
        mine, other = (plain(octets, "", frozenset([owner]), PLAIN) for owner in (b"eva@example.se", b"bo@example.se"))
        assert mine is not None
        assert other is not None
        assert (mine.says, other.says) == (Says.NOTHING, Says.BUSY)


_WEEKLY = ("", ";BYDAY=MO,WE,SU", ";BYDAY=TU;WKST=SU", ";BYDAY=FR,SA;WKST=TH")
_MONTHLY = ("", ";BYMONTHDAY=28", ";BYMONTHDAY=-28", ";BYMONTHDAY=1", ";BYMONTHDAY=-1")
RULES = [
    *(f"FREQ=DAILY;INTERVAL={n}" for n in (1, 2, 3, 10)),
    *(f"FREQ=WEEKLY;INTERVAL={n}{more}" for n in (1, 2, 3) for more in _WEEKLY),
    "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
    "FREQ=WEEKLY;BYDAY=2MO,-1FR",
    *(f"FREQ=MONTHLY;INTERVAL={n}{more}" for n in (1, 2, 5) for more in _MONTHLY),
    *(f"FREQ=MONTHLY;BYDAY={n}{day}" for n in (1, 2, 3, 4, -1, -2, -3, -4) for day in ("MO", "TH", "SU")),
]
NOT_EVERYDAY = [
    "FREQ=YEARLY",
    "FREQ=HOURLY",
    "FREQ=DAILY;BYDAY=MO;INTERVAL=2",
    "FREQ=DAILY;BYMONTH=3",
    "FREQ=DAILY;BYMONTHDAY=3",
    "FREQ=WEEKLY;BYHOUR=3",
    "FREQ=WEEKLY;BYMINUTE=3",
    "FREQ=WEEKLY;BYSECOND=3",
    "FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1",
    "FREQ=WEEKLY;BYYEARDAY=3",
    "FREQ=DAILY;BYWEEKNO=3",
    "FREQ=MONTHLY;BYDAY=5MO",
    "FREQ=MONTHLY;BYDAY=-5MO",
    "FREQ=MONTHLY;BYDAY=MO",
    "FREQ=MONTHLY;BYDAY=1MO,2TU",
    "FREQ=MONTHLY;BYMONTHDAY=1,2",
    "FREQ=MONTHLY;BYMONTHDAY=29",
    "FREQ=MONTHLY;BYMONTHDAY=-29",
    "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=1",
    "FREQ=MONTHLY;COUNT=3",
    "FREQ=DAILY;COUNT=0",
    "RSCALE=HEBREW;FREQ=MONTHLY",
    "FREQ=WEEKLY;COUNT=0",
]


def bounds(rng: random.Random, rule: Rule, text: str) -> tuple[Rule, int, int, int, int | None]:
    start = rng.randrange(-10_000, 22_000) * DAY + rng.randrange(0, DAY, 900)
    lower = start + rng.randrange(-400, 4000) * DAY + rng.choice((0, 0, 1, -1, 900))
    upper = lower + rng.choice((0, 1, 7, 62, 400)) * DAY + rng.choice((0, 0, -1, 1))
    until = start + rng.randrange(-2, 4000) * DAY + rng.choice((0, 0, 1, -1)) if rng.random() < 0.4 else None
    if rng.random() < 0.4 and "MONTHLY" not in text:
        rule = parse(f"{text};COUNT={rng.randrange(1, 400)}")
    return rule, start, lower, upper, until


@pytest.mark.parametrize("text", RULES)
def test_arithmetic_gives_what_expansion_gives(text: str) -> None:
    rng = random.Random(text)
    boundless = Limits(event_work=10**9, feed_work=10**9)
    for _ in range(60):
        rule, start, lower, upper, until = bounds(rng, parse(text), text)
        found = stride.walls(rule, start, lower, upper, until)
        day = date.fromordinal(start // DAY + EPOCH).day
        if "MONTHLY" in text and "BY" not in text and day > 28:
            assert found is None
            continue
        expected = recurrence.expand(rule, start, lower, upper, until, 10**6, Budget(boundless).meter())
        assert found == expected, (text, rule, start, lower, upper, until)


@pytest.mark.parametrize("text", NOT_EVERYDAY)
def test_a_rule_that_is_not_everyday_is_left_to_expansion(text: str) -> None:
    assert stride.walls(parse(text), LATE, START, END, None) is None


@pytest.mark.parametrize("text", ["FREQ=WEEKLY;BYDAY=MO", "FREQ=MONTHLY;BYMONTHDAY=1", "FREQ=DAILY"])
def test_the_last_instant_is_within_the_bound(text: str) -> None:
    monday = instant("2026-06-01")  # the first of its month, at midnight
    assert stride.walls(parse(text), monday, monday, monday, None) == [monday]
    assert stride.walls(parse(text), monday, monday, monday - 1, None) == []


def test_a_series_with_changed_occurrences_goes_the_short_way() -> None:
    changes = [event(f"RECURRENCE-ID:2026010{day}T090000Z", end="DURATION:PT1H") for day in (6, 7)]
    taken = apart(calendar(event("RRULE:FREQ=DAILY"), *changes), BOUNDS, frozenset(), PLAIN)
    assert taken is not None
    assert simple(taken.blocks)
    assert simple(taken.blocks[1:])
    assert not simple([taken.blocks[0], taken.blocks[0]])
    assert not simple([taken.blocks[1], taken.blocks[1]])


def test_the_last_year_is_left_to_expansion() -> None:
    assert stride.walls(parse("FREQ=DAILY"), LATE, START, instant("9998-12-31 23:59:59"), None) is not None
    assert stride.walls(parse("FREQ=DAILY"), LATE, START, instant("9999-01-01"), None) is None


@pytest.mark.parametrize(
    "key", ["Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu", "Pacific/Apia"]
)
@pytest.mark.parametrize("first", ["2026-03-01", "2026-09-01", "2011-12-20", "2025-02-20"])
def test_the_clock_table_gives_what_the_zone_gives(key: str, first: str) -> None:
    zone = named(ZoneInfo(key))
    low = instant(first)
    clock = Clock(zone, low, low + 62 * DAY)
    for wall in range(low - 5 * DAY, low + 67 * DAY, 900):
        assert clock.to_utc(wall) == zone.to_utc(wall)


def test_an_event_seen_before_is_known_by_its_digest_and_the_memory_is_bounded() -> None:
    memory = Memory(size=10)
    for i in range(100):
        data = calendar(event(uid=f"u{i}"))
        assert apart(data, BOUNDS, frozenset(), PLAIN, memory) == apart(data, BOUNDS, frozenset(), PLAIN, memory)
    assert len(memory.records) <= 10
    assert not any(b"meeting" in digest for digest in memory.records)
    MEMORY.clear()
    assert not MEMORY.records
