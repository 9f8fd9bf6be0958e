"""The rules of the contest for videos, as settings."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Seconds = Annotated[float, Field(gt=0)]

MIB = 1024 * 1024
# Of an upload, in addition to its file: boundaries, part headers, small fields. nginx uses the same value.
UPLOAD_OVERHEAD_BYTES = MIB


class Limits(BaseSettings):
    """The rules of the contest for videos, one setting each (contract, “The video rules”)."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    upload_max_bytes: int = Field(100 * MIB, gt=0, description="Largest clip, in bytes of the file (not the request).")
    clip_min_seconds: Seconds = Field(20, description="Shortest clip.")
    clip_max_seconds: Seconds = Field(60, description="Longest clip.")
    clip_min_side: int = Field(1080, gt=0, description="Fewest pixels of the clip's shorter side.")
    clip_max_side: int = Field(8192, gt=0, description="Most pixels of the clip's longer side; protects the worker.")
    clip_max_rate: int = Field(250, gt=0, description="Most frames per second; slow motion of phones has 240.")
    clip_max_pixel_rate: int = Field(
        1_200_000_000, gt=0, description="Most pixels per second; phones film 995 million: 8K at 30, or 4K at 120."
    )
    edit_clip_seconds: Seconds = Field(30, description="Most seconds of the player's clip in the edit.")
    edit_bumper_seconds: Seconds = Field(2.5, le=2.5, description="Length of the opening, and of the closing.")

    @model_validator(mode="after")
    def _window_is_open(self) -> Self:
        if self.clip_min_seconds > self.clip_max_seconds:
            msg = "must not exceed ANB_CLIP_MAX_SECONDS"
            raise ValueError(msg)
        return self
