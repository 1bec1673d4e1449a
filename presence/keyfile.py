"""The installation key: a file, from which public ids are made. Losing it gives everybody a new address."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

_LEAST, _LENGTH = 16, 32  # bytes


class KeyMissing(Exception):
    """The key file is gone or cut off, and what was made with it may not be."""


def installation_key(path: Path, store: Path, *, is_trial: bool = False) -> bytes:
    """The key; made on the first start, whole or not at all, by whichever process comes first.

    `is_trial`: where there is none it is one for the moment. Raises `KeyMissing`, rather than make another for a store that
    holds ids of the first, and `OSError`.
    """
    key = _read(path)
    if key is None and not is_filled(store):
        key = secrets.token_bytes(_LENGTH) if is_trial else _made(path)
    key = key if key is not None else _read(path)  # another process may have made both since
    if key is None:
        raise KeyMissing(
            f"{path} is missing, but {store} was made with it: restore it from a backup; "
            f"without one everybody gets a new address, once {store} is moved away too and the sources are read anew"
        )
    if len(key) < _LEAST:
        raise KeyMissing(
            f"{path} is no installation key: it holds {len(key)} bytes, at least {_LEAST} are needed; restore it from a backup, "
            f"or remove it where there is no {store} yet: then a new one is made"
        )
    return key


def is_filled(store: Path) -> bool:
    """Whether there is a store, and something in it."""
    return store.is_file() and store.stat().st_size > 0


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _made(path: Path) -> bytes:
    """A new key on the disk; the other's, where another process was first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # readable by its owner alone
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_LENGTH))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # unlike a renaming, it replaces nothing
    finally:
        Path(draft).unlink()
    _sync(path.parent)
    return path.read_bytes()


def _sync(folder: Path) -> None:
    """A name is on the disk when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
