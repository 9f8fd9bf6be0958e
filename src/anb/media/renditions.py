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


# The renditions that are made from an original: all others.
MADE = tuple(rendition for rendition in Rendition if rendition is not Rendition.ORIGINAL)
FIRST_WITH_ALL = 3  # version of the recipe; earlier ones made only the edit
_ALL, _EDIT = frozenset(MADE), frozenset({Rendition.PROCESSED})


def made_by(recipe: int) -> frozenset[Rendition]:
    """Return the renditions that a version of the recipe makes of every clip."""
    return _ALL if recipe >= FIRST_WITH_ALL else _EDIT


@dataclass(frozen=True)
class Rendered:
    """A finished file on local disk; it exists only within the `edit` block."""

    rendition: Rendition
    path: Path
    media_type: str
    width: int | None = None  # of images and videos, in pixels
    height: int | None = None
    seconds: float | None = None  # of videos
