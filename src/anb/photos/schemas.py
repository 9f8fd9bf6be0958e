"""The HTTP schemas of photos."""

from datetime import datetime

from pydantic import BaseModel, Field

from anb.consents.domain import ConsentStanding
from anb.photos.domain import Photo, PhotoSide

OWN = "/api/me/photo"


class PhotoShown(BaseModel):
    """A person's photo, as they see it."""

    added_at: datetime
    waits_for: ConsentStanding | None = Field(description="What it waits for until others may see it; null: nothing.")
    large_url: str = Field(description="512 pixels a side, JPEG.", examples=["/api/me/photo?side=large"])
    small_url: str = Field(description="128 pixels a side, JPEG.", examples=["/api/me/photo?side=small"])


def photo_shown(photo: Photo, waits_for: ConsentStanding | None, base: str) -> PhotoShown:
    """Show a photo to its owner."""
    addresses = {f"{side}_url": f"{base}{OWN}?side={side}" for side in PhotoSide}
    return PhotoShown(added_at=photo.added_at, waits_for=waits_for, **addresses)
