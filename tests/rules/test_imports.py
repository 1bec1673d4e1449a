"""Who may import whom."""

import subprocess
import sys

import grimp
import pytest

from tests.rules.tree import ROOT

SHARED = {"polling", "fetching", "stamp", "quirks", "calendars", "directory", "demonstration", "dav", "leave"}
"""What connectors have in common or are made of; not connectors themselves."""

GRAPH = grimp.build_graph("presence", "connectors", include_external_packages=True, cache_dir=None)


def test_every_contract_of_the_layers_is_kept() -> None:
    """The contracts stand in pyproject.toml. In a process of its own: the linter silences all loggers of the one it runs in."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def connectors() -> list[str]:
    return sorted(child for child in GRAPH.find_children("connectors") if child.rpartition(".")[2] not in SHARED)


@pytest.mark.parametrize("connector", connectors())
def test_no_connector_imports_another(connector: str) -> None:
    for other in connectors():
        if other != connector:
            assert not GRAPH.find_shortest_chain(connector, other, as_packages=True), f"{connector} reaches {other}"


@pytest.mark.parametrize("shared", sorted(SHARED & {child.rpartition(".")[2] for child in GRAPH.find_children("connectors")}))
def test_what_connectors_share_imports_no_connector(shared: str) -> None:
    for connector in connectors():
        assert not GRAPH.find_shortest_chain(f"connectors.{shared}", connector, as_packages=True), f"{shared} reaches {connector}"


@pytest.mark.parametrize("external", ["sqlite3", "litestar", "asyncio", "time", "opening_hours"])
def test_the_contracts_would_see_a_forbidden_import(external: str) -> None:
    """A contract over names that the graph does not hold would always be kept."""
    assert external in GRAPH.modules


def test_the_command_line_imports_nothing_slow_before_a_command_is_chosen() -> None:
    """`presence --help` answers at once: the web framework and the connectors are imported by the command that needs them."""
    slow = {"litestar", "uvicorn", "httpx", "ldap3", "icalendar", "holidays", "opening_hours", "phonenumbers", "rich", "jinja2"}
    script = "import sys, presence.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert slow & set(done.stdout.split()) == set()


@pytest.mark.parametrize("module", ["presence.installation", "presence.errands"])
def test_a_command_that_only_asks_loads_no_web_framework(module: str) -> None:
    script = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert {"litestar", "uvicorn", "jinja2"} & set(done.stdout.split()) == set()
