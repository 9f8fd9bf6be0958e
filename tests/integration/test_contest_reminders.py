"""The mail that the season closes: the day before, to each player with a public clip, once whatever happens."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from anb.accounts import recovery
from anb.contest import periodic
from anb.mail import service as mail
from support.browser_client import published
from support.worlds import OPERATOR, Player, World

KIND = "season_closes"


class Died(Exception):
    """The process ends here."""


def closes_in(world: World, hours: float) -> None:
    with world.uow() as uow:
        uow.execute(text("update seasons set closed_at = now() + make_interval(secs => :s)"), {"s": hours * 3600})


def confirmed(world: World, name: str) -> Player:
    player = world.player(name)
    with world.uow() as uow:
        recovery.confirm_by_operator(uow, player.email, OPERATOR)
    return player


def told(world: World) -> list[str]:
    query = text("select address from mails where kind = :kind order by address")
    with world.uow() as uow:
        return list(uow.execute(query, {"kind": KIND}).scalars())


@pytest.fixture
def players(world: World) -> list[str]:
    """Return the addresses of five players with public clips; there are others who get no mail."""
    found = [confirmed(world, f"Nombre N{number}") for number in range(5)]
    for player in (*found, found[0]):
        published(world, player)
    published(world, world.player("Sin Confirmar"))
    confirmed(world, "Sin Clip")
    confirmed(world, "Sin Publicar").upload()
    return sorted(player.email for player in found)


def test_each_player_is_told_once_the_day_before(world: World, players: list[str]) -> None:
    periodic.work(world.database)
    closes_in(world, 24.01)
    periodic.work(world.database)
    assert told(world) == []
    closes_in(world, 23.99)
    for _ in range(3):
        periodic.work(world.database)
    assert told(world) == players


def test_a_season_that_was_closed_early_tells_nobody(world: World, players: list[str]) -> None:
    closes_in(world, -0.0001)
    periodic.work(world.database)
    assert told(world) == []
    assert players


def test_two_at_once_tell_nobody_twice(world: World, players: list[str]) -> None:
    closes_in(world, 12)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: periodic.remind(world.database, 2), range(3)))
    assert told(world) == players


@pytest.mark.parametrize("posted", [0, 1, 3, 4])
def test_who_dies_in_the_middle_is_followed_by_one_who_finishes(
    world: World, players: list[str], posted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    closes_in(world, 12)
    post, left = mail.post, iter(range(posted))

    def dies(*what: object) -> object:
        if next(left, None) is None:
            raise Died
        return post(*what)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(mail, "post", dies)
        with pytest.raises(Died):
            periodic.remind(world.database, 2)
    assert len(told(world)) == posted // 2 * 2  # whole steps
    periodic.remind(world.database, 2)
    assert told(world) == players
