"""A year in the life of a staff, rolled day by day: at any instant every answer is what is true of the person.

The files of four sources are read by their connectors every day: a directory, working hours, calendars, leave. In the ordinary
run 50 people are asked at 2,500 random instants; with PRESENCE_FULL=1 (`make proof-year`) 2,000 people, 250 at a time, at 50,000.
"""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from connectors.calendars import Reading, read
from connectors.hr import Hr
from presence.domain.facts import Fact, Override, key
from presence.domain.intervals import FOREVER
from tests.proofs.municipality import FULL
from tests.proofs.year import files
from tests.proofs.year.oracle import ZONE, Known, Oracle
from tests.proofs.year.staff import DAY, FIRST, LAST, Human, staff
from tests.web.service import Service, contact_id, serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.timeout(10_800)]

PEOPLE, ASKED = (250, 6_250) if FULL else (50, 2_500)  # in each group
GROUPS = range(8 if FULL else 1)
SEED = 7
WINDOW = 21  # days that calendars are expanded ahead
HOUR = 3600


class Question(NamedTuple):
    t: int
    person: int


class InProcess:
    """Reads calendars here instead of in a child: the sandbox has tests of its own, and this is the same reading."""

    async def read(self, texts: list[bytes], start: int, end: int, zone: ZoneInfo, **more: Any) -> Reading:
        return read(texts, start, end, zone, **more)

    async def aclose(self) -> None:
        return


def questions(seed: int) -> list[Question]:
    """In order of time; most of them by day, as visitors are."""
    rng = Random(seed)
    begin, end = (int(datetime.combine(day, datetime.min.time(), ZONE).timestamp()) for day in (FIRST, LAST + DAY))
    found: list[Question] = []
    while len(found) < ASKED:
        t = rng.randrange(begin + 4 * HOUR, end)
        if rng.random() < 0.3 or 7 <= datetime.fromtimestamp(t, ZONE).hour < 18:
            found.append(Question(t, rng.randrange(PEOPLE)))
    return sorted(found)


class Year:
    """The service, and what it has been told."""

    def __init__(self, service: Service, folder: Path, people: list[Human]) -> None:
        self.service, self.folder, self.people = service, folder, people
        self.oracles = [Oracle(human) for human in people]
        self.known = Known(FIRST, {})
        self.seen: Counter[str] = Counter()
        self.wrong: list[str] = []

    async def read(self, today: date, t: int) -> None:
        """Every source is read, as on any day; then time passes, and what is over is put away."""
        service = self.service
        service.turn(t)
        self.known.read_at[today] = t
        self.known = Known(today, self.known.read_at)
        for human in self.people:
            if human.calendar and files.changes(human, today):
                files.write_calendar(self.folder, human, today)
        files.write_leave(self.folder / "leave.csv", self.people, today, t)
        hr = service.connectors["hr"]
        assert isinstance(hr, Hr)
        sources = ("rota", "people", "calendars") if today == FIRST else ("rota", "calendars")
        batches = [await service.connectors[name].fetch() for name in sources]
        leave = hr.read_file(str(self.folder / "leave.csv"))
        assert leave.rejected == ()
        for batch in (*batches, leave.batch):
            assert batch.skipped == 0
            outcome = await service.intake.take(batch)
            assert not outcome.hold, outcome.explanation
            assert not outcome.older
        words = [(human, n, w) for human in self.people for n, w in enumerate(human.words) if w.known == today]
        facts = [Fact(key("override", contact_id(h.identity), str(n)), _override(w)) for h, n, w in words]
        await service.intake.housekeeping(t)
        await service.say(facts)

    def ask(self, question: Question) -> None:
        human, oracle = self.people[question.person], self.oracles[question.person]
        t, known = question.t, self.known
        picture = self.service.board.now
        contact = picture.contact(contact_id(human.identity))
        assert contact
        found = picture.availability(contact, t)
        status = oracle.status(t, known)
        self.seen[status] += 1
        self._judge(question, "status", str(found.status), status)
        # The window of a calendar begins at a time of the person's own, up to a day later.
        certain = known.read_at[known.today] + WINDOW * 86_400
        until = oracle.until(t, known, certain)
        self.seen["with a time" if until else "without"] += 1
        if until is not None:
            self._judge(question, "until", str(found.until), str(until))
        else:
            reached = status in ("available", "unknown")
            beyond = found.until is None or (not reached and found.until >= certain)
            within = found.until is None or not human.calendar or found.until < certain + 86_400
            self._judge(question, "until", str(beyond and within), "True")
        valid = min(found.valid_until, t + 30 * 86_400)
        for later in (valid - 1, (t + valid) // 2):
            self._judge(question, f"valid_until, at {later}", str(found.status), oracle.status(later, known))
        assert t < found.valid_until <= FOREVER

    def _judge(self, question: Question, what: str, found: str, expected: str) -> None:
        if found != expected:
            when = datetime.fromtimestamp(question.t, ZONE)
            self.wrong.append(f"{what} of person {question.person} at {when}: {found}, and not {expected}")


def _override(word: object) -> Override:
    return Override(word.status, word.start, word.end, word.start)  # type: ignore[attr-defined]


def readings() -> Iterator[tuple[date, int]]:
    """The days of the year, each with the instant at which sources are read: in the small hours, not always the same."""
    rng = Random(3)
    day = FIRST
    while day <= LAST:
        yield day, int(datetime.combine(day, datetime.min.time(), ZONE).timestamp()) + rng.randrange(4 * HOUR // 900) * 900
        day += DAY


@pytest.mark.parametrize("group", GROUPS)
async def test_every_answer_of_a_year_is_what_is_true_of_the_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int
) -> None:
    people = staff(PEOPLE, SEED, group * PEOPLE + 1)
    files.write_all(tmp_path, people, WINDOW)
    waiting = questions(SEED + group)
    began, reading = time.monotonic(), 0.0
    days = list(readings())
    async with serving(tmp_path, days[0][1]) as service:
        monkeypatch.setattr(service.connectors["calendars"], "_pool", InProcess())
        year = Year(service, tmp_path, people)
        for n, (today, t) in enumerate(days):
            before = time.monotonic()
            await year.read(today, t)
            reading += time.monotonic() - before
            end = days[n + 1][1] if n + 1 < len(days) else FOREVER
            while waiting and waiting[0].t < end:
                year.ask(waiting.pop(0))
            assert len(year.wrong) < 20, "\n".join(year.wrong)
    assert year.wrong == []
    assert waiting == []
    assert {"available", "busy", "away", "closed", "unknown", "with a time"} <= set(year.seen)
    took = f"{time.monotonic() - began:.0f} s, of which reading {reading:.0f} s"
    print(f"{PEOPLE} people, {ASKED} instants: {dict(sorted(year.seen.items()))}; {took}", flush=True)
