"""The photo on the page of a profile: add, replace, remove."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request, Response

from anb.errors import Refusal
from anb.pages.account_profile import shown
from anb.pages.forms import FromOurPages
from anb.pages.outcomes import show_form_again
from anb.pages.view import View, ViewDep
from anb.photos import service as photos
from anb.photos.receiving import take_photo
from anb.videos.uploads import Uploads, UploadsDep
from anb.web.deps import CallerId, PortsDep, UowDep
from anb.web.rate_limits import limited
from anb.web.slots import slot

router = APIRouter(include_in_schema=False)


@router.post("/account/profile/photo", dependencies=[FromOurPages, limited("photo", block="upload_block")])
async def take(view: ViewDep, request: Request, caller: CallerId, uploads: UploadsDep) -> Response:
    """Give the caller a photo."""
    try:
        with slot(request, caller):
            await take_photo(request, uploads, caller)
    except Refusal as refusal:
        return await uploads.threads.db(partial(_again, view, uploads, caller, refusal))
    return view.go("/account/profile?saved=photo#photo")


def _again(view: View, uploads: Uploads, caller: UUID, refusal: Refusal) -> Response:
    with uploads.database.reading() as uow:
        return show_form_again(view, "profile.html", {}, refusal, **shown(view, uow, caller))


@router.post("/account/profile/photo/remove", dependencies=[FromOurPages, limited("change")])
def remove(view: ViewDep, caller: CallerId, uow: UowDep, ports: PortsDep) -> Response:
    """Remove the caller's photo; a second click changes nothing."""
    if photos.own(uow, caller) is not None:
        photos.remove(uow, ports, caller)
    return view.go("/account/profile?saved=no-photo#photo")
