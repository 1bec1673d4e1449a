"""A sample of the mutants of the short way; all of them: `make mutants-calendars`."""

import random
import subprocess
import sys

import pytest

from . import mutants


def sample(size: int) -> list[tuple[str, int]]:
    """Places by chance, the same each time, without those that answer the same."""
    every = {module: mutants.every(module) for module in mutants.MODULES}
    found = [(module, i) for module, places in every.items() for i, place in enumerate(places) if place not in mutants.EQUIVALENT]
    return random.Random(4).sample(found, size)


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize(("module", "index"), sample(4))
def test_a_change_of_the_short_way_is_noticed(module: str, index: int) -> None:
    command = [sys.executable, "-m", "tests.connectors.calendars.mutants", "--run", module, str(index)]
    done = subprocess.run(command, capture_output=True, timeout=170, check=False)
    assert done.returncode == 1, mutants.which(module, index)


def test_every_mutant_that_is_argued_to_answer_the_same_exists() -> None:
    lines = {
        (module, line.strip()) for module in mutants.MODULES for line in (mutants.HERE / f"{module}.py").open("r", -1, "utf-8")
    }
    assert {(module, line) for module, line, _ in mutants.EQUIVALENT} <= lines
