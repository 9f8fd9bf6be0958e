"""What is somebody's own: their clips, and the way to upload another."""

from functools import partial

from fastapi import APIRouter, Request, Response

from anb.accounts import service as accounts
from anb.errors import Refusal
from anb.pages.forms import FromOurPages
from anb.pages.lists import PartDep
from anb.pages.upload import upload_page
from anb.pages.view import ViewDep
from anb.videos import service as videos
from anb.videos.uploads import receive
from anb.web.deps import CallerId, DatabaseDep, PortsDep, SettingsDep, UowDep
from anb.web.desk import UploadDesk

router = APIRouter(include_in_schema=False)


@router.api_route("/me", methods=["GET", "HEAD"])
def list_mine(view: ViewDep, caller: CallerId, part: PartDep, uow: UowDep, deleted: str = "") -> Response:
    """Show somebody's own clips and how each is doing."""
    listed = videos.list_own(uow, caller, part.page)
    return view.show(
        "me.html",
        me=accounts.who(uow, caller),
        clips=listed.rows,
        paging=part.links("/me", listed),
        deleted=bool(deleted),
    )


@router.api_route("/upload", methods=["GET", "HEAD"])
def show_upload(view: ViewDep, _caller: CallerId) -> Response:
    """Show the form of an upload."""
    return upload_page(view)


@router.post("/upload", dependencies=[FromOurPages])
async def upload(
    view: ViewDep, request: Request, caller: CallerId, ports: PortsDep, database: DatabaseDep, settings: SettingsDep
) -> Response:
    """Take a clip from a browser without a script: what endpoint 3 does, answered with a page."""
    desk: UploadDesk = request.app.state.upload_desk
    submit = partial(videos.submit, database, ports, settings, owner=caller)
    try:
        async with receive(request, desk, ports, settings) as received:
            made = await desk.judge(partial(submit, title=received.title, received=received.file))
    except Refusal as refusal:
        return upload_page(view, refusal)
    return view.go(f"/videos/{made.video_id}")
