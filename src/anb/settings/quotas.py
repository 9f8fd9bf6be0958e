"""Settings of the quotas of an account, and of the share's reserve."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from anb.settings.video import MIB


class QuotaSettings(BaseSettings):
    """Quotas far above what a player uploads in a season; 0 means no limit, for your own load tests."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    quota_waiting_clips: int = Field(
        200, ge=0, description="Clips of one account that may wait for their edit; 0: no limit."
    )
    quota_waiting_bytes: int = Field(10 * 1024 * MIB, ge=0, description="Their total size; 0: no limit.")
    quota_day_clips: int = Field(1000, ge=0, description="Clips one account may send in 24 hours; 0: no limit.")
    quota_stored_bytes: int = Field(
        50 * 1024 * MIB, ge=0, description="Total size of an account's originals; 0: no limit."
    )
    free_share_floor: float = Field(
        0.1, ge=0, lt=1, description="Fraction of the share that no upload may use (507); at most 10 GiB."
    )
