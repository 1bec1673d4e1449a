"""One file one noun, one function one step. Sizes are a smell detector: what is larger stands here by name, with its size."""

import ast
from pathlib import Path

import pytest

from tests.rules.tree import named, sources

FILE, FUNCTION = 250, 40
SLACK = 1.1  # near, not exactly

LARGER_FILES: dict[str, int] = {
    "connectors/calendars/expand.py": 295,
    "connectors/calendars/reading.py": 340,
    "connectors/calendars/recurrence.py": 285,
    "presence/domain/facts.py": 370,  # a list of bodies, one after the other
    "presence/domain/picture.py": 300,
    "presence/intake.py": 295,
}
LARGER_FUNCTIONS: dict[str, int] = {}


def functions(path: Path) -> dict[str, int]:
    """Lines of each function, docstrings left out: a long explanation is no long function."""
    found = {}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            first = node.body[0]
            if ast.get_docstring(node) is not None:
                lines -= (first.end_lineno or first.lineno) - first.lineno + 1
            found[f"{named(path)}:{node.name}"] = lines
    return found


@pytest.mark.parametrize("path", sources(), ids=named)
def test_a_file_stays_near_its_size(path: Path) -> None:
    limit = LARGER_FILES.get(named(path), int(FILE * SLACK))
    assert len(path.read_text("utf-8").splitlines()) <= limit


@pytest.mark.parametrize("path", sources(), ids=named)
def test_a_function_stays_near_its_size(path: Path) -> None:
    larger = {name: lines for name, lines in functions(path).items() if lines > LARGER_FUNCTIONS.get(name, int(FUNCTION * SLACK))}
    assert larger == {}


def test_no_exception_is_named_that_is_none() -> None:
    """What has become small again leaves the lists."""
    files = {named(path): len(path.read_text("utf-8").splitlines()) for path in sources()}
    lines = {name: count for path in sources() for name, count in functions(path).items()}
    assert [name for name in LARGER_FILES if files.get(name, 0) <= int(FILE * SLACK)] == []
    assert [name for name in LARGER_FUNCTIONS if lines.get(name, 0) <= int(FUNCTION * SLACK)] == []
