"""The documentation page says what the OpenAPI document says."""

from typing import Any

from anb.pages.docs import endpoints

SCHEMA: dict[str, Any] = {
    "paths": {
        "/api/things/{id}": {
            "put": {
                "summary": "Put",
                "description": "Change a thing.",
                "security": [{"HTTPBearer": []}],
                "parameters": [{"name": "id", "in": "path", "required": True, "description": "Which."}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": {
                    "200": {
                        "description": "Done.",
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
                            }
                        },
                    },
                    "404": {
                        "description": "Gone.",
                        "content": {
                            "application/problem+json": {"examples": {"gone": {"value": {"detail": "No está."}}}}
                        },
                    },
                },
            }
        }
    },
    "components": {
        "schemas": {"Thing": {"properties": {"name": {"description": "Its name."}, "size": {}}, "required": ["name"]}}
    },
}


def test_an_endpoint_is_shown_with_all_it_takes_and_answers() -> None:
    (one,) = endpoints(SCHEMA)
    assert (one.method, one.path, one.says, one.signed_in) == ("PUT", "/api/things/{id}", "Change a thing.", True)
    assert [(field.name, field.place, field.needed, field.says) for field in one.fields] == [
        ("id", "path", True, "Which."),
        ("name", "application/json", True, "Its name."),
        ("size", "application/json", False, ""),
    ]
    assert [(answer.status, answer.says) for answer in one.answers] == [("200", "Done."), ("404", "Gone.")]
    assert one.answers[0].fields == ["name", "size"]
    assert one.answers[1].examples == {"gone": '{\n  "detail": "No está."\n}'}
