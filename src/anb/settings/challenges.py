"""Settings of the challenge that a device solves before its vote counts."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Asked = Literal["never", "doubtful", "always"]


class ChallengeSettings(BaseSettings):
    """Whom we ask for a proof of work, and how much. docs/packages/challenges.md says how it was measured."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    challenge_votes: Asked = Field(
        "never",
        description="Which voters solve a challenge before a vote: none, those that seem doubtful, or all. "
        "Browsers solve it only on https and on this machine itself.",
    )
    challenge_tries: int = Field(
        400,
        ge=2,
        le=100_000,
        description="The work of a challenge: it takes between half of this many tries and all of them, of 2,000 rounds"
        " of PBKDF2 each.",
    )
    challenge_seconds: int = Field(600, ge=10, le=86_400, description="How long a challenge may be answered.")
