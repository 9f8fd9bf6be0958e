"""Links that work once: for one purpose, until they end, however often and from wherever they are opened."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from anb.accounts import links
from anb.accounts.links import LinkExpired, LinkInvalid, LinkUsed, Purpose
from anb.db.tables_accounts import links as rows
from anb.errors import Refusal
from support.browser_client import form
from support.worlds import World

DAY = 24 * 3600


def make(world: World, purpose: Purpose = Purpose.RESET, seconds: float = DAY, **facts: str | int) -> str:
    with world.uow() as uow:
        return links.make(uow, purpose, None, facts, seconds)


def test_it_carries_what_it_was_made_with(world: World) -> None:
    token = make(world, Purpose.GUARDIAN, name="Ana", season=3)
    with world.uow() as uow:
        link = links.use(uow, Purpose.GUARDIAN, token)
    assert (link.purpose, link.account_id, link.facts) == (Purpose.GUARDIAN, None, {"name": "Ana", "season": 3})


def test_opening_it_leaves_it_usable_and_using_it_does_not(world: World) -> None:
    token = make(world)
    with world.uow() as uow:
        for _ in range(3):
            links.open(uow, Purpose.RESET, token)
        links.use(uow, Purpose.RESET, token)
    for act in (links.open, links.use):
        with pytest.raises(LinkUsed), world.uow() as uow:
            act(uow, Purpose.RESET, token)


def test_a_use_that_is_rolled_back_does_not_count(world: World) -> None:
    token = make(world)
    with world.database.committing() as uow:
        links.use(uow, Purpose.RESET, token)
        uow.close()
    with world.uow() as uow:
        links.use(uow, Purpose.RESET, token)


@pytest.mark.parametrize("act", [links.open, links.use])
def test_it_works_for_its_purpose_alone(world: World, act: object) -> None:
    assert callable(act)
    token = make(world, Purpose.CONFIRM)
    for other in set(Purpose) - {Purpose.CONFIRM}:
        with pytest.raises(LinkInvalid), world.uow() as uow:
            act(uow, other, token)
    with world.uow() as uow:
        act(uow, Purpose.CONFIRM, token)


@pytest.mark.parametrize("token", ["", "x", "ñ", "a" * 43, "\x00", "\ud800"])
def test_an_invented_one_is_invalid(world: World, token: str) -> None:
    make(world)
    with pytest.raises(LinkInvalid), world.uow() as uow:
        links.use(uow, Purpose.RESET, token)


@pytest.mark.parametrize("act", [links.open, links.use])
def test_it_ends(world: World, act: object) -> None:
    assert callable(act)
    token = make(world, seconds=0)
    with pytest.raises(LinkExpired), world.uow() as uow:
        act(uow, Purpose.RESET, token)


def test_of_simultaneous_uses_one_succeeds(world: World) -> None:
    token, together = make(world), Barrier(4)

    def use(_: int) -> type[Refusal] | None:
        together.wait(10)
        try:
            with world.uow() as uow:
                links.use(uow, Purpose.RESET, token)
        except Refusal as refusal:
            return type(refusal)
        return None

    with ThreadPoolExecutor(4) as several:
        outcomes = list(several.map(use, range(4)))
    assert sorted(map(str, outcomes)) == sorted(map(str, [None, *[LinkUsed] * 3]))


def test_its_secret_is_in_no_row(world: World) -> None:
    token = make(world)
    with world.uow() as uow:
        kept = str(uow.execute(select(rows)).mappings().all())
    assert len(token) == 43
    assert token not in kept
    assert make(world) != token


def test_a_void_one_cannot_be_used_but_those_of_others_and_other_purposes_can(world: World) -> None:
    ana, eva = world.player("Ana Uno").id, world.player("Eva Dos").id
    with world.uow() as uow:
        ours = links.make(uow, Purpose.RESET, ana, {}, DAY)
        other_purpose = links.make(uow, Purpose.CONFIRM, ana, {}, DAY)
        other_person = links.make(uow, Purpose.RESET, eva, {}, DAY)
        links.void(uow, ana, Purpose.RESET, Purpose.EMAIL_NEW)
        links.use(uow, Purpose.CONFIRM, other_purpose)
        links.use(uow, Purpose.RESET, other_person)
    with pytest.raises(LinkUsed), world.uow() as uow:
        links.use(uow, Purpose.RESET, ours)


def test_nobody_signs_up_with_an_address_that_is_kept(world: World) -> None:
    person = form(email="old@example.com")
    player = world.player().id
    with world.uow() as uow:
        links.make(uow, Purpose.EMAIL_OLD, player, {"email": "old@example.com"}, DAY)
    assert world.client.post("/api/auth/signup", json=person).json()["code"] == "email-taken"
    assert world.client.post("/api/auth/signup", json=person | {"email": "x@example.com"}).status_code == 201


def test_a_former_address_is_kept_while_its_link_can_be_used(world: World) -> None:
    player = world.player().id
    with world.uow() as uow:
        token = links.make(uow, Purpose.EMAIL_OLD, player, {"email": "old@example.com"}, DAY)
        links.make(uow, Purpose.EMAIL_OLD, player, {"email": "past@example.com"}, 0)
        links.make(uow, Purpose.EMAIL_NEW, player, {"email": "new@example.com"}, DAY)
        assert not links.keeps_address(uow, "old@example.com", but=player)
        assert [links.keeps_address(uow, f"{one}@example.com") for one in ("old", "past", "new")] == [
            True,
            False,
            False,
        ]
        links.use(uow, Purpose.EMAIL_OLD, token)
        assert not links.keeps_address(uow, "old@example.com")
