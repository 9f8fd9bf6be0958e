"""The organizers' pages of seasons: create one, move its calendar, change its rules, close and reopen it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from anb.pages.organizer_acts import local
from support.browser_client import OURS, browser_client, published
from support.closing import SLUG
from support.worlds import Player, World

HERE = "/organizer/seasons"
NEXT_YEAR = datetime.now(UTC).replace(microsecond=0, second=0) + timedelta(days=365)
RULES = {"asks_confirmation": "1", "winners_per_city": "3", "lowest": "1", "highest": "10"}


@pytest.fixture
def organizer(world: World) -> Player:
    return world.organizer()


@pytest.fixture
def console(world: World, organizer: Player) -> Iterator[TestClient]:
    with browser_client(world, organizer) as browser:
        yield browser


def send(console: TestClient, path: str, **form: str) -> str:
    """Send a form; return where it led."""
    answer = console.post(f"{HERE}/{path}", data=form, headers=OURS)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def refused(console: TestClient, path: str, **form: str) -> str:
    """Send a form that is shown again."""
    answer = console.post(f"{HERE}/{path}", data=form, headers=OURS)
    assert answer.status_code == 400, answer.text
    return answer.text


def season(world: World, organizer: Player, slug: str = SLUG) -> Mapping[str, Any]:
    answer = world.client.get(f"/api/admin/seasons/{slug}", headers=organizer.headers)
    assert answer.status_code == 200
    found: Mapping[str, Any] = answer.json()
    return found


def test_a_season_is_created_with_its_calendar_and_rules(world: World, organizer: Player, console: TestClient) -> None:
    ends = local(NEXT_YEAR - timedelta(days=10))
    send(console, f"{SLUG}/calendar", closed_at=ends)
    form = RULES | {
        "name": "Temporada 2", "opened_at": local(NEXT_YEAR), "closed_at": local(NEXT_YEAR + timedelta(days=30)),
        "moderated": "1", "clips_per_player": "2", "cities": "Bogotá; Santafé de Bogotá\n\nCali",
        "es_0": "Técnica", "en_0": "Technique", "weight_0": "3", "es_1": "Defensa",
    }  # fmt: skip
    assert 'name="cities"' in console.get(f"{HERE}/new").text
    assert send(console, "new", **form) == f"{HERE}/temporada-2?done=created"
    made = season(world, organizer, "temporada-2")
    assert made["phase"] == "scheduled"
    assert datetime.fromisoformat(made["calendar"]["opened_at"]) == NEXT_YEAR
    rules = made["rules"]
    assert (rules["moderated"], rules["asks_consent"], rules["clips_per_player"]) == (True, False, 2)
    assert rules["cities"] == [
        {"name": "Bogotá", "spellings": ["Santafé de Bogotá"]}, {"name": "Cali", "spellings": []},
    ]  # fmt: skip
    assert [(one["name"], one["weight"], one["en"]) for one in rules["jury"]["criteria"]] == [
        ("technique", 3, "Technique"), ("defensa", 1, "Defensa"),
    ]  # fmt: skip
    for page in (console.get(HERE).text, console.get(f"{HERE}/temporada-2").text):
        assert "Temporada 2" in page
        assert "Programada" in page


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        pytest.param({"name": " "}, "Escríbelo", id="no name"),
        pytest.param(
            {"closed_at": "2020-01-01T08:00"}, "Cierra la votación no está en orden", id="it closes before it opens"
        ),
        pytest.param({"opened_at": "mañana"}, "error-opened_at", id="no moment"),
        pytest.param({"winners_per_city": "0"}, "error-winners_per_city", id="no winner"),
        pytest.param({"cities": "x" * 200}, "error-cities", id="a city too long"),
        pytest.param({"es_0": "Técnica", "lowest": "9", "highest": "2"}, "error-jury", id="a scale upside down"),
        pytest.param({}, "Temporada de prueba", id="another season takes place"),
    ],
)
def test_what_is_wrong_is_shown_beside_what_was_typed(console: TestClient, wrong: dict[str, str], told: str) -> None:
    form = RULES | {"name": "Temporada 2", "opened_at": local(NEXT_YEAR), "cities": "Cali"} | wrong
    page = refused(console, "new", **form)
    assert told in page
    assert form["cities"] in page


def test_the_calendar_moves_and_what_has_begun_stays(world: World, organizer: Player, console: TestClient) -> None:
    before = season(world, organizer)["calendar"]
    page = console.get(f"{HERE}/{SLUG}/calendar").text
    assert 'name="opened_at"' not in page
    assert 'name="closed_at"' in page
    assert send(console, f"{SLUG}/calendar", closed_at=local(NEXT_YEAR)) == f"{HERE}/{SLUG}?done=moved"
    after = season(world, organizer)["calendar"]
    assert after["opened_at"] == before["opened_at"]
    assert datetime.fromisoformat(after["closed_at"]) == NEXT_YEAR
    late = local(NEXT_YEAR + timedelta(days=1))
    page = refused(console, f"{SLUG}/calendar", closed_at=local(NEXT_YEAR), votes_open_at=late)
    assert "error-votes_open_at" in page
    assert late in page
    assert season(world, organizer)["calendar"] == after
    send(console, f"{SLUG}/calendar", closed_at="")
    assert season(world, organizer)["calendar"]["closed_at"] is None


def test_rules_change_and_after_votes_only_with_a_reason(world: World, organizer: Player, console: TestClient) -> None:
    clip = published(world, world.player("Otro Jugador"))
    with browser_client(world, world.player("Vota Una")) as voter:
        assert voter.post(f"/videos/{clip}/vote").status_code == 303
    page = console.get(f"{HERE}/{SLUG}/rules").text
    assert 'value="3"' in page
    page = refused(console, f"{SLUG}/rules", **RULES, votes_per_day="20")
    assert "di el motivo" in page
    assert 'value="20"' in page
    assert season(world, organizer)["rules"]["votes_per_day"] is None
    said = {"es_0": "Técnica", "name_0": "tecnica-vieja", "reason": "Lo anunciamos ayer"}
    assert send(console, f"{SLUG}/rules", **RULES, votes_per_day="20", **said) == f"{HERE}/{SLUG}?done=ruled"
    rules = season(world, organizer)["rules"]
    assert (rules["votes_per_day"], rules["asks_confirmation"]) == (20, True)
    assert rules["jury"]["criteria"][0]["name"] == "tecnica-vieja"
    assert "Técnica" in console.get(f"{HERE}/{SLUG}/rules").text
    assert "reglas cambiaron" in console.get(f"{HERE}/{SLUG}?done=ruled").text


def test_an_early_close_says_what_it_does_in_numbers_and_can_be_undone(
    world: World, organizer: Player, console: TestClient
) -> None:
    clip = published(world, world.player("Otro Jugador"))
    with browser_client(world, world.player("Vota Una")) as voter:
        voter.post(f"/videos/{clip}/vote")
    page = console.get(f"{HERE}/{SLUG}/close").text
    assert "1 clip público" in page
    assert "1 voto cuenta" in page
    assert season(world, organizer)["phase"] == "open"  # to look changes nothing
    assert send(console, f"{SLUG}/close", reason="") == f"{HERE}/{SLUG}?done=closed"
    assert season(world, organizer)["phase"] == "over"
    assert "no están abiertas" in refused(console, f"{SLUG}/close")
    assert 'href="/organizer/seasons/temporada-de-prueba/reopen"' in console.get(f"{HERE}/{SLUG}").text
    assert "1 voto cuenta" in console.get(f"{HERE}/{SLUG}/reopen").text
    assert "motivo" in refused(console, f"{SLUG}/reopen")
    assert "error-closed_at" in refused(console, f"{SLUG}/reopen", closed_at="2020-01-01T08:00", reason="Error")
    assert send(console, f"{SLUG}/reopen", reason="Fue un error") == f"{HERE}/{SLUG}?done=reopened"
    assert season(world, organizer)["phase"] == "votes"
    refused(console, f"{SLUG}/reopen", reason="Otra vez")


def test_a_season_that_does_not_exist_is_not_found(console: TestClient) -> None:
    for path in ("", "/calendar", "/rules", "/close", "/reopen"):
        assert console.get(f"{HERE}/ninguna{path}").status_code == 404
        if path:
            assert console.post(f"{HERE}/ninguna{path}", data=RULES, headers=OURS).status_code == 404
