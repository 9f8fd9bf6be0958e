"""Two administrators take each other's rights at the same moment: one of them stays."""

from collections.abc import Callable

import pytest

from anb.accounts.domain import Actor, AdministratorsOnly, LastAdministrator, OrganizersOnly, Role
from anb.administration import service
from anb.db.session import UnitOfWork
from anb.privacy import erasure
from support.locks import while_uncommitted
from support.worlds import Player, World

Taking = Callable[[World, UnitOfWork, Player, Player], object]


def demote(_world: World, uow: UnitOfWork, by: Player, whom: Player) -> None:
    service.give_role(uow, frozenset(), Actor(by.id), whom.id, Role.ORGANIZER)


def unlock(_world: World, uow: UnitOfWork, by: Player, whom: Player) -> None:
    service.unlock(uow, Actor(by.id), whom.id)


def erase(world: World, uow: UnitOfWork, by: Player, whom: Player) -> None:
    service.ask_erasure(uow, world.ports, world.settings, Actor(by.id), whom.id, "Asked for.")


def staying(world: World, *administrators: Player) -> list[Player]:
    """Return who is an administrator and not about to be erased."""
    with world.uow() as uow:
        return [
            one
            for one in administrators
            if service.show(uow, one.id).account.role is Role.ADMINISTRATOR and erasure.pending(uow, one.id) is None
        ]


@pytest.mark.parametrize("second", [demote, unlock, erase])
@pytest.mark.parametrize("first", [demote, unlock, erase])
def test_one_of_two_stays(world: World, first: Taking, second: Taking) -> None:
    ada, otra = (world.promoted(world.player(name), Role.ADMINISTRATOR) for name in ("Ada Uno", "Otra Dos"))

    def back() -> None:
        with world.uow() as uow:
            second(world, uow, otra, ada)

    done = while_uncommitted(world, lambda uow: first(world, uow, ada, otra), back)
    # A person who lost the role may not act any more; one who is about to be erased may not take the last one's.
    with pytest.raises(LastAdministrator if first is erase else (AdministratorsOnly, OrganizersOnly)):
        done.result(10)
    assert staying(world, ada, otra) == [ada]
