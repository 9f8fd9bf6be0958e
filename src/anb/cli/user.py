"""The `anb user` commands: accounts, for an operator who knows the person; no mail server is needed."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.table import Table

from anb.accounts import invitations, profile, recovery, security
from anb.accounts import service as accounts
from anb.accounts.domain import Account, Role
from anb.audit import service as audit
from anb.audit.domain import Act, AuditTarget
from anb.cli.acting import Reason, operator
from anb.cli.console import console
from anb.cli.database import transaction
from anb.consents import service as consents
from anb.db.session import UnitOfWork
from anb.sentences import DEFAULT, catalogues
from anb.sessions import service as sessions
from anb.sessions.domain import EndReason
from anb.settings import StackSettings, WrongSetting, load, of_here

commands = typer.Typer(no_args_is_help=True, help="Accounts and their roles.")

PAGE = 500
Email = Annotated[str, typer.Argument(parser=lambda text: str(text).strip().lower())]


@commands.command("list")
def list_users(
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of rows.")] = 100,
) -> None:
    """List accounts, oldest first."""
    table = Table("id", "e-mail", "public name", "role", "confirmed")
    with transaction() as uow:
        for one in _pages(uow, limit):
            table.add_row(str(one.id), one.email, one.username, one.role.value, "yes" if one.is_confirmed else "no")
    console.print(table)


@commands.command("show")
def show_user(email: Email) -> None:
    """Show an account."""
    with transaction() as uow:
        account = recovery.find(uow, email)
        changes = profile.history(uow, account.id)
    table = Table("of", "value", show_header=False)
    confirmed = f"{account.email_confirmed_at:%Y-%m-%d %H:%M:%S} UTC" if account.email_confirmed_at else "no"
    for name, value in (
        ("id", account.id),
        ("e-mail", account.email),
        ("confirmed", confirmed),
        ("name", account.name),
        ("public name", account.username),
        ("city", f"{account.city}, {account.country}"),
        ("role", account.role.value),
        ("language", account.language),
    ):
        table.add_row(name, str(value))
    for change in changes:
        moved = f"{change.before or '-'} → {change.after or '-'}, by {change.who}"
        if change.field == "photo":
            moved = f"removed ({change.after}), by {change.who}"
        table.add_row(f"{change.changed_at:%Y-%m-%d %H:%M:%S} UTC", f"{change.field}: {moved}")
    console.print(table)


@commands.command("role")
def give_role(
    email: Email,
    role: Role,
    now: Annotated[
        bool, typer.Option("--now", help="Even if the role needs a second factor and the account has none yet.")
    ] = False,
    reason: Reason = "",
) -> None:
    """Make a person a player, a juror, an organizer or an administrator, who gives roles to others."""
    guarded = of_here().second_factor_roles
    with transaction() as uow:
        account = security.give_role(uow, guarded, email, role, operator(), now=now, reason=reason)
    console.print(f"{account.username}: {account.role}, from now on.")


@commands.command("unlock")
def unlock(email: Email, reason: Reason = "") -> None:
    """Remove every second factor of a person who has lost them; make sure who asks before you do."""
    with transaction() as uow:
        account, removed = security.unlock(uow, email, operator(), reason)
    console.print(f"{account.username}: {removed} second factors removed, all sessions ended, the owner told by mail.")
    if not account.is_player:
        console.print(
            f"Their role was {account.role}, and is player now: give it again once they have a second factor.",
            soft_wrap=True,
        )


@commands.command("confirm")
def confirm(email: Email) -> None:
    """Confirm the address of an account whose owner you know."""
    with transaction() as uow:
        account = recovery.confirm_by_operator(uow, email, operator())
    console.print(f"The e-mail of {account.username} is confirmed.")


@commands.command("reset-password")
def reset_password(email: Email) -> None:
    """Print a link with which the account's owner chooses another password, within an hour."""
    with transaction() as uow:
        link = recovery.reset_by_operator(uow, email, operator())
    typer.echo(_site() + link)


@commands.command("birth-year")
def birth_year(email: Email, year: Annotated[int, typer.Argument(min=1900, max=2200)]) -> None:
    """Correct a person's year of birth; clips that waited for a guardian follow within seconds."""
    by = operator()
    with transaction() as uow:
        account = recovery.find(uow, email)
        accounts.lock_account(uow, account.id)
        profile.correct_birth_year(uow, account.id, year, by.name)
        audit.record(uow, by, Act.BIRTH_YEAR_CORRECTED, AuditTarget.account(account.id))
    console.print(f"{account.username} was born in {year}.")


@commands.command("guardian")
def guardian(email: Email) -> None:
    """Print a link for the guardian of a player, without a mail server: to answer, or to take a permission back."""
    with transaction() as uow:
        account = recovery.find(uow, email)
        link = consents.link_for_operator(uow, of_here(), account.id)
        audit.record(uow, operator(), Act.GUARDIAN_LINK_MADE, AuditTarget.account(account.id))
    typer.echo(_site() + link)


@commands.command("invite")
def invite(
    email: Email,
    role: Annotated[Role, typer.Option(help="The role of the account.")] = Role.PLAYER,
    language: Annotated[str, typer.Option(help="Language of the mail.")] = DEFAULT,
) -> None:
    """Invite a person who has no account: send and print a link that creates one, within a week."""
    if language not in catalogues():
        raise WrongSetting(f"There are no mails in {language!r}; there are: {', '.join(catalogues())}")
    with transaction() as uow:
        link = invitations.invite(uow, email, role, operator(), language)
    typer.echo(_site() + link)


@commands.command("end-sessions")
def end_sessions(email: Email, reason: Reason = "") -> None:
    """Sign an account out everywhere: its browsers, and its programs with all their tokens."""
    with transaction() as uow:
        account = recovery.find(uow, email)
        ended = sessions.end_all(uow, account.id, EndReason.ENDED_BY_OPERATOR)
        audit.record(uow, operator(), Act.SESSIONS_ENDED, AuditTarget.account(account.id), reason, {"ended": ended})
    console.print(f"Sessions of {account.username} that were ended: {ended}.")


def _pages(uow: UnitOfWork, limit: int) -> Iterator[Account]:
    """Yield accounts, read page by page."""
    last = None
    while limit > 0 and (found := accounts.list_accounts(uow, last, min(limit, PAGE))):
        yield from found
        last, limit = found[-1].id, limit - len(found)


def _site() -> str:
    """Return the address of the site, to put before links."""
    public, stack = of_here().public_url, load(StackSettings)
    return str(public).rstrip("/") if public else f"http://{stack.http_host}:{stack.http_port}"
