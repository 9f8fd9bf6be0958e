"""The jury's places are frozen next to those of the public, once the jury has closed."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from anb.contest import seasons
from anb.contest.domain import Season, SeasonCalendar
from anb.db.session import UnitOfWork
from anb.errors import Refusal
from anb.jury.clip_names import name_of
from anb.results.closing import SeasonCloser
from anb.votelog import service as votelog
from support.closing import frozen, has_passed, move, settled, shown
from support.counting import seal
from support.jury import clips_for, judged, seated
from support.leaving import vote
from support.locks import while_uncommitted
from support.waiting import until
from support.worlds import OPERATOR, World


def test_results_wait_for_the_jury_and_have_its_places(world: World) -> None:
    season = judged(world)
    juror, clips = seated(world), clips_for(world, 2)
    assert vote(world, world.player("Ana Paz"), clips[0]) == 200
    seal(world)
    for clip, marks in zip(clips, ((6, 6), (9, 6)), strict=True):
        assert juror.score(name_of(world.ports, clip), *marks).status_code == 200
    move(world, closed_at=0, jury_closes_at=3600, results_at=7200)
    settled(world, closes=False)
    assert frozen(world) == 1  # of the season before
    move(world, jury_closes_at=0, results_at=0)
    settled(world, closes=False)
    assert frozen(world) == 2
    places = shown(world, season.slug)["places"]
    assert [(place["votes"], place["jury_position"], place["jury_points"]) for place in places] == [
        (1, 2, 6000), (0, 1, 8250),
    ]  # fmt: skip


@pytest.fixture
def waiting(world: World) -> Season:
    """Return a season whose votes have closed and whose jury has an hour."""
    season = judged(world)
    (clip,) = clips_for(world, 1)
    assert vote(world, world.player("Ana Paz"), clip) == 200
    seal(world)
    move(world, closed_at=0, jury_closes_at=3600, results_at=7200)
    return season


def moved(world: World, slug: str, *, reason: str = "un jurado enfermó", **hours: Any) -> str:
    """Move moments of a season; return the code of the refusal."""
    try:
        with world.uow() as uow:
            season = seasons.show(uow, slug)
            before = {name: getattr(season, name) for name in SeasonCalendar.__dataclass_fields__}
            wanted = {name: hour and season.now + timedelta(hours=hour) for name, hour in hours.items()}
            seasons.reschedule(uow, OPERATOR, slug, SeasonCalendar(**before | wanted), reason)
    except Refusal as refused:
        return refused.code
    return ""


class TestMovingTheClose:
    def test_after_the_votes_the_jury_can_get_longer_or_shorter_with_a_reason(
        self, world: World, waiting: Season
    ) -> None:
        assert moved(world, waiting.slug, reason="", jury_closes_at=1.5) == "reason-needed"
        assert moved(world, waiting.slug, jury_closes_at=1.5) == ""
        assert moved(world, waiting.slug, jury_closes_at=3, results_at=4) == ""
        assert moved(world, waiting.slug, jury_closes_at=0.1) == ""
        said = text("select reason from audit_entries where act = 'season_rescheduled'")
        with world.uow() as uow:
            assert uow.execute(said).scalars().all() == ["un jurado enfermó"] * 3

    @pytest.mark.parametrize(
        ("hours", "code"),
        [
            ({"closed_at": 0.5}, "season-closed"),
            ({"votes_open_at": -1}, "season-closed"),
            ({"jury_closes_at": -0.0001}, "invalid-calendar"),
            ({"jury_closes_at": None}, "invalid-calendar"),
            ({"results_at": None, "jury_closes_at": None}, "invalid-calendar"),
            ({"jury_closes_at": 3}, "invalid-calendar"),
        ],
        ids=["votes close", "votes open", "the past", "with the votes", "no results", "after the results"],
    )
    def test_nothing_else_moves_and_nothing_into_the_past(
        self, world: World, waiting: Season, hours: dict[str, Any], code: str
    ) -> None:
        with world.uow() as uow:
            uow.execute(text("update seasons set opened_at = opened_at - interval '1 day', closed_at = closed_at - "
                             "interval '1 day' where id != :id"), {"id": waiting.id})  # fmt: skip
            uow.execute(text("update seasons set opened_at = now() - interval '2 hours' where id = :id"),
                        {"id": waiting.id})  # fmt: skip
        assert moved(world, waiting.slug, **hours) == code

    def test_frozen_results_stay_frozen(self, world: World, waiting: Season) -> None:
        move(world, jury_closes_at=0, results_at=7200)
        settled(world, closes=False)
        assert moved(world, waiting.slug, jury_closes_at=1) == "results-frozen"
        assert moved(world, waiting.slug, results_at=3) == "results-frozen"

    def test_a_freeze_waits_for_a_close_that_is_being_moved_and_sees_it(self, world: World, waiting: Season) -> None:
        move(world, jury_closes_at=0)
        with world.uow() as uow:
            votelog.finish(uow, votelog.signer(uow, world.settings, waiting.id), waiting.id)
        until(lambda: has_passed(world))  # nothing but the freeze is left

        def moves(uow: UnitOfWork) -> None:
            season = seasons.show(uow, waiting.slug)
            calendar = {name: getattr(season, name) for name in SeasonCalendar.__dataclass_fields__}
            later = calendar | {"jury_closes_at": season.now + timedelta(hours=1)}
            seasons.reschedule(uow, OPERATOR, waiting.slug, SeasonCalendar(**later), "a tiempo")

        closer = SeasonCloser(world.database, world.settings)
        assert while_uncommitted(world, moves, lambda: closer.settle(waiting.id)).result() is None
        move(world, jury_closes_at=0)
        assert closer.settle(waiting.id) is not None


def test_a_season_without_criteria_has_no_places_of_the_jury(world: World) -> None:
    clips_for(world, 1)
    settled(world)
    assert shown(world)["places"][0]["jury_position"] is None
    with world.uow() as uow:
        assert seasons.list_seasons(uow)[0].jury is None
