"""The organizers' pages of doubtful votes: what they see, what a decision would change, and how it is undone."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from support.browser_client import OURS, browser_client, published
from support.counting import seal
from support.judging import aged, cast, tied
from support.signalling import note, people, search
from support.worlds import World

HERE = "/organizer/fraud"


@pytest.fixture
def console(world: World) -> Iterator[TestClient]:
    with browser_client(world, world.organizer()) as browser:
        yield browser


@pytest.fixture
def clip(world: World) -> UUID:
    """A clip with eight votes that count, and four of programs that are held; another player has ten."""
    other, clip = published(world, world.player("Iván Mar")), published(world, world.player())
    cast(world, aged(world, people(world, 10)), [other])
    cast(world, aged(world, people(world, 12)), [clip], device="", block="farm")
    seal(world)
    return clip


def counted(world: World, clip: UUID) -> int:
    seal(world)
    with world.uow() as uow:
        found = uow.execute(text("select votes from clip_tallies where video_id = :clip"), {"clip": clip})
        return int(found.scalar_one())


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of a page's form, which comes before the footer with that of languages."""
    form = page.partition("<footer")[0]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def cells(page: str) -> list[str]:
    return re.findall(r'<td class="number">([^<]*)</td>', page)


def test_a_clip_is_shown_with_reasons_in_words_and_a_picture(world: World, console: TestClient, clip: UUID) -> None:
    page = console.get(HERE).text
    assert "4 votos por revisar. 8 votos cuentan. Puesto 2; si contaran, 1." in page
    assert "programas de la misma red" in page
    with world.uow() as uow:
        hour = "date_trunc('hour', clock_timestamp())"
        seen = f"insert into clip_hours (video_id, hour, views) values (:clip, {hour}, 3)"  # noqa: S608 - our own words
        uow.execute(text(f"{seen} on conflict (video_id, hour) do update set views = 3"), {"clip": clip})
    shown = console.get(f"{HERE}/clips/{clip}").text
    assert "12 votos (barras) y 3 vistas (línea)" in shown
    assert "<rect" in shown
    assert cells(shown)[-2:] == ["12", "3"]
    assert len(cells(shown)) == 2 * 48


@pytest.mark.parametrize(("act", "then", "votes"), [("release", "1", 12), ("void", "2", 8)])
def test_a_decision_says_what_changes_and_needs_a_reason(
    world: World, console: TestClient, clip: UUID, act: str, then: str, votes: int
) -> None:
    chosen = re.findall(rf'name="(clip-{clip})" value="(\d+)"', console.get(HERE).text)
    page = console.get(f"{HERE}/decide", params={"act": act, **dict(chosen)}).text
    assert cells(page) == ["4", "2", then]
    form = hidden(page)
    refused = console.post(f"{HERE}/decide", data=form | {"reason": " "}, headers=OURS)
    assert refused.status_code == 400
    assert counted(world, clip) == 8
    assert hidden(refused.text) == form
    done = console.post(f"{HERE}/decide", data=form | {"reason": "Lo vi"}, headers=OURS)
    assert "Listo: 4 votos." in console.get(done.headers["location"]).text
    assert counted(world, clip) == votes
    assert "No hay votos por revisar" in console.get(HERE).text


def test_what_is_held_after_the_list_was_seen_is_left(world: World, console: TestClient, clip: UUID) -> None:
    form = hidden(console.get(f"{HERE}/decide?act=void&clip-{clip}=999999999").text)
    cast(world, aged(world, people(world, 2)), [clip], device="", block="farm")
    seal(world)
    console.post(f"{HERE}/decide", data=form | {"reason": "Una granja"}, headers=OURS)
    assert "2 votos por revisar" in console.get(HERE).text


def test_a_form_that_is_not_ours_decides_nothing(console: TestClient, clip: UUID) -> None:
    for query in ("", "?clip-x=1", f"?clip-{clip}=x", f"?clip-{clip}={'9' * 30}"):
        assert "Elige al menos un clip" in console.get(f"{HERE}/decide{query}").text
    form = {"act": "other", f"clip-{clip}": "999999999", "reason": "x"}
    assert console.post(f"{HERE}/decide", data=form, headers=OURS).status_code == 400
    assert "4 votos por revisar" in console.get(HERE).text


class TestCluster:
    @pytest.fixture
    def place(self, world: World, clip: UUID) -> str:
        """Return the page of a cluster whose six accounts voted for the clip."""
        who = aged(world, people(world, 6))
        cast(world, who, [clip])
        seal(world)
        return f"{HERE}/clusters/{tied(world, who)}"

    def test_votes_are_voided_with_a_preview_of_the_ranking_and_restored(
        self, world: World, console: TestClient, clip: UUID, place: str
    ) -> None:
        assert place in console.get(f"{HERE}/clusters").text
        page = console.get(place).text
        assert "6 cuentas" in page
        assert "el mismo dispositivo" in page
        assert cells(page) == ["6", "0", "1", "2"]
        page = console.get(f"{place}/void").text
        assert "6 votos que cuentan dejan de contar" in page
        form = hidden(page)
        assert console.post(f"{place}/void", data=form, headers=OURS).status_code == 400
        done = console.post(f"{place}/void", data=form | {"reason": "Una granja"}, headers=OURS)
        assert "6 votos anulados" in console.get(done.headers["location"]).text
        assert counted(world, clip) == 8
        assert cells(console.get(f"{place}/restore").text) == ["6", "0", "2", "1"]
        done = console.post(f"{place}/restore", data={"reason": "Era un colegio"}, headers=OURS)
        assert "6 votos cuentan otra vez" in console.get(done.headers["location"]).text
        assert counted(world, clip) == 14

    def test_what_grew_since_it_was_seen_is_not_voided_unseen(
        self, world: World, console: TestClient, clip: UUID, place: str
    ) -> None:
        form = hidden(console.get(f"{place}/void").text)
        note(world, people(world, 1), act="sign-in", device="farm")
        search(world)
        answer = console.post(f"{place}/void", data=form | {"reason": "Una granja"}, headers=OURS)
        assert answer.status_code == 400
        assert hidden(answer.text) != form
        assert console.post(f"{place}/fine", data={"grew_at": "x"}, headers=OURS).status_code == 400
        assert counted(world, clip) == 14

    def test_accounts_are_fine_and_leave_the_list(self, console: TestClient, place: str) -> None:
        form = hidden(console.get(f"{place}/fine").text)
        done = console.post(f"{place}/fine", data=form, headers=OURS)
        assert "6 cuentas están bien" in console.get(done.headers["location"]).text
        assert place not in console.get(f"{HERE}/clusters").text
        assert place in console.get(f"{HERE}/clusters?reviewed=1").text
