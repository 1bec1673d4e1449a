"""Calendars made by chance, the same for the same seed: everyday ones that libraries read right too, and odd ones."""

import random
from datetime import date, datetime, timedelta

ZONES = ("Europe/Stockholm", "America/New_York", "Australia/Sydney", "W. Europe Standard Time", "Europe/London")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FIRST = datetime(2023, 1, 2)  # noqa: DTZ001  (wall time; the zone is drawn)


class Maker:
    """One calendar in the making. `odd` lets in what only our long way reads."""

    def __init__(self, seed: int, *, odd: bool) -> None:
        self.rng = random.Random(seed)
        self.odd = odd
        self.zones: set[str] = set()

    def calendar(self) -> bytes:
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
        if self.rng.random() < 0.2:
            lines.append("METHOD:" + self.rng.choice(("PUBLISH", "REQUEST", "CANCEL") if self.odd else ("PUBLISH",)))
        for i in range(self.rng.randrange(1, 7)):
            lines += self.item(f"u{i}@example.org")
        end = "\r\n" if self.rng.random() < 0.8 else "\n"
        return (end.join([*lines, "END:VCALENDAR"]) + end).encode()

    def item(self, uid: str) -> list[str]:
        rng = self.rng
        form = rng.choice(("zone", "zone", "zone", "utc", "date", "floating"))
        zone = rng.choice(ZONES)
        start = FIRST + timedelta(days=rng.randrange(1300), minutes=15 * rng.randrange(96))
        if form == "date":
            start = datetime(start.year, start.month, start.day)  # noqa: DTZ001
        minutes = 1440 * rng.randrange(1, 4) if form == "date" else rng.choice((0, 15, 30, 60, 90, 480, 1500, 3000))
        if rng.random() > 0.6:
            return self.event(uid, form, zone, start, minutes, [])
        rule, days = self.rule(start, form)
        lines = [f"RRULE:{rule}"]
        left = rng.sample(days, min(len(days), rng.randrange(4)))
        lines += [self.at("EXDATE", form, zone, day) for day in left]
        events = self.event(uid, form, zone, start, minutes, lines)
        if self.odd and rng.random() < 0.15:
            more = "EXRULE:FREQ=WEEKLY", "EXRULE:FREQ=DAILY;INTERVAL=2", self.at("RECURRENCE-ID", form, zone, start)
            events.insert(-1, rng.choice(more))
        others = [day for day in days if self.odd or day not in left]
        for original in rng.sample(others, min(len(others), rng.randrange(3))):
            moved = original + (
                timedelta(days=rng.randrange(-2, 3)) if form == "date" else timedelta(minutes=30 * rng.randrange(-9, 9))
            )
            events += self.event(uid, form, zone, moved, minutes, [self.at("RECURRENCE-ID", form, zone, original)])
        return events

    def at(self, name: str, form: str, zone: str, when: datetime | date) -> str:
        if form == "date":
            return f"{name};VALUE=DATE:{when:%Y%m%d}"
        if form == "utc":
            return f"{name}:{when:%Y%m%dT%H%M%SZ}"
        return f"{name}{f';TZID={zone}' if form == 'zone' else ''}:{when:%Y%m%dT%H%M%S}"

    def event(self, uid: str, form: str, zone: str, start: datetime, minutes: int, more: list[str]) -> list[str]:
        rng = self.rng
        lines = ["BEGIN:VEVENT", f"UID:{uid}", self.at("DTSTART", form, zone, start)]
        night = (
            start.hour < 4 or start.hour * 60 + start.minute + minutes > 1440
        )  # hours of DURATION elapse, libraries count on the wall
        if rng.random() < 0.8 or (night and not self.odd and form in ("zone", "floating")):
            lines.append(self.at("DTEND", form, zone, start + timedelta(minutes=minutes)))
        elif form == "date":
            lines.append(f"DURATION:P{minutes // 1440}D")
        else:
            lines.append(f"DURATION:PT{minutes}M")
        lines += more
        for line, share in (
            ("TRANSP:TRANSPARENT", 0.1),
            ("TRANSP:OPAQUE", 0.3),
            ("STATUS:CANCELLED", 0.05),
            ("STATUS:TENTATIVE", 0.1),
            ("X-MICROSOFT-CDO-BUSYSTATUS:OOF", 0.05 if self.odd else 0),
            ("X-MICROSOFT-CDO-BUSYSTATUS:FREE", 0.05 if self.odd else 0),
            ("ATTENDEE;CN=Eva;PARTSTAT=DECLINED:mailto:eva@example.org", 0.1 if self.odd else 0),
            ("SUMMARY:Måns\\, möte\r\n  forts", 0.5),
            ("SEQUENCE:1", 0.2 if self.odd else 0),
            ("BEGIN:VALARM\r\nTRIGGER:-PT15M\r\nDURATION:PT5M\r\nEND:VALARM", 0.1),
        ):
            name = line.partition(":")[0] + ":"
            if rng.random() < share and (self.odd or not any(other.startswith(name) for other in lines)):
                lines.append(line)
        if self.odd and rng.random() < 0.15:
            lines[rng.randrange(1, len(lines))] += rng.choice((" ", ";", "\r\n x", "\r", "é", ":", ";TZID=Mars"))
        if self.odd and rng.random() < 0.08:
            lines = self.folded(lines)
        return [*lines, "END:VEVENT"]

    def folded(self, lines: list[str]) -> list[str]:
        """With a fold that few products write: in a name, over an empty line, or a line that ends in a way of its own."""
        place, at = self.rng.randrange(len(lines)), self.rng.randrange(1, 12)
        broken = self.rng.choice(("\r\n ", "\r\n\t", "\r\n\r\n ", "\r\r\n ", "\r"))
        return [*lines[:place], lines[place][:at] + broken + lines[place][at:], *lines[place + 1 :]]

    def rule(self, start: datetime, form: str) -> tuple[str, list[datetime]]:
        """A rule that DTSTART matches, and some of its first days."""
        rng = self.rng
        every = rng.choice((1, 1, 1, 2, 3))
        own = DAYS[start.weekday()]
        kind = rng.choice(("daily", "weekly", "weekly", "days", "monthly", "nth", "last", "odd" if self.odd else "daily"))
        step = {"daily": every, "weekly": 7 * every, "days": 7 * every}.get(kind)
        text = f"FREQ=DAILY;INTERVAL={every}"
        if kind == "weekly":
            text = rng.choice((f"FREQ=WEEKLY;INTERVAL={every}", f"FREQ=WEEKLY;INTERVAL={every};BYDAY={own}"))
        elif kind == "days":
            wanted = sorted({own, *rng.sample(DAYS, 2)}, key=DAYS.index)
            text = f"FREQ=WEEKLY;INTERVAL={every};WKST={rng.choice(('MO', 'SU'))};BYDAY={','.join(wanted)}"
        elif kind == "monthly":
            text = f"FREQ=MONTHLY;INTERVAL={every}" + (f";BYMONTHDAY={start.day}" if rng.random() < 0.5 else "")
        elif kind == "nth":
            text = f"FREQ=MONTHLY;INTERVAL={every};BYDAY={(start.day - 1) // 7 + 1}{own}"
        elif kind == "last" and (start + timedelta(days=7)).month != start.month:
            text = f"FREQ=MONTHLY;INTERVAL={every};BYDAY=-1{own}"
        elif kind == "odd":
            text = rng.choice(
                (
                    "FREQ=YEARLY",
                    "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
                    "FREQ=MONTHLY;BYDAY=MO,TU,WE;BYSETPOS=-1",
                    "FREQ=DAILY;COUNT=0",
                    "FREQ=HOURLY;INTERVAL=7",
                    "FREQ=WEEKLY;BYHOUR=9,17",
                    "FREQ=MONTHLY;BYMONTHDAY=-3",
                    "FREQ=MONTHLY;BYDAY=5FR;COUNT=4",
                    "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD",
                    "FREQ=DAILY;INTERVAL=0",
                    "FREQ=WEEKLY;BYDAY=2MO",
                    "freq=weekly;byday=tu,th",
                )
            )
        bound = rng.randrange(3)
        if bound == 1 and "COUNT" not in text:
            text += f";COUNT={rng.randrange(1, 60)}"
        elif bound == 2:
            until = start + timedelta(days=rng.randrange(-30, 700))
            text += (
                f";UNTIL={until:%Y%m%d}" if form == "date" else f";UNTIL={until:%Y%m%dT%H%M%S}{'' if form == 'floating' else 'Z'}"
            )
        return text, [start + timedelta(days=step * i) for i in range(1, 12)] if step else []
