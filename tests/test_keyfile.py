"""The installation key is made once, whole, by whichever process comes first."""

import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from presence import keyfile
from presence.keyfile import KeyMissing, installation_key


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "made" / "installation.key"


def test_it_is_made_on_the_first_start_and_read_on_all_others(key: Path, tmp_path: Path) -> None:
    made = installation_key(key, tmp_path / "store")
    assert len(made) == 32
    assert installation_key(key, tmp_path / "store") == made
    assert key.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in key.parent.iterdir()] == [key.name]


def test_a_trial_leaves_none(key: Path, tmp_path: Path) -> None:
    assert installation_key(key, tmp_path / "store", is_trial=True) != installation_key(key, tmp_path / "store", is_trial=True)
    assert not key.parent.exists()


def _start(key: Path, store: Path, barrier: Any, told: Any) -> None:
    barrier.wait()
    try:
        told.put(installation_key(key, store))
    except BaseException as error:  # noqa: BLE001 - the test tells it
        told.put(repr(error))


def test_processes_that_start_at_once_have_the_same(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    for round_ in range(15):
        barrier, told = context.Barrier(4), context.Queue()
        arguments = (tmp_path / f"{round_}.key", tmp_path / "store", barrier, told)
        started = [context.Process(target=_start, args=arguments) for _ in range(4)]
        for process in started:
            process.start()
        keys = {told.get(timeout=20) for _ in started}
        for process in started:
            process.join()
        assert len(keys) == 1
        assert isinstance(keys.pop(), bytes)


def test_one_that_is_killed_while_it_makes_it_leaves_none_that_is_cut_off(
    key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_descriptor: int) -> None:
        assert not key.exists()
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr("os.fsync", killed)
        with pytest.raises(SystemExit):
            installation_key(key, tmp_path / "store")
    assert not key.exists()
    assert len(installation_key(key, tmp_path / "store")) == 32


def test_where_another_made_key_and_store_meanwhile_its_key_is_read(
    key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def filled_by_another(_store: Path) -> bool:
        key.parent.mkdir()
        key.write_bytes(b"k" * 32)
        return True

    monkeypatch.setattr(keyfile, "is_filled", filled_by_another)
    assert installation_key(key, tmp_path / "store") == b"k" * 32


def test_one_that_was_cut_off_is_told_and_never_replaced(key: Path, tmp_path: Path) -> None:
    key.parent.mkdir()
    key.write_bytes(b"")
    with pytest.raises(KeyMissing, match=r"it holds 0 bytes.* remove it where there is no .*store yet"):
        installation_key(key, tmp_path / "store")
    assert key.read_bytes() == b""
