"""Every page in every state and language: well formed, safe, accessible by its markup, and never more than the view."""

import gzip
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from presence.configuration.colours import DARK, LIGHT, contrast
from presence.domain.views import (
    PublicCentre,
    PublicContact,
    PublicException,
    PublicHit,
    PublicHits,
    PublicPost,
    PublicReferral,
    PublicStep,
    PublicTopic,
    PublicUnit,
    TopicHit,
    UnitHit,
)
from presence.web import assets, pages
from presence.web.samples import samples
from presence.web.visit import Site, Visit
from presence.wording import Wording, load

LANGUAGES = ("sv", "sv-x-plain", "en")
WORDINGS = load(LANGUAGES, "Europe/Stockholm", {"reply_mail": {"sv": "Vi svarar inom två dagar.", "en": "We reply in two days."}})
SITE = Site("Björkdalens kommun", {name: w.name for name, w in WORDINGS.items()}, address="https://kontakt.example.se", demo=True)
CLOCK = pages.BenchClock(
    "2026-11-25T10:42", presets=[("lördag 28 november 11", "2026-11-28T11:00")], people=[("a", "Anna Åström")]
)
TICK = 1_795_599_720  # 2026-11-25 10:42 in Sweden
STATIC = Path(pages.__file__).parent / "static"
VOID = {"source", "wbr", "meta", "link", "input", "img", "br", "hr", "base", "path"}


class Page(HTMLParser):
    """A page taken apart; raises where a tag is closed that is not open."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(html.decode())
        self.close()
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.open[-1] if self.open else "", data.strip()))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join(text for tag, text in self.texts if tag not in ("script", "title"))


def centre(wording: Wording, view: PublicContact) -> PublicCentre:
    """The centre as the view's own referral shows it."""
    assert view.referral
    step = next(s for s in view.referral.steps if s.to == "centre")
    coming = (PublicException("2026-11-26", (), "Torsdag: stängt"),)
    return PublicCentre("centre", step.name, step.open, step.text, step.channels, hours="mån–fre 8–17", exceptions=coming)


def visit(path: str, wording: Wording, view: PublicContact) -> Visit:
    return Visit(path, TICK, TICK + 30, centre(wording, view))


def every_page() -> Iterator[tuple[str, str, bytes]]:
    """Name, language, page."""
    for language, wording in WORDINGS.items():
        for is_open in (True, False):
            for view in samples(wording, is_open, SITE.address):
                here = visit(f"/contacts/{view.id}", wording, view)
                name = f"{view.id}-{'open' if is_open else 'shut'}"
                yield f"contact-{name}", language, pages.render_contact(view, wording, SITE, here)
                yield f"embed-{name}", language, pages.render_embed(view, wording, SITE, here)
                assert view.referral
                yield f"go-{name}", language, pages.render_go(view, view.referral, wording, SITE, here)
        views = samples(wording, address=SITE.address)
        here = visit("/", wording, views[0])
        assert views[1].referral
        referral = views[1].referral
        service = PublicStep(
            "self-service", "bygglov", "Bygglov", True, wording.text("step.self_service"), href="https://e.example.se/b"
        )
        with_service = PublicReferral(referral.text, (service, *referral.steps))
        unit = PublicUnit(
            "bygglov", "Bygglov", ("Stadsbyggnad", "Bygglov"), True, wording.text("reachable.yes"), referral, "mån–fre 8–17"
        )
        topic = PublicTopic(
            "bygglov", "Bygglov", ("altan",), False, wording.text("reachable.no"), with_service, "https://e.example.se/b"
        )
        hits = PublicHits(
            tuple(PublicHit(v.id, v.name, v.posts) for v in views),
            (UnitHit("bygglov", "Bygglov", ("Stadsbyggnad", "Bygglov")),),
            (TopicHit("bygglov", "Bygglov", "https://e.example.se/b"),),
        )
        yield "find", language, pages.render_find(None, "", wording, SITE, here)
        yield "hits", language, pages.render_find(hits, "bygglov", wording, SITE, here)
        yield "no-hits", language, pages.render_find(PublicHits((), (), ()), "xyz", wording, SITE, here)
        yield "short", language, pages.render_find(None, "x", wording, SITE, here)
        yield "unit", language, pages.render_unit(unit, wording, SITE, here)
        yield "topic", language, pages.render_topic(topic, wording, SITE, here)
        yield "centre", language, pages.render_centre(centre(wording, views[0]), wording, SITE, here)
        for status in (400, 404, 429, 500, 503):
            yield f"error-{status}", language, pages.render_error(status, referral, wording, SITE, here)
        yield "embed-missing", language, pages.render_embed_missing(referral, wording, SITE, here)
        yield "statement", language, pages.render_statement(wording, SITE, here)
        moved = pages.BenchClock("2026-11-28T11:00", True, CLOCK.presets, CLOCK.people, "a")
        yield "bench-moved", language, pages.render_bench(views[0], views, wording, SITE, here, moved)
        yield "bench", language, pages.render_bench(views[0], views, wording, SITE, here, CLOCK)


EVERY = list(every_page())
IDS = [f"{name}-{language}" for name, language, _ in EVERY]


@pytest.mark.parametrize(("name", "language", "html"), EVERY, ids=IDS)
def test_a_page_is_well_formed_with_one_heading_its_language_and_landmarks(name: str, language: str, html: bytes) -> None:
    page = Page(html)
    assert html.startswith(b"<!doctype html>")
    assert page.named("html")[0] | {"class": None} == {"lang": language, "dir": "ltr", "class": None}
    assert len(page.named("h1")) == 1
    assert len(page.named("main")) == 1
    wanted = set() if name.startswith("embed") else {"header", "nav", "footer"}
    assert wanted <= {tag for tag, _ in page.tags}


@pytest.mark.parametrize(("name", "language", "html"), EVERY, ids=IDS)
def test_a_page_has_no_inline_script_or_style(name: str, language: str, html: bytes) -> None:
    """So that a policy without "unsafe-inline" holds. A block of structured data is no script."""
    page = Page(html)
    assert "style" not in {tag for tag, _ in page.tags}
    for tag, attrs in page.tags:
        assert "style" not in attrs
        assert not any(attribute.startswith("on") for attribute in attrs)
        if tag == "script":
            assert attrs.get("src") or attrs.get("type") == "application/ld+json"
        for link in (attrs.get("href"), attrs.get("src")):
            assert not (link or "").lower().startswith("javascript:")


@pytest.mark.parametrize(("name", "language", "html"), EVERY, ids=IDS)
def test_a_page_skips_no_level_of_heading(name: str, language: str, html: bytes) -> None:
    levels = [int(tag[1]) for tag, _ in Page(html).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels


@pytest.mark.parametrize(("name", "language", "html"), EVERY, ids=IDS)
def test_ids_are_unique_and_what_they_are_referred_by_exists(name: str, language: str, html: bytes) -> None:
    page = Page(html)
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs in page.tags:
        for attribute in ("aria-labelledby", "aria-describedby", "for"):
            assert attrs.get(attribute, ids[0] if ids else None) in ids or attribute not in attrs


@pytest.mark.parametrize(("name", "language", "html"), EVERY, ids=IDS)
def test_every_page_names_the_centre(name: str, language: str, html: bytes) -> None:
    """No dead ends. A card in a frame names it where the person cannot answer."""
    if not name.startswith("embed-available"):
        assert "Servicecenter" in Page(html).text


def views() -> Iterator[tuple[Wording, PublicContact]]:
    for wording in WORDINGS.values():
        for is_open in (True, False):
            yield from ((wording, view) for view in samples(wording, is_open, SITE.address))


def test_a_page_a_frame_and_a_fragment_say_the_status_in_the_same_words_as_the_json() -> None:
    for wording, view in views():
        here = visit("/", wording, view)
        for render in (pages.render_contact, pages.render_embed, pages.render_fragment):
            page = Page(render(view, wording, SITE, here))
            assert " ".join(view.availability.text.split()) in page.text
            assert page.text.count(view.availability.text.partition(". ")[0]) == 1


def test_channels_stand_in_the_order_in_which_they_are_given() -> None:
    for wording, view in views():
        page = Page(pages.render_contact(view, wording, SITE, visit("/", wording, view)))
        details = [text for tag, text in page.texts if tag == "dt"]
        assert details[: len(view.channels)] == [c.label for c in view.channels]


def test_a_status_region_is_there_and_the_state_is_told_by_a_word_and_a_shape() -> None:
    for wording, view in views():
        page = Page(pages.render_contact(view, wording, SITE, visit("/", wording, view)))
        regions = [attrs for _, attrs in page.tags if attrs.get("role") == "status"]
        assert [r["data-status"] for r in regions] == [view.availability.status.value]
    assert len(set(pages.SHAPES.values())) == len(pages.SHAPES)


def test_a_contact_who_cannot_be_reached_is_not_offered_on_their_own_page() -> None:
    """The number stands below as a detail; what looks like a way to get help has to work now."""
    away = next(v for v in samples(WORDINGS["sv"], True, SITE.address) if v.id == "away")
    html = pages.render_contact(away, WORDINGS["sv"], SITE, visit("/", WORDINGS["sv"], away)).decode()
    assert f"/go/{away.id}/" not in html
    assert "/go/centre/telephone" in html


def test_a_link_that_shows_a_number_dials_that_number_unless_it_may_be_answered_now() -> None:
    for wording, view in views():
        html = pages.render_contact(view, wording, SITE, visit("/", wording, view)).decode()
        assert view.referral
        may = {c.href for s in view.referral.steps if s.open for c in s.channels if c.open}
        assert set(re.findall(r'href="([^"]*/go/[^"]*)"', html)) <= may


def test_text_in_another_language_is_marked_as_such() -> None:
    english = WORDINGS["en"]
    view = samples(english, True, SITE.address)[0]
    html = pages.render_contact(view, english, SITE, visit("/", english, view)).decode()
    assert re.search(r'<p class="post" lang="sv"><span class="title">Bygglovshandläggare', html)


def hostile(view: PublicContact) -> PublicContact:
    """What a directory could hold."""
    name = "</script><script>alert(1)</script>\"'<img src=x onerror=alert(1)>"
    channels = tuple(
        msgspec.structs.replace(c, value="javascript:alert(1)", display=name, cost=name, reply=name) for c in view.channels
    )
    posts = (PublicPost(name, view.posts[0].unit),)
    return msgspec.structs.replace(view, name=name, posts=posts, channels=channels, office_address=name, room=name)


def test_a_topic_tells_its_hours_and_what_deviates_from_them() -> None:
    wording = WORDINGS["sv"]
    view = samples(wording, True, SITE.address)[1]
    assert view.referral
    coming = (PublicException("2026-11-26", (), "Torsdag 26 november: stängt"),)
    topic = PublicTopic(
        "bygglov", "Bygglov", (), True, "Någon går att nå nu.", view.referral, hours="mån–fre 8–17", exceptions=coming
    )
    page = Page(pages.render_topic(topic, wording, SITE, visit("/topics/bygglov", wording, view)))
    assert "mån–fre 8–17" in page.text
    assert "Avvikande öppettider" in page.text
    assert {"datetime": "2026-11-26"} in page.named("time")
    assert "Torsdag 26 november: stängt" in page.text


def test_hostile_names_are_text() -> None:
    wording = WORDINGS["sv"]
    view = hostile(samples(wording, True, SITE.address)[1])
    for render in (pages.render_contact, pages.render_embed, pages.render_fragment):
        page = Page(render(view, wording, SITE, Visit("/", TICK, TICK + 30)))
        assert all(attrs.get("src") or attrs.get("type") == "application/ld+json" for attrs in page.named("script"))
        assert page.named("img") == []
        assert not any((attrs.get("href") or "").startswith("javascript:") for attrs in page.named("a"))


def structured(html: bytes) -> dict[str, object]:
    found = re.search(rb'<script type="application/ld\+json">(.*?)</script>', html)
    assert found
    data: dict[str, object] = json.loads(found[1])
    return data


def test_structured_data_says_who_and_how_and_the_same_in_every_state() -> None:
    wording = WORDINGS["sv"]
    data = []
    for view in samples(wording, True, SITE.address):
        one = msgspec.structs.replace(view, name="Anna", channels=samples(wording, True, SITE.address)[0].channels)
        data.append(structured(pages.render_contact(one, wording, SITE, visit("/", wording, view))))
    assert all(d == data[0] for d in data)
    assert data[0]["contactPoint"] == [
        {"@type": "ContactPoint", "contactType": "Telefon", "telephone": "+4619211234"},
        {"@type": "ContactPoint", "contactType": "E-post", "email": "anna.astrom@example.se"},
    ]


def test_structured_data_cannot_end_its_block() -> None:
    wording = WORDINGS["sv"]
    view = hostile(samples(wording, True, SITE.address)[0])
    assert structured(pages.render_contact(view, wording, SITE, Visit("/", TICK, TICK + 30)))["name"] == view.name


def test_a_snippet_to_copy_holds_no_status() -> None:
    """A cached "available" would be a lie."""
    wording = WORDINGS["sv"]
    for view in samples(wording, True, SITE.address):
        html = pages.render_bench(view, [], wording, SITE, visit("/demo/widget", wording, view), CLOCK).decode()
        for snippet in re.findall(r"<code>(.*?)</code>", html, re.DOTALL):
            assert view.availability.text.partition(". ")[0] not in snippet
            assert "data-status" not in snippet


def test_a_fragment_says_until_when_it_may_be_shown() -> None:
    wording = WORDINGS["sv"]
    view = samples(wording, True, SITE.address)[0]
    page = Page(pages.render_fragment(view, wording, SITE, visit("/", wording, view)))
    assert page.named("presence-contact")[0]["data-expires"] == "2026-11-25T10:42:30+01:00"


def test_the_replies_an_organisation_promises_stand_on_the_page_and_are_not_made_up() -> None:
    silent = load(["sv"], "Europe/Stockholm")["sv"]
    view = samples(silent, True, SITE.address)[0]
    assert "Vi svarar inom två dagar." in pages.render_contact(view, WORDINGS["sv"], SITE, Visit("/", TICK, TICK + 30)).decode()
    assert "Så svarar vi" not in pages.render_contact(view, silent, SITE, Visit("/", TICK, TICK + 30)).decode()


def test_a_page_is_the_same_bytes_for_the_same_view() -> None:
    wording = WORDINGS["sv"]
    once, twice = (samples(wording, True, SITE.address)[2] for _ in range(2))
    here = visit("/", wording, once)
    assert pages.render_contact(once, wording, SITE, here) == pages.render_contact(twice, wording, SITE, here)


# --- style and script ---


def tokens() -> tuple[dict[str, str], dict[str, str]]:
    """The colours, light and dark."""
    text = (STATIC / "card.css").read_text() + (STATIC / "presence.css").read_text()
    pairs = re.findall(r"--presence-([a-z-]+):\s*(#[0-9a-f]{3,6})", text)
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    for name, value in pairs:
        (dark if name in light else light)[name] = value if len(value) == 7 else "#" + "".join(c * 2 for c in value[1:])
    return light, dark


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["ink", "muted", "accent", "available", "busy", "away", "closed", "unknown"])
def test_every_colour_of_text_has_a_contrast_of_seven_on_every_ground(name: str, scheme: int) -> None:
    colours = tokens()[scheme]
    for ground in ("card", "paper"):
        assert contrast(colours[name], colours[ground]) >= 7


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_buttons_and_the_ribbon_have_it_too(scheme: int) -> None:
    colours = tokens()[scheme]
    assert contrast(colours["accent-ink"], colours["accent"]) >= 7
    assert contrast(colours["paper"], colours["ink"]) >= 7


def test_the_settings_know_the_colours_of_the_style_sheets() -> None:
    assert tokens() == (LIGHT, DARK)


def test_both_ways_to_darkness_are_the_same() -> None:
    text = (STATIC / "card.css").read_text()
    chosen = re.search(r":root\[data-scheme=dark\] \{(.*?)\}", text, re.DOTALL)
    preferred = re.search(r":root:not\(\[data-scheme=light\]\) \{(.*?)\}", text, re.DOTALL)
    assert chosen
    assert preferred
    assert chosen[1].split() == preferred[1].split()


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("presence.js", 4000),
        ("steps.js", 1536),
        ("search.js", 1536),
        ("reached.js", 1024),
        ("card.css", 1536),
        ("presence.css", 8192),
    ],
)
def test_what_is_sent_is_small(name: str, limit: int) -> None:
    assert len(gzip.compress(assets.load()[name].body, 9)) <= limit


@pytest.mark.parametrize("name", ["presence.js", "steps.js", "search.js", "reached.js"])
def test_the_script_needs_nobody_and_writes_only_text(name: str) -> None:
    source = assets.load()[name].body.decode()
    assert re.findall(r"\bimport\b[^.].*", source) in (
        [],
        [
            "import('./steps.js');",
            "import('./search.js').then((file) => file.default({ make, link, linked, filled, query, languageOf, HOME }));",
            "import('./reached.js').then((file) => file.default(card, href, { make, languageOf }));",
        ],
    )
    writes = r"innerHTML\s*=|outerHTML|insertAdjacentHTML|document\.write|\.style\b"
    keeps = r"cookie|localStorage|sessionStorage|indexedDB"
    forbidden = rf"{writes}|{keeps}|\beval\b|new Function"
    assert re.findall(forbidden, source.replace("=== node.innerHTML", "")) == []


def test_the_script_draws_the_same_shapes_as_the_pages() -> None:
    source = (STATIC / "presence.js").read_text()
    assert dict(re.findall(r"(\w+): '(M[^']+)'", source)) == {status.value: shape for status, shape in pages.SHAPES.items()}


def test_an_asset_has_a_name_that_changes_with_its_content() -> None:
    one, other = assets.asset("theme.css", b"a{}"), assets.asset("theme.css", b"b{}")
    assert one.hashed != other.hashed
    assert re.fullmatch(r"theme\.[0-9a-f]{12}\.css", one.hashed)
    assert one.integrity.startswith("sha384-")
