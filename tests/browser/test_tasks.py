"""What somebody who has never been here comes to do, walked through on the whole demonstration: docs/walkthrough.md."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.demonstration import OPEN, SHUT, demonstration, in_state
from tests.journeys.service import Service, ask, until

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with demonstration(tmp_path_factory.mktemp("town") / "demo") as running:
        yield running


@pytest.fixture
def page(context: BrowserContext, town: Service) -> Page:
    opened = context.new_page()
    opened.set_viewport_size({"width": 390, "height": 844})
    opened.goto(town.address)
    return opened


def search(page: Page, words: str) -> None:
    page.get_by_role("searchbox").fill(words)
    page.get_by_role("button", name=re.compile("Sök|Search")).click()


def leads_to(town: Service, link: Any) -> str:
    """Where a link leads when it is followed: a number to dial, an address, a page."""
    target = str(link.get_attribute("href"))
    if "/go/" not in target:
        return target
    answer = ask(town.port, target.removeprefix(town.address))
    assert answer.status == 303
    return answer.headers["location"]


def main_action(page: Page) -> Any:
    """What looks like the thing to do: the first filled button that is in sight without scrolling far."""
    button = page.locator(".steps .now .act").first
    expect(button).to_be_visible()
    return button


def test_1_call_whoever_handles_my_building_permit(page: Page, town: Service) -> None:
    search(page, "bygglov")
    first = page.locator("[data-hits] .hit").first
    expect(first).to_have_text("Bygglov")
    expect(page.locator("[data-hits] .act").first).to_have_text("Öppna e-tjänsten Bygglov")
    first.click()
    expect(page.locator("[data-presence]")).to_contain_text("Någon går att nå nu.")
    assert leads_to(town, main_action(page)).startswith("tel:+46980")


def test_2_she_is_not_there_what_do_i_do(page: Page, town: Service) -> None:
    page.goto(f"{town.address}/contacts/{in_state(town, 'away')}")
    expect(page.locator("[part=label]")).to_have_text("Inte i tjänst just nu.")
    expect(page.locator("[part=redirect]")).to_contain_text("Servicecenter kan hjälpa dig nu")
    button = main_action(page)
    box = button.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 844, "what to do has to be seen without scrolling"
    assert leads_to(town, button) == "tel:+46980319200"


@pytest.mark.parametrize("heard", ["kristoffer svensson", "christofer svenson", "svenson bygglov"])
def test_3_i_only_know_what_the_name_sounds_like(heard: str, page: Page) -> None:
    search(page, heard)
    names = [hit.inner_text() for hit in page.locator("[data-hits] .hit").all()[:4]]
    assert any("Kristofer Svenson" in name for name in names), names


def test_4_somebody_called_me_from_this_number(page: Page) -> None:
    search(page, "0980-31 92 50")
    expect(page.locator("[data-hits] .hit").first).to_have_text("Anna Åström")


def test_5_i_know_no_word_for_it(page: Page) -> None:
    search(page, "qwzzxv")
    expect(page.locator("[data-count-line]")).to_contain_text("Vi hittade inget som passar.")
    expect(page.locator("[data-presence]").first).to_contain_text("Öppet nu")
    expect(page.locator("main").get_by_role("link", name="0980-31 92 00")).to_be_visible()


def test_6_with_the_keyboard_alone(page: Page, town: Service) -> None:
    """At most nine presses beside the words: skip link, brand, languages, field; Enter; then on to the hit and the button."""
    pressed = 0

    def until_focused(wanted: str, most: int) -> None:
        nonlocal pressed
        for _ in range(most):
            page.keyboard.press("Tab")
            pressed += 1
            if page.evaluate(f"document.activeElement.matches({wanted!r})"):
                return
        pytest.fail(f"{wanted} is more than {most} steps away")

    until_focused("input[name=q]", 6)
    page.keyboard.type("anna åström")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=*")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the skip link: past the header
    until_focused("a.hit", 4)
    page.keyboard.press("Enter")
    page.wait_for_url("**/contacts/**")
    expect(page.get_by_role("heading", level=1)).to_have_text("Anna Åström")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    until_focused(".steps .now .act", 6)
    assert leads_to(town, page.locator(":focus")).startswith("tel:")
    assert pressed <= 14


def test_7_without_script(chromium: Browser, town: Service) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(town.address)
    search(page, "anna åström")
    page.get_by_role("link", name="Anna Åström", exact=True).first.click()
    said = page.locator("[data-presence]").inner_text()
    assert town.contact(page.url.rsplit("/", 1)[1])["availability"]["text"].partition(". ")[0] in said
    assert leads_to(town, main_action(page)).startswith("tel:")
    context.close()


def test_8_at_four_hundred_per_cent(page: Page, town: Service) -> None:
    """1280 by 1024 pixels magnified four times are 320 by 256. Nothing is scrolled sideways, and the words are whole."""
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(town.address)
    search(page, "anna åström")
    page.get_by_role("link", name="Anna Åström", exact=True).first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    button = main_action(page)
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    assert (box["x"] >= 0, box["x"] + box["width"] <= 320, box["height"] < 256) == (True, True, True)


def test_9_i_read_english(page: Page, town: Service) -> None:
    """The language is changed where one is, and is kept on the way."""
    page.goto(f"{town.address}/contacts/{in_state(town, 'busy')}")
    name = page.locator("h1").inner_text()
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text(name)
    expect(page.locator("[part=label]")).to_have_text("Busy right now.")
    page.get_by_role("link", name="Find a contact").click()
    expect(page.locator("h1")).to_have_text("Find the right contact")


def test_10_i_need_easy_words(page: Page, town: Service) -> None:
    page.goto(f"{town.address}/contacts/{in_state(town, 'away')}")
    page.get_by_role("link", name="Lätt svenska").click()
    expect(page.locator("[part=label]")).to_have_text("Personen är inte på jobbet just nu.")
    expect(page.get_by_role("heading", name="Här kan du få hjälp")).to_be_visible()


def test_11_on_paper_for_my_mother(page: Page, town: Service) -> None:
    """It says of when it is; what can be pressed elsewhere is only text here."""
    page.goto(f"{town.address}/contacts/{in_state(town, 'away')}")
    page.emulate_media(media="print")
    expect(page.locator(".stamp .paper")).to_have_text(re.compile(r"^Läget tisdag 24 november 2026 10\.\d\d$"))
    expect(page.locator("[data-reached]")).to_be_hidden()
    expect(main_action(page)).to_have_css("border-top-width", "0px")
    expect(main_action(page)).to_have_css("background-color", "rgba(0, 0, 0, 0)")  # it may fade for a moment
    expect(page.locator(".steps")).to_contain_text("0980-31 92 00")


def test_12_it_is_evening(page: Page, town: Service) -> None:
    """Nobody answers, and the page says who will, when, and where to write meanwhile."""
    anna = town.find("Anna Åström")
    town.at(SHUT)
    try:
        until(lambda: town.status(anna) == "closed", "it is evening")
        page.goto(f"{town.address}/contacts/{anna}")
        expect(page.locator("[part=label]")).to_have_text("Utanför kontorstid.")
        expect(page.locator("[part=redirect]")).to_contain_text("Servicecenter öppnar i morgon 8.00.")
        assert leads_to(town, main_action(page)) == "mailto:bygglov@bjorkdalen.example.org"
        topic = town.get("/v1/contacts?q=bygglov").data["topics"][0]["id"]
        for path in (f"/topics/{topic}", "/contacts/nobody"):
            page.goto(town.address + path)
            expect(page.locator("body")).to_contain_text("Servicecenter öppnar i morgon 8.00.")
            writes = "bygglov" if path.startswith("/topics") else "servicecenter"  # as the sentence above it says
            assert leads_to(town, main_action(page)) == f"mailto:{writes}@bjorkdalen.example.org"
    finally:
        town.at(OPEN)
