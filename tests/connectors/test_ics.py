"""One calendar a person: what a feed says becomes whether and until when, and one that fails costs its own person only."""

import asyncio
import logging
import os
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest

from connectors.calendars import files
from connectors.calendars.files import Mark
from connectors.calendars.sandbox import Sandbox
from connectors.fetching import Guard
from connectors.ics import Ics, IcsSettings
from presence.domain.facts import Calendar
from presence.domain.intervals import DOUBT, FOREVER, Opinion, Status
from presence.ports import Batch, Person, SourceInvalid, SourceUnavailable
from tests.servers.origin import Origin, origin

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HERE = ("127.0.0.0/8",)
ANNA, BERTIL, CILLA = "mail:anna@kommun.example", "mail:bertil@kommun.example", "mail:cilla@kommun.example"
CANARY = "kanariefågel-sjukskriven"
T = TypeVar("T")


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    with origin(tmp_path_factory.mktemp("origin")) as running:
        yield running


@pytest.fixture
def server(process: Origin, tmp_path: Path) -> Origin:
    return process.within(tmp_path.name)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> float:
        return self.at.timestamp()


def event(start: datetime | str, hours: float = 1, uid: str = "1", more: str = "") -> str:
    begin = start if isinstance(start, str) else f"{start:%Y%m%dT%H%M%SZ}"
    end = "" if isinstance(start, str) else f"DTEND:{start + timedelta(hours=hours):%Y%m%dT%H%M%SZ}\r\n"
    stamp = "DTSTAMP:20260101T000000Z"
    return f"BEGIN:VEVENT\r\nUID:{uid}\r\n{stamp}\r\nDTSTART:{begin}\r\n{end}{more}SUMMARY:{CANARY}\r\nEND:VEVENT\r\n"


def calendar(*events: str) -> bytes:
    return ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\n" + "".join(events) + "END:VCALENDAR\r\n").encode()


MEETING = calendar(event(NOW))
POISON = calendar(*(event(NOW, uid=str(n), more=f"RRULE:FREQ=SECONDLY;COUNT=100000{n}\r\n") for n in range(200)))


def using(use: Callable[[Ics], Awaitable[T]], now: Callable[[], float] | None = None, **settings: Any) -> T:
    """What a connector gives, which is closed afterwards."""
    interval = settings.pop("interval", 300.0)

    async def run() -> T:
        ics = Ics("calendars", IcsSettings(**settings), interval, now=now or Clock())
        try:
            return await use(ics)
        finally:
            await ics.close()

    return asyncio.run(run())


def fetched(**settings: Any) -> Batch:
    return using(lambda ics: ics.fetch(), allow_networks=HERE, **settings)


def person(batch: Batch, alias: str = ANNA) -> Person:
    (found,) = [each for each in batch.people if each.alias == alias]
    return found


def said(found: Person, at: datetime) -> Opinion:
    assert found.calendar is not None
    return found.calendar.intervals.at(int(at.timestamp())).opinion


def of_one(body: bytes, tmp_path: Path, **settings: Any) -> Person:
    """What is read of Anna's calendar in a folder."""
    (tmp_path / "anna@kommun.example.ics").write_bytes(body)
    return person(fetched(folder=str(tmp_path), **settings))


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of what is handed to a sandbox from now on."""
    sizes: list[int] = []
    read = Sandbox.read

    async def counting(self: Sandbox, texts: Any, *args: Any, **more: Any) -> Any:
        sizes.append(sum(map(len, texts)))
        return await read(self, texts, *args, **more)

    monkeypatch.setattr(Sandbox, "read", counting)
    return sizes


# --- what a calendar says ---


def test_an_event_makes_busy_from_its_start_to_its_end(tmp_path: Path) -> None:
    anna = of_one(MEETING, tmp_path)
    assert said(anna, NOW - timedelta(seconds=1)) is None
    assert said(anna, NOW) is Status.BUSY
    assert said(anna, NOW + timedelta(hours=1)) is None


def test_out_of_office_makes_away(tmp_path: Path) -> None:
    anna = of_one(calendar(event(NOW, more="X-MICROSOFT-CDO-BUSYSTATUS:OOF\r\n")), tmp_path)
    assert said(anna, NOW) is Status.AWAY


def test_a_whole_day_is_a_day_of_the_owners_zone(tmp_path: Path) -> None:
    anna = of_one(calendar(event("20261124", more="X-MICROSOFT-CDO-BUSYSTATUS:OOF\r\n")), tmp_path)
    midnight = datetime(2026, 11, 23, 23, tzinfo=UTC)
    assert [said(anna, midnight + timedelta(seconds=s)) for s in (-1, 0, 86_399, 86_400)] == [
        None,
        Status.AWAY,
        Status.AWAY,
        None,
    ]


@pytest.mark.parametrize(("tentative", "opinion"), [(False, None), (True, Status.BUSY)])
def test_a_tentative_event_says_something_only_where_configured(tmp_path: Path, tentative: bool, opinion: Opinion) -> None:
    assert said(of_one(calendar(event(NOW, more="STATUS:TENTATIVE\r\n")), tmp_path, tentative=tentative), NOW) is opinion


def test_an_invitation_that_the_owner_declined_says_nothing(tmp_path: Path) -> None:
    declined = event(NOW, more="ATTENDEE;PARTSTAT=DECLINED:mailto:anna@kommun.example\r\n")
    assert said(of_one(calendar(declined), tmp_path), NOW) is None


@pytest.mark.parametrize("days", [1, 60, 400])
def test_from_the_end_of_the_window_on_there_is_doubt(tmp_path: Path, days: int) -> None:
    anna = of_one(MEETING, tmp_path, days=days)
    assert anna.calendar is not None
    end = anna.calendar.intervals.doubt_from()
    assert NOW + timedelta(days=days) <= datetime.fromtimestamp(end, UTC) <= NOW + timedelta(days=days + 1)
    assert anna.calendar.intervals.at(end - 1).opinion is None
    assert anna.calendar.intervals.at(end) == (DOUBT, FOREVER)


def test_an_event_that_cannot_be_read_is_skipped_and_the_others_count(tmp_path: Path) -> None:
    (tmp_path / "anna@kommun.example.ics").write_bytes(calendar(event("20261345T990000Z", uid="x"), event(NOW)))
    batch = fetched(folder=str(tmp_path))
    assert said(person(batch), NOW) is Status.BUSY
    assert batch.skipped == 1


def test_an_event_that_cannot_be_read_is_busy_over_its_known_span(tmp_path: Path) -> None:
    unknown_rule = event(NOW + timedelta(days=1), 2, more="RRULE:FREQ=DAILY;COUNT=nonsense;UNTIL=20261126T000000Z\r\n")
    anna = of_one(calendar(unknown_rule), tmp_path)
    assert said(anna, NOW) is None
    assert said(anna, NOW + timedelta(days=1, hours=1)) is Status.BUSY
    assert said(anna, NOW + timedelta(days=9)) is None


def test_an_event_that_cannot_be_read_and_has_no_known_end_makes_free_time_doubt_and_leaves_the_busy(tmp_path: Path) -> None:
    anna = of_one(calendar(event("20261345T990000Z", uid="x"), event(NOW)), tmp_path)
    assert said(anna, NOW) is Status.BUSY
    assert said(anna, NOW + timedelta(hours=3)) is DOUBT


def test_an_empty_calendar_links_the_person_and_says_nothing(tmp_path: Path) -> None:
    anna = of_one(calendar(), tmp_path)
    assert anna.calendar is not None
    assert said(anna, NOW) is None
    assert (anna.failed, anna.future_events) == ("", 0)


# --- whose calendar it is ---


def test_a_file_belongs_to_the_alias_that_it_is_named_by(tmp_path: Path) -> None:
    for name in ("Anna@Kommun.example.ics", "employee:10023.ICS", "upn:b@kommun.example.ics"):
        (tmp_path / name).write_bytes(MEETING)
    assert {each.alias for each in fetched(folder=str(tmp_path)).people} == {ANNA, "employee:10023", "upn:b@kommun.example"}


def test_other_files_of_a_folder_are_passed_over(tmp_path: Path) -> None:
    for name in ("anna@kommun.example.ics", ".bertil@kommun.example.ics", "readme.txt", "mail:.ics", "cilla.ics.part"):
        (tmp_path / name).write_bytes(MEETING)
    (Path(os.fsencode(tmp_path).decode()) / os.fsdecode(b"\xff@kommun.example.ics")).write_bytes(MEETING)
    assert [each.alias for each in fetched(folder=str(tmp_path)).people] == [ANNA]


def test_a_list_names_addresses_and_files_beside_it(tmp_path: Path, server: Origin) -> None:
    (tmp_path / "bertil.ics").write_bytes(MEETING)
    url = server.put("a.ics", MEETING)
    (tmp_path / "list.txt").write_text(f"# who\nanna@kommun.example {url}\n\nmail:bertil@kommun.example\tbertil.ics\nalone\n")
    batch = fetched(list_file=str(tmp_path / "list.txt"))
    assert {each.alias: each.failed for each in batch.people} == {ANNA: "", BERTIL: ""}


def test_where_two_places_name_one_person_the_more_explicit_counts(tmp_path: Path) -> None:
    (tmp_path / "anna@kommun.example.ics").write_bytes(calendar())
    explicit = tmp_path / "explicit"
    explicit.write_bytes(MEETING)
    batch = fetched(folder=str(tmp_path), calendars={ANNA: str(explicit)})
    assert said(person(batch), NOW) is Status.BUSY


def test_settings_that_name_no_calendar_are_refused() -> None:
    with pytest.raises(ValueError, match="folder, list_file or calendars"):
        IcsSettings()


# --- failing ---


def failing(server: Origin, fault: str, **more: Any) -> Batch:
    """Anna's feed fails from the beginning; Bertil's is good."""
    server.put("a.ics", MEETING)
    bad = server.fault("a.ics", fault, **more)
    return fetched(calendars={ANNA: bad, BERTIL: server.put("b.ics", MEETING)}, timeout=3.0)


@pytest.mark.parametrize(
    ("fault", "more", "code"),
    [
        ("status", {"status": 401}, "http-401"),
        ("status", {"status": 404}, "http-404"),
        ("status", {"status": 500}, "http-500"),
        ("login", {}, "not-a-calendar"),
        ("half", {}, "not-a-calendar"),
        ("short", {}, "broken-off"),
        ("drip", {}, "stalled"),
        ("huge", {}, "too-large"),
        ("unasked_304", {}, "no-body"),
        ("redirect", {"to": "http://10.0.0.1/"}, "address-refused"),
    ],
)
def test_a_feed_that_fails_marks_its_person_and_no_other(server: Origin, fault: str, more: dict[str, Any], code: str) -> None:
    batch = failing(server, fault, **more)
    anna, bertil = person(batch), person(batch, BERTIL)
    assert (anna.failed, anna.calendar) == (code, None)
    assert (bertil.failed, said(bertil, NOW)) == ("", Status.BUSY)
    assert batch.complete


@pytest.mark.parametrize("fault", ["login", "half"])
def test_what_is_no_calendar_never_replaces_one_and_unchanged_never_stands_for_it(server: Origin, fault: str) -> None:
    """The person stays marked until a whole calendar is there; then it counts at once."""
    url = server.put("a.ics", MEETING)

    async def journey(ics: Ics) -> list[str]:
        codes = [person(await ics.fetch()).failed]
        server.put("a.ics", calendar(event(NOW, 3)))
        server.fault("a.ics", fault)
        codes += [person(await ics.fetch()).failed for _ in range(2)]
        server.mend("a.ics")
        anna = person(await ics.fetch())
        assert said(anna, NOW + timedelta(hours=2)) is Status.BUSY
        return [*codes, anna.failed]

    other = {BERTIL: server.put("b.ics", MEETING)}
    codes = using(journey, allow_networks=HERE, calendars={ANNA: url, **other})
    assert codes == ["", "not-a-calendar", "not-a-calendar", ""]


def test_a_half_written_file_with_an_etag_of_its_own_is_not_taken_for_read(tmp_path: Path, server: Origin) -> None:
    """The server says 304 to the ETag of the text that was refused: it must never have been noted."""
    url = server.put("a.ics", MEETING)

    async def journey(ics: Ics) -> list[str]:
        await ics.fetch()
        server.put("a.ics", MEETING[:-20])
        return [person(await ics.fetch()).failed for _ in range(2)]

    other = {BERTIL: server.put("b.ics", MEETING)}
    assert using(journey, allow_networks=HERE, calendars={ANNA: url, **other}) == ["not-a-calendar"] * 2


def test_where_every_calendar_fails_the_source_does(server: Origin) -> None:
    places = {ANNA: server.fault("a.ics", "status", status=503), BERTIL: server.fault("b.ics", "status", status=503)}
    with pytest.raises(SourceUnavailable) as caught:
        fetched(calendars=places)
    assert caught.value.code == "http-503"


def test_the_source_waits_as_long_as_all_of_its_servers_ask(server: Origin) -> None:
    places = {
        alias: server.fault(name, "status", status=503, headers={"Retry-After": wait})
        for alias, name, wait in ((ANNA, "a.ics", "900"), (BERTIL, "b.ics", "600"))
    }
    with pytest.raises(SourceUnavailable) as caught:
        fetched(calendars=places)
    assert caught.value.retry_after == 600


def test_a_server_that_asks_for_silence_is_not_asked_until_then(server: Origin) -> None:
    clock = Clock()
    url = server.fault("a.ics", "status", status=503, headers={"Retry-After": "600"})

    async def journey(ics: Ics) -> list[str]:
        codes = []
        for seconds in (0, 300, 300):
            clock.at += timedelta(seconds=seconds)
            codes.append(person(await ics.fetch()).failed)
        return codes

    other = {BERTIL: server.put("b.ics", MEETING)}
    assert using(journey, clock, allow_networks=HERE, calendars={ANNA: url, **other}) == ["http-503"] * 3
    assert len(server.requests("a.ics")) == 2


def test_a_host_that_is_down_delays_the_others_little(server: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    """After three connections in vain the rest of its calendars is left for the next reading."""
    places = {f"mail:{n}@kommun.example": f"http://127.0.0.9:9/{n}.ics" for n in range(100)}
    tried: list[str] = []

    connect = Guard.connect_tcp

    async def watched(self: Guard, host: str, *args: Any, **more: Any) -> Any:
        tried.append(host)
        return await connect(self, host, *args, **more)

    monkeypatch.setattr(Guard, "connect_tcp", watched)
    batch = fetched(calendars={**places, ANNA: server.put("a.ics", MEETING)}, connections=2)
    assert person(batch).failed == ""
    assert {each.failed for each in batch.people if each.alias != ANNA} == {"unreachable"}
    assert tried.count("127.0.0.9") <= 4


def test_a_reading_ends_in_time_and_who_was_left_is_first_the_next_time(server: Origin) -> None:
    """Many slow feeds must not keep the good ones from being told."""
    names = [f"{n}.ics" for n in range(4)]
    for name in names:
        server.fault(name, "silence")
    places = {f"mail:{name}": server.url(name) for name in names} | {ANNA: server.put("last.ics", MEETING)}

    async def twice(ics: Ics) -> list[str]:
        with pytest.raises(SourceUnavailable):
            await ics.fetch()
        assert [len(server.requests(name)) for name in ("0.ics", "last.ics")] == [1, 0]
        return [person(await ics.fetch()).failed]

    assert using(twice, allow_networks=HERE, calendars=places, connections=1, timeout=0.5, interval=1.2) == [""]


def test_a_folder_that_disappears_is_a_source_that_cannot_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "calendars"
    folder.mkdir()
    (folder / "anna@kommun.example.ics").write_bytes(MEETING)

    async def journey(ics: Ics) -> None:
        await ics.fetch()
        shutil.rmtree(folder)
        with pytest.raises(SourceUnavailable) as caught:
            await ics.fetch()
        assert caught.value.code == "unreadable"

    using(journey, folder=str(folder))


def test_a_folder_that_is_empty_at_once_says_nothing_about_anybody(tmp_path: Path) -> None:
    """A mount that is gone leaves an empty folder behind."""
    with pytest.raises(SourceInvalid) as caught:
        fetched(folder=str(tmp_path))
    assert caught.value.code == "empty"


@pytest.mark.parametrize("kind", ["pipe", "folder", "nowhere", "secret"])
def test_what_is_no_file_fails_for_its_person_and_holds_nobody_up(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "anna@kommun.example.ics"
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    else:
        place.symlink_to("/etc/passwd" if kind == "secret" else tmp_path / "nowhere")
    (tmp_path / "bertil@kommun.example.ics").write_bytes(MEETING)
    batch = fetched(folder=str(tmp_path))
    assert person(batch).failed == ("not-a-calendar" if kind == "secret" else "unreadable")
    assert said(person(batch, BERTIL), NOW) is Status.BUSY


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bertil@kommun.example.ics").write_bytes(calendar())
    assert of_one(MEETING, tmp_path, size=len(MEETING) - 1).failed == "too-large"
    assert of_one(MEETING, tmp_path, size=len(MEETING)).failed == ""


def test_a_calendar_that_turns_empty_is_told_by_its_coming_events(tmp_path: Path) -> None:
    """The intake believes it when it is read so a second time; here it is only told."""
    week = [event(NOW + timedelta(days=day), uid=str(day)) for day in range(-3, 6)]

    async def journey(ics: Ics) -> list[int]:
        found = []
        for events in (week, []):
            (tmp_path / "anna@kommun.example.ics").write_bytes(calendar(*events))
            anna = person(await ics.fetch())
            assert anna.failed == ""
            found.append(anna.future_events)
        return found

    assert using(journey, folder=str(tmp_path)) == [6, 0]


def test_free_busy_counts_as_coming_events_too(tmp_path: Path) -> None:
    periods = ",".join(f"202612{day:02}T080000Z/PT1H" for day in range(1, 8))
    told = f"BEGIN:VFREEBUSY\r\nUID:f\r\nDTSTAMP:20260101T000000Z\r\nFREEBUSY:{periods}\r\nEND:VFREEBUSY\r\n"
    assert of_one(calendar(told), tmp_path).future_events == 7


# --- what it costs ---


def test_an_unchanged_feed_costs_one_request_and_no_parsing(server: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    url, parsed = server.put("a.ics", MEETING), counted(monkeypatch)

    async def thrice(ics: Ics) -> None:
        first = await ics.fetch()
        for _ in range(2):
            assert (await ics.fetch()).people == first.people

    using(thrice, allow_networks=HERE, calendars={ANNA: url})
    asked = server.requests("a.ics")
    assert ["if-none-match" in request["headers"] for request in asked] == [False, True, True]
    assert len(parsed) == 1


def test_the_same_bytes_sent_again_cost_a_digest(server: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    server.put("a.ics", MEETING)
    url, parsed = server.fault("a.ics", "forgetful"), counted(monkeypatch)

    async def twice(ics: Ics) -> None:
        assert (await ics.fetch()).people == (await ics.fetch()).people

    using(twice, allow_networks=HERE, calendars={ANNA: url})
    assert len(server.requests("a.ics")) == 2
    assert len(parsed) == 1


def test_a_file_that_was_not_written_since_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "anna@kommun.example.ics"
    file.write_bytes(MEETING)
    sizes: list[int] = []

    def counting(path: Path, size: int) -> tuple[bytes, Mark | None]:
        body, mark = files.content(path, size)
        sizes.append(len(body))
        return body, mark

    monkeypatch.setattr("connectors.ics.content", counting)
    monkeypatch.setattr(files, "_TICK", -3_600 * 10**9)  # as if an hour had gone by since it was written

    async def rounds(ics: Ics) -> list[Opinion]:
        opinions = []
        for change in (lambda: None, lambda: None, lambda: file.write_bytes(calendar()), lambda: os.utime(file)):
            change()
            opinions.append(said(person(await ics.fetch()), NOW))
        return opinions

    assert using(rounds, folder=str(tmp_path)) == [Status.BUSY, Status.BUSY, None, None]
    assert sizes == [len(MEETING), len(calendar()), len(calendar())]


def test_a_file_that_was_written_within_a_tick_of_its_clock_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one length and one time of change, what was written last could look like what was read."""
    file, later, now = tmp_path / "anna@kommun.example.ics", calendar(event(NOW + timedelta(days=1))), time.time_ns()
    monkeypatch.setattr(Mark, "of", lambda found: Mark(found.st_dev, found.st_ino, found.st_size, now, now))
    file.write_bytes(MEETING)
    assert len(later) == len(MEETING)

    async def twice(ics: Ics) -> list[Opinion]:
        before = person(await ics.fetch())
        file.write_bytes(later)
        return [said(before, NOW), said(person(await ics.fetch()), NOW)]

    assert using(twice, folder=str(tmp_path)) == [Status.BUSY, None]


def test_a_file_is_expanded_anew_when_its_window_rolls_though_nobody_wrote_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, parsed = Clock(), counted(monkeypatch)
    monkeypatch.setattr(files, "_TICK", -3_600 * 10**9)
    (tmp_path / "anna@kommun.example.ics").write_bytes(MEETING)

    async def two_days(ics: Ics) -> None:
        for _ in range(3):
            await ics.fetch()
            clock.at += timedelta(days=1)

    using(two_days, clock, folder=str(tmp_path))
    assert len(parsed) == 3


def test_what_was_refused_is_not_parsed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = counted(monkeypatch)
    (tmp_path / "anna@kommun.example.ics").write_bytes(MEETING[:-20])
    (tmp_path / "bertil@kommun.example.ics").write_bytes(MEETING)

    async def thrice(ics: Ics) -> list[str]:
        return [person(await ics.fetch()).failed for _ in range(3)]

    assert using(thrice, folder=str(tmp_path)) == ["not-a-calendar"] * 3
    assert len(parsed) == 2


def test_the_window_rolls_once_a_day_at_an_hour_of_the_persons_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """40 people over one day: each is expanded anew exactly once, and no hour has more than its share."""
    clock, parsed = Clock(), counted(monkeypatch)
    for number in range(40):
        (tmp_path / f"p{number}@kommun.example.ics").write_bytes(calendar())

    async def day(ics: Ics) -> list[int]:
        await ics.fetch()
        hours = []
        for _ in range(24):
            before = len(parsed)
            clock.at += timedelta(hours=1)
            await ics.fetch()
            hours.append(len(parsed) - before)
        return hours

    hours = using(day, clock, folder=str(tmp_path))
    assert sum(hours) == 40
    assert max(hours) <= 8


def test_after_the_roll_the_body_is_fetched_in_full_though_the_server_would_say_unchanged(server: Origin) -> None:
    """What lies beyond the old window was never expanded: "unchanged" is no answer to that."""
    clock = Clock()
    far = calendar(event(NOW + timedelta(days=61, hours=12)))
    url = server.put("a.ics", far)

    async def journey(ics: Ics) -> tuple[Person, Person]:
        first = person(await ics.fetch())
        await ics.fetch()
        clock.at += timedelta(days=2)
        return first, person(await ics.fetch())

    first, last = using(journey, clock, allow_networks=HERE, calendars={ANNA: url})
    assert ["if-none-match" in request["headers"] for request in server.requests("a.ics")] == [False, True, False]
    noon = NOW + timedelta(days=61, hours=12)
    assert (said(first, noon), said(last, noon)) == (DOUBT, Status.BUSY)


@pytest.mark.load
def test_five_hundred_calendars_of_one_folder_are_read_in_seconds(tmp_path: Path) -> None:
    """And in a fraction of that when nothing changed."""
    events = [
        event(NOW + timedelta(days=n, hours=n % 7), uid=str(n), more="RRULE:FREQ=WEEKLY\r\n" * (n % 3 == 0)) for n in range(30)
    ]
    for number in range(500):
        (tmp_path / f"p{number}@kommun.example.ics").write_bytes(calendar(*events, event(NOW, uid=f"own{number}")))

    async def twice(ics: Ics) -> tuple[float, float]:
        begun = time.monotonic()
        assert not [each for each in (await ics.fetch()).people if each.failed]
        between = time.monotonic()
        await ics.fetch()
        return between - begun, time.monotonic() - between

    first, second = using(twice, folder=str(tmp_path))
    print(f"500 calendars: {first:.2f} s, unchanged {second:.3f} s")
    assert first < 8
    assert second < first / 3


def test_a_poison_feed_does_not_keep_the_others_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one child suffers it for all the time it is given, another reads on."""
    stall(monkeypatch, b"poison", 1.5)
    order: list[str] = []
    (tmp_path / "a-poison@kommun.example.ics").write_bytes(calendar(event(NOW, uid="poison")))
    for number in range(20):
        (tmp_path / f"p{number}@kommun.example.ics").write_bytes(MEETING)

    async def read(ics: Ics) -> list[str]:
        inner = ics._update

        async def noting(alias: str, *rest: Any) -> None:
            await inner(alias, *rest)
            order.append(alias)

        monkeypatch.setattr(ics, "_update", noting)
        await ics.fetch()
        return order

    assert using(read, folder=str(tmp_path))[-1] == "mail:a-poison@kommun.example"


def stall(monkeypatch: pytest.MonkeyPatch, word: bytes, seconds: float) -> None:
    """A sandbox that takes this long over a text with that word in it."""
    read = Sandbox.read

    async def slow(self: Sandbox, texts: Any, *args: Any, **more: Any) -> Any:
        if word in texts[0]:
            await asyncio.sleep(seconds)
        return await read(self, texts, *args, **more)

    monkeypatch.setattr(Sandbox, "read", slow)


def test_a_feed_that_costs_too_much_is_refused_and_left_alone_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child is ended by its limits, for real; the wait until the next attempt doubles."""
    clock, parsed = Clock(), counted(monkeypatch)
    init = Sandbox.__init__
    monkeypatch.setattr(Sandbox, "__init__", lambda self: init(self, wall=0.0001))
    (tmp_path / "anna@kommun.example.ics").write_bytes(MEETING)

    async def journey(ics: Ics) -> list[int]:
        counts = []
        for _ in range(8):
            with pytest.raises(SourceUnavailable) as caught:
                await ics.fetch()
            assert caught.value.code == "too-costly"
            counts.append(len(parsed))
            clock.at += timedelta(seconds=300)
        return counts

    assert using(journey, clock, folder=str(tmp_path)) == [1, 2, 2, 3, 3, 3, 3, 4]


def test_hostile_calendars_cost_their_own_person(tmp_path: Path) -> None:
    """Real sandboxes with their real limits."""
    (tmp_path / "anna@kommun.example.ics").write_bytes(POISON)
    (tmp_path / "bertil@kommun.example.ics").write_bytes(MEETING)
    batch = fetched(folder=str(tmp_path))
    assert said(person(batch, BERTIL), NOW) is Status.BUSY
    anna = person(batch)
    assert anna.failed or said(anna, NOW + timedelta(days=3)) in (DOUBT, Status.BUSY)


# --- closing ---


def test_nothing_is_left_running_after_the_end(tmp_path: Path) -> None:
    (tmp_path / "anna@kommun.example.ics").write_bytes(MEETING)
    before = children()

    async def read(ics: Ics) -> set[str]:
        await ics.fetch()
        return children() - before

    assert len(using(read, folder=str(tmp_path))) == 1
    assert children() - before == set()


def test_a_reading_that_is_given_up_leaves_nothing_running(server: Origin) -> None:
    before = children()

    async def given_up(ics: Ics) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await ics.fetch()
        assert len(asyncio.all_tasks()) == 1

    using(given_up, allow_networks=HERE, calendars={ANNA: server.fault("a.ics", "silence"), BERTIL: server.put("b.ics", MEETING)})
    assert children() - before == set()


def children() -> set[str]:
    """Process ids of this process's children that live."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


# --- whether, never why ---


def test_what_an_event_is_about_is_in_no_batch_no_log_and_no_exception(
    tmp_path: Path, server: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    """A canary in every text of good, poisoned, half-written and hostile calendars, at the most talkative level."""
    caplog.set_level(logging.DEBUG)
    texts = "".join(
        f"{name}:{CANARY}\r\n" for name in ("DESCRIPTION", "CATEGORIES", "LOCATION", "COMMENT", "CONTACT", "X-ALT-DESC", "CLASS")
    )
    people = f"ATTENDEE;CN={CANARY}:mailto:{CANARY}@example.se\r\nORGANIZER;CN={CANARY}:mailto:x@example.se\r\n"
    good = calendar(event(NOW, more=texts + people, uid="good"))
    bad = calendar(event(NOW, more=texts), event(f"{CANARY}", uid=CANARY, more=texts), event(NOW, more=f"RRULE:{CANARY}\r\n"))
    bodies = {
        ANNA: good,
        BERTIL: bad,
        CILLA: good[:-20],
        "mail:d@kommun.example": CANARY.encode(),
        "mail:e@kommun.example": POISON,
    }
    places = {alias: server.put(f"{n}.ics", body) for n, (alias, body) in enumerate(bodies.items())}
    places["mail:f@kommun.example"] = server.fault(CANARY, "status", status=500, body=CANARY)
    alone = {ANNA: server.fault("alone.ics", "status", status=500, body=CANARY)}

    async def read(ics: Ics) -> Batch:
        await ics.fetch()
        return await ics.fetch()

    batch = using(read, allow_networks=HERE, calendars=places)
    with pytest.raises(SourceUnavailable) as caught:
        fetched(calendars=alone)
    assert said(person(batch), NOW) is Status.BUSY
    told = [msgspec.json.encode(batch, enc_hook=repr), *(record.getMessage().encode() for record in caplog.records)]
    told.append(repr((caught.value, caught.value.__cause__, caught.value.__context__)).encode())
    assert len(caplog.records) > 3
    for text in told:
        assert b"kanarie" not in text
        assert b"sjukskriven" not in text


def test_a_calendar_that_fails_is_told_once_and_again_when_it_is_back(server: Origin, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "connectors.ics")
    server.put("a.ics", MEETING)
    url = server.fault("a.ics", "status", status=500)

    async def journey(ics: Ics) -> None:
        for _ in range(3):
            await ics.fetch()
        server.mend("a.ics")
        for _ in range(2):
            await ics.fetch()

    using(journey, allow_networks=HERE, calendars={ANNA: url, BERTIL: server.put("b.ics", MEETING)})
    assert [record.getMessage() for record in caplog.records] == [
        f"source calendars: the calendar of {ANNA} cannot be read: http-500",
        f"source calendars: the calendar of {ANNA} can be read again",
    ]


def test_the_log_stays_short_however_many_fail(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "connectors.ics")
    for number in range(100):
        (tmp_path / f"p{number}@kommun.example.ics").write_bytes(b"nothing")
    (tmp_path / "anna@kommun.example.ics").write_bytes(MEETING)
    fetched(folder=str(tmp_path))
    assert len(caplog.records) == 21


def test_a_calendar_is_told_as_a_batch_by_listening(tmp_path: Path) -> None:
    (tmp_path / "anna@kommun.example.ics").write_bytes(MEETING)

    async def first(ics: Ics) -> Batch | SourceUnavailable:
        return await anext(ics.listen())

    batch = using(first, folder=str(tmp_path))
    assert isinstance(batch, Batch)
    assert isinstance(person(batch).calendar, Calendar)
