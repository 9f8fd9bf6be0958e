"""A person's own votes on pages: whether the public log has them, and what proves it."""

from uuid import UUID

from fastapi import APIRouter, Response

from anb.contest import voters
from anb.pages.lists import PartDep
from anb.pages.view import ViewDep
from anb.web.deps import CallerId, SettingsDep, UowDep
from anb.web.rate_limits import limited

router = APIRouter(include_in_schema=False)
COUNTED = [limited(block="log", told=False)]


@router.api_route("/account/votes", methods=["GET", "HEAD"])
def list_votes(view: ViewDep, caller: CallerId, part: PartDep, uow: UowDep) -> Response:
    """Show the caller's votes. One that is held for review looks like one that awaits the next seal."""
    listed = voters.list_votes(uow, caller, part.page)
    return view.show("account_votes.html", votes=listed.rows, paging=part.links("/account/votes", listed))


@router.get("/account/votes/{video_id}/promise", dependencies=COUNTED)
def fetch_promise(video_id: UUID, caller: CallerId, uow: UowDep, settings: SettingsDep) -> Response:
    """Send the signed promise of one of the caller's votes. Raises NotInLog."""
    return _file("promise", voters.promise(uow, settings, caller, video_id))


@router.get("/account/votes/{video_id}/receipt", dependencies=COUNTED)
def fetch_receipt(video_id: UUID, caller: CallerId, uow: UowDep) -> Response:
    """Send the proof that the log has one of the caller's votes (C2SP tlog-proof). Raises NotInLog."""
    return _file("receipt", voters.prove(uow, caller, video_id))


def _file(name: str, note: str) -> Response:
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": f'attachment; filename="anb-{name}.txt"'}
    return Response(note, media_type="text/plain; charset=utf-8", headers=headers)
