"""The files of a video, by the names at the end of their addresses."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Rendition(StrEnum):
    """One of a video's files."""

    ORIGINAL = "original"  # the clip as uploaded
    PROCESSED = "processed"  # the edit; the contract's name for it
    LIGHT = "light"  # the edit for poor networks
    POSTER = "poster"
    SPRITE = "sprite"  # a sheet of tiles, one a second
    THUMBNAILS = "thumbnails"  # which tile is shown when (WebVTT)
    # The poster in smaller sizes, by its width; JPEG for browsers without AVIF.
    POSTER_320 = "poster-320"
    POSTER_640 = "poster-640"
    POSTER_960 = "poster-960"
    POSTER_640_JPEG = "poster-640-jpeg"


# The renditions that are made from an original: all others.
MADE = tuple(rendition for rendition in Rendition if rendition is not Rendition.ORIGINAL)
# The smaller posters, and their sizes in pixels.
POSTERS = {
    Rendition.POSTER_320: (320, 180),
    Rendition.POSTER_640: (640, 360),
    Rendition.POSTER_960: (960, 540),
    Rendition.POSTER_640_JPEG: (640, 360),
}
# The versions of the recipe that were the first to make more than the edit.
FIRST_WITH_STILLS, FIRST_WITH_POSTERS = 3, 6
_ALL, _EDIT = frozenset(MADE), frozenset({Rendition.PROCESSED})
_WITH_STILLS = _ALL - set(POSTERS)


def made_by(recipe: int) -> frozenset[Rendition]:
    """Return the renditions that a version of the recipe makes of every clip."""
    if recipe >= FIRST_WITH_POSTERS:
        return _ALL
    return _WITH_STILLS if recipe >= FIRST_WITH_STILLS else _EDIT


@dataclass(frozen=True)
class Rendered:
    """A finished file on local disk; it exists only within the `edit` block."""

    rendition: Rendition
    path: Path
    media_type: str
    width: int | None = None  # of images and videos, in pixels
    height: int | None = None
    seconds: float | None = None  # of videos
