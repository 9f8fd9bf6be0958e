"""Many accounts that send clips from one network delay no other; a school at one address hardly delays itself."""

from uuid import UUID

import pytest
from sqlalchemy import text

from anb.adapters.credentials import SignedTokens
from anb.jobs import service as jobs
from anb.jobs.domain import Lane, Spacing
from anb.videos import processing
from support.callers import ELSEWHERE, SCHOOL, calling
from support.worlds import Player, World

SPACING = 60.0
CLIP = b"\0\0\0\x18ftypisom a clip of one network"
NEW_ACCOUNTS = text(
    "insert into users (email, username, first_name, last_name, city, city_key, country, password_hash)"
    " select 'n' || n || '@example.com', 'n' || n, 'N', 'N', 'Cali', 'cali', 'Colombia', 'x'"
    " from generate_series(1, :count) n returning id"
)


def crowd(world: World, count: int, origin: str | None) -> list[UUID]:
    """Queue a clip for each of a number of new accounts of one network."""
    video = world.player("Ana Ríos").upload().video_id
    with world.uow() as uow:
        jobs.cancel_of(uow, video, "a test")
        owners = list(uow.execute(NEW_ACCOUNTS, {"count": count}).scalars())
        turns = Spacing(3600, origin, SPACING)
        return [jobs.queue(uow, world.ports, video, owner, Lane.LIGHT, turns) for owner in owners]


def first_of_line(world: World, count: int) -> list[UUID]:
    found = []
    for _ in range(count):
        with world.uow() as uow:
            begun = processing.begin(uow, world.settings, "test")
            assert begun is not None
            assert jobs.finish(uow, begun[0], {})
            found.append(begun[0].job_id)
    return found


def origins(world: World, table: str) -> list[str | None]:
    with world.uow() as uow:
        return list(uow.execute(text(f"select origin from {table} order by id")).scalars())  # noqa: S608


def test_an_honest_player_is_served_before_five_hundred_accounts_of_one_network(world: World) -> None:
    first, *_ = crowd(world, 500, "one network")
    honest = world.player("Eva Sol").upload().task_id
    assert first_of_line(world, 3)[:2] == [first, honest]


def test_without_a_network_all_are_served_as_they_came(world: World) -> None:
    ids = crowd(world, 20, None)
    with world.uow() as uow:
        spread = uow.execute(text("select max(turn_at) - min(turn_at) from jobs where state = 'queued'")).scalar_one()
    assert spread.total_seconds() < SPACING
    assert first_of_line(world, 20) == ids


def test_a_school_of_thirty_is_served_in_its_order_and_within_half_an_hour(world: World) -> None:
    ids = crowd(world, 30, "a school")
    with world.uow() as uow:
        spread = uow.execute(text("select max(turn_at) - min(turn_at) from jobs where origin = 'a school'"))
        assert 28 * 60 < spread.scalar_one().total_seconds() < 31 * 60
    assert first_of_line(world, 30) == ids


def test_many_clips_of_one_do_not_push_back_a_neighbour_by_hours(world: World) -> None:
    video = world.player("Ana Ríos").upload()
    ana, eva = world.player("Ana Muchas"), world.player("Eva Sol")
    with world.uow() as uow:
        turns = Spacing(3600, "a school", SPACING)
        for player in [ana] * 10 + [eva]:
            last = jobs.queue(uow, world.ports, video.video_id, player.id, Lane.LIGHT, turns)
        waits = uow.execute(text("select turn_at - now() from jobs where id = :id"), {"id": last}).scalar_one()
    assert waits.total_seconds() == pytest.approx(10 * SPACING, abs=5)


def submit(world: World, player: Player, door: str, address: str) -> None:
    headers = player.headers | {"Origin": "https://testserver", "Sec-Fetch-Site": "same-origin"}
    with calling(world, address) as client:
        if door == "tus":
            chunk = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(CLIP)), "Upload-Metadata": "title VHJpcGxl"}
            made = client.post("/api/uploads", headers=headers | chunk)
            assert origins(world, "uploads") != [None] or address == "127.0.0.1"
            chunk |= {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
            done = client.patch(made.headers["location"], content=CLIP, headers=headers | chunk)
        else:
            files, data = {"video_file": CLIP}, {"title": "Triple"}
            done = client.post(door, files=files, data=data, headers=headers, follow_redirects=False)
        assert done.status_code in {201, 204, 303}, done.text


@pytest.mark.parametrize("door", ["/api/videos/upload", "/upload", "tus"])
class TestDoors:
    def test_the_job_knows_its_network_by_a_keyed_hash_until_it_ends(self, world: World, door: str) -> None:
        submit(world, world.player(), door, SCHOOL)
        (origin,) = origins(world, "jobs")
        assert origin is not None
        assert SCHOOL not in origin
        other = SignedTokens("another secret of thirty-two letters", 60, world.clock)
        assert origin != other.sign(f"origin:{SCHOOL.rpartition('.')[0]}.0/24")[:32]
        submit(world, world.player("Eva Sol"), door, ELSEWHERE)
        assert len(set(origins(world, "jobs"))) == 2
        first_of_line(world, 2)
        assert origins(world, "jobs") == [None, None]
        assert set(origins(world, "uploads")) <= {None}

    def test_this_machine_has_none(self, world: World, door: str) -> None:
        submit(world, world.player(), door, "127.0.0.1")
        assert origins(world, "jobs") == [None]


def test_it_is_gone_too_where_a_job_is_cancelled(world: World) -> None:
    player = world.player()
    submit(world, player, "/api/videos/upload", SCHOOL)
    (task,) = _ids(world)
    assert world.client.post(f"/api/jobs/{task}/cancel", headers=player.headers).status_code == 200
    assert origins(world, "jobs") == [None]


def test_it_is_gone_too_with_the_last_death_of_a_worker(world: World) -> None:
    submit(world, world.player(), "/api/videos/upload", SCHOOL)
    with world.uow() as uow:
        assert processing.begin(uow, world.settings, "test") is not None
    world.age(world.settings.lease_seconds + 0.1)
    for deaths, is_known in ((2, True), (1, False)):  # one more may die; no more may
        with world.uow() as uow:
            assert jobs.reconcile(uow, world.ports, world.settings.model_copy(update={"job_deaths": deaths}))
        assert (origins(world, "jobs") != [None]) is is_known
        with world.uow() as uow:
            processing.begin(uow, world.settings, "test")
        world.age(world.settings.lease_seconds + 0.1)


def _ids(world: World) -> list[UUID]:
    with world.uow() as uow:
        return list(uow.execute(text("select id from jobs")).scalars())
