"""The organizers' page of charts: edits by day with wait and time, and the votes of each city."""

import re

from sqlalchemy import text

from anb.jobs.service import list_edit_days
from support.browser_client import browser_client, published
from support.counting import seal
from support.leaving import vote
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
    assert page.count('<svg class="chart"') == 4
    cities = page.rpartition("<tbody>")[2]
    assert re.findall(r"<bdi>(\w+)</bdi>", cities) == ["Cali", "Bogotá"]
    assert re.findall(r'"number">(\d+)<', cities) == ["1", "1", "1", "0"]


def test_a_contest_without_a_season_has_charts_too(world: World) -> None:
    with world.uow() as uow:
        uow.execute(text("update seasons set opened_at = now() + interval '1 day'"))
    with browser_client(world, world.organizer()) as console:
        assert console.get("/organizer/charts").status_code == 200
