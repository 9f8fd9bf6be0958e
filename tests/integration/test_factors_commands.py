"""`anb user unlock` and `anb user role`: an operator and the second factors of a person."""

from collections.abc import Iterator

import pytest

from anb.accounts import service as accounts
from anb.accounts.domain import Role
from anb.factors import service as factors
from anb.sessions import service as sessions
from anb.sessions.domain import SessionKind
from support.browser_client import browser_client
from support.commands import Anb, anb_on
from support.factors import enrolled
from support.inbox import inbox
from support.worlds import World


@pytest.fixture
def anb(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
    """Run `anb` where organizers and jurors need a second factor."""
    monkeypatch.setenv("ANB_SECOND_FACTOR_ROLES", "organizer, juror")
    yield from anb_on(world, monkeypatch)


def role_of(world: World, email: str) -> Role:
    with world.uow() as uow:
        (found,) = [one for one in accounts.list_accounts(uow, None, 100) if one.email == email]
    return found.role


def test_who_lost_everything_signs_in_with_the_password_alone(world: World, anb: Anb) -> None:
    player = world.player()
    enrolled(world, player.id)
    with world.uow() as uow:
        sessions.open_session(uow, world.ports, player.id, kind=SessionKind.BROWSER, device="", block=None, strong=True)
    done = anb("user", "unlock", f" {player.email.upper()} ")
    assert done.exit_code == 0
    assert "lucia.rios: 1 second factors removed" in done.stdout
    with world.uow() as uow:
        assert not factors.has_factor(uow, player.id)
        assert sessions.list_open(uow, player.id) == []
    with browser_client(world) as again:
        again.post("/login", data={"email": player.email, "password": "balon-naranja-7"})
        assert again.get("/me").status_code == 200
    told = inbox(world, player.email)[-1]
    assert (told.kind, told.name) == ("factors_unlocked", "Lucía")


def test_an_unlocked_organizer_is_a_player_until_a_factor_is_set_up(world: World, anb: Anb) -> None:
    organizer = world.organizer()
    enrolled(world, organizer.id)
    assert "give it again" in anb("user", "unlock", organizer.email).stdout
    assert role_of(world, organizer.email) is Role.PLAYER
    refused = anb("user", "role", organizer.email, "organizer")
    assert refused.exit_code != 0
    assert role_of(world, organizer.email) is Role.PLAYER
    enrolled(world, organizer.id)
    assert anb("user", "role", organizer.email, "organizer").exit_code == 0
    assert role_of(world, organizer.email) is Role.ORGANIZER


def test_an_operator_may_insist_and_a_role_without_acts_needs_none(world: World, anb: Anb) -> None:
    email = world.player().email
    assert anb("user", "role", email, "juror", "--now").exit_code == 0
    assert role_of(world, email) is Role.JUROR
    assert anb("user", "role", email, "player").exit_code == 0


def test_an_administrator_does_organizers_acts_and_so_needs_their_factor(world: World, anb: Anb) -> None:
    email = world.player().email
    assert anb("user", "role", email, "administrator").exit_code != 0
    assert role_of(world, email) is Role.PLAYER
    assert anb("user", "role", email, "administrator", "--now").stdout == "lucia.rios: administrator, from now on.\n"
    assert role_of(world, email) is Role.ADMINISTRATOR


def test_nobody_is_unlocked_by_a_wrong_address(world: World, anb: Anb) -> None:
    enrolled(world, world.player().id)
    assert anb("user", "unlock", "nadie@example.com").exit_code != 0
