"""The processes of `presence serve`, killed and stopped for real: somebody answers meanwhile, and nobody is left behind."""

import http.client
import os
import re
import signal
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.journeys.service import Service, is_alive, service, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CONTACTS = 50


def configuration(running: Service) -> str:
    """The demonstration's, with presence that moves, in ticks that are long enough to ask two processes for many contacts."""
    text = resources.files("connectors.demonstration").joinpath("presence.toml").read_text("utf-8")
    said = {
        r"^tick = .*": 'tick = "3 s"',
        r"^lag = .*": 'lag = "1 s"',
        r"^operations = .*": f'operations = "127.0.0.1:{running.operations}"\nbudget = 0',
        r'^part = "directory"\ninterval = .*': 'part = "directory"\ninterval = "2 s"',
    }
    for pattern, line in said.items():
        text, count = re.subn(pattern, line, text, flags=re.MULTILINE)
        assert count == 1, pattern
    return text


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("processes") / "service"
    with service(folder, configuration, "2026-11-24 10:00", workers=2) as made:
        yield made


@pytest.fixture
def running(started: Service) -> Service:
    """With two web processes and the connectors, all well; started again where a test has stopped it."""
    assert started.process is not None
    if started.process.poll() is not None:
        started.start(workers=2)
    until(lambda: started.health().status == 200, "all is well")
    until(lambda: started.sources().keys() >= {"directory", "calendars", "live"}, "the sources are read")
    return started


class Asking:
    """Somebody who asks all the time, each time over a new connection."""

    def __init__(self, running: Service) -> None:
        self.answered = 0
        self.slowest = 0.0
        self.failures: list[str] = []
        self._service = running
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.is_set():
            began = time.monotonic()
            try:
                status = self._service.get("/v1/centre").status
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(repr(error))
            else:
                self.answered += 1
                self.failures += [str(status)] if status != 200 else []
            self.slowest = max(self.slowest, time.monotonic() - began)
            time.sleep(0.02)

    def end(self) -> None:
        self._ended.set()


@contextmanager
def asking(running: Service) -> Iterator[Asking]:
    somebody = Asking(running)
    thread = threading.Thread(target=somebody.run, daemon=True)
    thread.start()
    try:
        yield somebody
    finally:
        somebody.end()
        thread.join(20)


def worker_of(port: int, client: int) -> int:
    """The process at the other end of the connection from this port of ours."""
    ends = f":{port:04X}", f":{client:04X}"
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    inode = next(words[9] for words in lines if words[1].endswith(ends[0]) and words[2].endswith(ends[1]))
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if str(link.readlink()) == f"socket:[{inode}]":
                return int(link.parts[2])
    raise LookupError(f"nobody holds the connection from {client}")


@contextmanager
def one_connection_each(running: Service) -> Iterator[dict[int, http.client.HTTPConnection]]:
    """A connection that is kept to each web process, by its id."""
    found: dict[int, http.client.HTTPConnection] = {}
    webs = {pid for pid, name in running.children().items() if name == "web"}
    spare = []

    def complete() -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=15)
        connection.request("GET", "/v1/centre")
        connection.getresponse().read()
        spare.append(connection)
        found.setdefault(worker_of(running.port, connection.sock.getsockname()[1]), connection)
        return found.keys() == webs

    try:
        until(complete, "each web process takes connections")
        yield found
    finally:
        for connection in spare:
            connection.close()


class Told(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def told(connection: http.client.HTTPConnection, contact: str) -> Told:
    connection.request("GET", f"/v1/contacts/{contact}")
    answer = connection.getresponse()
    headers = {name.lower(): value for name, value in answer.getheaders() if name.lower() != "date"}
    return Told(answer.status, headers, answer.read())


def somebody(running: Service) -> list[str]:
    """The ids of 50 contacts, found by beginnings of names."""
    found: dict[str, None] = {}

    def enough() -> bool:
        for words in ("an", "ma", "el", "jo", "so", "er", "li", "ka", "be", "st"):
            found.update(dict.fromkeys(running.hits(words)))
        return len(found) >= CONTACTS

    until(enough, f"{CONTACTS} contacts are found")
    return list(found)[:CONTACTS]


def told_at_one_tick(connections: Iterable[http.client.HTTPConnection], contacts: list[str], after: str) -> list[list[Told]]:
    """What each process says of all contacts, within one tick that comes later than `after`."""
    found: list[list[Told]] = []

    def complete() -> bool:
        found[:] = [[told(connection, contact) for contact in contacts] for connection in connections]
        ticks = {each.headers["expires"] for answers in found for each in answers}
        return len(ticks) == 1 and ticks != {after}

    until(complete, "all are asked within one tick")
    return found


def test_two_web_processes_give_the_same_bytes_at_one_tick(running: Service) -> None:
    """All bytes: body, ETag, and every header but Date. Over two ticks, while presence moves."""
    contacts = somebody(running)
    tick = ""
    with one_connection_each(running) as connections:
        assert len(connections) == 2
        for _ in range(2):
            first, second = told_at_one_tick(connections.values(), contacts, tick)
            tick = first[0].headers["expires"]
            assert first == second
            assert {answer.status for answer in first} == {200}
            assert len({answer.headers["etag"] for answer in first}) == CONTACTS


def test_a_killed_web_process_comes_back_and_the_other_answers_meanwhile(running: Service) -> None:
    before = running.children()
    killed = running.kill("web")
    until(lambda: not is_alive(killed), "it has ended")
    with asking(running) as visitor:
        until(lambda: running.health().status == 503, "health says so")
        down = running.health().data.get("down", {})
        until(lambda: running.health().status == 200, "it is back")
    assert down.keys() == {"web-0"} or down.keys() == {"web-1"}
    assert visitor.failures == []
    assert visitor.answered > 10
    after = running.children()
    assert len(after) == 3
    assert len(after.keys() & before.keys()) == 2
    with one_connection_each(running) as connections:  # the new one too
        assert len(connections) == 2


def test_killed_connectors_come_back_and_read_on_while_the_web_answers(running: Service) -> None:
    """They had the right to write to the directory; whoever follows them has it at once, and need not wait for its end."""
    [pid] = [pid for pid, name in running.children().items() if name == "connectors"]
    os.kill(pid, signal.SIGSTOP)
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    held = ("intake/directory", words[words.index("--holder") + 1], 1, running.now + 60, 60)
    with closing(sqlite3.connect(running.folder / "presence.sqlite", isolation_level=None)) as db:
        db.execute("INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?)", held)
    killed = running.kill("connectors")
    until(lambda: not is_alive(killed), "they have ended")
    with asking(running) as visitor:
        until(lambda: running.health().status == 503, "health says so")
        down = running.health().data.get("down", {})
        until(lambda: running.health().status == 200, "they are back")
        at = running.now
        until(lambda: running.sources()["directory"]["age"] < running.now - at, "the directory was read since", 30)
    assert down.keys() == {"connectors"}
    assert visitor.failures == []
    assert visitor.slowest < 5
    assert running.log.count('"child ended"') >= 1


def test_what_a_killed_process_had_started_does_not_outlive_it(running: Service) -> None:
    before = running.group()
    killed = running.kill("connectors")
    until(lambda: running.health().status == 503, "health says so")
    until(lambda: running.health().status == 200, "they are back")
    kept = running.group()
    until(lambda: not any(is_alive(pid) for pid in before - kept), "what it had started has ended")
    assert killed not in kept


def test_a_parent_that_is_killed_leaves_no_child_behind(running: Service) -> None:
    assert running.process is not None
    everybody = running.group()
    running.process.send_signal(signal.SIGKILL)
    running.process.wait(10)
    until(lambda: not any(is_alive(pid) for pid in everybody), "all have ended", 10)


def test_a_clean_stop_takes_less_than_five_seconds_and_leaves_nobody(running: Service) -> None:
    assert running.process is not None
    everybody = running.group()
    assert len(everybody) >= 4
    with asking(running):  # under load of somebody who asks
        time.sleep(0.3)
        began = time.monotonic()
        running.process.terminate()
        assert running.process.wait(10) == 0
        took = time.monotonic() - began
    assert took < 5
    assert [pid for pid in everybody if is_alive(pid)] == []
    assert "child killed" not in running.log
