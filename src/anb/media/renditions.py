"""The files a video consists of, by the names their addresses end in."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Rendition(StrEnum):
    """One of a video's files."""

    ORIGINAL = "original"  # the clip as it came
    PROCESSED = "processed"  # the edit; the contract's name for it
    LIGHT = "light"  # the edit for poor networks
    POSTER = "poster"
    SPRITE = "sprite"  # a sheet of small pictures, one a second
    THUMBNAILS = "thumbnails"  # which of them is shown when (WebVTT)


# What is made of an original; all the rest of them.
MADE = tuple(rendition for rendition in Rendition if rendition is not Rendition.ORIGINAL)
FIRST_WITH_ALL = 3  # version of the recipe; those before made the edit alone
_ALL, _EDIT = frozenset(MADE), frozenset({Rendition.PROCESSED})


def made_by(recipe: int) -> frozenset[Rendition]:
    """Return what a version of the recipe makes of every clip."""
    return _ALL if recipe >= FIRST_WITH_ALL else _EDIT


@dataclass(frozen=True)
class Rendered:
    """A finished file on local disk; it lasts as long as the block that made it."""

    rendition: Rendition
    path: Path
    media_type: str
    width: int | None = None  # of pictures, in pixels
    height: int | None = None
    seconds: float | None = None  # of moving pictures
