"""axe-core, where it is installed: `make` puts it under node_modules, or PRESENCE_AXE names the file."""

import os
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from tests.servers import unproven

_RUN = """async () => {
  const options = { rules: { 'color-contrast-enhanced': { enabled: true } },
    runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag2aaa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] } };
  const { violations } = await axe.run(document, options);
  return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target + ' ' + n.failureSummary).join(' | ')}`);
}"""


@cache
def axe() -> str:
    """Its source. Without it the test is skipped, or fails when the environment says CI."""
    named = os.environ.get("PRESENCE_AXE", "")
    path = Path(named) if named else Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
    if not path.is_file():
        unproven(f"axe-core is not at {path}")
    return path.read_text("utf-8")


def violations(page: Page) -> list[str]:
    """What breaks WCAG 2.2 A and AA, contrast of 7:1 (AAA) included, or good practice."""
    page.evaluate(axe())
    found: list[str] = page.evaluate(_RUN)
    return found
