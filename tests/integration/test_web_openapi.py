"""The OpenAPI document is true: what it says is what the contract asks for and what the server answers."""

from typing import Any

import pytest
from sqlalchemy import text

from support.worlds import World

# Method, path, success, refusals of the contract's nine endpoints.
CONTRACT = [
    ("post", "/api/auth/signup", 201, {400}),
    ("post", "/api/auth/login", 200, {401}),
    ("post", "/api/videos/upload", 201, {400, 401}),
    ("get", "/api/videos", 200, {401}),
    ("get", "/api/videos/{video_id}", 200, {401, 403, 404}),
    ("delete", "/api/videos/{video_id}", 200, {400, 401, 403, 404}),
    ("get", "/api/public/videos", 200, set()),
    ("post", "/api/public/videos/{video_id}/vote", 200, {400, 401, 404}),
    ("get", "/api/public/rankings", 200, {400}),
]


@pytest.fixture
def document(world: World) -> dict[str, Any]:
    answer = world.client.get("/api/openapi.json")
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


@pytest.mark.parametrize(("method", "path", "success", "refusals"), CONTRACT)
def test_each_endpoint_of_the_contract_is_described(
    document: dict[str, Any], method: str, path: str, success: int, refusals: set[int]
) -> None:
    answers = {int(status) for status in document["paths"][path][method]["responses"]}
    assert {success} | refusals <= answers


def test_nothing_answers_422_but_a_key_used_again(document: dict[str, Any]) -> None:
    found = [
        list(answers["422"]["content"]["application/problem+json"]["examples"])
        for operations in document["paths"].values()
        for answers in (operation["responses"] for operation in operations.values())
        if "422" in answers
    ]
    assert found
    assert all(codes == ["idempotency-key-reused"] for codes in found)
    assert "ValidationError" not in str(document)


def test_every_refusal_has_an_example_that_is_a_problem_document(document: dict[str, Any]) -> None:
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if status in {"400", "401", "403", "404", "503", "507"}:
                    examples = answer["content"]["application/problem+json"]["examples"]
                    assert examples
                    assert all(example["value"]["status"] == int(status) for example in examples.values())


def test_bodies_have_examples(document: dict[str, Any]) -> None:
    for name in ("SignUp", "SignIn"):
        assert document["components"]["schemas"][name]["examples"]


def test_an_upload_tells_that_its_account_may_be_gone(document: dict[str, Any]) -> None:
    for path in ("/api/videos/upload", "/api/uploads"):
        answers = document["paths"][path]["post"]["responses"]["404"]["content"]["application/problem+json"]
        assert set(answers["examples"]) == {"account-not-found"}


def test_what_needs_a_token_says_so(document: dict[str, Any]) -> None:
    for _, path, _, refusals in CONTRACT:
        for operation in document["paths"][path].values():
            assert bool(operation.get("security")) == (401 in refusals and path != "/api/auth/login")


def test_the_page_of_the_document_is_ours(world: World) -> None:
    page = world.client.get("/api/docs")
    assert page.status_code == 200
    assert "/api/videos/upload" in page.text
    assert "cdn" not in page.text


REFUSE_AT_COMMIT = """
create or replace function refuse() returns trigger language plpgsql as $$ begin raise 'no room'; end $$;
create constraint trigger refuse_at_commit after insert on users deferrable initially deferred
for each row execute function refuse()
"""


def test_a_commit_that_fails_is_not_a_success(world: World) -> None:
    form = dict.fromkeys(("first_name", "last_name", "city", "country"), "Lucía") | {"email": "l@example.com"}
    with world.uow() as uow:
        uow.execute(text(REFUSE_AT_COMMIT))
    try:
        answer = world.client.post("/api/auth/signup", json=form | {"password1": "12345678", "password2": "12345678"})
        assert answer.status_code >= 500
    finally:
        with world.uow() as uow:
            uow.execute(text("drop trigger refuse_at_commit on users; drop function refuse()"))
