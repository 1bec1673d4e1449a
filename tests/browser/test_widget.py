"""The widget in other people's pages: what it asks, what it shows, what it never does."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from presence.web import pages, snippets
from presence.web.samples import samples
from presence.web.visit import Site, Visit
from presence.wording import load
from tests.browser.stage import OUR_POLICY, Stage, document
from tests.web.test_pages import centre

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]

WORDINGS = load(["sv", "sv-x-plain", "en"], "Europe/Stockholm")
WORDING = WORDINGS["sv"]
HIDE = "Object.defineProperty(document, 'hidden', { get: () => window.tabIsHidden === true, configurable: true });"
SHIFT = """new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) sum += entry.value; })
    .observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => done(sum), 300);
})"""
LISTEN = """
window.spoken = []; window.changes = [];
addEventListener('presence-change', (e) => changes.push(e.detail));
addEventListener('DOMContentLoaded', () => {
  for (const region of document.querySelectorAll('[data-presence]')) {
    new MutationObserver(() => {
      if (region.getAttribute('aria-live') === 'polite') spoken.push(region.textContent);
    }).observe(region, { childList: true });
  }
});
"""


def stocked(stage: Stage) -> Stage:
    """With every state among its contacts, as the service would answer."""
    for view in samples(WORDING, True, stage.origin):
        stage.contacts[view.id] = document(view)
    centre = document(samples(WORDING, True, stage.origin)[1])["referral"]
    stage.missing = {"referral": {**centre, "steps": [s for s in centre["steps"] if s["to"] == "centre"]}}
    return stage


def strict(stage: Stage) -> str:
    return (
        f"default-src 'none'; script-src {stage.origin}; connect-src {stage.origin}; require-trusted-types-for 'script'; "
        "trusted-types 'none'"
    )


def card(stage: Stage, contact: str, more: str = "") -> str:
    return (
        f'<presence-contact src="{stage.origin}/v1/contacts/{contact}" lang="sv" {more}><h3>{contact}</h3>'
        '<p data-presence role="status" aria-atomic="true"></p>'
        '<a class="own" href="tel:+46980319200">0980-31 92 00</a></presence-contact>'
    )


def snippet(stage: Stage, way: str, language: str = "sv") -> str:
    """As an editor copies it."""
    wording = WORDINGS[language]
    view = samples(wording, True, stage.origin)[2]
    site = Site("Björkdalens kommun", {"sv": "Svenska", "en": "English"}, address=stage.origin)
    return dict(snippets.snippets(view, wording, site, centre(wording, view)))[way]


def show(stage: Stage, context: BrowserContext, body: str, policy: str | None = None, clock: bool = False) -> Page:
    """The other site's page with the widget in it."""
    script = f'<script type="module" src="{stage.origin}/widget/v1/presence.js"></script>'
    head = f'<meta charset="utf-8"><title>Kommunen</title>{script}'
    html = f'<!doctype html><html lang="sv"><head>{head}</head><body>{body}</body></html>'
    stage.pages["/"] = (html.encode(), policy or strict(stage))
    context.add_init_script(HIDE + LISTEN)
    page = context.new_page()
    if clock:
        page.clock.install()
    page.goto(stage.site + "/")
    return page


def status(page: Page, contact: str) -> Any:
    return page.locator(f'presence-contact[src$="/{contact}"] [data-presence]')


def put(stage: Stage, contact: str, **availability: str) -> None:
    """What the service says from now on."""
    stage.contacts[contact] = {**stage.contacts[contact], "availability": availability}


def minutes(page: Page, count: float) -> None:
    """Let time pass, in steps as small as the widget's own, with room for answers to come in."""
    for _ in range(round(count * 12)):
        page.clock.run_for(5_000)
        page.wait_for_timeout(15)


# --- what it asks ---


def test_a_page_of_twenty_cards_costs_one_request_without_cookie_or_preflight(stage: Stage, context: BrowserContext) -> None:
    stocked(stage)
    ids = [f"c{n:02}" for n in range(20)]
    stage.contacts = {i: {**stage.contacts["available"], "id": i} for i in ids}
    page = show(stage, context, "".join(card(stage, i) for i in ids))
    for contact in ids:
        expect(status(page, contact)).to_have_text("Går att nå nu. Ring eller skriv direkt.", use_inner_text=True)
    assert [row[1:] for row in stage.requests()] == [("GET", f"/v1/contacts?lang=sv&ids={','.join(ids)}")]
    assert context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_it_works_under_a_strict_policy_with_trusted_types(stage: Stage, context: BrowserContext) -> None:
    page = show(
        stocked(stage), context, card(stage, "back") + f'<presence-search src="{stage.origin}"><input name="q"></presence-search>'
    )
    expect(status(page, "back")).to_contain_text("Inte i tjänst just nu.")
    assert page.evaluate("violations") == []


def test_it_asks_at_most_once_a_minute_and_most_answers_are_not_modified(stage: Stage, context: BrowserContext) -> None:
    page = show(stocked(stage), context, card(stage, "available") + card(stage, "busy"), clock=True)
    expect(status(page, "busy")).to_contain_text("Upptagen")
    minutes(page, 10)
    asked = len(stage.requests())
    assert 9 <= asked <= 11
    assert stage.seen_304 >= 0.8 * asked


def test_a_hidden_tab_sends_nothing_and_asks_once_when_it_is_seen_again(stage: Stage, context: BrowserContext) -> None:
    page = show(stocked(stage), context, card(stage, "available"), clock=True)
    expect(status(page, "available")).to_contain_text("Går att nå nu.")
    page.evaluate("window.tabIsHidden = true; document.dispatchEvent(new Event('visibilitychange'))")
    before = len(stage.requests())
    minutes(page, 5)
    assert len(stage.requests()) == before
    page.evaluate("window.tabIsHidden = false; document.dispatchEvent(new Event('visibilitychange'))")
    minutes(page, 0.5)
    assert len(stage.requests()) == before + 1


@pytest.mark.parametrize("way", ["script", "block"])
def test_what_an_editor_copies_works_as_it_is(way: str, stage: Stage, context: BrowserContext) -> None:
    page = show(stocked(stage), context, snippet(stage, way), strict(stage) + f"; style-src {stage.origin}")
    expect(page.locator("[data-presence]")).to_contain_text("Inte i tjänst just nu.")
    expect(page.get_by_role("heading", name="Cecilia Ek")).to_be_visible()
    assert page.evaluate("violations") == []


def test_a_frame_needs_no_script_at_all(stage: Stage, chromium: Browser) -> None:
    view = samples(WORDING, True, stage.origin)[2]
    site = Site("Björkdalens kommun", {"sv": "Svenska"}, address=stage.origin)
    now = int(time.time())
    stage.pages[f"/embed/{view.id}"] = pages.render_embed(view, WORDING, site, Visit("/", now, now + 30)), OUR_POLICY
    context = chromium.new_context(java_script_enabled=False)
    page = show(stage, context, snippet(stage, "frame"), f"default-src 'none'; frame-src {stage.origin}")
    expect(page.frame_locator("iframe").locator("[data-presence]")).to_contain_text("Inte i tjänst just nu.")
    assert page.locator("iframe").get_attribute("title") == "Kontakt: Cecilia Ek"
    context.close()


def test_a_card_that_is_added_later_is_filled_too(stage: Stage, context: BrowserContext) -> None:
    page = show(stocked(stage), context, card(stage, "available"), policy="")
    expect(status(page, "available")).to_contain_text("Går att nå nu.")
    add = (
        "(src) => { const e = document.createElement('presence-contact'); e.setAttribute('src', src); document.body.append(e); }"
    )
    page.evaluate(add, f"{stage.origin}/v1/contacts/busy")
    expect(status(page, "busy")).to_contain_text("Upptagen just nu.")


ADD = """([src, id]) => {
  const card = document.createElement('presence-contact');
  card.setAttribute('src', `${src}/v1/contacts/${id}`);
  document.body.append(card);
}"""


def wanted(stage: Stage) -> list[str]:
    """Whom each request asked for."""
    return [target.partition("ids=")[2] for _, _, target in stage.requests()]


def test_cards_that_come_one_by_one_are_asked_for_once_and_then_together(stage: Stage, context: BrowserContext) -> None:
    ids = [f"c{n:02}" for n in range(6)]
    stage.contacts = {i: {**stocked(stage).contacts["available"], "id": i} for i in ids}
    page = show(stage, context, "", policy="", clock=True)
    for contact in ids:
        page.evaluate(ADD, [stage.origin, contact])
        page.clock.run_for(400)
        page.wait_for_timeout(30)
    page.clock.run_for(2_000)
    expect(status(page, "c05")).to_contain_text("Går att nå nu.")
    asked = wanted(stage)
    assert sorted(",".join(asked).split(",")) == ids, "nobody twice"
    assert len(asked) <= 4
    minutes(page, 1.2)
    assert wanted(stage)[len(asked) :] == [",".join(ids)]


def test_a_card_that_is_moved_on_the_page_keeps_what_it_says(stage: Stage, context: BrowserContext) -> None:
    page = show(stocked(stage), context, card(stage, "available") + "<div id=other></div>", policy="", clock=True)
    expect(status(page, "available")).to_contain_text("Går att nå nu.")
    page.evaluate("document.querySelector('#other').append(document.querySelector('presence-contact'))")
    expect(status(page, "available")).to_contain_text("Går att nå nu.")
    page.clock.run_for(6_000)
    assert len(stage.requests()) == 1


def test_an_element_that_becomes_somebody_else_s_loses_what_it_said(stage: Stage, context: BrowserContext) -> None:
    page = show(stocked(stage), context, card(stage, "available"), policy="", clock=True)
    expect(status(page, "available")).to_contain_text("Går att nå nu.")
    said = """() => {
      const card = document.querySelector('presence-contact');
      card.setAttribute('src', card.getAttribute('src').replace('available', 'busy'));
      document.body.append(card);
      return card.querySelector('[data-presence]').textContent;
    }"""
    assert page.evaluate(said) == ""
    page.clock.run_for(2_000)
    expect(status(page, "busy")).to_contain_text("Upptagen")


def test_more_than_twenty_cards_cost_a_request_for_each_twenty(stage: Stage, context: BrowserContext) -> None:
    ids = [f"c{n:02}" for n in range(45)]
    stage.contacts = {i: {**stocked(stage).contacts["available"], "id": i} for i in ids}
    page = show(stage, context, "".join(card(stage, i) for i in ids))
    expect(status(page, "c44")).to_contain_text("Går att nå nu.")
    assert wanted(stage) == [",".join(ids[n : n + 20]) for n in (0, 20, 40)]


@pytest.mark.slow
def test_after_errors_it_waits_longer_each_time(stage: Stage, context: BrowserContext) -> None:
    stage.fail = 500
    page = show(stocked(stage), context, card(stage, "available"), clock=True)
    minutes(page, 15)
    assert len(stage.requests()) <= 8


# --- never a stale green ---


def test_a_tab_that_is_cut_off_turns_unknown_and_keeps_the_number(stage: Stage, context: BrowserContext) -> None:
    page = show(stocked(stage), context, card(stage, "available", 'data-redirect="Servicecenter: 0980-31 92 00."'), clock=True)
    expect(status(page, "available")).to_contain_text("Går att nå nu.")
    context.set_offline(True)
    minutes(page, 2)
    expect(status(page, "available")).to_have_text(
        "Vi kan inte visa läget just nu. Du kan ringa eller mejla som vanligt. Servicecenter: 0980-31 92 00.", use_inner_text=True
    )
    expect(page.locator("a.own")).to_be_visible()


@pytest.mark.parametrize("language", WORDINGS)
def test_what_an_editor_copied_leads_to_the_centre_when_it_is_cut_off(
    language: str, stage: Stage, context: BrowserContext
) -> None:
    """In its own language, and with a number that can be dialled."""
    words = WORDINGS[language]
    page = show(
        stocked(stage), context, snippet(stage, "script", language), strict(stage) + f"; style-src {stage.origin}", clock=True
    )
    expect(page.locator("[part=redirect]")).to_contain_text("Servicecenter kan hjälpa dig nu")
    context.set_offline(True)
    minutes(page, 2)
    centre = words.text("widget.centre.phone", centre="Servicecenter", phone="0980-31 92 00")
    expect(page.locator("[data-presence]")).to_have_text(f"{words.text('widget.unknown')} {centre}", use_inner_text=True)
    expect(page.locator("[data-presence]")).to_have_attribute("data-status", "unknown")
    assert page.locator(".more").get_by_role("link", name="0980-31 92 00").get_attribute("href") == "tel:+46980319200"


def test_what_an_editor_copied_names_the_centre_without_any_script(stage: Stage, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = show(stocked(stage), context, snippet(stage, "script"))
    page_of_centre = page.get_by_role("link", name="Servicecenter")
    assert page_of_centre.get_attribute("href") == f"{stage.origin}/centre"
    expect(page.get_by_role("link", name="0980-31 92 00")).to_be_visible()
    context.close()


def test_a_machine_that_slept_shows_no_green_when_it_wakes(stage: Stage, context: BrowserContext) -> None:
    page = show(stocked(stage), context, card(stage, "available"), clock=True)
    expect(status(page, "available")).to_contain_text("Går att nå nu.")
    context.set_offline(True)
    page.clock.fast_forward("08:00:00")
    expect(status(page, "available")).to_contain_text("Vi kan inte visa läget")


def test_a_service_that_is_down_is_unknown_from_the_start(stage: Stage, context: BrowserContext) -> None:
    stage.fail = 503
    page = show(stocked(stage), context, card(stage, "available"))
    expect(status(page, "available")).to_contain_text("Vi kan inte visa läget just nu.")


def test_a_card_from_a_cache_loses_its_old_status_before_anything_is_answered(stage: Stage, context: BrowserContext) -> None:
    stage.fail = 503
    old = card(stage, "available", 'data-expires="2026-01-01T00:00:00Z"').replace(
        "></p>", ' data-status="available">Går att nå nu.</p>'
    )
    page = show(stocked(stage), context, old)
    expect(status(page, "available")).to_contain_text("Vi kan inte visa")
    assert "Går att nå" not in page.inner_text("body")


def test_somebody_who_is_not_there_leads_to_the_centre(stage: Stage, context: BrowserContext) -> None:
    page = show(stocked(stage), context, card(stage, "nobody") + card(stage, "available"))
    expect(status(page, "nobody")).to_contain_text("Servicecenter kan hjälpa dig nu: 0980-31 92 00")
    expect(status(page, "available")).to_contain_text("Går att nå nu.")


# --- what it says aloud ---


def test_the_first_fill_is_silent_and_a_change_of_state_is_told_once(stage: Stage, context: BrowserContext) -> None:
    page = show(stocked(stage), context, card(stage, "available"), clock=True)
    expect(status(page, "available")).to_contain_text("Går att nå nu.")
    assert page.evaluate("spoken") == []
    put(stage, "available", status="busy", text="Upptagen just nu. Går troligen att nå från 14.30.")
    minutes(page, 2.2)
    expect(status(page, "available")).to_contain_text("Upptagen just nu.")
    spoken = page.evaluate("spoken")
    assert len(spoken) == 1
    assert spoken[0].startswith("Upptagen just nu.")


def test_a_new_time_without_a_new_state_is_shown_and_not_told(stage: Stage, context: BrowserContext) -> None:
    page = show(stocked(stage), context, card(stage, "busy"), clock=True)
    expect(status(page, "busy")).to_contain_text("14.30")
    put(stage, "busy", status="busy", text="Upptagen just nu. Går troligen att nå från 15.00.")
    minutes(page, 1.2)
    expect(status(page, "busy")).to_contain_text("15.00")
    assert page.evaluate("spoken") == []


def test_the_page_around_it_hears_of_changes(stage: Stage, context: BrowserContext) -> None:
    page = show(stocked(stage), context, card(stage, "available"), clock=True)
    expect(status(page, "available")).to_contain_text("Går att nå nu.")
    put(stage, "available", status="away", text="Inte i tjänst just nu.", until="2026-11-30")
    minutes(page, 1.2)
    expect(status(page, "available")).to_contain_text("Inte i tjänst")
    told = page.evaluate("changes")
    assert [c["status"] for c in told] == ["available", "away"]
    assert told[1]["until"] == "2026-11-30"


# --- what it leaves alone ---


def test_nothing_moves_when_a_copied_card_is_filled(stage: Stage, context: BrowserContext) -> None:
    """The snippet as an editor copies it, at the width of a telephone."""
    stocked(stage)
    for width in (390, 1280):
        page = show(
            stage, context, snippet(stage, "script") + "<p>Resten av sidan</p>", strict(stage) + f"; style-src {stage.origin}"
        )
        page.set_viewport_size({"width": width, "height": 800})
        page.reload()
        expect(page.locator("[part=redirect]")).to_be_visible()
        shift = page.evaluate(SHIFT)
        assert shift < 0.005  # a line of text is 0.02; a style sheet that comes late on a busy machine may cost a hair
        page.close()


def test_whoever_has_the_focus_on_a_link_keeps_it(stage: Stage, context: BrowserContext) -> None:
    page = show(stocked(stage), context, card(stage, "back"), clock=True)
    expect(status(page, "back")).to_contain_text("Inte i tjänst")
    page.locator("[part=redirect] a").first.focus()
    put(stage, "back", status="busy", text="Upptagen just nu.")
    minutes(page, 1.3)
    expect(status(page, "back")).to_contain_text("Upptagen")
    assert page.evaluate("document.activeElement.href") == "tel:+46980319200"


def test_a_hostile_answer_is_text_and_no_link(stage: Stage, context: BrowserContext) -> None:
    stocked(stage)
    evil = json.loads(json.dumps(stage.contacts["back"]).replace("Servicecenter", "<img src=x onerror=alert(1)>"))
    for step in evil["referral"]["steps"]:
        for channel in step["channels"]:
            channel["href"] = channel["value"] = "javascript:alert(1)"
    stage.contacts["back"] = evil
    page = show(stage, context, card(stage, "back").replace("</presence-contact>", "<ol data-referral></ol></presence-contact>"))
    expect(status(page, "back")).to_contain_text("<img src=x")
    assert page.locator("img, a[href^=javascript]").count() == 0


def test_a_topic_card_shows_the_service_whether_somebody_is_there_and_the_centre(stage: Stage, context: BrowserContext) -> None:
    stocked(stage)
    service = {
        "to": "self-service",
        "id": "bygglov",
        "name": "Bygglov",
        "open": True,
        "text": "Gör det själv.",
        "href": "https://e.example.se/b",
    }
    referral = stage.missing["referral"]
    stage.others["topics/bygglov"] = {
        "id": "bygglov", "name": "Bygglov", "words": [], "reachable": False, "text": "Ingen går att nå just nu.",
        "referral": {**referral, "steps": [service, *referral["steps"]]},
    }  # fmt: skip
    page = show(stage, context, f'<presence-card src="{stage.origin}" topic="bygglov" lang="sv"></presence-card>')
    expect(page.locator("[data-presence]")).to_contain_text("Ingen går att nå just nu.")
    expect(page.locator("[data-referral] li").first).to_contain_text("Bygglov")
    assert page.locator("[data-referral] a").first.get_attribute("href") == "https://e.example.se/b"
    expect(page.locator("[data-referral]")).to_contain_text("0980-31 92 00")


CENTRE = {
    "id": "centre", "name": "Servicecenter", "open": True, "text": "Öppet nu till 17.", "hours": "Måndag–fredag 7.30–17",
    "channels": [
        {"kind": "telephone", "label": "Telefon", "value": "+46980319200", "display": "0980-31 92 00", "open": True,
         "href": "https://kontakt.example.se/go/centre/telephone"},
    ],
}  # fmt: skip


def test_a_card_of_the_centre_that_was_given_nothing_draws_its_number_and_a_link_to_it(
    stage: Stage, context: BrowserContext
) -> None:
    stocked(stage).others["centre"] = CENTRE
    page = show(stage, context, f'<presence-card centre src="{stage.origin}/" lang="sv"></presence-card>', clock=True)
    expect(page.locator("[data-presence]")).to_have_text("Öppet nu till 17.", use_inner_text=True)
    number = page.get_by_role("link", name="0980-31 92 00")
    assert number.get_attribute("href") == CENTRE["channels"][0]["href"]  # type: ignore[index]
    assert page.get_by_role("link", name="Servicecenter").get_attribute("href") == f"{stage.origin}/centre"
    context.set_offline(True)
    minutes(page, 2)
    expect(page.locator("[data-presence]")).to_contain_text("Vi kan inte visa läget just nu.")
    expect(number).to_be_visible()


@pytest.mark.parametrize("which", ["centre", 'topic="bygglov"', 'unit="x"'])
@pytest.mark.parametrize(
    ("lang", "says"), [("sv", "Vi kan inte visa läget just nu."), ("en", "We cannot show availability right now.")]
)
def test_where_no_number_is_nobody_is_told_to_call(
    which: str, lang: str, says: str, stage: Stage, context: BrowserContext
) -> None:
    """The service is down from the start, and whoever wrote the page gave the card nothing."""
    stage.fail = 503
    page = show(
        stocked(stage), context, f'<presence-card {which} src="{stage.origin}/" lang="{lang}"></presence-card>', clock=True
    )
    where = f"{stage.origin}/centre"
    for _ in range(2):  # and it says the same for as long as that lasts
        expect(page.locator("[data-presence]")).to_have_text(f"{says} {where}", use_inner_text=True)
        assert page.get_by_role("link").get_attribute("href") == f"{stage.origin}/centre"
        minutes(page, 2)


def documented() -> list[str]:
    """The cards as docs/embedding.md has them."""
    text = (ROOT / "docs" / "embedding.md").read_text("utf-8")
    return re.findall(r"<presence-(?:contact|card) .*?</presence-(?:contact|card)>", text, re.DOTALL)


@pytest.mark.parametrize("number", range(len(documented())))
@pytest.mark.parametrize("script", [True, False])
def test_a_documented_card_names_the_centre_and_its_number_while_the_service_is_down(
    number: int, script: bool, stage: Stage, chromium: Browser
) -> None:
    stage.fail = 503
    context = chromium.new_context(java_script_enabled=script)
    page = show(stocked(stage), context, documented()[number].replace("https://kontakt.example.se", stage.origin))
    if script:
        expect(page.locator("[data-presence]")).to_contain_text("Vi kan inte visa läget just nu.")
    assert page.get_by_role("link", name="Servicecenter").get_attribute("href") == f"{stage.origin}/centre"
    assert page.get_by_role("link", name="0980-31 92 00").get_attribute("href") == "tel:+46980319200"
    context.close()


def test_cards_one_after_another_do_not_touch(stage: Stage, context: BrowserContext) -> None:
    stocked(stage)
    sheet = f'<link rel="stylesheet" href="{stage.origin}/widget/v1/card.css">'
    element = re.sub(r"<(link|script)[^>]*>(</script>)?", "", snippet(stage, "script"))
    page = show(stage, context, sheet + element * 2, strict(stage) + f"; style-src {stage.origin}")
    expect(page.locator("[part=redirect]").last).to_be_visible()
    first, second = (page.locator(".presence-card").nth(n).bounding_box() for n in (0, 1))
    assert first
    assert second
    assert second["y"] - first["y"] - first["height"] >= 12


def test_the_stable_file_is_the_whole_widget(stage: Stage, context: BrowserContext) -> None:
    """No other request than the script itself and the answers."""
    show(stocked(stage), context, card(stage, "available"))
    time.sleep(0.3)
    assert {row[2].partition("?")[0] for row in stage.asked} <= {"/", "/favicon.ico", "/widget/v1/presence.js", "/v1/contacts"}


# --- a request that ends badly is one request ---


def test_one_answer_that_never_comes_does_not_end_the_others(stage: Stage, context: BrowserContext) -> None:
    """The first is given up after ten seconds; the next, a minute or so later, is asked as ever."""
    hung: list[object] = []

    def first_hangs(route: Route) -> None:
        if hung:
            route.continue_()
        else:
            hung.append(route)

    context.route("**/v1/contacts*", first_hangs)
    page = show(stocked(stage), context, card(stage, "available"), clock=True)
    page.clock.run_for(12_000)
    expect(status(page, "available")).to_contain_text("Vi kan inte visa läget just nu.")
    minutes(page, 3)
    assert hung
    expect(status(page, "available")).to_contain_text("Går att nå nu.")
