"""The organisation's own look: colours, logo, home address and languages from the configuration."""

import re
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from presence.config import ConfigError, load, parse
from presence.configuration import colours
from presence.configuration.pictures import LARGEST
from presence.web.look import theme
from tests.web.service import Answer, Service, serving
from tests.web.town import LASTING, SETTINGS, at, write_town

pytestmark = pytest.mark.anyio

BLUE = "#004b87"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><title>K</title><path d="M0 0h120v40H0z"/></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
MINIMAL = """
[organisation]
name = "K"
{}
[centre]
name = "C"
channels = [{{ kind = "telephone", value = "1" }}]
[publication]
protected = "none"
"""


def told(lines: str) -> list[tuple[str, str, str]]:
    """What is wrong with these lines under [organisation]: key, message, hint."""
    try:
        parse(MINIMAL.format(lines), "presence.toml")
    except ConfigError as error:
        return [(p.key, p.message, p.hint) for p in error.problems]
    return []


# --- colours ---


def test_a_colour_is_written_with_three_digits_or_six() -> None:
    config = parse(MINIMAL.format('colours = { accent = "#048", available = "#0A5A2F" }'), "presence.toml")
    assert config.organisation.colours == {"accent": "#004488", "available": "#0a5a2f"}


@pytest.mark.parametrize("written", ["red", "#12345", "url(//x)", "#123;} body{display:none", "rgb(0,0,0)"])
def test_what_is_no_colour_is_refused_with_an_example(written: str) -> None:
    assert told(f'colours = {{ accent = "{written}" }}') == [
        ("organisation.colours.accent", f'"{written}" is no colour.', 'Write it as "#14506b".')
    ]


def test_an_unknown_name_of_a_colour_is_told_with_what_was_meant() -> None:
    assert told('colours = { accents = "#004b87" }') == [
        ("organisation.colours.accents", "is no colour of the pages.", "Did you mean accent?")
    ]


def test_text_that_can_hardly_be_read_is_refused_with_the_figure_and_a_shade_that_would_do() -> None:
    [(key, message, hint)] = told('colours = { accent = "#3a7ca5" }')
    assert key == "organisation.colours.accent"
    assert message == "accent on card has a contrast of 4.5:1; at least 7:1 is needed."
    shade = re.search(r"#[0-9a-f]{6}", hint)
    assert shade
    assert told(f'colours = {{ accent = "{shade[0]}" }}') == []


def test_a_ground_is_held_against_all_that_stands_on_it() -> None:
    """Where text has its built-in colour, the ground is what has to change."""
    [(key, message, _)] = told('colours = { paper = "#8899aa" }')
    assert key == "organisation.colours.paper"
    assert "ink on paper" in message


def test_dark_surroundings_are_held_to_the_same() -> None:
    [(key, message, _)] = told('colours = { accent-dark = "#004b87", accent-ink-dark = "#ffffff" }')
    assert (key, message[:27]) == ("organisation.colours.accent-dark", "accent-dark on card-dark ha")


def test_the_colour_of_a_state_needs_less_for_its_edge_and_icon_are_shapes() -> None:
    assert told('colours = { available = "#1a8a4a" }') == []
    [(_, message, _)] = told('colours = { available = "#7ad09a" }')
    assert "at least 3:1" in message


def test_the_word_of_a_state_whose_colour_is_too_light_for_text_is_written_in_ink() -> None:
    sheet = theme({"available": "#1a8a4a"}).decode()
    assert colours.contrast("#1a8a4a", "#ffffff") < 7
    assert "--presence-available:#1a8a4a" in sheet
    assert "--presence-available-word:var(--presence-ink)" in sheet
    assert "-word" not in theme({"available": "#05401f"}).decode()


def test_the_sheet_sets_custom_properties_and_nothing_else() -> None:
    sheet = theme({"accent": BLUE, "accent-dark": "#99ccff"}).decode()
    assert sheet == (
        ":root{--presence-accent:#004b87}"
        "@media(prefers-color-scheme:dark){:root:not([data-scheme=light]){--presence-accent:#99ccff}}"
        ":root[data-scheme=dark]{--presence-accent:#99ccff}"
    )


# --- the logo ---


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_town(tmp_path)


def with_look(folder: Path, lines: str) -> Path:
    """The town with these lines under [organisation]."""
    path = folder / "presence.toml"
    path.write_text(SETTINGS.replace("[centre]", f"{lines}\n[centre]", 1) + LASTING, "utf-8")
    return path


def files() -> Iterator[tuple[str, bytes, str]]:
    yield "logo.gif", b"GIF89a", "is no picture that can be used."
    yield "logo.png", SVG, "does not hold what its name says."
    yield "logo.svg", PNG, "does not hold what its name says."
    yield "logo.svg", b"<html><svg></svg></html>", "does not hold what its name says."
    yield "logo.svg", SVG.replace(b"<title>", b"<script>1</script><title>"), "holds script."
    yield "logo.svg", SVG.replace(b"<path", b"<path onload='x()'"), "holds script."
    yield "logo.png", PNG + bytes(LARGEST), "holds 100,072 bytes."


@pytest.mark.parametrize(("name", "body", "said"), list(files()))
def test_a_file_that_is_no_logo_is_refused(name: str, body: bytes, said: str, folder: Path) -> None:
    (folder / name).write_bytes(body)
    with pytest.raises(ConfigError, match=re.escape(said)):
        load(with_look(folder, f'logo = "{name}"'))


def test_a_logo_that_is_not_there_is_said_to_be_so(folder: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(with_look(folder, 'logo = "logo.svg"'))


@pytest.mark.parametrize("head", [b"", b"\xef\xbb\xbf", b'<?xml version="1.0"?>\n<!-- by hand -->\n', b"<!DOCTYPE svg>\n"])
def test_svg_files_begin_in_several_ways(head: bytes, folder: Path) -> None:
    (folder / "logo.svg").write_bytes(head + SVG)
    load(with_look(folder, 'logo = "logo.svg"'))


# --- as it is served ---


@asynccontextmanager
async def dressed(folder: Path) -> Any:
    (folder / "logo.svg").write_bytes(SVG)
    (folder / "night.png").write_bytes(PNG)
    lines = f'home = "https://www.example.se/"\nlogo = "logo.svg"\nlogo_dark = "night.png"\ncolours = {{ accent = "{BLUE}" }}'
    with_look(folder, lines)
    async with serving(folder, at("2026-11-23 09:00")) as service:
        await service.feed("people", "calendars")
        yield service


async def linked(service: Service, page: bytes, pattern: str) -> Answer:
    found = re.search(pattern, page.decode())
    assert found, pattern
    return await service.get(found[1])


async def test_every_page_has_the_colours_as_a_file_of_our_own_under_a_lasting_name(folder: Path) -> None:
    async with dressed(folder) as service:
        page = (await service.get("/")).body
        sheet = await linked(service, page, r'href="(/static/theme\.[0-9a-f]{12}\.css)"')
        assert (sheet.status, sheet.header("content-type")) == (200, "text/css; charset=utf-8")
        assert BLUE.encode() in sheet.body
        assert "immutable" in (sheet.header("cache-control") or "")
        assert page.index(b"/static/presence.") < page.index(b"/static/theme."), "what comes later wins"
        assert b"<style" not in page


async def test_the_logo_leads_home_and_is_named_after_the_organisation(folder: Path) -> None:
    async with dressed(folder) as service:
        page = (await service.get("/")).body
        assert b'<a class="brand" href="https://www.example.se">' in page
        assert 'alt="Björkdalens kommun"' in page.decode()
        logo = await linked(service, page, r'<img src="(/static/logo\.[0-9a-f]{12}\.svg)"')
        assert (logo.status, logo.header("content-type"), logo.body) == (200, "image/svg+xml", SVG)
        night = await linked(service, page, r'<source srcset="(/static/logo-dark\.[0-9a-f]{12}\.png)" media="\(prefers-color-')
        assert (night.status, night.header("content-type")) == (200, "image/png")


async def test_a_drawing_opened_by_itself_may_run_nothing(folder: Path) -> None:
    """In a page it is a picture, which runs no script anyway."""
    async with dressed(folder) as service:
        logo = await linked(service, (await service.get("/")).body, r'<img src="(/static/logo\.[0-9a-f]{12}\.svg)"')
        assert logo.header("content-security-policy") == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        assert logo.header("x-content-type-options") == "nosniff"


async def test_without_a_look_of_its_own_an_organisation_is_written_by_name(folder: Path) -> None:
    async with serving(folder, at("2026-11-23 09:00")) as service:
        page = (await service.get("/")).body.decode()
        assert re.search(r'<a class="brand" href="/"[^>]*>Björkdalens kommun</a>', page)
        assert "theme." not in page


# --- a further language ---


async def test_a_further_language_is_a_file_alone_right_to_left_included(folder: Path) -> None:
    (folder / "languages").mkdir()
    catalogue = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "find.title"\nmsgstr "ابحث"\n'
    (folder / "languages" / "ar.po").write_text(catalogue, "utf-8")
    path = with_look(folder, 'catalogues = "languages"')
    path.write_text(path.read_text("utf-8").replace('["sv", "en"]', '["sv", "ar"]'), "utf-8")
    async with serving(folder, at("2026-11-23 09:00")) as service:
        page = (await service.get("/?lang=ar")).body.decode()
        assert '<html lang="ar" dir="rtl"' in page
        assert ">ابحث</h1>" in page


def test_a_language_without_a_catalogue_is_told_with_what_there_is(folder: Path) -> None:
    path = with_look(folder, "")
    path.write_text(path.read_text("utf-8").replace('["sv", "en"]', '["sv", "fi"]'), "utf-8")
    with pytest.raises(ConfigError, match=r"there is no catalogue of fi\. There are: en, sv, sv-x-plain\."):
        load(path)
