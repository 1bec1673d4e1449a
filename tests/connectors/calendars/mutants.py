"""Mutants of the short way: how many do its tests catch?

`python -m tests.connectors.calendars.mutants [SHARE]` changes one operator, comparison or number at a time in the modules of the
short way, each in a process of its own, runs the tests that hold it to the long way, and prints the share that was caught. Lines
that only save time (memory, early ends) are left out: a mutant of them answers the same. So does one of `EQUIVALENT`, for the
reason that stands beside it; it counts as not caught all the same.
"""

import ast
import importlib
import random
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

import connectors.calendars as package

MODULES = ("stride", "short", "clock", "plain", "fast")
SPARED = (
    *("cache", "_ROOM", "_size", "size", "salt", "> 500", "> 100", "MOST", "spend", "_low", "_high", "len(_", "_STEP", "MARGIN"),
    *(
        "max(0, (",
        "gaps = [",
        "after - 1)",
        "lower <= master.start <= upper",
        "most = ",
        "if own > 0",
        "while at >= 0",
        "end + 1",
    ),  # begin a little earlier, or in a part never read
)
SPARED_FUNCTIONS = ("put", "digests", "line", "breaks", "doubt", "clear")
EQUIVALENT: dict[tuple[str, str, int], str] = {
    ("stride", "if rule.count <= len(left):", 0): "at equality the other branch counts back to the same last instance",
    ("stride", "ordinal, wanted = 0, 0", 1): "no weekday is looked at without an ordinal",
    (
        "stride",
        "while place < _PLACES and _month(place) * DAY <= upper:",
        1,
    ): "bounds that reach the year 10000 went the long way",
    ("stride", "if ordinal > 0:", 0): "an ordinal of 0 does not come here",
    ("short", "changed = [record.replaces for record in records if record is not None and record.replaces is not None]", 0): (
        "two masters are two times None, and refused as two changes of one occurrence are"
    ),
    ("short", "if len(found) > self._limits.occurrences and len(found - {None}) > self._reach(total, zone.zone).most:", 1): (
        "the first bound only saves the second, which is no smaller"
    ),
    **{
        (
            "short",
            "if start > self._latest or start + lasts.wall + lasts.exact < self._earliest:",
            i,
        ): "an early end, days too wide"
        for i in range(3)
    },
    ("fast", 'octet = data[begin : last_line(b"\\n", begin, end - 1) + 1]  # without the END line', 3): (
        "the END line is found without its own line break, and what stands before that is none"
    ),
    ("fast", 'if any(gap[:1] in (b" ", b"\\t") for gap in gaps):', 1): "a fold after an END line is stepped over by both ways",
    ("fast", 'octet = data[begin : last_line(b"\\n", begin, end - 1) + 1]  # without the END line', 1): (
        "the first octet of the END line is no line"
    ),
    (
        "short",
        "return reach(self._window, zone, total, 0, self._limits)",
        0,
    ): "a day more before the window, of which nothing touches it",
}
"""(module, line, which place on it) -> why such a mutant answers the same."""
OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Mod: ast.Add,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
HERE = Path(__file__).parents[3] / "connectors" / "calendars"


def places(tree: ast.Module, lines: list[str]) -> Iterator[tuple[ast.AST, str, int]]:
    """(node, field, index) of everything that can be changed."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or function.name in SPARED_FUNCTIONS:
            continue
        for node in ast.walk(function):
            number = getattr(node, "lineno", None)
            if number is None or any(word in lines[number - 1] for word in SPARED):
                continue
            if isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in OPERATORS:
                yield node, "op", -1
            elif isinstance(node, ast.Compare):
                yield from ((node, "ops", i) for i, op in enumerate(node.ops) if type(op) in OPERATORS)
            elif isinstance(node, ast.Constant) and type(node.value) is int:
                yield node, "value", -1


def mutant(module: str, index: int) -> tuple[ast.Module, str]:
    """The module with its index-th place changed, and the line that was."""
    source = (HERE / f"{module}.py").read_text("utf-8")
    tree, lines = ast.parse(source), source.splitlines()
    node, field, place = list(places(tree, lines))[index]
    if field == "value":
        node.value += 1  # type: ignore[attr-defined]
    elif field == "op":
        node.op = OPERATORS[type(node.op)]()  # type: ignore[attr-defined]
    else:
        node.ops[place] = OPERATORS[type(node.ops[place])]()  # type: ignore[attr-defined]
    return ast.fix_missing_locations(tree), lines[node.lineno - 1].strip()  # type: ignore[attr-defined]


def every(module: str) -> list[tuple[str, str, int]]:
    """Its places, as `EQUIVALENT` has them."""
    source = (HERE / f"{module}.py").read_text("utf-8")
    lines = source.splitlines()
    numbers: list[int] = [node.lineno for node, _, _ in places(ast.parse(source), lines)]  # type: ignore[attr-defined]
    return [(module, lines[number - 1].strip(), numbers[:i].count(number)) for i, number in enumerate(numbers)]


def which(module: str, index: int) -> tuple[str, str, int]:
    """One of them."""
    return every(module)[index]


def run(module: str, index: int) -> None:
    """Exit with 0 when the mutant survives."""

    name = f"connectors.calendars.{module}"
    tree, _ = mutant(module, index)
    real = sys.modules[name]
    fake = types.ModuleType(name)
    fake.__file__ = real.__file__
    sys.modules[name] = fake
    exec(compile(tree, name, "exec"), fake.__dict__)
    setattr(package, module, fake)
    for other in ("fast", "short", "reading", "batch"):
        if other != module:
            sys.modules.pop(f"connectors.calendars.{other}", None)
    for other in ("fast", "short", "reading"):
        importlib.import_module(f"connectors.calendars.{other}")
    here = Path(__file__).parent
    tests = [str(here / name) for name in ("test_short_way.py", "test_short_edges.py", "test_differential.py", "test_fuzz.py")]
    chosen = "not libraries and not ten_thousand and not many"
    sys.exit(pytest.main([*tests, "-x", "-q", "-k", chosen, "-p", "no:cacheprovider"]))


def main(share: float) -> int:
    rng = random.Random(1)
    caught = total = alike = 0
    for module in MODULES:
        source = (HERE / f"{module}.py").read_text("utf-8")
        count = len(list(places(ast.parse(source), source.splitlines())))
        for index in sorted(rng.sample(range(count), max(1, round(count * share)))):
            command = [sys.executable, "-m", "tests.connectors.calendars.mutants", "--run", module, str(index)]
            try:
                survived = subprocess.run(command, capture_output=True, timeout=120, check=False).returncode == 0
            except subprocess.TimeoutExpired:
                survived = False
            total += 1
            caught += not survived
            if survived:
                place = which(module, index)
                alike += place in EQUIVALENT
                print(f"survived: {index}: {place}: {EQUIVALENT.get(place, 'not argued')}", flush=True)
    print(f"{caught} of {total} mutants caught ({100 * caught / total:.1f} %); {alike} of the others answer the same")
    return 0 if caught >= 0.95 * total else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        run(sys.argv[2], int(sys.argv[3]))
    else:
        sys.exit(main(float(sys.argv[1]) if sys.argv[1:] else 1.0))
