"""What is sent along with a page, and why each line is there."""

from collections.abc import Sequence

from presence.web.answers import Header

HTML = b"text/html; charset=utf-8"
DRAWING: Header = (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; sandbox")
"""For a picture that is a document (SVG): opened by itself it may draw, and nothing else."""


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
