"""The HTTP endpoint of the audit trail, open to organizers only."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from anb.accounts.domain import OrganizersOnly
from anb.audit import service
from anb.audit.domain import Act, AuditFilter, TargetKind
from anb.db.paging import InvalidPage
from anb.factors.domain import SecondFactorNeeded
from anb.operators.api import Organizer
from anb.operators.schemas import AuditedActShown, audited_act_shown
from anb.web.deps import UowDep
from anb.web.paging import PageDep, announce
from anb.web.problems import refusals

router = APIRouter(prefix="/api/admin/audit", tags=["operators"])


@router.get("", responses=refusals(OrganizersOnly, SecondFactorNeeded, InvalidPage))
def list_acts(
    request: Request,
    response: Response,
    _: Organizer,
    uow: UowDep,
    page: PageDep,
    act: Annotated[Act | None, Query(description="Only this act.")] = None,
    actor: Annotated[UUID | None, Query(description="Only acts of this account.")] = None,
    kind: Annotated[TargetKind | None, Query(description="Only acts on things of this kind.")] = None,
    target: Annotated[
        str | None, Query(max_length=100, pattern=r"^[^\x00]*$", description="Only acts on the thing with this id.")
    ] = None,
    account: Annotated[UUID | None, Query(description="Only acts on what is this account's.")] = None,
    since: Annotated[datetime | None, Query(description="Only acts since this moment.")] = None,
) -> list[AuditedActShown]:
    """List the acts of organizers, administrators and operators, newest first."""
    found = service.list_entries(uow, AuditFilter(act, actor, kind, target, account, since), page)
    announce(request, response, found)
    return [audited_act_shown(entry) for entry in found.rows]
