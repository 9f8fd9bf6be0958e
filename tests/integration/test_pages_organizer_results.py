"""The pages of results and jury in the console: steps until the publication, winners, ties, files, progress."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from anb.audit import service as audit
from anb.audit.domain import AuditFilter
from anb.contest import seasons
from anb.db.paging import Page
from anb.jury import service as jury
from support.browser_client import OURS, browser_client, published
from support.closing import SLUG, hold_pending, move, season_id, settled
from support.counting import seal
from support.counting_client import leave_uncounted
from support.jury import clips_for, judged, season_of, seated
from support.leaving import vote
from support.worlds import OPERATOR, World

HERE = f"/organizer/seasons/{SLUG}/results"


@pytest.fixture
def console(world: World) -> Iterator[TestClient]:
    with browser_client(world, world.organizer()) as browser:
        yield browser


def states(page: str) -> list[str]:
    """Return the state of each step."""
    timeline = page.partition('<ol class="timeline">')[2].partition("</ol>")[0]
    return re.findall(r'<li class="(\w+)">', timeline)


def tied(world: World) -> None:
    """Give two players of one city a vote each; Marta had hers first."""
    lucia, marta = (published(world, world.player(name)) for name in ("Lucía Ríos", "Marta Gil"))
    fan = world.player("Ana Paz")
    for clip in (marta, lucia):
        assert vote(world, fan, clip) == 200
        seal(world)


def test_the_steps_of_an_open_season_are_all_ahead(console: TestClient) -> None:
    page = console.get(HERE).text
    assert states(page) == ["later"] * 5
    assert "Contar otra vez" not in page
    assert console.post(f"{HERE}/recount", headers=OURS).headers["location"] == HERE
    assert console.get("/organizer/seasons/none/results").status_code == 404


def test_winners_of_a_tie_files_and_the_public_page_once_all_is_done(world: World, console: TestClient) -> None:
    tied(world)
    move(world, closed_at=0, results_at=3600)
    settled(world, closes=False)
    early = console.get(HERE).text
    assert states(early) == ["done"] * 4 + ["later"]
    assert "/results?season=" not in early
    assert "La página pública abre:" in early
    move(world, results_at=0)
    with world.uow() as uow:
        uow.execute(text("set local session_replication_role = replica"))
        uow.execute(text("update results set due_at = frozen_at"))
    page = console.get(HERE).text
    assert states(page) == ["done"] * 5
    assert page.index("Marta Gil") < page.index("Lucía Ríos")
    assert page.count("va primero quien llegó antes a esos votos (entrada") == 2
    for form in ("csv", "xlsx", "json"):
        address = f"/api/admin/seasons/{SLUG}/results.{form}?version=1"
        assert f'href="{address}"' in page
        assert console.get(address).status_code == 200
    assert (
        console.get(re.findall(r'href="(/results\?season=[^"]+version=1)"', page)[0].replace("&amp;", "&")).status_code
        == 200
    )
    assert f'/api/public/seasons/{SLUG}/results.json?version=1"' in page


def test_doubtful_votes_and_votes_on_their_way_are_waited_for(world: World, console: TestClient) -> None:
    clip = published(world, world.player())
    seal(world)
    leave_uncounted(world.client)
    assert vote(world, world.player("Ana Paz"), clip) == 200
    with world.uow() as uow:
        hold_pending(uow, season_id(world))
    assert vote(world, world.player("Eva Paz"), clip) == 200
    move(world, closed_at=0, results_at=3600)
    page = console.get(HERE).text
    assert states(page) == ["done", "now", "now", "now", "later"]
    assert "Revisar 1 voto dudoso" in page


def test_counts_that_differ_are_listed_and_counted_again_on_request(world: World, console: TestClient) -> None:
    tied(world)
    with world.uow() as uow:
        uow.execute(text("update player_tallies set votes = votes + 1 where votes > 0"))
    settled(world)
    page = console.get(HERE).text
    assert states(page)[3] == "wrong"
    assert "the tally is not the sum of the clips" in page
    assert "No todo coincide" in console.post(f"{HERE}/recount", headers=OURS).text
    with world.uow() as uow:
        uow.execute(text("update player_tallies set votes = votes - 1 where votes > 0"))
        uow.execute(text("update result_stops set found_at = now() - interval '1 hour'"))
    settled(world, closes=False)
    assert states(console.get(HERE).text)[3] == "done"
    assert "Todo coincide" in console.post(f"{HERE}/recount", headers=OURS).text


def test_earlier_versions_stay_after_a_reopening(world: World, console: TestClient) -> None:
    tied(world)
    settled(world)
    with world.uow() as uow:
        seasons.reopen(uow, OPERATOR, SLUG, None, "fue un error")
    assert "Versión 1" not in console.get(HERE).text.partition("Versiones")[2]
    settled(world)
    page = console.get(HERE).text
    assert "Versión 2" in page
    assert "reemplazada" in page
    assert "Esta es la versión 1" in console.get(f"{HERE}?version=1").text


def counting(world: World) -> int:
    """Return how many players have a place by the jury."""
    with world.uow() as uow:
        return len(jury.standings(uow, season_of(world)))


def audited(world: World, account_id: UUID) -> list[tuple[str, str | None]]:
    """Return the two last acts on an account, with their reasons, the last first."""
    with world.uow() as uow:
        found = audit.list_entries(uow, AuditFilter(account_id=account_id), Page(2)).rows
    return [(one.what.act, one.reason) for one in found]


class TestJury:
    def test_each_juror_of_how_many_and_the_spread_of_each_clip(self, world: World, console: TestClient) -> None:
        here = f"/organizer/seasons/{judged(world).slug}"
        clips = clips_for(world, 2)
        first, second = seated(world), seated(world, "Berta Juez")
        first.give(clips[0], 2, 2)
        second.give(clips[0], 9, 9)
        first.give(clips[1], 5, 5)
        page = console.get(f"{here}/jury").text
        assert re.findall(r"(\d) de (\d)<br>", page) == [("2", "2"), ("1", "2")]
        numbers = re.findall(r'<td class="number">([\d,–]+)</td>', page)
        assert numbers == ["5,5", "2–9", "3,5", "5", "5–5", "0"]
        assert page.count("Falta 1 jurado") == 1
        assert f"{here}/jury" in console.get(here).text
        steps = console.get(f"{here}/results").text
        assert states(steps) == ["later"] * 6

    def test_a_season_without_criteria_says_so(self, console: TestClient) -> None:
        assert "no tiene jurado" in console.get(f"/organizer/seasons/{SLUG}/jury").text

    def test_a_juror_is_set_aside_after_a_look_at_the_numbers_and_counted_again(
        self, world: World, console: TestClient
    ) -> None:
        here = f"/organizer/seasons/{judged(world).slug}/jury"
        first, second = clips_for(world, 2)
        strict, fair = seated(world), seated(world, "Berta Juez")
        strict.give(first, 1, 1)
        strict.give(second, 9, 9)
        fair.give(first, 8, 8)
        act = f"{here}/jurors/{strict.player.id}"
        assert f'href="{act}/aside"' in console.get(here).text
        asked = console.get(f"{act}/aside").text
        said = ("Julia Jurado", "2 calificaciones dejan", "1 clip se queda sin", "2 personas cambian de puesto")
        assert [each for each in said if each not in asked] == []
        blank = console.post(f"{act}/aside", data={"reason": " "}, headers=OURS)
        assert (blank.status_code, 'id="error-reason"' in blank.text) == (400, True)
        assert counting(world) == 2
        done = console.post(f"{act}/aside", data={"reason": "Es su tío"}, headers=OURS)
        assert done.headers["location"] == f"{here}?done=aside"
        assert counting(world) == 1
        page = console.get(done.headers["location"]).text
        assert "ya no cuentan" in page
        assert f'href="{act}/restore"' in page
        assert "0 calificaciones dejan" in console.get(f"{act}/aside").text
        assert "2 calificaciones vuelven" in console.get(f"{act}/restore").text
        console.post(f"{act}/restore", data={"reason": "No es su tío"}, headers=OURS)
        assert counting(world) == 2
        entries = audited(world, strict.player.id)
        assert entries == [("scores_restored", "No es su tío"), ("scores_set_aside", "Es su tío")]

    def test_only_jurors_of_a_season_with_a_jury_are_set_aside(self, world: World, console: TestClient) -> None:
        juror = seated(world)
        without = f"/organizer/seasons/{SLUG}/jury/jurors/{juror.player.id}/aside"
        assert console.get(without).status_code == 404
        here = f"/organizer/seasons/{judged(world).slug}/jury/jurors/{world.player('Ana Paz').id}/aside"
        assert console.get(here).status_code == 404
        assert console.post(here, data={"reason": "x"}, headers=OURS).status_code == 404
