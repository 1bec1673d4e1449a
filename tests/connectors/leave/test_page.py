"""docs/leave.md is held to the code."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from connectors.hr import HrSettings
from connectors.leave import Columns
from connectors.leave.refusal import SENTENCES

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
PAGE = (DOCS / "leave.md").read_text("utf-8")


@pytest.mark.parametrize("code", [code for code in SENTENCES if code != "contradiction"])
def test_every_code_of_a_row_is_listed(code: str) -> None:
    assert f"`{code}`" in PAGE


def test_every_code_of_a_file_is_listed() -> None:
    raised: set[str] = set()
    for module in (*(ROOT / "connectors" / "leave").glob("*.py"), ROOT / "connectors" / "hr.py"):
        raised |= set(re.findall(r'(?:Unreadable|SourceInvalid|SourceUnavailable)\(\s*"([a-z-]+)"', module.read_text("utf-8")))
    page = (DOCS / "connectors.md").read_text("utf-8")
    assert {"headings", "truncated", "workbook"} <= raised
    assert [code for code in sorted(raised - {"pushed", "nothing-new"}) if f"`{code}`" not in page] == []


def test_the_settings_that_the_page_shows_are_read() -> None:
    [text] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    source = tomllib.loads(text)["sources"]["hr"]
    given = {key: value for key, value in source.items() if key in HrSettings.__struct_fields__}
    assert given.keys() == source.keys() - {"connector", "kind"}
    assert msgspec.convert(given, HrSettings).columns.person == "Anst.nr"


@pytest.mark.parametrize("field", Columns.__struct_fields__)
def test_the_page_names_every_column(field: str) -> None:
    assert f"`{field}`" in PAGE or f"{field} =" in PAGE
