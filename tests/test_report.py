"""`presence report`: what became of enquiries, for people, for programs, and for a spreadsheet."""

import asyncio
import csv
import io
import json
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from presence.commands import report_view
from presence.domain.facts import Count, Fact, TopicRecord, UnitRecord, key
from presence.domain.report import report
from presence.stores.sqlite import SqliteStore
from tests.test_cli import PEOPLE, SETTINGS, presence

pytestmark = pytest.mark.slow  # each claim starts a process or two

DAY = "2026-11-23"
NINE = 1_795_420_800  # 09:00 on that day
COUNTS = {
    key("lookup", "available", "u1"): 120,
    key("lookup", "away", "u1"): 40,
    key("lookup", "away", "u2"): 7,
    key("go", "centre", "telephone", "u1"): 33,
    key("topic", "bygglov", "lookup"): 160,
    key("reached", "telephone", "yes", "u1"): 60,
    key("reached", "telephone", "no", "u1"): 20,
    key("vain", "hundskatt"): 12,
    "calls/=vx/answered": 53,
    "calls/=vx/unanswered": 47,
}
FACTS = (
    Fact(key("unit", "u0", "people"), UnitRecord(name="Stadsbyggnad")),
    Fact(key("unit", "u1", "people"), UnitRecord(name="Bygglov", parent="u0")),
    Fact(key("topic", "bygglov", "config"), TopicRecord(name="Lov för bygge")),
    Fact(key("count", str(NINE), "web"), Count(NINE, COUNTS)),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "presence.toml").write_text(SETTINGS, "utf-8")
    key_file = tmp_path / "installation.key"
    key_file.touch(0o600)
    key_file.write_bytes(bytes(32))

    async def fill() -> None:
        store = SqliteStore(tmp_path / "presence.sqlite")
        await store.append(FACTS)
        await store.close()

    asyncio.run(fill())
    return tmp_path


def told(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return presence(folder, "report", "--from", DAY, "--to", DAY, *arguments)


def rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(told(folder, "--csv").stdout.splitlines()))


def test_it_gives_json_with_what_units_and_topics_are_called(folder: Path) -> None:
    done = told(folder, "--json")
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == 0
    assert (found["from"], found["to"], found["k"]) == (DAY, DAY, 10)
    assert {"unit": "u1", "status": "available", "count": 120} in found["lookups"]
    assert found["in_vain"] == [{"words": "hundskatt", "count": 12}]
    assert found["names"] == {"u1": "Stadsbyggnad › Bygglov", "bygglov": "Lov för bygge"}


@pytest.mark.slow
def test_what_is_under_ten_is_in_no_output_and_no_difference(folder: Path) -> None:
    lookups = [row for row in rows(folder) if row["table"] == "lookups"]
    assert [(row["unit"], row["status"], row["count"]) for row in lookups] == [("u1", "available", "120"), ("*", "*", "47")]
    assert "u2" not in told(folder).stdout + told(folder, "--json").stdout + told(folder, "--csv").stdout


def test_a_spreadsheet_gets_no_formula(folder: Path) -> None:
    assert {row["unit"] for row in rows(folder) if row["table"] == "calls"} == {"'=vx"}


def test_off_a_terminal_it_is_lines_with_tabs(folder: Path) -> None:
    first, *more = told(folder).stdout.splitlines()
    assert first.split("\t")[:2] == ["table", "unit"]
    assert all(len(line.split("\t")) == len(first.split("\t")) for line in more)


def test_a_period_without_counts_says_so_and_is_no_failure(folder: Path) -> None:
    done = presence(folder, "report", "--to", "2020-01-31")
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    assert "Nothing to tell" in done.stderr


@pytest.mark.parametrize(
    "wrong", [["--from", "2026-11-24", "--to", DAY], ["--from", "yesterday"], ["--json", "--csv"], ["--config", "nowhere.toml"]]
)
def test_a_wrong_argument_is_a_mistake_of_usage(folder: Path, wrong: list[str]) -> None:
    assert presence(folder, "report", *wrong).returncode == 2


def test_a_store_that_is_no_database_is_not_to_be_tried_again(folder: Path) -> None:
    (folder / "presence.sqlite").write_bytes(b"no database" * 1_000)
    for more in folder.glob("presence.sqlite-*"):
        more.unlink()
    assert told(folder).returncode == 3


def test_people_see_tables_with_bars_and_shares() -> None:
    found = report([Count(NINE, COUNTS)], date(2026, 11, 23), date(2026, 11, 23), ZoneInfo("Europe/Stockholm"))
    console = Console(width=100, record=True, file=io.StringIO())
    report_view.show(found, {"u1": "Bygglov"}, "Björkdalens kommun", console)
    text = console.export_text()
    assert "Bygglov" in text
    assert "75 %" in text
    assert "53 %" in text
    assert "━" in text
    assert " 7 " not in text


@pytest.mark.slow
def test_what_visitors_met_is_in_the_report_once_the_service_has_ended(folder: Path) -> None:
    """From the first request to the report, with the processes that run in earnest."""
    (folder / "presence.sqlite").unlink()
    (folder / "people.ldif").write_text(PEOPLE, "utf-8")
    command = [sys.executable, "-m", "presence", "serve", "--port", "0"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as service:
        try:
            assert service.stderr is not None
            address = next(json.loads(line)["address"] for line in service.stderr if '"listening"' in line)
            with urlopen(f"http://{address}/v1/centre", timeout=30) as answer:
                centre = json.load(answer)["id"]
            for _ in range(12):
                urlopen(f"http://{address}/v1/contacts/{centre}", timeout=30).close()
                urlopen(Request(f"http://{address}/contacts/{centre}/reached", b"answer=yes"), timeout=30).close()
            service.send_signal(signal.SIGTERM)
            service.wait(10)
        finally:
            service.kill()
    found = json.loads(presence(folder, "report", "--json").stdout)
    assert sum(row["count"] for row in found["lookups"]) == 12
    assert found["reached"] == []  # twelve answers of one address are one
