"""The rules of a season in words: what its settings and calendar say, for the present, the next and past seasons."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from anb.contest import seasons
from anb.contest.domain import CityRule, Season, SeasonCalendar, SeasonRules
from anb.contest.jury_rules import Criterion, JuryRules
from support.browser_client import browser_client
from support.callers import calling
from support.worlds import OPERATOR, World

STRICT = SeasonRules(
    moderated=True,
    asks_confirmation=True,
    asks_consent=True,
    hide_reported=True,
    cities=(CityRule("Bogotá"), CityRule("Cali")),
    clips_per_player=1,
    same_file_again=False,
    votes_per_day=20,
    winners_per_city=1,
    jury=JuryRules((Criterion("technique", 3, "Técnica", "Technique"), Criterion("art", 1, "Arte", "Art"))),
)
SAID = {
    "moderated": "La organización revisa cada clip antes de publicarlo.",
    "asks_confirmation": "Para votar, confirma antes tu correo.",
    "asks_consent": "Publicamos tu clip cuando aceptas la política de datos;",
    "hide_reported": "Un clip que reportan varias personas se oculta",
    "cities": "Participan jugadores de Bogotá, Cali.",
    "clips_per_player": "Hasta 1 clip por jugador.",
    "same_file_again": "El mismo archivo se envía una sola vez.",
    "votes_per_day": "Puedes votar por 20 clips al día.",
    "winners_per_city": "En cada ciudad gana 1 jugador: el que tiene más votos.",
    "jury": "El jurado califica cada clip de 1 a 10",
}
OPENS = datetime(2027, 2, 1, 13, 0, tzinfo=UTC)  # 8:00 in Colombia


def read(world: World, path: str = "/rules", language: str = "es") -> str:
    """Return the text of the page."""
    with browser_client(world) as visitor:
        answer = visitor.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", main)).split())


def rule(world: World, rules: SeasonRules) -> None:
    with world.uow() as uow:
        season = seasons.current_season(uow)
        assert season is not None
        seasons.change_rules(uow, OPERATOR, season.slug, rules)


def scheduled(world: World, rules: SeasonRules = STRICT) -> Season:
    """Schedule the next season; the present one closes before it."""
    with world.uow() as uow:
        uow.execute(text("update seasons set closed_at = now() + interval '1 hour'"))
        calendar = SeasonCalendar(
            opened_at=OPENS,
            votes_open_at=OPENS + timedelta(days=9),
            closed_at=OPENS + timedelta(days=27),
            jury_closes_at=OPENS + timedelta(days=28),
            results_at=OPENS + timedelta(days=29),
        )
        return seasons.schedule(uow, OPERATOR, "Temporada que viene", rules, calendar)


def test_a_season_that_asks_for_nothing_says_so(world: World) -> None:
    page = read(world)
    assert [name for name, words in SAID.items() if words in page] == []
    for words in ("de cualquier ciudad", "Puedes enviar varios clips.", "por todos los clips que quieras", "los 3 jug"):
        assert words in page
    assert "La organización anunciará cuándo cierra la votación." in page


@pytest.mark.parametrize("name", SAID)
def test_each_setting_is_said_where_it_is_set(world: World, name: str) -> None:
    rule(world, SeasonRules(**{name: getattr(STRICT, name)}))
    page = read(world)
    assert [each for each, words in SAID.items() if words in page] == [name]


def test_the_jury_says_what_each_criterion_weighs(world: World) -> None:
    rule(world, STRICT)
    page = read(world)
    assert "Técnica: 75" in page
    assert "Arte: 25" in page
    assert "No ve el nombre, la ciudad ni los votos." in page
    assert "Technique: 75%" in read(world, language="en")


def test_the_dates_of_the_next_season_are_in_the_time_of_colombia(world: World) -> None:
    slug = scheduled(world).slug
    page = read(world, f"/rules?season={slug}")
    assert re.search(r"Empieza y recibe clips 1 de febrero de 2027, 8:00\sa\.\sm\.", page)
    assert re.search(r"Cierra el jurado 1 de marzo de 2027, 8:00\sa\.\sm\.", page)
    assert (
        page.index("Empieza la votación") < page.index("Cierra la votación") < page.index("Se publican los resultados")
    )
    assert "Deja de recibir clips" not in page  # it has no such moment
    assert "anunciará" not in page


def test_the_present_season_comes_first_and_others_are_a_link_away(world: World) -> None:
    coming = scheduled(world)
    with browser_client(world) as visitor:
        page = visitor.get("/rules").text
        assert f'<a href="/rules?season={coming.slug}"><bdi>Temporada que viene</bdi></a>' in page
        assert '<a href="/rules" aria-current="true">' in page
        with world.uow() as uow:
            uow.execute(text("update seasons set closed_at = now() where opened_at < now()"))
        assert "Temporada que viene</bdi></h2>" in visitor.get("/rules").text
        assert "Temporada de prueba</bdi></h2>" in visitor.get("/rules?season=temporada-de-prueba").text
        assert visitor.get("/rules?season=ninguna").status_code == 404


def test_prizes_and_contact_are_the_settings(world: World) -> None:
    page = read(world)
    assert "Premios" not in page
    assert "Preguntas" not in page
    with calling(world, prizes="Un balón <firmado>\nUna beca", contact="concurso@anb.example") as visitor:
        page = visitor.get("/rules", headers={"Accept": "text/html"}).text
        assert '<p class="written">Un balón &lt;firmado&gt;\nUna beca</p>' in page
        assert '<a href="mailto:concurso@anb.example">concurso@anb.example</a>' in page
        past = scheduled(world).slug
        assert "firmado" not in visitor.get(f"/rules?season={past}", headers={"Accept": "text/html"}).text
    with calling(world, contact="", controller_email="datos@anb.example") as visitor:
        assert "mailto:datos@anb.example" in visitor.get("/rules", headers={"Accept": "text/html"}).text


def test_without_any_season_the_general_rules_are_there(world: World) -> None:
    with world.uow() as uow:
        uow.execute(text("delete from seasons"))
    page = read(world)
    assert "Un voto por persona y por clip." in page
    assert "ciudad gana" not in page
