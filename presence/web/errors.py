"""Errors as problem details (RFC 9457), with a stable code, and never an echo of what was asked for."""

import logging
import traceback
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.status_codes import HTTP_400_BAD_REQUEST

from presence.domain.audience import PublicReferral

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


def problem_response(problem: Problem) -> Response[bytes]:
    """The document as a response."""
    title = problem.code.replace("-", " ").capitalize()
    document = ProblemDocument(
        title=title,
        status=problem.status,
        code=problem.code,
        detail=problem.detail or msgspec.UNSET,
        **{name: value for name, value in problem.more.items() if value is not None},
    )
    headers = {"x-content-type-options": "nosniff", "cache-control": "no-store", **problem.headers}
    return Response(
        msgspec.json.encode(document), status_code=problem.status, media_type="application/problem+json", headers=headers
    )


def on_problem(_request: Request[Any, Any, Any], error: Problem) -> Response[bytes]:
    return problem_response(error)


def on_http(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Litestar's own errors quote the request; only status and, for parameters, the field's name are taken from them."""
    field = None
    if isinstance(error, ValidationException) and isinstance(error.extra, list) and error.extra:
        first = error.extra[0]
        field = first.get("key") if isinstance(first, dict) else None
    headers = {name: value for name, value in (error.headers or {}).items() if name.lower() in ("allow", "retry-after")}
    return problem_response(Problem(error.status_code, CODES.get(error.status_code, "bad-request"), headers=headers, field=field))


def on_bad_input(_request: Request[Any, Any, Any], _error: Exception) -> Response[bytes]:
    """What the decoders raise on hostile input and Litestar takes for a fault of ours: invalid UTF-8, bottomless JSON."""
    return problem_response(Problem(HTTP_400_BAD_REQUEST, "bad-request"))


def on_fault(_request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of ours. The log gets the places in our code, not the error's message, which may quote the request."""
    logger.error("a request failed: %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
    return problem_response(Problem(500, "internal-error"))


HANDLERS: dict[Any, Any] = {
    Problem: on_problem,
    HTTPException: on_http,
    UnicodeDecodeError: on_bad_input,
    RecursionError: on_bad_input,
    msgspec.ValidationError: on_bad_input,
    msgspec.DecodeError: on_bad_input,
    Exception: on_fault,
}
