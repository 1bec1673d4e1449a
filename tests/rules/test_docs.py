"""Documentation is held to the code: what exists is described, and what is described exists."""

import re
from pathlib import Path

import pytest

from presence.cli import presence
from tests.rules import settings_reference

ROOT = Path(__file__).resolve().parents[2]


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_the_page_of_settings_is_the_one_that_the_code_gives() -> None:
    assert settings_reference.PAGE.read_text("utf-8") == settings_reference.page(), "run `make docs`"


def test_every_connector_has_its_place_in_the_documentation() -> None:
    page = text("docs/connectors.md")
    page += text("docs/demo.md")  # the demo has a page of its own
    modules = [p.stem for p in (ROOT / "connectors").glob("*.py") if "def fetch(self)" in p.read_text("utf-8")]
    assert {"demo", "ics", "ldap", "ldif", "webhook"} <= set(modules)
    assert [name for name in modules if f"connectors.{name}:" not in page] == []


def test_every_code_of_an_error_is_listed_for_those_who_push() -> None:
    raised = set(re.findall(r'Problem\(\d+, "([a-z-]+)"', text("presence/web/sources.py")))
    page = text("docs/sources.md")
    assert raised
    assert [code for code in sorted(raised) if f"`{code}`" not in page] == []


@pytest.mark.parametrize("page", ["README.md", *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").glob("*.md"))])
def test_links_lead_somewhere(page: str) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", text(page))
    assert [target for target in targets if not ((ROOT / page).parent / target).exists()] == []


def test_the_readme_names_targets_and_commands_that_exist() -> None:
    readme = text("README.md")
    targets = set(re.findall(r"^make ([a-z-]+)$", readme, re.MULTILINE))
    made = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    assert targets
    assert targets <= made
    commands = set(re.findall(r"^presence ([a-z]+)", readme, re.MULTILINE))
    assert commands <= set(presence.commands)
