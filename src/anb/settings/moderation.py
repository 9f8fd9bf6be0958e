"""Settings of reports about clips."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ModerationSettings(BaseSettings):
    """When reports put a clip before the organizers."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    reports_to_review: int = Field(
        3,
        ge=1,
        description="Reports of independent people that put a clip before the organizers. One is enough when a minor "
        "is at risk.",
    )
