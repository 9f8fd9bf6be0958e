"""Refusals as problem documents (RFC 9457), in the caller's language."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from anb.errors import Outage, Refusal
from anb.fields import InvalidField, finding
from anb.logs import logger
from anb.sentences import DEFAULT
from anb.web.language import language_of

log = logger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "5"  # seconds
# The exceptions of a part of the platform that does not answer.
OUTAGES = (Outage, OperationalError, PoolTimeout)


class FieldProblem(BaseModel):
    """A field of the request, and what is wrong with it."""

    field: str = Field(examples=["email"])
    message: str = Field(examples=["Este campo es obligatorio."])


class Problem(BaseModel):
    """A problem document (RFC 9457). `code` is for programs, `detail` for people."""

    type: str = Field(examples=["urn:anb:problem:invalid-field"])
    title: str = Field(examples=["Bad Request"])
    status: int = Field(examples=[400])
    detail: str = Field(examples=["Revisa los campos señalados."])
    code: str = Field(examples=["invalid-field"])
    errors: list[FieldProblem] | None = None
    challenge: dict[str, Any] | None = Field(
        None,
        description="With `challenge-needed` and the codes like it: a challenge of ALTCHA (version 2) to solve. The "
        "solution goes into the header `Challenge-Solution`.",
    )


class NotHere(Refusal):
    """Nothing is at this address."""

    status = 404
    code = "not-found"


class NoSuchMethod(Refusal):
    """The address exists, but not with this method."""

    status = 405
    code = "method-not-allowed"


class ServiceUnavailable(Refusal):
    """A part of the platform does not answer; nothing was changed."""

    status = 503
    code = "unavailable"


class Abandoned(Refusal):
    """The client left before its request was complete; no one reads this answer."""

    code = "abandoned"


class OurFault(Refusal):
    """A bug in the platform, recorded in the log."""

    status = 500
    code = "internal"


# Statuses without a standard phrase: tus has its own.
_PHRASES = {460: "Checksum Mismatch"}


def phrase_of(status: int) -> str:
    """Return the standard words for a status."""
    return _PHRASES.get(status) or HTTPStatus(status).phrase


def problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> JSONResponse:  # noqa: ANN401
    """Build a problem document."""
    body = {"type": f"urn:anb:problem:{code}", "title": phrase_of(status), "status": status, "detail": detail}
    headers = {"Vary": "Accept-Language", **(headers or {})}
    return JSONResponse(body | {"code": code} | more, status, headers=headers, media_type=MEDIA_TYPE)


def refused(request: Request, refusal: Refusal, **more: Any) -> JSONResponse:  # noqa: ANN401
    """Answer a refusal in the client's language."""
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == HTTPStatus.UNAUTHORIZED else {}
    wait = RETRY_AFTER if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE else None
    wait = wait if refusal.retry_after is None else str(refusal.retry_after)
    if wait is not None:
        headers["Retry-After"] = wait
    if isinstance(refusal, InvalidField):
        more["errors"] = refusal.spoken(language_of(request))
    more |= {name: _shown(refusal.fields[name]) for name in refusal.shown}
    return problem(refusal.status, refusal.code, refusal.text(language_of(request)), headers, **more)


def _shown(value: object) -> object:
    return value if isinstance(value, dict) else str(value)


def answered(request: Request, refusal: Refusal) -> Response:
    """Answer a refusal of the middleware as the application does: with a page, where a browser asks for one."""
    answer: Callable[[Request, Refusal], Response] = request.app.exception_handlers[Refusal]
    return answer(request, refusal)


def refusals(*kinds: type[Refusal]) -> dict[int | str, dict[str, Any]]:
    """Document the refusals of an endpoint for OpenAPI, with an example of each."""
    answers: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        answer = answers.setdefault(
            kind.status, {"model": Problem, "description": "", "content": {MEDIA_TYPE: {"examples": {}}}}
        )
        answer["description"] = f"{answer['description']} {(kind.__doc__ or '').strip()}".strip()
        answer["content"][MEDIA_TYPE]["examples"][kind.code] = {"value": _example(kind)}
    return answers


def _example(kind: type[Refusal]) -> dict[str, Any]:
    title, detail = phrase_of(kind.status), kind.pattern(DEFAULT)
    return {"type": f"urn:anb:problem:{kind.code}", "title": title, "status": kind.status, "detail": detail,
            "code": kind.code}  # fmt: skip


def _place(item: Mapping[str, Any]) -> str:
    """Name the field of one of pydantic's findings."""
    kind, *place = item["loc"]
    return ".".join(str(part) for part in place if isinstance(part, str)) or str(kind)


def outage(request: Request, error: Exception) -> JSONResponse:
    """Answer a request when a part of the platform does not answer."""
    log.error("web.request.outage", path=request.url.path, error=repr(error))
    return refused(request, ServiceUnavailable())


def lost_connection(request: Request, error: Exception) -> JSONResponse:
    """Answer when PostgreSQL ended a connection in use, as it does to a process that was stopped in a transaction.

    Raises the error when it is a mistake of ours.
    """
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return outage(request, error)
    raise error


def install(app: FastAPI) -> None:
    """Make every refusal, and every outage, of an application a problem document."""

    @app.exception_handler(Refusal)
    def _refusal(request: Request, error: Refusal) -> JSONResponse:
        return refused(request, error)

    @app.exception_handler(RequestValidationError)
    def _validation(request: Request, error: RequestValidationError) -> JSONResponse:
        if any(item["loc"][0] == "path" for item in error.errors()):
            # An id in the wrong format does not exist.
            return refused(request, NotHere())
        findings = {_place(item): finding(item["type"], item.get("ctx")) for item in error.errors()}
        return refused(request, InvalidField(findings))

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        known = {kind.status: kind for kind in (NotHere, NoSuchMethod)}.get(error.status_code)
        if known is not None:
            return refused(request, known())
        # a body that FastAPI could not read: not UTF-8, or not a valid form
        if error.status_code == HTTPStatus.BAD_REQUEST:
            return refused(request, InvalidField({"body": finding("value_error")}))
        return problem(error.status_code, "refused", error.detail, error.headers)

    for kind in OUTAGES:
        app.add_exception_handler(kind, outage)
    app.add_exception_handler(DBAPIError, lost_connection)

    @app.exception_handler(ClientDisconnect)
    def _gone(request: Request, _error: ClientDisconnect) -> JSONResponse:
        log.info("web.request.abandoned", path=request.url.path)
        return refused(request, Abandoned())

    @app.exception_handler(Exception)
    def _bug(request: Request, error: Exception) -> JSONResponse:
        log.error("web.request.failed", path=request.url.path, exc_info=error)
        return refused(request, OurFault())
