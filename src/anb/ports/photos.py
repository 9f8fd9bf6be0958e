"""The maker of photos: two pictures of a file, or why there are none."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from anb.ports.probes import Unreadable


class UnknownKind(Unreadable):
    """The file is of no kind of photo that we open."""


class PhotoMoves(Unreadable):
    """The picture is an animation."""


class PhotoSize(Unreadable):
    """The picture has too few pixels, or too many to be decoded."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(f"{width}x{height} pixels")
        self.width, self.height = width, height


@dataclass(frozen=True)
class MadePhoto:
    """The two square pictures of a photo, as JPEG, without anything else that its file said."""

    large: bytes  # 512 pixels a side
    small: bytes  # 128


class PhotoMaker(Protocol):
    """Makes pictures of an untrusted photo, in a process of its own."""

    def make(self, path: Path, least_side: int, most_pixels: int) -> MadePhoto:
        """Make the pictures: cropped to the middle, upright, over white where the photo is transparent.

        Raises UnknownKind, PhotoMoves, PhotoSize, CutShort, Undecodable, TooHeavy, Unreadable; Outage.
        """
