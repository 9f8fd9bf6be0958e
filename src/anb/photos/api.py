"""The HTTP endpoints of photos: we check who may have one, nginx sends the bytes from the share."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from anb.accounts.acting import MaybeActorDep
from anb.accounts.domain import AccountNotFound
from anb.factors.domain import SecondFactorNeeded
from anb.photos import service
from anb.photos.domain import MEDIA_TYPE, REFUSALS, Photo, PhotoMissing, PhotoNotFound, PhotoSide, PhotoTooManyBytes
from anb.photos.receiving import FIELD, take_photo
from anb.photos.schemas import PhotoShown, photo_shown
from anb.videos.domain import NoRoom
from anb.videos.uploads import UploadsDep
from anb.web.deps import CallerId, DatabaseDep, PortsDep, SettingsDep, UowDep
from anb.web.pace import TookTooLong, TooSlow
from anb.web.problems import refusals
from anb.web.rate_limits import limited
from anb.web.share import FILE_CACHE, MEDIA_LOCATION
from anb.web.slots import SendingSlot, TooManyAtOnce
from anb.web.targets import site_address

router = APIRouter(prefix="/api", tags=["photos"])

# A browser may keep a photo that everyone may see this long; it learns of its removal after that.
PUBLIC_SECONDS = 300
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FORM = {"schema": {"type": "object", "required": [FIELD], "properties": {FIELD: _BINARY["schema"]}}}
_KINDS = ("image/jpeg", "image/png", "image/webp")
BODY = {"requestBody": {"required": True, "content": {"multipart/form-data": _FORM} | dict.fromkeys(_KINDS, _BINARY)}}
FILE: dict[int | str, dict[str, Any]] = {200: {"description": "A JPEG.", "content": {MEDIA_TYPE: _BINARY}}}

Side = Annotated[PhotoSide, Query(description="512 or 128 pixels a side.")]
Username = Annotated[
    str, Path(max_length=100, description="The short name, as in the ranking.", examples=["lucia.rios"])
]


@router.put(
    "/me/photo",
    dependencies=[limited("photo", block="upload_block")],
    openapi_extra=BODY,
    responses=refusals(
        PhotoMissing, PhotoTooManyBytes, *REFUSALS, AccountNotFound, TooSlow, TookTooLong, TooManyAtOnce, NoRoom
    ),
)
async def put_photo(request: Request, caller: CallerId, uploads: UploadsDep, _: SendingSlot) -> PhotoShown:
    """Give the caller a photo, instead of the one they had: JPEG, PNG or WebP, as the body or as a form.

    It is cropped to a square and coded anew; nothing else that the file says is kept.
    """
    photo = await take_photo(request, uploads, caller)

    def waiting() -> PhotoShown:
        with uploads.database.reading() as uow:
            waits_for = service.waits_for(uow, uploads.settings, caller)
        return photo_shown(photo, waits_for, site_address(request, uploads.settings))

    return await uploads.threads.db(waiting)


@router.delete("/me/photo", status_code=204, dependencies=[limited("change")], responses=refusals(PhotoNotFound))
def delete_photo(caller: CallerId, uow: UowDep, ports: PortsDep) -> None:
    """Remove the caller's photo."""
    service.remove(uow, ports, caller)


@router.head("/me/photo", include_in_schema=False)
@router.get("/me/photo", response_class=Response, responses=FILE | refusals(PhotoNotFound))
def fetch_own_photo(caller: CallerId, database: DatabaseDep, side: Side = PhotoSide.LARGE) -> Response:
    """Send the caller's own photo."""
    with database.reading() as uow:
        photo = service.own(uow, caller)
    if photo is None:
        raise PhotoNotFound
    return _send(photo, side, public=False)


@router.head("/players/{username}/photo", include_in_schema=False)
@router.get(
    "/players/{username}/photo",
    response_class=Response,
    responses=FILE | refusals(PhotoNotFound, SecondFactorNeeded),
)
def fetch_photo(
    username: Username,
    database: DatabaseDep,
    settings: SettingsDep,
    actor: MaybeActorDep,
    side: Side = PhotoSide.SMALL,
) -> Response:
    """Send a player's photo: to everyone while the player has a public clip, else to the player and organizers."""
    with database.reading() as uow:
        photo, public = service.show(uow, settings, username, actor)
    return _send(photo, side, public=public)


def _send(photo: Photo, side: PhotoSide, *, public: bool) -> Response:
    return Response(
        headers={
            "X-Accel-Redirect": MEDIA_LOCATION + photo.files[side].key,
            "Content-Type": MEDIA_TYPE,
            "Content-Disposition": 'inline; filename="anb-foto.jpg"',
            "Cross-Origin-Resource-Policy": "cross-origin" if public else "same-origin",
            FILE_CACHE: f"public, max-age={PUBLIC_SECONDS}" if public else "private, no-store",
        }
    )
