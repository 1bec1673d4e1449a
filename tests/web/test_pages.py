"""Every page in every state and language: well formed, safe, accessible by its markup, and never more than the view."""

import gzip
import json
import re
from collections.abc import Callable, Iterator, Sequence
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from presence.configuration.colours import DARK, LIGHT, contrast
from presence.domain.enquiry import Offer
from presence.domain.facts import ChannelRecord
from presence.domain.referral import Referral
from presence.domain.step import Step
from presence.domain.views import (
    PublicCentre,
    PublicChannel,
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
from tests.web.service import Service

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


# --- languages ---

PHRASES = {"inom två arbetsdagar": {"en": "within two working days"}}
PHRASED = load(["sv", "en"], "Europe/Stockholm", phrases=PHRASES)["en"]
SERVICE = f"{SITE.address}/go/bygglov/self-service"


def marked(html: bytes) -> list[str]:
    """What a page says to be in Swedish, but for the brand and the list of languages."""
    text = re.sub(r'(?s)<header class="top">.*?</header>', "", html.decode())
    found = re.findall(r'(?s)<(\w+)[^>]* lang="sv"[^>]*>(.*?)</\1>', text)
    return [" ".join(unescape(re.sub(r"<[^>]+>", "", inside)).split()) for _, inside in found]


def in_english(render: Callable[..., bytes], *views: Any, translated: Sequence[str] = (), topic: str = "") -> bytes:
    here = visit("/", PHRASED, samples(PHRASED, True, SITE.address)[0])
    return render(*views, PHRASED, SITE, msgspec.structs.replace(here, translated=frozenset(translated), topic=topic))


def topic_of(name: str) -> PublicTopic:
    mail = PublicChannel("e-mail", "Email", "a@example.se", "a@example.se", True, f"{SITE.address}/go/a/e-mail")
    replies = ("inom fem dagar", "within two working days")
    channels = tuple(msgspec.structs.replace(mail, reply=reply) for reply in replies)
    desk = PublicStep("service-point", "disk", "Bygglovsdisken", True, "Can help you now.", channels=channels)
    service = PublicStep("self-service", "bygglov", name, True, "Do it yourself.", href=SERVICE)
    return PublicTopic("bygglov", name, ("altan",), True, "Yes.", PublicReferral("", (service, desk)))


def test_titles_and_units_are_marked_as_the_organisation_s_language() -> None:
    english = WORDINGS["en"]
    view = samples(english, True, SITE.address)[0]
    html = pages.render_contact(view, english, SITE, visit("/", english, view)).decode()
    assert re.search(r'<p class="post" lang="sv"><span class="title">Bygglovshandläggare', html)


def test_a_topic_s_name_is_in_the_language_that_it_was_written_in() -> None:
    """Its words are in the organisation's own."""
    named = in_english(pages.render_topic, topic_of("Building permits"), translated=["bygglov"], topic="bygglov")
    assert marked(named) == ["altan", "Bygglovsdisken", "inom fem dagar", "Servicecenter"]
    unnamed = in_english(pages.render_topic, topic_of("Bygglov"), topic="bygglov")
    assert marked(unnamed) == ["Bygglov", "altan", "Bygglov", "Bygglovsdisken", "inom fem dagar", "Servicecenter"]


def test_of_a_reply_time_only_the_organisation_s_own_words_are_marked() -> None:
    html = in_english(pages.render_topic, topic_of("Building permits"), translated=["bygglov"]).decode()
    assert '<span class="note">Reply <span lang="sv">inom fem dagar</span></span>' in html
    assert '<span class="note">Reply within two working days</span>' in html


def test_hours_are_in_the_language_of_the_page() -> None:
    hours = "Mon–Wed 8 am–5 pm"
    view = msgspec.structs.replace(samples(PHRASED, True, SITE.address)[0], hours=hours, room="Rum 12")
    contact = in_english(pages.render_contact, view)
    office = in_english(pages.render_centre, msgspec.structs.replace(centre(PHRASED, view), hours=hours))
    for html in (contact, office):
        assert hours in Page(html).text
        assert not any(hours in text for text in marked(html))
    assert "Rum 12" in marked(contact)


def test_hits_are_marked_as_they_were_written() -> None:
    unit = UnitHit("u", "Bygglov", ("Stadsbyggnad", "Bygglov"))
    hits = PublicHits((), (unit,), (TopicHit("bygglov", "Building permits", "https://e.example.se"),))
    found = in_english(pages.render_find, hits, "bygg", translated=["bygglov"])
    assert marked(found) == ["Bygglov", "Stadsbyggnad", "Servicecenter"]
    found = in_english(pages.render_find, hits, "bygg")
    assert marked(found) == ["Building permits", "Building permits", "Bygglov", "Stadsbyggnad", "Servicecenter"]


def test_a_shortcoming_that_is_told_in_one_language_only_is_marked() -> None:
    english = WORDINGS["en"]
    told = msgspec.structs.replace(SITE, shortcomings={"sv": ("Kartan saknar text.",)})
    here = visit("/accessibility", english, samples(english, True, SITE.address)[0])
    assert "Kartan saknar text." in marked(pages.render_statement(english, told, here))


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_nobody_was_named_nobody_works_with_the_same_matters(language: str) -> None:
    """On the page of a topic or a unit: the same as whose?"""
    wording = WORDINGS[language]
    speech, phone = wording.at(TICK), Offer(ChannelRecord("telephone", "+4619211234"), True, TICK + 3600)
    anna = Step("colleague", "a", True, offers=(phone,))

    def lead(**steps: Step) -> str:
        return speech.lead(Referral(tuple(steps.values()), TICK, frozenset(), None), list(steps), None, None)

    assert lead(Anna=anna) == wording.text("lead.helps.phone", name="Anna", phone="019-21 12 34")
    assert lead(Bo=Step("contact", "b", False), Anna=anna) == wording.text(
        "lead.colleague.phone", name="Anna", phone="019-21 12 34"
    )
    assert not re.search("samma|same", speech.step(anna, "Anna", False))


def test_english_shows_a_status_and_nothing_that_holds() -> None:
    texts = (STATIC.parents[1] / "locales" / "en.po").read_text("utf-8")
    assert re.findall(r'msgstr ".*\bholds\b.*"', texts) == []


PRINTED = {
    "sv": "Läget onsdag 25 november 2026 10.42",
    "sv-x-plain": "Så var det onsdag 25 november 2026 klockan 10.42",
    "en": "Status on Wednesday, 25 November 2026 at 10:42 am",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_printed_of_a_time_is_more_than_a_bare_date(language: str) -> None:
    wording = WORDINGS[language]
    view = samples(wording, True, SITE.address)[0]
    html = pages.render_contact(view, wording, SITE, visit("/", wording, view)).decode()
    assert re.findall(r'<span class="paper">(.*?)</span>', html) == [PRINTED[language]]


@pytest.mark.parametrize("demo", [True, False])
def test_that_people_are_invented_is_said_once_on_a_page(demo: bool) -> None:
    noticed = load(["sv"], "Europe/Stockholm", {"notice": {"sv": "Demo: alla är påhittade."}})["sv"]
    view = samples(noticed, True, SITE.address)[0]
    site = msgspec.structs.replace(SITE, demo=demo)
    assert Page(pages.render_contact(view, noticed, site, visit("/", noticed, view))).text.count("påhittade") == 1


# --- by night ---


def test_by_night_a_page_where_nobody_was_named_has_one_button_for_a_mail() -> None:
    """To the address that the sentence above names, though an e-service could be used as well."""
    service = PublicChannel(
        "e-service", "E-tjänst", "https://e.example.se", "e.example.se", True, f"{SITE.address}/go/centre/e-service"
    )
    for wording in WORDINGS.values():
        view = samples(wording, False, SITE.address)[1]
        assert view.referral
        office = next(s for s in view.referral.steps if s.to == "centre")
        assert not office.open
        shut = PublicReferral("", (msgspec.structs.replace(office, channels=(service, *office.channels)),))
        here = visit("/", wording, view)
        topic = msgspec.structs.replace(topic_of("Bygglov"), referral=shut)
        unit = PublicUnit("bygglov", "Bygglov", ("Bygglov",), False, wording.text("reachable.no"), shut)
        for html in (
            pages.render_topic(topic, wording, SITE, here),
            pages.render_unit(unit, wording, SITE, here),
            pages.render_error(404, shut, wording, SITE, here),
        ):
            buttons = re.findall(r'<li class="main"><a class="act" href="([^"]+)"', html.decode())
            assert buttons == [f"{SITE.address}/go/centre/e-mail"]


def test_a_postal_code_holds_together_on_a_page_and_is_data_elsewhere() -> None:
    wording = WORDINGS["sv"]
    view = msgspec.structs.replace(samples(wording, True, SITE.address)[0], office_address="Storgatan 1, 999 40 Björkdalen")
    here = visit("/", wording, view)
    assert "Storgatan 1, 999\u00a040 Björkdalen" in pages.render_contact(view, wording, SITE, here).decode()
    assert pages.breakable("Box 1, 701 35") == "<bdi>Box 1, 701\u00a035</bdi>"
    assert pages.breakable("019-211 00 00") == "<bdi>019-211 00 00</bdi>"
    office = msgspec.structs.replace(centre(wording, view), office_address=view.office_address)
    assert structured(pages.render_centre(office, wording, SITE, here))["address"] == view.office_address


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
        ("search.js", 1700),
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


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/static/presence.css", "/widget/v1/presence.js"])
async def test_a_file_is_packed_for_whoever_unpacks_it(path: str, town: Service) -> None:
    gzipped = {"accept-encoding": "br, gzip"}
    plain, packed = await town.get(path), await town.get(path, **gzipped)
    again = await town.get(path, **gzipped, **{"if-none-match": packed.header("etag") or ""})
    assert gzip.decompress(packed.body) == plain.body
    assert [answer.header("content-encoding") for answer in (plain, packed)] == [None, "gzip"]
    assert packed.header("content-length") == str(len(packed.body))
    assert again.status == 304
    assert {answer.header("vary") for answer in (plain, packed, again)} == {"accept-encoding"}
    assert plain.header("etag") != packed.header("etag")


@pytest.mark.parametrize("accepted", ["gzip", "GZIP, deflate, br", "gzip;q=0.5", "br;q=0, gzip"])
def test_a_browser_that_unpacks_says_so(accepted: str) -> None:
    assert assets.takes_gzip(accepted)


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip ; q=0.00, br", "xgzip"])
def test_a_browser_that_does_not_unpack_gets_a_file_as_it_is(accepted: str) -> None:
    assert not assets.takes_gzip(accepted)
