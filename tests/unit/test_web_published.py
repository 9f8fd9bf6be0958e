"""The documents from which others generate programs change on purpose, never by accident."""

from http import HTTPStatus
from typing import Any

import pytest

from support.description import document
from support.published import known, published


@pytest.mark.parametrize("name", ["openapi.txt", "postman.txt"])
def test_what_is_published_is_what_was_looked_at_last(name: str) -> None:
    assert published()[name] == known()[name], "if it is meant, run tests/generated_docs.py"


def examples() -> list[tuple[str, str, dict[str, Any]]]:
    """Return each example of a refusal, with its status and code."""
    answers = [
        (status, answer.get("content", {}).get("application/problem+json", {}))
        for operations in document()["paths"].values()
        for operation in operations.values()
        for status, answer in operation["responses"].items()
    ]
    return [(status, code, one) for status, said in answers for code, one in said.get("examples", {}).items()]


def test_each_example_of_a_refusal_is_the_problem_document_of_its_code() -> None:
    found = examples()
    assert len(found) > 100
    for status, code, example in found:
        said = example["value"]
        assert set(said) == {"type", "title", "status", "detail", "code"}
        assert (said["type"], said["code"]) == (f"urn:anb:problem:{code}", code)
        title = "Checksum Mismatch" if status == "460" else HTTPStatus(int(status)).phrase
        assert (said["status"], said["title"]) == (int(status), title)
        assert len(said["detail"]) > 10
