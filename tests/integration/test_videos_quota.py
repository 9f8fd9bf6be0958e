"""What one account may have: refusals name rule and value, at every endpoint, before a body is read."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from anb.jobs import service as jobs
from anb.settings import MIB
from anb.videos.quota import DAY
from support.tus import CHUNK_TYPE, TusSender
from support.worlds import Player, World

CLIP = b"\0\0\0\x18ftypisom a clip of somebody who sends many"


@pytest.fixture(params=["form", "tus", "page"])
def door(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def knock(door: str, player: Player) -> tuple[int, str]:
    """Try to send one more clip; return the status (200 is a page) and the message."""
    client = player.world.client
    if door == "tus":
        answer = TusSender(player).create(len(CLIP), content=CLIP, headers={"Content-Type": CHUNK_TYPE})
    else:
        headers = player.headers | {"Origin": "https://testserver", "Sec-Fetch-Site": "same-origin"}
        path = {"form": "/api/videos/upload", "page": "/upload"}[door]
        answer = client.post(path, files={"video_file": CLIP}, data={"title": "x"}, headers=headers,
                             follow_redirects=False)  # fmt: skip
    return answer.status_code, answer.text


@pytest.mark.parametrize(
    ("limits", "status", "code", "said"),
    [
        ({"quota_waiting_clips": 2}, 429, "too-many-waiting", "2 videos"),
        ({"quota_waiting_bytes": 60}, 429, "too-many-waiting", "en espera"),
        ({"quota_day_clips": 2}, 429, "too-many-today", "24 horas"),
        ({"quota_stored_bytes": 60}, 400, "too-much-stored", "pesan"),
    ],
)
def test_one_more_than_may_be_is_refused_and_nothing_of_it_stays(
    world: World, door: str, limits: dict[str, int], status: int, code: str, said: str
) -> None:
    player, other = world.player(), world.player("Ana Paz")
    player.upload()
    player.upload()
    before = world.files()
    world.change(**limits)
    answered, text_of_it = knock(door, player)
    assert said in text_of_it
    if door != "page":
        assert (answered, code in text_of_it) == (status, True)
    assert world.files() == before
    world.change(quota_waiting_bytes=10 * MIB, quota_stored_bytes=10 * MIB)
    assert knock(door, other)[0] in {201, 303}


def test_an_edit_that_is_done_or_failed_waits_no_more(world: World) -> None:
    player = world.player()
    player.upload()
    world.change(quota_waiting_clips=1)
    assert knock("form", player)[0] == 429
    with world.uow() as uow:
        uow.execute(text("UPDATE videos SET status = 'failed', reason_es = 'x', reason_en = 'x'"))
    assert knock("form", player)[0] == 201


def test_who_deletes_and_sends_again_has_sent_both(world: World) -> None:
    player = world.player()
    deleted = player.upload().video_id
    assert world.client.delete(f"/api/videos/{deleted}", headers=player.headers).status_code == 200
    world.change(quota_day_clips=1)
    assert knock("form", player)[0] == 429
    with world.uow() as uow:
        assert [jobs.count_since(uow, player.id, seconds) for seconds in (DAY, 0)] == [1, 0]


def test_zero_is_no_limit(world: World) -> None:
    world.change(quota_waiting_clips=0, quota_waiting_bytes=0, quota_day_clips=0, quota_stored_bytes=0)
    assert knock("form", world.player())[0] == 201


def test_a_key_hears_again_what_it_heard_though_the_quota_is_reached_since(world: World) -> None:
    player = world.player()

    def send() -> int:
        headers = player.headers | {"Idempotency-Key": "one"}
        status: int = world.client.post(
            "/api/videos/upload", files={"video_file": CLIP}, data={"title": "x"}, headers=headers
        ).status_code
        return status

    assert send() == 201
    world.change(quota_day_clips=1)
    assert send() == 201


@pytest.mark.parametrize(("networks", "statuses"), [("203.0.113.0/24", {201, 303}), ("198.51.100.0/24", {429})])
def test_a_network_that_an_operator_names_has_none(world: World, door: str, networks: str, statuses: set[int]) -> None:
    player = world.player()
    world.change(quota_waiting_clips=1, rate_exempt_networks=networks)
    player.upload()
    client = TestClient(world.client.app, base_url="https://testserver", client=("203.0.113.9", 40000))
    answered, _ = knock(door, replace(player, world=replace(world, client=client)))
    assert answered in statuses
