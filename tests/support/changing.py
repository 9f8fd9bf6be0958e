"""Acts on a change of address, by the links that its mails carry."""

from sqlalchemy import text

from anb.accounts import changing_email
from anb.accounts import service as accounts
from support.inbox import newest
from support.worlds import Player, World

THERE = "nueva@example.com"


def email_of(world: World, player: Player) -> str:
    with world.database.reading() as uow:
        return accounts.who(uow, player.id).email


def ask(world: World, player: Player, email: str = THERE) -> None:
    with world.uow() as uow:
        changing_email.ask(uow, player.id, email, 7)


def accept(world: World, email: str = THERE) -> None:
    token = newest(world, email, "email_change_new").token
    with world.uow() as uow:
        changing_email.accept(uow, token)


def approve(world: World, email: str) -> bool:
    token = newest(world, email, "email_change_old").token
    with world.uow() as uow:
        return changing_email.approve(uow, token)


def change(world: World, player: Player, email: str = THERE) -> None:
    before = email_of(world, player)
    ask(world, player, email)
    approve(world, before)
    accept(world, email)
    assert email_of(world, player) == email


def stop(world: World, email: str) -> str:
    token = newest(world, email, "email_change_old").token
    with world.uow() as uow:
        return changing_email.stop(uow, token)


def pass_days(world: World, days: int) -> int:
    """Let days pass for the changes that wait, and run what runs every minute."""
    with world.uow() as uow:
        uow.execute(text("update email_changes set due_at = due_at - make_interval(days => :days)"), {"days": days})
    return changing_email.run_due(world.database)
