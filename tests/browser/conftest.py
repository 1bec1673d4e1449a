"""A real Chromium, and a stage for it."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.stage import Stage
from tests.servers import need


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's own; playwright only drives it. Without the toolbars, each window of which costs more than a test does; where it
    is there only with them, with them. The journeys are made with all of it.
    """
    path = shutil.which("chromium-headless-shell") or need("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh profile. Whatever a policy blocks is kept in `violations`."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="sv-SE")
    context.add_init_script(
        "window.violations = [];document.addEventListener('securitypolicyviolation', (e) => violations.push(e.violatedDirective))"
    )
    yield context
    context.close()


@pytest.fixture(scope="module")
def theatre() -> Iterator[Stage]:
    """Its two servers, which all tests share."""
    stage = Stage().start()
    yield stage
    stage.stop()


@pytest.fixture
def stage(theatre: Stage) -> Stage:
    """Emptied for each test."""
    theatre.clear()
    return theatre
