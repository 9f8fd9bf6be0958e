"""The OpenAPI document is true: it agrees with the contract and with the server's answers."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from sqlalchemy import text

from support import clients, description
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
def document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_text())
    return document


@cache
def _text() -> str:
    return json.dumps(description.document())


def test_it_is_what_the_server_tells(world: World, document: dict[str, Any]) -> None:
    assert world.client.get("/api/openapi.json").json() == document


@pytest.mark.parametrize(("method", "path", "success", "refusals"), CONTRACT)
def test_each_endpoint_of_the_contract_is_described(
    document: dict[str, Any], method: str, path: str, success: int, refusals: set[int]
) -> None:
    answers = {int(status) for status in document["paths"][path][method]["responses"]}
    assert {success} | refusals <= answers


def test_nothing_answers_422_but_a_key_used_again_and_a_photo_that_cannot_be_used(document: dict[str, Any]) -> None:
    found = [
        list(answers["422"]["content"]["application/problem+json"]["examples"])
        for operations in document["paths"].values()
        for answers in (operation["responses"] for operation in operations.values())
        if "422" in answers
    ]
    assert found
    assert {code for codes in found for code in codes if not code.startswith("photo-")} == {"idempotency-key-reused"}
    assert "ValidationError" not in str(document)


def test_every_refusal_has_an_example_that_is_a_problem_document(document: dict[str, Any]) -> None:
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if status in {"400", "401", "403", "404", "503", "507"}:
                    examples = answer["content"]["application/problem+json"]["examples"]
                    assert examples
                    assert all(example["value"]["status"] == int(status) for example in examples.values())


def test_every_refusal_has_the_schema_of_a_problem_document(document: dict[str, Any]) -> None:
    refused = [
        (path, method, status, answer)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        for status, answer in operation["responses"].items()
        if status >= "400"
    ]
    assert len(refused) > 100
    for path, method, status, answer in refused:
        content = answer["content"]["application/problem+json"]
        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}, (path, method, status)
    assert {"type", "title", "status", "detail", "code"} <= set(
        document["components"]["schemas"]["Problem"]["required"]
    )


def test_each_operation_has_a_short_name_of_its_own(document: dict[str, Any]) -> None:
    names = {
        (method, path): operation["operationId"]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert len(set(names.values())) == len(names)
    assert all(re.fullmatch(r"[a-z]+([A-Z][a-z]+){0,4}", name) for name in names.values())
    # Generated clients call them by these names: the names stay.
    assert [names[method, path] for method, path, _, _ in CONTRACT] == [
        "signUp", "signIn", "submitVideo", "listVideos", "showVideo", "deleteVideo", "listPublicVideos", "vote",
        "listRankings",
    ]  # fmt: skip


def test_headers_are_told_where_they_are_sent(document: dict[str, Any], world: World) -> None:
    said = document["paths"]
    for path in ("/api/videos", "/api/public/videos", "/api/public/rankings"):
        assert {"Link", "X-Total-Count"} <= set(said[path]["get"]["responses"]["200"]["headers"])
    assert "ETag" in said["/api/public/videos"]["get"]["responses"]["200"]["headers"]
    assert {"Location", "Upload-Expires"} <= set(said["/api/uploads"]["post"]["responses"]["201"]["headers"])
    assert {"Upload-Offset", "Anb-Task-Id"} <= set(
        said["/api/uploads/{upload_id}"]["patch"]["responses"]["204"]["headers"]
    )
    told = said["/api/uploads"]["options"]["responses"]["204"]["headers"]
    sent = world.client.options("/api/uploads").headers
    assert set(told) == {name for name in told if name in sent}


def test_what_a_tus_client_sends_is_told(document: dict[str, Any]) -> None:
    chunk = document["paths"]["/api/uploads/{upload_id}"]["patch"]
    needed = {one["name"] for one in chunk["parameters"] if one["in"] == "header" and one["required"]}
    assert needed == {"Tus-Resumable", "Upload-Offset"}
    assert "application/offset+octet-stream" in chunk["requestBody"]["content"]


@pytest.mark.parametrize(
    ("path", "events", "security", "refusals"),
    [
        ("/api/jobs/{task_id}/events", {"JobEvent", "EndEvent"}, [{"bearer": []}], {"401", "403", "404"}),
        ("/api/public/events", {"ListsEvent"}, [], set()),
    ],
)
def test_live_streams_are_described_though_another_process_answers_them(
    document: dict[str, Any], path: str, events: set[str], security: list[Any], refusals: set[str]
) -> None:
    said = document["paths"][path]["get"]
    assert said["security"] == security
    assert set(said["responses"]) - {"204"} == {"200", "429", "503"} | refusals
    assert set(said["responses"]["200"]["content"]) == {"text/event-stream"}
    told = said["responses"]["200"]["content"]["text/event-stream"]
    assert (
        set(re.findall("schemas/([A-Za-z]+)", str(told["schema"]))) == events <= set(document["components"]["schemas"])
    )
    assert "Last-Event-ID" in [one["name"] for one in said["parameters"]]
    assert "too-many-streams" in said["responses"]["503"]["content"]["application/problem+json"]["examples"]


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
            needed: list[dict[str, list[str]]] = (
                [{"bearer": []}] if 401 in refusals and path != "/api/auth/login" else []
            )
            assert operation["security"] == needed


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
        answer = world.client.post(
            "/api/auth/signup", json=form | {"password1": "StrongPass123", "password2": "StrongPass123"}
        )
        assert answer.status_code >= 500
    finally:
        with world.uow() as uow:
            uow.execute(text("drop trigger refuse_at_commit on users; drop function refuse()"))


def contents(node: Any) -> Iterator[dict[str, Any]]:
    """Yield each body's formats."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if key == "content":
            yield value
        elif isinstance(value, dict | list):
            yield from contents(value)


def test_generated_clients_know_a_format_of_each_body(document: dict[str, Any]) -> None:
    # The generators themselves run in the slow tests; a body they cannot read is left out of the client.
    known = {"application/json", "application/problem+json", "multipart/form-data", "text/event-stream", "text/vtt"}
    known |= {"text/plain"}
    bodies = list(contents(document["paths"]))
    assert len(bodies) > 30
    assert [body for body in bodies if not {*known, *clients.TYPES} & set(body)] == []
