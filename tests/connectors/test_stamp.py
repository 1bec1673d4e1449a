"""A file that somebody may still be writing: it is waited for until it is quiet, and never taken as it stands half-written."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.stamp import settled
from presence.ports import SourceInvalid, SourceUnavailable


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "list.txt"
    file.write_bytes(b"one\ntwo\n")
    return file


class Reading:
    """Of a file with three quiet seconds, so many seconds after it was written; what happens while it is waited for is given."""

    def __init__(self, file: Path, after: float, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.file, self.now, self.meanwhile = file, file.stat().st_ctime + after, meanwhile
        self.waited: list[float] = []

    def take(self, size: int = 100) -> bytes:
        return settled(self.file, size, "the list", quiet=3.0, now=lambda: self.now, sleep=self._sleep)

    def refusal(self) -> str:
        with pytest.raises(SourceUnavailable) as caught:
            self.take()
        assert not isinstance(caught.value, SourceInvalid), "another try mends it"
        return caught.value.code

    def _sleep(self, seconds: float) -> None:
        self.waited.append(round(seconds, 3))
        self.meanwhile()


def test_a_file_that_is_quiet_is_read_at_once(file: Path) -> None:
    reading = Reading(file, 3.1)
    assert (reading.take(), reading.waited) == (b"one\ntwo\n", [])


def test_a_file_that_was_just_written_is_waited_for_as_long_as_it_lacks_of_being_quiet(file: Path) -> None:
    reading = Reading(file, 1.0)
    assert (reading.take(), reading.waited) == (b"one\ntwo\n", [2.0])


def test_a_file_that_is_written_to_while_it_is_waited_for_is_not_taken(file: Path) -> None:
    assert Reading(file, 1.0, lambda: file.open("a").write("three\n")).refusal() == "interrupted"


def test_a_file_that_is_replaced_while_it_is_waited_for_is_not_taken(file: Path) -> None:
    other = file.with_suffix(".tmp")
    other.write_bytes(b"one\nsix\n")
    assert Reading(file, 1.0, lambda: other.replace(file)).refusal() == "interrupted"


def test_an_old_time_that_its_sender_sets_makes_no_file_quiet(file: Path) -> None:
    os.utime(file, (0, 0))
    reading = Reading(file, 1.0)
    reading.take()
    assert reading.waited == [2.0]


@pytest.mark.parametrize("clock", [-3_000_000_000, -1_800, -10])
def test_a_clock_behind_that_of_the_files_costs_the_quiet_time_and_no_more(file: Path, clock: float) -> None:
    reading = Reading(file, clock)
    assert (reading.take(), reading.waited) == (b"one\ntwo\n", [3.0])


def test_a_time_far_ahead_says_nothing(file: Path) -> None:
    os.utime(file, (time.time() + 30 * 86_400,) * 2)
    assert Reading(file, 3.1).take() == b"one\ntwo\n"


def test_a_file_above_its_bound_is_not_waited_for(file: Path) -> None:
    reading = Reading(file, 1.0)
    with pytest.raises(SourceInvalid) as caught:
        reading.take(7)
    assert (caught.value.code, reading.waited) == ("too-large", [])
