"""What the OpenAPI document says that a source may send is what is taken: no field more, none fewer."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from presence.web import documents
from tests.web.service import Answer, Service, ask
from tests.web.town import TOKENS

pytestmark = pytest.mark.anyio

VALUES: Mapping[str, Any] = {
    "status": "busy",
    "lease": 60,
    "device": "desk",
    "seq": 3,
    "start": "2026-11-24",
    "end": "2026-11-25",
    "extent": 0.5,
    "employment": "2",
    "share": 0.5,
    "person": "employee:101",
    "uid": "7",
    "wait": 60,
    "hour": "2026-11-23T08:00:00+01:00",
    "unit": "väx",
    "answered": 1,
    "unanswered": 0,
}
TARGETS = {
    documents.PresenceReport: ("PUT", "/v1/sources/switchboard/people/ext:101/presence"),
    documents.Leave: ("PUT", "/v1/sources/hr/people/employee:101/absences/1"),
    documents.AllLeave: ("PUT", "/v1/sources/hr/absences?dry_run=true"),
    documents.Waiting: ("PUT", "/v1/sources/waiting/queue"),
    documents.CallTotals: ("POST", "/v1/sources/switchboard/calls"),
}


async def send(town: Service, kind: Any, document: Mapping[str, Any]) -> Answer:
    method, target = TARGETS[kind]
    schema = kind().content["application/json"]
    body = json.dumps(document if schema.properties else [document]).encode()
    token = TOKENS[target.split("/")[3]]
    return await ask(town.app, method, target, body, {"content-type": "application/json", "authorization": f"Bearer {token}"})


def fields(kind: Any) -> tuple[set[str], set[str]]:
    """All, and those that must be there."""
    schema = kind().content["application/json"]
    schema = schema if schema.properties else schema.items
    return set(schema.properties), set(schema.required)


@pytest.mark.parametrize("kind", TARGETS)
async def test_all_documented_fields_are_taken_together(town: Service, kind: type) -> None:
    every, _ = fields(kind)
    assert (await send(town, kind, {name: VALUES[name] for name in every})).status in (200, 204)


@pytest.mark.parametrize("kind", TARGETS)
async def test_those_that_must_be_there_suffice_and_none_of_them_may_be_missing(town: Service, kind: type) -> None:
    _, required = fields(kind)
    document = {name: VALUES[name] for name in required}
    assert (await send(town, kind, document)).status in (200, 204)
    for name in required:
        assert (await send(town, kind, {n: v for n, v in document.items() if n != name})).status == 400, name


@pytest.mark.parametrize("kind", TARGETS)
async def test_a_field_that_is_not_documented_is_refused(town: Service, kind: type) -> None:
    every, required = fields(kind)
    for name in {*VALUES, "reason"} - every:
        document = {n: VALUES[n] for n in required} | {name: VALUES.get(name, "vab")}
        assert (await send(town, kind, document)).status == 400, name


async def test_every_route_that_takes_a_document_describes_it(town: Service) -> None:
    document = (await town.get("/openapi.json")).json()
    without = {path for path, method, operation in operations(document) if method != "get" and "requestBody" not in operation}
    assert without == {
        "/v1/sources/{source}/heartbeat",
        "/v1/sources/{source}/people/{alias}/presence",  # DELETE
        "/v1/sources/{source}/people/{alias}/absences/{uid}",
    }


async def test_pages_and_links_are_described_too(town: Service) -> None:
    paths = (await town.get("/openapi.json")).json()["paths"]
    assert {"/", "/contacts/{contact}", "/embed/{contact}", "/go/{contact}/{kind}"} <= paths.keys()


async def test_the_totals_of_calls_are_read_only_once_the_token_is_right(town: Service) -> None:
    answer = await ask(town.app, "POST", "/v1/sources/switchboard/calls", b"[" * 1_000, {"content-type": "application/json"})
    assert answer.status == 401


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation
