"""At each endpoint that hashes a password, a request beyond the queue is told to retry, and nothing is hashed."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx2 as httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from anb.settings import Settings
from anb.web.hashing import HashingLimiter
from support.browser_client import browser_client, form
from support.fakes import PlainPasswords
from support.worlds import World

PASSWORD = "balon-naranja-7"
Door = Callable[[World, str], httpx.Response]


class HeldPasswords(PlainPasswords):
    """Hashes that last until they are released."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.begun, self.go_on = threading.Event(), threading.Event()

    def hash(self, password: str) -> str:
        self._wait(password)
        return super().hash(password)

    def matches(self, hashed: str | None, password: str) -> bool:
        self._wait(password)
        return super().matches(hashed, password)

    def _wait(self, password: str) -> None:
        self.asked.append(password)
        self.begun.set()
        assert self.go_on.wait(10)


@pytest.fixture
def email(world: World) -> str:
    """The e-mail of an account, made before hashes are held."""
    return world.player().email


@pytest.fixture
def held(world: World, email: str) -> Iterator[HeldPasswords]:
    """Room for one hash at a time and for no waiting one; the hash lasts until it is released."""
    assert email
    made, known = HeldPasswords(), {"hash_threads": 1, "hash_queue": 0}
    state: Any = world.client.app.state  # type: ignore[attr-defined]
    state.hashing = HashingLimiter(Settings.model_construct(**known))  # type: ignore[arg-type]
    state.ports = replace(state.ports, passwords=made)
    yield made
    made.go_on.set()


def sign_up(world: World, email: str) -> httpx.Response:
    return world.client.post("/api/auth/signup", json=form(email=f"{uuid4().hex}.{email}"))


def sign_in(world: World, email: str) -> httpx.Response:
    return world.client.post("/api/auth/login", json={"email": email, "password": PASSWORD})


def sign_up_by_form(world: World, email: str) -> httpx.Response:
    with browser_client(world) as visitor:
        return visitor.post("/signup", data=form(email=f"{uuid4().hex}.{email}"))


def sign_in_by_form(world: World, email: str) -> httpx.Response:
    with browser_client(world) as visitor:
        return visitor.post("/login", data={"email": email, "password": PASSWORD})


def refused_while_held(world: World, held: HeldPasswords, email: str, door: Door, done: int) -> httpx.Response:
    """Return the answer to a second request while the first one's hash is running; later both are let in."""
    with ThreadPoolExecutor(1) as aside:
        first = aside.submit(door, world, email)
        assert held.begun.wait(10)
        refused = door(world, email)
        asked = len(held.asked)
        held.go_on.set()
        assert first.result(10).status_code == done
    assert asked == 1
    assert door(world, email).status_code == done
    return refused


@pytest.mark.parametrize(("door", "done"), [(sign_up, 201), (sign_in, 200)])
def test_the_api_says_to_come_back(world: World, held: HeldPasswords, email: str, door: Door, done: int) -> None:
    refused = refused_while_held(world, held, email, door, done)
    assert (refused.status_code, refused.json()["code"]) == (503, "too-many-sign-ins")
    assert refused.headers["content-type"].startswith("application/problem+json")
    assert int(refused.headers["retry-after"]) > 0


@pytest.mark.parametrize("door", [sign_up_by_form, sign_in_by_form])
def test_a_page_says_so_and_keeps_what_was_typed(world: World, held: HeldPasswords, email: str, door: Door) -> None:
    refused = refused_while_held(world, held, email, door, 303)
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert "Muchas personas están entrando al mismo tiempo." in refused.text
    assert f'{email}"' in refused.text
    assert PASSWORD not in refused.text


class Leaving:
    """The application, whose clients, once told to, disconnect after they have sent everything."""

    def __init__(self, app: Any) -> None:
        self._app, self.leaves = app, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._app, name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        leaves, ended = self.leaves, False

        async def heard() -> Message:
            nonlocal ended
            if leaves and ended:
                return {"type": "http.disconnect"}
            message = await receive()
            ended = not message.get("more_body", False)
            return message

        await self._app(scope, heard, send)


@pytest.mark.parametrize(
    ("door", "done"), [(sign_up, 201), (sign_in, 200), (sign_up_by_form, 303), (sign_in_by_form, 303)]
)
def test_nothing_is_hashed_for_who_left_while_waiting(
    world: World, held: HeldPasswords, email: str, monkeypatch: pytest.MonkeyPatch, door: Door, done: int
) -> None:
    site = Leaving(world.client.app)
    site.state.hashing = HashingLimiter(Settings.model_construct(hash_threads=1, hash_queue=1))
    monkeypatch.setattr(world.client, "app", site)
    monkeypatch.setattr(world.client._transport, "app", site)
    with ThreadPoolExecutor(1) as aside:
        first = aside.submit(door, world, email)
        assert held.begun.wait(10)
        site.leaves = True
        left = door(world, email)
        held.go_on.set()
        assert first.result(10).status_code == done
    assert (left.status_code, len(held.asked)) == (400, 1)
