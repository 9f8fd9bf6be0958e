"""The organizers' console: who may open it, acts on one clip and on many, and what became of a clip or a person."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from anb.pages.organizer_moderation import ACTS, LISTS
from anb.videos.verdict import ClipState
from support.browser_client import OURS, browser_client
from support.moderating import acts_on, clip_in, moderate, state_of
from support.worlds import Player, World

HERE = "/organizer/moderation"


@pytest.fixture
def owner(world: World) -> Player:
    world.season(moderated=True)
    return world.player()


@pytest.fixture
def organizer(world: World) -> Player:
    return world.organizer()


@pytest.fixture
def console(world: World, organizer: Player) -> Iterator[TestClient]:
    with browser_client(world, organizer) as browser:
        yield browser


def send(console: TestClient, act: str, *clips: UUID, state: str = "waiting", **form: str) -> str:
    chosen = {f"clip-{clip}": "1" for clip in clips}
    data = {"act": act, "state": state, **chosen, **form}
    answer = console.post(HERE, data=data, headers=OURS, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_lists_show_the_clips_of_their_state_and_the_acts_for_them(
    world: World, owner: Player, organizer: Player, console: TestClient
) -> None:
    for state in (ClipState.WAITING, ClipState.HIDDEN, ClipState.REFUSED, ClipState.TAKEN_DOWN):
        clip_in(world, owner, organizer, state)
        page = console.get(f"{HERE}?state={state}").text
        assert "Lucía Ríos" in page
        for act in ACTS[state.value]:
            assert f'value="{act}"' in page, (state, act)
    assert set(ACTS) == set(LISTS)
    assert "No hay clips" in console.get(f"{HERE}?state=reported").text


def test_one_clip_is_refused_with_a_reason_and_not_without(
    world: World, owner: Player, organizer: Player, console: TestClient
) -> None:
    clip = clip_in(world, owner, organizer, ClipState.WAITING)
    assert "quedó igual" in send(console, "refuse", clip, reason="")
    assert state_of(world, clip) is ClipState.WAITING
    assert "Listo: 1 clip." in send(console, "refuse", clip, reason="title", text="Nombra un colegio")
    assert acts_on(world, clip) == [("clip_refused", "Nombra un colegio")]
    history = console.get(f"{HERE}/clips/{clip}").text
    assert "Nombra un colegio" in history
    assert "olga" in history.lower()
    assert "Nombra un colegio" in console.get(f"{HERE}/people/{owner.id}").text


def test_of_many_at_once_those_that_another_organizer_decided_on_are_left(
    world: World, owner: Player, organizer: Player, console: TestClient
) -> None:
    first, second, third = (clip_in(world, owner, organizer, ClipState.WAITING) for _ in range(3))
    moderate(world, organizer, second, "refuse")
    said = send(console, "approve", first, second, third)
    assert "Listo: 2 clips." in said
    assert "1 clip quedó igual" in said
    assert [state_of(world, clip) for clip in (first, second, third)] == [
        ClipState.PUBLIC, ClipState.REFUSED, ClipState.PUBLIC,
    ]  # fmt: skip


def test_a_take_down_needs_to_be_confirmed(world: World, owner: Player, organizer: Player, console: TestClient) -> None:
    clip = clip_in(world, owner, organizer, ClipState.HIDDEN)
    assert "quedó igual" in send(console, "take-down", clip, state="hidden", reason="rules")
    assert state_of(world, clip) is ClipState.HIDDEN
    assert "Listo" in send(console, "take-down", clip, state="hidden", reason="rules", confirm="1")
    assert state_of(world, clip) is ClipState.TAKEN_DOWN


def test_each_list_has_its_acts_and_a_form_of_another_page_is_left(
    world: World, owner: Player, organizer: Player, console: TestClient
) -> None:
    refused = clip_in(world, owner, organizer, ClipState.REFUSED)
    assert "Listo" in send(console, "reverse", refused, state="refused")
    assert state_of(world, refused) is ClipState.WAITING
    public = clip_in(world, owner, organizer, ClipState.PUBLIC)
    body = {"reason": "minor-at-risk", "text": "Mira esto"}
    assert world.client.post(f"/api/public/videos/{public}/report", json=body).status_code == 202
    assert "Un menor puede estar en riesgo: 1" in console.get(f"{HERE}?state=reported").text
    assert "Mira esto" in console.get(f"{HERE}/clips/{public}").text
    send(console, "dismiss", public, state="reported")
    assert "No hay clips" in console.get(f"{HERE}?state=reported").text
    assert "Listo" in send(console, "hide", public, state="reported", reason="rules")
    assert acts_on(world, public)[0] == ("clip_hidden", "rules")
    assert "quedó igual" in send(console, "anything", public)
    assert "1" in console.get("/organizer").text


def test_players_do_not_see_it(world: World, owner: Player) -> None:
    with browser_client(world, owner) as browser:
        for path in ("/organizer", HERE):
            assert browser.get(path).status_code == 403
