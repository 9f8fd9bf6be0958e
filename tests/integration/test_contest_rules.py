"""The rules of a season: how many clips and votes of a person, which files, which cities."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from anb.contest import seasons
from anb.contest.domain import CityRule
from support.browser_client import published
from support.counting import force
from support.worlds import Player, World

CLIP = b"\0\0\0\x18ftypisom one clip"


def vote(world: World, voter: Player, video_id: UUID) -> tuple[int, str]:
    answer = world.client.post(f"/api/public/videos/{video_id}/vote", headers=voter.headers)
    return answer.status_code, answer.json().get("code", "")


def send(world: World, player: Player, body: bytes = CLIP) -> tuple[int, str]:
    files = {"video_file": ("clip.mp4", body, "video/mp4")}
    made = world.client.post("/api/videos/upload", files=files, data={"title": "uno"}, headers=player.headers)
    return made.status_code, made.json().get("code", "")


class TestRules:
    def test_a_player_sends_as_many_clips_as_allowed(self, world: World) -> None:
        world.season(clips_per_player=2)
        player = world.player()
        assert [send(world, player)[0] for _ in range(2)] == [201, 201]
        assert send(world, player) == (400, "too-many-clips")
        assert send(world, world.player("Ana Paz"))[0] == 201

    def test_two_at_once_do_not_both_take_the_last_place(self, world: World) -> None:
        world.season(clips_per_player=1)
        player = world.player()
        with ThreadPoolExecutor(3) as pool:
            codes = sorted(pool.map(lambda _: send(world, player)[0], range(3)))
        assert codes == [201, 400, 400]

    def test_the_same_file_is_taken_again_unless_the_season_forbids_it(self, world: World) -> None:
        player = world.player()
        assert [send(world, player)[0] for _ in range(2)] == [201, 201]
        world.season(same_file_again=False)
        assert send(world, player) == (400, "same-file-again")
        assert send(world, player, CLIP + b" more")[0] == 201

    def test_a_person_votes_so_often_a_day_also_at_once(self, world: World) -> None:
        world.season(votes_per_day=2)
        clips = [published(world, world.player(f"Nombre N{number}")) for number in range(4)]
        fan = world.player("Ana Paz")
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda clip: vote(world, fan, clip), clips))
        assert sorted(answers) == [(200, ""), (200, ""), *[(400, "too-many-votes-today")] * 2]
        with world.uow() as uow:  # a moment before midnight in Colombia
            earlier = "cast_at = date_trunc('day', now(), 'America/Bogota') - interval '1 us'"
            force(uow, "votes", "update votes set " + earlier)  # noqa: S608
        assert sum(vote(world, fan, clip)[0] == 200 for clip in clips) == 2

    def test_the_cities_are_those_of_the_present_season(self, world: World) -> None:
        with world.uow() as uow:
            assert seasons.cities(uow) is None
        listed = (CityRule("Bogotá", ("Santafé de Bogotá",)), CityRule("Cali"))
        world.season(cities=listed)
        with world.uow() as uow:
            assert seasons.cities(uow) == listed
