"""The web application: routes, and around them the guard and the shell."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Litestar, Response, Router, get
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.routes import BaseRoute
from litestar.types import ControllerRouterHandler
from msgspec.structs import replace

from presence import __version__
from presence.web.answers import Answer
from presence.web.bench import Bench
from presence.web.budgets import Budgets
from presence.web.feedback import Feedback
from presence.web.front import Front
from presence.web.gate import Gate
from presence.web.given import TheSurface
from presence.web.guard import Guard, Hosts
from presence.web.headers import OPENAPI
from presence.web.page_routes import Pages
from presence.web.public import PublicApi
from presence.web.refusals import Refusals
from presence.web.responding import Asked, respond
from presence.web.search_box import SearchBox
from presence.web.shell import App, Shell
from presence.web.sources import SMALL, Door, SourceRoutes
from presence.web.surface import Surface


def create_app(
    surface: Surface,
    search_box: SearchBox,
    front: Front,
    budgets: Budgets,
    door: Door | None = None,
    allowed_hosts: Sequence[str] = (),
) -> App:
    """The application for the web server. `door`: where sources may push."""
    refusals = Refusals(front)
    litestar = create_litestar(surface, search_box, front, door)
    guarded = Guard(litestar, refusals)  # type: ignore[arg-type]  # the same shapes under other names
    shell = Shell(Gate(guarded, surface, front, budgets), surface.live, surface, budgets)
    return Hosts(shell, allowed_hosts, refusals) if allowed_hosts else shell


def create_litestar(
    surface: Surface,
    search_box: SearchBox,
    front: Front,
    door: Door | None = None,
) -> Litestar:
    """All routes, without the shell."""
    given: dict[str, Any] = {"surface": surface, "search_box": search_box, "front": front}
    if door:
        rules = surface.live.board.rules
        given["door"] = replace(door, rules=rules.sources)
    return Litestar(
        [PublicApi, Pages, Bench, Feedback, openapi_json, *((SourceRoutes,) if door else ())],
        dependencies={name: Provide(_giver(value), use_cache=True, sync_to_thread=False) for name, value in given.items()},
        exception_handlers={Exception: Refusals(front).on_error},
        openapi_config=OpenAPIConfig(
            title="presence",
            version=__version__,
            description="Whether a named official can be reached now, and if not, where to turn.",
            openapi_router=_Nowhere("/schema", route_handlers=[]),
            render_plugins=[JsonRenderPlugin()],
        ),
        request_max_body_size=SMALL,
        debug=False,
        logging_config=None,
    )


@get(OPENAPI, include_in_schema=False)
async def openapi_json(request: Asked, surface: TheSurface) -> Response[bytes]:
    """OpenAPI 3.1 of all routes; written once."""
    state = request.app.state
    if "openapi" not in state:
        state.openapi = Answer(msgspec.json.encode(request.app.openapi_schema.to_schema()), surface.live.board.tick)
    return respond(request, surface, state.openapi)


class _Nowhere(Router):
    """Takes no route: the framework would serve the document under a name of its own as well."""

    def register(self, value: ControllerRouterHandler) -> list[BaseRoute]:
        del value
        return []


def _giver(value: Any) -> Any:
    return lambda: value
