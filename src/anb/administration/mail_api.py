"""The HTTP endpoints of mails that were not sent. Mail servers name recipients, so only administrators use them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from anb.accounts.domain import AdministratorsOnly, auditor
from anb.accounts.service import who
from anb.administration.api import ActingAdministrator, keep_private
from anb.administration.schemas import ActReason, Listable
from anb.audit.domain import AuditActor
from anb.db.session import UnitOfWork
from anb.factors.domain import SecondFactorNeeded
from anb.mail import service
from anb.mail.domain import UNSENT, MailKind, MailNotDead, MailNotFound, MailState
from anb.web.deps import UowDep
from anb.web.problems import refusals
from anb.web.rate_limits import limited
from anb.web.recent import SignInAgain

router = APIRouter(prefix="/api/admin/mails", tags=["administration"], dependencies=[Depends(keep_private)])

_BY_ADMINISTRATOR = (SignInAgain, AdministratorsOnly, SecondFactorNeeded)
_CHANGE = [limited("change")]
_ON_ONE = refusals(*_BY_ADMINISTRATOR, MailNotFound, MailNotDead)


class MailListed(Listable):
    """A mail that was not sent."""

    id: UUID
    kind: MailKind
    state: MailState
    account_id: UUID | None
    faults: int = Field(description="Attempts that counted.")
    failure: str | None = Field(description="What the mail server said last.")
    created_at: datetime


class Dismissal(BaseModel):
    """Why a mail is not sent."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The address does not exist."}]})

    reason: ActReason = ""


@router.get("", dependencies=[limited(block="read")], responses=refusals(*_BY_ADMINISTRATOR))
def list_mails(
    _: ActingAdministrator,
    uow: UowDep,
    state: Annotated[MailState | None, Query(description="Only in this state.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Rows, newest first.")] = 100,
) -> list[MailListed]:
    """List the mails that were not sent, newest first."""
    found = service.list_all(uow, [state] if state else UNSENT, limit)
    return [MailListed.model_validate(mail) for mail in found]


@router.post("/{mail_id}/retry", dependencies=_CHANGE, responses=_ON_ONE)
def retry_mail(mail_id: UUID, actor: ActingAdministrator, uow: UowDep) -> MailListed:
    """Queue a dead mail again, with all its attempts."""
    return MailListed.model_validate(service.try_again(uow, mail_id, _auditor(uow, actor.account_id)))


@router.post("/{mail_id}/dismiss", dependencies=_CHANGE, responses=_ON_ONE)
def dismiss_mail(mail_id: UUID, body: Dismissal, actor: ActingAdministrator, uow: UowDep) -> MailListed:
    """End a dead mail for good; its row forgets whom it was for."""
    return MailListed.model_validate(service.dismiss(uow, mail_id, _auditor(uow, actor.account_id), body.reason))


def _auditor(uow: UnitOfWork, account_id: UUID) -> AuditActor:
    return auditor(who(uow, account_id))
