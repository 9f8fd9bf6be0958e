"""The OpenAPI document: what each route says of itself, and what follows from what it depends on."""

from collections.abc import Callable, Iterator
from typing import Any, get_args

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import RouteContext, iter_route_contexts

from anb.errors import Refusal
from anb.web.deps import (
    SAFE_METHODS,
    CallerId,
    DatabaseDep,
    ForeignOrigin,
    MaybeCaller,
    NotSignedIn,
    UowDep,
)
from anb.web.problems import InvalidField, NotHere, ServiceUnavailable, refusals

Operation = dict[str, Any]


def describe(app: FastAPI) -> dict[str, Any]:
    """Describe the API as it is: what fails validation is 400 here, never FastAPI's 422."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, servers=[{"url": "/"}]
        )
        for route in iter_route_contexts(app.routes):
            if route.include_in_schema:
                for method in route.methods or ():
                    _complete(schema["paths"][route.path_format][method.lower()], *_implied(route))
        for name in ("HTTPValidationError", "ValidationError"):
            schema["components"]["schemas"].pop(name, None)
        app.openapi_schema = schema
    return app.openapi_schema


def _implied(route: RouteContext) -> Iterator[type[Refusal]]:
    """Yield the refusals that no route names, for they are those of what it takes."""
    taken = list(_taken(route.dependant))
    calls = {one.call for one in taken}
    if _call(CallerId) in calls:
        yield NotSignedIn
    if _call(MaybeCaller) in calls and not SAFE_METHODS.issuperset(route.methods or ()):
        yield ForeignOrigin
    if any(one.path_params for one in taken):
        yield NotHere
    if any(one.query_params or one.header_params or one.body_params for one in taken):
        yield InvalidField
    if calls & {_call(UowDep), _call(DatabaseDep)}:
        yield ServiceUnavailable


def _taken(dependant: Dependant) -> Iterator[Dependant]:
    """Yield what an endpoint takes, and what that takes."""
    yield dependant
    for one in dependant.dependencies:
        yield from _taken(one)


def _call(annotated: object) -> Callable[..., Any]:
    """Return what FastAPI calls for an annotation such as `UowDep`."""
    call: Callable[..., Any] = get_args(annotated)[1].dependency
    return call


def _complete(operation: Operation, *kinds: type[Refusal]) -> None:
    """Leave out what FastAPI supposes, and add refusals beside those of the same status."""
    answers = operation["responses"]
    if "HTTPValidationError" in str(answers.get("422")):
        answers.pop("422")
    for status, answer in answers.items():
        if status >= "400":
            answer.get("content", {}).pop("application/json", None)
    named = {code for answer in answers.values() for content in answer.get("content", {}).values()
             for code in content.get("examples", ())}  # fmt: skip
    for kind in kinds:
        if kind.code not in named:
            _add(answers, kind)


def _add(answers: dict[str, Any], kind: type[Refusal]) -> None:
    ((status, new),) = refusals(kind).items()
    known = answers.setdefault(str(status), {"description": "", "content": {}})
    known["description"] = f"{known['description']} {new['description']}".strip()
    for media_type, content in new["content"].items():
        known["content"].setdefault(media_type, {"examples": {}})["examples"] |= content["examples"]
