"""What an answer may hold: a positive list of fields, described as OpenAPI 3.1, and only about now."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.service import Service
from tests.web.test_http import DATA, LOOK_UP, SEARCH
from tests.web.town import CENTRE, LOV, UNKNOWN

pytestmark = pytest.mark.anyio

JSON = tuple(target for target in (*DATA, SEARCH) if not target.endswith(".vcf"))
CHANNEL = {"kind", "label", "value", "display", "open", "href", "hours", "cost", "reply"}
POST = {"title", "unit"}
STEP = {"to", "id", "name", "open", "text", "opens", "closes", "channels", "href"}
ALLOWED: dict[str, set[str]] = {
    "PublicContact": {
        *("id", "name", "posts", "channels", "availability", "office_address", "postal_address", "room", "hours", "referral"),
    },
    "PublicAvailability": {"status", "text", "until"},
    "PublicPost": POST,
    "UnitRef": {"id", "path"},
    "PublicChannel": CHANNEL,
    "PublicReferral": {"text", "steps"},
    "PublicStep": STEP,
    "PublicException": {"date", "open", "text"},
    "PublicUnit": {"id", "name", "path", "reachable", "text", "referral", "hours", "exceptions"},
    "PublicTopic": {"id", "name", "words", "reachable", "text", "referral", "link", "hours", "exceptions"},
    "PublicCentre": {
        *("id", "name", "open", "text", "channels", "hours", "opens", "closes", "waiting"),
        *("office_address", "postal_address", "exceptions"),
    },
    "PublicHit": {"id", "name", "posts", "instead"},
    "UnitHit": {"id", "name", "path", "meant"},
    "TopicHit": {"id", "name", "link"},
    "PublicHits": {"contacts", "units", "topics"},
    "ProblemDocument": {"type", "title", "status", "code", "detail", "field", "limit", "hold", "referral"},
}


async def schema(town: Service) -> dict[str, Any]:
    return dict((await town.get("/openapi.json")).json())


async def test_public_answers_have_these_fields_and_no_others(town: Service) -> None:
    """A positive list: whoever adds a field adds it here, and says why."""
    schemas = (await schema(town))["components"]["schemas"]
    found = {name: set(body["properties"]) for name, body in schemas.items() if "properties" in body and name != "Calls"}
    assert found == ALLOWED


async def test_every_key_of_every_answer_is_in_the_list(town: Service) -> None:
    allowed = set().union(*ALLOWED.values())
    for target in (*JSON, f"/v1/contacts/{UNKNOWN}", f"/v1/units/{UNKNOWN}"):
        assert set(keys((await town.get(target)).json())) <= allowed, target


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from keys(each)


async def test_a_missing_thing_is_a_missing_key_and_never_null(town: Service) -> None:
    for target in (*JSON, f"/v1/contacts/{LOV}", f"/v1/contacts/{CENTRE}"):
        assert b"null" not in (await town.get(target)).body, target


async def test_the_description_of_the_api_is_openapi_3_1_and_resolves(town: Service) -> None:
    document = await schema(town)
    assert document["openapi"].startswith("3.1.")
    assert {"title", "version"} <= set(document["info"])
    operations = [
        (path, name, operation)
        for path, item in document["paths"].items()
        for name, operation in item.items()
        if name in _METHODS
    ]
    assert len({operation["operationId"] for _, _, operation in operations}) == len(operations)
    for path, _, operation in operations:
        assert operation["responses"], path
        given = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path" and p["required"]}
        assert given == set(re.findall(r"{(\w+)}", path)), path
    for pointer in references(document):
        assert resolves(document, pointer), pointer


_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from references(each)


def resolves(document: Any, pointer: str) -> bool:
    assert pointer.startswith("#/")
    for part in pointer[2:].split("/"):
        document = document.get(part.replace("~1", "/").replace("~0", "~"))
        if document is None:
            return False
    return True


async def test_the_description_holds_every_route_that_answers_with_data(town: Service) -> None:
    paths = {re.sub(r"{\w+}", "{}", path) for path in (await schema(town))["paths"]}
    wanted = {"/v1/contacts", "/v1/contacts/{}", "/v1/units/{}", "/v1/topics/{}", "/v1/centre"}
    pushed = {f"/v1/sources/{{}}/{rest}" for rest in ("absences", "heartbeat", "queue", "calls")}
    people = {f"/v1/sources/{{}}/people/{{}}/{rest}" for rest in ("presence", "absences/{}")}
    assert paths >= wanted | pushed | people


async def test_what_the_public_may_ask_has_no_time_in_it(town: Service) -> None:
    """Nothing to read ahead, no history, no order by status."""
    for path, item in (await schema(town))["paths"].items():
        if not path.startswith("/v1/sources"):
            asked = {p["name"] for p in item["get"].get("parameters", ()) if p["in"] == "query"}
            assert asked <= {"q", "ids", "lang", "topic"}, path


@pytest.mark.parametrize("more", ["at=2026-12-24", "from=2026-12-24", "t=0", "sort=status", "limit=1000", "page=2"])
async def test_a_question_about_another_time_is_answered_about_now(town: Service, more: str) -> None:
    assert (await town.get(f"{LOOK_UP}?{more}")).json() == (await town.get(LOOK_UP)).json()
