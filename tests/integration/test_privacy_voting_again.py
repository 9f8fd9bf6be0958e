"""People who voted and erased their account vote no second time in that season, even if it is reopened."""

import pytest
from sqlalchemy import text

from anb.contest import periodic, seasons
from anb.contest import service as contest
from anb.contest.domain import VotedBefore
from support.browser_client import published
from support.leaving import close, erase, ranked, vote
from support.worlds import OPERATOR, World


def test_who_voted_erased_and_signed_up_again_votes_no_more_this_season(world: World) -> None:
    voter, owner = world.player("Ana Paz"), world.player()
    first, second = published(world, owner), published(world, owner)
    assert vote(world, voter, first) == 200
    erase(world, voter)
    again = world.player("Ana Paz")
    refused = world.client.post(f"/api/public/videos/{second}/vote", headers=again.headers)
    assert (refused.status_code, refused.json()["detail"]) == (403, VotedBefore().text("es"))
    assert ranked(world) == [("lucia.rios", 1)]


def test_in_the_next_season_they_vote(world: World) -> None:
    voter, clip = world.player("Ana Paz"), published(world, world.player())
    assert vote(world, voter, clip) == 200
    erase(world, voter)
    world.season(moderated=False)
    later = published(world, world.player("Luz Paz"))
    assert vote(world, world.player("Ana Paz"), later) == 200


@pytest.mark.parametrize("erased", ["before the close", "after the close"])
def test_a_season_that_reopens_bars_them_again(world: World, erased: str) -> None:
    voter, owner = world.player("Ana Paz"), world.player()
    first, second = published(world, owner), published(world, owner)
    assert vote(world, voter, first) == 200
    with world.uow() as uow:
        season = contest.current_season(uow)
    assert season is not None
    if erased == "before the close":
        erase(world, voter)
    close(world)
    if erased == "after the close":
        erase(world, voter)
    periodic.work(world.database)
    with world.uow() as uow:
        seasons.reopen(uow, OPERATOR, season.slug, None, "se cerró por error")
    assert vote(world, world.player("Ana Paz"), second) == 403


def test_their_marks_go_some_days_after_the_close(world: World) -> None:
    voter, clip = world.player("Ana Paz"), published(world, world.player())
    assert vote(world, voter, clip) == 200
    erase(world, voter)
    assert [marks_after(world, days) for days in (0, 29, 31)] == [1, 1, 0]


def test_who_had_not_voted_may_vote_with_a_new_account(world: World) -> None:
    clip = published(world, world.player())
    erase(world, world.player("Ana Paz"))
    assert vote(world, world.player("Ana Paz"), clip) == 200


def marks_after(world: World, days: int) -> int:
    """Return how many marks are kept when the season closed some days ago."""
    with world.uow() as uow:
        moved = "opened_at = now() - interval '90 days', closed_at = now() - make_interval(days => :days)"
        uow.execute(text(f"update seasons set {moved}"), {"days": days})  # noqa: S608
    periodic.work(world.database)
    with world.uow() as uow:
        return int(uow.execute(text("select count(*) from barred_voters")).scalar_one())
