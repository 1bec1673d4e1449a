"""The pictures of docs/screens.md, taken of the demonstration in Chromium: `make screens`."""

import base64
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, sync_playwright

from tests.browser.demonstration import SHUT, demonstration, in_state
from tests.journeys.service import Service

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
NARROW, WIDE = 390, 1280


class Screen(NamedTuple):
    """One picture. `path` gives the page once the service runs; `at` moves the clock for those that follow."""

    name: str
    path: Callable[[Service], str]
    width: int = NARROW
    scheme: str = "light"
    at: str = ""
    media: str = "screen"


def contact(state: str, more: str = "") -> Callable[[Service], str]:
    return lambda running: f"/contacts/{in_state(running, state)}{more}"


def page(path: str) -> Callable[[Service], str]:
    return lambda _running: path


def unit(running: Service) -> str:
    return f"/units/{running.get('/v1/contacts?q=bygglov').data['units'][0]['id']}"


def topic(running: Service) -> str:
    return f"/topics/{running.get('/v1/contacts?q=bygglov').data['topics'][0]['id']}"


SCREENS = (
    Screen("find-390", page("/")),
    Screen("find-en-1280-dark", page("/?lang=en"), WIDE, "dark"),
    Screen("hits-390", page("/?q=bygglov")),
    Screen("no-hits-390", page("/?q=xyzzyq")),
    Screen("contact-available-390", contact("available")),
    Screen("contact-busy-390", contact("busy")),
    Screen("contact-away-en-390-dark", contact("away", "?lang=en"), NARROW, "dark"),
    Screen("contact-away-1280", contact("away"), WIDE),
    Screen("contact-closed-plain-390", contact("closed", "?lang=sv-x-plain")),
    Screen("contact-unknown-390", contact("unknown")),
    Screen("contact-paper", contact("busy"), 794, media="print"),
    Screen("unit-1280", unit, WIDE),
    Screen("topic-390", topic),
    Screen("centre-390", page("/centre")),
    Screen("404-1280-dark", page("/contacts/nobody"), WIDE, "dark"),
    Screen("embed-390", lambda running: f"/embed/{in_state(running, 'away')}"),
    Screen("bench-1280", page("/demo/widget"), WIDE),
    Screen("bench-midsummer-390-dark", page("/demo/widget?at=2027-06-25T10:00&scheme=dark"), NARROW, "dark"),
    Screen("centre-shut-390", page("/centre"), at=SHUT),
    Screen("topic-shut-390", topic),
    Screen("contact-night-en-1280", contact("closed", "?lang=en"), WIDE),
)


def take(browser: Browser, running: Service, screen: Screen, folder: Path) -> Path:
    """One picture, of the whole page; of very long ones the upper part."""
    scheme: Any = screen.scheme
    context = browser.new_context(viewport={"width": screen.width, "height": 844}, color_scheme=scheme, locale="sv-SE")
    opened = context.new_page()
    opened.emulate_media(media="print" if screen.media == "print" else "screen", color_scheme=scheme)
    opened.goto(running.address + screen.path(running))
    opened.wait_for_timeout(500)
    height = min(opened.evaluate("document.documentElement.scrollHeight"), 1_800)
    clip = {"x": 0, "y": 0, "width": screen.width, "height": height, "scale": 1}
    wanted = {"format": "webp", "quality": 82, "captureBeyondViewport": True, "clip": clip}
    picture = context.new_cdp_session(opened).send("Page.captureScreenshot", wanted)
    path = folder / f"{screen.name}.webp"
    path.write_bytes(base64.b64decode(picture["data"]))
    context.close()
    return path


def taken(folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as scratch, demonstration(Path(scratch) / "demo") as running, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for screen in SCREENS:
            if screen.at:
                running.at(screen.at)
                time.sleep(8)  # until the sources have noticed and a tick has passed
            yield take(browser, running, screen, folder)
        browser.close()


if __name__ == "__main__":
    for old in FOLDER.glob("*.webp"):
        old.unlink()
    for path in taken(FOLDER):
        sys.stdout.write(f"{path.name} {path.stat().st_size // 1000} kB\n")
