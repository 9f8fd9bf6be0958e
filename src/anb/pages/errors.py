"""The pages that are shown for refusals and failures: the same refusals as the API's, for people."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from anb.factors.domain import SecondFactorNeeded
from anb.pages.account_security import HOME as SECURITY
from anb.pages.issuers import LINK_PAGE
from anb.pages.issuers import LIST_PAGE as IDENTITIES
from anb.pages.view import View, with_query
from anb.web.deps import ForeignOrigin, NotSignedIn, find_caller_now, settings_of
from anb.web.language import language_of
from anb.web.problems import OUTAGES
from anb.web.recent import SignInAgain

Answer = Callable[[Request, Exception], JSONResponse]


def install(app: FastAPI) -> None:
    """Show people a page where programs get a problem document."""
    for kind, answer in list(app.exception_handlers.items()):
        app.add_exception_handler(kind, _for_people(cast("Answer", answer)))


def _for_people(answer: Answer) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        problem = answer(request, error)
        if not _is_for_people(request):
            return problem
        if isinstance(error, NotSignedIn):
            return _view(request).go(with_query("/login", next=_return_to(request)))
        if isinstance(error, SecondFactorNeeded):
            return _view(request).go(with_query("/account/factor", next=_return_to(request)))
        if isinstance(error, SignInAgain):
            return _view(request).go(with_query("/account/confirm-password", next=_return_to(request)))
        return _page(_view(request), problem.status_code, json.loads(bytes(problem.body)))

    return handle


def _is_for_people(request: Request) -> bool:
    ours = not request.url.path.startswith(("/api/", "/static/"))
    return ours and "text/html" in request.headers.get("accept", "")


def _return_to(request: Request) -> str:
    """Return the page to return to after signing in: the clip's page for an action on a clip."""
    if request.url.path.startswith(SECURITY):
        return SECURITY
    if request.url.path.startswith(f"{IDENTITIES}/") and request.url.path != LINK_PAGE:
        return IDENTITIES
    for act in ("/vote", "/delete", "/withdraw", "/undo"):
        if request.url.path.endswith(act):
            return request.url.path.removesuffix(act)
    return request.url.path


def _view(request: Request) -> View:
    try:
        caller = find_caller_now(request)
    except (ForeignOrigin, *OUTAGES):
        caller = None
    return View(request, language_of(request), caller, settings_of(request))


def _page(view: View, status: int, problem: Mapping[str, Any]) -> Response:
    not_found, broken = status == HTTPStatus.NOT_FOUND, status >= HTTPStatus.INTERNAL_SERVER_ERROR
    kind = "not_found" if not_found else "broken" if broken else "refused"
    text = problem["detail"] if kind == "refused" else view.t(f"error.{kind}")
    return view.show("error.html", status, title=view.t(f"error.{kind}_title"), text=text)
