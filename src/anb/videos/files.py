"""The files of videos over HTTP: we check who may have one, nginx sends the bytes from the share."""

from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Response

from anb.accounts.acting import MaybeActorDep
from anb.accounts.domain import fold
from anb.factors.domain import SecondFactorNeeded
from anb.media.renditions import Rendition
from anb.videos import service
from anb.videos.domain import NotYourVideo, Video, VideoNotFound
from anb.videos.file_urls import is_signed
from anb.web.deps import DatabaseDep, PortsDep
from anb.web.problems import refusals
from anb.web.share import FILE_CACHE, MEDIA_LOCATION

router = APIRouter(prefix="/api/videos", tags=["videos"])

# A browser may keep a published file this long; it learns of a moderator's decision after that.
PUBLIC_SECONDS = 300

Expires = Annotated[int, Query(ge=0, le=2**40, description="Until when the address is good (Unix time).")]
Signature = Annotated[str, Query(max_length=64, pattern="^[0-9a-f]*$")]


@router.head("/{video_id}/{rendition}", include_in_schema=False)
@router.get(
    "/{video_id}/{rendition}",
    response_class=Response,
    responses={
        200: {
            "description": "The file.",
            "content": {
                "video/mp4": {"schema": {"type": "string", "format": "binary"}},
                "image/jpeg": {"schema": {"type": "string", "format": "binary"}},
                "text/vtt": {"schema": {"type": "string"}},
            },
        },
        206: {"description": "The range of it that was asked for."},
        416: {"description": "There is no such range."},
        **refusals(NotYourVideo, SecondFactorNeeded, VideoNotFound),
    },
)
def fetch_file(
    video_id: UUID,
    rendition: Rendition,
    database: DatabaseDep,
    ports: PortsDep,
    actor: MaybeActorDep,
    expires: Expires = 0,
    signature: Signature = "",
) -> Response:
    """Send a file of a video, with Range: published edits to everyone, the rest to the owner and organizers."""
    signed = is_signed(ports, video_id, rendition, expires, signature)
    with database.reading() as uow:  # in this very thread: browsers request one range after another
        video = service.watch(uow, video_id, rendition, actor, signed=signed)
    file, public = video.files[rendition], video.shows(rendition)
    return Response(
        headers={
            "X-Accel-Redirect": MEDIA_LOCATION + file.key,
            "Content-Type": file.media_type,
            "Content-Disposition": f"inline; filename*=UTF-8''{quote(download_name(video, file.key))}",
            # Pages of other teams may show published files.
            "Cross-Origin-Resource-Policy": "cross-origin" if public else "same-origin",
            FILE_CACHE: f"public, max-age={PUBLIC_SECONDS}" if public else "private, no-store",
        }
    )


def download_name(video: Video, key: str) -> str:
    """Name a file after its title, in letters that every system can write."""
    letters = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in fold(video.title))
    stem = "-".join(part for part in letters.split("-") if part) or "video"
    return f"anb-{stem[:60]}{PurePosixPath(key).suffix}"
