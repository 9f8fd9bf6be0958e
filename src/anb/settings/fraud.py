"""Settings of the search for accounts that seem to belong to the same person."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class FraudSettings(BaseSettings):
    """From how many accounts on something is suspicious. docs/packages/fraud.md says why these numbers."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    fraud_minutes: int = Field(5, gt=0, description="Minutes between two searches for accounts of the same person.")
    fraud_mailbox_accounts: int = Field(
        4, ge=2, description="Accounts whose e-mail addresses lead to one mailbox make a cluster from this many on."
    )
    fraud_device_accounts: int = Field(
        6, ge=2, description="Accounts that were used on one device make a cluster from this many on."
    )
    fraud_burst_accounts: int = Field(
        20,
        ge=2,
        description="Sign-ups from one address block, without a device of their own, within "
        "`ANB_FRAUD_BURST_MINUTES` make a cluster from this many on.",
    )
    fraud_burst_minutes: int = Field(60, gt=0, description="The length of such a burst of sign-ups, in minutes.")
    fraud_holds: bool = Field(
        default=True,
        description="Whether doubtful votes wait for an organizer's review instead of counting at once.",
    )
    fraud_pace_votes: int = Field(
        25,
        ge=1,
        description="An account's votes within `ANB_FRAUD_PACE_MINUTES` are held from the next one on: to watch as "
        "many clips takes longer.",
    )
    fraud_pace_minutes: int = Field(5, gt=0, description="The time in which those votes are counted, in minutes.")
    fraud_block_votes: int = Field(
        8,
        ge=1,
        description="Votes for a clip by programs of one address block are held from the next one on.",
    )
    fraud_program_votes: int = Field(
        15,
        ge=1,
        description="Votes for a clip by programs, which do not vote by its page, are held from the next one on.",
    )
    fraud_program_percent: float = Field(
        1, ge=0, description="They may be this share (%) of the clip's votes, where that is more."
    )
    fraud_disposable_votes: int = Field(
        10, ge=1, description="Votes for a clip by accounts with a disposable e-mail are held from the next one on."
    )
    fraud_disposable_percent: float = Field(
        3, ge=0, description="They may be this share (%) of the clip's votes, where that is more."
    )
    fraud_new_hours: int = Field(24, ge=1, description="Hours for which an account is new.")
    fraud_burst_votes: int = Field(
        30,
        ge=0,
        description="A clip's votes by its page, of accounts that are new, not confirmed or disposable, within two "
        "hours or a day, may be this many more than half the views of the page; the next ones are held.",
    )
