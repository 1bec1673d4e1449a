"""Inputs that were made to hurt, each one feed around a good event that must survive where the feed itself can be trusted."""

from collections.abc import Callable

GOOD = "BEGIN:VEVENT\r\nUID:good\r\nDTSTART:20260105T090000Z\r\nDTEND:20260105T100000Z\r\nEND:VEVENT\r\n"


def event(*lines: str, uid: str = "bad", start: str = "DTSTART:20260101T080000Z", end: str = "DURATION:PT1H") -> str:
    """A VEVENT of the given lines beside UID, DTSTART and an end."""
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", *filter(None, (start, end)), *lines, "END:VEVENT", ""])


def feed(*parts: str) -> bytes:
    """A whole calendar: the parts, then the good event."""
    return ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + "".join(parts) + GOOD + "END:VCALENDAR\r\n").encode()


def dense() -> str:
    hours = ",".join(map(str, range(24)))
    sixty = ",".join(map(str, range(60)))
    days = ",".join(map(str, range(1, 32)))
    return (
        f"RRULE:FREQ=YEARLY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12;BYMONTHDAY={days};BYHOUR={hours};BYMINUTE={sixty};BYSECOND={sixty}"
    )


def many_dates() -> str:
    values = ",".join(f"202601{1 + i // 3600:02}T{i // 150 % 24:02}{i // 60 % 60:02}{i % 60:02}Z" for i in range(86_400))
    return "RDATE:" + values


def many_overrides(count: int = 20_000) -> str:
    master = event("RRULE:FREQ=DAILY", uid="many")
    one = "BEGIN:VEVENT\r\nUID:many\r\nRECURRENCE-ID:{0}T{1}Z\r\nDTSTART:{0}T{1}Z\r\nDURATION:PT1M\r\nEND:VEVENT\r\n"
    return master + "".join(
        one.format(f"20{26 + i // 8760:02}01{1 + i // 1440 % 28:02}", f"{i // 60 % 24:02}{i % 60:02}00") for i in range(count)
    )


def plain(count: int) -> str:
    return "".join(event(uid=f"p{i}", start=f"DTSTART:2026{1 + i % 12:02}{1 + i % 28:02}T{i % 24:02}0000Z") for i in range(count))


def own_zone() -> str:
    return (
        "BEGIN:VTIMEZONE\r\nTZID:Mine\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+2359\r\nTZOFFSETTO:+2359\r\n"
        "RRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n" + event(start="DTSTART;TZID=Mine:20260101T080000")
    )


def nested(depth: int = 50_000) -> str:
    return "BEGIN:VEVENT\r\nUID:deep\r\n" + "BEGIN:X-A\r\n" * depth + "END:X-A\r\n" * depth + "END:VEVENT\r\n"


MADE: dict[str, Callable[[], bytes]] = {
    "1 every second": lambda: feed(event("RRULE:FREQ=SECONDLY")),
    "2 every second since 1970": lambda: feed(event("RRULE:FREQ=SECONDLY", start="DTSTART:19700101T000000Z")),
    "2 every minute since 1970": lambda: feed(event("RRULE:FREQ=MINUTELY", start="DTSTART:19700101T000000Z")),
    "3 a thousand million seconds": lambda: feed(event("RRULE:FREQ=SECONDLY;COUNT=1000000000")),
    "3 counted and filtered": lambda: feed(
        event("RRULE:FREQ=SECONDLY;BYSECOND=1,2,3;COUNT=1000000000", start="DTSTART:19700101T000000Z")
    ),
    "4 a thousand million days": lambda: feed(event("RRULE:FREQ=DAILY;COUNT=1000000000")),
    "5 interval zero": lambda: feed(event("RRULE:FREQ=DAILY;INTERVAL=0")),
    "6 never": lambda: feed(event("RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")),
    "6 never, counted": lambda: feed(
        event("RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30;COUNT=5", start="DTSTART:19000101T000000Z")
    ),
    "7 rule and exrule": lambda: feed(event("RRULE:FREQ=MINUTELY", "EXRULE:FREQ=MINUTELY")),
    "7 dense exrule": lambda: feed(event("RRULE:FREQ=DAILY", "EXRULE:FREQ=MINUTELY")),
    "7 exrule that never matches": lambda: feed(event("RRULE:FREQ=DAILY", "EXRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")),
    "8 dense lists": lambda: feed(event(dense())),
    "8 dense lists with positions": lambda: feed(event(dense() + ";BYSETPOS=" + ",".join(map(str, range(1, 367))))),
    "9 daily since year 1": lambda: feed(event("RRULE:FREQ=DAILY", start="DTSTART:00010101T080000Z")),
    "9 daily since year 1, counted and filtered": lambda: feed(
        event("RRULE:FREQ=DAILY;COUNT=900000;BYDAY=MO", start="DTSTART:00010101T080000Z")
    ),
    "10 a hundred years every day": lambda: feed(event("RRULE:FREQ=DAILY", end="DTEND:21260101T080000Z")),
    "11 duration beyond all": lambda: feed(event(end="DURATION:P999999999D")),
    "12 duration of 20 digits": lambda: feed(event(end="DURATION:P99999999999999999999D")),
    "13 negative duration": lambda: feed(event(end="DURATION:-PT1H")),
    "13 end before start": lambda: feed(event(end="DTEND:20260101T070000Z")),
    "14 the last day": lambda: feed(event(start="DTSTART;VALUE=DATE:99991231", end="")),
    "14 over the last day": lambda: feed(event(start="DTSTART:99991231T230000", end="DURATION:PT5H")),
    "15 no start": lambda: feed(event(start="")),
    "16 no uid": lambda: feed(event(uid="x").replace("UID:x\r\n", "")),
    "16 one uid twice": lambda: feed(event(), event(start="DTSTART:20260102T080000Z")),
    "17 unknown zone": lambda: feed(event(start="DTSTART;TZID=Mars/Olympus:20260101T080000")),
    "18 a zone of its own": lambda: feed(own_zone()),
    "19 nested": lambda: feed(nested()),
    "20 many dates": lambda: feed(event(many_dates())),
    "21 many overrides": lambda: feed(many_overrides()),
    "21 as many overrides as accepted": lambda: feed(many_overrides(3_500)),
    "22 one line of 50 MB": lambda: feed("X-LONG:" + "x" * 50_000_000 + "\r\n"),
    "22 one line of 4 MB in single octets": lambda: feed("BEGIN:VEVENT\r\nUID:x\r\n" + " x\n" * 299_000 + "END:VEVENT\r\n"),
    "23 100,000 events": lambda: feed(plain(100_000)),
    "23 as many events as accepted": lambda: feed(plain(19_000)),
    "24 a web page": lambda: b"<!DOCTYPE html><html><body>Log in</body></html>",
    "24 empty": lambda: b"",
    "24 UTF-16": lambda: feed().decode().encode("utf-16"),
    "24 two calendars": lambda: feed() + feed(),
    "24 cut": lambda: feed()[:-20],
    "24 cut after an event": lambda: feed().replace(b"END:VCALENDAR\r\n", b""),
    "25 Latin-1": lambda: feed(event("SUMMARY:M\xf6te")).decode().encode("latin-1"),
    "25 NUL": lambda: feed(event("SUMMARY:\0")),
    "25 a mark of byte order": lambda: b"\xef\xbb\xbf" + feed(),
    "20,000 rules that take work": lambda: feed(
        *(event("RRULE:FREQ=SECONDLY;BYHOUR=1,2;BYDAY=MO;COUNT=99999", uid=f"w{i}") for i in range(15_000))
    ),
    "20,000 endless days": lambda: feed(*(event("RRULE:FREQ=DAILY", uid=f"w{i}") for i in range(15_000))),
    "20,000 availabilities": lambda: feed(
        *(
            f"BEGIN:VAVAILABILITY\r\nDTSTART:2026{1 + i % 12:02}01T000000Z\r\nBEGIN:AVAILABLE\r\nUID:a{i}\r\n"
            f"DTSTART:20260101T{i % 24:02}0000Z\r\n"
            "DURATION:PT1H\r\nRRULE:FREQ=DAILY\r\nEND:AVAILABLE\r\nEND:VAVAILABILITY\r\n"
            for i in range(9_000)
        )
    ),
    "masters times overrides": lambda: feed(
        *(event("RRULE:FREQ=DAILY", uid="many") for _ in range(9_000)), many_overrides(3_400)
    ),
    "a quote never closed": lambda: feed(event(start='DTSTART;TZID="' + 'a"' * 200_000 + ":20260101T080000Z")),
    "parameters without end": lambda: feed(event(start="DTSTART" + ";A=b" * 500_000 + ":20260101T080000Z")),
    "a zone name of 1 MB": lambda: feed(event(start="DTSTART;TZID=" + "a/" * 500_000 + ":20260101T080000")),
    "5,000 zones": lambda: feed(
        *(
            f"BEGIN:VTIMEZONE\r\nTZID:Z{i}\r\nBEGIN:STANDARD\r\nDTSTART:19010101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"
            "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
            + event(start=f"DTSTART;TZID=Z{i}:20260101T080000", uid=f"z{i}")
            for i in range(5_000)
        )
    ),
    "shifts of all that follows": lambda: feed(
        event("RRULE:FREQ=HOURLY", uid="s"),
        *(
            f"BEGIN:VEVENT\r\nUID:s\r\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260101T{i // 60 % 24:02}{i % 60:02}00Z\r\n"
            f"DTSTART:20270101T{i // 60 % 24:02}{i % 60:02}00Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n"
            for i in range(1_400)
        ),
    ),
}
REFUSED = {name for name in MADE if name.startswith(("21 many", "22 one line of 50", "23 100,000", "24", "25 NUL"))}
