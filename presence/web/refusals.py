"""What a request meets that cannot be answered: no error of the public is a dead end, each names the centre."""

import logging
from typing import Any

from litestar import Request, Response
from litestar.exceptions import NotFoundException

from presence.web.answers import NOT_KEPT, PUBLIC_HEADERS, Answer, http_date
from presence.web.errors import PROBLEM, Problem, encoded, problem_of, problem_response
from presence.web.front import Front
from presence.web.headers import HTML, SOURCES, is_data
from presence.web.responding import respond
from presence.web.shell import Scope, Send

logger = logging.getLogger(__name__)


class Refusals:
    """Errors as data where data was asked for, else as a page."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._surface = front.surface

    def on_error(self, request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        """Whatever is raised in a route."""
        path = request.url.path
        language = self._surface.language_of(request.scope["query_string"])
        if isinstance(error, NotFoundException) and not path.startswith(SOURCES):
            # Where there is no such route: as for an unknown contact.
            if is_data(path):
                return respond(request, self._surface, self._surface.unknown(language))
            return self._front.missing(request, language)
        problem = problem_of(error)
        if path.startswith(SOURCES):
            return problem_response(problem)
        try:
            return respond(request, self._surface, self.answer(path, language, problem))
        except Exception:
            logger.exception("an error could not be told in full")
            return problem_response(problem)

    def answer(self, path: str, language: str, problem: Problem) -> Answer:
        """At the tick. `path` only tells who asks; nothing of a request is in its refusal."""
        tick = self._surface.live.at_tick()
        extra = tuple((name.encode(), value.encode()) for name, value in problem.headers.items())
        if is_data(path):
            body, kind, headers = encoded(problem, self._surface.centre_referral(language)), PROBLEM, PUBLIC_HEADERS
        else:
            body, kind, headers = self._front.error(problem.status, language), HTML, self._front.headers
        return Answer(body, tick, status=problem.status, content_type=kind, headers=(*headers, NOT_KEPT, *extra))

    async def send(self, scope: Scope, send: Send, problem: Problem) -> None:
        """From outside the framework."""
        answer = self.answer(scope["path"], self._surface.language_of(scope["query_string"]), problem)
        await send(answer.start_message((b"expires", http_date(self._surface.live.next_tick))))
        await send(answer.body_message)
