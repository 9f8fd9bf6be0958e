"""What pages of other sites may do: everything in the API's document, without credentials that a browser adds."""

from typing import Any

import pytest
from starlette.types import ASGIApp

from anb.web.cors import OtherOrigins
from support.asgi import ask
from support.description import document

OTHER = "https://app.example"
OPERATIONS = [
    (method.upper(), operation)
    for operations in document()["paths"].values()
    for method, operation in operations.items()
]  # fmt: skip


def around(app: ASGIApp) -> ASGIApp:
    return OtherOrigins(app, (OTHER,))


def asks_first(path: str = "/api/x") -> dict[str, str]:
    """Return the answer to a browser that asks whether it may."""
    return ask(around, {"Origin": OTHER, "Access-Control-Request-Method": "GET"}, method="OPTIONS", path=path).headers


def listed(text: str) -> set[str]:
    return {name.strip().lower() for name in text.split(",")}


def test_every_method_of_the_api_may_be_asked() -> None:
    methods = {method for method, _ in OPERATIONS} - {"OPTIONS"}
    assert listed(asks_first()["access-control-allow-methods"]) == {method.lower() for method in methods}


def test_every_header_that_the_document_tells_may_be_sent() -> None:
    told = {one["name"].lower() for _, operation in OPERATIONS for one in operation.get("parameters", ())
            if one["in"] == "header"}  # fmt: skip
    # The headers of any API with tokens and bodies, and those of tus clients that we do not read.
    others = {"authorization", "content-type", "upload-concat", "x-http-method-override", "x-requested-with"}
    simple = {"accept", "accept-language", "content-language"}  # what any page may send anyway
    assert listed(asks_first()["access-control-allow-headers"]) == told | others | simple


def test_every_header_that_the_document_tells_may_be_read() -> None:
    told = {name.lower() for _, operation in OPERATIONS for answer in operation["responses"].values()
            for name in answer.get("headers", ())}  # fmt: skip
    others = {"allow", "content-length", "content-range", "x-request-id"}
    said = ask(around, {"Origin": OTHER}).headers
    assert listed(said["access-control-expose-headers"]) == told - {"www-authenticate"} | others


def test_a_browser_need_not_ask_again_for_as_long_as_browsers_remember() -> None:
    assert asks_first()["access-control-max-age"] == "7200"


def test_nothing_is_told_about_pages() -> None:
    said = ask(around, {"Origin": OTHER}, path="/login").headers
    assert not [name for name in said if name.startswith("access-control")]


def test_a_cookie_is_never_for_others() -> None:
    assert "access-control-allow-credentials" not in asks_first()


@pytest.mark.parametrize("more", [{"type": "websocket"}, {"path": "/apix"}])
def test_what_is_not_asked_of_the_api_passes_untouched(more: dict[str, Any]) -> None:
    asked = ask(around, {"Origin": OTHER}, **more)
    assert (asked.headers, len(asked.scopes)) == ({}, 1)
