"""A new account, and what its owner answered on the same form: in one transaction, both or neither."""

from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from anb.accounts import invitations
from anb.accounts import service as accounts
from anb.accounts.domain import Account, EmailTaken, NewAccount
from anb.consents import service
from anb.consents.domain import Channel, PlayerAnswer
from anb.db.session import Database, UnitOfWork
from anb.ports import Ports
from anb.sentences import Language
from anb.settings import Settings


@dataclass(frozen=True)
class Newcomer:
    """A person who wants an account."""

    account: NewAccount
    answer: PlayerAnswer | None  # None: the season asks for no consent


def sign_up(database: Database, ports: Ports, settings: Settings, newcomer: Newcomer) -> Account:
    """Create an account. Raises EmailTaken, and what `answer` raises."""
    hashed = accounts.hash_for_new(database, ports, newcomer.account)
    with database.transaction() as uow:
        account = accounts.register(uow, newcomer.account, hashed)
        answer(uow, settings, account.id, newcomer.answer, account.language)
    return account


def sign_up_quietly(
    database: Database, ports: Ports, settings: Settings, newcomer: Newcomer, *, may_send: bool
) -> None:
    """Create an account, or tell the owner of the address by mail that one exists; the caller learns nothing.

    For a taken address, an account without an owner is added with the same answers, and undone: the same work, and
    nothing is kept. The form has been checked (`check_new`), so that neither is refused. Without `may_send`, because
    the address got many mails, none is sent; a new account asks for its link later.
    """
    new, added = newcomer.account, None
    hashed = ports.passwords.hash(new.password)
    with database.transaction() as uow:
        is_free = not accounts.is_taken(uow, new.email)
        # Another sign-up may take the address at this very moment: EmailTaken.
        with suppress(EmailTaken), uow.savepoint(keep=is_free):
            account = accounts.add_account(uow, new if is_free else _without_owner(new), hashed)
            answer(uow, settings, account.id, newcomer.answer, new.language)
            added = account if is_free else None
        if may_send:
            accounts.answer_by_mail(uow, new, added)


def accept_invitation(database: Database, ports: Ports, settings: Settings, token: str, newcomer: Newcomer) -> Account:
    """Create the account of an invitation.

    Raises LinkInvalid, LinkExpired, LinkUsed, EmailTaken, and what `answer` raises.
    """
    hashed = invitations.hash_for_invited(database, ports, token, newcomer.account)
    with database.transaction() as uow:
        account = invitations.accept(uow, token, newcomer.account, hashed)
        answer(uow, settings, account.id, newcomer.answer, account.language)
    return account


def answer(
    uow: UnitOfWork, settings: Settings, account_id: UUID, said: PlayerAnswer | None, language: Language
) -> None:
    """Store what a new account's owner answered; it has no clips that wait. Raises what `answer_as_player` raises."""
    if said is not None:
        service.answer_as_player(uow, settings, account_id, said, language, Channel.PAGE)


def _without_owner(new: NewAccount) -> NewAccount:
    return replace(new, email=f"{uuid4().hex}@example.invalid")
