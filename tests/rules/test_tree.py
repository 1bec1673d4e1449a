"""What is committed runs anywhere: no address from which packages come, no folder of somebody's machine, no key."""

import re
from pathlib import Path

import pytest

from tests.rules.tree import named, tracked

FORBIDDEN = {
    "a download host": re.compile(
        r"\b(?:files\.pythonhosted|pypi|registry\.npmjs|deb\.debian|archive\.ubuntu|snapshot\.debian)\.org\b|\bghcr\.io\b",
        re.IGNORECASE,
    ),
    "a folder of one machine": re.compile(r"(?<![\w.])/(?:work|root|home/[a-z]|Users/[a-z])(?=[/\s'\"`]|$)[^\s]*"),
    "a package address in a lock file": re.compile(
        r"^(?:--(?:extra-)?index-url|--find-links|-f|-i)\b|\s@\s(?:https?|file)://", re.MULTILINE
    ),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\n[A-Za-z0-9+/]"),
}
THIS = Path(__file__)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(what: str) -> None:
    found = []
    for path in tracked():
        if path == THIS:
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # pictures and the like
        found += [f"{named(path)}: {match.group().strip()}" for match in FORBIDDEN[what].finditer(text)]
    assert found == []


@pytest.mark.parametrize("name", ["runtime", "build", "dev"])
def test_every_locked_dependency_has_its_hashes(name: str) -> None:
    text = (THIS.parents[2] / "requirements" / f"{name}.txt").read_text("utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", text.strip()) if not entry.startswith("#")]
    assert entries
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_scripts_can_be_run_and_stop_at_the_first_mistake() -> None:
    scripts = [path for path in tracked() if path.read_bytes()[:15].startswith(b"#!/usr/bin/env ")]
    assert scripts
    for path in scripts:
        assert path.stat().st_mode & 0o111, f"{named(path)} cannot be run"
        if b"bash" in path.read_bytes()[:24]:
            assert "set -euo pipefail" in path.read_text("utf-8"), named(path)
