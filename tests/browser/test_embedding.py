"""Each snippet of the bench, pasted into a page as each kind of system gives it out, on another origin than the service's."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from presence.web import assets, look, pages, snippets
from presence.web.samples import samples
from presence.web.visit import Site, Visit
from presence.wording import load
from tests.browser import sites
from tests.browser.accessibility import violations
from tests.browser.stage import OUR_POLICY, Stage, document
from tests.web.test_pages import centre

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDINGS = load(["sv", "sv-x-plain", "en"], "Europe/Stockholm")
WORDING = WORDINGS["sv"]
SYSTEMS: dict[str, tuple[str, Callable[[str], str]]] = {
    "plain": ("script", sites.plain),
    "pinned": ("pinned", sites.plain),
    "wordpress": ("block", sites.wordpress),
    "wordpress-frame": ("frame", sites.wordpress),
    "sitevision": ("sitevision", sites.sitevision),
}


def site(stage: Stage) -> Site:
    files = assets.load()
    pinned = {name: (file.hashed, file.integrity) for name, file in files.items()}
    return Site("Björkdalens kommun", {"sv": "Svenska"}, address=stage.origin, pinned=pinned)


def snippet(stage: Stage, way: str, state: str = "back") -> str:
    view = next(v for v in samples(WORDING, True, stage.origin) if v.id == state)
    return dict(snippets.snippets(view, WORDING, site(stage), centre(WORDING, view)))[way]


def strict(stage: Stage) -> str:
    """A site that is careful: nothing inline, nothing but itself and the service, trusted types."""
    return (
        f"default-src 'none'; script-src 'self' {stage.origin}; connect-src {stage.origin}; style-src {stage.origin}; "
        f"frame-src {stage.origin}; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def show(stage: Stage, context: BrowserContext, body: str, policy: str, head: str = "", width: int = 1280) -> Page:
    for view in samples(WORDING, True, stage.origin):
        stage.contacts[view.id] = document(view)
        stage.pages[f"/embed/{view.id}"] = pages.render_embed(view, WORDING, site(stage), soon()), OUR_POLICY
    stage.scripts["/sitevision/loader.js"] = sites.SITEVISION_LOADER
    html = (
        f'<!doctype html><html lang="sv"><head>{sites.head(head)}</head><body><main><h1>Kommunen</h1>{body}</main></body></html>'
    )
    stage.pages["/"] = html.encode(), policy
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    page.goto(stage.site + "/")
    return page


def soon() -> Visit:
    now = int(time.time())
    return Visit("/", now, now + 30)


def status(page: Page, way: str) -> Any:
    place: Any = page.frame_locator("iframe") if way == "frame" else page
    return place.locator("[data-presence]")


@pytest.mark.parametrize("policy", ["none", "strict"])
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_pasted_card_fills_itself(system: str, policy: str, stage: Stage, context: BrowserContext) -> None:
    way, dressed = SYSTEMS[system]
    page = show(stage, context, dressed(snippet(stage, way)), strict(stage) if policy == "strict" else "")
    expect(status(page, way)).to_contain_text("Inte i tjänst just nu.")
    expect(status(page, way)).to_contain_text("Servicecenter kan hjälpa dig nu: 0980-31 92 00")
    assert page.evaluate("violations") == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_pasted_card_has_no_fault_of_accessibility(system: str, stage: Stage, chromium: Browser) -> None:
    """In the light and in the dark in turn, on a telephone."""
    scheme: Any = ("light", "dark")[list(SYSTEMS).index(system) % 2]
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True)
    way, dressed = SYSTEMS[system]
    page = show(stage, context, dressed(snippet(stage, way)), "", '<meta name="color-scheme" content="light dark">', 390)
    expect(status(page, way)).to_contain_text("Inte i tjänst")
    ours = [v for v in violations(page) if "presence" in v or "iframe" in v]
    assert ours == []
    context.close()


def test_what_wordpress_changes_in_text_it_leaves_alone_in_tags(stage: Stage) -> None:
    """Typographic quotes in an attribute would break the card; in a name they are only typographic."""
    made = sites.wordpress(snippet(stage, "block").replace("Cecilia Ek", "Cecilia O'Ek"))
    assert "Cecilia O’Ek" in made
    assert re.findall(r"<[^>]*[“”‘’][^>]*>", made) == []
    assert "wp:html" not in made


def test_for_an_author_without_the_right_the_numbers_stay_and_no_state_is_claimed(stage: Stage, context: BrowserContext) -> None:
    page = show(stage, context, sites.wordpress_filtered(snippet(stage, "block")), "")
    page.wait_for_timeout(300)
    expect(page.get_by_role("heading", name="Cecilia Ek")).to_be_visible()
    assert page.get_by_role("link", name="019-21 12 36").get_attribute("href") == "tel:+4619211236"
    assert page.locator("presence-contact, script").count() == 0
    assert stage.requests() == []
    assert page.locator("[data-presence]").inner_text() == ""


def test_for_such_an_author_the_card_lives_where_the_theme_lets_it(stage: Stage, context: BrowserContext) -> None:
    script = f'<script type="module" src="{stage.origin}/widget/v1/presence.js"></script>'
    page = show(stage, context, sites.wordpress_allowing(snippet(stage, "block")), "", script)
    expect(page.locator("[data-presence]")).to_contain_text("Inte i tjänst just nu.")


def test_a_loader_of_modules_on_the_page_is_left_alone(stage: Stage, context: BrowserContext) -> None:
    """Sitevision's pages have one; a script that looks for `define` registers itself there, and never runs."""
    page = show(stage, context, sites.sitevision(snippet(stage, "sitevision")), "")
    expect(page.locator("[data-presence]")).to_contain_text("Inte i tjänst")
    assert page.evaluate("window.defined") is None


@pytest.mark.parametrize("way", ["script", "sitevision", "block", "pinned"])
def test_a_snippet_survives_the_templates_that_it_goes_through(way: str, stage: Stage) -> None:
    text = snippet(stage, way)
    assert not re.search(r"[$#]", text), "Velocity takes these for its own"
    assert "\n\n" not in text, "WordPress makes a paragraph of an empty line"
    assert not re.search(r"\[\w", text), "WordPress takes a bracket for a shortcode"


def test_a_file_that_was_changed_on_its_way_is_not_run(stage: Stage, context: BrowserContext) -> None:
    hashed = site(stage).pinned["presence.js"][0]
    stage.scripts[f"/widget/v1/{hashed}"] = assets.load()["presence.js"].body + b"\n// changed"
    page = show(stage, context, sites.plain(snippet(stage, "pinned")), "")
    page.wait_for_timeout(300)
    assert page.evaluate("customElements.get('presence-contact')") is None
    expect(page.get_by_role("link", name="019-21 12 36")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("language", WORDINGS)
def test_the_frame_is_high_enough_for_every_state(language: str, width: int, stage: Stage, context: BrowserContext) -> None:
    """A frame that has to be scrolled hides what to do. Of the narrowest telephone some 290 pixels are left for it."""
    first = samples(WORDINGS[language], True, stage.origin)[0]
    pasted = dict(snippets.snippets(first, WORDINGS[language], site(stage), None))["frame"]
    height = int(re.findall(r'height="(\d+)"', pasted)[0])
    wanted = {}
    page = context.new_page()
    page.set_viewport_size({"width": width - 30, "height": height})
    for view in samples(WORDINGS[language], True, stage.origin):
        stage.pages["/embed"] = pages.render_embed(view, WORDINGS[language], site(stage), soon()), OUR_POLICY
        page.goto(stage.origin + "/embed")
        wanted[view.id] = page.evaluate("document.querySelector('main').scrollHeight")
    assert max(wanted.values()) <= height, wanted


def test_the_colours_of_the_organisation_go_with_the_card(stage: Stage, context: BrowserContext) -> None:
    view = samples(WORDING, True, stage.origin)[0]
    themed = Site("K", {"sv": "Svenska"}, address=stage.origin, themed=True)
    stage.scripts["/widget/v1/theme.css"] = look.theme({"available": "#05401f"})
    page = show(stage, context, dict(snippets.snippets(view, WORDING, themed, None))["script"], "")
    expect(page.locator("[data-presence]")).to_contain_text("Går att nå nu.")
    assert page.locator("[part=label]").evaluate("(e) => getComputedStyle(e).color") == "rgb(5, 64, 31)"
