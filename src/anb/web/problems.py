"""Refusals as problem documents (RFC 9457), in the caller's language."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from anb.errors import Bilingual, Language, Outage, Refusal
from anb.logs import logger
from anb.web.language import language_of

log = logger(__name__)

MEDIA_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    """One field of the request and what is wrong with it."""

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


class InvalidField(Refusal):
    """The request has a field that is missing or cannot be what it is."""

    code = "invalid-field"
    es = "Revisa los campos señalados: {fields}."
    en = "Check these fields: {fields}."

    def __init__(self, findings: Mapping[str, Bilingual]) -> None:
        super().__init__(fields=", ".join(findings))
        self.findings = findings

    def spoken(self, language: Language) -> list[dict[str, str]]:
        """Say what is wrong with each field."""
        return [{"field": field, "message": text.text(language)} for field, text in self.findings.items()]


class NotHere(Refusal):
    """Nothing is at this address."""

    status = 404
    code = "not-found"
    es = "No encontramos lo que buscas."
    en = "We cannot find what you are looking for."


class NoSuchMethod(Refusal):
    """The address is right, the method is not."""

    status = 405
    code = "method-not-allowed"
    es = "Este método no existe aquí."
    en = "This method does not exist here."


class ServiceUnavailable(Refusal):
    """A part of ours does not answer; nothing was changed."""

    status = 503
    code = "unavailable"
    es = "El servicio no responde en este momento. Inténtalo de nuevo en unos segundos."
    en = "The service does not answer right now. Try again in a few seconds."


class Abandoned(Refusal):
    """The client went away before all of its request came; nobody may read this."""

    code = "abandoned"
    es = "La solicitud terminó antes de llegar completa."
    en = "The request ended before its body did."


class OurFault(Refusal):
    """A bug of ours; the log has it."""

    status = 500
    code = "internal"
    es = "Algo falló de nuestro lado; ya quedó registrado."
    en = "We failed; it has been recorded."


# What pydantic says, as our people would hear it.
MESSAGES = {
    "missing": Bilingual("Este campo es obligatorio.", "This field is required."),
    "string_too_short": Bilingual("Demasiado corto: mínimo {min_length}.", "Too short: at least {min_length}."),
    "string_too_long": Bilingual("Demasiado largo: máximo {max_length}.", "Too long: at most {max_length}."),
    "string_type": Bilingual("Debe ser texto.", "Must be text."),
    "int_parsing": Bilingual("Debe ser un número entero.", "Must be a whole number."),
    "greater_than_equal": Bilingual("Debe ser al menos {ge}.", "Must be at least {ge}."),
    "less_than_equal": Bilingual("Debe ser como máximo {le}.", "Must be at most {le}."),
    "json_invalid": Bilingual("El cuerpo no es JSON válido.", "The body is not valid JSON."),
    "blank": Bilingual("No puede estar en blanco.", "Must not be blank."),
    "value_error": Bilingual("El valor no es válido.", "The value is not valid."),
}


# Statuses that no standard names: tus has one of its own.
_PHRASES = {460: "Checksum Mismatch"}


def phrase_of(status: int) -> str:
    """Return the standard words for a status."""
    return _PHRASES.get(status) or HTTPStatus(status).phrase


def problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> JSONResponse:  # noqa: ANN401
    """Build a problem document."""
    body = {"type": f"urn:anb:problem:{code}", "title": phrase_of(status), "status": status, "detail": detail}
    return JSONResponse(body | {"code": code} | more, status, headers=headers, media_type=MEDIA_TYPE)


def refused(request: Request, refusal: Refusal, **more: Any) -> JSONResponse:  # noqa: ANN401
    """Answer a refusal in the caller's language."""
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == HTTPStatus.UNAUTHORIZED else {}
    if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "5"
    if isinstance(refusal, InvalidField):
        more["errors"] = refusal.spoken(language_of(request))
    more |= {name: str(refusal.fields[name]) for name in refusal.shown}
    return problem(refusal.status, refusal.code, refusal.text(language_of(request)), headers, **more)


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
    title = phrase_of(kind.status)
    return {"type": f"urn:anb:problem:{kind.code}", "title": title, "status": kind.status, "detail": kind.es,
            "code": kind.code}  # fmt: skip


def _place(item: Mapping[str, Any]) -> str:
    """Name the field of one of pydantic's findings."""
    kind, *place = item["loc"]
    return ".".join(str(part) for part in place if isinstance(part, str)) or str(kind)


def _finding(item: Mapping[str, Any]) -> Bilingual:
    """Say one of pydantic's findings as our people would hear it."""
    text, context = MESSAGES.get(str(item["type"]), MESSAGES["value_error"]), item.get("ctx", {})
    return Bilingual(text.es.format(**context), text.en.format(**context))


def install(app: FastAPI) -> None:
    """Make every refusal, and every outage, of an application a problem document."""

    @app.exception_handler(Refusal)
    def _refusal(request: Request, error: Refusal) -> JSONResponse:
        return refused(request, error)

    @app.exception_handler(RequestValidationError)
    def _validation(request: Request, error: RequestValidationError) -> JSONResponse:
        if any(item["loc"][0] == "path" for item in error.errors()):
            # An id that cannot be one is simply not there.
            return refused(request, NotHere())
        return _refusal(request, InvalidField({_place(item): _finding(item) for item in error.errors()}))

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        known = {kind.status: kind for kind in (NotHere, NoSuchMethod)}.get(error.status_code)
        if known is not None:
            return refused(request, known())
        if error.status_code == HTTPStatus.BAD_REQUEST:  # a body that FastAPI could not read: not UTF-8, no true form
            return refused(request, InvalidField({"body": MESSAGES["value_error"]}))
        return problem(error.status_code, "refused", error.detail, error.headers)

    @app.exception_handler(Outage)
    @app.exception_handler(OperationalError)
    @app.exception_handler(PoolTimeout)
    def _outage(request: Request, error: Exception) -> JSONResponse:
        log.error("web.request.outage", path=request.url.path, error=repr(error))
        return refused(request, ServiceUnavailable())

    @app.exception_handler(ClientDisconnect)
    def _gone(request: Request, _error: ClientDisconnect) -> JSONResponse:
        log.info("web.request.abandoned", path=request.url.path)
        return refused(request, Abandoned())

    @app.exception_handler(Exception)
    def _bug(request: Request, error: Exception) -> JSONResponse:
        log.error("web.request.failed", path=request.url.path, exc_info=error)
        return refused(request, OurFault())
