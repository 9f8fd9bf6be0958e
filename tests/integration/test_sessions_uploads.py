"""A resumable upload belongs to its owner, not to a session: it continues with any valid token."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from anb.sessions import service as sessions
from anb.sessions.domain import EndReason
from support.tus import CHUNK_TYPE, TusSender
from support.waiting import until
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


def expiring(world: World, player: Player) -> Callable[[], object]:
    """Give a player a token of three seconds; return how its end is awaited."""
    world.clock.ahead = timedelta(seconds=3 - world.settings.token_seconds)
    player.headers = world.bearer(player.id)
    world.clock.ahead = timedelta()
    token = player.headers["Authorization"].removeprefix("Bearer ")
    return lambda: until(lambda: world.ports.tokens.read(token) is None, 10)


def ending(world: World, player: Player) -> Callable[[], object]:
    """Return how a player signs out everywhere."""

    def end() -> None:
        with world.uow() as uow:
            sessions.end_all(uow, player.id, EndReason.SIGNED_OUT_ELSEWHERE)

    return end


@pytest.mark.parametrize("prepared", [expiring, ending])
def test_a_chunk_that_has_begun_arrives_whole_and_the_next_request_is_refused(
    world: World, player: Player, prepared: Callable[[World, Player], Callable[[], object]]
) -> None:
    sender = TusSender(player)
    path = sender.begin(len(BODY))
    end = prepared(world, player)

    def arriving() -> Iterator[bytes]:  # is read only once the caller is known
        yield BODY[:10]
        end()
        yield BODY[10:20]

    headers = {"Upload-Offset": "0", "Content-Type": CHUNK_TYPE, "Content-Length": "20"}
    sent = sender.ask("PATCH", path, content=arriving(), headers=headers)
    assert (sent.status_code, sent.headers.get("upload-offset")) == (204, "20")
    assert sender.send(path, 20, BODY[20:]).status_code == 401


def test_nobody_elses_token_continues_it(world: World, player: Player) -> None:
    sender = TusSender(player)
    path = sender.begin(len(BODY))
    sender.player = world.player("Ana Otra")
    assert sender.send(path, 0, BODY).status_code == 404
