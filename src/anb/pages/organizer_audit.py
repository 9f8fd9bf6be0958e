"""The organizers' page of the audit trail: who did what, when and why, and whether the trail is whole."""

import json
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from anb.audit import service
from anb.audit.domain import Act, AuditChainBroken, AuditFilter, TargetKind
from anb.pages.forms import FromOurPages
from anb.pages.lists import Cursor, next_part, part_after
from anb.pages.organizer import OrganizerDep, console
from anb.pages.view import ViewDep
from anb.web.deps import DatabaseDep, UowDep
from anb.web.rate_limits import limited
from anb.zones import COLOMBIA

HERE = "/organizer/audit"
PART = "audit"
ROWS = 50

router = APIRouter(prefix=HERE, include_in_schema=False)
Short = Annotated[str, Query(max_length=300)]


@router.api_route("", methods=["GET", "HEAD"])
def list_acts(
    view: ViewDep,
    _: OrganizerDep,
    uow: UowDep,
    act: Short = "",
    kind: Short = "",
    account: Short = "",
    since: Short = "",
    cursor: Cursor = "",
) -> Response:
    """List the acts that fit, newest first."""
    wanted = AuditFilter(
        act=Act(act) if act in set(Act) else None,
        target_kind=TargetKind(kind) if kind in set(TargetKind) else None,
        account_id=_uuid(account),
        since=_day(since),
    )
    found = service.list_entries(uow, wanted, part_after(cursor, ROWS))
    chosen = {"act": act, "kind": kind, "account": account, "since": since}
    return console(
        view,
        "organizer_audit.html",
        PART,
        rows=[(entry, json.loads(entry.what.details)) for entry in found.rows],
        acts=sorted(Act),
        kinds=sorted(TargetKind),
        chosen=chosen,
        onward=next_part(HERE, found, **chosen),
    )


@router.post("/verify", dependencies=[FromOurPages, limited("change")])
def verify(view: ViewDep, _: OrganizerDep, database: DatabaseDep) -> Response:
    """Walk the whole trail, and say whether it is what was written."""
    broken, head = "", None
    try:
        with database.reading() as uow:
            head = service.verify(uow)
    except AuditChainBroken as error:
        broken = str(error)
    return console(view, "organizer_audit_verified.html", PART, head=head, broken=broken)


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


def _day(typed: str) -> datetime | None:
    """Return the beginning of a day in Colombia."""
    try:
        return datetime.strptime(typed, "%Y-%m-%d").replace(tzinfo=COLOMBIA)
    except ValueError:
        return None
