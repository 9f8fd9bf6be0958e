"""The API for people who program: what /api/openapi.json says, on a page without anybody else's scripts."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from anb.pages.view import ViewDep

router = APIRouter(include_in_schema=False)

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a body."""

    name: str
    place: str
    needed: bool
    says: str


@dataclass(frozen=True)
class Answer:
    """What an endpoint may answer under one status: the fields of its body, or examples by name."""

    status: str
    says: str
    fields: list[str]
    examples: Mapping[str, str]


@dataclass(frozen=True)
class Endpoint:
    """One method at one address."""

    method: str
    path: str
    says: str
    signed_in: bool
    fields: list[Field]
    answers: list[Answer]


@router.api_route("/api/docs", methods=["GET", "HEAD"])
def show_docs(request: Request, view: ViewDep) -> Response:
    """Show every endpoint, what it takes and all it may answer."""
    schema = request.app.openapi()
    paragraphs = schema["info"]["description"].strip().split("\n\n")
    return view.show("docs.html", paragraphs=paragraphs, endpoints=list(endpoints(schema)))


def endpoints(schema: Schema) -> Iterator[Endpoint]:
    """Read the endpoints out of an OpenAPI document."""
    for path, methods in schema["paths"].items():
        for method, said in methods.items():
            yield Endpoint(
                method.upper(),
                path,
                said.get("description") or said.get("summary", ""),
                bool(said.get("security")),
                [*_parameters(said), *_body(schema, said)],
                [_answer(schema, status, answer) for status, answer in said["responses"].items()],
            )


def _parameters(said: Schema) -> Iterator[Field]:
    for one in said.get("parameters", []):
        yield Field(one["name"], one["in"], one.get("required", False), one.get("description", ""))


def _body(schema: Schema, said: Schema) -> Iterator[Field]:
    for kind, content in said.get("requestBody", {}).get("content", {}).items():
        body = _resolve(schema, content["schema"])
        for name, one in body.get("properties", {}).items():
            yield Field(name, kind, name in body.get("required", []), one.get("description", ""))


def _resolve(schema: Schema, part: Schema) -> Schema:
    name = part.get("$ref", "").removeprefix("#/components/schemas/")
    found: Schema = schema["components"]["schemas"][name] if name else part
    return found


def _answer(schema: Schema, status: str, answer: Schema) -> Answer:
    examples: dict[str, str] = {}
    fields: list[str] = []
    for content in answer.get("content", {}).values():
        body = _resolve(schema, content.get("schema", {}))
        fields += _resolve(schema, body.get("items", body)).get("properties", {})
        for name, example in content.get("examples", {}).items():
            examples[name] = json.dumps(example["value"], ensure_ascii=False, indent=2)
    return Answer(status, answer.get("description", ""), fields, examples)
