"""The routes as a page: read off the OpenAPI document, so that it cannot say anything else."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Item(NamedTuple):
    """A parameter; `place` is path or query."""

    name: str
    place: str
    description: str


class Outcome(NamedTuple):
    status: str
    description: str


class Route(NamedTuple):
    method: str
    path: str
    description: str
    parameters: tuple[Item, ...]
    responses: tuple[Outcome, ...]


def routes(document: Mapping[str, Any]) -> Iterator[Route]:
    """Every operation of an OpenAPI document, by path."""
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            parameters = tuple(
                Item(p["name"], p["in"], p.get("description") or p.get("schema", {}).get("description") or "")
                for p in operation.get("parameters", ())
            )
            responses = tuple(
                Outcome(status, _first(response.get("description", ""))) for status, response in operation["responses"].items()
            )
            yield Route(method.upper(), path, operation.get("description", ""), parameters, responses)


def _first(text: str) -> str:
    return text.partition("\n")[0]
