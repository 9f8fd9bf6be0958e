"""The HTTP endpoints of a person's rights over their data."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from anb.accounts.domain import AccountNotFound
from anb.contest import voters
from anb.db.paging import InvalidPage
from anb.privacy import erasure, export, service
from anb.privacy.domain import ErasureAskedAlready, ExportAskedAlready, ExportNotFound
from anb.privacy.schemas import (
    ErasureShown,
    ExportShown,
    VoteListed,
    Withdrawn,
    erasure_shown,
    export_shown,
    vote_listed,
    withdrawn,
)
from anb.videos.domain import NeverPublic, NotYourVideo, VideoNotFound
from anb.web.deps import CallerId, PortsDep, SettingsDep, UowDep
from anb.web.paging import PageDep, announce
from anb.web.problems import refusals
from anb.web.rate_limits import limited
from anb.web.recent import RecentCaller, SignInAgain
from anb.web.share import send_archive

router = APIRouter(prefix="/api", tags=["privacy"])


@router.get("/me/votes", dependencies=[limited(block="read")], responses=refusals(InvalidPage))
def list_votes(request: Request, response: Response, caller: CallerId, uow: UowDep, page: PageDep) -> list[VoteListed]:
    """List the caller's votes, newest first."""
    found = voters.list_votes(uow, caller, page)
    announce(request, response, found)
    return [vote_listed(vote) for vote in found.rows]


@router.post(
    "/me/export",
    status_code=202,
    dependencies=[limited("change")],
    responses=refusals(SignInAgain, AccountNotFound, ExportAskedAlready),
)
def ask_for_export(caller: RecentCaller, uow: UowDep) -> ExportShown:
    """Ask for an archive of everything that is kept of the caller. A mail says when it is ready."""
    return export_shown(export.ask(uow, caller.account_id))


@router.get("/me/export", responses=refusals(ExportNotFound))
def show_export(caller: CallerId, uow: UowDep) -> ExportShown:
    """Show the caller's archive, asked for or ready."""
    found = export.find(uow, caller)
    if found is None:
        raise ExportNotFound
    return export_shown(found)


@router.get(
    "/me/export/file",
    response_class=Response,
    responses={
        200: {
            "description": "A ZIP.",
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        },
        **refusals(SignInAgain, ExportNotFound),
    },
)
def fetch_export(caller: RecentCaller, uow: UowDep) -> Response:
    """Send the caller's archive."""
    return send_archive(export.download(uow, caller.account_id))


@router.post(
    "/me/erasure",
    status_code=202,
    dependencies=[limited("change")],
    responses=refusals(SignInAgain, AccountNotFound, ErasureAskedAlready),
)
def ask_for_erasure(caller: RecentCaller, uow: UowDep, ports: PortsDep, settings: SettingsDep) -> ErasureShown:
    """Ask for the erasure of the caller's account.

    All its sessions end. Signing in within the grace period cancels the request.
    """
    return erasure_shown(erasure.ask(uow, ports, settings, caller.account_id))


@router.post(
    "/videos/{video_id}/withdraw",
    dependencies=[limited("change")],
    responses=refusals(NotYourVideo, VideoNotFound, NeverPublic),
)
def withdraw_video(video_id: UUID, caller: CallerId, uow: UowDep, ports: PortsDep) -> Withdrawn:
    """Take back a video that is or was open to votes: it disappears at once, with its files."""
    return withdrawn(service.withdraw(uow, ports, video_id, caller))
