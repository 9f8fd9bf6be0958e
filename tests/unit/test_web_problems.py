"""Each failure is a problem document in the caller's language, including unexpected ones."""

from http import HTTPStatus
from typing import Annotated

import pytest
from fastapi import FastAPI, Header
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from anb.errors import Outage, Refusal
from anb.web import problems

SPANISH, ENGLISH = {"Accept-Language": "es-CO,en;q=0.5"}, {"Accept-Language": "en-GB,es;q=0.5"}


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    problems.install(app)

    @app.get("/bug")
    def fail() -> None:
        raise ZeroDivisionError

    @app.get("/gone")
    def vanish() -> None:
        raise ClientDisconnect

    @app.post("/body")
    def take(body: dict[str, int]) -> None:
        del body

    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("path", "status", "code", "spanish", "english"),
    [
        ("/bug", 500, "internal", "Algo falló de nuestro lado; ya quedó registrado.",
         "Something failed on our side; it has been recorded."),
        ("/gone", 400, "abandoned", "La solicitud terminó antes de llegar completa.",
         "The request ended before its body did."),
    ],
)  # fmt: skip
def test_a_bug_and_a_client_that_vanished_speak_both_languages(
    client: TestClient, path: str, status: int, code: str, spanish: str, english: str
) -> None:
    for headers, detail in (({}, spanish), (SPANISH, spanish), (ENGLISH, english)):
        answer = client.get(path, headers=headers)
        assert answer.headers["content-type"] == "application/problem+json"
        document = answer.json()
        assert (answer.status_code, document["code"], document["detail"]) == (status, code, detail)


def test_a_body_that_cannot_be_read_at_all_is_an_invalid_field(client: TestClient) -> None:
    headers = ENGLISH | {"Content-Type": "application/json"}
    answer = client.post("/body", content=b'{"a": "\xff"}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-field")
    assert answer.json()["errors"] == [{"field": "body", "message": "The value is not valid."}]


class Ball(BaseModel):
    """The body that an endpoint of these tests takes."""

    grams: int = Field(le=650)
    maker: dict[str, str] = {}


class TooFlat(Refusal):
    """A refusal for these tests."""

    status = 460
    code = "wrong-checksum"  # a code for which the catalogues have a sentence
    shown = ("algorithm",)


class Bounces(TooFlat):
    """An error after which a client may retry."""

    code = "upload-taken-over"
    retry_after = 7


def answering(error: Exception) -> TestClient:
    """Return a client of an application that raises an error, and takes a ball."""
    app = FastAPI()
    problems.install(app)

    @app.get("/")
    def fail() -> None:
        raise error

    @app.post("/balls/{number}")
    def take(number: int, ball: Ball, speed: Annotated[int, Header()] = 0) -> None:
        del number, ball, speed

    return TestClient(app, raise_server_exceptions=False)


def test_a_refusal_is_a_document_that_programs_and_people_can_read() -> None:
    answer = answering(TooFlat(algorithm="sha1", why="a hole")).get("/", headers=SPANISH)
    assert answer.status_code == 460
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["vary"] == "Accept-Language"
    assert answer.json() == {
        "type": "urn:anb:problem:wrong-checksum",
        "title": "Checksum Mismatch",
        "status": 460,
        "detail": TooFlat(algorithm="sha1").text("es"),
        "code": "wrong-checksum",
        "algorithm": "sha1",
    }
    assert {"retry-after", "www-authenticate"}.isdisjoint(answer.headers)


@pytest.mark.parametrize(
    ("error", "status", "header", "value"),
    [
        (Bounces(algorithm="sha1"), 460, "retry-after", "7"),
        (problems.ServiceUnavailable(), 503, "retry-after", "5"),
        (Outage("the disk"), 503, "retry-after", "5"),
        (OperationalError("select 1", None, Exception()), 503, "retry-after", "5"),
        (PoolTimeout(), 503, "retry-after", "5"),
        (InternalError("select 1", None, Exception(), connection_invalidated=True), 503, "retry-after", "5"),
        (HTTPException(401, "No.", {"X-Own": "1"}), 401, "x-own", "1"),
    ],
)
def test_what_is_worth_another_try_says_when(error: Exception, status: int, header: str, value: str) -> None:
    answer = answering(error).get("/")
    assert (answer.status_code, answer.headers[header]) == (status, value)
    assert answer.json()["title"] == ("Checksum Mismatch" if status == 460 else HTTPStatus(status).phrase)


def test_a_mistake_of_ours_in_a_statement_is_not_worth_another_try() -> None:
    answer = answering(InternalError("select 1", None, Exception())).get("/")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")


def test_who_must_sign_in_is_told_how() -> None:
    class WhoAreYou(Refusal):
        status = 401

    assert answering(WhoAreYou()).get("/").headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (HTTPException(404), 404, "not-found"),
        (HTTPException(405), 405, "method-not-allowed"),
        (HTTPException(400), 400, "invalid-field"),
        (HTTPException(418, "A teapot."), 418, "refused"),
    ],
)
def test_what_the_framework_refuses_is_a_problem_document_too(error: Exception, status: int, code: str) -> None:
    answer = answering(error).get("/")
    assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "fields"),
    [
        ("/balls/x", {"grams": 600}, {}, 404, None),
        ("/balls/7", {"grams": 700}, {}, 400, {"grams"}),
        ("/balls/7", {}, {"speed": "fast"}, 400, {"grams", "speed"}),
        ("/balls/7", {"grams": 600, "maker": {"name": 3}}, {}, 400, {"maker.name"}),
        ("/balls/7", None, {}, 400, {"body"}),
        ("/balls/7", {"grams": 600}, {}, 200, None),
    ],
)
def test_each_field_that_is_wrong_is_named_and_an_id_that_is_none_is_not_there(
    path: str, body: object, headers: dict[str, str], status: int, fields: set[str] | None
) -> None:
    answer = answering(ZeroDivisionError()).post(path, json=body, headers=headers | ENGLISH)
    assert answer.status_code == status
    said = answer.json() or {}
    assert ({one["field"] for one in said["errors"]} if "errors" in said else None) == fields
    if status == 400:
        assert said["code"] == "invalid-field"
        assert "650" in next((one["message"] for one in said["errors"] if one["field"] == "grams"), "650") or not body


def test_refusals_of_one_status_stand_beside_each_other_in_the_document() -> None:
    told = problems.refusals(TooFlat, Bounces, problems.NotHere)
    assert set(told) == {460, 404}
    assert told[460]["description"] == "A refusal for these tests. An error after which a client may retry."
    assert told[460]["model"] is problems.Problem
    (example,) = told[404]["content"]["application/problem+json"]["examples"].items()
    assert example == (
        "not-found",
        {
            "value": {
                "type": "urn:anb:problem:not-found",
                "title": "Not Found",
                "status": 404,
                "detail": problems.NotHere().text("es"),
                "code": "not-found",
            }
        },
    )
