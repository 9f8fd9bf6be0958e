"""What services say of accounts, clips and applications that are not there any more."""

import gc
import weakref
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from anb import app
from anb.accounts import service as accounts
from anb.accounts.domain import AccountNotFound
from anb.db.session import UnitOfWork
from anb.videos import removal
from support.worlds import World


@pytest.mark.parametrize("look", [accounts.who, accounts.hold, accounts.lock_account])
def test_an_account_that_does_not_exist_is_not_found(world: World, look: Callable[[UnitOfWork, UUID], object]) -> None:
    with world.uow() as uow, pytest.raises(AccountNotFound):
        look(uow, uuid4())


def test_an_original_that_does_not_exist_is_not_removed(world: World) -> None:
    with world.uow() as uow:
        assert removal.remove_original(uow, world.ports, uuid4()) is False


def test_an_application_that_nobody_uses_leaves_no_trace(world: World) -> None:
    """A test run builds thousands; each that something keeps makes every later test slower."""
    built = app.build(world.settings)
    built.state.database.close()
    trace = weakref.ref(built)
    del built
    gc.collect()
    assert trace() is None
