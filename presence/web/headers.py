"""What is sent along with a page, and why each line is there."""

from collections.abc import Sequence

from presence.web.answers import Header

HTML = b"text/html; charset=utf-8"
OPENAPI = "/openapi.json"
FILES = ("/static/", "/widget/v1/")
SOURCES = "/v1/sources/"
"""Where machines ask, who need no centre."""
DRAWING: Header = (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; sandbox")
"""For a picture that is a document (SVG): opened by itself it may draw, and nothing else."""


def is_data(path: str) -> bool:
    """Where programs ask: they are told errors as data, all others as a page."""
    return path.startswith("/v1/") or path == OPENAPI


def is_open(path: str) -> bool:
    """Where the pages of any site may ask."""
    return path.startswith(FILES) or (is_data(path) and not path.startswith(SOURCES))


def with_head(allow: str) -> str:
    """Methods as `Allow` lists them: HEAD is wherever GET is (see `presence.web.guard`)."""
    methods = allow.split(", ")
    return ", ".join(sorted({*methods, "HEAD"} if "GET" in methods else methods))


def page_headers(https: bool, frame_ancestors: Sequence[str] = ()) -> tuple[Header, ...]:
    """For our own pages. `frame_ancestors`: sites that may frame it; none: nobody may."""
    ancestors = " ".join(frame_ancestors) or "'none'"
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}; require-trusted-types-for 'script'"
    )
    headers: list[Header] = [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),  # whom somebody looked for stays here
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
        (b"cross-origin-opener-policy", b"same-origin"),
    ]
    if https:
        headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
    return tuple(headers)
