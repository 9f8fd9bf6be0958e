"""Response headers in the OpenAPI document: those that follow from a status, or from the kind of an address."""

from typing import Any

Operation = dict[str, Any]
NOT_MODIFIED = {"description": "Not modified since the `ETag` in `If-None-Match`."}


def header(description: str, example: str | int) -> dict[str, Any]:
    """Describe a response header."""
    return {"description": description, "schema": {"type": _kind(example)}, "example": example}


def parameter(
    name: str, description: str, example: str | int | None = None, *, required: bool = False
) -> dict[str, Any]:
    """Describe a request header."""
    described = {"name": name, "in": "header", "required": required, "description": description}
    return described | {"schema": {"type": _kind(example)}} | ({} if example is None else {"example": example})


def _kind(example: str | int | None) -> str:
    return "integer" if isinstance(example, int) else "string"


IF_NONE_MATCH = parameter("If-None-Match", "The `ETag` of your copy; the answer is 304 if it is current.")

COMPONENTS = {
    "ETag": header("The version of the answer.", 'W/"5f1c0f1de32b4a6f8a0f1f3c9d0e7b21"'),
    "Link": header(
        "The next page (RFC 8288); missing on the last page.",
        '</api/public/videos?cursor=WzFd>; rel="next"',
    ),
    "X-Total-Count": header("The number of rows in the whole list.", 42),
    "Retry-After": header("Seconds to wait before another try.", 5),
    "WWW-Authenticate": header("How to authenticate.", "Bearer"),
    "RateLimit": header("The remaining requests, and the seconds until the limit resets.", '"default";r=0;t=30'),
    "RateLimit-Policy": header("The limit: requests per window, and the window in seconds.", '"default";q=100;w=60'),
}
_BY_STATUS = {
    "401": ["WWW-Authenticate"],
    "423": ["Retry-After"],
    "429": ["Retry-After", "RateLimit", "RateLimit-Policy"],
    "503": ["Retry-After"],
}


def complete(operation: Operation, path: str, *, is_list: bool) -> None:
    """Add headers to the answers of an operation."""
    answers = operation["responses"]
    for status, names in _BY_STATUS.items():
        if status in answers:
            _add(answers[status], names)
    if is_list:
        _add(answers["200"], ["Link", "X-Total-Count"])
    if is_list and path.startswith("/api/public/"):
        _add(answers["200"], ["ETag"])
        operation["parameters"].append(IF_NONE_MATCH)
        answers["304"] = NOT_MODIFIED


def used(paths: object) -> dict[str, Any]:
    """Return the headers that the answers name."""
    text = str(paths)
    return {name: header for name, header in COMPONENTS.items() if f"'#/components/headers/{name}'" in text}


def _add(answer: dict[str, Any], names: list[str]) -> None:
    known = answer.setdefault("headers", {})
    for name in names:
        known.setdefault(name, {"$ref": f"#/components/headers/{name}"})
