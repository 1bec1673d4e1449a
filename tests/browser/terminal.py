"""The screenshot of a terminal in docs/leave.md, of a real run: `python -m tests.browser.terminal`."""

import asyncio
import io
import random
import re
import tempfile
from datetime import date
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from presence import errands
from presence.commands import filing
from presence.syncing import Filing
from tests.bench import leave
from tests.servers import need

PAGE = Path(__file__).resolve().parents[2] / "docs" / "screenshots" / "hr-sync-terminal.png"
NAME = "franvaro_20261122.csv"
TODAY = date(2026, 11, 22)


def night(folder: Path) -> Filing:
    """The second night of a municipality: some leave is new, some has changed, and two rows are wrong."""
    leave.write(folder, 0, 2_400, TODAY)
    dice = random.Random(7)
    rows = [leave.row(n, dice, TODAY) for n in range(0, 2_400, 2)]
    _write(folder, rows)
    asyncio.run(errands.sync(folder / "presence.toml", "people"))
    asyncio.run(errands.hr_sync(folder / "presence.toml", folder / NAME))
    new = [leave.row(n, dice, TODAY) for n in range(1, 75, 2)]
    for n, end in ((4, "2026-12-23"), (9, "TV"), (40, "2027-03-31")):
        cells = rows[n].split(";")
        rows[n] = ";".join((*cells[:5], end, *cells[6:]))
    del rows[100:104]
    wrong = ["10412;X;;;2026-02-30;2026-12-24;1,00\r\n", "10413;X;;;24/11;TV;1,00\r\n", f"121212-1212;X;;;{TODAY};TV;0,50\r\n"]
    _write(folder, [*rows, *new, *wrong, *(leave.row(2_400 + n, dice, TODAY) for n in range(6))])
    return asyncio.run(errands.hr_sync(folder / "presence.toml", folder / NAME, dry_run=True))


def _write(folder: Path, rows: list[str]) -> None:
    (folder / NAME).write_bytes((leave.HEADING + "".join(rows)).encode("cp1252"))


def drawn(found: Filing) -> str:
    """As SVG, in whatever monospaced face there is."""
    console = Console(record=True, width=112, highlight=False, force_terminal=True, file=io.StringIO())
    console.print(Text.assemble(("$ ", "green"), (f"presence hr sync {NAME} --dry-run", "bold")))
    filing.show(console, NAME, found, whole=False)
    console.print(Text.assemble(("$ ", "green"), ("echo $?", "bold")))
    console.print(str(filing.exit_code(found)))
    svg = console.export_svg(title="presence hr sync", theme=MONOKAI)
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL).replace("Fira Code", "DejaVu Sans Mono")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="presence-shot-") as name:
        svg = drawn(night(Path(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=need("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_content(f'<body style="margin:0;background:#fff">{svg}</body>')
        page.locator("svg").first.screenshot(path=PAGE)
        browser.close()


if __name__ == "__main__":
    main()
