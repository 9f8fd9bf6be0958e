"""The page of a person's votes: what the public log has, and the files that prove it."""

from collections.abc import Callable
from uuid import UUID

import pytest

from anb.votelog import service as votelog
from support.browser_client import browser_client, published
from support.closing import hold_pending, season_id
from support.counting import seal
from support.counting_client import leave_uncounted
from support.leaving import vote
from support.worlds import Player, World

AWAITS, LOGGED = "Todavía no está en el registro público", "En el registro público, entrada 1."


@pytest.fixture
def clip(world: World) -> UUID:
    leave_uncounted(world.client)
    clip = published(world, world.player())
    seal(world)
    return clip


@pytest.fixture
def voter(world: World, clip: UUID) -> Player:
    voter = world.player("Ana Paz")
    assert vote(world, voter, clip) == 200
    return voter


def hold(world: World) -> None:
    with world.uow() as uow:
        assert len(hold_pending(uow, season_id(world))) == 1


def void(world: World) -> None:
    with world.uow() as uow:
        votelog.void_held(uow, hold_pending(uow, season_id(world)))


def page(world: World, voter: Player) -> str:
    with browser_client(world, voter) as browser:
        return browser.get("/account/votes").text


def test_a_sealed_vote_has_a_promise_and_a_receipt_as_the_api_gives_them(
    world: World, clip: UUID, voter: Player
) -> None:
    seal(world)
    assert LOGGED in page(world, voter)
    of_api = f"/api/public/videos/{clip}/vote"
    with browser_client(world, voter) as browser:
        promise, receipt = (browser.get(f"/account/votes/{clip}/{name}") for name in ("promise", "receipt"))
    assert promise.text == world.client.get(of_api, headers=voter.headers).json()["promise"]
    assert receipt.text == world.client.get(f"{of_api}/receipt", headers=voter.headers).text
    for name, answer in (("promise", promise), ("receipt", receipt)):
        assert answer.headers["content-disposition"] == f'attachment; filename="anb-{name}.txt"'
        assert answer.headers["cache-control"] == "private, no-store"
    assert [each["leaf"] for each in world.client.get("/api/me/votes", headers=voter.headers).json()] == [1]


def test_a_held_vote_looks_like_one_that_awaits_the_next_seal(world: World, clip: UUID, voter: Player) -> None:
    before = page(world, voter)
    hold(world)
    assert page(world, voter) == before
    assert AWAITS in before
    assert f"/account/votes/{clip}/promise" in before
    assert f"/account/votes/{clip}/receipt" not in before
    with browser_client(world, voter) as browser:
        assert browser.get(f"/account/votes/{clip}/receipt").status_code == 404


def test_a_vote_that_was_void_before_it_was_logged_awaits_nothing(world: World, voter: Player) -> None:
    void(world)
    seal(world)
    shown = page(world, voter)
    assert AWAITS not in shown
    assert LOGGED not in shown
    assert "no cuenta: la organización lo anuló" in shown


@pytest.mark.parametrize("name", ["promise", "receipt"])
@pytest.mark.parametrize("who", [lambda _, voter: voter, lambda world, _: world.player("Eva Paz")],
                         ids=["of another clip", "of another person"])  # fmt: skip
def test_nobody_gets_those_of_a_vote_that_is_not_theirs(
    world: World, clip: UUID, voter: Player, name: str, who: Callable[[World, Player], Player]
) -> None:
    seal(world)
    asker = who(world, voter)
    wanted = published(world, world.player("Luz Rey")) if asker is voter else clip
    with browser_client(world, asker) as browser:
        assert browser.get(f"/account/votes/{wanted}/{name}").status_code == 404
