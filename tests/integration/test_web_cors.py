"""Pages of other sites: only those that an operator names may use the API, with a token."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from anb import app as application
from anb.settings.origins import OriginSettings, origins_of
from support.worlds import World

OTHER = "https://app.example"


@pytest.fixture
def opened(world: World) -> Iterator[TestClient]:
    """The same world, with one other site allowed."""
    api = application.build(world.settings.model_copy(update={"cors_origins": (OTHER,)}))
    api.state.ports, own = world.ports, api.state.database
    with TestClient(api, base_url="https://testserver", raise_server_exceptions=False) as client:
        api.state.database = world.database
        yield client
    own.close()


def asks(client: TestClient, origin: str, method: str = "PATCH", path: str = "/api/uploads/1") -> dict[str, str]:
    headers = {"Origin": origin, "Access-Control-Request-Method": method,
               "Access-Control-Request-Headers": "authorization,tus-resumable,upload-offset,content-type"}  # fmt: skip
    return dict(client.options(path, headers=headers).headers)


def test_a_browser_may_send_what_tus_needs_and_need_not_ask_again_soon(opened: TestClient) -> None:
    said = asks(opened, OTHER)
    assert said["access-control-allow-origin"] == OTHER
    assert {"PATCH", "HEAD", "DELETE"} <= set(said["access-control-allow-methods"].split(", "))
    assert {"upload-offset", "authorization", "tus-resumable"} <= set(
        said["access-control-allow-headers"].lower().split(", ")
    )
    assert int(said["access-control-max-age"]) >= 600


def test_its_script_may_read_what_paging_and_tus_need(opened: TestClient, world: World) -> None:
    headers = world.player().headers | {"Origin": OTHER}
    said = opened.get("/api/videos", headers=headers)
    assert said.headers["access-control-allow-origin"] == OTHER
    read = set(said.headers["access-control-expose-headers"].split(", "))
    assert {"Location", "Upload-Offset", "Upload-Expires", "Link", "X-Total-Count", "Retry-After", "ETag"} <= read
    refused = opened.get("/api/videos", headers={"Origin": OTHER})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, OTHER)


def test_a_cookie_is_never_for_others(opened: TestClient, world: World) -> None:
    token = world.player().headers["Authorization"].partition(" ")[2]
    headers = {"Cookie": f"__Host-anb={token}", "Origin": OTHER, "Sec-Fetch-Site": "cross-site"}
    assert "access-control-allow-credentials" not in opened.get("/api/videos", headers=headers).headers
    answer = opened.delete(f"/api/videos/{UUID(int=7)}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign-origin")


@pytest.mark.parametrize("origin", ["http://app.example", "https://app.example:8443", "https://x.app.example", "null"])
def test_a_site_that_is_not_named_is_told_nothing(opened: TestClient, origin: str) -> None:
    assert "access-control-allow-origin" not in asks(opened, origin)
    assert "access-control-allow-origin" not in opened.get("/api/public/videos", headers={"Origin": origin}).headers


def test_a_cache_keeps_what_each_site_got_apart(opened: TestClient) -> None:
    for origin in ({}, {"Origin": OTHER}):
        assert opened.get("/api/public/videos", headers=origin).headers["vary"] == "Origin"


def test_pages_are_for_nobody_else(opened: TestClient) -> None:
    assert "access-control-allow-origin" not in opened.get("/", headers={"Origin": OTHER}).headers


def test_nobody_is_let_in_unless_named(world: World) -> None:
    assert world.settings.cors_origins == ()
    assert "access-control-allow-origin" not in asks(world.client, OTHER)
    assert (
        "access-control-allow-origin" not in world.client.get("/api/public/videos", headers={"Origin": OTHER}).headers
    )


@pytest.mark.parametrize(
    "said", ["*", "null", "app.example", "https://app.example/", "https://a.example:443", "ftp://a"]
)
def test_what_is_no_origin_is_refused_with_the_setting(said: str) -> None:
    with pytest.raises(ValidationError, match="is no origin"):
        OriginSettings(cors_origins=said)


def test_several_are_named_in_one_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANB_CORS_ORIGINS", "https://a.example, http://localhost:5173")
    assert OriginSettings().cors_origins == ("https://a.example", "http://localhost:5173")
    assert origins_of({"ANB_CORS_ORIGINS": "https://a.example"}) == ("https://a.example",)
    assert origins_of({}) == ()
