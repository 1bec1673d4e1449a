"""The command line: what programs rely on are the exit codes and the JSON; what people rely on is that it says what to do."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

pytestmark = pytest.mark.slow  # each claim starts a process or two

SETTINGS = """
[organisation]
name = "Björkdalens kommun"
hours = "Mo-Su 00:00-24:00"
address = "https://kontakt.example.se"
[centre]
name = "Servicecenter"
channels = [{ kind = "telephone", value = "019-21 10 00" }]
[publication]
protected = "none"
[[publication.rules]]
unit = "*"
[sources.people]
connector = "connectors.ldif:Ldif"
kind = "directory"
path = "people.ldif"
base = "dc=example,dc=se"
[server]
operations = ""
"""
PEOPLE = """version: 1

dn: uid=anna,dc=example,dc=se
objectClass: inetOrgPerson
uid: anna
cn: Anna Åström
sn: Åström
title: Bygglovshandläggare
telephoneNumber: +4619211234
mail: anna@example.se
entryUUID: 3f8c7a52-0001-4000-8000-000000000001
"""
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test
BEGIN:VEVENT
UID:1
DTSTART:20261123T090000Z
DTEND:20261123T100000Z
SUMMARY:kanariefågel
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:kanariefågel
END:VEVENT
END:VCALENDAR
"""
DAY = ("--from", "2026-11-23", "--to", "2026-11-24")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An installation with one directory."""
    (tmp_path / "presence.toml").write_text(SETTINGS, "utf-8")
    (tmp_path / "people.ldif").write_text(PEOPLE, "utf-8")
    (tmp_path / "calendar.ics").write_text(CALENDAR.replace("\n", "\r\n"), "utf-8")
    return tmp_path


def presence(folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "presence", *arguments]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    return subprocess.run(
        command, cwd=folder, env=environment, input=given, capture_output=True, text=True, timeout=60, check=False
    )


def data(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)


def test_an_unknown_command_is_a_mistake_of_usage(folder: Path) -> None:
    done = presence(folder, "dmeo")
    assert done.returncode == 2
    assert "demo" in done.stderr


def test_config_check_is_silent_about_a_good_file_but_for_its_counts(folder: Path) -> None:
    done = presence(folder, "config", "check")
    assert (done.returncode, done.stdout) == (0, "presence.toml: no errors. sources: 1, topics: 0, units: 0, contacts: 0\n")


def test_config_check_tells_of_a_broken_file_with_exit_code_2(folder: Path) -> None:
    (folder / "presence.toml").write_text(SETTINGS.replace("path = ", "pathh = "), "utf-8")
    done = presence(folder, "config", "check")
    assert done.returncode == 2
    assert "presence.toml:16" in done.stderr
    assert "Did you mean path?" in done.stderr
    assert "Traceback" not in done.stderr


def test_config_check_gives_its_problems_as_json(folder: Path) -> None:
    (folder / "presence.toml").write_text(SETTINGS + "port = 99999\n", "utf-8")
    done = presence(folder, "config", "check", "--json")
    assert done.returncode == 2
    [problem] = data(done)["problems"]
    assert (problem["line"], problem["key"]) == (20, "server.port")


@pytest.mark.parametrize("command", [["serve"], ["sync"], ["who", "mail:a@b"], ["config", "show"]])
def test_a_command_without_its_settings_says_so_and_starts_nothing(tmp_path: Path, command: list[str]) -> None:
    done = presence(tmp_path, *command)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "presence.toml" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_example_can_be_begun_with(folder: Path) -> None:
    (folder / "presence.toml").write_text(presence(folder, "config", "example").stdout, "utf-8")
    done = presence(folder, "config", "check")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), "the password of the directory is not there yet"
    assert "no errors, 1 thing to look at. sources: " in done.stdout
    assert "sources.ldap.password_file" in done.stderr
    (folder / "ldap.password").write_text("secret", "utf-8")
    assert presence(folder, "config", "check").returncode == 0


def test_config_check_notices_what_lets_the_service_start_and_still_is_no_use(folder: Path) -> None:
    (folder / "tokens").write_text("# of the exchange\nsecret-itself\n", "utf-8")
    more = """
[sources.exchange]
connector = "connectors.webhook:Webhook"
kind = "presence"
token_file = "tokens"
[sources.calendars]
connector = "connectors.ics:Ics"
kind = "calendar"
folder = "calendars"
[phrases]
"inom fem dagar" = { en = "within five days", fi = "viiden päivän kuluessa" }
"""
    (folder / "presence.toml").write_text(SETTINGS + more, "utf-8")
    done = presence(folder, "config", "check", "--json")
    told = {row["key"]: row["message"] for row in data(done)["notices"]}
    assert (done.returncode, list(told)) == (
        1,
        ["sources.exchange.token_file", "sources.calendars.folder", 'phrases."inom fem dagar"', 'phrases."inom fem dagar".fi'],
    )
    assert "line 2" in told["sources.exchange.token_file"]
    assert "secret-itself" not in done.stdout


def test_config_show_gives_what_is_in_force(folder: Path) -> None:
    assert data(presence(folder, "config", "show", "--json"))["sources"]["people"]["base"] == "dc=example,dc=se"


def test_calendar_gives_when_and_not_why(folder: Path) -> None:
    done = presence(folder, "calendar", "calendar.ics", *DAY, "--json")
    assert data(done)["busy"] == [["2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z"]]
    assert "kanariefågel" not in done.stdout + done.stderr


def test_calendar_says_with_exit_code_1_what_it_had_to_skip(folder: Path) -> None:
    done = presence(folder, "calendar", "calendar.ics", *DAY)
    assert done.returncode == 1
    assert done.stdout.splitlines()[1] == "2026-11-23 10:00\t2026-11-23 11:00\tbusy"
    assert "skipped: line 10" in done.stderr


def test_calendar_that_cannot_be_read_is_exit_code_3(folder: Path) -> None:
    (folder / "not.ics").write_text("<html>", "utf-8")
    assert presence(folder, "calendar", "not.ics", *DAY).returncode == 3
    assert presence(folder, "calendar", "nowhere.ics", *DAY).returncode == 3


@pytest.mark.parametrize("wrong", [["--from", "tomorrow"], ["--zone", "Europe/Stokholm"], ["--to", "2020-01-01"], []])
def test_calendar_with_a_wrong_argument_is_a_mistake_of_usage(folder: Path, wrong: list[str]) -> None:
    files = ["calendar.ics"] if wrong else []
    assert presence(folder, "calendar", *files, *wrong).returncode == 2


def test_calendar_batch_answers_each_line(folder: Path) -> None:
    task = {"id": "a", "ics": [CALENDAR], "from": "2026-11-23T00:00:00Z", "to": "2026-11-24T00:00:00Z", "zone": "UTC"}
    done = presence(folder, "calendar", "--batch", given=json.dumps(task) + "\nno json\n")
    good, bad = map(json.loads, done.stdout.splitlines())
    assert (done.returncode, good["id"], "error" in bad) == (1, "a", True)
    assert presence(folder, "calendar", "--batch", given=json.dumps(task)).returncode == 0


def test_calendar_names_the_one_of_several_files_that_is_bad(folder: Path) -> None:
    (folder / "not.ics").write_text("<html>", "utf-8")
    for bad in ("not.ics", "nowhere.ics"):
        done = presence(folder, "calendar", "calendar.ics", bad, *DAY)
        assert (done.returncode, bad in done.stderr, "calendar.ics" in done.stderr) == (3, True, False)


def test_a_dry_run_changes_nothing(folder: Path) -> None:
    assert [row["result"] for row in data(presence(folder, "sync", "--dry-run", "--json"))] == ["dry run"]
    assert not {"installation.key", "presence.sqlite"} & {file.name for file in folder.iterdir()}
    assert data(presence(folder, "sync", "--json"))[0]["added"] == 1


def test_a_lost_installation_key_is_not_replaced_behind_everybodys_back(folder: Path) -> None:
    presence(folder, "sync")
    key = folder / "installation.key"
    held = key.read_bytes()
    key.unlink()
    for command in (("sync",), ("sync", "--dry-run"), ("config", "check"), ("serve", "--port", "0")):
        done = presence(folder, *command)
        assert (done.returncode, key.exists(), "restore it from a backup" in done.stderr) == (2, False, True)
    key.touch(0o600)
    key.write_bytes(held)
    assert presence(folder, "sync").returncode == 0


def test_in_a_dry_run_each_source_meets_what_those_before_it_would_have_changed(folder: Path) -> None:
    (folder / "anna.ics").write_text(CALENDAR, "utf-8")
    with (folder / "presence.toml").open("a", encoding="utf-8") as settings:
        settings.write("""
[sources.calendars]
connector = "connectors.ics:Ics"
kind = "calendar"
calendars = { "mail:anna@example.se" = "anna.ics" }
""")
    done = presence(folder, "sync", "--dry-run", "--json")
    people, calendars = data(done)
    assert (people["added"], calendars["added"], calendars["unmatched"], done.returncode) == (1, 1, 0, 0)
    assert presence(folder, "who", "mail:anna@example.se", "--as", "staff").returncode == 1, "nothing is kept"


def test_sync_tells_in_words_what_an_operator_may_want_to_put_right(folder: Path) -> None:
    (folder / "people.ldif").write_text(PEOPLE.rstrip("\n") + "\ntelephoneNumber: see the door\n", "utf-8")
    assert "people: 1 telephone numbers that cannot be dialled" in presence(folder, "sync").stdout


def test_sync_of_a_source_that_cannot_be_read_is_exit_code_3(folder: Path) -> None:
    (folder / "people.ldif").write_text("no: directory\nat all", "utf-8")
    done = presence(folder, "sync", "people")
    assert done.returncode == 3
    assert "unreadable" in done.stdout


def test_sync_says_in_a_sentence_why_a_source_cannot_be_read(folder: Path) -> None:
    (folder / "people.ldif").unlink()
    done = presence(folder, "sync", "people")
    assert "people: the file cannot be read" in done.stdout
    assert done.returncode == 3, "no later try mends that"


def test_sync_of_a_shrunken_directory_is_held_back_with_exit_code_4(folder: Path) -> None:
    entries = [PEOPLE.replace("anna", f"p{n}").replace("000000000001", f"{n:012}").replace("version: 1\n", "") for n in range(60)]
    (folder / "people.ldif").write_text("version: 1\n" + "\n".join(entries), "utf-8")
    assert presence(folder, "sync", "people").returncode in (0, 1)
    (folder / "people.ldif").write_text("version: 1\n" + entries[0], "utf-8")
    done = presence(folder, "sync", "people", "--json")
    assert done.returncode == 4
    [row] = data(done)
    said = presence(folder, "sync", "people").stdout
    assert f"presence sync --release {row['hold']} --operator NAME" in said
    assert said.count(" mail:p") == 20, "ids tell an operator nothing"
    assert "--release" not in presence(folder, "sync", "people", "--dry-run").stdout, "it holds nothing"
    looked = presence(folder, "sync", "--release", row["hold"], "--dry-run")
    assert (looked.returncode, looked.stdout.count("  - contact ")) == (0, 20), "to look at it releases nothing"
    released = presence(folder, "sync", "--release", row["hold"], "--operator", "kim")
    assert (released.returncode, released.stdout.count("  - contact ")) == (0, 20), "what was applied is shown"


def test_sync_of_an_unknown_source_or_hold_is_a_mistake_of_usage(folder: Path) -> None:
    assert presence(folder, "sync", "nowhere").returncode == 2
    assert presence(folder, "sync", "--release", "nothing").returncode == 2


def break_store(folder: Path) -> None:
    (folder / "presence.sqlite").write_bytes(b"no database " * 1000)


def test_a_store_that_is_no_database_is_told_with_what_to_do_and_not_to_be_tried_again(folder: Path) -> None:
    presence(folder, "sync")
    break_store(folder)
    done = presence(folder, "sync")
    assert (done.returncode, "Traceback" in done.stderr) == (3, False)
    assert "restore it from a backup, or move it away" in done.stderr


@pytest.mark.parametrize(
    ("command", "error", "code"),
    [
        ("calendar nowhere.ics", "missing", 3),
        ("calendar presence.toml", "refused", 3),
        ("hr map nowhere.csv", "missing", 3),
        ("sync --release nothing", "unknown-hold", 2),
        ("sync nowhere", "usage", 2),
        ("who mail:anna@example.se --lang fi", "usage", 2),
        ("sync --config nowhere.toml", "settings", 2),
        ("who mail:anna@example.se --config nowhere.toml", "settings", 2),
        ("report --config nowhere.toml", "settings", 2),
        ("config check --config nowhere.toml", "settings", 2),
        ("report --to tomorrow", "usage", 2),
    ],
)
def test_a_failure_is_one_object_for_programs_and_a_sentence_for_people(
    folder: Path, command: str, error: str, code: int
) -> None:
    presence(folder, "sync")
    done = presence(folder, *command.split(), "--json")
    told = data(done)
    assert (told["error"], told["exit"], done.returncode) == (error, code, code)
    assert told["detail"]
    assert done.stderr.strip()


@pytest.mark.parametrize("command", ["sync", "who mail:anna@example.se", "report"])
def test_a_store_that_cannot_be_used_is_told_to_programs_as_well(folder: Path, command: str) -> None:
    presence(folder, "sync")
    (folder / "presence.sqlite").chmod(0o400)
    if os.access(folder / "presence.sqlite", os.W_OK):  # root may
        with sqlite3.connect(folder / "presence.sqlite") as db:
            db.execute("PRAGMA user_version = 99")
    done = presence(folder, *command.split(), "--json")
    assert (data(done)["error"], data(done)["exit"], done.returncode) == ("store-unavailable", 75, 75)
    (folder / "presence.sqlite").chmod(0o600)
    break_store(folder)
    for rest in ("-wal", "-shm"):
        (folder / f"presence.sqlite{rest}").unlink(missing_ok=True)
    done = presence(folder, *command.split(), "--json")
    assert (data(done)["error"], done.returncode) == ("store-broken", 3)


def soon() -> str:
    """When the public may know of what is written now."""
    return (datetime.now(UTC) + timedelta(minutes=2)).isoformat()


def test_who_tells_an_audience_what_it_may_know(folder: Path) -> None:
    presence(folder, "sync")
    answer = data(presence(folder, "who", "mail:anna@example.se", "--at", soon(), "--json"))
    assert (answer["name"], answer["availability"]["status"]) == ("Anna Åström", "unknown")
    assert "explanation" not in answer


def test_who_explains_which_fact_decided(folder: Path) -> None:
    presence(folder, "sync")
    answer = data(presence(folder, "who", "mail:anna@example.se", "--at", soon(), "--explain", "--json"))
    assert {"hours", "assumed"} <= {heard["place"] for heard in answer["explanation"]["heard"]}


def test_who_explains_why_nothing_is_assumed(folder: Path) -> None:
    presence(folder, "sync")
    done = presence(folder, "who", "mail:anna@example.se", "--at", soon(), "--explain")
    assert "nothing: no calendar and no live presence is linked" in done.stdout


@pytest.mark.parametrize(("option", "known"), [(("--lang", "fi"), "sv, en"), (("--topic", "bygglov"), "no topic")])
def test_who_knows_a_slip_in_a_language_or_a_topic(folder: Path, option: tuple[str, str], known: str) -> None:
    done = presence(folder, "who", "mail:anna@example.se", *option)
    assert (done.returncode, known in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_who_says_when_the_answer_may_change(folder: Path) -> None:
    presence(folder, "sync")
    command = ("who", "mail:anna@example.se", "--at", soon(), "--explain")
    assert presence(folder, *command).stdout.endswith("  may change whenever a source says so\n"), "open day and night"
    file = folder / "presence.toml"
    file.write_text(file.read_text("utf-8").replace("00:00-24:00", "07:00-16:00"), "utf-8")
    assert "  may change at 20" in presence(folder, *command).stdout


def test_who_tells_every_instant_in_the_zone_of_the_organisation(folder: Path) -> None:
    text = SETTINGS.replace("Mo-Su 00:00-24:00", "Mo-Su 07:00-16:00")
    (folder / "presence.toml").write_text(text.replace("hours =", 'zone = "Pacific/Honolulu"\nhours ='), "utf-8")
    presence(folder, "sync")
    done = presence(folder, "who", "mail:anna@example.se", "--as", "staff", "--at", "2027-03-01T12:00Z", "--explain")
    assert "closed until 2027-03-01T07:00:00-10:00" in done.stdout
    assert "may change at 2027-03-01T07:00-10:00" in done.stdout


def test_sync_names_what_the_configuration_names_and_nobody_knows_each_time(folder: Path) -> None:
    with (folder / "presence.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[topics.culture]\nname = "Culture"\nunits = ["Kulturr"]\n')
    for _ in range(2):
        assert "names what no source knows: Kulturr" in presence(folder, "sync").stdout


def test_who_reads_many_aliases_and_gives_a_line_for_each(folder: Path) -> None:
    presence(folder, "sync")
    done = presence(folder, "who", "-", "--at", soon(), given="mail:anna@example.se\nmail:nobody@example.se\n")
    known, unknown = map(json.loads, done.stdout.splitlines())
    assert (known["name"], unknown["error"], done.returncode) == ("Anna Åström", "unknown", 1)


def test_serve_answers_and_ends_cleanly_within_five_seconds(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "presence", "serve", "--port", "0"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        stderr=subprocess.PIPE,
        text=True,
    ) as service:
        try:
            assert service.stderr is not None
            address = next(json.loads(line)["address"] for line in service.stderr if '"listening"' in line)
            with urlopen(f"http://{address}/openapi.json", timeout=20) as answer:
                assert "/v1/centre" in json.load(answer)["paths"]
            began = time.monotonic()
            service.send_signal(signal.SIGTERM)
            assert service.wait(10) == 0
            assert time.monotonic() - began < 5
        finally:
            service.kill()


def test_a_port_that_is_taken_is_one_line_and_exit_code_2(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = presence(folder, "serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
