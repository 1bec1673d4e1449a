"""A visitor in three ways at once: on the contact's page, on another site's page that embeds the widget, and without script."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.service import PATIENCE, Service, ask, until
from tests.servers import free_port, launch, stop

_REMEMBER = "window.seen = []; addEventListener('presence-change', (e) => seen.push(e.detail.status))"
_STATUS = "presence-contact [data-presence]"
_FOREIGN = """<!doctype html>
<html lang="sv"><head><meta charset="utf-8"><title>Bygga altan</title>
<script type="module" src="{address}/widget/v1/presence.js"></script></head>
<body><h1>Bygga altan</h1>
<presence-contact src="{address}/v1/contacts/{contact}"><h2>{name}</h2>
<p data-presence role="status" aria-atomic="true"></p><ol data-referral></ol></presence-contact>
</body></html>
"""


class Visitors:
    """`page` and `foreign` stay open over everything that happens; `plain` runs no script and is reloaded."""

    def __init__(self, service: Service, site: str, browser: Browser, contact: str) -> None:
        self._service = service
        self.contact = contact
        self._passed = 0.0  # seconds that the open pages have not been told of
        self._open = _context(browser)
        self._open.clock.install(time=datetime.fromtimestamp(service.now, UTC))
        self._open.add_init_script(_REMEMBER)
        self.page, self.foreign = self._open.new_page(), self._open.new_page()
        self.plain = _context(browser, script=False).new_page()
        self.foreign.goto(site)
        for page in (self.page, self.plain):
            page.goto(f"{service.address}/contacts/{contact}")

    def at(self, moment: str | float) -> None:
        """Time passes for the service; for the open pages it does when they are looked at next."""
        service, before = self._service, self._service.now
        service.at(moment)
        until(lambda: abs(_date(service) - service.now) < 3, "the service has noticed the time")
        self._passed += max(0.0, service.now - before)

    def see(self, status: str, *words: str) -> None:
        """All three come to show it. The open pages do so by themselves: they are only given the time in which they ask again."""
        until(lambda: self._service.status(self.contact) == status, f"the answer is {status}")
        self._open.clock.fast_forward(round(self._passed * 1000))
        self._passed = 0.0
        for page in (self.page, self.foreign):
            _by_itself(page, status)
        self.plain.reload()
        for page in (self.page, self.foreign, self.plain):
            expect(page.locator(_STATUS).first).to_have_attribute("data-status", status)
            for each in words:
                expect(page.locator("presence-contact").first).to_contain_text(each)

    def seen(self) -> dict[str, list[str]]:
        """Each change that the open pages showed, since this was asked last."""
        return {name: page.evaluate("seen.splice(0)") for name, page in (("page", self.page), ("foreign", self.foreign))}

    def first_step(self) -> str:
        """What the contact's page offers first, the same with and without script."""
        shown = [page.locator("[data-referral] > li.now").inner_text() for page in (self.page, self.plain)]
        assert len({re.sub(r"\s+", " ", each) for each in shown}) == 1, shown
        return shown[0]


def type_and_find(page: Page, address: str, words: str, name: str) -> None:
    """From the front page to the contact's, as a visitor goes: with script the hits come while typing."""
    page.goto(address)
    field = page.get_by_role("searchbox")
    field.press_sequentially(words)
    hit = page.locator("a.hit", has_text=name)
    with suppress(AssertionError):
        expect(hit).to_be_visible(timeout=3_000)
    if not hit.is_visible():
        field.press("Enter")
    hit.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


@contextmanager
def another_site(folder: Path, service: Service, contact: str, name: str) -> Iterator[str]:
    """A web server of its own, another origin, with one page that holds the widget; gives its address."""
    folder.mkdir()
    port = free_port()
    (folder / "index.html").write_text(_FOREIGN.format(address=service.address, contact=contact, name=name), "utf-8")
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]

    def ready() -> bool:
        with suppress(OSError):
            return ask(port, "/").status == 200
        return False

    process = launch(command, folder / "log", ready)
    try:
        yield f"http://localhost:{port}/"
    finally:
        stop(process)


def _context(browser: Browser, script: bool = True) -> BrowserContext:
    context = browser.new_context(locale="sv-SE", timezone_id="Europe/Stockholm", java_script_enabled=script)
    context.set_default_timeout(PATIENCE * 1000)
    return context


def _by_itself(page: Page, status: str) -> None:
    """A minute is the longest that an open page waits before it asks again."""
    shown = page.locator(_STATUS).first
    for _ in range(10):
        with suppress(AssertionError):
            expect(shown).to_have_attribute("data-status", status, timeout=1_500)
            return
        page.clock.fast_forward(65_000)
    expect(shown).to_have_attribute("data-status", status)


def _date(service: Service) -> float:
    return parsedate_to_datetime(service.get("/v1/centre").headers["date"]).timestamp()
