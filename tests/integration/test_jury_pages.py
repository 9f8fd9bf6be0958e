"""The pages of jurors in a browser without scripts: the queue, a form, undo, what was typed, and the way there."""

import re
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from support.browser_client import browser_client
from support.jury import SeatedJuror, clips_for, judged, seated
from support.leaving import close
from support.worlds import World


@pytest.fixture
def juror(world: World) -> SeatedJuror:
    judged(world)
    return seated(world)


@pytest.fixture
def clips(world: World, juror: SeatedJuror) -> list[UUID]:  # noqa: ARG001 - the season of the jury comes first
    return clips_for(world, 3)


def form_of(page: str) -> str:
    found = re.search(r'action="(/jury/[\w-]+)" data-jury', page)
    assert found is not None
    return found[1]


def revision_of(page: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', page)
    assert found is not None
    return found[1]


def sent(browser: TestClient, page: str, technique: str = "8", defence: str = "6", note: str = "") -> object:
    data = {"mark-technique": technique, "mark-defence": defence, "note": note, "revision": revision_of(page)}
    return browser.post(form_of(page), data=data)


def test_one_scores_clip_after_clip_and_is_told_at_the_end(world: World, juror: SeatedJuror, clips: list[UUID]) -> None:
    with browser_client(world, juror.player) as browser:
        page = browser.get("/jury").text
        for number in range(len(clips)):
            assert f"{number} de 3 clips calificados" in page
            assert f"Clip {number + 1}" in page
            answer = sent(browser, page)
            assert answer.status_code == 303  # type: ignore[attr-defined]
            page = browser.get(answer.headers["location"]).text  # type: ignore[attr-defined]
            assert "Puntaje guardado." in page
        assert "Calificaste todos los clips" in page
        listed = browser.get("/jury/scores").text
    assert listed.count("Técnica: 8 · Defensa: 6") == len(clips)


def test_undo_shows_the_clip_again_without_a_score(world: World, juror: SeatedJuror, clips: list[UUID]) -> None:
    with browser_client(world, juror.player) as browser:
        saved = browser.get(sent(browser, browser.get("/jury").text).headers["location"]).text  # type: ignore[attr-defined]
        undo = re.search(r'action="(/jury/[\w-]+/undo)"', saved)
        assert undo is not None
        back = browser.post(undo[1])
        page = browser.get(back.headers["location"]).text
    assert " checked" not in page
    assert juror.queue()["scored"] == 0
    assert len(clips) == 3


def test_a_score_is_shown_again_to_be_changed(world: World, juror: SeatedJuror, clips: list[UUID]) -> None:
    with browser_client(world, juror.player) as browser:
        sent(browser, browser.get("/jury").text, note="Gran <b>pase</b>")
        again = re.search(r'href="(/jury/[\w-]{70,})"', browser.get("/jury/scores").text)
        assert again is not None
        page = browser.get(again[1]).text
        assert 'name="mark-technique" value="8" required checked' in page
        assert "Gran &lt;b&gt;pase&lt;/b&gt;" in page
        assert sent(browser, page, "2", "2").status_code == 303  # type: ignore[attr-defined]
        stale = sent(browser, page, "9", "9")
        assert stale.status_code == 409  # type: ignore[attr-defined]
        assert "cambió en otra ventana" in stale.text  # type: ignore[attr-defined]
    assert len(clips) == 3


def test_a_form_with_a_mark_missing_keeps_what_was_typed(world: World, juror: SeatedJuror, clips: list[UUID]) -> None:
    with browser_client(world, juror.player) as browser:
        answer = sent(browser, browser.get("/jury").text, defence="", note="Sin defensa")
    assert answer.status_code == 400  # type: ignore[attr-defined]
    for word in ("El criterio defence necesita un puntaje de 1 a 10", "Sin defensa", 'value="8" required checked'):
        assert word in answer.text  # type: ignore[attr-defined]
    assert juror.queue() | {"next": None} == juror.queue() | {"next": None, "scored": 0}
    assert len(clips) == 3


def test_after_the_close_the_page_says_so(world: World, juror: SeatedJuror, clips: list[UUID]) -> None:
    with browser_client(world, juror.player) as browser:
        page = browser.get("/jury").text
        close(world)
        late = sent(browser, page)
        assert late.status_code == 400  # type: ignore[attr-defined]
        assert "no recibe puntajes ahora" in late.text  # type: ignore[attr-defined]
        assert "no recibe puntajes en este momento" in browser.get("/jury").text
    assert len(clips) == 3


def test_the_account_leads_jurors_there_and_nobody_else(world: World, juror: SeatedJuror) -> None:
    for person, leads in ((juror.player, True), (world.player("Ana Paz"), False)):
        with browser_client(world, person) as browser:
            assert ('href="/jury"' in browser.get("/account").text) == leads
            assert browser.get("/jury").status_code == (200 if leads else 403)


def test_forms_of_other_sites_score_nothing(world: World, juror: SeatedJuror, clips: list[UUID]) -> None:
    with browser_client(world, juror.player) as browser:
        page = browser.get("/jury").text
        data = {"mark-technique": "8", "mark-defence": "8", "revision": "0"}
        answer = browser.post(form_of(page), data=data, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert juror.queue()["total"] == len(clips)
    assert juror.queue()["scored"] == 0
