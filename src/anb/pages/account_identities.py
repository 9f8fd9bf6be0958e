"""The issuers that vouch for an account: list, link, unlink."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from anb.accounts import service as accounts
from anb.db.session import UnitOfWork
from anb.identities import service
from anb.identities.domain import LastWayIn
from anb.pages.forms import FromOurPages
from anb.pages.issuers import LIST_PAGE, IssuerDep, lead_to
from anb.pages.view import View, ViewDep, with_query
from anb.web.deps import CallerId, UowDep
from anb.web.rate_limits import limited
from anb.web.recent import RecentCaller

router = APIRouter(include_in_schema=False)

SAID = {"linked": "told.linked", "unlinked": "told.unlinked"}


@router.api_route(LIST_PAGE, methods=["GET", "HEAD"])
def show_identities(view: ViewDep, caller: CallerId, uow: UowDep, done: str = "") -> Response:
    """Show the issuers that vouch for the caller's account, and those that could."""
    return _show(view, uow, caller, said=view.t(SAID[done]) if done in SAID else "")


@router.post(f"{LIST_PAGE}/with/{{key}}", dependencies=[FromOurPages, limited(block="issuer_block")])
async def begin_link(request: Request, view: ViewDep, caller: RecentCaller, issuer: IssuerDep) -> Response:
    """Lead to an issuer that will vouch for the caller's account."""
    return await lead_to(request, view, issuer, LIST_PAGE, caller.account_id)


@router.post(f"{LIST_PAGE}/{{identity_id}}/unlink", dependencies=[FromOurPages])
def unlink(view: ViewDep, caller: RecentCaller, uow: UowDep, identity_id: UUID) -> Response:
    """Remove an issuer from an account that has another way in."""
    usable = {issuer.key for issuer in view.settings.oidc_issuers}
    try:
        service.unlink(uow, caller.account_id, identity_id, usable)
    except LastWayIn as refusal:
        return _show(view, uow, caller.account_id, problem=refusal.text(view.t.language))
    return view.go(with_query(LIST_PAGE, done="unlinked"))


def _show(view: View, uow: UnitOfWork, account_id: UUID, *, said: str = "", problem: str = "") -> Response:
    names = {issuer.key: issuer.name for issuer in view.settings.oidc_issuers}
    linked = service.list_identities(uow, account_id)
    return view.show(
        "account_identities.html",
        400 if problem else 200,
        linked=linked,
        names=names,
        others=[issuer for issuer in view.settings.oidc_issuers if issuer.key not in {one.key for one in linked}],
        has_password=accounts.has_password(uow, account_id),
        path=LIST_PAGE,
        said=said,
        problem=problem,
    )
