"""Votes and the ranking on pages."""

import re

from anb.accounts.domain import Role
from anb.contest import service as contest
from support.browser_client import browser_client, published
from support.worlds import OPERATOR, World


class TestVotes:
    def test_a_vote_counts_once_and_comes_back_to_the_clip(self, world: World) -> None:
        clip = published(world, world.player())
        with browser_client(world, world.player("Ana Paz")) as fan:
            assert "Votar por este clip" in fan.get(f"/videos/{clip}").text
            voted = fan.post(f"/videos/{clip}/vote")
            assert (voted.status_code, voted.headers["location"]) == (303, f"/videos/{clip}?done=vote")
            again = fan.post(f"/videos/{clip}/vote")
        assert again.status_code == 400
        assert "Ya has votado por este video." in again.text
        assert 'data-votes="1"' in again.text

    def test_whoever_is_not_signed_in_is_led_there_and_back(self, world: World) -> None:
        clip = published(world, world.player())
        with browser_client(world) as visitor:
            asked = visitor.post(f"/videos/{clip}/vote")
        assert asked.headers["location"] == f"/login?next=%2Fvideos%2F{clip}%2Fvote"

    def test_a_vote_from_another_site_does_not_count(self, world: World) -> None:
        clip = published(world, world.player())
        with browser_client(world, world.player("Ana Paz")) as fan:
            assert fan.post(f"/videos/{clip}/vote", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
            assert 'data-votes="0"' in fan.get(f"/videos/{clip}").text

    def test_nobody_is_offered_a_vote_for_a_clip_of_their_own_or_out_of_season(self, world: World) -> None:
        owner = world.player()
        clip = published(world, owner)
        with browser_client(world, owner) as visitor:
            assert "Este clip es tuyo" in visitor.get(f"/videos/{clip}").text
        with world.uow() as uow:
            contest.close_season(uow, OPERATOR)
        with browser_client(world, world.player("Ana Paz")) as fan:
            page = fan.get(f"/videos/{clip}").text
        assert "Las votaciones no están abiertas" in page
        assert "Votar por este clip" not in page

    def test_the_jury_is_shown_apart(self, world: World) -> None:
        clip = published(world, world.player())
        juror = world.promoted(world.player("Judith Justa"), Role.JUROR)
        with browser_client(world, juror) as visitor:
            visitor.post(f"/videos/{clip}/vote")
            page = visitor.get(f"/videos/{clip}").text
            ranking = visitor.get("/ranking").text
        assert 'data-votes="0"' in page
        assert "1 voto del jurado, aparte" in page
        assert "1 voto del jurado, aparte" in ranking

    def test_the_first_three_stand_on_the_podium_and_the_rest_in_the_table(self, world: World) -> None:
        names = ["Ana Uno", "Ana Dos", "Ana Tres", "Ana Cuatro"]
        for name in names:
            published(world, world.player(name), name)
        with browser_client(world) as visitor:
            page = visitor.get("/ranking").text
        assert len(re.findall(r'<li class="step-', page)) == 3
        assert len(re.findall(r'<th scope="row">', page)) == 1
        assert all(name in page for name in names)
