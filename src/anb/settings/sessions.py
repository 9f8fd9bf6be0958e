"""Settings of sessions: how long people stay signed in, and how long a change of address may be refused."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

HOUR, DAY = 3600, 24 * 3600


class SessionSettings(BaseSettings):
    """How long a session lives. An hour-long access token of a session ends with it at the latest."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    session_seconds: int = Field(30 * DAY, gt=0, description="How long a session lives after it was last used.")
    session_most_seconds: int = Field(90 * DAY, gt=0, description="How long a session lives at most.")
    session_renewal_seconds: int = Field(
        DAY, gt=0, description="How long after a renewal the use of a session renews it again: a write to its row."
    )
    refresh_grace_seconds: int = Field(
        30,
        ge=0,
        description="How long a refresh token that was used still gets the same answer, if the first was lost.",
    )
    reauthentication_seconds: int = Field(
        900, gt=0, description="How long after a password was given it still counts for what matters most."
    )
    email_change_days: int = Field(
        7,
        ge=1,
        le=30,
        description="Days in which the former address may refuse a change of e-mail that the new one has confirmed; "
        "after them the change takes effect without its answer.",
    )
