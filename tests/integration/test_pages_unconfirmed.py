"""Where a season asks for confirmed e-mails, each page reminds who has not confirmed, and costs others nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event

from anb.accounts import recovery
from support.browser_client import browser_client
from support.inbox import newest
from support.worlds import Player, World

PLEASE = 'class="notice unconfirmed"'
PAGES = ["/", "/ranking", "/rules", "/upload", "/account/profile", "/account/mail", "/me", "/account"]


@pytest.fixture
def player(world: World) -> Player:
    """A player who has not confirmed, in a season that asks for it, with mail."""
    world.season(asks_confirmation=True)
    world.change(mail_is_sent=True)
    return world.player()


@pytest.fixture
def visitor(world: World, player: Player) -> Iterator[TestClient]:
    with browser_client(world, player) as browser:
        yield browser


def confirm(player: Player) -> None:
    with player.world.uow() as uow:
        recovery.confirm(uow, newest(player.world, player.email, "confirm_email").token)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Gather every statement that this process runs."""
    run: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        run.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield run
    event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", PAGES)
def test_each_page_reminds_once(visitor: TestClient, player: Player, path: str) -> None:
    page = visitor.get(path).text
    assert page.count(PLEASE) == 1
    assert player.email in page
    assert 'action="/account/confirmation"' in page


def test_who_confirms_is_not_reminded_any_more(visitor: TestClient, player: Player) -> None:
    assert PLEASE in visitor.get("/rules").text
    confirm(player)
    assert PLEASE not in visitor.get("/rules").text  # at once, not after the second for which sessions are kept


def test_a_season_that_does_not_ask_reminds_on_the_account_alone(world: World, visitor: TestClient) -> None:
    world.season()
    assert [path for path in PAGES if PLEASE in visitor.get(path).text] == ["/me", "/account"]


def test_nobody_is_sent_to_a_mailbox_without_mail(world: World, visitor: TestClient) -> None:
    world.change(mail_is_sent=False)
    assert not [path for path in PAGES if PLEASE in visitor.get(path).text]


@pytest.mark.usefixtures("player")
def test_strangers_are_not_reminded(world: World) -> None:
    with browser_client(world) as stranger:
        assert PLEASE not in stranger.get("/").text


def test_a_confirmed_person_costs_one_read_a_page(visitor: TestClient, player: Player) -> None:
    confirm(player)
    with statements() as run:
        assert visitor.get("/api/docs").status_code == 200
    assert len(run) == 1
    assert "FROM sessions" in run[0]
    with statements() as run:
        visitor.get("/api/docs")  # within the second
    assert run == []
