"""What sources send, described for the OpenAPI document. What is taken is decided where it is read; the two are held together by
tests/web/test_openapi.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema

_MOMENT = Schema(type=OpenAPIType.STRING, max_length=40, description="A date (whole days) or a time with its zone, ISO 8601.")
_ALIAS = Schema(type=OpenAPIType.STRING, max_length=256, description="`kind:value`, such as `employee:4711`.")


def _text(longest: int, description: str = "") -> Schema:
    return Schema(type=OpenAPIType.STRING, max_length=longest, description=description or None)


def _whole(most: int, description: str, least: int = 0) -> Schema:
    return Schema(type=OpenAPIType.INTEGER, minimum=least, maximum=most, description=description)


def _object(required: list[str], **fields: Schema) -> Schema:
    return Schema(type=OpenAPIType.OBJECT, required=required, properties=dict(fields), additional_properties=False)


def _part(description: str) -> Schema:
    return Schema(type=OpenAPIType.NUMBER, exclusive_minimum=0, maximum=1, description=description)


_LEAVE: Mapping[str, Schema] = {
    "start": _MOMENT,
    "end": Schema(one_of=[_MOMENT, Schema(type=OpenAPIType.NULL)], description="Not included; null or missing: open."),
    "extent": _part("Of full time; 1 where it is not said."),
    "employment": _text(64, "Which of several; leave of all where it is not said."),
    "share": _part("Of the employment in all working time; what the directory says where it is not said."),
}
_CALENDAR = Schema(type=OpenAPIType.STRING, description="One event; nothing but its times is kept.")
_ROW = _object(["person", "start"], person=_ALIAS, uid=_text(256), **_LEAVE)


@dataclass
class _Sent(Operation):
    """An operation with a body that the handler reads itself."""

    content: ClassVar[Mapping[str, Schema]] = {}

    def __post_init__(self) -> None:
        media = {kind: OpenAPIMediaType(schema=schema) for kind, schema in self.content.items()}
        self.request_body = RequestBody(content=media, required=True)


@dataclass
class PresenceReport(_Sent):
    content: ClassVar[Mapping[str, Schema]] = {
        "application/json": _object(
            ["status", "lease"],
            status=_text(64, "available, busy, idle, offline, away, or a word that the source is configured to send."),
            lease=_whole(86_400, "Seconds for which it holds unless it is renewed.", 1),
            device=_text(128, "Which of several devices."),
            seq=_whole(2**63 - 1, "Grows; a report that overtook a later one is left out."),
        )
    }


@dataclass
class Leave(_Sent):
    content: ClassVar[Mapping[str, Schema]] = {"application/json": _object(["start"], **_LEAVE), "text/calendar": _CALENDAR}


@dataclass
class AllLeave(_Sent):
    content: ClassVar[Mapping[str, Schema]] = {
        "application/json": Schema(type=OpenAPIType.ARRAY, items=_ROW),
        "application/x-ndjson": _ROW,
        "text/csv": _text(20_000_000, "The same names as a heading."),
    }


@dataclass
class Waiting(_Sent):
    content: ClassVar[Mapping[str, Schema]] = {
        "application/json": _object(
            ["wait", "lease"],
            wait=_whole(86_400, "Seconds until somebody answers."),
            lease=_whole(3_600, "Seconds for which that holds.", 1),
        )
    }


@dataclass
class CallTotals(_Sent):
    content: ClassVar[Mapping[str, Schema]] = {
        "application/json": Schema(
            type=OpenAPIType.ARRAY,
            items=_object(
                ["hour", "unit", "answered", "unanswered"],
                hour=_text(40, "Its beginning, with the zone."),
                unit=_text(64, "The unit's public id, or a name of the sender's."),
                answered=_whole(1_000_000, "Calls."),
                unanswered=_whole(1_000_000, "Calls."),
            ),
        )
    }


@dataclass
class Reached(_Sent):
    content: ClassVar[Mapping[str, Schema]] = {
        "application/x-www-form-urlencoded": _object(
            ["answer"],
            answer=Schema(type=OpenAPIType.STRING, enum=["yes", "no"]),
            kind=_text(64, "The kind of channel that was tried; empty where that is not known."),
        )
    }
