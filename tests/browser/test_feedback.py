"""Did you reach somebody? Asked once a link to call or write was followed, answered with one tap, and nothing stays behind."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.accessibility import violations
from tests.browser.stage import Stage
from tests.browser.test_pages import contact_page
from tests.browser.test_widget import card, show, stocked, strict

pytestmark = pytest.mark.browser
STAY = "document.addEventListener('click', (e) => e.target.closest('a') && e.preventDefault())"


@pytest.fixture
def page(theatre: Stage, context: BrowserContext) -> Page:
    theatre.clear()
    opened = context.new_page()
    opened.goto(contact_page(theatre, "available"))
    opened.evaluate(STAY)
    return opened


def test_it_is_asked_only_after_a_link_to_call_or_write(page: Page) -> None:
    form = page.locator("[data-reached]")
    expect(form).to_be_hidden()
    page.get_by_role("link", name="Sök kontakt").click()
    expect(form).to_be_hidden()
    page.locator('a[href^="mailto:"]').first.click()
    expect(page.get_by_role("group", name="Nådde du någon?")).to_be_visible()
    assert form.locator("[name=kind]").input_value() == "e-mail"


def test_a_tap_is_one_request_and_thanks_and_leaves_nothing(page: Page, theatre: Stage) -> None:
    page.locator('main a[href^="tel:"]').first.click()
    theatre.asked.clear()
    page.get_by_role("button", name="Ja").click()
    expect(page.get_by_text("Tack för ditt svar.")).to_be_focused()
    expect(page.get_by_role("button", name="Nej")).to_have_count(0)
    assert [(method, target.rsplit("/", 1)[-1]) for _, method, target in theatre.asked] == [("POST", "reached")]
    assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]
    assert page.evaluate("violations") == []


def test_the_keyboard_reaches_it_and_nothing_that_has_the_focus_lies_under_it(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 600})
    page.locator('main a[href^="tel:"]').first.click()
    for _ in range(30):
        page.keyboard.press("Tab")
        hidden = page.evaluate(
            """() => {
              const focused = document.activeElement.getBoundingClientRect();
              const form = document.querySelector('[data-reached]');
              const over = form.getBoundingClientRect();
              return !form.contains(document.activeElement) && focused.top >= over.top && focused.bottom <= over.bottom;
            }"""
        )
        assert not hidden, page.evaluate("document.activeElement.outerHTML")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_question_is_usable_by_anybody(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.locator('main a[href^="tel:"]').first.click()
    assert violations(page) == []


# --- on somebody else's page ---


@pytest.fixture
def elsewhere(theatre: Stage, context: BrowserContext) -> Page:
    """Two cards on another site, under a strict policy; one of them asks."""
    theatre.clear()
    body = card(stocked(theatre), "available", "reached") + card(theatre, "busy")
    opened = show(theatre, context, body, strict(theatre))
    opened.evaluate(STAY)
    return opened


def test_a_card_that_is_to_ask_does_so_and_the_other_does_not(elsewhere: Page) -> None:
    for contact in ("available", "busy"):
        elsewhere.locator(f'presence-contact[src$="{contact}"] a.own').click()
    expect(elsewhere.get_by_role("group", name="Nådde du någon?")).to_have_count(1)
    assert elsewhere.locator("presence-contact[reached] form").count() == 1
    elsewhere.locator("presence-contact[reached] a.own").click()
    expect(elsewhere.get_by_role("group", name="Nådde du någon?")).to_have_count(1)


def test_the_answer_goes_to_the_service_and_thanks_stand_in_its_place(elsewhere: Page, theatre: Stage) -> None:
    elsewhere.locator("presence-contact[reached] a.own").click()
    theatre.asked.clear()
    elsewhere.get_by_role("button", name="Nej").click()
    expect(elsewhere.get_by_text("Tack för ditt svar.")).to_be_focused()
    assert ("POST", "/contacts/available/reached") in [(method, target) for _, method, target in theatre.asked]
    assert elsewhere.evaluate("violations") == []
    assert elsewhere.evaluate("document.cookie") == ""


def test_what_is_loaded_for_it_is_loaded_only_when_it_is_asked(elsewhere: Page, theatre: Stage) -> None:
    assert not any("reached" in target for _, _, target in theatre.asked)
    elsewhere.locator("presence-contact[reached] a.own").click()
    expect(elsewhere.get_by_role("button", name="Ja")).to_be_visible()
    assert any(target.endswith("/reached.js") for _, _, target in theatre.asked)


# --- without script ---


def test_without_script_it_is_there_from_the_beginning(chromium: Browser, theatre: Stage) -> None:
    theatre.clear()
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(contact_page(theatre, "available"))
    expect(page.locator("[data-reached]")).to_be_visible()
    theatre.asked.clear()
    page.locator("[data-reached] button").first.click()
    assert [method for _, method, target in theatre.asked if target.endswith("/reached")] == ["POST"]
    context.close()
