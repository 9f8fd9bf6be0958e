"""Settings of photos of people: how large a file may be, and how long it may take."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from anb.settings.video import MIB, Seconds


class PhotoSettings(BaseSettings):
    """How large a photo may be. What is kept of it are two small pictures."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    photo_max_bytes: int = Field(15 * MIB, gt=0, le=32 * MIB, description="Largest photo of a person, in bytes.")
    photo_min_side: int = Field(128, gt=0, description="Fewest pixels of the photo's shorter side.")
    photo_max_pixels: int = Field(
        50_000_000, gt=0, le=67_000_000, description="Most pixels of a photo; phones take photos of 12 to 50 million."
    )
    photo_seconds: Seconds = Field(10, description="Making the pictures of a photo is stopped after this time.")
