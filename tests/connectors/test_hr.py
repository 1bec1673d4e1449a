"""Files dropped into a folder: taken when they are whole, oldest first, and put away by what came of them. None is lost."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import connectors.hr as hr_module
from connectors.hr import Hr, HrSettings
from connectors.leave import Columns, files
from connectors.leave.files import Waiting, waiting
from presence.feeding import Feeding
from presence.intake import Intake
from presence.ports import Settled, SourceInvalid, SourceUnavailable
from presence.stores.memory import MemoryStore
from presence.syncing import sync_one
from tests.intake.given import Clock, World, people

HEADING = "Anst.nr;Orsak;Från;Till\r\n"
CANARY = "kanariefågel"
NOW = int(datetime(2026, 11, 23, 8, tzinfo=UTC).timestamp())
COLUMNS = Columns(person="Anst.nr", start="Från", end="Till")

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "hr"
    place.mkdir()
    return place


def drop(folder: Path, *numbers: int, name: str = "leave.csv", age: int = 3_600, end: str = "2026-12-04", more: str = "") -> Path:
    """A file with one leave for each number, written so many seconds ago."""
    file = folder / name
    rows = "".join(f"{number};{CANARY};2026-11-20;{end}\r\n" for number in numbers)
    file.write_bytes((HEADING + rows + more).encode("cp1252"))
    os.utime(file, (NOW - age, NOW - age))
    return file


def connector(folder: Path, now: Callable[[], float] | None = None, **settings: Any) -> Hr:
    """`settle` is nothing unless it is given: the tests have just written their files."""
    chosen = {"settle": 0, "keep": 0, "columns": COLUMNS, "never_read": ("Orsak",), **settings}
    return Hr("hr", HrSettings(folder=str(folder), **chosen), 0.01, now=now or (lambda: float(NOW)))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """An installation with sixty people in its directory."""
    clock = Clock()
    clock.t = NOW
    world = World(MemoryStore(clock=clock.now), clock)
    await world.take("ldap", people(60))
    yield world
    await world.close()


async def sync(world: World, folder: Path, *, dry_run: bool = False, **settings: Any) -> list[str]:
    """What came of the files of the folder, each in a word."""
    hr = connector(folder, world.clock.now, **settings)
    came = await sync_one(world.intake, hr, dry_run)
    return [
        c.code if isinstance(c, SourceUnavailable) else "held" if c.hold else "older" if c.older else f"+{c.added} -{c.removed}"
        for c in came
    ]


def names(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110  # a folder has no event
            await asyncio.sleep(0.02)


STAMP = "20261123T080000Z"


async def test_a_file_is_taken_and_moved_to_done_under_the_time(world: World, folder: Path) -> None:
    drop(folder, 1, 2)
    assert await sync(world, folder) == ["+2 -0"]
    assert names(folder) == [f"done/{STAMP}-leave.csv"]
    assert len(await world.absences()) == 2


async def test_a_file_counts_as_of_when_it_was_written(world: World, folder: Path) -> None:
    drop(folder, 1, age=7_200)
    await sync(world, folder)
    assert (await world.health("hr")).ok_at == NOW - 7_200


async def test_a_dry_run_moves_nothing(world: World, folder: Path) -> None:
    drop(folder, 1)
    assert await sync(world, folder, dry_run=True) == ["+1 -0"]
    assert names(folder) == ["leave.csv"]


async def test_several_files_are_taken_oldest_first(world: World, folder: Path) -> None:
    drop(folder, 1, name="b.csv", age=200)
    drop(folder, 1, 2, name="a.csv", age=100)
    drop(folder, 3, 1, 2, name="c.csv", age=50)
    assert await sync(world, folder) == ["+1 -0", "+1 -0", "+1 -0"]


@pytest.mark.parametrize(
    "name", ["leave.csv.tmp", "leave.csv.part", ".leave.csv", "leave.xlsx", "leave.csv.report.txt", "README"]
)
async def test_what_is_no_finished_file_of_leave_is_left_alone(world: World, folder: Path, name: str) -> None:
    drop(folder, 1, name=name)
    assert await sync(world, folder) == ["nothing-new"]
    assert names(folder) == [name]


async def test_a_file_that_was_just_written_to_waits_whatever_its_sender_says_of_its_time(world: World, folder: Path) -> None:
    file = drop(folder, 1, age=30 * 86_400)
    changed = file.lstat().st_ctime
    hr = connector(folder, lambda: changed + 59, settle=60)
    with pytest.raises(SourceUnavailable) as caught:
        await hr.fetch()
    assert caught.value.code == "nothing-new"
    assert (await connector(folder, lambda: changed + 61, settle=60).fetch()).complete


async def test_a_file_that_cannot_be_read_is_moved_to_failed_with_a_report_and_the_source_is_marked(
    world: World, folder: Path
) -> None:
    (folder / "leave.csv").write_text(f"Fel;Kolumner\n{CANARY};x\n", "utf-8")
    assert await sync(world, folder) == ["headings"]
    assert names(folder) == [f"failed/{STAMP}-leave.csv", f"failed/{STAMP}-leave.csv.report.txt"]
    report = (folder / names(folder)[1]).read_text("utf-8-sig")
    assert '"Anst.nr", "Från", "Till" missing' in report
    assert CANARY not in report
    assert (await world.health("hr")).error == "headings"


async def test_rejected_rows_are_reported_beside_the_file_that_was_taken(world: World, folder: Path) -> None:
    drop(folder, 1, 2, more=f"3;{CANARY};{CANARY};\r\n")
    assert await sync(world, folder) == ["+2 -0"]
    report = (folder / "done" / f"{STAMP}-leave.csv.report.txt").read_text("utf-8-sig")
    assert report.splitlines() == ["line 4  Från: not a date; write 2026-11-24  (bad-date)"]
    assert (await world.health("hr")).skipped == 1


async def test_a_file_that_is_held_back_stays_with_a_report_until_it_is_released_and_is_then_done(
    world: World, folder: Path
) -> None:
    drop(folder, *range(60), name="1.csv", age=100)
    await sync(world, folder)
    drop(folder, *range(10), name="2.csv", age=50)
    assert await sync(world, folder) == ["held"]
    assert [name for name in names(folder) if not name.startswith("done/")] == ["2.csv", "2.csv.report.txt"]
    [hold] = await world.intake.holds()
    assert f"presence sync --release {hold.id}" in (folder / "2.csv.report.txt").read_text("utf-8-sig")
    assert len(await world.absences()) == 60

    await world.intake.release(hold.id, "kim")
    assert await sync(world, folder) == ["+0 -0"]
    assert [name for name in names(folder) if not name.startswith("done/")] == []
    assert len(await world.absences()) == 10


async def test_a_newer_file_takes_the_place_of_one_that_is_held_back(world: World, folder: Path) -> None:
    drop(folder, *range(60), name="1.csv", age=100)
    await sync(world, folder)
    drop(folder, *range(10), name="2.csv", age=50)
    drop(folder, *range(59), name="3.csv", age=40)
    assert await sync(world, folder) == ["held", "+0 -1"]
    assert "failed/20261123T080000Z-2.csv" in names(folder)
    assert await world.intake.holds() == []


async def test_a_file_that_is_older_than_what_was_taken_is_moved_to_failed(world: World, folder: Path) -> None:
    drop(folder, 1, 2)
    await sync(world, folder)
    drop(folder, 1, name="late.csv", age=7_200)
    assert await sync(world, folder) == ["older"]
    assert f"failed/{STAMP}-late.csv" in names(folder)
    assert len(await world.absences()) == 2


async def test_a_crash_before_the_file_is_moved_leaves_it_to_be_taken_again_and_then_nothing_is_written(
    world: World, folder: Path
) -> None:
    drop(folder, 1, 2)
    await world.intake.take(await connector(folder, world.clock.now).fetch())  # and here the process dies
    assert names(folder) == ["leave.csv"]
    before = await world.position()
    assert await sync(world, folder) == ["+0 -0"]
    assert await world.position() == before
    assert names(folder) == [f"done/{STAMP}-leave.csv"]


async def test_two_files_of_one_name_do_not_overwrite_each_other(world: World, folder: Path) -> None:
    for number in (1, 2):
        drop(folder, *range(number), age=100 - number)
        await sync(world, folder)
    assert names(folder) == [f"done/2-{STAMP}-leave.csv", f"done/{STAMP}-leave.csv"]


async def test_done_files_are_deleted_after_a_while_and_failed_ones_are_kept(world: World, folder: Path) -> None:
    drop(folder, 1)
    (folder / "bad.csv").write_text("<html>", "utf-8")
    await sync(world, folder)
    world.clock.t = int((folder / "done" / f"{STAMP}-leave.csv").lstat().st_ctime) + 100
    await sync(world, folder, keep=200)
    assert len(names(folder)) == 3
    await sync(world, folder, keep=50)
    assert [name.partition("/")[0] for name in names(folder)] == ["failed", "failed"]


async def test_a_folder_that_cannot_be_read_marks_the_source(world: World, folder: Path) -> None:
    assert await sync(world, folder / "nowhere") == ["unreadable"]
    assert (await world.health("hr")).error == "unreadable"


async def test_the_service_takes_what_is_dropped_while_it_runs(world: World, folder: Path) -> None:
    hr = connector(folder, world.clock.now)
    feeding = asyncio.create_task(Feeding(world.intake, world.batch("config"), [hr], world.clock).run())
    try:
        drop(folder, 1, 2)
        await until(lambda: f"done/{STAMP}-leave.csv" in names(folder))
        drop(folder, 1, name="bad.json", more="{")
        await until(lambda: f"failed/{STAMP}-bad.json" in names(folder))
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
    assert len(await world.absences()) == 2


async def test_a_batch_that_is_left_to_another_process_stays_in_the_folder(world: World, folder: Path) -> None:
    drop(folder, 1)
    hr = connector(folder, world.clock.now)
    other: Intake = world.another()
    async with other.writing("hr"):
        feeding = Feeding(world.intake, world.batch("config"), [hr], world.clock)
        assert await feeding._take(await hr.fetch(), patience=0) is None
    assert names(folder) == ["leave.csv"]


async def test_a_source_without_a_folder_has_nothing_to_listen_to() -> None:
    hr = Hr("hr", HrSettings())
    assert [each async for each in hr.listen()] == []
    with pytest.raises(SourceUnavailable) as caught:
        await hr.fetch()
    assert caught.value.code == "pushed"


async def test_what_came_of_something_else_moves_nothing(folder: Path) -> None:
    drop(folder, 1)
    await connector(folder).settled(Settled("applied"))
    assert names(folder) == ["leave.csv"]


async def test_a_file_over_its_bound_is_refused(folder: Path) -> None:
    drop(folder, 1)
    with pytest.raises(SourceInvalid) as caught:
        await connector(folder, size=10).fetch()
    assert caught.value.code == "too-large"


async def test_neither_the_log_nor_a_report_holds_a_word_of_a_file(
    world: World, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    drop(folder, 1, 2, more=f"3;{CANARY};{CANARY};{CANARY}\r\n{CANARY};{CANARY};2026-11-20;x\r\n")
    (folder / "bad.csv").write_text(f"{CANARY};{CANARY}\n{CANARY};1\n", "utf-8")
    await sync(world, folder)
    reports = [(folder / name).read_text("utf-8-sig") for name in names(folder) if name.endswith(".report.txt")]
    assert len(reports) == 2
    assert not [text for text in (*reports, caplog.text) if CANARY in text]


# --- what a sender may put into the folder ---


@pytest.mark.parametrize("name", ["done", "failed"])
async def test_a_link_in_place_of_done_or_failed_is_refused(world: World, folder: Path, tmp_path: Path, name: str) -> None:
    drop(folder, 1)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "old.csv").write_text("x")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    world.clock.t += 10 * 86_400
    assert await sync(world, folder, keep=1) == ["not-a-directory"]
    assert (tmp_path / "elsewhere" / "old.csv").exists()
    assert (await world.health("hr")).error == "not-a-directory"


async def test_a_report_is_not_written_through_a_link(world: World, folder: Path, tmp_path: Path) -> None:
    drop(folder, *range(60), name="1.csv", age=100)
    await sync(world, folder)
    drop(folder, *range(10), name="2.csv", age=50)
    (tmp_path / "precious").write_text("precious")
    (folder / "2.csv.report.txt").symlink_to(tmp_path / "precious")
    assert await sync(world, folder) == ["held"]
    assert (tmp_path / "precious").read_text() == "precious"
    assert "was held back" in (folder / "2.csv.report.txt").read_text("utf-8-sig")
    assert not (folder / "2.csv.report.txt").is_symlink()


async def test_a_file_that_became_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    [found] = waiting(drop(folder, 1).parent, 0, NOW)
    found.path.rename(tmp_path / "else.csv")
    found.path.symlink_to(tmp_path / "else.csv")
    brought = await connector(folder)._bring(found)
    assert isinstance(brought, SourceInvalid)
    assert brought.code == "unreadable"


async def test_a_dry_run_deletes_nothing(world: World, folder: Path) -> None:
    drop(folder, 1)
    await sync(world, folder)
    world.clock.t = int((folder / "done" / f"{STAMP}-leave.csv").lstat().st_ctime) + 100
    await sync(world, folder, dry_run=True, keep=50)
    assert names(folder) == [f"done/{STAMP}-leave.csv"]


@pytest.mark.parametrize("result", ["applied", "older", "refused", "held"])
async def test_a_file_that_is_replaced_while_its_predecessor_is_taken_in_stays_to_be_read(folder: Path, result: Any) -> None:
    drop(folder, 1)
    hr = connector(folder)
    await hr.fetch()
    (folder / "leave.csv").unlink()
    drop(folder, 1, 2, age=10)
    await hr.settled(Settled(result, "1"))
    assert names(folder) == ["leave.csv"]
    assert len((await hr.fetch()).people) == 2


async def test_a_report_that_was_saved_in_another_encoding_stops_nothing(world: World, folder: Path) -> None:
    drop(folder, *range(60), name="1.csv", age=100)
    await sync(world, folder)
    drop(folder, *range(10), name="2.csv", age=50)
    await sync(world, folder)
    report = folder / "2.csv.report.txt"
    report.write_bytes("hölls tillbaka".encode("cp1252"))
    assert await sync(world, folder) == ["held"]
    assert "was held back" in report.read_text("utf-8-sig")


# --- what is written anew while another file, or its predecessor, is taken in ---


async def test_what_comes_in_the_place_of_a_file_that_had_settled_is_not_read_for_it(folder: Path) -> None:
    file = drop(folder, 1, 2)
    [found] = waiting(folder, 0, NOW)
    drop(folder, 1)
    assert await connector(folder)._bring(found) is None
    file.unlink()
    assert await connector(folder)._bring(found) is None, "nor is one that is gone a source that fails"


async def test_a_file_that_is_written_anew_while_an_earlier_one_is_taken_in_waits_until_it_is_whole(folder: Path) -> None:
    """Half an export is no complete batch: whoever is in its other half would lose their leave."""
    drop(folder, 1, 2, name="1.csv", age=600)
    second = drop(folder, 1, 2, name="2.csv", age=500)
    brought = connector(folder, settle=60).listen()
    assert len((await anext(brought)).people) == 2  # type: ignore[union-attr]
    drop(folder, 1, name="2.csv", age=1)
    drop(folder, 1, 2, 3, name="3.csv", age=100)
    assert len((await anext(brought)).people) == 3, "the next is one that has settled"  # type: ignore[union-attr]
    await brought.aclose()  # type: ignore[attr-defined]
    assert second.exists()


def replacing(monkeypatch: pytest.MonkeyPatch, replace: Callable[[], object]) -> None:
    """Another file comes between the look at one and its moving."""
    looked = files.unchanged

    def unchanged(file: Waiting) -> bool:
        found = looked(file)
        replace()
        return found

    monkeypatch.setattr(hr_module, "unchanged", unchanged)


@pytest.mark.parametrize("result", ["applied", "older", "refused"])
async def test_a_file_that_comes_just_before_its_predecessor_is_moved_is_put_back_unread(
    folder: Path, monkeypatch: pytest.MonkeyPatch, result: Any
) -> None:
    drop(folder, 1)
    hr = connector(folder)
    await hr.fetch()
    replacing(monkeypatch, lambda: drop(folder, 1, 2, name="x.tmp", age=10).replace(folder / "leave.csv"))
    await hr.settled(Settled(result))
    assert names(folder) == ["leave.csv"]
    assert len((await hr.fetch()).people) == 2


async def test_of_two_that_come_while_one_is_moved_none_is_lost(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(folder, 1)
    hr = connector(folder)
    await hr.fetch()
    replacing(monkeypatch, lambda: drop(folder, 1, 2, name="x.tmp", age=10).replace(folder / "leave.csv"))
    put_back = files._put_back
    monkeypatch.setattr(files, "_put_back", lambda *places: (drop(folder, 1, 2, 3, age=5), put_back(*places)))
    await hr.settled(Settled("applied"))
    assert names(folder) == ["2-leave.csv", "leave.csv"]
    assert [len((await hr.fetch()).people) for _ in range(2)] == [2, 3], "each is read, the newest last"


async def test_where_no_links_can_be_made_an_unread_file_goes_on_waiting_under_another_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError

    drop(folder, 1)
    hr = connector(folder)
    await hr.fetch()
    replacing(monkeypatch, lambda: drop(folder, 1, 2, name="x.tmp", age=10).replace(folder / "leave.csv"))
    monkeypatch.setattr(os, "link", refuse)
    await hr.settled(Settled("applied"))
    assert [name.partition("-")[2] for name in names(folder)] == ["leave.csv"]
    assert len((await hr.fetch()).people) == 2
