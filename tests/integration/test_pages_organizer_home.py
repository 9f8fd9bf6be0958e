"""The first page of the console: what waits for the organizer now, and the season's next moment."""

import pytest
from sqlalchemy import text

from anb.accounts.domain import Role
from support.browser_client import browser_client, published
from support.closing import hold_pending, move, season_id
from support.counting import seal
from support.counting_client import leave_uncounted
from support.leaving import vote
from support.worlds import World


def test_nothing_waits_in_a_new_contest(world: World) -> None:
    with browser_client(world, world.organizer()) as console:
        page = console.get("/organizer").text
    assert "Nada te espera ahora" in page
    assert "Temporada de prueba" in page
    assert "Sigue:" not in page
    assert "Correos fallidos" not in page


@pytest.mark.parametrize("role", [Role.ORGANIZER, Role.ADMINISTRATOR])
def test_what_waits_is_counted_and_leads_to_its_page(world: World, role: Role) -> None:
    clip = published(world, world.player())
    seal(world)
    leave_uncounted(world.client)
    assert vote(world, world.player("Ana Paz"), clip) == 200
    season = season_id(world)
    with world.uow() as uow:
        hold_pending(uow, season)
        stop = """insert into result_stops (season_id, found_at, differences) values (:id, now(), '["distinto"]')"""
        uow.execute(text(stop), {"id": season})
    move(world, closed_at=0, results_at=7200)
    with browser_client(world, world.promoted(world.player("Ada Administra"), role)) as console:
        page = console.get("/organizer").text
    assert '<a href="/organizer/fraud">1 voto dudoso por revisar</a>' in page
    assert '<a href="/organizer/health">1 temporada con resultados detenidos</a>' in page
    assert "Sigue: <b>" in page
    assert ("Correos fallidos" in page) is (role is Role.ADMINISTRATOR)
