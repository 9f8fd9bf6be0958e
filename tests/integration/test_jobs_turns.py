"""The next job: lanes alternate, a player's next clip waits behind other players' first, a suspect runs alone."""

from copy import deepcopy
from uuid import UUID

import pytest
from sqlalchemy import text

from anb.jobs import service as jobs
from anb.jobs.domain import Lane
from anb.videos import processing
from anb.videos import service as videos
from support.fakes import GOOD_CLIP
from support.publishing import publish
from support.worlds import AcceptedClip, Player, World


def next_job(world: World) -> UUID | None:
    with world.uow() as uow:
        begun = processing.begin(uow, world.settings, "test")
        if begun is None:
            return None
        assert jobs.finish(uow, begun[0], {})
        return begun[0].job_id


def all_in_turn(world: World) -> list[UUID]:
    found = []
    while (job := next_job(world)) is not None:
        found.append(job)
    return found


def place(world: World, player: Player, upload: AcceptedClip) -> int:
    seen = world.client.get(f"/api/jobs/{upload.task_id}", headers=player.headers).json()
    number: int = seen["place"]
    return number


def heavy(world: World, player: Player) -> AcceptedClip:
    """Upload a clip in 4K."""
    world.prober.facts = deepcopy(GOOD_CLIP)
    world.prober.facts["video"] |= {"width": 3840, "height": 2160}
    try:
        return player.upload()
    finally:
        world.prober.facts = deepcopy(GOOD_CLIP)


def lane_of(world: World, upload: AcceptedClip) -> str:
    with world.uow() as uow:
        return jobs.show(uow, upload.task_id)[0].lane.value


class TestPlayers:
    def test_the_tenth_clip_of_one_waits_behind_the_first_of_all_others(self, world: World) -> None:
        many = world.player("Ana Muchas")
        ten = [many.upload() for _ in range(10)]
        others = [world.player(f"Nombre{n} Otro").upload() for n in range(12)]
        order = all_in_turn(world)
        assert order == [one.task_id for one in (ten[0], *others, *ten[1:])]

    def test_two_with_many_clips_are_served_in_turn(self, world: World) -> None:
        ana, eva = world.player("Ana Paz"), world.player("Eva Sol")
        first, second = [ana.upload() for _ in range(3)], [eva.upload() for _ in range(3)]
        expected = [one.task_id for pair in zip(first, second, strict=True) for one in pair]
        assert all_in_turn(world) == expected

    def test_nobody_waits_for_ever_behind_newcomers(self, world: World) -> None:
        ana = world.player("Ana Paz")
        second = [ana.upload() for _ in range(2)][1]
        with world.uow() as uow:  # two hours pass
            uow.execute(text("update jobs set turn_at = turn_at - interval '2 hours'"))
        newcomer = world.player("Eva Sol").upload()
        assert all_in_turn(world)[1:] == [second.task_id, newcomer.task_id]

    def test_the_place_in_line_is_the_order_of_service(self, world: World) -> None:
        players = [world.player(f"Nombre{n} Otro") for n in range(4)]
        uploads = [(player, player.upload()) for player in players for _ in range(3)]
        uploads += [(player, heavy(world, player)) for player in players]
        told = {place(world, player, upload): upload.task_id for player, upload in uploads}
        order = all_in_turn(world)
        assert [told[number] for number in range(1, len(uploads) + 1)] == order


class TestLanes:
    def test_a_light_clip_waits_for_one_heavy_clip_and_not_for_fifty(self, world: World) -> None:
        players = [world.player(f"Nombre{n} Otro") for n in range(5)]
        heavies = [heavy(world, player) for player in players for _ in range(4)]
        light = world.player("Eva Sol").upload()
        assert all_in_turn(world).index(light.task_id) <= 1
        assert {lane_of(world, one) for one in heavies} == {"heavy"}

    def test_a_heavy_clip_waits_for_as_few_light_ones(self, world: World) -> None:
        lights = [world.player(f"Nombre{n} Otro").upload() for n in range(20)]
        big = heavy(world, world.player("Eva Sol"))
        assert all_in_turn(world).index(big.task_id) <= 1
        assert {lane_of(world, one) for one in lights} == {"light"}

    def test_a_new_edit_waits_behind_no_more_than_one_clip_of_each_other_lane(self, world: World) -> None:
        player = world.player()
        publish(world, player.upload())
        clips = [player.upload() for _ in range(5)]
        with world.uow() as uow:
            assert videos.reedit(uow, world.ports, older_than=None, every=60) == 1
        order = all_in_turn(world)
        assert len(order) == 6
        assert clips[-1].task_id == order[-1]

    @pytest.mark.parametrize(
        ("facts", "lane"),
        [
            ({}, "light"),
            ({"usual_rate": [60, 1]}, "light"),
            ({"usual_rate": [120, 1]}, "heavy"),
            ({"width": 3840, "height": 2160}, "heavy"),
            ({"transfer": "arib-std-b67"}, "heavy"),
            ({"transfer": "smpte2084"}, "heavy"),
        ],
    )
    def test_what_takes_long_is_known_by_the_probe(self, world: World, facts: dict[str, object], lane: str) -> None:
        world.prober.facts["video"] |= facts
        assert lane_of(world, world.player().upload()) == lane


class TestSuspects:
    def test_one_that_killed_two_workers_runs_alone(self, world: World) -> None:
        players = [world.player(f"Nombre{n} Otro") for n in range(2)]
        poison = [player.upload() for player in players]
        for _ in range(2):
            for _ in poison:
                with world.uow() as uow:
                    assert processing.begin(uow, world.settings, "test")
            world.age(world.settings.lease_seconds + 0.1)
            processing.reconcile(world.database, world.ports, world.settings)
        assert {lane_of(world, one) for one in poison} == {Lane.SUSPECT.value}
        good = players[0].upload()
        with world.uow() as uow:
            first = processing.begin(uow, world.settings, "test")
            second = processing.begin(uow, world.settings, "test")
            third = processing.begin(uow, world.settings, "test")
        assert first
        assert second
        assert third is None
        assert {first[0].job_id, second[0].job_id} == {poison[0].task_id, good.task_id}
