"""The jury's places are frozen next to those of the public, once the jury has closed."""

from anb.contest import seasons
from anb.jury.clip_names import name_of
from support.closing import frozen, move, settled, shown
from support.counting import seal
from support.jury import clips_for, judged, seated
from support.leaving import vote
from support.worlds import World


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


def test_a_season_without_criteria_has_no_places_of_the_jury(world: World) -> None:
    clips_for(world, 1)
    settled(world)
    assert shown(world)["places"][0]["jury_position"] is None
    with world.uow() as uow:
        assert seasons.list_seasons(uow)[0].jury is None
