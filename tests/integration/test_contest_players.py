"""A player's public page, the caller's own place, the most voted clips, and answers that are not sent again."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from anb.contest import service as contest
from support.browser_client import published
from support.leaving import erase
from support.worlds import OPERATOR, Player, World

RANKINGS, VIDEOS = "/api/public/rankings", "/api/public/videos"
PERSONAL = {"email", "first_name", "last_name", "birth_year", "country", "role"}


def vote(world: World, video_id: UUID, *voters: Player) -> None:
    for voter in voters:
        answer = world.client.post(f"{VIDEOS}/{video_id}/vote", headers=voter.headers)
        assert answer.status_code == 200, answer.text


def places(world: World, number: int, city: str = "Cali") -> list[Player]:
    """Make players with a public clip each; the first gets the most votes, the last none."""
    players = [world.player(f"Jugadora {city[0]}{each}", city) for each in range(number)]
    clips = [published(world, player, f"Jugada {each}") for each, player in enumerate(players)]
    voters = [world.player(f"Votante {city}{each}") for each in range(number - 1)]
    for place, clip in enumerate(clips):
        vote(world, clip, *voters[: number - 1 - place])
    return players


def ids(ranks: list[dict[str, Any]]) -> list[str]:
    return [rank["player_id"] for rank in ranks]


class TestPlayer:
    def test_everyone_sees_places_votes_and_public_clips_and_nothing_else(self, world: World) -> None:
        players = places(world, 3)
        other = world.player("Ana Paz", "Bogotá")
        published(world, other)
        answer = world.client.get(f"/api/public/players/{players[1].id}")
        assert answer.headers["cache-control"] == "public, max-age=1"
        body = answer.json()
        (clip,) = body.pop("clips")
        assert clip["title"] == "Jugada 1"
        assert body == {
            "player_id": str(players[1].id), "username": "jugadora.c1", "player": "Jugadora C1", "city": "Cali",
            "votes": 1, "jury_votes": 0, "in_country": {"position": 2, "movement": None},
            "in_city": {"position": 2, "movement": None},
        }  # fmt: skip
        assert not PERSONAL & (body.keys() | clip.keys())

    def test_who_has_no_place_is_not_there(self, world: World) -> None:
        player = world.player()
        player.upload()  # not public
        for unknown in (player.id, uuid4()):
            answer = world.client.get(f"/api/public/players/{unknown}")
            assert (answer.status_code, answer.json()["code"]) == (404, "no-place")

    def test_a_past_season_stays_readable(self, world: World) -> None:
        first, second = places(world, 2)
        world.season()
        past = world.client.get(f"/api/public/players/{first.id}?season=temporada-de-prueba").json()
        assert (past["votes"], past["in_country"]["position"], len(past["clips"])) == (1, 1, 1)
        assert world.client.get(f"/api/public/players/{first.id}").status_code == 404
        ranked = world.client.get(f"{RANKINGS}?season=temporada-de-prueba").json()
        assert ids(ranked) == [str(first.id), str(second.id)]

    def test_a_person_who_was_erased_after_the_close_has_a_place_and_no_name(self, world: World) -> None:
        first, _ = places(world, 2)
        world.season()
        erase(world, first)
        shown = world.client.get(f"/api/public/players/{first.id}?season=temporada-de-prueba").json()
        assert (shown["in_country"]["position"], shown["votes"], shown["clips"]) == (1, 1, [])
        assert "Jugadora" not in shown["player"]

    def test_rows_of_the_ranking_lead_there(self, world: World) -> None:
        places(world, 2)
        for rank in world.client.get(RANKINGS).json():
            page = world.client.get(rank["player_url"].removeprefix("https://testserver")).json()
            assert (page["username"], page["in_country"]["position"]) == (rank["username"], rank["position"])


class TestStanding:
    def test_it_is_the_place_among_its_neighbours(self, world: World) -> None:
        players = places(world, 6)
        for place in (0, 2, 5):
            near = world.client.get("/api/me/standing", headers=players[place].headers).json()["country"]
            assert near["own"]["position"] == place + 1
            assert ids(near["ahead"]) == [str(each.id) for each in players[max(place - 2, 0) : place]]
            assert ids(near["behind"]) == [str(each.id) for each in players[place + 1 : place + 3]]

    def test_the_city_has_its_own(self, world: World) -> None:
        places(world, 3, "Bogotá")
        (alone,) = places(world, 1, "Pasto")
        found = world.client.get("/api/me/standing", headers=alone.headers).json()
        assert found["country"]["own"]["position"] == 4
        assert (found["city"]["own"]["position"], found["city"]["ahead"], found["city"]["behind"]) == (1, [], [])

    def test_who_has_no_public_clip_has_none(self, world: World) -> None:
        answer = world.client.get("/api/me/standing", headers=world.player().headers)
        assert answer.json() == {"country": None, "city": None}


class TestMostVoted:
    def test_pages_follow_the_votes_and_then_who_had_them_first(self, world: World) -> None:
        places(world, 4)
        published(world, world.player("Nadie Aún"), "Jugada 4")
        seen, path = [], f"{VIDEOS}?order=votes&limit=2"
        while path:
            answer = world.client.get(path)
            seen += [clip["title"] for clip in answer.json()]
            path = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
        assert seen == [f"Jugada {number}" for number in range(5)]

    def test_of_a_city_and_by_words(self, world: World) -> None:
        places(world, 2, "Cali")
        places(world, 3, "Pasto")
        found = world.client.get(f"{VIDEOS}?order=votes&city=pasto").json()
        assert [clip["votes"] for clip in found] == [2, 1, 0]
        found = world.client.get(f"{VIDEOS}?order=votes&q=jugada 0").json()
        assert [(clip["city"], clip["votes"]) for clip in found] == [("Pasto", 2), ("Cali", 1)]

    def test_a_hidden_clip_is_not_there_at_once(self, world: World) -> None:
        places(world, 2)
        with world.uow() as uow:
            uow.execute(text("update videos set published_at = null where title = 'Jugada 0'"))
        assert [clip["title"] for clip in world.client.get(f"{VIDEOS}?order=votes").json()] == ["Jugada 1"]


class TestValidators:
    @pytest.mark.parametrize("path", [RANKINGS, f"{RANKINGS}?city=cali", VIDEOS, f"{VIDEOS}?order=votes"])
    def test_what_did_not_change_is_not_read_again_and_a_sealed_vote_changes_it(self, world: World, path: str) -> None:
        first, second = places(world, 2)
        before = world.client.get(path)
        known = {"If-None-Match": before.headers["etag"]}
        again = world.client.get(path, headers=known)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", before.headers["etag"])
        assert again.headers["cache-control"] == before.headers["cache-control"]
        clip = world.client.get(f"{VIDEOS}?q=jugada 1").json()[0]["video_id"]
        vote(world, UUID(clip), world.player("Otro Votante"), first)
        after = world.client.get(path, headers=known)
        assert (after.status_code, after.headers["etag"] != before.headers["etag"]) == (200, True)
        assert after.content != before.content
        assert second.id != first.id

    def test_a_name_that_changed_and_a_season_that_ended_change_it_too(self, world: World) -> None:
        (player,) = places(world, 1)
        tags = [world.client.get(RANKINGS).headers["etag"]]
        with world.uow() as uow:
            uow.execute(text("update users set public_name = 'Rayo' where id = :id"), {"id": player.id})
        tags.append(world.client.get(RANKINGS).headers["etag"])
        with world.uow() as uow:
            contest.close_season(uow, OPERATOR)
        tags.append(world.client.get(RANKINGS).headers["etag"])
        assert len(set(tags)) == 3

    def test_a_page_number_reaches_any_depth(self, world: World) -> None:
        places(world, 3)
        assert [rank["position"] for rank in world.client.get(f"{RANKINGS}?limit=1&page=3").json()] == [3]
        assert world.client.get(f"{RANKINGS}?limit=100&page=1000").json() == []
