"""Sign-ups at the same moment: the row decides who gets an address or a public name."""

from concurrent.futures import Future

import pytest

from anb.accounts import service
from anb.accounts.domain import Account, EmailTaken, NewAccount
from anb.accounts.schemas import SignUp
from support.browser_client import form
from support.locks import while_uncommitted
from support.worlds import World


def new(email: str) -> NewAccount:
    return SignUp.model_validate(form(email=email)).account()


def while_another_signs_up(world: World, email: str) -> Future[Account]:
    """Add an account while a transaction that added another one of the same name is still open."""

    def add() -> Account:
        with world.uow() as uow:
            return service.add_account(uow, new(email), "plain:x")

    return while_uncommitted(world, lambda uow: service.add_account(uow, new("first@example.com"), "plain:x"), add)


def test_of_two_with_one_address_the_second_is_refused(world: World) -> None:
    with pytest.raises(EmailTaken):
        while_another_signs_up(world, "first@example.com").result(10)


def test_of_two_with_one_name_the_second_gets_another_public_name(world: World) -> None:
    assert while_another_signs_up(world, "second@example.com").result(10).username == "lucia.rios2"
