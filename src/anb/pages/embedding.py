"""A clip in other people's pages: a player for a frame, and the description (oEmbed 1.0) by which programs find it."""

import re
from typing import Annotated, Any, ClassVar, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from markupsafe import escape

from anb.contest import service as contest
from anb.contest.domain import PublicClip
from anb.errors import Refusal
from anb.media.renditions import Rendition
from anb.pages.view import View
from anb.videos import service as videos
from anb.videos.domain import VideoNotFound
from anb.web import origin
from anb.web.deps import LanguageDep, SettingsDep, UowDep
from anb.web.rate_limits import limited
from anb.web.targets import site_address

router = APIRouter(include_in_schema=False)

WIDTH = 640  # of the player, unless less is asked for
BAR = 64  # the height of what is below the picture
KEPT_SECONDS = 3600  # for which programs may keep a description
SHARED_SECONDS = 60
# A clip's page, or its player for frames; clients may add a slash.
PAGE = re.compile(r"(?:/embed)?/videos/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/?", re.IGNORECASE)
# The JPEGs of a poster, and their sizes; not every program that shows a thumbnail knows AVIF.
THUMBNAILS = {Rendition.POSTER: (1280, 720), Rendition.POSTER_640_JPEG: (640, 360)}

Most = Annotated[int, Query(ge=1, le=100_000)]
MOST = 100_000
Address = Annotated[str, Query(max_length=2000)]
Format = Annotated[str, Query(max_length=20)]


class FormatNotOffered(Refusal):
    """Clips are described in JSON only."""

    status: ClassVar[int] = 501
    code: ClassVar[str] = "format-not-offered"


class FrameSize(NamedTuple):
    """The size of a frame or a picture, in pixels."""

    width: int
    height: int

    def fits(self, width: int, height: int) -> bool:
        """Say whether it is within a size."""
        return self.width <= width and self.height <= height


def frame_size(most_width: int, most_height: int) -> FrameSize:
    """Return the size of a player with its bar: a picture of 16:9, or less of it, within what is allowed."""
    width = min(WIDTH, most_width, max(1, (most_height - BAR) * 16 // 9))
    return FrameSize(width, min(most_height, width * 9 // 16 + BAR))


@router.api_route("/embed/videos/{video_id}", methods=["GET", "HEAD"], dependencies=[limited(block="read", told=False)])
def show_player(
    request: Request, language: LanguageDep, settings: SettingsDep, video_id: UUID, uow: UowDep
) -> Response:
    """Show a clip for a frame in any page, the same to everyone: no session is read and no cookie set."""
    view = View(request, language, None, settings)
    try:
        clip = contest.show_public(uow, video_id)
    except VideoNotFound:
        return view.show("embed.html", 404, frames="*", clip=None, site=view.site)
    return view.show("embed.html", frames="*", clip=clip, site=view.site)


@router.api_route("/oembed", methods=["GET", "HEAD"], dependencies=[limited(block="read", told=False)])
def describe(
    request: Request,
    settings: SettingsDep,
    uow: UowDep,
    url: Address,
    maxwidth: Most = MOST,
    maxheight: Most = MOST,
    format: Format = "json",  # noqa: A002 - the specification's name
) -> Response:
    """Describe the public clip of an address of ours. Raises FormatNotOffered, VideoNotFound."""
    if format != "json":
        raise FormatNotOffered(format=format)
    site = site_address(request, settings)
    clip = contest.show_public(uow, _clip_at(url, site))
    owner = videos.find_public(uow, clip.id).owner_id
    said = _told(clip, site, f"{site}/players/{owner}", maxwidth, maxheight)
    return JSONResponse(said, headers={"Cache-Control": f"public, max-age={SHARED_SECONDS}"})


def _clip_at(url: str, site: str) -> UUID:
    """Return the clip whose page is at an address of ours. Raises VideoNotFound."""
    ours, asked = origin.read(site), origin.read(url)
    found = PAGE.fullmatch(urlsplit(url).path) if ours is not None and asked == ours else None
    if found is None:
        raise VideoNotFound
    return UUID(found[1])


def _told(clip: PublicClip, site: str, author: str, most_width: int, most_height: int) -> dict[str, Any]:
    size = frame_size(most_width, most_height)
    frame = (
        f'<iframe src="{escape(site)}/embed/videos/{clip.id}" width="{size.width}" height="{size.height}" '
        f'title="{escape(clip.title)}" style="border:0" loading="lazy" allow="fullscreen" allowfullscreen></iframe>'
    )
    return {
        "version": "1.0",
        "type": "video",
        "title": clip.title,
        "author_name": clip.player,
        "author_url": author,
        "provider_name": "ANB Rising Stars",
        "provider_url": f"{site}/",
        "cache_age": KEPT_SECONDS,
        "html": frame,
        "width": size.width,
        "height": size.height,
    } | _thumbnail(clip, site, most_width, most_height)


def _thumbnail(clip: PublicClip, site: str, most_width: int, most_height: int) -> dict[str, Any]:
    """Return the largest picture within what is allowed; a description without one has none of its fields."""
    for rendition, sides in THUMBNAILS.items():
        size = FrameSize(*sides)
        if rendition in clip.renditions and size.fits(most_width, most_height):
            address = f"{site}/api/videos/{clip.id}/{rendition}"
            return {"thumbnail_url": address, "thumbnail_width": size.width, "thumbnail_height": size.height}
    return {}
