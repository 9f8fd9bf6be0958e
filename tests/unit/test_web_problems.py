"""Whatever goes wrong is a problem document in the caller's language, also what nobody meant to raise."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.requests import ClientDisconnect

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
         "We failed; it has been recorded."),
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
