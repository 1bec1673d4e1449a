"""Other people's sites: what each kind of system makes of a snippet that an editor has pasted, as far as it matters to the card.

These are models, written from the systems' documentation and from pages that they have made. The systems do not run here.
"""

import re
from html.parser import HTMLParser

_KEPT = {"a", "article", "b", "br", "div", "em", "h2", "h3", "li", "ol", "p", "section", "span", "strong", "ul"}
_ATTRIBUTES = {"class", "href", "id", "role", "title", "lang", "dir"}


def plain(snippet: str) -> str:
    """A page written by hand, in the oldest of layouts: a style sheet that resets everything, tables, a narrow column."""
    return f'<table width="100%"><tr><td width="60%"><h2>Bygglov</h2>{snippet}</td><td>Meny</td></tr></table>'


def wordpress(snippet: str) -> str:
    """A Custom HTML block in a block theme. The comments around it go, its content is given out as it is saved; then
    `wptexturize` makes typographic quotes and dashes of plain ones, in text but not in tags."""
    content = re.sub(r"<!-- /?wp:.*?-->\n?", "", snippet)
    pieces = re.split(r"(<[^>]*>)", content)
    return (
        '<div class="wp-site-blocks"><main class="wp-block-group"><h2 class="wp-block-post-title">Bygglov</h2>'
        '<div class="entry-content wp-block-post-content is-layout-constrained">'
        f"<p>Ring eller skriv till oss.</p>\n\n{''.join(p if p.startswith('<') else _texturized(p) for p in pieces)}\n"
        "</div></main></div>"
    )


def _texturized(text: str) -> str:
    for plain_, typographic in (
        (" -- ", " — "),
        ("...", "…"),
        (" - ", " – "),
        (" '", " ‘"),
        ("'", "’"),
        (' "', " “"),
        ('"', "”"),
    ):
        text = text.replace(plain_, typographic)
    return re.sub(r"(\d)x(\d)", r"\1×\2", text)


def wordpress_filtered(snippet: str) -> str:
    """The same, saved by somebody without `unfiltered_html`: KSES takes away elements that it does not know, not their text."""
    return wordpress(_Kses(re.sub(r"<!--.*?-->\n?", "", snippet)).kept)


def wordpress_allowing(snippet: str) -> str:
    """As `wordpress_filtered`, on a site whose theme lets the element through and loads the script (docs/embedding.md)."""
    return wordpress(_Kses(re.sub(r"<!--.*?-->\n?", "", snippet), {"presence-contact"}, {"src"}).kept)


class _Kses(HTMLParser):
    def __init__(self, html: str, more: set[str] | None = None, attributes: set[str] | None = None) -> None:
        super().__init__()
        self.kept = ""
        self._elements = _KEPT | (more or set())
        self._attributes = _ATTRIBUTES | (attributes or set())
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._elements:
            known = [(n, v) for n, v in attrs if n in self._attributes or n.startswith(("data-", "aria-"))]
            self.kept += f"<{tag}" + "".join(f' {name}="{value or ""}"' for name, value in known) + ">"

    def handle_endtag(self, tag: str) -> None:
        if tag in self._elements:
            self.kept += f"</{tag}>"

    def handle_data(self, data: str) -> None:
        self.kept += data


def sitevision(snippet: str) -> str:
    """A script module: Velocity renders its template into a portlet, among portlets of others, on a page that has a loader of
    AMD modules and scripts of its own."""
    rendered = re.sub(r"\$!?\{?[a-zA-Z][\w.]*\}?", "", snippet)  # a reference that Velocity does not know, quietly
    assert "#" not in rendered, "Velocity reads # as the beginning of a directive"
    return (
        '<script src="/sitevision/loader.js"></script>'
        '<div class="pagecontent sv-layout" id="svid10_1"><div class="sv-text-portlet sv-use-margins" id="svid12_1">'
        '<div id="Rubrik"><!-- Rubrik --></div><div class="sv-text-portlet-content"><h2 class="heading">Bygglov</h2></div></div>'
        '<div class="sv-script-portlet sv-portlet sv-skip-spacer" id="svid12_2"><div id="Kontakt"><!-- Kontakt --></div>'
        f"{rendered}</div></div>"
    )


SITEVISION_LOADER = b"""
window.define = function (name, needs, make) { window.defined = (window.defined || 0) + 1; };
window.define.amd = {};
window.require = function () { throw new Error('nothing here is an AMD module'); };
window.AppRegistry = { registerApp() {}, registerInitialState() {} };
"""


def head(more: str = "") -> str:
    return f'<meta charset="utf-8"><title>Kommunen</title><meta name="viewport" content="width=device-width">{more}'
