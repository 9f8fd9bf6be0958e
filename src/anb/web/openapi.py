"""The OpenAPI document: each route's own description, completed by what follows from its dependencies."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, get_args

from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute

from anb.errors import Refusal
from anb.fields import InvalidField
from anb.web import openapi_headers as headers
from anb.web.coding import UnknownCoding
from anb.web.deps import (
    SAFE_METHODS,
    BearerScheme,
    DatabaseDep,
    ForeignOrigin,
    MaybeCallerDep,
    NotSignedIn,
    UowDep,
    signed_in,
)
from anb.web.paging import wanted_page, wanted_place
from anb.web.problems import MEDIA_TYPE, NotHere, ServiceUnavailable, refusals
from anb.web.rate_limits import AccountLimited, BlockLimited, TooManyRequests, limiter

Operation = dict[str, Any]
KEPT_SECONDS = 60
PROBLEM = {"$ref": "#/components/schemas/Problem"}
LICENSE = {"name": "Apache 2.0", "identifier": "Apache-2.0"}
TAGS = {
    "accounts": "Sign-up and sign-in (endpoints 1 and 2 of the contract), and where an account is signed in.",
    "videos": "A player's own videos and their files: endpoints 3 to 6.",
    "consents": "What a player agrees to, and the guardian of a minor.",
    "photos": "A photo of a person, with their name.",
    "privacy": "A person's rights over their data.",
    "contest": "Public videos, votes and the ranking: endpoints 7 to 9.",
    "log": "The public log of votes: files, receipts, and the program that verifies them.",
    "uploads": "Resumable uploads: tus 1.0.0, for clients such as tus-js-client, Uppy and tuspy.",
    "jobs": "Progress of the edit of a video.",
    "results": "Results of closed seasons, frozen and signed.",
    "operators": "Jobs and their queue, for organizers.",
    "moderation": "Clips that wait, and what organizers refused, hid or took down.",
    "jury": "The queue and the scores of jurors, and their spread, for organizers.",
    "administration": "People's accounts, for organizers and administrators.",
    "health": "Whether the platform answers, for load balancers and operators.",
}

# The descriptions of path parameters.
IDS = {
    "video_id": "The video.",
    "task_id": "The job; an upload's answer names it.",
    "job_id": "The job.",
    "cluster_id": "The cluster.",
    "mail_id": "The mail.",
    "account_id": "The account.",
    "session_id": "The session.",
    "upload_id": "The upload: the end of its `Location`.",
    "rendition": "The rendition of the video.",
    "slug": "The season, by its slug.",
    "signature": "Proof that we gave out this address.",
}


def operation_id(route: APIRoute) -> str:
    """Name an operation after its function, for generated clients: `list_public_videos` is `listPublicVideos`."""
    first, *rest = route.name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def describe(app: FastAPI, elsewhere: Sequence[BaseRoute], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the API as it behaves: validation errors are 400 here, not FastAPI's 422.

    `elsewhere` are routes that another process serves; `schemas` are those of data outside JSON bodies.
    """
    if app.openapi_schema is None:
        public_url, routes = app.state.settings.public_url, [*app.routes, *elsewhere]
        schema = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=routes,
            servers=[{"url": str(public_url or "/").rstrip("/") or "/", "description": "The server of this document."}],
            tags=[{"name": name, "description": text} for name, text in TAGS.items()],
            license_info=LICENSE,
        )
        for route in iter_route_contexts(routes):
            if route.include_in_schema:
                for method in route.methods or ():
                    _complete(schema["paths"][route.path_format][method.lower()], route)
        for name in ("HTTPValidationError", "ValidationError"):
            schema["components"]["schemas"].pop(name, None)
        schema["components"]["schemas"] |= schemas
        schema["components"]["headers"] = headers.used(schema["paths"])
        app.openapi_schema = schema
    return app.openapi_schema


def install(app: FastAPI) -> None:
    """Serve the document; it changes only with a release."""

    @app.get("/api/openapi.json", include_in_schema=False)
    async def _document(request: Request) -> JSONResponse:
        # FastAPI keeps endpoints in a cache of its own: one that named the application would keep that too.
        return JSONResponse(request.app.openapi(), headers={"Cache-Control": f"public, max-age={KEPT_SECONDS}"})


def _complete(operation: Operation, route: RouteContext) -> None:
    """Remove FastAPI's assumptions; add what follows from the endpoint's dependencies."""
    answers = operation["responses"]
    if "HTTPValidationError" in str(answers.get("422")):
        answers.pop("422")
    for status, answer in answers.items():
        content = answer.get("content", {})
        # FastAPI's guess for the type of a refusal, and for endpoints that build their own response.
        if status >= "400" or content.get("application/json") == {"schema": {}}:
            content.pop("application/json", None)
        if not content:
            answer.pop("content", None)
    _refuse(operation, _implied(operation, route))
    operation["tags"] = operation["tags"][-1:]  # a route's own tag, where its router has another
    for parameter in operation.get("parameters", ()):
        parameter.setdefault("description", IDS.get(parameter["name"], ""))
    calls = {one.call for one in _taken(route.dependant)}
    if "security" not in operation:
        operation["security"] = [{}, {signed_in.scheme_name: []}] if _call(MaybeCallerDep) in calls else []
    headers.complete(operation, route.path_format or "", is_list=not calls.isdisjoint({wanted_page, wanted_place}))


def _implied(operation: Operation, route: RouteContext) -> Iterator[type[Refusal]]:
    """Yield the refusals that a route does not name because they are those of its dependencies."""
    taken = list(_taken(route.dependant))
    calls = {one.call for one in taken}
    is_signed_in = any(isinstance(call, BearerScheme) for call in calls)
    if is_signed_in:
        yield NotSignedIn
    has_caller = is_signed_in or _call(MaybeCallerDep) in calls
    if has_caller and not SAFE_METHODS.issuperset(route.methods or ()):
        yield ForeignOrigin
    if any(isinstance(call, AccountLimited | BlockLimited) or call is limiter for call in calls):
        yield TooManyRequests
    if any(one.path_params for one in taken):
        yield NotHere
    if any(one.query_params or one.header_params or one.body_params for one in taken):
        yield InvalidField
    if has_caller or calls & {_call(UowDep), _call(DatabaseDep)}:
        yield ServiceUnavailable
    if "requestBody" in operation:
        yield UnknownCoding


def _taken(dependant: Dependant) -> Iterator[Dependant]:
    """Yield the dependencies of an endpoint, recursively."""
    yield dependant
    for one in dependant.dependencies:
        yield from _taken(one)


def _call(annotated: object) -> Callable[..., Any]:
    """Return the function that FastAPI calls for an annotation such as `UowDep`."""
    call: Callable[..., Any] = get_args(annotated)[1].dependency
    return call


def _refuse(operation: Operation, kinds: Iterator[type[Refusal]]) -> None:
    """Add refusals to those of the same status, and describe each as a problem document."""
    answers = operation["responses"]
    named = {code for answer in answers.values() for content in answer.get("content", {}).values()
             for code in content.get("examples", ())}  # fmt: skip
    for kind in kinds:
        if kind.code not in named:
            _add(answers, kind)
    for status, answer in answers.items():
        if status >= "400":
            answer.setdefault("content", {}).setdefault(MEDIA_TYPE, {})["schema"] = PROBLEM


def _add(answers: dict[str, Any], kind: type[Refusal]) -> None:
    ((status, new),) = refusals(kind).items()
    known = answers.setdefault(str(status), {"description": "", "content": {}})
    known["description"] = f"{known['description']} {new['description']}".strip()
    for media_type, content in new["content"].items():
        known.setdefault("content", {}).setdefault(media_type, {"examples": {}})["examples"] |= content["examples"]
