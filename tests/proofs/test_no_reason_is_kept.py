"""The reason of an absence does not get past the connector: a word that stood in everything sources sent is found nowhere."""

import logging
import sqlite3
import traceback
from collections.abc import Iterable
from pathlib import Path

import pytest

from presence.readiness import Readiness
from presence.stores.sqlite import SqliteStore
from tests.proofs import absences
from tests.proofs.absences import CANARY, Kinds, Planned, Sent, leave
from tests.proofs.test_whether_never_why import routes, well
from tests.web.service import Answer, Service, serving
from tests.web.town import ANNA, TOKENS, at, write_calendar, write_town

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

EVERYTHING: Kinds = {
    **absences.WITHIN_A_DAY,
    **absences.WHOLE_DAY,
    **absences.WITHOUT_END,
    **absences.REPORTED_AWAY,
    **absences.BUSY,
    **absences.ON_THE_PHONE,
}
BROKEN = (
    Planned(("BEGIN:VEVENT", "UID:b1", f"DTSTART:{CANARY}", f"SUMMARY:{CANARY}", "END:VEVENT")),
    Planned(("BEGIN:VEVENT", "UID:b2", f"RRULE:FREQ={CANARY}", "DTSTART:20261124T100000Z", f"SUMMARY:{CANARY}", "END:VEVENT")),
    Planned(("BEGIN:VEVENT", "UID:b3", f"DTSTART;TZID={CANARY}:20261124T100000", f"SUMMARY:{CANARY}", "END:VEVENT")),
)
START = "2026-11-24T10:00:00+01:00"
REFUSED = (
    leave("1", START, None, reason=CANARY),
    leave("1", START, None, **{CANARY: "sjuk"}),
    leave("1", CANARY, None),
    leave("1", START, CANARY),
    leave("1", START, None, extent=CANARY),
    Sent("hr", "people/employee:101/absences/1", f'{{"start": "{CANARY}'),
    Sent("hr", "people/employee:101/absences/1", f"BEGIN:VCALENDAR\nSUMMARY:{CANARY}\n", "text/calendar"),
    Sent("hr", "people/employee:101/absences/1", f"BEGIN:{CANARY}\r\nEND:{CANARY}\r\n", "text/calendar"),
    Sent("hr", f"people/{CANARY}/absences/1", {"start": START}),
    Sent("hr", "absences", f"person;start;{CANARY}\nemployee:101;{START};sjuk", "text/csv"),
    Sent("hr", "absences", f"person;start\n{CANARY};{START}", "text/csv"),
    Sent("hr", "absences", f"person;start\nemployee:101;{START};{CANARY}", "text/csv"),
    Sent("hr", "absences", f'{{"person": "employee:101", "start": "{START}", "type": "{CANARY}"}}'),
    Sent("hr", "absences", [{"person": "employee:101", "start": START, "kind": CANARY}]),
    Sent("switchboard", "people/ext:101/presence", {"status": CANARY, "lease": 60}),
    Sent("switchboard", "people/ext:101/presence", {"status": "busy", "lease": 60, "activity": CANARY}),
    Sent("switchboard", "people/ext:101/presence", {"status": "busy", "lease": CANARY}),
    Sent("waiting", "queue", {"wait": CANARY, "lease": 60}),
    Sent("chat", f"people/{CANARY}/presence", {"status": "busy", "lease": 60}),
)


async def everything_said(service: Service, folder: Path) -> list[Answer]:
    """All kinds one after the other, then what is broken; the answers that were given meanwhile."""
    reading = folder / "reading"
    reading.mkdir()
    calendars = await absences.planned(reading, EVERYTHING)
    await well(service)
    answers = []
    for kind, said in EVERYTHING.items():
        service.turn(int(service.clock.t) + 60)
        calendar = calendars[kind] if any(isinstance(each, Planned) for each in said) else None
        await absences.arrange(service, said, calendar, held_too=True)
        answers += [await service.get(route) for route in (f"/v1/contacts/{ANNA}", f"/contacts/{ANNA}")]
    write_calendar(folder / "town", "anna", *(line for each in BROKEN for line in each.lines))
    await service.take(await service.connectors["calendars"].fetch())
    for sent in REFUSED:
        target = f"/v1/sources/{sent.source}/{sent.rest}"
        answers.append(await service.put(target, sent.document, sent.kind, TOKENS[sent.source]))
        assert answers[-1].status == 400, sent
    service.turn(int(service.clock.t) + 60)
    return [*answers, *[await service.get(route) for route in routes()]]


def holding(word: str, texts: Iterable[bytes]) -> list[bytes]:
    """Those that hold the word, in whatever case and however wide the characters."""
    forms = [word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")]
    return [text[:200] for text in texts if any(form in text.lower() for form in forms)]


def told(record: logging.LogRecord) -> bytes:
    """A log record with all that hangs on it."""
    trace = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
    return f"{record.getMessage()} {record.args} {record.__dict__} {trace}".encode()


async def test_a_word_in_every_free_text_of_every_source_is_found_nowhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    town = write_town(tmp_path / "town")
    async with serving(town, at("2026-11-24 09:00"), durable=True) as service:
        answers = await everything_said(service, tmp_path)
        assert isinstance(service.store, SqliteStore)
        readiness = Readiness(service.store, service.installation.clock, service.installation.config.sources)
        metrics = await readiness.metrics()
        _, ready = await readiness.ready()
        kept = {file.name: file.read_bytes() for file in town.glob("presence.sqlite*")}
    afterwards = {file.name: file.read_bytes() for file in town.glob("presence.sqlite*")}
    written = capfd.readouterr()
    assert b"anna@example.se" in b"".join(kept.values())  # what is held could be found like this
    assert holding(CANARY, [*kept.values(), *afterwards.values()]) == []
    assert holding(CANARY, [part for a in answers for part in (a.body, *(v for _, v in a.headers))]) == []
    assert holding(CANARY, map(told, caplog.records)) == []
    assert holding(CANARY, [metrics.encode(), str(ready).encode(), written.out.encode(), written.err.encode()]) == []
    assert ready["sources"]["calendars"]["inside_limit"]


async def test_the_word_is_in_what_is_sent_and_in_files_that_are_read(tmp_path: Path) -> None:
    """So that not finding it means something."""
    for kind, said in EVERYTHING.items():
        for each in said:
            has_free_text = isinstance(each, Planned) or (isinstance(each, Sent) and each.kind == "text/calendar")
            assert not has_free_text or CANARY in str(each), kind


async def test_no_table_of_the_store_has_a_column_for_a_reason(tmp_path: Path) -> None:
    """Numbers, stamps, keys and bodies; the bodies are those of `presence.domain.facts`."""
    town = write_town(tmp_path / "town")
    async with serving(town, at("2026-11-24 09:00"), durable=True) as service:
        await well(service)
    with sqlite3.connect(town / "presence.sqlite") as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {column[1] for table in tables for column in db.execute(f"PRAGMA table_info({table})")}
    assert columns & {"reason", "summary", "description", "type", "category", "location", "text"} == set()
