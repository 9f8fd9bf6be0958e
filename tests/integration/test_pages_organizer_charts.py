"""The organizers' page of charts: edits by day with wait and time, and the votes of each city."""

import re

from sqlalchemy import text

from anb.jobs.service import list_edit_days
from anb.moderation.vote_effects import list_view_hours
from anb.votelog.growth import list_days
from support.browser_client import browser_client, published
from support.closing import season_id
from support.counting import seal
from support.leaving import vote
from support.plans import explained, scans
from support.worlds import World


def test_edits_of_today_and_of_days_before_are_counted_with_their_means(world: World) -> None:
    for name in ("Una", "Dos", "Tres"):
        published(world, world.player(name))
    moved = """
        update jobs set created_at = ended.at - interval '30 seconds', started_at = ended.at - interval '20 seconds',
            finished_at = ended.at
        from (select clock_timestamp() - make_interval(days => :days) as at) as ended
        where id = (select id from jobs order by id offset :number limit 1)
    """
    with world.uow() as uow:
        uow.execute(text("set local session_replication_role = replica"))
        for number, days in enumerate((0, 0, 3)):
            uow.execute(text(moved), {"number": number, "days": days})
        found = list_edit_days(uow, 14)
    assert len(found) == 14
    assert [(each.edits, each.waited, each.took) for each in found if each.edits] == [(1, 10, 20), (2, 10, 20)]
    assert found[-1].edits == 2
    assert (found[0].edits, found[0].waited, found[0].took) == (0, None, None)


def test_pictures_stand_with_their_tables(world: World) -> None:
    clip = published(world, world.player("Lucía Ríos", "Cali"))
    published(world, world.player("Marta Gil", "Bogotá"))
    assert vote(world, world.player("Ana Paz"), clip) == 200
    seal(world)
    with browser_client(world, world.organizer()) as console:
        page = console.get("/organizer/charts").text
        assert console.get("/organizer/charts?season=none").status_code == 404
    assert page.count('<svg class="chart"') == 6
    cities = page.rpartition("<tbody>")[2]
    assert re.findall(r"<bdi>(\w+)</bdi>", cities) == ["Cali", "Bogotá"]
    assert re.findall(r'"number">(\d+)<', cities) == ["1", "1", "1", "0"]


def test_a_contest_without_a_season_has_charts_too(world: World) -> None:
    with world.uow() as uow:
        uow.execute(text("update seasons set opened_at = now() + interval '1 day'"))
    with browser_client(world, world.organizer()) as console:
        assert console.get("/organizer/charts").status_code == 200


def test_the_log_grew_by_day_as_its_checkpoints_say_and_no_entry_is_read(world: World) -> None:
    published(world, world.player())
    seal(world)
    season = season_id(world)
    noon = (
        "(date_trunc('day', now() at time zone 'America/Bogota') + interval '12 hours') at time zone 'America/Bogota'"
    )
    with world.uow() as uow:
        uow.execute(text("set local session_replication_role = replica"))
        uow.execute(text("delete from log_checkpoints"))
        keep = f"insert into log_checkpoints select :season, 10000 - number, {noon} - number * interval '1 hour', ''"
        uow.execute(text(f"{keep} from generate_series(24, 2400) as number"), {"season": season})
        uow.execute(text("update log_heads set size = 12000"))
        uow.execute(text("analyze log_checkpoints"))
        with explained(uow, "explain (analyze)") as plans:
            found = list_days(uow, season, 14)
        closed = f"update seasons set opened_at = 'epoch', closed_at = {noon} - interval '3 days' where id = :season"  # noqa: S608
        uow.execute(text(closed), {"season": season})
        assert len(list_days(uow, season, 14)) == 14
        assert {each.entries for each in list_days(uow, season, 14)} == {24}
    assert [each.entries for each in found] == [24] * 12 + [13, 2024]
    assert scans(plans).tables <= {"seasons", "log_heads"}


def test_views_are_those_of_the_most_voted_clips_and_read_by_clip(world: World) -> None:
    most, least = (published(world, world.player(name)) for name in ("Lucía Ríos", "Marta Gil"))
    assert vote(world, world.player("Ana Paz"), most) == 200
    seal(world)
    season = season_id(world)
    views = """
        insert into clip_hours (video_id, hour, views)
        select :clip, date_trunc('hour', now()) - :hours * interval '1 hour', :views
        on conflict (video_id, hour) do update set views = excluded.views
    """
    with world.uow() as uow:
        for clip, hours, number in ((most, 0, 5), (least, 0, 2), (most, 3, 1), (most, 60, 9)):
            uow.execute(text(views), {"clip": clip, "hours": hours, "views": number})
        found = list_view_hours(uow, season, 2)
        assert [each.views for each in list_view_hours(uow, season, 1)][-4:] == [1, 0, 0, 5]
    assert (len(found), found[-1].views, sum(each.views for each in found)) == (48, 7, 8)
