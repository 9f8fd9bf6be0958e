"""The pages of a player: their clips, and the form to upload another."""

import hashlib
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request, Response

from anb.accounts import service as accounts
from anb.db.stored_responses import StoredResponse
from anb.errors import Refusal
from anb.jobs import service as jobs
from anb.jobs.domain import LIVE
from anb.pages.account_consents import needs_consent
from anb.pages.forms import FromOurPages
from anb.pages.lists import PartDep
from anb.pages.upload import Typed, find_welcome, upload_page
from anb.pages.view import ViewDep
from anb.settings import Settings
from anb.videos import service as videos
from anb.videos import waiting
from anb.videos.domain import Status
from anb.videos.uploads import Arrival, Received, Sender, Uploads, UploadsDep, find_answer, sender_of, submit_once
from anb.web.deps import CallerId, DatabaseDep, UowDep
from anb.web.idempotency import KeyInUse, Once
from anb.web.rate_limits import limited
from anb.web.slots import slot

router = APIRouter(include_in_schema=False)

MOST_FOLLOWED = 4  # streams of a page: without HTTP/2, browsers open six connections to a server


@router.api_route("/me", methods=["GET", "HEAD"])
def list_mine(
    view: ViewDep, caller: CallerId, part: PartDep, uow: UowDep, deleted: str = "", withdrawn: str = ""
) -> Response:
    """Show the caller's clips and their states."""
    listed = videos.list_own(uow, caller, part.page)
    unmade = [clip.id for clip in listed.rows if clip.status in {Status.UPLOADED, Status.PROCESSING}]
    latest = {clip: jobs.latest_of(uow, clip) for clip in unmade[:MOST_FOLLOWED]}
    return view.show(
        "me.html",
        me=accounts.who(uow, caller),
        clips=listed.rows,
        jobs={clip: job for clip, job in latest.items() if job and job.state in LIVE},
        waits=waiting.find_standing(uow, view.settings, caller),
        paging=part.links("/me", listed),
        gone="withdrawn" if withdrawn else "deleted" if deleted else "",
    )


@router.api_route("/upload", methods=["GET", "HEAD"])
def show_upload(request: Request, view: ViewDep, caller: CallerId, database: DatabaseDep) -> Response:
    """Show the upload form, after the consent page where the season asks for consent."""
    consent = needs_consent(request, database, caller)
    if consent is not None:
        return view.go(consent)
    return upload_page(view, find_welcome(database, caller))


@router.post("/upload", dependencies=[FromOurPages, limited("upload", block="upload_block")])
async def upload(view: ViewDep, request: Request, caller: CallerId, uploads: UploadsDep) -> Response:
    """Accept a clip from a browser without a script, as endpoint 3 does, but answer with a page."""
    sender, arrival = sender_of(request, caller), Arrival(request, uploads)
    try:
        with slot(request, caller):
            async with arrival.receive() as received:
                once = _once(request, caller, uploads.settings, received)
                answer = await _answer(uploads, sender, once, received)
    except Refusal as refusal:
        welcome = await uploads.threads.db(partial(find_welcome, uploads.database, caller))
        return upload_page(view, welcome, refusal, Typed(arrival.typed_title, arrival.typed_start))
    return view.go(f"/videos/{answer.body['video_id']}")


def _once(request: Request, caller: UUID, settings: Settings, received: Received) -> Once:
    """Recognize this form with this clip. Another clip in a form that was kept open is another upload."""
    what = (request.url.path, *received.what)
    key = received.key and hashlib.sha256("\0".join(map(str, (received.key, *what))).encode()).hexdigest()
    return Once(caller, key, settings.idempotency_seconds, *what)


async def _answer(uploads: Uploads, sender: Sender, once: Once, received: Received) -> StoredResponse:
    """Submit the clip; of two equal requests at the same moment, the second gets the first one's answer."""
    try:
        return await uploads.threads.probe(partial(submit_once, uploads, sender, once, received))
    except KeyInUse:
        answer = await uploads.threads.db(partial(find_answer, uploads, once))
        if answer is None:
            raise
        return answer
