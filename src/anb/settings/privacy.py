"""Settings of how long personal data is kept. The page /privacy states them."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from anb.settings.video import MIB


class PrivacySettings(BaseSettings):
    """How long personal data is kept, in days; 0 means for ever, where that is allowed."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    erasure_grace_days: int = Field(
        7, ge=0, le=14, description="Days between a person's request to erase their account and its erasure."
    )
    unconfirmed_days: int = Field(
        180,
        ge=0,
        description="Accounts whose e-mail was never confirmed, without clips and votes, are deleted after this many "
        "days; 0: never.",
    )
    originals_days: int = Field(
        365,
        ge=0,
        description="Original clips are deleted this many days after the close of their season, and can then not be "
        "edited again; 0: never.",
    )
    origin_days: int = Field(30, gt=0, description="Keyed hashes of networks of jobs and uploads are deleted after.")
    signal_days: int = Field(
        30,
        gt=0,
        description="Keyed hashes of devices and networks that accounts were used from are deleted this many days "
        "after they were last seen.",
    )
    report_days: int = Field(365, gt=0, description="Reports about clips are deleted after this many days.")
    session_days: int = Field(90, gt=0, description="Sessions that ended are deleted after this many days.")
    link_days: int = Field(30, gt=0, description="Used and expired links of mails are deleted after this many days.")
    export_days: int = Field(3, gt=0, description="The archive of a person's data is deleted after this many days.")
    export_most_bytes: int = Field(
        2048 * MIB, gt=0, description="Original clips in that archive, at most; the others are named in it."
    )
    proof_days: int = Field(
        1825,
        gt=0,
        description="Records of erasures, which hold no personal data, and names and reasons in the audit trail are "
        "deleted after this many days.",
    )
