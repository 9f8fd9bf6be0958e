"""When a page cannot be shown: the same refusals as the API's, for people."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from anb.pages.view import View, with_query
from anb.web.deps import ForeignOrigin, NotSignedIn, caller_of, settings_of
from anb.web.language import language_of

Answer = Callable[[Request, Exception], JSONResponse]


def install(app: FastAPI) -> None:
    """Let people read as a page what programs read as a problem document."""
    for kind, answer in list(app.exception_handlers.items()):
        app.add_exception_handler(kind, _for_people(cast("Answer", answer)))


def _for_people(answer: Answer) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        problem = answer(request, error)
        if not _is_for_people(request):
            return problem
        if isinstance(error, NotSignedIn):
            return _view(request).go(with_query("/login", next=_return_to(request)))
        return _page(_view(request), problem.status_code, json.loads(bytes(problem.body)))

    return handle


def _is_for_people(request: Request) -> bool:
    ours = not request.url.path.startswith(("/api/", "/static/"))
    return ours and "text/html" in request.headers.get("accept", "")


def _return_to(request: Request) -> str:
    """Return the page somebody was on: an act upon a clip happens on the page of the clip."""
    return request.url.path.removesuffix("/vote").removesuffix("/delete")


def _view(request: Request) -> View:
    try:
        caller = caller_of(request)
    except ForeignOrigin:
        caller = None
    return View(request, language_of(request), caller, settings_of(request))


def _page(view: View, status: int, problem: Mapping[str, Any]) -> Response:
    lost, broken = status == HTTPStatus.NOT_FOUND, status >= HTTPStatus.INTERNAL_SERVER_ERROR
    kind = "lost" if lost else "broken" if broken else "refused"
    text = problem["detail"] if kind == "refused" else view.t(f"trouble.{kind}")
    return view.show("trouble.html", status, title=view.t(f"trouble.{kind}_title"), text=text)
