"""Errors as problem details (RFC 9457), with a stable code, and never an echo of what was asked for."""

import logging
import traceback
from typing import Any

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.status_codes import HTTP_400_BAD_REQUEST

from presence.domain.views import PublicReferral
from presence.web.headers import with_head

logger = logging.getLogger(__name__)

CODES = {
    400: "bad-request",
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    414: "too-long",
    415: "unsupported-media-type",
    429: "too-many-requests",
    500: "internal-error",
    503: "unavailable",
}


class ProblemDocument(msgspec.Struct, omit_defaults=True, kw_only=True):
    """RFC 9457. `field` and `limit` name what was wrong with a request; `referral` is there for the public."""

    title: str
    status: int
    code: str
    type: str = "about:blank"
    detail: str | msgspec.UnsetType = msgspec.UNSET
    field: str | msgspec.UnsetType = msgspec.UNSET
    limit: int | msgspec.UnsetType = msgspec.UNSET
    hold: str | msgspec.UnsetType = msgspec.UNSET
    referral: PublicReferral | msgspec.UnsetType = msgspec.UNSET


class Problem(Exception):
    """Raised in a handler. `detail` is our own sentence."""

    def __init__(self, status: int, code: str, detail: str = "", headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}
        self.more = more


PROBLEM = b"application/problem+json"


def encoded(problem: Problem, referral: PublicReferral | msgspec.UnsetType = msgspec.UNSET) -> bytes:
    """The document, for the public with where to turn."""
    document = ProblemDocument(
        title=problem.code.replace("-", " ").capitalize(),
        status=problem.status,
        code=problem.code,
        detail=problem.detail or msgspec.UNSET,
        referral=referral,
        **{name: value for name, value in problem.more.items() if value is not None},
    )
    return msgspec.json.encode(document)


def problem_response(problem: Problem) -> Response[bytes]:
    """For sources and other machines of ours."""
    headers = {"x-content-type-options": "nosniff", "cache-control": "no-store", **problem.headers}
    return Response(encoded(problem), status_code=problem.status, media_type=PROBLEM.decode(), headers=headers)


def problem_of(error: Exception) -> Problem:
    """What is told of an error. Of a fault of ours the log gets the places in our code; its message may quote the request."""
    match error:
        case Problem():
            return error
        case HTTPException():
            return _of_framework(error)
        case UnicodeDecodeError() | RecursionError() | msgspec.ValidationError() | msgspec.DecodeError():
            # What the decoders raise on hostile input and the framework takes for a fault of ours.
            return Problem(HTTP_400_BAD_REQUEST, "bad-request")
    logger.error("a request failed: %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
    return Problem(500, "internal-error")


def _of_framework(error: HTTPException) -> Problem:
    """Litestar's own errors quote the request; only status and, for parameters, the field's name are taken from them."""
    field = None
    if isinstance(error, ValidationException) and isinstance(error.extra, list) and error.extra:
        first = error.extra[0]
        field = first.get("key") if isinstance(first, dict) else None
    headers = {name: value for name, value in (error.headers or {}).items() if name.lower() in ("allow", "retry-after")}
    if "allow" in headers:
        headers["allow"] = with_head(headers["allow"])
    return Problem(error.status_code, CODES.get(error.status_code, "bad-request"), headers=headers, field=field)
