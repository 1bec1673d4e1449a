"""Time is an argument: pure code reads no clock, so that any moment can be asked about, and every answer repeated."""

import ast
from pathlib import Path

import pytest

from tests.rules.tree import ROOT, named, sources

PURE = (*sources("presence/domain"), *(path for path in [ROOT / "presence" / "board.py"] if path.exists()))
CLOCKS = {"now", "utcnow", "today", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime", "clock_gettime"}


def clock_reads(tree: ast.AST) -> list[int]:
    """Lines that read a clock: `datetime.now()`, `date.today()`, `time.time()` and their like."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            of_time = isinstance(owner, ast.Name) and owner.id == "time" and node.func.attr == "time"
            of_class = isinstance(owner, ast.Name | ast.Attribute) and _last(owner) in ("datetime", "date", "time", "dt")
            if of_time or (of_class and node.func.attr in CLOCKS):
                lines.append(node.lineno)
    return lines


def _last(owner: ast.Name | ast.Attribute) -> str:
    return owner.id if isinstance(owner, ast.Name) else owner.attr


@pytest.mark.parametrize("path", PURE, ids=named)
def test_pure_code_reads_no_clock(path: Path) -> None:
    assert clock_reads(ast.parse(path.read_text("utf-8"))) == []


@pytest.mark.parametrize("line", ["datetime.now(UTC)", "dt.datetime.now()", "date.today()", "time.time()", "time.monotonic()"])
def test_a_clock_would_be_seen(line: str) -> None:
    assert clock_reads(ast.parse(f"x = {line}")) == [1]
