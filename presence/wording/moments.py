"""Times, days and opening hours as people of one language write them, in the organisation's zone. Time is an argument."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_day_names

from presence.domain.enquiry import When
from presence.domain.hours import ComingException, HoursSpec, OpeningHours
from presence.domain.intervals import Instant

_MIDNIGHT = time()
_DAY = timedelta(days=1)
_REMEMBERED = 512
Spans = tuple[tuple[time, time], ...]
Text = Callable[..., str]


class Moments:
    """One language's way of writing time. `text` gives a text of its catalogue, `form` a format or an empty string."""

    def __init__(self, locale: Locale, zone: str, text: Text, form: Callable[[str], str]) -> None:
        self._locale = locale
        self._zone = ZoneInfo(zone)
        self._text = text
        self._form = form
        self._known: dict[tuple[HoursSpec, date], str] = {}

    def local(self, instant: Instant) -> datetime:
        return datetime.fromtimestamp(instant, self._zone)

    def iso(self, when: When) -> str:
        """ISO 8601: an instant with the zone's offset, or a date."""
        if isinstance(when, date):
            return when.isoformat()
        return self.local(when).isoformat()

    def clock(self, moment: datetime | time) -> str:
        """ "14.30", "2:30 pm"."""
        whole = self._form("format.time.whole") if moment.minute == 0 else ""
        return format_time(moment, whole or self._form("format.time") or "short", locale=self._locale)

    @property
    def forms(self) -> dict[str, str]:
        """How `clock` writes and where, for a script that has to write the same: patterns of CLDR, and the halves of a day."""
        form = self._form("format.time") or self._locale.time_formats["short"].pattern
        halves = [format_time(time(hour), "a", locale=self._locale) for hour in (1, 13)]
        return {
            "zone": str(self._zone),
            "locale": str(self._locale).replace("_", "-"),
            "form": form,
            "whole": self._form("format.time.whole") or form,
            "halves": "|".join(halves),
        }

    def day(self, day: date, now: Instant) -> str:
        """ "i dag", "i morgon", "torsdag 26 november"; the year where it is another."""
        today = self.local(now).date()
        if day == today:
            return self._text("day.today")
        if day == today + _DAY:
            return self._text("day.tomorrow")
        return self._text("day.date", date=self._date(day, today))

    def moment(self, instant: Instant, now: Instant) -> str:
        """ "i dag 14.30", "i morgon 8.00", "torsdag 26 november 8.00"."""
        at, today = self.local(instant), self.local(now).date()
        ahead = (at.date() - today).days
        name = {0: "moment.today", 1: "moment.tomorrow"}.get(ahead, "moment.date")
        return self._text(name, time=self.clock(at), date=self._date(at.date(), today))

    def end(self, instant: Instant, now: Instant) -> str:
        """Until when: the time alone where that is today."""
        at = self.local(instant)
        today = self.local(now).date()
        midnight = at.date() == today + _DAY and at.time() == _MIDNIGHT
        return self.clock(at) if at.date() == today or midnight else self.moment(instant, now)

    def date_of(self, day: date, now: Instant) -> str:
        """ "torsdag 26 november", also for a day that is near."""
        return self._date(day, self.local(now).date())

    def dated(self, now: Instant) -> str:
        """ "onsdag 25 november 2026 10.42"."""
        at = self.local(now)
        return self._text("moment.date", date=format_date(at, "full", locale=self._locale), time=self.clock(at))

    def _date(self, day: date, today: date) -> str:
        form = self._form("format.date") or "full"
        if form != "full" and abs((day - today).days) > 300:
            form += " y"
        return format_date(day, form, locale=self._locale)

    # --- opening hours ---

    def hours(self, hours: OpeningHours, now: Instant) -> str:
        """The usual hours of this week, in words: "mån–tor 8–17, fre 8–15"."""
        today = self.local(now).date()
        monday = today - today.weekday() * _DAY
        key = (hours.spec, monday)
        if key not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = self._week([hours.usual_spans(monday + n * _DAY) for n in range(7)])
        return self._known[key]

    def exception(self, coming: ComingException, now: Instant) -> str:
        """ "Torsdag 26 november: öppet 8–12"."""
        day = self.day(coming.day, now)
        name = "exception.open" if coming.open else "exception.closed"
        said = self._text(name, day=day, spans=self.spans(coming.open))
        return said[:1].upper() + said[1:]

    def spans(self, spans: Spans) -> str:
        """ "9–11 och 13–15"."""
        *first, last = [self._span(a, b) for a, b in spans] or [""]
        return self._text("hours.and").join([", ".join(first), last]) if first else last

    def _week(self, days: list[Spans]) -> str:
        if not any(days):
            return self._text("hours.none")
        if all(spans == ((_MIDNIGHT, _MIDNIGHT),) for spans in days):
            return self._text("hours.always")
        if len(set(days)) == 1:
            return f"{self._text('hours.daily')} {self.spans(days[0])}"
        return ", ".join(self._runs(days))

    def _runs(self, days: list[Spans]) -> Iterator[str]:
        names = get_day_names("abbreviated", context="stand-alone", locale=self._locale)
        for spans, run in groupby(range(7), key=lambda n: days[n]):
            numbers = list(run)
            if spans:
                first, last = (names[n].rstrip(".") for n in (numbers[0], numbers[-1]))
                between = {1: first, 2: f"{first}, {last}"}.get(len(numbers), f"{first}–{last}")
                yield f"{between} {self.spans(spans)}"

    def _span(self, start: time, end: time) -> str:
        if start == end == _MIDNIGHT:
            return self._text("hours.always")
        return f"{self._hour(start)}–{self._hour(end, end=True)}"

    def _hour(self, moment: time, end: bool = False) -> str:
        form = self._form("format.hours.whole" if moment.minute == 0 else "format.hours")
        if end and moment == _MIDNIGHT and form == "H":
            return "24"
        return format_time(moment, form or "short", locale=self._locale)
