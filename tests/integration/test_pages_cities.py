"""Where a season lists its cities, forms offer exactly those, and refuse others by name."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from anb.accounts import profile, recovery
from anb.contest.domain import CityRule
from support.browser_client import browser_client, form
from support.worlds import World

EMAIL = "lucia@example.com"


@pytest.fixture
def visitor(world: World) -> Iterator[TestClient]:
    """A browser, in a season of two cities."""
    world.season(cities=(CityRule("Bogotá", ("Santafé de Bogotá",)), CityRule("Cali")))
    with browser_client(world) as browser:
        yield browser


def city_of(world: World) -> str:
    with world.uow() as uow:
        return profile.show(uow, recovery.find(uow, EMAIL).id).city


def test_a_season_of_any_city_suggests_some(world: World) -> None:
    with browser_client(world) as visitor:
        page = visitor.get("/signup").text
        assert '<datalist id="cities"><option value="Arauca">' in page
        assert visitor.post("/signup", data=form(email=EMAIL, city="Villa de Leyva")).status_code == 303
    assert city_of(world) == "Villa de Leyva"


def test_a_list_is_offered_whole_and_alone(visitor: TestClient) -> None:
    page = visitor.get("/signup").text
    assert page.count("<option") == 3
    assert "<option>Bogotá</option><option>Cali</option>" in page
    assert "datalist" not in page


@pytest.mark.parametrize("typed", ["Bogotá", "bogota", "SANTAFE DE BOGOTA"])
def test_a_city_is_kept_as_the_list_writes_it(world: World, visitor: TestClient, typed: str) -> None:
    assert visitor.post("/signup", data=form(email=EMAIL, city=typed)).status_code == 303
    assert city_of(world) == "Bogotá"


def test_another_city_is_refused_by_name_and_the_choice_stays(visitor: TestClient) -> None:
    page = visitor.post("/signup", data=form(email=EMAIL, city="Pasto"))
    assert page.status_code == 400
    assert "\u2068Pasto\u2069 no participa en esta temporada." in page.text
    again = visitor.post("/signup", data=form(email=EMAIL, city="cali", first_name=""))
    assert "<option selected>Cali</option>" in again.text


@pytest.mark.usefixtures("visitor")
def test_a_profile_moves_within_the_list(world: World) -> None:
    player = world.player(city="Pasto")
    with browser_client(world, player) as browser:
        page = browser.get("/account/profile").text
        assert '<option value="" selected>Pasto</option>' in page
        refused = browser.post("/account/profile", data={"city": "Leticia"})
        assert (refused.status_code, 'id="error-city"' in refused.text) == (400, True)
        assert browser.post("/account/profile", data={"city": "Cali"}).status_code == 303
