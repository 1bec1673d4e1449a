"""The service's own pages in a real browser: alive with script, whole without it, usable by anybody."""

import os
import re
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from presence.domain.views import PublicContact, PublicStep, PublicTopic
from presence.web import pages, snippets
from presence.web.samples import samples
from presence.web.visit import Site, Visit
from presence.wording import Wording
from tests.browser import screens, sites
from tests.browser.accessibility import axe, violations
from tests.browser.stage import OUR_POLICY, Stage, document
from tests.web.test_pages import TICK, WORDINGS, centre
from tests.web.test_pages import every_page as all_pages

pytestmark = pytest.mark.browser

SV = WORDINGS["sv"]
LANGUAGES = {name: w.name for name, w in WORDINGS.items()}


def site(stage: Stage) -> Site:
    return Site("Björkdalens kommun", LANGUAGES, address=stage.origin)


def visit(path: str, view: PublicContact, language: str = "sv") -> Visit:
    now = int(time.time())
    return Visit(path, now, now + 30, centre(WORDINGS[language], view))


def contact_page(stage: Stage, contact: str) -> str:
    """Put the page and its answer on the stage."""
    return page_of(stage, next(v for v in samples(SV, True, stage.origin) if v.id == contact))


def page_of(stage: Stage, view: PublicContact, language: str = "sv") -> str:
    path, wording = f"/contacts/{view.id}", WORDINGS[language]
    stage.pages[path] = pages.render_contact(view, wording, site(stage), visit(path, view, language)), OUR_POLICY
    stage.contacts[view.id] = document(view)
    return stage.origin + path


def behind_an_extension(view: PublicContact) -> PublicContact:
    """Reached by the switchboard's number and an extension, as most who work for a municipality are."""
    written = msgspec.json.encode(view).decode()
    number, shown = re.findall(r'"telephone".*?"value":"(.*?)","display":"(.*?)"', written)[0]
    changed = written.replace(f'"{number}"', f'"{number};ext=2430"').replace(f'"{shown}"', f'"{shown}, anknytning 2430"')
    return msgspec.json.decode(changed, type=PublicContact)


def refreshed(page: Page) -> None:
    """After its first minute, when the script has made anew what the page was sent with."""
    with page.expect_response("**/v1/**"):
        for _ in range(16):
            page.clock.run_for(5_000)
            page.wait_for_timeout(10)
    page.wait_for_timeout(100)
    page.clock.run_for(500)


LINKS = "[...document.querySelectorAll('.steps a')].map((a) => [a.href, a.className, a.textContent.trim()])"


def pages_of(*quick: str) -> list[Any]:
    """Every kind of page, a few of them in the quick tests."""
    assert set(quick) <= PAGES.keys()
    return [pytest.param(name, marks=() if name in quick else pytest.mark.slow) for name in PAGES]


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


# --- alive ---


def test_an_open_page_turns_busy_by_itself_and_offers_the_centre(stage: Stage, page: Page) -> None:
    page.clock.install()
    page.goto(contact_page(stage, "available"))
    expect(page.locator("[data-presence]")).to_contain_text("Går att nå nu.")
    busy = {**document(next(v for v in samples(SV, True, stage.origin) if v.id == "busy")), "id": "available"}
    stage.contacts["available"] = busy
    for _ in range(15):
        page.clock.run_for(5_000)
        page.wait_for_timeout(20)
    expect(page.locator("[data-presence]")).to_contain_text("Upptagen just nu.")
    expect(page.locator(".steps .now")).to_contain_text("Servicecenter")
    assert page.evaluate("violations") == []


def test_an_open_page_that_is_cut_off_turns_unknown_and_keeps_every_number(stage: Stage, page: Page) -> None:
    page.clock.install()
    page.goto(contact_page(stage, "available"))
    stage.fail = 503
    for _ in range(30):
        page.clock.run_for(5_000)
        page.wait_for_timeout(10)
    expect(page.locator("[data-presence]")).to_contain_text("Vi kan inte visa läget just nu.")
    assert page.locator("[part=say]").count() == 0
    expect(page.locator(".steps")).to_contain_text("019-21 12 34")
    expect(page.locator(".steps")).to_contain_text("0980-31 92 00")


def test_steps_that_cannot_be_made_anew_promise_nothing(stage: Stage, page: Page) -> None:
    """The file that makes them may be out of reach while the answers are not."""
    page.clock.install()
    page.route("**/steps.js", lambda route: route.abort())
    page.goto(contact_page(stage, "available"))
    expect(page.locator(".steps [part=say]").first).to_be_attached()
    busy = {**document(next(v for v in samples(SV, True, stage.origin) if v.id == "busy")), "id": "available"}
    stage.contacts["available"] = busy
    refreshed(page)
    expect(page.locator("[data-presence]")).to_contain_text("Upptagen just nu.")
    expect(page.locator(".steps [part=say]")).to_have_count(0)


def test_a_page_just_made_asks_nothing_for_a_minute(stage: Stage, page: Page) -> None:
    page.goto(contact_page(stage, "available"))
    page.wait_for_timeout(400)
    assert stage.requests() == []


@pytest.mark.slow
def test_every_page_keeps_to_its_policy(stage: Stage, context: BrowserContext) -> None:
    """Structured data is a block of data, which no policy takes for script."""
    page = context.new_page()
    for name, language, html in all_pages():
        if language == "en":
            show(stage, page, html)
            assert page.evaluate("violations") == [], name


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("is_open", [True, False], ids=["open", "shut"])
@pytest.mark.parametrize("with_extension", [False, True], ids=["direct", "extension"])
def test_what_the_script_makes_offers_the_same_as_what_the_page_was_sent_with(
    with_extension: bool, is_open: bool, language: str, stage: Stage, page: Page
) -> None:
    """The same links under the same words, the same button, the same languages."""
    page.clock.install()
    for sample in samples(WORDINGS[language], is_open, stage.origin):
        view = behind_an_extension(sample) if with_extension else sample
        page.goto(page_of(stage, view, language))
        marked = "[...document.querySelectorAll('.steps [lang]')].map((e) => e.lang + ' ' + e.textContent)"
        sent = page.evaluate(LINKS), page.evaluate(marked), page.locator(".steps .main .act").count()
        page.evaluate("document.querySelector('.steps').replaceChildren()")
        refreshed(page)
        expect(page.locator(".steps > li").first).to_be_attached()
        assert (page.evaluate(LINKS), page.evaluate(marked), page.locator(".steps .main .act").count()) == sent, view.id
        assert sent[0]


def test_whoever_is_reached_by_an_extension_keeps_the_button(stage: Stage, page: Page) -> None:
    page.clock.install()
    page.goto(page_of(stage, behind_an_extension(samples(SV, True, stage.origin)[0])))
    refreshed(page)
    button = page.locator(".steps .now .main .act")
    expect(button).to_have_text("Telefon 019-21 12 34, anknytning 2430")
    assert button.get_attribute("href") == f"{stage.origin}/go/available/telephone"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_time_of_a_state_is_the_organisation_s_wherever_it_is_read(language: str, stage: Stage, chromium: Browser) -> None:
    """In its zone and in its way of writing: what the script writes is what the page was sent with, some minutes later."""
    context = chromium.new_context(locale="en-US", timezone_id="America/New_York")
    page = context.new_page()
    wording = WORDINGS[language]
    page.clock.install()
    page.goto(page_of(stage, samples(wording, True, stage.origin)[0], language))
    stage.now = TICK + 9 * 3600 + 18 * 60  # 20.00 in Sweden
    for minute in (0, 7):
        stage.now += minute * 60
        refreshed(page)
        expect(page.locator("[data-stamp]")).to_have_text(wording.clock(stage.now))
        full = wording.text("page.as_of.full", moment=wording.dated(stage.now))
        assert page.locator(".stamp .paper").text_content() == full
    context.close()


# --- without script ---


def test_without_script_a_page_says_it_all(stage: Stage, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(contact_page(stage, "back"))
    assert "Inte i tjänst just nu." in page.inner_text("main")
    assert page.locator(".steps .now a").first.get_attribute("href") == f"{stage.origin}/go/centre/telephone"
    context.close()


# --- for anybody ---


def samples_of_pages() -> Iterator[tuple[str, bytes]]:
    """Each kind of page once, and the states of a contact."""
    states = "(contact|embed)-(back|unknown)-shut|go-back-shut"
    wanted = rf"{states}|find|short|hits|no-hits|unit|topic|centre|error-404|statement|bench|bench-moved"
    for name, language, html in all_pages():
        if language == "sv" and re.fullmatch(wanted, name):
            yield name, html


PAGES = dict(samples_of_pages())


def show(stage: Stage, page: Page, html: bytes) -> None:
    """In the minute for which it was made: later a card would ask anew, and change."""
    page.clock.set_fixed_time(TICK)
    stage.pages["/page"] = html, OUR_POLICY
    page.goto(stage.origin + "/page")


@pytest.mark.parametrize("name", pages_of("find", "contact-back-shut"))
def test_at_320_pixels_nothing_is_cut_or_scrolled_sideways(name: str, stage: Stage, page: Page) -> None:
    """The same as 400 per cent zoom on an ordinary screen (WCAG 1.4.10). Code to copy may scroll in its own box."""
    page.set_viewport_size({"width": 320, "height": 640})
    show(stage, page, PAGES[name])
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("name", ["contact-back-shut", "hits", "topic"])
def test_wider_spacing_of_text_cuts_nothing(name: str, stage: Stage, chromium: Browser) -> None:
    """WCAG 1.4.12."""
    context = chromium.new_context(viewport={"width": 390, "height": 800}, bypass_csp=True)
    page = context.new_page()
    show(stage, page, PAGES[name])
    page.add_style_tag(
        content="* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    cut = """[...document.querySelectorAll('p, li, dd, a')].filter((e) => e.scrollHeight > e.clientHeight + 3
      && getComputedStyle(e).overflowY === 'hidden' && !e.classList.contains('unseen')).length"""
    assert page.evaluate(cut) == 0
    context.close()


@pytest.mark.parametrize("name", pages_of("hits", "contact-back-shut"))
def test_the_keyboard_reaches_everything_and_shows_where_it_is(name: str, stage: Stage, page: Page) -> None:
    show(stage, page, PAGES[name])
    focusable = page.locator("a[href], button, input:not([type=hidden]), [tabindex='0']").locator("visible=true").count()
    reached: list[str] = []
    for _ in range(focusable):
        page.keyboard.press("Tab")
        look = "getComputedStyle(document.activeElement).outlineStyle + ' ' + document.activeElement.outerHTML.slice(0, 90)"
        reached.append(page.evaluate(look))
    assert len(set(reached)) >= min(focusable, 3)
    assert [r for r in reached if r.startswith("none")] == []
    if not name.startswith("embed"):
        assert 'href="#main"' in reached[0]


def test_the_skip_link_leads_past_the_header(stage: Stage, page: Page) -> None:
    page.goto(contact_page(stage, "back"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Till innehållet")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("name", PAGES)
def test_what_one_taps_is_large_enough(name: str, stage: Stage, page: Page) -> None:
    """24 pixels each way, or in a sentence (WCAG 2.5.8)."""
    page.set_viewport_size({"width": 390, "height": 800})
    show(stage, page, PAGES[name])
    small = """[...document.querySelectorAll('a[href], button, input:not([type=hidden])')].filter((e) => {
      const box = e.getBoundingClientRect();
      const inline = getComputedStyle(e).display === 'inline' && e.parentElement.textContent.trim() !== e.textContent.trim();
      return !inline && box.width && (box.height < 24 || box.width < 24);
    }).map((e) => e.outerHTML.slice(0, 100))"""
    assert page.evaluate(small) == []


def test_in_forced_colours_the_state_keeps_its_shape_and_its_border(stage: Stage, chromium: Browser) -> None:
    context = chromium.new_context(forced_colors="active")
    page = context.new_page()
    page.goto(contact_page(stage, "back"))
    assert page.locator("[data-presence] svg").bounding_box()
    assert page.evaluate("getComputedStyle(document.querySelector('[data-presence]')).borderInlineStartWidth") != "0px"
    context.close()


def test_on_paper_the_status_carries_its_date(stage: Stage, page: Page) -> None:
    page.goto(contact_page(stage, "back"))
    page.emulate_media(media="print")
    assert page.locator(".stamp .paper").is_visible()
    assert not page.locator("nav").first.is_visible()


# --- axe ---

STATES = ("available", "busy", "back", "away", "closed", "unknown")


def combinations() -> Iterator[tuple[str, str, bool, str, str, int]]:
    """Surface, state, centre open, language, scheme, width. The script makes anew what is "refreshed", and fills the "widget"."""
    for surface in ("contact", "refreshed", "embed", "widget"):
        for state in STATES:
            for is_open in (True, False):
                for language in LANGUAGES:
                    for scheme in ("light", "dark"):
                        for width in (390, 1280):
                            yield surface, state, is_open, language, scheme, width


def pairwise() -> list[tuple[str, str, bool, str, str, int]]:
    """As few as hold every pair of values: taken greedily, the same each time."""
    every = list(combinations())

    def pairs(row: tuple[Any, ...]) -> set[tuple[int, Any, int, Any]]:
        return {(i, row[i], j, row[j]) for i in range(len(row)) for j in range(i)}

    missing = set().union(*map(pairs, every))
    chosen = []
    while missing:
        best = max(every, key=lambda row: len(pairs(row) & missing))
        chosen.append(best)
        missing -= pairs(best)
    return chosen


def checked(stage: Stage, chromium: Browser, row: tuple[str, str, bool, str, str, int]) -> list[str]:
    surface, state, is_open, language, scheme, width = row
    wording = WORDINGS[language]
    view = next(v for v in samples(wording, is_open, stage.origin) if v.id == state)
    stage.contacts[view.id] = document(view)
    made = Visit("/page", TICK, TICK + 30, centre(wording, view))
    if surface == "widget":
        return look(stage, chromium, pasted(stage, view, wording), scheme, width, by_script=True)
    if surface == "refreshed":  # it was made a while ago, so that the script asks at once
        stale = pages.render_contact(view, wording, site(stage), msgspec.structs.replace(made, expires=TICK - 60))
        return look(stage, chromium, stale, scheme, width, by_script=True)
    render = pages.render_contact if surface == "contact" else pages.render_embed
    return look(stage, chromium, render(view, wording, site(stage), made), scheme, width)


def pasted(stage: Stage, view: PublicContact, wording: Wording) -> bytes:
    """The page of another site, with the card as an editor copies it."""
    card = dict(snippets.snippets(view, wording, site(stage), centre(wording, view)))["script"]
    head = f'<title>Kommunen</title><meta name="color-scheme" content="light dark">{sites.head()}'
    body = f"<main><h1>Kommunen</h1><h2>Bygglov</h2>{card}</main>"
    return f'<!doctype html><html lang="{wording.language}"><head>{head}</head><body>{body}</body></html>'.encode()


def look(stage: Stage, chromium: Browser, html: bytes, scheme: Any, width: int, by_script: bool = False) -> list[str]:
    """What axe finds; `by_script`: once the script has made what there is to be seen."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    if by_script:
        with page.expect_response("**/v1/**"):
            show(stage, page, html)
        expect(page.locator("[data-presence][data-status] [part=label]")).to_be_visible()
    else:
        show(stage, page, html)
    found = violations(page)
    context.close()
    return found


@pytest.mark.parametrize("row", pairwise(), ids=lambda row: "-".join(map(str, row)))
@pytest.mark.slow
def test_axe_finds_nothing(row: tuple[str, str, bool, str, str, int], stage: Stage, chromium: Browser) -> None:
    """Every pair of state, centre, language, scheme, width and surface. All of them: below."""
    axe()
    assert checked(stage, chromium, row) == []


@pytest.mark.parametrize("name", pages_of("hits", "contact-back-shut", "embed-back-shut", "topic"))
def test_axe_finds_nothing_on_any_kind_of_page(name: str, stage: Stage, chromium: Browser) -> None:
    """Light and dark in turn: the tokens are the same on all of them, and every pair is looked at above."""
    axe()
    assert look(stage, chromium, PAGES[name], ("light", "dark")[list(PAGES).index(name) % 2], 390) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("is_open", [True, False], ids=["open", "shut"])
def test_axe_finds_nothing_on_a_topic_that_the_script_has_made(
    is_open: bool, language: str, stage: Stage, chromium: Browser
) -> None:
    wording = WORDINGS[language]
    view = samples(wording, is_open, stage.origin)[1]
    assert view.referral
    service = PublicStep("self-service", "bygglov", "Bygglov", True, "…", href=f"{stage.origin}/go/bygglov/self-service")
    referral = msgspec.structs.replace(view.referral, steps=(service, *view.referral.steps))
    topic = PublicTopic("bygglov", "Bygglov", ("altan",), is_open, wording.text("reachable.yes"), referral)
    stage.others["topics/bygglov"] = document(topic)
    stale = Visit("/page", TICK - 90, TICK - 60, centre(wording, view), "bygglov")
    html = pages.render_topic(topic, wording, site(stage), stale)
    assert look(stage, chromium, html, "light", 390, by_script=True) == []


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("PRESENCE_FULL"), reason="`make accessibility` runs it; CI looks at every pair")
@pytest.mark.timeout(1800)
def test_axe_finds_nothing_in_any_combination(stage: Stage, chromium: Browser) -> None:
    axe()
    found = {row: checked(stage, chromium, row) for row in combinations()}
    assert {row: faults for row, faults in found.items() if faults} == {}


def test_every_kind_of_page_is_among_those_looked_at() -> None:
    assert len(PAGES) == 16


# --- the pictures in the documentation ---


def test_the_pictures_of_the_documentation_are_those_that_are_taken() -> None:
    """`make screens` takes them. Each is shown on the page that judges it, and together they stay small."""
    shown = re.findall(r"screenshots/([\w-]+)\.webp", (screens.FOLDER.parent / "screens.md").read_text("utf-8"))
    kept = sorted(path.stem for path in screens.FOLDER.glob("*.webp"))
    assert sorted(shown) == kept == sorted(screen.name for screen in screens.SCREENS)
    assert sum(path.stat().st_size for path in screens.FOLDER.glob("*.webp")) < 2_000_000


# --- the organisation's own look ---

LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 60"><path d="M0 0h240v60H0z" fill="#1d4f91"/></svg>'


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_logo_is_as_high_as_its_line_whatever_the_file_says_of_its_size(scheme: Any, stage: Stage, chromium: Browser) -> None:
    """A drawing without a width and a height of its own has none to fall back on. In the dark it stands on a light plate."""
    context = chromium.new_context(viewport={"width": 390, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    stage.scripts["/static/logo.svg"] = LOGO
    themed = Site("Björkdalens kommun", LANGUAGES, address=stage.origin, logo="logo", assets={"logo": "/static/logo.svg"})
    view = samples(SV, True, stage.origin)[0]
    stage.pages["/page"] = pages.render_contact(view, SV, themed, visit("/page", view)), OUR_POLICY
    page.goto(stage.origin + "/page")
    box = page.get_by_role("img", name="Björkdalens kommun").bounding_box()
    assert box is not None
    assert (box["height"], box["width"] > 100) == (40, True)
    plate = page.locator(".brand img").evaluate("(e) => getComputedStyle(e).backgroundColor")
    assert plate == ("rgb(255, 255, 255)" if scheme == "dark" else "rgba(0, 0, 0, 0)")
    context.close()
