"""A person's photo, who may see it, and the refusals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from anb.errors import Refusal
from anb.ports import CutShort, PhotoMoves, PhotoSize, Stored, TooHeavy, Undecodable, UnknownKind, Unreadable
from anb.settings import MIB
from anb.settings.photos import PhotoSettings
from anb.videos.domain import TooManyBytes

MEDIA_TYPE = "image/jpeg"


class PhotoSide(StrEnum):
    """The two pictures of a photo."""

    LARGE = "large"  # 512 pixels a side, for the account's page
    SMALL = "small"  # 128, with a name


class PhotoFault(StrEnum):
    """Why an organizer removes a photo. Words of ours, because the security log keeps them."""

    OFFENSIVE = "offensive"
    NOT_THEIRS = "not-theirs"  # it shows another person, who has not agreed
    REVEALS_DATA = "reveals-data"  # an address, a telephone number, a school
    ASKED = "asked"  # by the person, their guardian, or an authority


@dataclass(frozen=True)
class Photo:
    """A person's photo."""

    account_id: UUID
    files: Mapping[PhotoSide, Stored]
    added_at: datetime

    @property
    def version(self) -> str:
        """A word that changes with the photo, for addresses that caches keep."""
        return self.files[PhotoSide.LARGE].sha256[:12]


class PhotoNotFound(Refusal):
    """The person has no photo, or it is hidden from you."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "photo-not-found"


class PhotoMissing(Refusal):
    """The request holds no photo: no bytes, or a form without `photo`."""

    code: ClassVar[str] = "photo-missing"


class PhotoTooManyBytes(TooManyBytes):
    """The photo is larger than the rules allow."""

    status: ClassVar[int] = 413
    code: ClassVar[str] = "photo-too-many-bytes"


class NotAPhoto(Refusal):
    """The file is neither JPEG, PNG nor WebP by its content."""

    status: ClassVar[int] = 415
    code: ClassVar[str] = "not-a-photo"


class AnimatedPhoto(Refusal):
    """The picture moves."""

    status: ClassVar[int] = 415
    code: ClassVar[str] = "animated-photo"


class PhotoTooSmall(Refusal):
    """The photo's shorter side has too few pixels."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "photo-too-small"


class PhotoTooLarge(Refusal):
    """The photo has too many pixels."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "photo-too-large"


class PhotoCutOff(Refusal):
    """The end of the photo is missing."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "photo-cut-off"


class PhotoDamaged(Refusal):
    """The photo cannot be decoded."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "photo-damaged"


class PhotoTooHeavy(Refusal):
    """Decoding the photo takes too long."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "photo-too-heavy"


# Of a photo that cannot be used, by what it holds.
REFUSALS = (NotAPhoto, AnimatedPhoto, PhotoTooSmall, PhotoTooLarge, PhotoCutOff, PhotoDamaged, PhotoTooHeavy)
_WHY: Mapping[type[Unreadable], type[Refusal]] = {
    UnknownKind: NotAPhoto,
    PhotoMoves: AnimatedPhoto,
    CutShort: PhotoCutOff,
    Undecodable: PhotoDamaged,
}


def why(unreadable: Unreadable, settings: PhotoSettings) -> Refusal:
    """Return the refusal of a photo that no pictures can be made of."""
    if isinstance(unreadable, PhotoSize):
        size = {"width": unreadable.width, "height": unreadable.height}
        if min(size.values()) < settings.photo_min_side:
            return PhotoTooSmall(**size, least=settings.photo_min_side)
        return PhotoTooLarge(**size, most=settings.photo_max_pixels // 1_000_000)
    if isinstance(unreadable, TooHeavy):
        return PhotoTooHeavy(seconds=settings.photo_seconds)
    return _WHY.get(type(unreadable), PhotoDamaged)()


def too_many(found: int | None, settings: PhotoSettings) -> PhotoTooManyBytes:
    """Return the refusal of a photo of too many bytes; None: their number is unknown."""
    refusal = TooManyBytes.of(found, settings.photo_max_bytes)
    return PhotoTooManyBytes(found=refusal.fields["found"], limit=settings.photo_max_bytes // MIB)
