"""The HTTP endpoints of accounts for organizers, and those that only administrators may use."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import StringConstraints

from anb.accounts import authority
from anb.accounts import service as accounts
from anb.accounts.acting import ActorDep
from anb.accounts.directory import AccountFilter
from anb.accounts.domain import (
    AccountNotFound,
    Actor,
    AdministratorsOnly,
    LastAdministrator,
    OrganizersOnly,
    OwnRole,
    Role,
)
from anb.administration import service
from anb.administration.schemas import (
    ArchiveAsked,
    BirthYear,
    ErasureWanted,
    LinkSent,
    NewRole,
    Unlocked,
    UserListed,
    UserShown,
    archive_asked,
    link_sent,
    user_listed,
    user_shown,
)
from anb.consents.domain import BirthYearWrong, GuardianNeeded
from anb.db.paging import InvalidPage
from anb.factors.domain import FactorMissing, SecondFactorNeeded
from anb.privacy.domain import ErasureAskedAlready, ExportAskedAlready
from anb.privacy.schemas import ErasureShown, erasure_shown
from anb.sessions.schemas import SessionsEnded
from anb.web.deps import PortsDep, SettingsDep, UowDep
from anb.web.paging import PageDep, announce
from anb.web.problems import refusals
from anb.web.rate_limits import LimiterDep, TooManyRequests, limited
from anb.web.recent import RecentCaller, SignInAgain
from anb.web.targets import site_address


def keep_private(response: Response) -> None:
    """Keep people's data out of every cache."""
    response.headers["Cache-Control"] = "private, no-store"


def organizer(actor: ActorDep, uow: UowDep) -> Actor:
    """Return the calling organizer or administrator. Raises NotSignedIn, OrganizersOnly, SecondFactorNeeded."""
    accounts.organizer(uow, actor)
    return actor


def administrator(_proven: RecentCaller, actor: ActorDep, uow: UowDep) -> Actor:
    """Return the calling administrator, who has just given the password.

    Raises NotSignedIn, SignInAgain, AdministratorsOnly, SecondFactorNeeded.
    """
    authority.check_administrator(uow, actor)
    return actor


router = APIRouter(prefix="/api/admin/users", tags=["administration"], dependencies=[Depends(keep_private)])

ActingOrganizer = Annotated[Actor, Depends(organizer, scope="function")]
ActingAdministrator = Annotated[Actor, Depends(administrator, scope="function")]
Text = Annotated[
    Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, to_lower=True, min_length=1, max_length=254, pattern=r"^[^\x00-\x1f]*$"
        ),
    ]
    | None,
    Query(description="The beginning of the short public name, or a whole e-mail."),
]
_SEEN = (OrganizersOnly, SecondFactorNeeded)
_ON_ONE = (*_SEEN, AdministratorsOnly, AccountNotFound)
_BY_ADMINISTRATOR = (SignInAgain, AdministratorsOnly, SecondFactorNeeded, AccountNotFound)
_CHANGE = [limited("change")]


@router.get("", dependencies=[limited(block="read")], responses=refusals(*_SEEN, InvalidPage))
def list_users(
    request: Request,
    response: Response,
    _: ActingOrganizer,
    uow: UowDep,
    page: PageDep,
    role: Annotated[Role | None, Query(description="Only with this role.")] = None,
    confirmed: Annotated[bool | None, Query(description="Only with, or only without, a confirmed e-mail.")] = None,
    q: Text = None,
) -> list[UserListed]:
    """List accounts, newest first."""
    found = service.search(uow, AccountFilter(role, confirmed, q), page)
    announce(request, response, found)
    return [user_listed(account) for account in found.rows]


@router.get("/{account_id}", dependencies=[limited(block="read")], responses=refusals(*_SEEN, AccountNotFound))
def show_user(account_id: UUID, _: ActingOrganizer, uow: UowDep) -> UserShown:
    """Show an account."""
    return user_shown(service.show(uow, account_id))


@router.post("/{account_id}/confirm", dependencies=_CHANGE, responses=refusals(*_ON_ONE))
def confirm_user(account_id: UUID, actor: ActingOrganizer, uow: UowDep) -> UserShown:
    """Confirm the e-mail of a person whose address you know."""
    service.confirm(uow, actor, account_id)
    return user_shown(service.show(uow, account_id))


@router.post("/{account_id}/end-sessions", dependencies=_CHANGE, responses=refusals(*_ON_ONE))
def end_user_sessions(account_id: UUID, actor: ActingOrganizer, uow: UowDep) -> SessionsEnded:
    """Sign a person out everywhere: their browsers, and their programs with all their tokens."""
    return SessionsEnded(ended=service.end_sessions(uow, actor, account_id))


@router.put("/{account_id}/birth-year", dependencies=_CHANGE, responses=refusals(*_ON_ONE, BirthYearWrong))
def correct_birth_year(
    account_id: UUID, body: BirthYear, actor: ActingOrganizer, uow: UowDep, settings: SettingsDep
) -> UserShown:
    """Correct a person's year of birth; clips that waited for a guardian follow within seconds."""
    service.correct_birth_year(uow, settings, actor, account_id, body.year)
    return user_shown(service.show(uow, account_id))


@router.post("/{account_id}/unlock", dependencies=_CHANGE, responses=refusals(*_ON_ONE, OwnRole, LastAdministrator))
def unlock_user(account_id: UUID, actor: ActingOrganizer, uow: UowDep) -> Unlocked:
    """Remove every second factor of a person who has lost them; make sure who asks before you do.

    A juror, organizer or administrator is a player afterwards, so only administrators unlock them.
    """
    return Unlocked(removed=service.unlock(uow, actor, account_id))


@router.put(
    "/{account_id}/role",
    dependencies=_CHANGE,
    responses=refusals(*_BY_ADMINISTRATOR, OwnRole, LastAdministrator, FactorMissing),
)
def give_role(
    account_id: UUID, actor: ActingAdministrator, uow: UowDep, settings: SettingsDep, body: NewRole
) -> UserShown:
    """Give a person a role; another one than they have ends their sessions."""
    service.give_role(uow, settings.second_factor_roles, actor, account_id, **body.model_dump())
    return user_shown(service.show(uow, account_id))


@router.post(
    "/{account_id}/reset-password", dependencies=_CHANGE, responses=refusals(*_BY_ADMINISTRATOR, TooManyRequests)
)
def reset_user_password(
    request: Request,
    account_id: UUID,
    actor: ActingAdministrator,
    uow: UowDep,
    settings: SettingsDep,
    counter: LimiterDep,
) -> LinkSent:
    """Mail a person a link that sets another password, within an hour; without mail, return it."""
    if settings.sends_mail:
        counter.count(counter.mailbox("mail", accounts.who(uow, account_id).email), told=False)
    return link_sent(service.help_in(uow, settings, actor, account_id), site_address(request, settings))


@router.post("/{account_id}/guardian", dependencies=_CHANGE, responses=refusals(*_BY_ADMINISTRATOR, GuardianNeeded))
def ask_user_guardian(
    request: Request, account_id: UUID, actor: ActingAdministrator, uow: UowDep, settings: SettingsDep
) -> LinkSent:
    """Mail the guardian of a player the link again with which they answer; without mail, return it."""
    return link_sent(service.ask_guardian(uow, settings, actor, account_id), site_address(request, settings))


@router.post(
    "/{account_id}/export",
    status_code=202,
    dependencies=_CHANGE,
    responses=refusals(*_BY_ADMINISTRATOR, ExportAskedAlready),
)
def export_user(account_id: UUID, actor: ActingAdministrator, uow: UowDep) -> ArchiveAsked:
    """Ask for the archive of a person's data. They alone can fetch it; a mail says when it is ready."""
    return archive_asked(service.ask_export(uow, actor, account_id))


@router.post(
    "/{account_id}/erase",
    status_code=202,
    dependencies=_CHANGE,
    responses=refusals(*_BY_ADMINISTRATOR, LastAdministrator, ErasureAskedAlready),
)
def erase_user(
    account_id: UUID,
    body: ErasureWanted,
    actor: ActingAdministrator,
    uow: UowDep,
    ports: PortsDep,
    settings: SettingsDep,
) -> ErasureShown:
    """Ask for the erasure of an account. All its sessions end; signing in within the grace period cancels it."""
    return erasure_shown(service.ask_erasure(uow, ports, settings, actor, account_id, body.reason))
