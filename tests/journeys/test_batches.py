"""Complete batches of leave, sent to a real service: a process of its own takes each in, and look-ups go on meanwhile."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.journeys.service import Answer, Service, service, until
from tests.web.service import KEY
from tests.web.town import ANNA, LASTING, SETTINGS, TOKENS, write_town

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BATCH = "/v1/sources/hr/absences"
HEADING = "person;uid;start;end;extent;employment;share"
ANNA_ROW = "employee:101;1;2026-11-23;2026-11-24;;;"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = write_town(tmp_path_factory.mktemp("batches") / "town")
    (folder / "installation.key").write_bytes(KEY)
    (folder / "installation.key").chmod(0o600)
    with service(folder, _configuration, "2026-11-23 10:00") as made:
        until(lambda: made.get(f"/v1/contacts/{ANNA}").status == 200, "the directory is read")
        yield made


def _configuration(made: Service) -> str:
    text = f"{SETTINGS}{LASTING}".replace('operations = ""', f'operations = "127.0.0.1:{made.operations}"')
    return f'{text}\n[public]\ntick = "2 s"\nlag = "1 s"\n'


def put(running: Service, *rows: str, query: str = "") -> Answer:
    headers = {"Authorization": f"Bearer {TOKENS['hr']}", "Content-Type": "text/csv"}
    return running.get(BATCH + query, "PUT", "\n".join((HEADING, *rows)), **headers)


def strangers(count: int) -> list[str]:
    """Rows of people who are in no directory; they wait until they are."""
    return [f"employee:{90_000 + n};1;2026-11-23;2026-12-24;;;" for n in range(count)]


def test_a_batch_is_taken_in_and_shows(running: Service) -> None:
    answer = put(running, ANNA_ROW)
    assert (answer.status, answer.data["added"]) == (200, 1)
    until(lambda: running.status(ANNA) == "away", "she is away")
    again = put(running, ANNA_ROW)
    assert (again.data["added"], again.data["unchanged"]) == (0, 1)


def test_a_dry_run_says_what_would_become_of_it_and_does_nothing(running: Service) -> None:
    put(running, ANNA_ROW)
    answer = put(running, ANNA_ROW, "employee:102;1;2026-11-23;2026-11-24;;;", query="?dry_run=true")
    assert (answer.status, answer.data["dry_run"], answer.data["added"]) == (200, True, 1)
    assert put(running, ANNA_ROW).data["unchanged"] == 1


def test_a_bad_document_is_refused_with_its_row(running: Service) -> None:
    answer = put(running, ANNA_ROW, "employee:102;1;tomorrow;;;;")
    assert (answer.status, answer.data["code"]) == (400, "bad-document")
    assert "3" in answer.data["detail"]
    assert "tomorrow" not in answer.data["detail"]


def test_a_batch_whose_process_is_killed_stores_nothing_and_is_taken_when_it_is_sent_again(running: Service) -> None:
    put(running, ANNA_ROW)
    for attempt in range(5):  # on a loaded machine the process may have ended before the signal comes
        rows = [ANNA_ROW, *strangers(5_000 + 500 * attempt)]
        answer = killed(running, rows)
        if answer.status != 200:
            break
    assert (answer.status, answer.data["code"], answer.headers["retry-after"]) == (503, "unavailable", "5")
    assert running.get(f"/v1/contacts/{ANNA}").status == 200
    until(lambda: put(running, *rows).status == 200, "it is taken in", 90, 1)


def killed(running: Service, rows: list[str]) -> Answer:
    """The answer to a batch whose process is killed as soon as it is seen."""
    answers: list[Answer] = []
    sending = threading.Thread(target=lambda: answers.append(put(running, *rows)))
    sending.start()

    def kill() -> bool:
        pids = batches(running)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(pids) or not sending.is_alive()

    until(kill, "a process takes it in", pause=0.002)
    sending.join(60)
    [answer] = answers
    return answer


def batches(running: Service) -> list[int]:
    """Processes that take in a batch."""
    found = []
    for pid in running.group():
        with suppress(OSError):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if b"_absences" in words and b"presence" in words:
                found.append(pid)
    return found
