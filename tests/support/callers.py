"""Clients of the API that call from an address, as nginx reports it."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import httpx2 as httpx
from fastapi.testclient import TestClient

from anb.adapters.credentials import SignedTokens
from support.browser_client import form
from support.fakes import SteadyClock
from support.worlds import SECRET, World

SCHOOL, HOME, ELSEWHERE = "198.51.100.7", "203.0.113.7", "192.0.2.7"


@contextmanager
def calling(world: World, address: str = HOME, **settings: object) -> Iterator[TestClient]:
    """Call from an address, as nginx reports it; the settings hold from then on."""
    app = world.client.app
    if settings:
        app.state.settings = world.settings.model_copy(update=settings)  # type: ignore[attr-defined]
    yield TestClient(app, base_url="https://testserver", client=(address, 50_000), raise_server_exceptions=False)


def sign_up(client: TestClient, email: str = "") -> httpx.Response:
    return client.post("/api/auth/signup", json=form(email=email or f"{uuid4().hex}@example.com"))


def sign_in(client: TestClient, email: str, password: str = "balon-naranja-7") -> httpx.Response:  # noqa: S107
    return client.post("/api/auth/login", json={"email": email, "password": password})


def voted(client: TestClient, voter: UUID, video_id: UUID) -> int:
    now = SignedTokens(SECRET, 3600, SteadyClock())  # a token from the future is not valid yet
    token = {"Authorization": f"Bearer {now.issue(voter)}"}
    return client.post(f"/api/public/videos/{video_id}/vote", headers=token).status_code
