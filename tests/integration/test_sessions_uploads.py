"""A resumable upload belongs to its owner, not to a session: it continues with any valid token."""

from datetime import timedelta

import pytest

from anb.sessions import service as sessions
from anb.sessions.domain import EndReason
from support.tus import TusSender
from support.worlds import Player, World

BODY = b"\0\0\0\x18ftypisom a clip that outlives a session"


@pytest.fixture
def player(world: World) -> Player:
    player = world.player()
    answer = world.client.post("/api/auth/login", json={"email": player.email, "password": "balon-naranja-7"})
    tokens = answer.json()
    player.headers = {"Authorization": f"Bearer {tokens['access_token']}", "X-Refresh": tokens["refresh_token"]}
    return player


def test_a_token_that_expires_midway_is_refreshed_and_the_upload_continues(world: World, player: Player) -> None:
    world.clock.ahead = timedelta(hours=-2)
    old = world.client.post("/api/auth/refresh", json={"refresh_token": player.headers.pop("X-Refresh")}).json()
    world.clock.ahead = timedelta()
    sender = TusSender(player)
    path = sender.begin(len(BODY))
    assert sender.send(path, 0, BODY[:10]).status_code == 204
    player.headers = {"Authorization": f"Bearer {old['access_token']}"}
    assert sender.send(path, 10, BODY[10:]).status_code == 401
    new = world.client.post("/api/auth/refresh", json={"refresh_token": old["refresh_token"]}).json()
    player.headers = {"Authorization": f"Bearer {new['access_token']}"}
    assert sender.offset(path) == 10
    assert sender.send(path, 10, BODY[10:]).status_code == 204


def test_a_session_that_ends_midway_is_replaced_and_the_upload_continues(world: World, player: Player) -> None:
    sender = TusSender(player)
    path = sender.begin(len(BODY))
    assert sender.send(path, 0, BODY[:10]).status_code == 204
    with world.uow() as uow:
        sessions.end_all(uow, player.id, EndReason.PASSWORD_CHANGED)
    assert sender.send(path, 10, BODY[10:]).status_code == 401
    player.headers = world.bearer(player.id)
    assert sender.offset(path) == 10
    assert sender.send(path, 10, BODY[10:]).status_code == 204


def test_nobody_elses_token_continues_it(world: World, player: Player) -> None:
    sender = TusSender(player)
    path = sender.begin(len(BODY))
    sender.player = world.player("Ana Otra")
    assert sender.send(path, 0, BODY).status_code == 404
