"""The widget tells what the service tells: of contacts in every state, on the page of another site, in a real browser."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.demonstration import demonstration
from tests.browser.stage import Stage
from tests.journeys.service import Service, until

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

WORDS = ("anna", "lars", "maria", "per", "eva", "karl", "sara", "johan", "lena", "mikael", "karin", "anders", "emma", "nils")
MANY = 1_000 if os.environ.get("PRESENCE_FULL") else 100
TOLD = """() => [...document.querySelectorAll('presence-contact')].map((card) => {
  const said = (name) => [...card.querySelectorAll(`[data-presence] [part=${name}]`)].map((e) => e.textContent).join('');
  return [card.getAttribute('contact'), card.querySelector('[data-presence]')?.dataset.status || '',
    [said('label'), said('detail')].filter(Boolean).join(' '), said('redirect')];
})"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with demonstration(tmp_path_factory.mktemp("town") / "demo") as running:
        yield running


def people(town: Service) -> list[str]:
    """As many as searches find, two letters after another."""
    found: dict[str, None] = {}
    letters = [a + b for a in "abcdefghijklmnoprstuvåäö" for b in "aeiouylrnst"]
    for words in (*WORDS, *letters):
        if len(found) >= MANY:
            break
        found |= dict.fromkeys(town.hits(words))
    return list(found)[:MANY]


def answers(town: Service, asked: list[str]) -> list[Any]:
    """What the JSON says: id, status, text, referral."""
    told = town.get(f"/v1/contacts?ids={','.join(asked)}").data["contacts"]
    return [
        [c["id"], c["availability"]["status"], c["availability"]["text"], c.get("referral", {}).get("text", "")] for c in told
    ]


def shown(town: Service, stage: Stage, page: Page, asked: list[str]) -> Any:
    """What a page with these cards shows."""
    cards = "".join(f'<presence-contact contact="{contact}" lang="sv"></presence-contact>' for contact in asked)
    html = f'<!doctype html><script type="module" src="{town.address}/widget/v1/presence.js"></script>{cards}'
    policy = f"default-src 'none'; script-src {town.address}; connect-src {town.address}; require-trusted-types-for 'script'"
    stage.pages["/page"] = html.encode(), policy
    page.goto(stage.site + "/page")
    filled = "[...document.querySelectorAll('presence-contact')].every((card) => card.querySelector('[data-status]'))"
    until(lambda: page.evaluate(filled), "every card is filled")
    return page.evaluate(TOLD)


def test_a_widget_says_of_everybody_what_the_service_says(town: Service, stage: Stage, chromium: Browser) -> None:
    context = chromium.new_context()
    page = context.new_page()
    everybody, seen = people(town), set()
    assert len(everybody) == MANY
    for start in range(0, len(everybody), 20):
        asked = everybody[start : start + 20]
        for _ in range(5):  # a tick may fall between the two
            before, told, after = answers(town, asked), shown(town, stage, page, asked), answers(town, asked)
            if before == after:
                break
        assert told == before
        seen |= {status for _, status, _, _ in before}
    assert seen >= {"available", "busy", "away", "unknown"}
    context.close()
