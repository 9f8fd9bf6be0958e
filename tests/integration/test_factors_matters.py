"""What matters (address, identities, devices, factors) needs the second factor of an account that has one."""

import re
from typing import cast
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from anb.web.recent import proven_caller
from support.browser_client import browser_client
from support.factor_pages import PASSWORD, enrol, entered
from support.factors import enrolled
from support.worlds import Player, World

NEEDED = (403, "second-factor-needed")


def matters(world: World) -> list[tuple[str, str]]:
    """Return the method and path of each endpoint that asks for a recent proof."""
    found = []
    for route in iter_route_contexts(cast("FastAPI", world.client.app).routes):
        endpoint = route.original_route
        if isinstance(endpoint, APIRoute) and asks(route.dependant):
            found += [(method, str(route.path)) for method in sorted(set(route.methods or ()) - {"HEAD"})]
    return found


def asks(dependant: Dependant) -> bool:
    return dependant.call is proven_caller or any(map(asks, dependant.dependencies))


@pytest.fixture
def weak(world: World) -> dict[str, str]:
    """A session of a moment ago that a password alone has opened, of an account with a second factor."""
    player: Player = world.player()
    enrolled(world, player.id)
    body = {"email": player.email, "password": PASSWORD}
    token = world.client.post("/api/auth/login", json=body).json()["access_token"]
    return {"Authorization": f"Bearer {token}", "Sec-Fetch-Site": "same-origin", "Accept": "application/json"}


def test_a_password_alone_changes_nothing_that_matters(world: World, weak: dict[str, str]) -> None:
    found = matters(world)
    assert {
        ("POST", "/account/email"),
        ("POST", "/account/security/totp"),
        ("POST", "/account/identities/link"),
    } <= set(found)
    for method, path in found:
        place = re.sub(r"\{\w+\}", str(UUID(int=0)), path)
        refused = world.client.request(method, place, headers=weak)
        assert (refused.status_code, refused.json().get("code")) == NEEDED, f"{method} {path}"


def test_with_the_factor_it_goes_on(world: World) -> None:
    world.clock.stop()
    with browser_client(world) as browser:
        enrol(world, entered(browser, world.player()))
        assert browser.get("/account/email").status_code == 200


def test_an_account_without_a_factor_needs_none(world: World) -> None:
    with browser_client(world) as browser:
        assert entered(browser, world.player()).get("/account/email").status_code == 200
